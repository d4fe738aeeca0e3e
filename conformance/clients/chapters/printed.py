"""What our program prints is what the AWS CLI prints."""

import io
import json

import awscli.text
import jmespath
from beside import Beside

from chapters import PLACE, chapter, created, deleted, imported, named, updated

PHOTOS = '日本語 😀 "photos"\\'
EMPTY = {**PLACE, "BackendEnvironmentName": "empty"}
LONG = {**PLACE, "BackendEnvironmentName": "long"}
FAILED = {"FAILED": {"error": "no room – voll\n\tsecond line"}}
RUNNING = {
    "RUNNING": {"endsAt": 253402300799000, "work": {"remove": {"resourceName": "films"}}},
}


def job(number: int, operation: str = "CreateBackendStorage", status="COMPLETED") -> dict:
    begun = 1617375907613 + number * 1000
    times = {"createTime": begun, "updateTime": begun + number}
    return {"jobId": f"job-{number}", "operation": operation, "status": status, **times}


STORAGE = [
    {
        "resourceName": PHOTOS,
        "bucketName": "photos-bucket",
        "permissions": {
            "authenticated": ["READ", "CREATE_AND_UPDATE", "DELETE"],
            "unAuthenticated": ["READ"],
        },
    },
    {
        "resourceName": "for-nobody",
        "bucketName": "for-nobody",
        "permissions": {"authenticated": [], "unAuthenticated": []},
    },
    {"resourceName": "docs", "bucketName": "ü", "permissions": {"authenticated": ["READ"]}},
    {"resourceName": "older", "bucketName": "older", "imported": True},
]
JOBS = [job(1), job(2, "DeleteBackendStorage", FAILED), job(3, "Überall")]
ENVIRONMENTS = [
    {"backendEnvironmentName": "staging", "storage": STORAGE, "jobs": JOBS},
    {"backendEnvironmentName": "empty"},
    # Three pages; only in some of them is there an error.
    {
        "backendEnvironmentName": "long",
        "jobs": [job(it, status=FAILED if it == 7 else "COMPLETED") for it in range(60)],
    },
    {"backendEnvironmentName": "busy", "jobs": [job(4, status=RUNNING)]},
]
NAMES = ["older", "photos-bucket", "for-nobody", "ü", "日本語 😀"]
STATE = {
    "apps": [{"appId": PLACE["AppId"], "environments": ENVIRONMENTS}],
    "buckets": [{"name": name, "creationDate": 1617375907613} for name in NAMES],
}


@chapter("--page-size", "3")
def what_is_read_prints_the_same(beside: Beside) -> None:
    beside.put(STATE)
    for name in [PHOTOS, "for-nobody", "docs", "older"]:
        beside.same("GetBackendStorage", named(name))
    for id in ["job-1", "job-2", "job-3"]:
        beside.same("GetBackendJob", {**PLACE, "JobId": id})
    busy = {**PLACE, "BackendEnvironmentName": "busy"}
    beside.same("GetBackendJob", {**busy, "JobId": "job-4"})
    beside.same("ListBackendJobs", PLACE)
    beside.same("ListBackendJobs", EMPTY)
    beside.same("ListBackendJobs", {**PLACE, "Status": "FAILED"})
    beside.same("ListBackendJobs", {**PLACE, "Operation": "Überall", "JobId": "job-3"})
    token = {}
    while token is not None:
        page = {**PLACE, "MaxResults": 2, **token}
        beside.same_text("ListBackendJobs", page)
        token = next_token(beside.same_json("ListBackendJobs", page))
    token = {}
    while token is not None:
        beside.same_text("ListS3Buckets", token)
        token = next_token(beside.same_json("ListS3Buckets", token))
    beside.put({})
    beside.same("ListS3Buckets", {})


def next_token(output: dict) -> dict | None:
    return {"NextToken": output["NextToken"]} if "NextToken" in output else None


@chapter("--job-time", "1h")
def what_changes_something_prints_the_same(beside: Beside) -> None:
    beside.put(STATE)
    nothing = {"Authenticated": [], "UnAuthenticated": []}
    read = {"Authenticated": ["READ"]}
    busy = {**PLACE, "BackendEnvironmentName": "busy", "JobId": "job-4"}
    for operation, input in [
        ("CreateBackendStorage", created("films")),
        ("CreateBackendStorage", created(" films 🎞 ", "films-bucket", EMPTY, nothing)),
        ("ImportBackendStorage", imported("ü")),
        ("ImportBackendStorage", imported("日本語 😀", EMPTY)),
        ("UpdateBackendStorage", updated(PHOTOS)),
        ("UpdateBackendStorage", updated("for-nobody", read)),
        ("DeleteBackendStorage", deleted("docs")),
        ("DeleteBackendStorage", deleted(PHOTOS)),
        ("UpdateBackendJob", busy),
        ("UpdateBackendJob", {**busy, "Operation": "ü – 😀"}),
        ("UpdateBackendJob", {**busy, "Status": "COMPLETED"}),
    ]:
        beside.same(operation, input)
    beside.same("UpdateBackendJob", busy, "--query=[Status, Error, JobId]")
    beside.same("DeleteBackendStorage", deleted("docs"), "--query=Status")


@chapter()
def what_a_query_picks_prints_the_same(beside: Beside) -> None:
    beside.put(STATE)
    for query in [
        "Jobs[].JobId",
        "Jobs[?Status=='FAILED'].[JobId, Error]",
        "Jobs[?Status==`FAILED`].[JobId, Error]",
        "Jobs[*].{Id: JobId, Why: Error, In: {App: AppId}}",
        "Jobs[].[JobId, [Operation, Status]]",
        "sort_by(Jobs, &CreateTime)[-1]",
        "Jobs[0].JobId",
        "Jobs[::-1] | [:2].Error",
        "Jobs[9]",
        "Nothing",
        "Jobs[].Error | not_null([0], 'none')",
        "[length(Jobs), sum(Jobs[].to_number(CreateTime)), `-3`, abs(`-3`), floor(`1.5`), `2.5`]",
        "[max(Jobs[].to_number(CreateTime)), to_number(Jobs[0].CreateTime) > `1`]",
        "Jobs[?contains(Operation, 'Über')] | [0]",
        "join(', ', Jobs[].Operation)",
        "join(`,`, Jobs[].Operation)",
        "to_string(Jobs[1].[JobId, Operation])",
        "keys(Jobs[0])",
        "Jobs[0] | type(@)",
    ]:
        beside.same("ListBackendJobs", PLACE, f"--query={query}")
    for query in ["Jobs", "Jobs[0]", "sum(Jobs[].to_number(CreateTime))", "avg(Jobs[].Nothing)"]:
        beside.same("ListBackendJobs", EMPTY, f"--query={query}")
    for query in [
        "ResourceConfig.Permissions",
        "ResourceConfig.Permissions.[Authenticated, UnAuthenticated]",
        "ResourceConfig.[Imported, BucketName]",
        "{Name: ResourceName, May: ResourceConfig.Permissions.Authenticated}",
        "ResourceConfig.Permissions.Authenticated[]",
    ]:
        for name in [PHOTOS, "for-nobody", "older"]:
            beside.same("GetBackendStorage", named(name), f"--query={query}")
    for query in [
        "Buckets[].Name",
        "Buckets[?starts_with(Name, 'p')]",
        "{First: Buckets[0], Next: NextToken}",
    ]:
        beside.same("ListS3Buckets", {}, f"--query={query}")


@chapter()
def lists_of_several_pages_print_the_same(beside: Beside) -> None:
    beside.put(STATE)
    count = len(beside.same_json("ListBackendJobs", LONG, all_pages=True)["Jobs"])
    beside.expect(60, count, "the jobs of all pages")
    beside.same_json("ListBackendJobs", {**LONG, "MaxResults": 7}, all_pages=True)
    beside.same_json("ListBackendJobs", LONG, "--query=Jobs[?Error].JobId", all_pages=True)
    beside.same_json("ListBackendJobs", LONG, "--query=[length(Jobs), NextToken]", all_pages=True)
    beside.same("ListBackendJobs", LONG, "--query=Jobs[].[JobId, Error]", all_pages=True)
    beside.same("ListBackendJobs", {**LONG, "Status": "FAILED"}, all_pages=True)


@chapter()
def where_they_differ(beside: Beside) -> None:
    """Each departure, with what it is for."""
    beside.put(STATE)

    # The AWS CLI asks a query of each page by itself where it prints text, and makes each page a
    # table with columns of its own. With us it is of the whole, in text as in JSON.
    whole = json.loads(beside.printed("ListBackendJobs", LONG, "--output=json", all_pages=True)[0])
    for query in ["length(Jobs)", "Jobs[].JobId", "sort_by(Jobs, &CreateTime)[0].JobId", "@"]:
        options = ["--output=text", f"--query={query}"]
        aws_cli, *ours = beside.printed("ListBackendJobs", LONG, *options, all_pages=True)
        expected = io.StringIO()
        awscli.text.format_text(jmespath.search(query, whole), expected)
        beside.expect([expected.getvalue()] * 2, ours, f"the text of {query} over pages")
        beside.expect(True, aws_cli != expected.getvalue(), f"{query}: a departure no more")

    # The AWS CLI prints nothing where there is nothing in a structure, so that who reads JSON gets
    # none. With us there is always one document.
    departs(beside, "`{}`", "json", "", "{}\n")

    # Of an average the AWS CLI prints a fraction also where it is whole.
    departs(beside, "avg(`[1, 3]`)", "text", "2.0\n", "2\n")
    departs(beside, "`1.0`", "json", "1.0\n", "1\n")

    # In a text that a query makes of a structure, the AWS CLI escapes what is not ASCII. Both are the
    # same JSON.
    departs(beside, "to_string(['ü'])", "text", '["\\u00fc"]\n', '["ü"]\n')


def departs(beside: Beside, query: str, form: str, aws_cli: str, ours: str) -> None:
    options = [f"--output={form}", f"--query={query}"]
    printed = beside.printed("ListBackendJobs", PLACE, *options)
    beside.expect([aws_cli, ours, ours], printed, f"a departure: {query} in {form}")


CHAPTERS = [
    what_is_read_prints_the_same,
    what_changes_something_prints_the_same,
    what_a_query_picks_prints_the_same,
    lists_of_several_pages_print_the_same,
    where_they_differ,
]
