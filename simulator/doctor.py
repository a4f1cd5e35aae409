"""What the simulator finds on this machine: versions, libraries, folders, processor and GPU.

It needs no display and loads no window toolkit. Qt itself is only looked up in the list of
installed packages, and the libraries behind it are asked of the system's own loader.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from simulator import APPLICATION, __version__, resources

PACKAGES = (
    ("PySide6-Essentials", "PySide6"),
    ("numpy", "numpy"),
    ("numba", "numba"),
    ("llvmlite", "llvmlite"),
    ("pillow", "PIL"),
    ("ziamath", "ziamath"),
    ("safetensors", "safetensors"),
    ("platformdirs", "platformdirs"),
)
"""What has to be installed: the name of the package, and what it is imported by."""

RESOURCES = ("fonts", "icons", "lessons", "pictures")

TELLING_FEATURES = {
    "sse4.2": "SSE4.2",
    "avx": "AVX",
    "avx2": "AVX2",
    "fma": "FMA",
    "avx512f": "AVX-512",
    "amx-tile": "AMX",
    "neon": "NEON",
    "sve": "SVE",
}
"""Extensions of the processor that the speed depends on: as LLVM writes them, and as people do."""


@dataclass(frozen=True, slots=True)
class Library:
    """A library of the system that Qt loads, and Debian's package for it."""

    soname: str
    package: str


QT_LIBRARIES = (
    Library("libEGL.so.1", "libegl1"),
    Library("libGL.so.1", "libgl1"),
    Library("libX11.so.6", "libx11-6"),
    Library("libdbus-1.so.3", "libdbus-1-3"),
    Library("libfontconfig.so.1", "libfontconfig1"),
    Library("libfreetype.so.6", "libfreetype6"),
    Library("libglib-2.0.so.0", "libglib2.0-0"),
    Library("libgthread-2.0.so.0", "libglib2.0-0"),
    Library("libxkbcommon.so.0", "libxkbcommon0"),
)
"""What Qt links to even where it only paints into memory."""

X11_LIBRARIES = (
    Library("libX11-xcb.so.1", "libx11-xcb1"),
    Library("libxcb-cursor.so.0", "libxcb-cursor0"),
    Library("libxcb-icccm.so.4", "libxcb-icccm4"),
    Library("libxcb-image.so.0", "libxcb-image0"),
    Library("libxcb-keysyms.so.1", "libxcb-keysyms1"),
    Library("libxcb-randr.so.0", "libxcb-randr0"),
    Library("libxcb-render-util.so.0", "libxcb-render-util0"),
    Library("libxcb-render.so.0", "libxcb-render0"),
    Library("libxcb-shape.so.0", "libxcb-shape0"),
    Library("libxcb-shm.so.0", "libxcb-shm0"),
    Library("libxcb-sync.so.1", "libxcb-sync1"),
    Library("libxcb-util.so.1", "libxcb-util1"),
    Library("libxcb-xfixes.so.0", "libxcb-xfixes0"),
    Library("libxcb-xkb.so.1", "libxcb-xkb1"),
    Library("libxcb.so.1", "libxcb1"),
    Library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
)
"""What Qt's X11 window links to beyond that."""

WAYLAND_LIBRARIES = (
    Library("libwayland-client.so.0", "libwayland-client0"),
    Library("libwayland-cursor.so.0", "libwayland-cursor0"),
)
"""What Qt's Wayland window links to."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. ``problem`` says what is wrong and what to do, if anything is."""

    subject: str
    text: str
    problem: str = ""


def examine() -> tuple[Finding, ...]:
    """Look at everything, and return what was found in the order of the report."""
    # Here, because a window that starts asks this module for its libraries alone, and quickly.
    import platform  # noqa: PLC0415

    import platformdirs  # noqa: PLC0415

    from simulator.engine.backends import cache  # noqa: PLC0415

    return (
        Finding("simulator", __version__),
        Finding("Python", f"{platform.python_version()} ({platform.python_implementation()})"),
        Finding("system", platform.platform()),
        *(_package(name, module) for name, module in PACKAGES),
        _processor(),
        *_engine(),
        _folder(
            "cache folder", cache.user_folder(), "kernels would be compiled anew at every start"
        ),
        _folder(
            "config folder",
            platformdirs.user_config_path(APPLICATION, appauthor=False),
            "nothing would be remembered from one start to the next",
        ),
        _resources(),
        _display(),
        _libraries(),
    )


def report(findings: Iterable[Finding]) -> list[str]:
    """Return the lines to print: one for each finding, and at the end what there is to do."""
    listed = list(findings)
    width = max(len(finding.subject) for finding in listed)
    lines = [f"{finding.subject:{width}}  {finding.text}" for finding in listed]
    problems = [finding.problem for finding in listed if finding.problem]
    return [*lines, "", *(problems or ["All is well."])]


def missing_libraries(*, window: bool = True, system: str = sys.platform) -> list[Library]:
    """Return the libraries that can't be loaded: those of Qt, and of its ``window`` on top.

    On Wayland the window does without X11, and without the Wayland libraries it takes X11 there.
    Other systems than Linux need none of these.
    """
    if not system.startswith("linux"):
        return []
    missing = _unloadable(QT_LIBRARIES)
    on_wayland = bool(os.environ.get("WAYLAND_DISPLAY")) and not _unloadable(WAYLAND_LIBRARIES)
    if window and not on_wayland:
        missing += _unloadable(X11_LIBRARIES)
    return missing


def _unloadable(libraries: Iterable[Library]) -> list[Library]:
    return [library for library in libraries if not _loads(library.soname)]


def _loads(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def how_to_install(libraries: Iterable[Library]) -> str:
    """Return in a line what to do about missing libraries."""
    packages = " ".join(sorted({library.package for library in libraries}))
    if shutil.which("apt-get") is None:
        return f"install them; Debian calls their packages {packages}"
    command = f"apt-get install {packages}"
    return f"install them with: {command if os.geteuid() == 0 else f'sudo {command}'}"


def _package(name: str, module: str) -> Finding:
    from importlib import metadata  # noqa: PLC0415 - see examine

    subject = "PySide6 and Qt" if module == "PySide6" else name
    try:
        return Finding(subject, metadata.version(name))
    except metadata.PackageNotFoundError:
        if find_spec(module) is not None:  # in a frozen app, or put there by hand
            return Finding(subject, "there, version unknown")
    problem = f"{name} is not installed: run the set-up again, or {sys.executable} -m pip install "
    return Finding(subject, "not installed", problem + name)


def _processor() -> Finding:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    text = f"{usable} of {os.cpu_count()} cores usable"
    try:
        from llvmlite import binding  # noqa: PLC0415 - it may be what is missing

        features = binding.get_host_cpu_features()
        there = [told for name, told in TELLING_FEATURES.items() if features.get(name)]
        text += f", {binding.get_host_cpu_name()} with {', '.join(there) or 'no vector extensions'}"
    except (ImportError, OSError, RuntimeError) as error:
        text += f" (more can't be told: {_one_line(error)})"
    return Finding("processor", text)


def _engine() -> list[Finding]:
    """Return what the engine says of itself; it has to be loaded for that, and may fail to."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of thread layers that are too old to be used
        try:
            from simulator.engine.backends import select  # noqa: PLC0415 - it loads NumPy

            chosen = select.create().name
            facts = select.describe()
        except Exception as error:  # a broken compiler fails in many ways; each is worth its line
            problem = f"The fast engine can't be loaded ({_one_line(error)}): run the set-up again."
            return [Finding("backend", "not usable", problem)]
    others = [name for name in facts["backends"].split(", ") if name != chosen]
    found = [Finding("backend", f"{chosen} is used" + "".join(f", {name} too" for name in others))]
    found += [Finding(told, facts[told]) for told in ("threading layers", "CUDA") if told in facts]
    if "kernel cache" in facts:
        found.append(_kernel_cache(Path(facts["kernel cache"])))
    return found


def _kernel_cache(folder: Path) -> Finding:
    sizes = [file.stat().st_size for file in folder.rglob("*.nbc")] if folder.is_dir() else []
    if sizes:
        state = f"{len(sizes)} compiled kernels, {sum(sizes) / 1e6:.1f} MB"
    else:
        state = "empty: kernels are compiled when they are first needed"
    return Finding("kernel cache", f"{state}, in {folder}")


def _folder(subject: str, folder: Path, consequence: str) -> Finding:
    if _writable(folder):
        there = "" if folder.is_dir() else ", made when needed"
        return Finding(subject, f"{folder} (writable{there})")
    problem = f"The {subject} {folder} can't be written, and {consequence}: make it writable."
    return Finding(subject, f"{folder} (not writable)", problem)


def _writable(folder: Path) -> bool:
    """Tell whether files can be made in a folder, or it in the nearest folder that there is."""
    import tempfile  # noqa: PLC0415 - see examine

    if not folder.is_absolute():  # without a home there is no place for it
        return False
    try:
        while not folder.exists():
            folder = folder.parent
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _resources() -> Finding:
    missing = []
    for name in RESOURCES:
        try:
            if any(resources.path(name).iterdir()):
                continue
        except OSError:
            pass
        missing.append(name)
    if missing:
        problem = f"Fonts or texts are missing ({', '.join(missing)}): install the simulator again."
        return Finding("resources", "not complete", problem)
    return Finding("resources", str(resources.path(RESOURCES[0]).parent))


def has_display(system: str = sys.platform) -> bool:
    """Return whether a window can be expected to open: off Linux there is always a place."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not system.startswith("linux") or any(os.environ.get(name) for name in names)


def _display() -> Finding:
    if has_display():
        return Finding("display", "there")
    return Finding("display", "none: the window needs one, simulator render does not")


def _libraries() -> Finding:
    missing = missing_libraries()
    if not missing:
        return Finding("system libraries", "all there")
    names = ", ".join(library.soname for library in missing)
    return Finding(
        "system libraries",
        f"missing {names}",
        f"Libraries behind the window are missing: {how_to_install(missing)}",
    )


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
