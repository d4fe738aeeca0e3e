"""What is started is ended: no process stays behind."""

import os
import subprocess
import threading

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
