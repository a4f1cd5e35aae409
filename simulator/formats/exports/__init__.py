"""A trained network as a program for elsewhere: Keras or PyTorch, with its weights beside it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from simulator.formats.exports import keras_program, pytorch_program
from simulator.formats.exports.writing import Array, ExportError
from simulator.formats.json_values import SpecError
from simulator.formats.program import ProgramSpec

__all__ = ["FRAMEWORKS", "ExportError", "export"]

Writer = Callable[[ProgramSpec, Mapping[str, Array], str], tuple[str, dict[str, Array]]]

FRAMEWORKS: Mapping[str, Writer] = MappingProxyType(
    {"keras": keras_program.write_program, "pytorch": pytorch_program.write_program}
)
"""What writes a program, by the name of the framework."""


def export(
    program: ProgramSpec,
    weights: Mapping[str, Array],
    path: str | os.PathLike[str],
    framework: str,
    data: Mapping[str, Array] | None = None,
) -> tuple[Path, ...]:
    """Write PATH, a program of that framework, and beside it its weights and its data.

    `weights` are the model's, as "layer/kernel"; `data` are x, y and, if there are some, x_val and
    y_val. Returns the files that were written: STEM.py, STEM.npz and STEM_data.npz.

    Raises:
        ExportError: a part of the program has no counterpart there, or a file cannot be written.
    """
    place = Path(path)
    if framework not in FRAMEWORKS:
        raise ExportError(f"There is no export for {framework}: choose {', '.join(FRAMEWORKS)}.")
    if not place.stem.isidentifier():
        raise ExportError(
            f"{place.name} is no name for a program: use letters, digits and underscores."
        )
    try:
        source, arrays = FRAMEWORKS[framework](program, weights, place.stem)
    except SpecError as error:
        raise ExportError(str(error), layer=error.layer) from error
    files = {
        place.with_suffix(".npz"): _packed(arrays),
        place.with_suffix(".py"): source.encode(),
    }
    if data is not None:
        files[place.with_name(f"{place.stem}_data.npz")] = _packed(data)
    for each, content in files.items():
        _write(each, content)
    return tuple(sorted(files))


def _packed(arrays: Mapping[str, Array]) -> bytes:
    buffer = BytesIO()
    named: dict[str, Any] = dict(arrays)
    np.savez(buffer, **named)
    return buffer.getvalue()


def _write(path: Path, content: bytes) -> None:
    """Beside its place first, so that no half of a file is left there."""
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(".part", f".{path.name}.", path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except OSError as error:
        with suppress(OSError):
            Path(temporary).unlink()
        raise ExportError(
            f"{path} cannot be written: {error.strerror or error}. Choose another place."
        ) from error
