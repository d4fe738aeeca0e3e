"""One client against one emulator: makes calls and compares what comes back."""

import http.client
import json
from pathlib import Path
from subprocess import PIPE
from typing import Any

import processes
from compare import UUID, Differs, differences, shown

# In seconds; nothing takes this long.
LONGEST = 60


class Session:
    """An emulator of its own, and how much was compared so far. A context manager."""

    def __init__(self, program: Path, options: list[str]):
        self.command = [program, "emulator", "--listen", "127.0.0.1:0", *options]
        self.compared = 0
        self.calls = 0
        self.last_fault = 0
        self.last_logged: dict = {}

    def __enter__(self):
        self.emulator = processes.start(self.command, stdout=PIPE, stderr=PIPE)
        first, _, self.endpoint = self.emulator.stdout.readline().strip().rpartition(" ")
        if first != "amplify-backend emulator at":
            _, err = self.emulator.communicate()
            raise Differs(f"the emulator does not start: {err}")
        self.host = self.endpoint.removeprefix("http://")
        return self

    def __exit__(self, kind, *_) -> None:
        """Ends the emulator as a user does, who expects it to go without a word."""
        try:
            self.emulator.terminate()
            out, err = self.emulator.communicate(timeout=LONGEST)
        finally:
            processes.kill(self.emulator)
        if kind is None:
            self.expect(
                {"exit code": 0, "stdout": "", "stderr": ""},
                {"exit code": self.emulator.returncode, "stdout": out, "stderr": err},
                "the emulator's end",
            )

    def expect(self, expected: Any, actual: Any, about: str) -> None:
        """Compares. `about` tells the reader of a difference where he is."""
        compared, found = differences(expected, actual)
        self.compared += compared
        if found:
            raise Differs("\n".join([about, *(f"    {line}" for line in found)]))

    def control(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        """Asks the control interface, and gives its answer."""
        text = None if body is None else json.dumps(body)
        connection = http.client.HTTPConnection(self.host, timeout=LONGEST)
        try:
            connection.request(method, f"/_emulator/{path}", text)
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        self.expect(status, response.status, f"{method} /_emulator/{path}: {shown(answer)}")
        return answer

    def advance(self, seconds: int) -> None:
        """Moves the time of jobs."""
        self.control("POST", "clock", {"advanceMilliseconds": seconds * 1000})

    def fault(self, **rule) -> None:
        """Makes the next call that matches go wrong."""
        self.last_fault = self.control("POST", "faults", {"times": 1, **rule})["id"]

    def logged(self, expected: list[dict], about: str) -> None:
        """Compares the emulator's own log of the requests since the last look, as far as
        `expected` goes."""
        log = self.control("GET", "requests?limit=1000")["requests"]
        self.control("DELETE", "requests")
        names = [list(entry) for entry in expected]
        names += [[]] * (len(log) - len(names))
        self.expect(
            expected,
            [{name: entry.get(name) for name in only} for entry, only in zip(log, names)],
            f"{about}, as the emulator logged it",
        )
        self.last_logged = log[-1] if log else {}


class Driver:
    """A client in a process of its own. `drivers/lines.py` says how it is spoken to."""

    def __init__(self, command: list):
        self.command = command
        self.process = processes.start(command, stdin=PIPE, stdout=PIPE)

    def ask(self, question: dict) -> dict:
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise Differs(f"the driver has ended: {' '.join(map(str, self.command))}")
        return json.loads(line)


class Client(Session):
    """A session with a driver."""

    def __init__(self, program: Path, options: list[str], driver: Driver):
        super().__init__(program, options)
        self.driver = driver

    def __enter__(self):
        super().__enter__()
        about = self.driver.ask({"endpoint": self.endpoint})
        # What the client tells besides output and error, and what it can besides calls.
        self.tells: list[str] = about["tells"]
        self.can: list[str] = about["can"]
        return self

    def call(
        self,
        operation: str,
        input: dict,
        output: Any = None,
        *,
        error: dict | None = None,
        key: tuple = (),
        region: str = "us-east-1",
        unsigned: bool = False,
        clock_ahead: int = 0,
        max_attempts: int = 1,
        attempts: int | None = 1,
        all_pages: bool = False,
        log: dict | None = None,
    ) -> dict:
        """Makes a call and compares all that the client tells: the output, or the `error` with its
        `status`, and what the emulator has logged about each of the `attempts`. Gives the output.

        With None for `attempts` the emulator sees one of any number: others went to a connection
        that it had closed, which a client may notice before it sends, or by that.

        `log` has what else the last entry of the log is to say."""
        self.calls += 1
        call = {
            "operation": operation,
            "input": input,
            "key": key and [*key, None][:3],
            "region": region,
            "unsigned": unsigned,
            "clock_ahead": clock_ahead,
            "max_attempts": max_attempts,
            "all_pages": all_pages,
        }
        actual = self.driver.ask(call)
        actual.pop("raised", None)
        about = f"{operation} of {shown(input)}"

        expected: dict[str, Any] = {"output": output}
        status = 200
        if error is not None:
            silent = {"ResourceType", "LimitType"} - set(self.tells)
            status = error["status"]
            told = {name: error[name] for name in error if name not in {"status", *silent}}
            expected = {"error": told}
        if not all_pages:
            any_number = actual.get("attempts") if attempts is None else attempts
            wanted = {"status": status, "requestId": UUID, "attempts": any_number}
            expected |= {name: wanted[name] for name in wanted if name in self.tells}
        self.expect(expected, actual, about)

        last = {
            "operation": operation,
            "status": status,
            "error": error and error["Code"],
            "message": error and error["Message"],
            "signature": "accepted",
            "accessKeyId": key[0] if key else "local",
            **(log or {}),
        }
        if "requestId" in actual:
            last["requestId"] = actual["requestId"]
        self.logged([{"operation": operation}] * ((attempts or 1) - 1) + [last], about)
        return actual.get("output", {})
