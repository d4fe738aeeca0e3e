"""What figures were taken on, in the form of machine.rs."""

import os
import platform
import subprocess
import sys
from pathlib import Path


def here() -> dict:
    """This one."""
    model = platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        names = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = names[0].split(":", 1)[1].strip() if names else model
    rustc = subprocess.run(["rustc", "-vV"], capture_output=True, text=True, check=True).stdout
    lines = rustc.splitlines()
    host = next(line[6:] for line in lines if line.startswith("host: "))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "processor": f"{cores} cores of {model}",
        "system": sys.platform,
        "toolchain": f"{lines[0]}, {host}",
    }
