#!/usr/bin/env python3
"""Runs what the README says of other people's clients, as it stands there, against the program.

    cargo build -p amplify-backend-cli
    conformance/clients/readme.py [PROGRAM]

The block that sets AWS_ENDPOINT_URL_AMPLIFYBACKEND goes to a shell, with the emulator's real port in
place of the usual one, which may be in use.
"""

import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
import packages

if __name__ == "__main__":
    packages.enter()

import processes

USUAL = "http://127.0.0.1:4242"


def main() -> None:
    program = sys.argv[1] if len(sys.argv) > 1 else packages.CLIENTS.parent / "debug/amplify-backend"
    blocks = re.findall(r"```sh\n(.*?)```", (packages.ROOT / "README.md").read_text(), re.DOTALL)
    [block] = [block for block in blocks if USUAL in block]
    emulator = processes.start([program, "emulator", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE)
    try:
        endpoint = emulator.stdout.readline().split()[-1]
        path = f"{packages.FOLDER / 'bin'}{os.pathsep}{processes.ENVIRONMENT['PATH']}"
        ran = subprocess.run(
            ["sh", "-ec", block.replace(USUAL, endpoint)],
            env=processes.ENVIRONMENT | {"PATH": path},
            capture_output=True,
            text=True,
        )
    finally:
        processes.kill_all()
    print(ran.stdout, ran.stderr, sep="", end="")
    # The AWS CLI prints a document, boto3's line a list; there are no buckets yet.
    if ran.returncode != 0 or re.sub(r"\s", "", ran.stdout) != '{"Buckets":[]}[]':
        sys.exit("the README's block for other clients does not do what it should")


if __name__ == "__main__":
    main()
