"""Who may call."""

import hashlib

from compare import Like
from session import Client

from chapters import PLACE, chapter, created, named, storage
from chapters.life import change

TEMPORARY = ("AKIDTEMPORARY", "the-secret-of-the-pair", "the-token-of-the-pair")
OPTIONS = [
    "--credentials",
    ":".join(TEMPORARY),
    "--credentials",
    "AKIDPERMANENT:another-secret",
]
THERE = storage("photos", "photos-bucket")
BODY = Like("the hash of a body", "[0-9a-f]{64}")


def refused(code: str, message: str) -> dict:
    return {"Code": code, "status": 403, "Message": message}


def get(client: Client, error: dict | None = None, log: dict | None = None, **settings) -> None:
    """Reads the storage resource, or is refused; the log then says why."""
    if error:
        why = {"signature": "refused", "accessKeyId": None, "signatureProblem": error["Message"]}
        log = {**why, **(log or {})}
    output = None if error else THERE
    client.call("GetBackendStorage", named("photos"), output, error=error, log=log, **settings)


def shows_what_was_to_be_signed(client: Client, entry: dict) -> None:
    """Sees that the log has the canonical request and the string to sign, and that they fit."""
    canonical = entry["canonicalRequest"]
    lines = canonical.split("\n")
    # SigV4 signs the encoded path encoded again; there is nothing to encode in this one.
    client.expect(
        ["POST", "/backend/d1a2b3c4d5e6f7/storage/staging/details", ""],
        lines[:3],
        "the canonical request",
    )
    client.expect(True, f"host:{client.host}" in lines, "the canonical request has the host")
    client.expect(BODY, lines[-1], "the last line of the canonical request")
    to_sign = entry["stringToSign"].split("\n")
    scope = f"{to_sign[1][:8]}/us-east-1/amplifybackend/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    client.expect(
        ["AWS4-HMAC-SHA256", Like("a time", r"\d{8}T\d{6}Z"), scope, digest],
        to_sign,
        "the string to sign",
    )


@chapter("--region", "us-east-1", *OPTIONS)
def signatures_that_are_enforced(client: Client) -> None:
    change(client, "CreateBackendStorage", created("photos", "photos-bucket"))
    get(client)
    get(client, key=TEMPORARY)
    get(client, key=("AKIDPERMANENT", "another-secret"))
    get(client, clock_ahead=240)
    get(client, clock_ahead=-240)

    invalid = "InvalidSignatureException"
    unrecognized = "UnrecognizedClientException"
    mismatch = refused(invalid, "the signature does not match")
    # Only where the signature itself is what is wrong is there anything to compare.
    nothing = {"canonicalRequest": None, "stringToSign": None}
    wrong_token = refused(unrecognized, "the session token is not the access key's")
    for error, settings in [
        (mismatch, {"key": ("local", "not-the-secret")}),
        (mismatch, {"key": (*TEMPORARY[:1], "not-the-secret", *TEMPORARY[2:])}),
        (mismatch, {"key": ("AKIDPERMANENT", "another:secret")}),
        (refused(unrecognized, "the access key is unknown"), {"key": ("AKIDNOBODY", "local")}),
        (wrong_token, {"key": (*TEMPORARY[:2], "not-the-token")}),
        (wrong_token, {"key": TEMPORARY[:2]}),
        (wrong_token, {"key": ("local", "local", "no-token-belongs-to-it")}),
        (refused(invalid, "the credential scope is for another region"), {"region": "eu-west-1"}),
    ]:
        get(client, error, log=None if error is mismatch else nothing, **settings)
        if error is mismatch:
            entry = client.last_logged
            if settings["key"][0] == "AKIDTEMPORARY":
                token = [it for it in entry["canonicalRequest"].split("\n") if "-token:" in it]
                client.expect(["x-amz-security-token:.."], token, "the token is not shown")
            else:
                shows_what_was_to_be_signed(client, entry)

    for ahead, why in [
        (-3600, "the signature has expired"),
        (3600, "the signature is from the future"),
    ]:
        # The refusal's Date is the right time. To learn it may count as an attempt, or not.
        if "correct its clock at no cost" in client.can:
            get(client, clock_ahead=ahead, attempts=2)
        else:
            get(client, refused(invalid, why), log=nothing, clock_ahead=ahead)

    if "leave unsigned" in client.can:
        error = refused("MissingAuthenticationTokenException", "the request is not signed")
        get(client, error, unsigned=True)
    if "correct its clock" in client.can:
        get(client, clock_ahead=3600, max_attempts=3, attempts=2)


@chapter("--signatures", "report", *OPTIONS)
def signatures_that_are_reported(client: Client) -> None:
    change(client, "CreateBackendStorage", created("photos", "photos-bucket"))
    get(client, log={"signatureProblem": None})
    reported = {"signature": "reported", "accessKeyId": None}
    mismatch = {**reported, "signatureProblem": "the signature does not match"}
    get(client, key=("local", "not-the-secret"), log=mismatch)
    shows_what_was_to_be_signed(client, client.last_logged)
    unknown = {**reported, "signatureProblem": "the access key is unknown"}
    get(client, key=("AKIDNOBODY", "local"), log=unknown)
    get(client, region="eu-west-1")


@chapter("--signatures", "off")
def signatures_that_nobody_looks_at(client: Client) -> None:
    log = {"signature": "not checked", "accessKeyId": None, "signatureProblem": None}
    output = {"Buckets": []}
    for key in [("local", "not-the-secret"), ("AKIDNOBODY", "local")]:
        client.call("ListS3Buckets", {}, output, key=key, log=log)
    client.call("ListBackendJobs", PLACE, {"Jobs": []}, clock_ahead=86_400, log=log)
    if "leave unsigned" in client.can:
        client.call("ListS3Buckets", {}, output, unsigned=True, log=log)


CHAPTERS = [
    signatures_that_are_enforced,
    signatures_that_are_reported,
    signatures_that_nobody_looks_at,
]
