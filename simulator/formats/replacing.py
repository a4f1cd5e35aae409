"""Files that are written whole or not at all: beside their place first, and then moved there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

_WRITABLE = 0o222
_TRIED = 2**12
"""Bytes that are written to find out whether there is room for any."""
_MOST_OF_A_NAME = 40
"""Letters of a name in that of the part beside it: a name may be as long as names can be."""


class PlaceError(ValueError):
    """A file that cannot be written there: one line with its name, why, and what to do."""

    def __init__(self, place: Path, why: str) -> None:
        super().__init__(f"{place} cannot be written: {why} Save it in another place.")


def replace_file(path: str | os.PathLike[str], write: Callable[[BinaryIO], object]) -> None:
    """Have a file written; one that was there is replaced at the end, in one step. A link stays
    one: the file is that where it leads.

    Raises PlaceError; what was there still is.
    """
    place, temporary = _target(path), ""
    try:
        handle, temporary = _part_beside(place)
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        mode = place.stat().st_mode & 0o777 if place.exists() else 0o666 & ~_umask()
        Path(temporary).chmod(mode)
        Path(temporary).replace(place)
        temporary = ""
    except OSError as error:
        raise PlaceError(place, f"{error.strerror or error}.") from error
    finally:
        if temporary:
            with suppress(OSError):
                Path(temporary).unlink()


def try_place(path: str | os.PathLike[str]) -> None:
    """Find out whether a file can be written there, without writing one. Raises PlaceError."""
    place = _target(path)
    try:
        handle, temporary = _part_beside(place)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(bytes(_TRIED))
        finally:
            Path(temporary).unlink()
    except OSError as error:
        raise PlaceError(place, f"{error.strerror or error}.") from error


def _target(path: str | os.PathLike[str]) -> Path:
    """Where a link leads, if it is one. Raises PlaceError for what is no place for a file."""
    place = Path(path)
    try:
        place = place.resolve()
        why = ""
        if place.is_dir():
            why = "it is a folder."
        elif place.exists() and not place.stat().st_mode & _WRITABLE:
            why = "it is write-protected."
        elif not place.parent.is_dir():
            why = f"there is no folder {place.parent}."
    except OSError as error:
        why = f"{error.strerror or error}."
    except RuntimeError:
        why = "it is a link that leads to itself."
    except ValueError:
        why = "no file can have such a name."
    if why:
        raise PlaceError(place, why)
    return place


def _part_beside(place: Path) -> tuple[int, str]:
    return tempfile.mkstemp(".part", f".{place.name[:_MOST_OF_A_NAME]}.", place.parent)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
