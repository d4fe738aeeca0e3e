"""What other people's clients need, brought from the lock files to target/clients.

Python's is a virtual environment, under which a script runs again; it is made anew when the
requirements, or Python, change.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CLIENTS = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "clients"
FOLDER = CLIENTS / "python"


def enter():
    """Returns in a process that has the packages; leaves with a message when they cannot be had."""
    if pathlib.Path(sys.prefix) == FOLDER:
        return
    requirements = HERE / "requirements.txt"
    wanted = f"# Python {sys.version}\n{requirements.read_text()}"
    made_of = FOLDER / "requirements.txt"
    if not made_of.is_file() or made_of.read_text() != wanted:
        venv.create(FOLDER, clear=True, with_pip=True)
        install = [FOLDER / "bin" / "pip", "install", "--quiet", "--no-input"]
        install += ["--disable-pip-version-check", "--requirement", requirements]
        if subprocess.run(install).returncode != 0:
            sys.exit(f"{sys.argv[0]}: pip cannot install {requirements}")
        made_of.write_text(wanted)
    # Nothing is written beside the sources.
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    python = FOLDER / "bin" / "python"
    os.execv(python, [python, *sys.argv])


def javascript() -> pathlib.Path:
    """Brings what the JavaScript driver needs, beside a copy of it, and gives the driver's path."""
    source, folder = HERE / "drivers" / "javascript", CLIENTS / "javascript"
    folder.mkdir(parents=True, exist_ok=True)
    for name in [".npmrc", "package.json", "package-lock.json", "driver.mjs"]:
        shutil.copy(source / name, folder)
    wanted, made_of = (source / "package-lock.json").read_text(), folder / "made_of"
    if not made_of.is_file() or made_of.read_text() != wanted:
        subprocess.run(["npm", "ci", "--ignore-scripts", "--silent"], cwd=folder, check=True)
        made_of.write_text(wanted)
    return folder / "driver.mjs"
