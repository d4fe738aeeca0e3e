"""Storage resources from their creation to their end."""

from urllib.parse import quote

from compare import MILLIS, RFC_3339, UUID
from session import Client

from chapters import (
    PLACE,
    READ_ALL,
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

BUCKET = "photos-d1a2b3c4d5e6f7-staging"


def change(client: Client, operation: str, input: dict) -> dict:
    """Starts a change, sees it complete, and gives its job as GetBackendJob tells it."""
    place = {name: input[name] for name in PLACE}
    started = client.call(operation, input, {**place, "JobId": UUID, "Status": "RUNNING"})
    job = {**place, "JobId": started["JobId"]}
    ended = client.call(
        "GetBackendJob",
        job,
        {
            **job,
            "Operation": operation,
            "Status": "COMPLETED",
            "CreateTime": MILLIS,
            "UpdateTime": MILLIS,
        },
    )
    client.expect(ended["CreateTime"], ended["UpdateTime"], "a job that takes no time")
    return ended


def buckets(client: Client, *names: str) -> list[dict]:
    """Sees that there are these buckets, and gives them."""
    expected = [{"CreationDate": RFC_3339, "Name": name} for name in names]
    return client.call("ListS3Buckets", {}, {"Buckets": expected})["Buckets"]


@chapter()
def the_whole_life_of_storage_resources(client: Client) -> None:
    buckets(client)
    client.call("ListBackendJobs", PLACE, {"Jobs": []})

    jobs = [change(client, "CreateBackendStorage", created("photos"))]
    client.call("GetBackendStorage", named("photos"), storage("photos", BUCKET))
    first = buckets(client, BUCKET)

    only_read = {"Authenticated": ["READ"]}
    for permissions in [only_read, {"Authenticated": [], "UnAuthenticated": []}, READ_ALL]:
        jobs.append(change(client, "UpdateBackendStorage", updated("photos", permissions)))
        client.call("GetBackendStorage", named("photos"), storage("photos", BUCKET, permissions))

    place = {"AppId": "d0a9b8c7d6e5f4", "BackendEnvironmentName": "prod"}
    change(client, "CreateBackendStorage", created("docs", "docs-bucket", place, only_read))
    there = storage("docs", "docs-bucket", only_read, place)
    client.call("GetBackendStorage", named("docs", place), there)
    client.call("GetBackendStorage", named("docs"), error=not_found("Storage", "docs"))
    change(client, "DeleteBackendStorage", deleted("docs", place))
    client.call("GetBackendStorage", named("docs", place), error=not_found("Storage", "docs"))
    both = buckets(client, "docs-bucket", BUCKET)
    client.expect(first, both[1:], "a bucket stays as it is")

    jobs.append(change(client, "ImportBackendStorage", imported("docs-bucket")))
    there = storage("docs-bucket", "docs-bucket", None)
    client.call("GetBackendStorage", named("docs-bucket"), there)
    client.call(
        "UpdateBackendStorage",
        updated("docs-bucket"),
        error=bad_request("the storage resource docs-bucket is imported and cannot be updated"),
    )

    # The newest first, as each was told by itself.
    client.call("ListBackendJobs", PLACE, {"Jobs": jobs[::-1]})
    for name in ["docs-bucket", "photos"]:
        jobs.append(change(client, "DeleteBackendStorage", deleted(name)))
        client.call("GetBackendStorage", named(name), error=not_found("Storage", name))
    client.call("ListBackendJobs", PLACE, {"Jobs": jobs[::-1]})
    client.expect(both, buckets(client, "docs-bucket", BUCKET), "the buckets are kept")

    # A name that is free again, and a bucket that is not: its name is not given twice.
    change(client, "CreateBackendStorage", created("photos"))
    client.call("GetBackendStorage", named("photos"), storage("photos", f"{BUCKET}-2"))


@chapter("--delete-buckets")
def buckets_that_go_with_their_resource(client: Client) -> None:
    change(client, "CreateBackendStorage", created("docs", "docs-bucket"))
    change(client, "CreateBackendStorage", created("photos"))
    place = {**PLACE, "BackendEnvironmentName": "prod"}
    change(client, "ImportBackendStorage", imported("docs-bucket", place))
    change(client, "DeleteBackendStorage", deleted("docs-bucket", place))
    buckets(client, "docs-bucket", BUCKET)
    change(client, "DeleteBackendStorage", deleted("photos"))
    buckets(client, "docs-bucket")


NAMES = [
    "a/b",
    "ü",
    "日本語 😀",
    " two words ",
    "100%",
    "%2F",
    "a+b",
    "?a=b&c#d",
    "it's (a) \"test\"!*;:@,$[]{}|\\^`<>",
    "-._~",
    "..a",
]


@chapter()
def names_of_any_letters(client: Client) -> None:
    for number, name in enumerate(NAMES):
        place = {"AppId": name, "BackendEnvironmentName": NAMES[number - 1]}
        app, environment = (quote(label, safe="") for label in place.values())
        change(client, "CreateBackendStorage", created(name, f"bucket {name}", place))
        client.call(
            "GetBackendStorage",
            named(name, place),
            storage(name, f"bucket {name}", place=place),
            log={"target": f"/backend/{app}/storage/{environment}/details"},
        )
        client.call(
            "GetBackendJob",
            {**place, "JobId": name},
            error=not_found("Job", name),
            log={"target": f"/backend/{app}/job/{environment}/{quote(name, safe='')}"},
        )
    change(client, "DeleteBackendStorage", deleted(name, place))
    change(client, "ImportBackendStorage", imported(f"bucket {name}", place))
    buckets(client, *sorted(f"bucket {name}" for name in NAMES))


CHAPTERS = [
    the_whole_life_of_storage_resources,
    buckets_that_go_with_their_resource,
    names_of_any_letters,
]
