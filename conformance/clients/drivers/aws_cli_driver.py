"""Calls the AWS CLI as `lines.py` says.

The first call of a chapter runs the program `aws`. The others run the same code with the same
arguments and environment in a fork of this process, which has loaded it: most of the CLI's time is
its start.
"""

import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile

import awscli
import awscli.clidriver
import botocore.auth
from botocore import UNSIGNED, xform_name
from botocore.config import Config

import lines
from lines import Call

# By what botocore's exceptions say: the CLI prints the words of one, and not its class.
FAILURES = {
    "ParamValidationError": r"Parameter validation failed",
    "ResponseParserError": r"Unable to parse response",
    "UnicodeDecodeError": r"codec can't decode",
    "ConnectionClosedError": r"Connection was closed",
    "IncompleteReadError": r"total bytes expected",
    "ResponseStreamingError": r"reading from response stream",
}

cli = awscli.clidriver.create_clidriver()
calls = 0


def carry_out(call: Call) -> dict:
    global calls
    calls += 1
    run = program if calls == 1 and not call.clock_ahead else fork
    code, out, err = run(arguments(call), call.environment(), call.clock_ahead)
    if call.options:
        return {"code": code, "printed": out, "said": err}
    if code == 0:
        return {"output": json.loads(out) if out.strip() else {}}
    told = re.fullmatch(
        r"\n?An error occurred \((.*?)\) when calling the (\w+) operation"
        r"(?: \(reached max retries: \d+\))?: (.*)\n",
        err,
        re.DOTALL,
    )
    if told and told[2] == call.operation:
        return {"error": {"Code": told[1], "Message": told[3]}}
    return {"failure": f"exit code {code}: {err.strip()}", "raised": what_failed(err)}


def what_failed(err: str) -> str:
    """The class of the exception that the CLI tells of, or else what it says."""
    for raised, words in FAILURES.items():
        if re.search(words, err):
            return raised
    return err.strip()


def arguments(call: Call) -> list[str]:
    options = ["amplifybackend", xform_name(call.operation, "-"), f"--region={call.region}"]
    options.extend(call.options or ["--output=json"])
    for name, value in call.input.items():
        name = xform_name(name, "-")
        if call.all_pages and name == "max-results":
            name = "page-size"
        text = value if isinstance(value, str) else json.dumps(value)
        options.append(f"--{name}={text}")
    if call.operation == "ListBackendJobs" and not call.all_pages:
        options.append("--no-paginate")
    if call.unsigned:
        options.append("--no-sign-request")
    return options


def program(arguments: list[str], variables: dict[str, str], _: int) -> tuple[int, str, str]:
    aws = os.path.join(os.path.dirname(sys.executable), "aws")
    done = subprocess.run([aws, *arguments], env=variables, capture_output=True, encoding="utf-8")
    return done.returncode, done.stdout, done.stderr


def fork(arguments: list[str], variables: dict[str, str], ahead: int) -> tuple[int, str, str]:
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        child = os.fork()
        if child == 0:
            code = 70
            try:
                os.dup2(out.fileno(), 1)
                os.dup2(err.fileno(), 2)
                sys.stdout = open(1, "w", encoding="utf-8")
                sys.stderr = open(2, "w", encoding="utf-8")
                os.environ.update(variables)
                lines.set_clock_of(botocore.auth, ahead)
                code = cli.main(arguments)
                sys.stdout.flush()
                sys.stderr.flush()
            finally:
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out.seek(0)
        err.seek(0)
        return code, out.read(), err.read()


def begin() -> None:
    """The next call is the first one of a chapter."""
    global calls
    calls = 0


# Loads the commands and the models; sends nothing, and finds no credentials that would be kept.
with contextlib.redirect_stdout(io.StringIO()):
    cli.main(["amplifybackend", "list-s3-buckets", "--generate-cli-skeleton"])
unsigned = Config(signature_version=UNSIGNED)
cli.session.create_client("amplifybackend", region_name="us-east-1", config=unsigned)

lines.serve(
    {"client": f"AWS CLI {awscli.__version__}", "tells": [], "can": ["leave unsigned"]},
    begin,
    carry_out,
)
