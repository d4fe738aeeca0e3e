"""Plays every chapter with every client, and says what is not as expected.

suite.py PROGRAM JAVASCRIPT [WORD [DRIVER...]]: the folder JAVASCRIPT holds the driver and what it
needs. Only chapters with WORD in their title are played; with a DRIVER, by it alone.
"""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import processes
from chapters import Chapter, errors, jobs, life, raw, signatures, state
from compare import Differs
from session import Client, Driver, Session

DRIVERS = Path(__file__).parent / "drivers"
SHARED = [*life.CHAPTERS, *jobs.CHAPTERS, *errors.CHAPTERS, *signatures.CHAPTERS, *state.CHAPTERS]

# In seconds. Longer than this nothing takes that ends by itself.
LONGEST = 600


def play(
    client: str, chapters: list[Chapter], open_session: Callable[[Chapter], Session]
) -> list[str]:
    """Plays chapters with one client, prints one line and what differs, and gives the latter."""
    compared = calls = 0
    differences = []
    for chapter in chapters:
        session = open_session(chapter)
        try:
            with session:
                chapter.play(session)
        except Differs as differs:
            differences.append(f"{chapter.title}: {differs}")
        except Exception:
            differences.append(f"{chapter.title}: {traceback.format_exc()}")
        compared += session.compared
        calls += session.calls
    verdict = f"{len(differences)} DIFFER" if differences else "all as expected"
    report = f"{client}: {compared} fields of {calls} calls in {len(chapters)} chapters, {verdict}"
    print("\n  ".join([report, *"\n".join(differences).splitlines()]), flush=True)
    return differences


def main(program: str, javascript: str, word: str = "", *other: str) -> int:
    shared = [chapter for chapter in SHARED if word in chapter.title]
    by_hand = [chapter for chapter in raw.CHAPTERS if word in chapter.title]
    if not shared and not by_hand:
        print(f"no chapter has {word!r} in its title:")
        print(*(f"  {chapter.title}" for chapter in [*SHARED, *raw.CHAPTERS]), sep="\n")
        return 1

    def with_driver(command: list) -> list[str]:
        if not shared:
            return []
        driver = Driver(command)
        client = driver.ask({"endpoint": "http://127.0.0.1:1"})["client"]
        differences = play(client, shared, lambda it: Client(program, it.options, driver))
        processes.kill(driver.process)
        return differences

    def without_client() -> list[str]:
        return play("HTTP by hand", by_hand, lambda it: raw.Raw(program, it.options))

    python = sys.executable
    drivers = [
        [python, DRIVERS / "aws_cli_driver.py"],
        [python, DRIVERS / "boto3_driver.py"],
        ["node", Path(javascript) / "driver.mjs"],
    ]
    with ThreadPoolExecutor() as pool:
        playing = [pool.submit(with_driver, it) for it in ([list(other)] if other else drivers)]
        if by_hand and not other:
            playing.append(pool.submit(without_client))
        differences = [it for one in playing for it in one.result()]
    return 1 if differences else 0


def give_up(*_) -> None:
    processes.kill_all()
    os._exit(1)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, give_up)
    signal.signal(signal.SIGTERM, give_up)
    watchdog = threading.Timer(LONGEST, give_up)
    watchdog.daemon = True
    watchdog.start()
    try:
        sys.exit(main(*sys.argv[1:]))
    finally:
        processes.kill_all()
