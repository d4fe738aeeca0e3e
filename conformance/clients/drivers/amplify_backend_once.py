"""The program `amplify-backend`, as `conformance client` runs a client: once for each case.

    conformance client -- python3 -S conformance/clients/drivers/amplify_backend_once.py PROGRAM
"""

import json
import os
import subprocess
import sys

KINDS = {
    "BadRequestException": "bad_request",
    "NotFoundException": "not_found",
    "TooManyRequestsException": "too_many_requests",
    "GatewayTimeoutException": "gateway_timeout",
    None: "unmodeled",
}


def wire_names(value):
    """An output's names are the SDKs', with a capital letter; here they are those of the wire."""
    if isinstance(value, dict):
        return {name[:1].lower() + name[1:]: wire_names(it) for name, it in value.items()}
    if isinstance(value, list):
        return [wire_names(it) for it in value]
    return value


def of_error(error: dict) -> dict:
    """Of an error of the service counts what it said itself."""
    service = error.get("service", {})
    kinds = {"service": KINDS.get(service.get("modeled")), "timeout": "transport"}
    about = {name: error.get(name) for name in ["status", "request_id"]}
    return {**about, **service, "kind": kinds.get(error["kind"], error["kind"])}


call = ["call", os.environ["CASE_OPERATION"], "--input=-", "--output=json", "--error-format=json"]
done = subprocess.run(
    [sys.argv[1], *call], input=os.environ["CASE_INPUT"].encode(), capture_output=True
)
if done.returncode == 0:
    print(json.dumps(wire_names(json.loads(done.stdout))))
else:
    print(json.dumps(of_error(json.loads(done.stderr.splitlines()[-1]))))
sys.exit(done.returncode)
