"""The learner's own files: found, not too large, and every failure told in one line."""

from __future__ import annotations

import gzip
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from simulator.data.datasets.dataset import size
from simulator.data.datasets.errors import DataError, shown
from simulator.data.datasets.settings import Place

MOST_FILE_BYTES = 2**30


def path_setting(
    label: str, what: str, kind: str, *, folder: bool = False, endings: tuple[str, ...] = ()
) -> Place:
    """Where the file or folder is."""
    return Place(name="path", label=label, what=what, kind=kind, folder=folder, endings=endings)


def bad(message: str, *, setting: str = "path") -> DataError:
    """The error for a file that cannot be used."""
    return DataError(message, setting=setting)


def called(path: Path) -> str:
    """A file's name as it stands in messages."""
    return f"“{shown(path.name or str(path))}”"


def found(text: str) -> Path:
    """Return the path of something that exists. Raises DataError."""
    path = Path(text.strip())
    try:
        with failures(path):
            path = path.expanduser()
            path.stat()
    except (ValueError, RuntimeError) as error:  # a NUL in it, or a home that nobody has
        if isinstance(error, DataError):
            raise
        raise bad(f"{called(path)} is no path of a file: choose another.") from None
    return path


def folder(text: str) -> Path:
    """Return the path of a folder that exists. Raises DataError."""
    path = found(text)
    if not path.is_dir():
        raise bad(f"{called(path)} is no folder: choose the folder that it lies in.")
    return path


def regular(path: Path, *, most: int = MOST_FILE_BYTES) -> int:
    """Return how many bytes a file has. Raises DataError for a folder, and for a file too large."""
    with failures(path):
        status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise bad(f"{called(path)} is a folder: choose a file in it.")
    if not stat.S_ISREG(status.st_mode):
        raise bad(f"{called(path)} is a device or a pipe: choose a file.")
    if status.st_size == 0:
        raise bad(f"{called(path)} is empty: it has 0 bytes. Choose another file.")
    if status.st_size > most:
        raise bad(
            f"{called(path)} is too large: it has {size(status.st_size)}, and at most {size(most)} "
            "can be read. Cut it into parts."
        )
    return status.st_size


@contextmanager
def failures(path: Path) -> Iterator[None]:
    """Tell what the system refuses as a DataError with one line."""
    try:
        yield
    except FileNotFoundError:
        raise bad(
            f"There is no {called(path)} in “{shown(str(path.absolute().parent))}”: check its "
            "name, or choose another."
        ) from None
    except PermissionError:
        raise bad(f"{called(path)} may not be read: you lack the permission.") from None
    except OSError as error:
        reason = error.strerror or "the system does not say why"
        raise bad(f"{called(path)} cannot be read ({reason}): choose another.") from None


@contextmanager
def opened(path: Path, *, most: int = MOST_FILE_BYTES) -> Iterator[BinaryIO]:
    """Open a file for its bytes, unpacked where it was packed with gzip. Raises DataError."""
    regular(path, most=most)
    with failures(path), path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
        stream.seek(0)
        if not packed:
            yield stream
            return
        try:
            with gzip.open(stream) as unpacked:
                yield cast(BinaryIO, unpacked)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise bad(
                f"{called(path)} is damaged: what gzip packed in it cannot be unpacked. Download "
                "it again."
            ) from None
