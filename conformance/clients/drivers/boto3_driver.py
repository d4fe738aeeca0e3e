"""Calls boto3 as `lines.py` says."""

from functools import lru_cache

import boto3
import botocore.auth
from botocore import UNSIGNED, xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

import lines
from lines import Call

session = boto3.session.Session()


@lru_cache(maxsize=8)
def client(endpoint: str, key: tuple, region: str, unsigned: bool, max_attempts: int):
    """A client for the endpoint that is in the environment."""
    key_id, secret, token = key or (None, None, None)
    return session.client(
        "amplifybackend",
        region_name=region,
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(
            retries={"mode": "standard", "total_max_attempts": max_attempts},
            signature_version=UNSIGNED if unsigned else None,
        ),
    )


def carry_out(call: Call) -> dict:
    lines.set_clock_of(botocore.auth, call.clock_ahead)
    made = client(
        lines.endpoint(), tuple(call.key), call.region, call.unsigned, call.max_attempts
    )
    method = xform_name(call.operation)
    try:
        if call.all_pages:
            size = call.input.pop("MaxResults", None)
            pages = made.get_paginator(method).paginate(
                **call.input, PaginationConfig={"PageSize": size}
            )
            return {"output": pages.build_full_result()}
        output = getattr(made, method)(**call.input)
        return {"output": output, **about(output.pop("ResponseMetadata"))}
    except ClientError as error:
        told = dict(error.response)
        metadata = told.pop("ResponseMetadata")
        told.pop("message", None)
        # boto3 gives the code and the message twice: as the service's own, and as the error's.
        given = told.pop("Error")
        return {"error": {**told, **given}, "raised": type(error).__name__, **about(metadata)}
    except Exception as error:
        # Not only botocore's own: on some answers it stumbles.
        return {"failure": str(error), "raised": type(error).__name__}


def about(metadata: dict) -> dict:
    return {
        "status": metadata["HTTPStatusCode"],
        "requestId": metadata.get("RequestId"),
        "attempts": metadata["RetryAttempts"] + 1,
    }


lines.serve(
    {
        "client": f"boto3 {boto3.__version__}",
        "tells": ["status", "requestId", "attempts", "ResourceType", "LimitType"],
        "can": ["leave unsigned"],
    },
    client.cache_clear,
    carry_out,
)
