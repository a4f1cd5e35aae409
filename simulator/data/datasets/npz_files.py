"""Files of NumPy's arrays: what is in them is read from their headers before any is unpacked."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from simulator.data.datasets.dataset import MOST_BYTES, size
from simulator.data.datasets.errors import DataError, shown
from simulator.data.datasets.files import bad, called, failures, regular

MOST_ARRAYS = 200
SINGLE = "array"
"""The name that the array of an .npy file goes by."""
_MAGIC = b"\x93NUMPY"
_LONGEST_HEADER = 10_000
_KINDS = "biufUS"  # truth values, numbers, texts


@dataclass(frozen=True, slots=True)
class Header:
    """What an array is, without its values."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool

    @property
    def nbytes(self) -> int:
        """What its values take."""
        return prod(self.shape) * self.dtype.itemsize

    def __str__(self) -> str:
        lengths = " × ".join(map(str, self.shape)) or "a single value"
        return f"{shown(self.name)} ({lengths}, {self.dtype.name})"


def headers(path: Path) -> dict[str, Header]:
    """Return the arrays in an .npz file by their names, or that of an .npy file as `SINGLE`.

    Raises:
        DataError: it is no such file, or holds anything that is no array.
    """
    regular(path)
    found = {}
    with _archive(path) as archive:
        if archive is None:
            with path.open("rb") as stream:
                return {SINGLE: _header(stream, SINGLE, path)}
        names = [each.filename for each in archive.infolist() if not each.is_dir()]
        if len(names) > MOST_ARRAYS:
            raise bad(f"{called(path)} holds {len(names):,} arrays: {MOST_ARRAYS} can be read.")
        for member in names:
            with archive.open(member) as stream:
                name = member.removesuffix(".npy")
                found[name] = _header(stream, name, path)
    if not found:
        raise bad(f"{called(path)} holds no arrays: choose another file.")
    return found


def read(path: Path, header: Header) -> npt.NDArray[Any]:
    """Return the values of an array. Raises DataError if they are damaged, or of no use here."""
    if header.dtype.kind not in _KINDS or not header.dtype.itemsize:
        raise bad(
            f"{called(path)}: the array {header} holds neither numbers nor texts: save it with "
            "another type."
        )
    if header.nbytes > MOST_BYTES:
        raise bad(
            f"{called(path)}: the array {header} takes {size(header.nbytes)}, and at most "
            f"{size(MOST_BYTES)} can be read: save a part of it."
        )
    with _archive(path) as archive:
        if archive is None:
            with path.open("rb") as stream:
                data = _values(stream, header, path)
        else:
            names = archive.namelist()
            member = header.name if header.name in names else f"{header.name}.npy"
            with archive.open(member) as stream:
                data = _values(stream, header, path)
    flat = np.frombuffer(data, header.dtype) if header.nbytes else np.empty(0, header.dtype)
    return flat.reshape(header.shape, order="F" if header.fortran else "C")


def _values(stream: IO[bytes], header: Header, path: Path) -> bytes:
    _header(stream, header.name, path)
    data = stream.read(header.nbytes + 1)
    if len(data) != header.nbytes:
        there = "more than" if len(data) > header.nbytes else f"only {len(data):,} of"
        raise bad(
            f"{called(path)}: the array {header} has {there} the {header.nbytes:,} bytes that it "
            "should. Save or download the file again."
        )
    return data


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile | None]:
    """The archive in an .npz file, or None for an .npy file."""
    with failures(path), path.open("rb") as stream:
        start = stream.read(len(_MAGIC))
    if start == _MAGIC:
        yield None
        return
    if not start.startswith(b"PK"):
        raise bad(
            f"{called(path)} is no file of NumPy's: it begins with the bytes {start.hex(' ')}. "
            "Choose a file that numpy.savez or numpy.save wrote."
        )
    try:
        with failures(path), zipfile.ZipFile(path) as archive:
            yield archive
    except DataError:
        raise
    except (
        zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError,
        ValueError,
    ):  # fmt: skip
        raise bad(
            f"{called(path)} is damaged or cut short and cannot be unpacked. Save or download it "
            "again."
        ) from None


def _header(stream: IO[bytes], name: str, path: Path) -> Header:
    start = stream.read(len(_MAGIC))
    if start != _MAGIC:
        raise bad(f"{called(path)}: “{shown(name)}” in it is no array of NumPy's.")
    version = stream.read(2)
    reader = {
        b"\1\0": np.lib.format.read_array_header_1_0,
        b"\2\0": np.lib.format.read_array_header_2_0,
    }.get(version)
    if reader is None:
        raise bad(
            f"{called(path)}: the array “{shown(name)}” has the format "
            f"{'.'.join(map(str, version)) or 'missing'}: only 1.0 and 2.0 can be read."
        )
    try:
        shape, fortran, dtype = reader(stream, max_header_size=_LONGEST_HEADER)
    except Exception:  # the header is a text, and NumPy reads it with a parser
        shape, fortran, dtype = (-1,), False, np.dtype(np.uint8)
    if min(shape, default=0) < 0:
        raise bad(
            f"{called(path)}: the header of the array “{shown(name)}” is damaged. Save or "
            "download the file again."
        )
    return Header(name, tuple(int(length) for length in shape), dtype, bool(fortran))
