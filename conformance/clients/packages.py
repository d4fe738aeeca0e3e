"""Runs a script again under a virtual environment with the packages of requirements.txt.

The environment is kept in target/clients and made anew when the requirements change.
"""

import os
import pathlib
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FOLDER = ROOT / "target" / "clients"


def enter():
    """Returns in a process that has the packages; leaves with a message when they cannot be had."""
    if pathlib.Path(sys.prefix) == FOLDER:
        return
    requirements = HERE / "requirements.txt"
    wanted = requirements.read_text()
    made_of = FOLDER / "requirements.txt"
    if not made_of.is_file() or made_of.read_text() != wanted:
        venv.create(FOLDER, clear=True, with_pip=True)
        install = [FOLDER / "bin" / "pip", "install", "--quiet", "--no-input"]
        install += ["--disable-pip-version-check", "--requirement", requirements]
        if subprocess.run(install).returncode != 0:
            sys.exit(f"{sys.argv[0]}: pip cannot install {requirements}")
        made_of.write_text(wanted)
    python = FOLDER / "bin" / "python"
    os.execv(python, [python, *sys.argv])
