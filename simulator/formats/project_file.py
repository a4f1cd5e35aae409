"""Project files: a zip of JSON and safetensors, which can carry no code.

    project.json          what it is, its version, the program, the source, the data's recipe, view
    history.json          the lab's history, where there is one
    weights.safetensors   the model's weights
    history.safetensors   the history's arrays
    twins.json            two runs side by side, where there were any
    twins.safetensors     their arrays

What is read is checked part by part; nothing is unpacked
to the disk.
"""

from __future__ import annotations

import json
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors

from simulator.formats import serialization, tensors
from simulator.formats.json_values import Json, SpecError, Stored
from simulator.formats.project import Arrays, Project, ProjectError
from simulator.formats.replacing import PlaceError, replace_file

SUFFIX = ".simulator"
FORMAT = "deep-learning-simulator project"
VERSION = 2
"""Raised when a file is written that older versions cannot read."""
MOST_JSON = 128 * 2**20
MOST_ARRAYS = 4 * 2**30
PROJECT, HISTORY = "project.json", "history.json"
WEIGHTS, HISTORY_ARRAYS = "weights.safetensors", "history.safetensors"
TWINS, TWINS_ARRAYS = "twins.json", "twins.safetensors"
_NEEDED = (PROJECT, WEIGHTS)
_KNOWN = (PROJECT, HISTORY, WEIGHTS, HISTORY_ARRAYS, TWINS, TWINS_ARRAYS)
_DATE = (1980, 1, 1, 0, 0, 0)


def save(project: Project, path: str | os.PathLike[str]) -> None:
    """Write a project file; the one that was there is replaced at the end, in one step.

    Raises:
        ProjectError: the folder or the disk does not let it be written; what was there still is.
    """
    try:
        replace_file(path, lambda file: _write(project, file))
    except PlaceError as error:
        raise ProjectError(str(error), path=str(path)) from error


def named(path: Path) -> Path:
    """Return a file's name with the ending of a project."""
    return path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)


def load(path: str | os.PathLike[str]) -> Project:
    """Return what a project file holds.

    Raises:
        ProjectError: there is no such file, it is no project, it is damaged, or a newer version of
            the simulator wrote it; the message names the file and the place.
    """
    return _load(path, None)


def salvage(path: str | os.PathLike[str]) -> tuple[Project, tuple[str, ...]]:
    """Return what is whole of a project file that may be damaged, and the names of the parts that
    are not; a history or twins of which a part is damaged are left out.

    Raises ProjectError, as `load`, where the program is damaged.
    """
    lost: list[str] = []
    return _load(path, lost), tuple(lost)


def _load(path: str | os.PathLike[str], lost: list[str] | None) -> Project:
    place = Path(path)
    try:
        with place.open("rb") as file:
            return _read(file, place.name, str(place), lost)
    except OSError as error:
        raise ProjectError(
            f"{place} cannot be opened: {error.strerror or error}.", path=str(place)
        ) from error
    except ValueError as error:
        if isinstance(error, ProjectError):
            raise
        raise ProjectError(
            f"{place} cannot be opened: no file can have such a name.", path=str(place)
        ) from error


def to_bytes(project: Project) -> bytes:
    """Return what a project file of this holds; the same bytes for the same project."""
    buffer = BytesIO()
    _write(project, buffer)
    return buffer.getvalue()


def _write(project: Project, file: BinaryIO) -> None:
    """Write the parts piece by piece, so that a long history is not in memory once more."""
    described = {
        "format": FORMAT,
        "version": VERSION,
        "program": serialization.to_json(project.program),
        "source": project.source,
        "recipe": project.recipe,
        "view": project.view,
    }
    with zipfile.ZipFile(file, "w") as archive:
        _put_json(archive, PROJECT, described, indent=1)
        _put_arrays(archive, WEIGHTS, project.weights)
        if project.history is not None:
            _put_json(archive, HISTORY, project.history)
            _put_arrays(archive, HISTORY_ARRAYS, project.history_arrays)
        if project.twins is not None:
            _put_json(archive, TWINS, project.twins)
            _put_arrays(archive, TWINS_ARRAYS, project.twins_arrays)


def from_bytes(content: bytes, name: str = "project") -> Project:
    """Return what a project file's bytes hold. Raises ProjectError, as `load`."""
    return _read(BytesIO(content), name, name)


def _put_json(
    archive: zipfile.ZipFile, name: str, value: object, *, indent: int | None = None
) -> None:
    """With an indent the encoder is one in Python, which takes ten times as long."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    archive.writestr(_entry(name, zipfile.ZIP_DEFLATED), text.encode())


def _put_arrays(archive: zipfile.ZipFile, name: str, arrays: Arrays) -> None:
    entry = _entry(name, zipfile.ZIP_STORED)
    # By this it is known whether fields for large files are needed.
    entry.file_size = sum(array.nbytes for array in arrays.values())
    with archive.open(entry, "w") as part:
        for piece in tensors.pieces(arrays):
            part.write(piece)


def _entry(name: str, compression: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.compress_type = compression
    entry.external_attr = 0o644 << 16
    return entry


class _Damaged(Exception):  # noqa: N818 - it becomes a ProjectError
    """What is wrong, and where in the file."""

    def __init__(self, place: str, text: str, to_do: str = "") -> None:
        super().__init__(text)
        self.place, self.text = place, text
        self.to_do = to_do or "Open an older copy of it, if you have one."


def _read(file: BinaryIO, name: str, path: str, lost: list[str] | None = None) -> Project:
    """`lost` takes the names of parts that can be done without; None: all have to be whole."""
    try:
        return _project(file, lost)
    except _Damaged as error:
        part, _, inner = error.place.partition(": ")
        place = part if inner and error.text.startswith(inner) else error.place  # told once
        raise ProjectError(
            f"{name} cannot be opened: {place}{': ' if place else ''}{error.text} {error.to_do}",
            path=path, place=error.place,
        ) from error  # fmt: skip
    except ProjectError as error:
        raise ProjectError(
            f"{name} cannot be opened: {error}", path=path, place=error.place
        ) from error


def _project(file: BinaryIO, lost: list[str] | None) -> Project:
    parts = _parts(file, lost)
    described = _object(parts[PROJECT], PROJECT)
    if described.get("format") != FORMAT:
        raise _Damaged(PROJECT, "it is no project of the simulator.", "Choose another file.")
    try:
        stored = Stored(described, "")
        stored.text("format")
        version = stored.whole("version", None, minimum=1)
        if version > VERSION:
            raise _Damaged(
                PROJECT, f"a newer version of the simulator wrote it (format {version}, this one "
                f"reads up to {VERSION}).", "Update the simulator.",
            )  # fmt: skip
        program = serialization.from_json(stored.get("program"), "program")
        source, view = stored.text("source", ""), stored.mapping("view")
        recipe = None if stored.get("recipe") is None else stored.mapping("recipe")
        stored.finished()
    except SpecError as error:
        raise _Damaged(f"{PROJECT}: {error.place}", f"{error}") from error

    def read(name: str, parse: Callable[[bytes, str], Any]) -> Any:
        try:
            return parse(parts[name], name) if name in parts else None
        except _Damaged:
            if lost is None:
                raise
            lost.append(name)
            return None

    history, twins = read(HISTORY, _object), read(TWINS, _object)
    weights, history_arrays, twins_arrays = (
        read(name, _arrays) or {} for name in (WEIGHTS, HISTORY_ARRAYS, TWINS_ARRAYS)
    )
    if lost and not {HISTORY, HISTORY_ARRAYS}.isdisjoint(lost):
        history, history_arrays = None, {}
    if lost and not {TWINS, TWINS_ARRAYS}.isdisjoint(lost):
        twins, twins_arrays = None, {}
    return Project(
        program, source, recipe, weights, history, history_arrays, view, twins, twins_arrays
    )


def _parts(file: BinaryIO, lost: list[str] | None) -> dict[str, bytes]:
    """The files in the zip, by name, their checksums compared."""
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(file) as archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
            for name in _KNOWN:
                try:
                    if name in entries:
                        found[name] = _part(archive, entries[name])
                    elif name in _NEEDED:
                        raise _Damaged(
                            name, "it is missing.",
                            "Choose a project of the simulator." if name == PROJECT else "",
                        )  # fmt: skip
                except _Damaged:
                    if lost is None or name == PROJECT:
                        raise
                    lost.append(name)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, ValueError) as error:
        raise _Damaged("", "it is no complete zip file.") from error
    except (OSError, NotImplementedError, struct.error, OverflowError) as error:
        raise _Damaged("", "the zip file is damaged.") from error
    return found


def _part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    most = MOST_JSON if entry.filename.endswith(".json") else MOST_ARRAYS
    if entry.file_size > most:
        raise _Damaged(entry.filename, f"it claims {entry.file_size:,} bytes, more than any has.")
    if entry.flag_bits & 1:
        raise _Damaged(entry.filename, "it is encrypted.")
    try:
        with archive.open(entry) as file:
            content = file.read(most + 1)
    except (
        zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError,
        struct.error, OverflowError,
    ) as error:  # fmt: skip
        raise _Damaged(entry.filename, "its bytes are damaged.") from error
    if len(content) > most:
        raise _Damaged(entry.filename, "it is larger than any has a reason to be.")
    return content


class _NoNumberError(ValueError):
    """What stands where a number should."""


def _object(content: bytes, name: str) -> Mapping[str, Json]:
    try:
        value = json.loads(content.decode(), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise _Damaged(name, f"byte {error.start:,} is no text.") from error
    except json.JSONDecodeError as error:
        raise _Damaged(
            name, f"line {error.lineno:,}, column {error.colno:,} is no JSON ({error.msg})."
        ) from error
    except _NoNumberError as error:
        raise _Damaged(
            name, f"it is no JSON that the simulator writes: it holds {error}."
        ) from error
    except RecursionError as error:
        raise _Damaged(name, "it is no JSON that the simulator writes: it is too deep.") from error
    except ValueError as error:
        raise _Damaged(
            name, "it is no JSON that the simulator writes: a number in it is too long."
        ) from error
    if not isinstance(value, Mapping):
        raise _Damaged(name, "it is no object.")
    return value


def _refuse_constant(name: str) -> Any:
    raise _NoNumberError(name)


def _arrays(content: bytes, name: str) -> Arrays:
    try:
        arrays = load_tensors(content)
    except (SafetensorError, ValueError, TypeError, KeyError, OverflowError) as error:
        raise _Damaged(name, "its arrays are damaged.") from error
    for key, array in arrays.items():
        if array.dtype not in tensors.DTYPES:
            raise _Damaged(f"{name}: {key}", f"its type is {array.dtype}.")
    return arrays
