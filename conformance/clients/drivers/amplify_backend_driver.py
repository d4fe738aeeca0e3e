"""Calls the program `amplify-backend` as `lines.py` says.

    amplify_backend_driver.py PROGRAM call|commands WRONG_CLOCK

Either by `call OPERATION`, with the input on the standard input, or by the plain command with the
flags of the AWS CLI. What the flags refuse before anything is sent, `call` does. The library
WRONG_CLOCK is put under the program where its clock is to be wrong.
"""

import json
import os
import re
import subprocess
import sys

from botocore import xform_name

import lines
from lines import Call

PROGRAM, WAY, WRONG_CLOCK = sys.argv[1:]
COMMANDS = {
    "CreateBackendStorage": ["storage", "create"],
    "DeleteBackendStorage": ["storage", "delete", "--yes"],
    "GetBackendJob": ["jobs", "get"],
    "GetBackendStorage": ["storage", "get"],
    "ImportBackendStorage": ["storage", "import"],
    "ListBackendJobs": ["jobs", "list"],
    "ListS3Buckets": ["buckets", "list"],
    "UpdateBackendJob": ["jobs", "update"],
    "UpdateBackendStorage": ["storage", "update"],
}
# Of each attempt, as --verbose says it.
ATTEMPT = re.compile(
    r"(?P<operation>\w+) attempt (?P<number>\d+): (?:(?P<status>\d{3})\b.*?|no answer) in \S+?"
    r"(?:, request id (?P<id>\S+?))?(?:, again in \S+)?"
)


def carry_out(call: Call) -> dict:
    flags = as_flags(call)
    by_call = [] if flags else ["call", call.operation, "--input", "-"]
    options = call.options or ["--output=json", "--error-format=json", "--verbose"]
    variables = call.environment()
    if call.clock_ahead:
        variables |= {"LD_PRELOAD": WRONG_CLOCK, "CLOCK_AHEAD": str(call.clock_ahead)}
    done = subprocess.run(
        [PROGRAM, *flags, *by_call, f"--region={call.region}", *options],
        input=json.dumps(call.input) if by_call else "",
        env=variables,
        capture_output=True,
        encoding="utf-8",
    )
    if call.options:
        return {"code": done.returncode, "printed": done.stdout, "said": done.stderr}
    said = done.stderr.splitlines()
    if done.returncode == 0:
        attempts = [ATTEMPT.fullmatch(line) for line in said]
        if not attempts or not all(attempts):
            return {"failure": f"it says {done.stderr!r} about its attempts"}
        output = {"output": json.loads(done.stdout)}
        if call.all_pages:
            return output
        last = {"status": int(attempts[-1]["status"]), "requestId": attempts[-1]["id"]}
        return {**output, **last, "attempts": len(attempts)}
    # What the attempts were like stands before it.
    error = json.loads(said[-1])
    if error["kind"] != "service" or error.get("operation") != call.operation or done.stdout:
        return {"failure": f"exit code {done.returncode}: {done.stdout}{done.stderr}"}
    return {
        "error": {"Code": error.get("code"), "Message": error.get("message")},
        "status": error.get("status"),
        "requestId": error.get("request_id"),
        "attempts": error.get("attempts"),
    }


def as_flags(call: Call) -> list[str]:
    """The plain command and its flags, or nothing where it is `call` that is to be used."""
    if WAY == "call" and not call.all_pages:
        return []
    command = list(COMMANDS[call.operation])
    members = dict(call.input)
    config = members.pop("ResourceConfig", {})
    permissions = config.get("Permissions", {})
    known = {"READ", "CREATE_AND_UPDATE", "DELETE"}
    if not all(known.issuperset(elements) for elements in permissions.values()):
        return []
    if members.get("MaxResults", 1) > 25:
        return []
    if call.operation == "ImportBackendStorage" and "BucketName" not in members:
        return []
    if call.all_pages and "MaxResults" in members:
        members["PageSize"] = members.pop("MaxResults")
    if call.operation == "ListBackendJobs" and not call.all_pages:
        command.append("--no-paginate")
    members |= {name: config[name] for name in ["BucketName", "ServiceName"] if name in config}
    members |= {name: ",".join(elements) or "none" for name, elements in permissions.items()}
    return [*command, *(f"--{xform_name(name, '-')}={value}" for name, value in members.items())]


version = subprocess.run([PROGRAM, "--version"], capture_output=True, encoding="utf-8", check=True)
lines.serve(
    {
        "client": f"{version.stdout.strip()}, by {'call' if WAY == 'call' else 'command'}",
        "tells": ["status", "requestId", "attempts"],
        "can": ["correct its clock", "correct its clock at no cost"],
    },
    lambda: None,
    carry_out,
)
