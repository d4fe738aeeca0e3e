"""What the control interface does to what clients see."""

from compare import MILLIS, RFC_3339, UUID
from session import Client

from chapters import PLACE, chapter, created, imported, named, not_found, storage
from chapters.errors import MODELED, effect
from chapters.life import change


@chapter("--job-time", "1s")
def state_that_is_taken_and_put_back(client: Client) -> None:
    running = {**PLACE, "JobId": UUID, "Status": "RUNNING"}
    client.call("CreateBackendStorage", created("photos", "photos-bucket"), running)
    client.advance(1)
    client.call("ImportBackendStorage", imported("photos-bucket"), running)
    client.advance(1)
    of_bucket = storage("photos-bucket", "photos-bucket", None)
    reads = [
        ("GetBackendStorage", named("photos"), storage("photos", "photos-bucket")),
        ("GetBackendStorage", named("photos-bucket"), of_bucket),
    ]
    for read in reads:
        client.call(*read)
    state = client.control("GET", "state")
    jobs = list_of_jobs(client)
    client.fault(operation="ListS3Buckets", **effect(MODELED[0]))

    client.control("POST", "reset")
    client.expect({"requests": []}, client.control("GET", "requests"), "the log after a reset")
    client.expect({"faults": []}, client.control("GET", "faults"), "the faults after a reset")
    clock = {"now": RFC_3339, "aheadMilliseconds": 0}
    client.expect(clock, client.control("GET", "clock"), "the clock after a reset")
    client.expect({"apps": [], "buckets": []}, client.control("GET", "state"), "the state after it")
    client.call("ListBackendJobs", PLACE, {"Jobs": []})
    client.call("GetBackendStorage", named("photos"), error=not_found("Storage", "photos"))

    client.control("PUT", "state", state)
    client.expect(state, client.control("GET", "state"), "the state that was put back")
    for read in reads:
        client.call(*read)
    client.expect(jobs, list_of_jobs(client), "the jobs that were put back")

    # A state that is none is refused, and what there is stays.
    for wrong, message in [
        ({"apps": [{"appId": ""}]}, 'app "": an appId must not be empty, nor stand twice'),
        ({"buckets": [{"name": ""}]}, 'bucket "": a name must not be empty, nor stand twice'),
    ]:
        answer = client.control("PUT", "state", wrong, status=400)
        client.expect({"message": message}, answer, "a state that is none")
    client.expect(state, client.control("GET", "state"), "the state after one that is none")


def list_of_jobs(client: Client) -> list[dict]:
    job = {**PLACE, "JobId": UUID, "Status": "COMPLETED"}
    times = {"CreateTime": MILLIS, "UpdateTime": MILLIS}
    jobs = [
        {**job, **times, "Operation": operation}
        for operation in ["ImportBackendStorage", "CreateBackendStorage"]
    ]
    return client.call("ListBackendJobs", PLACE, {"Jobs": jobs})["Jobs"]


@chapter()
def a_bucket_that_only_the_state_knows(client: Client) -> None:
    bucket = {"name": "an-older-bucket", "creationDate": 1617375907613}
    client.control("PUT", "state", {"buckets": [bucket]})
    known = {"Name": "an-older-bucket", "CreationDate": "2021-04-02T15:05:07.613Z"}
    client.call("ListS3Buckets", {}, {"Buckets": [known]})
    change(client, "ImportBackendStorage", imported("an-older-bucket"))
    there = storage("an-older-bucket", "an-older-bucket", None)
    client.call("GetBackendStorage", named("an-older-bucket"), there)


CHAPTERS = [state_that_is_taken_and_put_back, a_bucket_that_only_the_state_knows]
