"""What the figures of a benchmark depend on, in a line."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path


def machine() -> str:
    """The processor, how busy it is with other things, and the versions that matter."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    python, qt = platform.python_version(), version("PySide6-Essentials")
    return f"{os.cpu_count()} × {model}{load}; Python {python}, PySide6 {qt}"
