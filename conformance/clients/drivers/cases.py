"""Stands between `conformance client --lines` and a driver: what it asks is handed on as `lines.py`
says, and what the driver answers is told in the words of the cases.

    conformance client --lines -- python3 cases.py DRIVER...
"""

import json
import subprocess
import sys

# Of the service's errors, the classes that the SDKs have, named as in the service model.
MODELED = {
    "BadRequestException": "bad_request",
    "NotFoundException": "not_found",
    "TooManyRequestsException": "too_many_requests",
    "GatewayTimeoutException": "gateway_timeout",
}
# Of other failures, the classes and codes that say what it is. Any other is an accident.
FAILURES = {
    "ParamValidationError": "encode",
    "ResponseParserError": "decode",
    "SyntaxError": "decode",
    "UnicodeDecodeError": "decode",
    "ConnectionClosedError": "transport",
    "ECONNRESET": "transport",
    "IncompleteReadError": "transport",
    "ResponseStreamingError": "transport",
}


def asked(case: dict) -> dict:
    """The `Call` of a case."""
    key = [case["accessKeyId"], case["secretAccessKey"], case.get("sessionToken")]
    return {
        "endpoint": case["endpoint"],
        "operation": case["operation"],
        "input": renamed(case["input"], str.upper),
        "key": key,
        "region": case["region"],
        "unsigned": False,
        "clock_ahead": 0,
        "max_attempts": 1,
        "all_pages": False,
    }


def told(answer: dict) -> dict:
    """What the driver answered, in the words of the cases."""
    if "output" in answer:
        return {"output": renamed(answer["output"], str.lower)}
    error = answer.get("error", {})
    raised = answer.get("raised", error.get("Code"))
    return {
        "error": {
            "kind": MODELED.get(raised, "unmodeled") if error else FAILURES.get(raised, raised),
            "code": error.get("Code"),
            "message": error.get("Message", answer.get("failure")),
            "status": answer.get("status"),
            "request_id": answer.get("requestId"),
            "resource_type": error.get("ResourceType"),
            "limit_type": error.get("LimitType"),
        }
    }


def renamed(value, change):
    """The same with member names whose first letter is changed: the SDKs' are capital."""
    if isinstance(value, dict):
        return {change(name[:1]) + name[1:]: renamed(it, change) for name, it in value.items()}
    if isinstance(value, list):
        return [renamed(it, change) for it in value]
    return value


driver = subprocess.Popen(
    sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
)
for line in sys.stdin:
    print(json.dumps(asked(json.loads(line))), file=driver.stdin, flush=True)
    answer = driver.stdout.readline()
    if not answer:
        sys.exit("the driver has ended")
    print(json.dumps(told(json.loads(answer))), flush=True)
