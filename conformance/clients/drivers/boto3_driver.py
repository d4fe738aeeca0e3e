"""Calls boto3 as `lines.py` says."""

import boto3
import botocore.auth
from botocore import UNSIGNED, xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

import lines
from lines import Call

clients = {}


def client(call: Call):
    settings = (*call.key, call.region, call.unsigned, call.max_attempts)
    if settings not in clients:
        key_id, secret, token = call.key or (None, None, None)
        clients[settings] = boto3.session.Session().client(
            "amplifybackend",
            region_name=call.region,
            aws_access_key_id=key_id,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=Config(
                retries={"mode": "standard", "total_max_attempts": call.max_attempts},
                signature_version=UNSIGNED if call.unsigned else None,
            ),
        )
    return clients[settings]


def carry_out(call: Call) -> dict:
    lines.set_clock_of(botocore.auth, call.clock_ahead)
    method = xform_name(call.operation)
    try:
        if call.all_pages:
            size = call.input.pop("MaxResults", None)
            pages = client(call).get_paginator(method).paginate(
                **call.input, PaginationConfig={"PageSize": size}
            )
            return {"output": pages.build_full_result()}
        output = getattr(client(call), method)(**call.input)
        return {"output": output, **about(output.pop("ResponseMetadata"))}
    except ClientError as error:
        told = dict(error.response)
        metadata = told.pop("ResponseMetadata")
        told.pop("message", None)
        # boto3 gives the code and the message twice: as the service's own, and as the error's.
        error = told.pop("Error")
        return {"error": {**told, **error}, **about(metadata)}
    except BotoCoreError as error:
        return {"failure": f"{type(error).__name__}: {error}"}


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
    clients.clear,
    carry_out,
)
