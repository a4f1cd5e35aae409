"""Where Numba keeps the machine code of the kernels between runs.

Numba's own cache does not notice that a function called by a cached one has changed, so the folder
is named after everything that the code depends on, and a change starts a new folder.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import shutil
import sys
import tempfile
from importlib import metadata
from pathlib import Path

import platformdirs

from simulator import APPLICATION

KEPT_FOLDERS = 3
"""Folders of other versions stay while they are among this many most recently used."""

_SOURCES = Path(__file__).parent
_VARIABLE = "NUMBA_CACHE_DIR"


def prepare() -> Path:
    """Tell Numba where to keep machine code, and return that folder.

    A folder already named by NUMBA_CACHE_DIR is respected. Otherwise it is kernels-<hash> in the
    user's cache folder, or, where that cannot be written, a temporary folder removed at exit: then
    the kernels are compiled anew at every start, and nothing else changes. Has to run before Numba
    is imported to be heeded by everything; a Numba already imported is told as well.
    """
    named = os.environ.get(_VARIABLE)
    if named:
        return Path(named)
    folder = _writable(user_folder() / f"kernels-{fingerprint()}")
    if folder is None:
        folder = Path(tempfile.mkdtemp(prefix=f"{APPLICATION}-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    else:
        _prune(folder)
    os.environ[_VARIABLE] = str(folder)
    numba = sys.modules.get("numba")
    if numba is not None:
        numba.config.CACHE_DIR = str(folder)
    return folder


def is_complete() -> bool:
    """Whether all that is compiled ahead has been compiled here before, to the end."""
    return _mark().is_file()


def note_complete() -> None:
    """Remember that all was compiled. Where that can't be written it is forgotten."""
    with contextlib.suppress(OSError):
        _mark().touch()


def _mark() -> Path:
    return prepare() / f"complete-{fingerprint()}"


def user_folder() -> Path:
    """The application's cache folder for this user; it need not exist."""
    return platformdirs.user_cache_path(APPLICATION, appauthor=False)


def fingerprint() -> str:
    """A short hash of the kernels' sources and of the compiler's version."""
    digest = hashlib.sha256()
    for package in ("numba", "llvmlite"):
        try:
            digest.update(metadata.version(package).encode())
        except metadata.PackageNotFoundError:  # as in a frozen app, whose sources change with it
            digest.update(b"unknown")
    for source in sorted(_SOURCES.glob("cpu*.py")):
        digest.update(source.name.encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _writable(folder: Path) -> Path | None:
    # Without a home, platformdirs gives "~/.cache": relative, so anywhere.
    if not folder.is_absolute():
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            os.utime(folder)
    except OSError:
        return None
    return folder


def _prune(current: Path) -> None:
    """Remove the folders of versions long unused."""
    ages = []
    for folder in current.parent.glob("kernels-*"):
        try:
            ages.append((folder.stat().st_mtime, folder))
        except OSError:  # another process removed it first
            continue
    others = sorted((age, folder) for age, folder in ages if folder != current)
    for _, folder in others[: max(0, len(others) - (KEPT_FOLDERS - 1))]:
        shutil.rmtree(folder, ignore_errors=True)
