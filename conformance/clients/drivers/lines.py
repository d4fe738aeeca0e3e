"""What a driver is: a program that carries out calls with one client.

The usual key pair is in its environment, as it is in that of any program of a user. It answers each
line on its standard input with one on its standard output, both in JSON. `{"endpoint": URL}` puts
the endpoint into the environment too, forgets the clients that were there before, and answers what
the client is, what it tells and what it can. A `Call` answers

    {"output": {...}}    what the client returned, or
    {"error": {"Code": ..., "Message": ...}}    the error of the service, with its other members, or
    {"failure": "..."}   any other end,

and beside it `status`, `requestId` and `attempts`, as far as the client tells them.
"""

import datetime
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Call:
    """A call of one operation. Member names are those of the SDKs: `AppId`."""

    operation: str
    input: dict
    # Id, secret and, if there is one, token of another key pair than the environment's.
    key: list
    region: str
    unsigned: bool
    # How many seconds the client's clock is wrong.
    clock_ahead: int
    max_attempts: int
    # Whether the client is to follow `NextToken` to the end, and give all as one output.
    all_pages: bool


def serve(about: dict, begin: Callable[[], None], carry_out: Callable[[Call], dict]) -> None:
    """Answers the lines on the standard input until it ends."""
    for line in sys.stdin:
        message = json.loads(line)
        if endpoint := message.get("endpoint"):
            os.environ["AWS_ENDPOINT_URL_AMPLIFYBACKEND"] = endpoint
            begin()
            answer = about
        else:
            answer = carry_out(Call(**message))
        print(json.dumps(answer), flush=True)


def set_clock_of(auth, ahead: int) -> None:
    """Makes botocore sign as if its clock were `ahead` seconds wrong; it has no setting for it."""

    def now(remove_tzinfo=True):
        time = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=ahead)
        return time.replace(tzinfo=None) if remove_tzinfo else time

    auth.get_current_datetime = now
