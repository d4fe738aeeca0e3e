"""What is started is ended: no process stays behind."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

import packages

# What a user sets, and nothing of the machine's own settings.
SETTINGS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "HOME": str(packages.CLIENTS),
    # The JavaScript SDK tells the user of a Node.js that will soon be too old.
    "NODE_NO_WARNINGS": "1",
    "NO_PROXY": "127.0.0.1",
    "LC_ALL": "C.UTF-8",
    "PYTHONUTF8": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}
KEPT = ["PATH", "TMPDIR"]
ENVIRONMENT = {name: os.environ[name] for name in KEPT if name in os.environ} | SETTINGS

running: list[subprocess.Popen] = []
ending = False
lock = threading.Lock()


def start(command: list, **pipes) -> subprocess.Popen:
    with lock:
        if ending:
            raise RuntimeError("nothing is started any more")
        process = subprocess.Popen(command, env=ENVIRONMENT, encoding="utf-8", **pipes)
        running.append(process)
    return process


def kill(process: subprocess.Popen) -> None:
    """Ends a process, if it has not ended."""
    process.kill()
    process.wait()
    with lock:
        if process in running:
            running.remove(process)


def kill_all() -> None:
    """Ends all there are, and lets nobody start another."""
    global ending
    with lock:
        ending = True
    for process in list(running):
        kill(process)


def run(main: Callable[[], int], longest: float) -> None:
    """Runs a script to its exit code, and gives up when it is told to end or takes longer than
    `longest` seconds."""
    for told in [signal.SIGINT, signal.SIGTERM]:
        signal.signal(told, lambda *_: give_up("told to end"))
    watchdog = threading.Timer(longest, give_up, [f"nothing takes {longest} seconds"])
    watchdog.daemon = True
    watchdog.start()
    try:
        sys.exit(main())
    finally:
        kill_all()


def give_up(why: str) -> None:
    print("given up:", why, file=sys.stderr)
    kill_all()
    os._exit(1)
