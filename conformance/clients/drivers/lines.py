"""What a driver is: a program that carries out calls with one client.

The usual key pair is in its environment, as it is in that of any program of a user. It answers each
line on its standard input with one on its standard output, both in JSON. `{"endpoint": URL}` puts
the endpoint into the environment too, forgets the clients that were there before, and answers what
the client is, what it tells and what it can. A `Call` answers

    {"output": {...}}    what the client returned, or
    {"error": {"Code": ..., "Message": ...}}    the error of the service, with its other members, or
    {"failure": "..."}   any other end,

and beside it `status`, `requestId` and `attempts`, as far as the client tells them, and `raised`,
the class of an error or failure, where there are classes. A `Call` with an `endpoint` goes there.

A program for the command line answers a `Call` that has `options` with what it printed, as it is:

    {"code": 0, "printed": "...", "said": "..."}    exit code, standard output, standard error
"""

import datetime
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

ENDPOINT = "AWS_ENDPOINT_URL_AMPLIFYBACKEND"


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
    # Further options of a program for the command line: how it is to print what it got.
    options: list[str] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        """The variables that a program for the command line needs for it."""
        variables = {
            **os.environ,
            "AWS_MAX_ATTEMPTS": str(self.max_attempts),
            "AWS_RETRY_MODE": "standard",
        }
        names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
        variables.update((name, value) for name, value in zip(names, self.key) if value)
        return variables


def serve(about: dict, begin: Callable[[], None], carry_out: Callable[[Call], dict]) -> None:
    """Answers the lines on the standard input until it ends."""
    for line in sys.stdin:
        message = json.loads(line)
        if to := message.pop("endpoint", None):
            os.environ[ENDPOINT] = to
        if message:
            answer = carry_out(Call(**message))
        else:
            begin()
            answer = about
        print(json.dumps(answer), flush=True)


def endpoint() -> str:
    """Where calls go."""
    return os.environ[ENDPOINT]


def set_clock_of(auth, ahead: int) -> None:
    """Makes botocore sign as if its clock were `ahead` seconds wrong; it has no setting for it."""

    def now(remove_tzinfo=True):
        time = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=ahead)
        return time.replace(tzinfo=None) if remove_tzinfo else time

    auth.get_current_datetime = now
