"""What no SDK sends: requests written by hand, signed by botocore."""

import http.client
import json
import re
from dataclasses import dataclass, field
from typing import Any

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from compare import UUID, Like
from session import LONGEST, Session

from chapters import bad_request, chapter, not_found

DETAILS = "/backend/d1a2b3c4d5e6f7/storage/staging/details"
DATE = Like("a date", r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")


@dataclass
class Request:
    """A request. Its headers are those to sign; without a content type it is JSON."""

    target: str
    body: bytes | str = b"{}"
    method: str = "POST"
    headers: dict = field(default_factory=lambda: {"Content-Type": "application/json"})
    # What to do to it once it is signed.
    then: dict = field(default_factory=dict)


class Raw(Session):
    """A session without a client."""

    def signed(self, request: Request, auth=SigV4Auth) -> AWSRequest:
        signed = AWSRequest(
            request.method, self.endpoint + request.target, request.headers, request.body
        )
        auth(Credentials("local", "local"), "amplifybackend", "us-east-1").add_auth(signed)
        return signed

    def send(
        self,
        request: Request,
        body: Any = None,
        *,
        error: dict | None = None,
        signed: bool = True,
        log: dict | None = None,
    ) -> None:
        """Sends a request and compares the answer, and what the log says about it."""
        self.calls += 1
        headers = dict(request.headers)
        if signed:
            headers = dict(self.signed(request).headers.items())
        headers |= request.then.get("headers", {})
        connection = http.client.HTTPConnection(self.host, timeout=LONGEST)
        try:
            connection.request(
                request.method, request.target, request.then.get("body", request.body), headers
            )
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        about = f"{request.method} {request.target} with {request.body[:200]!r}, {headers}"
        status, code = (error["status"], error["Code"]) if error else (200, None)
        if error:
            names = {"Message": "message", "ResourceType": "resourceType"}
            body = {names[name]: error[name] for name in names if name in error}
        expected = {
            "status": status,
            "x-amzn-errortype": code,
            "content-type": "application/json",
            "date": DATE,
            "x-amzn-requestid": UUID,
            "body": body,
        }
        actual = {name: response.headers.get(name) for name in expected}
        actual |= {"status": response.status, "body": json.loads(answer)}
        self.expect(expected, actual, about)
        last = {"status": status, "error": code, "requestId": actual["x-amzn-requestid"]}
        self.logged([{**last, **(log or {})}], about)


def serialization(message: str) -> dict:
    with_place = Like(message, re.escape(message) + r"( \(line \d+, column \d+\))?")
    return {"Code": "SerializationException", "status": 400, "Message": with_place}


def refused(code: str, message: str) -> dict:
    return {"Code": code, "status": 403, "Message": message}


@chapter()
def bodies_that_no_sdk_sends(raw: Raw) -> None:
    missing = "a required member is missing"
    wrong = "a member has the wrong type"
    update = "/backend/d1a2b3c4d5e6f7/storage/staging"
    jobs = "/backend/d1a2b3c4d5e6f7/job/staging"
    for target, body, error in [
        (DETAILS, "{", serialization("the body ends before its JSON does")),
        (DETAILS, "resourceName=photos", serialization("the body is not JSON")),
        (DETAILS, "[]", serialization("the body is not a JSON object")),
        (DETAILS, "null", serialization("the body is not a JSON object")),
        (DETAILS, b'{"resourceName":"\xff"}', serialization("the body is not UTF-8")),
        (
            DETAILS,
            '{"a":' * 200 + "1" + "}" * 200,
            serialization("the body is nested more than 128 deep"),
        ),
        (DETAILS, '{"resourceName":5}', serialization(f"{wrong}: resourceName")),
        (DETAILS, "", bad_request(f"{missing}: resourceName")),
        (DETAILS, "{}", bad_request(f"{missing}: resourceName")),
        (DETAILS, '{"resourceName":null}', bad_request(f"{missing}: resourceName")),
        (update, '{"resourceName":"photos"}', bad_request(f"{missing}: resourceConfig")),
        (
            update,
            '{"resourceName":"photos","resourceConfig":{"serviceName":"S3"}}',
            bad_request(f"{missing}: resourceConfig.permissions"),
        ),
        (
            update,
            '{"resourceName":"a","resourceConfig":{"serviceName":"S3","permissions":{}}}',
            bad_request(f"{missing}: resourceConfig.permissions.authenticated"),
        ),
        (
            update,
            '{"resourceName":"a","resourceConfig":{"serviceName":"S3","permissions":'
            '{"authenticated":[null]}}}',
            serialization(f"{wrong}: resourceConfig.permissions.authenticated"),
        ),
        (jobs, '{"maxResults":"5"}', serialization(f"{wrong}: maxResults")),
        (jobs, '{"maxResults":4294967297}', serialization(f"{wrong}: maxResults")),
        (jobs, '{"maxResults":0}', bad_request("maxResults is not within 1 and 25")),
    ]:
        raw.send(Request(target, body), error=error)
    # What is not a member of the operation is passed over, and null is as good as nothing.
    for body in ["", "{}", '{"nextToken":null}', '{"nextToken":"","more":[{}]}', ' {"a":1,"a":2} ']:
        raw.send(Request("/s3Buckets", body), {"buckets": []}, log={"operation": "ListS3Buckets"})
    nothing = {name: None for name in ["jobId", "maxResults", "nextToken", "operation", "status"]}
    raw.send(Request(jobs, json.dumps(nothing)), {"jobs": []})
    raw.send(
        Request(DETAILS, '{"resourceName":"no","resourceName":"photos"}'),
        error=not_found("Storage", "photos"),
    )


@chapter("--max-request-body", "1000")
def requests_that_no_sdk_sends(raw: Raw) -> None:
    unknown = {
        "Code": "UnknownOperationException",
        "status": 404,
        "Message": "no operation has this method and path",
    }
    for method, target in [
        ("GET", "/s3Buckets"),
        ("POST", "/"),
        ("POST", "/s3Buckets/"),
        ("POST", "/s3buckets"),
        ("POST", "/backend//storage/staging/details"),
        ("PUT", DETAILS),
    ]:
        raw.send(Request(target, method=method), error=unknown, log={"operation": None})
    unsupported = {
        "Code": "UnsupportedMediaTypeException",
        "status": 415,
        "Message": "the content type is not application/json",
    }
    for content_type in ["text/plain", "application/xml", "application/x-amz-json-1.1", ""]:
        raw.send(Request(DETAILS, headers={"Content-Type": content_type}), error=unsupported)
    for content_type in ["application/json; charset=utf-8", "APPLICATION/JSON"]:
        request = Request("/s3Buckets", headers={"Content-Type": content_type})
        raw.send(request, {"buckets": []})
    with_query = "/s3Buckets?x=1&a=%20"
    raw.send(Request(with_query), {"buckets": []}, log={"target": with_query})

    # A body over the limit is not read, and so not logged.
    fits = json.dumps({"more": "x" * 988})
    raw.send(Request("/s3Buckets", fits), {"buckets": []})
    connection = http.client.HTTPConnection(raw.host, timeout=LONGEST)
    connection.request("POST", "/s3Buckets", " " + fits)
    response = connection.getresponse()
    told = {"status": response.status, "code": response.headers["x-amzn-errortype"]}
    connection.close()
    too_large = {"status": 413, "code": "RequestEntityTooLargeException"}
    raw.expect(too_large, told, "a body over the limit")


@chapter()
def signatures_that_no_sdk_makes(raw: Raw) -> None:
    missing = "MissingAuthenticationTokenException"
    incomplete = "IncompleteSignatureException"
    invalid = "InvalidSignatureException"
    request = Request("/s3Buckets")
    raw.send(request, error=refused(missing, "the request is not signed"), signed=False)
    good = dict(raw.signed(request).headers.items())["Authorization"]
    scope, signed_headers, signature = good.removeprefix("AWS4-HMAC-SHA256 ").split(", ")
    other_digit = "0" if signature[-1] != "0" else "1"
    for authorization, error in [
        ("Bearer token", refused(incomplete, "the signature is not an AWS4-HMAC-SHA256 one")),
        (
            f"AWS4-HMAC-SHA256 {scope}, {signed_headers}",
            refused(incomplete, "Signature is missing"),
        ),
        (
            f"AWS4-HMAC-SHA256 {scope}, {signature}",
            refused(incomplete, "SignedHeaders is missing"),
        ),
        (
            f"AWS4-HMAC-SHA256 {scope}, {signed_headers}, {signature[:-1]}{other_digit}",
            refused(invalid, "the signature does not match"),
        ),
    ]:
        then = {"headers": {"Authorization": authorization}}
        raw.send(Request("/s3Buckets", then=then), error=error)
    mismatch = refused(invalid, "the signature does not match")
    raw.send(Request("/s3Buckets", then={"body": "{ }"}), error=mismatch)
    added = {"headers": {"x-amz-added": "1"}}
    error = refused(invalid, "the header x-amz-added is not signed")
    raw.send(Request("/s3Buckets", then=added), error=error)
    # What is not signed may be anything.
    raw.send(Request("/s3Buckets", then={"headers": {"x-other": "1"}}), {"buckets": []})

    # A presigned URL, as botocore makes it.
    job = "/backend/d1a2b3c4d5e6f7/job/staging/a%2Fb"
    presigned = raw.signed(Request(job, b"", "GET", {}), SigV4QueryAuth).url
    target = presigned.removeprefix(raw.endpoint)
    error = not_found("Job", "a/b")
    shown = target.partition("X-Amz-Signature=")[0] + "X-Amz-Signature=.."
    raw.send(Request(target, b"", "GET", {}), error=error, signed=False, log={"target": shown})
    other = target.replace("a%2Fb", "a%2Fc")
    raw.send(Request(other, b"", "GET", {}), error=mismatch, signed=False)


@chapter()
def the_control_interface(raw: Raw) -> None:
    health = raw.control("GET", "health")
    raw.expect({"status": "ok", "version": Like("a version", r"\d+\.\d+\.\d+.*")}, health, "health")
    rule = {"operation": "ListS3Buckets", "delayMilliseconds": 1, "times": 2}
    fault = raw.control("POST", "faults", rule)["id"]
    raw.send(Request("/s3Buckets"), {"buckets": []}, log={"fault": fault})
    active = raw.control("GET", "faults")
    expected = {"faults": [{"id": fault, "rule": rule, "matched": 1, "fired": 1}]}
    raw.expect(expected, active, "the rules in force")
    raw.control("DELETE", f"faults/{fault}")
    raw.control("DELETE", f"faults/{fault}", status=404)
    raw.send(Request("/s3Buckets"), {"buckets": []}, log={"fault": None})
    raw.control("POST", "faults", rule)
    raw.control("DELETE", "faults")
    raw.expect({"faults": []}, raw.control("GET", "faults"), "the rules, all removed")
    for wrong in [{"operation": "ListBuckets", "delayMilliseconds": 1}, {"nth": 0}, {"oops": 1}]:
        raw.control("POST", "faults", wrong, status=400)
    raw.control("POST", "clock", {"advanceMilliseconds": -1}, status=400)
    raw.control("GET", "requests?limit=many", status=400)
    raw.control("GET", "nothing", status=404)
    raw.control("PUT", "clock", {}, status=405)


CHAPTERS = [
    bodies_that_no_sdk_sends,
    requests_that_no_sdk_sends,
    signatures_that_no_sdk_makes,
    the_control_interface,
]
