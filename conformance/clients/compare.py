"""Compares what came with what was expected, field by field."""

import json
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Like:
    """A text that is not known beforehand, only its form."""

    name: str
    pattern: str

    def __repr__(self) -> str:
        return f"<{self.name}>"


UUID = Like("UUID", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MILLIS = Like("milliseconds since the epoch", r"1[0-9]{12}")
RFC_3339 = Like("RFC 3339, UTC", r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
TOKEN = Like("a token", r".+")
SHA256 = Like("SHA-256", r"[0-9a-f]{64}")


class Differs(Exception):
    """Something is not as expected. The text says what, one line for each field."""


def differences(expected, actual, path: str = "") -> tuple[int, list[str]]:
    """How many fields were compared, and what is different about them."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        compared, found = 1, []
        for name in [*expected, *(name for name in actual if name not in expected)]:
            inner = f"{path}.{name}" if path else name
            if name not in actual:
                found.append(f"{inner}: expected {shown(expected[name])}, got nothing")
            elif name not in expected:
                found.append(f"{inner}: expected nothing, got {shown(actual[name])}")
            else:
                more, within = differences(expected[name], actual[name], inner)
                compared += more
                found += within
        return compared, found
    if isinstance(expected, list) and isinstance(actual, list):
        compared, found = 1, []
        if len(expected) != len(actual):
            found.append(f"{path}: expected {len(expected)} items, got {len(actual)}")
        for index, pair in enumerate(zip(expected, actual)):
            more, within = differences(*pair, f"{path}[{index}]")
            compared += more
            found += within
        return compared, found
    if isinstance(expected, Like):
        same = isinstance(actual, str) and re.fullmatch(expected.pattern, actual, re.DOTALL)
    else:
        # In Python True equals 1; on the wire it does not.
        same = type(expected) is type(actual) and expected == actual
    return 1, [] if same else [f"{path}: expected {shown(expected)}, got {shown(actual)}"]


def shown(value) -> str:
    return json.dumps(value, ensure_ascii=False, default=repr)
