"""What the simulator needs from the operating system, and how to get it.

Python packages carry everything on Windows and macOS. On Linux, Qt and Numba load libraries that a
small installation lacks, and Debian splits ``ensurepip`` off Python. A library is there if the
dynamic loader finds it: that is the question Qt will ask, whatever package manager put it there.
"""

import ctypes
import importlib.util
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from installers.progress import CommandError, SetupError, run_quietly


@dataclass(frozen=True)
class Need:
    """One thing that the system must have: what it is called there, and in Debian's archive."""

    name: str
    package: str
    present: Callable[[str], bool]


def _loads(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def _on_path(program: str) -> bool:
    return shutil.which(program) is not None


def _imports(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


VENV = [Need("ensurepip", f"python3.{sys.version_info.minor}-venv", _imports)]

# What Qt's core, painter and offscreen platform link to, and Numba's OpenMP thread pool: without
# the last, Numba falls back to one that aborts when two Python threads compute at once.
PICTURES = [
    Need(soname, package, _loads)
    for soname, package in [
        ("libEGL.so.1", "libegl1"),
        ("libGL.so.1", "libgl1"),
        ("libX11.so.6", "libx11-6"),
        ("libdbus-1.so.3", "libdbus-1-3"),
        ("libfontconfig.so.1", "libfontconfig1"),
        ("libfreetype.so.6", "libfreetype6"),
        ("libglib-2.0.so.0", "libglib2.0-0"),
        ("libgthread-2.0.so.0", "libglib2.0-0"),
        ("libgomp.so.1", "libgomp1"),
        ("libstdc++.so.6", "libstdc++6"),
        ("libxkbcommon.so.0", "libxkbcommon0"),
    ]
]

# What Qt's xcb and Wayland platforms link to beyond that.
WINDOW = [
    Need(soname, package, _loads)
    for soname, package in [
        ("libX11-xcb.so.1", "libx11-xcb1"),
        ("libwayland-client.so.0", "libwayland-client0"),
        ("libwayland-cursor.so.0", "libwayland-cursor0"),
        ("libwayland-egl.so.1", "libwayland-egl1"),
        ("libxcb-cursor.so.0", "libxcb-cursor0"),
        ("libxcb-glx.so.0", "libxcb-glx0"),
        ("libxcb-icccm.so.4", "libxcb-icccm4"),
        ("libxcb-image.so.0", "libxcb-image0"),
        ("libxcb-keysyms.so.1", "libxcb-keysyms1"),
        ("libxcb-randr.so.0", "libxcb-randr0"),
        ("libxcb-render-util.so.0", "libxcb-render-util0"),
        ("libxcb-render.so.0", "libxcb-render0"),
        ("libxcb-shape.so.0", "libxcb-shape0"),
        ("libxcb-shm.so.0", "libxcb-shm0"),
        ("libxcb-sync.so.1", "libxcb-sync1"),
        ("libxcb-util.so.1", "libxcb-util1"),
        ("libxcb-xfixes.so.0", "libxcb-xfixes0"),
        ("libxcb-xkb.so.1", "libxcb-xkb1"),
        ("libxcb.so.1", "libxcb1"),
        ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
    ]
]

# The end-to-end test opens the real window on a display of its own and clicks in it.
TEST_TOOLS = [
    Need("Xvfb", "xvfb", _on_path),
    Need("openbox", "openbox", _on_path),
    Need("xdotool", "xdotool", _on_path),
]


def missing(needs: Iterable[Need], platform: str = sys.platform) -> list[Need]:
    """Return those of ``needs`` that this system lacks; off Linux nothing is looked for."""
    if not platform.startswith("linux"):
        return []
    return [need for need in needs if not need.present(need.name)]


def require(needs: Iterable[Need]) -> None:
    """Make sure of ``needs``: as root on a Debian-like system, by installing what is missing.

    Raises ``SetupError`` with the command to type, or with apt-get's own last words.
    """
    lacking = missing(needs)
    if not lacking:
        return
    names = ", ".join(need.name for need in lacking)
    packages = sorted({need.package for need in lacking})
    if not _debian_like():
        raise SetupError(
            f"This system lacks {names}.\nInstall them with its package manager and start again;"
            f" Debian's packages for them are: {' '.join(packages)}"
        )
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if os.geteuid() != 0:
        steps = [install] if _apt_has_lists() else [["apt-get", "update"], install]
        command = " && ".join(shlex.join(["sudo", *step]) for step in steps)
        raise SetupError(
            f"This system lacks {names}.\nInstall them with the line below, and start again:\n"
            f"{command}"
        )
    _apt_get(install)
    still = missing(lacking)
    if still:
        raise SetupError(
            f"{shlex.join(install)} succeeded, but this system still lacks"
            f" {', '.join(need.name for need in still)}."
        )


def _debian_like() -> bool:
    return Path("/etc/debian_version").exists() and _on_path("apt-get")


def _apt_has_lists() -> bool:
    return any(Path("/var/lib/apt/lists").glob("*_Packages*"))


def _apt_get(install: list[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # An upgrade in the background holds the lock for a while: waiting is better than failing.
    wait = ["-o", "DPkg::Lock::Timeout=120"]

    def update() -> None:
        run_quietly(["apt-get", "update", *wait], "Reading the lists of packages", environment)

    def finish() -> None:
        run_quietly([*install, *wait], "Installing system packages", environment)

    if not _apt_has_lists():
        update()
        finish()
        return
    try:
        finish()
    except CommandError:
        # Old lists name versions that the archive no longer has.
        update()
        finish()
