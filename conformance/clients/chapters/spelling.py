"""What our program is told by flags, and by JSON in either spelling, is the same request."""

import json
import subprocess
import tempfile
from pathlib import Path

import processes
from beside import Beside
from botocore import xform_name

from chapters import chapter, created, deleted, imported, named, updated


@chapter()
def an_input_is_the_same_in_each_spelling(beside: Beside) -> None:
    place = ["--app-id=d1", "--env=ü b"]
    same_place = ["--app-id", "d1", "--backend-environment-name", "ü b"]
    at = {"AppId": "d1", "BackendEnvironmentName": "ü b"}
    resource, same_resource = ["--name", "photos"], ["--resource-name", "photos"]
    bucket, same_bucket = ["--bucket", "a-bucket"], ["--bucket-name", "a-bucket"]
    service, same_service = ["--service", "S3"], ["--service-name", "S3"]
    may = ["--authenticated=read, write", "--unauthenticated=none"]
    same_may = ["--authenticated=READ,CREATE_AND_UPDATE", "--un-authenticated="]
    permissions = {"Authenticated": ["READ", "CREATE_AND_UPDATE"], "UnAuthenticated": []}
    job = ["--job-id", "job-1"]
    filters = ["--operation=Ü", "--status=FAILED"]
    for operation, input, commands in [
        (
            "CreateBackendStorage",
            created("photos", "a-bucket", at, permissions),
            [
                ["storage", "create", *place, *resource, *bucket, *may],
                ["storage", "create", *same_place, *resource, *bucket, *may, *same_service],
                ["storage", "create", *same_place, *same_resource, *same_bucket, *same_may],
            ],
        ),
        (
            "ImportBackendStorage",
            imported("a-bucket", at),
            [
                ["storage", "import", *place, *bucket],
                ["storage", "import", *same_place, *same_bucket, *same_service],
                ["storage", "import", *place, *bucket, *service],
            ],
        ),
        (
            "GetBackendStorage",
            named("photos", at),
            [
                ["storage", "get", *place, *resource],
                ["storage", "get", *same_place, *same_resource],
            ],
        ),
        (
            "UpdateBackendStorage",
            updated("photos", permissions, at),
            [
                ["storage", "update", *place, *resource, *may],
                ["storage", "update", *same_place, *same_resource, *same_may, *same_service],
            ],
        ),
        (
            "DeleteBackendStorage",
            deleted("photos", at),
            [
                ["storage", "delete", *place, *resource],
                ["storage", "delete", "--yes", *same_place, *same_resource, *same_service],
            ],
        ),
        ("ListS3Buckets", {"NextToken": "a token"}, [["buckets", "list", "--next-token=a token"]]),
        (
            "GetBackendJob",
            {**at, "JobId": "job-1"},
            [["jobs", "get", *place, *job], ["jobs", "get", *same_place, *job]],
        ),
        (
            "ListBackendJobs",
            {**at, "JobId": "job-1", "Operation": "Ü", "Status": "FAILED", "MaxResults": 7},
            [
                ["jobs", "list", *place, *job, *filters, "--max-results=7"],
                ["jobs", "list", *same_place, *job, *filters, "--page-size", "7"],
            ],
        ),
        (
            "UpdateBackendJob",
            {**at, "JobId": "job-1", "Operation": "Ü", "Status": "FAILED"},
            [
                ["jobs", "update", *place, *job, *filters],
                ["jobs", "update", *same_place, *job, *filters],
            ],
        ),
    ]:
        command = ["call", operation, "--input", json.dumps(input)]
        first = request(beside, command)
        wire = json.dumps(wire_spelling(input), ensure_ascii=False)
        for name in [operation, xform_name(operation, "-"), xform_name(operation)]:
            commands.append(["call", name, "--input", wire])
        for command in commands:
            beside.expect(first, request(beside, command), " ".join(command))
        command = ["call", operation, "--input", "-"]
        beside.expect(first, request(beside, command, wire), "an input on the standard input")
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "an input")
            file.write_text(wire)
            command = ["call", operation, f"--input=@{file}"]
            beside.expect(first, request(beside, command), "an input in a file")


def wire_spelling(value):
    if isinstance(value, dict):
        members = value.items()
        return {name[0].lower() + name[1:]: wire_spelling(inner) for name, inner in members}
    return value


def request(beside: Beside, command: list[str], input: str = "") -> dict:
    """The request that our program would send."""
    options = ["--endpoint-url", beside.endpoint, "--dry-run", "--print=json"]
    done = subprocess.run(
        [beside.program, *command, *options, "--sign-time=2015-08-30T12:36:00Z"],
        input=input,
        env=processes.ENVIRONMENT,
        capture_output=True,
        encoding="utf-8",
    )
    beside.calls += 1
    said = {"code": done.returncode, "said": done.stderr}
    beside.expect({"code": 0, "said": ""}, said, " ".join(command))
    request = json.loads(done.stdout)
    request["headers"] = [it for it in request["headers"] if it[0] != "amz-sdk-invocation-id"]
    return request


CHAPTERS = [an_input_is_the_same_in_each_spelling]
