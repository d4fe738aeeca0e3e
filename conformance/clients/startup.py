#!/usr/bin/env python3
"""Measures what one run of our program costs, beside the AWS CLI, and prints a table.

    cargo build --release -p amplify-backend-cli
    conformance/clients/startup.py [--rounds NUMBER] [--program FILE] [--json FILE]

The programs take turns. A call goes to the emulator on this machine. With --json the medians
are kept, in seconds and bytes, for the report of benches. Linux only.
"""

import argparse
import ctypes
import json
import os
import statistics
import sys
import time
from pathlib import Path
from subprocess import PIPE

# Nothing is written beside the sources.
sys.dont_write_bytecode = True
import packages

if __name__ == "__main__":
    packages.enter()

import processes

sys.path.append(str(packages.ROOT / "benches"))
import machine

PR_SET_CHILD_SUBREAPER = 36
QUIET = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]


def times(command: list[str], environment: dict) -> tuple[float, float]:
    """How long a run takes, and how long of it on a processor, in milliseconds."""
    begun = time.perf_counter()
    child = os.posix_spawn(command[0], command, environment, file_actions=QUIET)
    _, status, usage = os.wait4(child, 0)
    took = time.perf_counter() - begun
    succeeded(command, status)
    return took * 1000, (usage.ru_utime + usage.ru_stime) * 1000


def memory(command: list[str], environment: dict) -> float:
    """How much memory a run has resident at most, in MB.

    A process that this one starts inherits the maximum of this one. So a shell starts it, which is
    small, and leaves it to this one, which can then ask."""
    shell = ["/bin/sh", "-c", '"$@" &', "sh", *command]
    os.waitpid(os.posix_spawn(shell[0], shell, environment, file_actions=QUIET), 0)
    _, status, usage = os.wait4(-1, 0)
    succeeded(command, status)
    return usage.ru_maxrss / 1024


def succeeded(command: list[str], status: int) -> None:
    if status != 0:
        raise SystemExit(f"{' '.join(command)} fails")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    usual = packages.CLIENTS.parent / "release" / "amplify-backend"
    arguments.add_argument("--program", type=Path, default=usual)
    arguments.add_argument("--rounds", type=int, default=20)
    arguments.add_argument("--json", type=Path)
    given = arguments.parse_args()
    program = given.program.resolve()
    if not program.is_file():
        arguments.error(f"there is no {program}: cargo build --release -p amplify-backend-cli")
    if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise SystemExit("orphans cannot be taken over")

    ours, aws_cli = str(program), str(packages.FOLDER / "bin" / "aws")
    commands = {
        "amplify-backend --version": [ours, "--version"],
        "aws --version": [aws_cli, "--version"],
        "amplify-backend call list-s3-buckets": [ours, "call", "list-s3-buckets"],
        "aws amplifybackend list-s3-buckets": [aws_cli, "amplifybackend", "list-s3-buckets"],
    }
    emulator = processes.start([ours, "emulator", "--listen", "127.0.0.1:0"], stdout=PIPE)
    try:
        endpoint = emulator.stdout.readline().split()[-1]
        environment = processes.ENVIRONMENT | {"AWS_ENDPOINT_URL_AMPLIFYBACKEND": endpoint}
        measured = {name: [] for name in commands}
        for _ in range(given.rounds):
            for name, command in commands.items():
                size = memory(command, environment)
                measured[name].append((*times(command, environment), size))
    finally:
        processes.kill(emulator)

    print(f"{f'median of {given.rounds}':37} {'wall':>10} {'processor':>11} {'resident':>12}")
    figures = {}
    for name, runs in measured.items():
        wall, processor, size = map(statistics.median, zip(*runs))
        figures |= {f"{name}, wall": wall / 1000, f"{name}, resident": size * 1024 * 1024}
        print(f"{name:37} {wall:7.1f} ms {processor:8.1f} ms {size:9.1f} MB")
    if given.json:
        given.json.write_text(json.dumps({"machine": machine.here(), "figures": figures}, indent=2) + "\n")


if __name__ == "__main__":
    try:
        main()
    finally:
        processes.kill_all()
