"""Jobs that take their time, and lists that come in pages."""

from compare import MILLIS, RFC_3339, TOKEN, UUID
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

PENDING = bad_request(
    "There is already a pending job for the requested appId: d1a2b3c4d5e6f7 and "
    "backendEnvironmentName: staging, wait for it to complete before creating a new job."
)


def started(client: Client, operation: str, input: dict) -> dict:
    """Starts a job, sees it running, and gives it as GetBackendJob tells it."""
    running = client.call(operation, input, {**PLACE, "JobId": UUID, "Status": "RUNNING"})
    job = client.call(
        "GetBackendJob",
        {**PLACE, "JobId": running["JobId"]},
        {**running, "Operation": operation, "CreateTime": MILLIS, "UpdateTime": MILLIS},
    )
    client.expect(job["CreateTime"], job["UpdateTime"], "a job that has just begun")
    return job


def told(client: Client, job: dict) -> None:
    """Sees that GetBackendJob and ListBackendJobs tell the job like this."""
    at = {**PLACE, "JobId": job["JobId"]}
    client.call("GetBackendJob", at, job)
    client.call("ListBackendJobs", at, {"Jobs": [job]})


def set_to(client: Client, job: dict, **members: str) -> dict:
    """Sets members with UpdateBackendJob, and gives the job as it is then."""
    at = {**PLACE, "JobId": job["JobId"], **members}
    job = client.call("UpdateBackendJob", at, {**job, **members, "UpdateTime": MILLIS})
    told(client, job)
    return job


@chapter("--job-time", "1h")
def jobs_that_take_an_hour(client: Client) -> None:
    client.control("GET", "clock")
    job = started(client, "CreateBackendStorage", created("photos", "photos-bucket"))
    for operation, input in [
        ("CreateBackendStorage", created("docs")),
        ("ImportBackendStorage", imported("photos-bucket")),
        ("UpdateBackendStorage", updated("photos")),
        ("DeleteBackendStorage", deleted("photos")),
    ]:
        client.call(operation, input, error=PENDING)
    client.call("GetBackendStorage", named("photos"), error=not_found("Storage", "photos"))
    client.call("ListS3Buckets", {}, {"Buckets": []})

    # What is pending in one environment is nothing to another.
    place = {**PLACE, "BackendEnvironmentName": "prod"}
    output = {**place, "JobId": UUID, "Status": "RUNNING"}
    client.call("CreateBackendStorage", created("photos", place=place), output)

    client.advance(59 * 60)
    told(client, job)
    client.advance(60)
    hour_later = str(int(job["CreateTime"]) + 3_600_000)
    told(client, {**job, "Status": "COMPLETED", "UpdateTime": hour_later})
    client.call("GetBackendStorage", named("photos"), storage("photos", "photos-bucket"))
    clock = client.control("GET", "clock")
    client.expect({"now": RFC_3339, "aheadMilliseconds": 3_600_000}, clock, "the clock")


@chapter("--job-time", "1h")
def jobs_that_somebody_sets(client: Client) -> None:
    job = started(client, "CreateBackendStorage", created("photos", "photos-bucket"))
    client.advance(1)
    changed = set_to(client, job, Operation="MakePhotos")
    changed = set_to(client, changed, Status="RUNNING")
    if int(changed["UpdateTime"]) < int(job["CreateTime"]) + 1_000:
        client.expect("later than its start", changed["UpdateTime"], "the time of an update")
    ended = set_to(client, changed, Status="COMPLETED", Operation="CreateBackendStorage")
    client.call("GetBackendStorage", named("photos"), storage("photos", "photos-bucket"))

    at = {**PLACE, "JobId": job["JobId"]}
    over = bad_request(f"the job {job['JobId']} has ended")
    for status in ["RUNNING", "COMPLETED", "FAILED"]:
        client.call("UpdateBackendJob", {**at, "Status": status}, error=over)
    told(client, ended)

    removal = started(client, "DeleteBackendStorage", deleted("photos"))
    wrong = bad_request("status is none of RUNNING, COMPLETED, FAILED")
    at = {**PLACE, "JobId": removal["JobId"]}
    client.call("UpdateBackendJob", {**at, "Status": "DONE"}, error=wrong)
    removal = set_to(client, removal, Status="FAILED")
    client.advance(3600)
    told(client, removal)
    client.call("GetBackendStorage", named("photos"), storage("photos", "photos-bucket"))

    unknown = {**PLACE, "JobId": "no-such-job"}
    client.call("UpdateBackendJob", unknown, error=not_found("Job", "no-such-job"))
    client.call("GetBackendJob", unknown, error=not_found("Job", "no-such-job"))
    for filters, jobs in [
        ({"Status": "COMPLETED"}, [ended]),
        ({"Status": "FAILED"}, [removal]),
        ({"Status": "RUNNING"}, []),
        ({"Operation": "DeleteBackendStorage"}, [removal]),
        ({"Operation": "CreateBackendStorage", "Status": "FAILED"}, []),
        ({"JobId": ended["JobId"], "Operation": "CreateBackendStorage"}, [ended]),
        ({"JobId": "no-such-job"}, []),
        ({}, [removal, ended]),
    ]:
        client.call("ListBackendJobs", {**PLACE, **filters}, {"Jobs": jobs})


@chapter("--page-size", "2")
def lists_in_pages(client: Client) -> None:
    names = ["photos", "docs", "films", "maps", "notes"]
    jobs = []
    for name in names:
        jobs.insert(0, change(client, "CreateBackendStorage", created(name, f"{name}-bucket")))

    buckets = [{"Name": f"{name}-bucket", "CreationDate": RFC_3339} for name in sorted(names)]
    by_pages(client, "ListS3Buckets", {}, "Buckets", buckets, 2)
    by_pages(client, "ListBackendJobs", {**PLACE, "MaxResults": 1}, "Jobs", jobs, 1)
    by_pages(client, "ListBackendJobs", {**PLACE, "MaxResults": 2}, "Jobs", jobs, 2)
    by_pages(client, "ListBackendJobs", {**PLACE, "MaxResults": 5}, "Jobs", jobs, 5)
    client.call("ListBackendJobs", {**PLACE, "MaxResults": 25}, {"Jobs": jobs})

    # A filter picks before pages are cut.
    for name in ["photos", "maps"]:
        jobs.insert(0, change(client, "DeleteBackendStorage", deleted(name)))
    removals = {**PLACE, "Operation": "DeleteBackendStorage", "MaxResults": 1}
    by_pages(client, "ListBackendJobs", removals, "Jobs", jobs[:2], 1)

    # With the client's own paginator, where it has one.
    all_jobs = {"Jobs": jobs}
    for size, pages in [(1, 7), (3, 3), (7, 1)]:
        sized = {**PLACE, "MaxResults": size}
        client.call("ListBackendJobs", sized, all_jobs, all_pages=True, attempts=pages)

    wrong = bad_request("nextToken is not one that this operation gave")
    client.call("ListBackendJobs", {**PLACE, "NextToken": "no token"}, error=wrong)
    client.call("ListS3Buckets", {"NextToken": "no token"}, error=wrong)
    outside = bad_request("maxResults is not within 1 and 25")
    client.call("ListBackendJobs", {**PLACE, "MaxResults": 26}, error=outside)


def by_pages(
    client: Client, operation: str, input: dict, member: str, items: list, size: int
) -> None:
    """Follows the tokens by hand: each page but the last is full and has a token."""
    token: dict = {}
    for start in range(0, len(items), size):
        page = {member: items[start : start + size]}
        if start + size < len(items):
            page["NextToken"] = TOKEN
        output = client.call(operation, {**input, **token}, page)
        token = {name: output[name] for name in ["NextToken"] if name in output}


@chapter()
def a_list_that_is_longer_than_a_page(client: Client) -> None:
    completed = [
        {
            "jobId": f"job-{number}",
            "operation": "DeleteBackendStorage",
            "createTime": 1617375907613 + number,
            "updateTime": 1617375908000 + number,
            "status": "COMPLETED",
        }
        for number in range(30)
    ]
    environment = {"backendEnvironmentName": "staging", "storage": [], "jobs": completed}
    app = {"appId": "d1a2b3c4d5e6f7", "environments": [environment]}
    client.control("PUT", "state", {"apps": [app], "buckets": []})
    jobs = [
        {
            **PLACE,
            "JobId": f"job-{number}",
            "Operation": "DeleteBackendStorage",
            "Status": "COMPLETED",
            "CreateTime": str(1617375907613 + number),
            "UpdateTime": str(1617375908000 + number),
        }
        for number in reversed(range(30))
    ]
    by_pages(client, "ListBackendJobs", PLACE, "Jobs", jobs, 25)
    client.call("ListBackendJobs", PLACE, {"Jobs": jobs}, all_pages=True, attempts=2)


CHAPTERS = [
    jobs_that_take_an_hour,
    jobs_that_somebody_sets,
    lists_in_pages,
    a_list_that_is_longer_than_a_page,
]
