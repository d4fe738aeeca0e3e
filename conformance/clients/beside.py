"""Clients for the command line, side by side: what they print is compared, as it is."""

import json
import re
from pathlib import Path
from typing import Any

from session import Driver, Session


class Beside(Session):
    """A session with several drivers of programs for the command line. The first sets the tone."""

    def __init__(self, program: Path, options: list[str], drivers: list[Driver]):
        super().__init__(program, options)
        self.program = program
        self.drivers = drivers

    def __enter__(self):
        super().__enter__()
        for driver in self.drivers:
            driver.ask({"endpoint": self.endpoint})
        return self

    def put(self, state: dict) -> None:
        """Sets what there is, now and before each call that changes something."""
        self.state = state
        self.control("PUT", "state", state)

    def printed(
        self, operation: str, input: dict, *options: str, all_pages: bool = False
    ) -> list[str]:
        """What each of them prints, without a word on the standard error; `<new>` stands for an id
        or a time that is another for each."""
        call = {
            "operation": operation,
            "input": input,
            "key": [],
            "region": "us-east-1",
            "unsigned": False,
            "clock_ahead": 0,
            "max_attempts": 1,
            "all_pages": all_pages,
            "options": options,
        }
        printed = []
        for driver in self.drivers:
            self.calls += 1
            answer = driver.ask(call)
            text = answer.pop("printed", None)
            about = f"{operation} with {' '.join(options)}, by {' '.join(map(str, driver.command))}"
            self.expect({"code": 0, "said": ""}, answer, about)
            if not operation.startswith(("Get", "List")):
                text = NEW.sub("<new>", text)
                self.control("PUT", "state", self.state)
            printed.append(text)
        return printed

    def same_json(self, operation: str, input: dict, *query: str, all_pages: bool = False) -> Any:
        """Sees that all print the same JSON, and gives it."""
        printed = self.printed(operation, input, "--output=json", *query, all_pages=all_pages)
        first, *others = map(json.loads, printed)
        self.expect([first] * len(others), others, f"{operation} with {query} in JSON")
        return first

    def same_text(self, operation: str, input: dict, *query: str, all_pages: bool = False) -> None:
        """Sees that all print the same text, to the byte."""
        printed = self.printed(operation, input, "--output=text", *query, all_pages=all_pages)
        first, *others = printed
        self.expect([first] * len(others), others, f"{operation} with {query} in text")

    def same(self, operation: str, input: dict, *query: str, all_pages: bool = False) -> None:
        """Sees that all print the same, in JSON and in text."""
        self.same_json(operation, input, *query, all_pages=all_pages)
        self.same_text(operation, input, *query, all_pages=all_pages)


# A UUID, or a time of late: those of a seeded state are older.
NEW = re.compile(r"\b([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|1[7-9][0-9]{11})\b")
