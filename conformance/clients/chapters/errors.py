"""What is refused, and what goes wrong on demand."""

from pathlib import Path

from compare import MILLIS, RFC_3339, UUID
from session import Client

from chapters import (
    PLACE,
    bad_request,
    chapter,
    created,
    deleted,
    imported,
    named,
    not_found,
    storage,
    updated,
)
from chapters.life import change

SEED = Path(__file__).parent.parent / "seed.toml"

# A valid input of each operation; nothing of it need be there.
INPUTS = {
    "CreateBackendStorage": created("photos"),
    "DeleteBackendStorage": deleted("photos"),
    "GetBackendJob": {**PLACE, "JobId": "no-such-job"},
    "GetBackendStorage": named("photos"),
    "ImportBackendStorage": imported("photos-bucket"),
    "ListBackendJobs": PLACE,
    "ListS3Buckets": {},
    "UpdateBackendJob": {**PLACE, "JobId": "no-such-job"},
    "UpdateBackendStorage": updated("photos"),
}


@chapter()
def what_is_refused(client: Client) -> None:
    change(client, "CreateBackendStorage", created("photos", "photos-bucket"))
    taken = "there is already a storage resource with the name photos"
    read = {"Authenticated": ["read"]}
    s4 = {"ServiceName": "S4", "Permissions": {"Authenticated": []}}
    unknown_permission = bad_request(
        "resourceConfig.permissions.authenticated has a value that is none of READ, "
        "CREATE_AND_UPDATE, DELETE"
    )
    in_un_authenticated = bad_request(
        "resourceConfig.permissions.unAuthenticated has a value that is none of READ, "
        "CREATE_AND_UPDATE, DELETE"
    )
    both = {"Authenticated": ["READ"], "UnAuthenticated": ["READ", "ÜBERALL"]}
    not_s3 = bad_request("resourceConfig.serviceName is not S3")
    for operation, input, error in [
        ("CreateBackendStorage", created("photos"), bad_request(taken)),
        ("CreateBackendStorage", created("docs", permissions=read), unknown_permission),
        ("CreateBackendStorage", created("docs", permissions=both), in_un_authenticated),
        ("CreateBackendStorage", {**named("docs"), "ResourceConfig": s4}, not_s3),
        ("CreateBackendStorage", created(""), bad_request("resourceName is missing or empty")),
        (
            "CreateBackendStorage",
            created("docs", ""),
            bad_request("resourceConfig.bucketName is missing or empty"),
        ),
        (
            "CreateBackendStorage",
            created("docs", place={**PLACE, "BackendEnvironmentName": ""}),
            bad_request("backendEnvironmentName is missing or empty"),
        ),
        ("UpdateBackendStorage", updated("photos", read), unknown_permission),
        ("UpdateBackendStorage", updated("photos", both), in_un_authenticated),
        ("UpdateBackendStorage", {**named("photos"), "ResourceConfig": s4}, not_s3),
        ("UpdateBackendStorage", updated("docs"), not_found("Storage", "docs")),
        ("DeleteBackendStorage", deleted("docs"), not_found("Storage", "docs")),
        (
            "DeleteBackendStorage",
            {**deleted("photos"), "ServiceName": "S4"},
            bad_request("serviceName is not S3"),
        ),
        ("ImportBackendStorage", imported("docs"), not_found("S3Bucket", "docs")),
        (
            "ImportBackendStorage",
            {**PLACE, "ServiceName": "S3"},
            bad_request("bucketName is missing or empty"),
        ),
        (
            "ImportBackendStorage",
            {**imported("photos-bucket"), "ServiceName": "Glacier"},
            bad_request("serviceName is not S3"),
        ),
        ("GetBackendStorage", named("Photos"), not_found("Storage", "Photos")),
    ]:
        client.call(operation, input, error=error)
    # Nothing of it has left a trace.
    there = storage("photos", "photos-bucket")
    client.call("GetBackendStorage", named("photos"), there)
    change(client, "ImportBackendStorage", imported("photos-bucket"))
    taken = "there is already a storage resource with the name photos-bucket"
    client.call("ImportBackendStorage", imported("photos-bucket"), error=bad_request(taken))
    buckets = [{"Name": "photos-bucket", "CreationDate": RFC_3339}]
    client.call("ListS3Buckets", {}, {"Buckets": buckets})


@chapter("--strict", "--seed", str(SEED))
def only_what_was_seeded(client: Client) -> None:
    other_app = {"AppId": "d0a9b8c7d6e5f4"}
    other_environment = {"BackendEnvironmentName": "prod"}
    for operation, input in INPUTS.items():
        if operation == "ListS3Buckets":
            continue
        client.call(operation, {**input, **other_app}, error=not_found("App", "d0a9b8c7d6e5f4"))
        error = not_found("BackendEnvironment", "prod")
        client.call(operation, {**input, **other_environment}, error=error)
    read = {"Authenticated": ["READ"]}
    client.call("GetBackendStorage", named("photos"), storage("photos", "photos-bucket", read))
    buckets = [
        {"Name": "an-older-bucket", "CreationDate": "2021-04-02T15:05:07.613Z"},
        {"Name": "photos-bucket", "CreationDate": RFC_3339},
    ]
    client.call("ListS3Buckets", {}, {"Buckets": buckets})
    change(client, "CreateBackendStorage", created("docs", "docs-bucket"))
    change(client, "ImportBackendStorage", imported("an-older-bucket"))


# The service's own errors, as a fault rule asks for them.
MODELED = [
    {"Code": "BadRequestException", "status": 400, "Message": "not like this"},
    {
        "Code": "NotFoundException",
        "status": 404,
        "Message": "not here",
        "ResourceType": "BackendEnvironment",
    },
    {
        "Code": "TooManyRequestsException",
        "status": 429,
        "Message": "not so fast",
        "LimitType": "requests per second",
    },
    {"Code": "GatewayTimeoutException", "status": 504, "Message": "not in time – später"},
]


def effect(error: dict, **more) -> dict:
    """The effect of a fault rule that makes a call end with this error."""
    names = {
        "Code": "code",
        "Message": "message",
        "ResourceType": "resourceType",
        "LimitType": "limitType",
    }
    members = {names[name]: error[name] for name in names if name in error}
    return {"effect": {"error": {**members, **more}}}


@chapter()
def every_error_of_every_operation(client: Client) -> None:
    before = client.control("GET", "state")
    for operation, input in INPUTS.items():
        for error in MODELED:
            client.fault(operation=operation, **effect(error))
            log = {"fault": client.last_fault}
            client.call(operation, input, error=error, log=log)
    for code, status in [
        ("LimitExceededException", 429),
        ("InternalServiceException", 504),
        ("ThrottlingException", 429),
        ("InternalFailure", 500),
        ("ServiceUnavailable", 503),
        ("AccessDeniedException", 403),
        ("ExpiredTokenException", 403),
        ("SomethingNobodyModeled", 400),
    ]:
        error = {"Code": code, "status": status, "Message": "because"}
        client.fault(**effect(error))
        client.call("ListS3Buckets", {}, error=error)
    error = {"Code": "IAmATeapot", "status": 418, "Message": "short and stout"}
    client.fault(**effect(error, status=418))
    client.call("GetBackendStorage", named("photos"), error=error)
    client.expect(before, client.control("GET", "state"), "nothing of it was carried out")


@chapter()
def a_second_attempt_after_what_passes(client: Client) -> None:
    change(client, "CreateBackendStorage", created("photos", "photos-bucket"))
    there = storage("photos", "photos-bucket")
    throttled, timed_out = MODELED[2:]
    internal = {"Code": "InternalFailure", "Message": "for once"}
    for rule in [
        effect(throttled, retryAfterMilliseconds=1),
        effect(timed_out),
        effect(internal),
        {"effect": {"reset": "before"}},
        {"effect": {"reset": "in"}},
        {"effect": {"body": {"kind": "html"}}},
        {"effect": {"body": {"kind": "html", "status": 503}}},
    ]:
        client.fault(**rule)
        client.call("GetBackendStorage", named("photos"), there, max_attempts=3, attempts=2)
    # The answer is whole; the client finds the connection closed when it wants to use it again.
    client.fault(effect={"reset": "after"})
    client.call("GetBackendStorage", named("photos"), there, max_attempts=3)
    client.call("GetBackendStorage", named("photos"), there, max_attempts=3, attempts=None)
    client.fault(delayMilliseconds=100)
    client.call("GetBackendStorage", named("photos"), there)
    # The second call of those that match, and not the first.
    client.fault(operation="GetBackendStorage", nth=2, **effect(timed_out))
    client.call("GetBackendStorage", named("photos"), there)
    buckets = [{"Name": "photos-bucket", "CreationDate": RFC_3339}]
    client.call("ListS3Buckets", {}, {"Buckets": buckets})
    client.call("GetBackendStorage", named("photos"), error=timed_out)


@chapter()
def a_job_that_fails(client: Client) -> None:
    client.fault(operation="CreateBackendStorage", effect={"jobFails": {"error": "no room – voll"}})
    output = {**PLACE, "JobId": UUID, "Status": "RUNNING"}
    job = client.call("CreateBackendStorage", created("photos"), output)
    failed = {
        **job,
        "Status": "FAILED",
        "Error": "no room – voll",
        "Operation": "CreateBackendStorage",
        "CreateTime": MILLIS,
        "UpdateTime": MILLIS,
    }
    client.call("GetBackendJob", {**PLACE, "JobId": job["JobId"]}, failed)
    client.call("GetBackendStorage", named("photos"), error=not_found("Storage", "photos"))
    client.call("ListBackendJobs", {**PLACE, "Status": "FAILED"}, {"Jobs": [failed]})
    change(client, "CreateBackendStorage", created("photos"))


CHAPTERS = [
    what_is_refused,
    only_what_was_seeded,
    every_error_of_every_operation,
    a_second_attempt_after_what_passes,
    a_job_that_fails,
]
