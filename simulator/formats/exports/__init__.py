"""A trained network for elsewhere: a program for Keras or PyTorch with its weights beside it, or an
ONNX file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from simulator.formats.exports import keras_program, onnx_network, pytorch_program
from simulator.formats.exports.writing import Array, ExportError
from simulator.formats.json_values import SpecError
from simulator.formats.program import ProgramSpec
from simulator.formats.replacing import PlaceError, replace_file

__all__ = ["FRAMEWORKS", "ExportError", "export", "write"]

ProgramWriter = Callable[[ProgramSpec, Mapping[str, Array], str], tuple[str, dict[str, Array]]]
Writer = Callable[[ProgramSpec, Mapping[str, Array], str], dict[str, bytes]]


def _with_weights_beside(written: ProgramWriter) -> Writer:
    def files(program: ProgramSpec, weights: Mapping[str, Array], stem: str) -> dict[str, bytes]:
        if not stem.isidentifier():
            raise ExportError(
                f"{stem} is no name for a program: use letters, digits and underscores."
            )
        source, arrays = written(program, weights, stem)
        return {".npz": _packed(arrays), ".py": source.encode()}

    return files


FRAMEWORKS: Mapping[str, Writer] = MappingProxyType(
    {
        "keras": _with_weights_beside(keras_program.write_program),
        "pytorch": _with_weights_beside(pytorch_program.write_program),
        "onnx": onnx_network.write_model,
    }
)
"""What writes the files, by their endings, for the name of the framework."""


def export(
    program: ProgramSpec,
    weights: Mapping[str, Array],
    path: str | os.PathLike[str],
    framework: str,
    data: Mapping[str, Array] | None = None,
) -> tuple[Path, ...]:
    """Write PATH: a program of that framework with its weights and its data beside it, or, for
    "onnx", one file with all of the network.

    `weights` are the model's, as "layer/kernel"; `data` are x, y and, if there are some, x_val and
    y_val. Returns the files that were written: STEM.py, STEM.npz and STEM_data.npz, or STEM.onnx.

    Raises:
        ExportError: a part of the program has no counterpart there, or a file cannot be written.
    """
    place = Path(path)
    if framework not in FRAMEWORKS:
        raise ExportError(f"There is no export for {framework}: choose {', '.join(FRAMEWORKS)}.")
    try:
        made = FRAMEWORKS[framework](program, weights, place.stem)
    except SpecError as error:
        raise ExportError(str(error), layer=error.layer) from error
    files = {place.with_suffix(ending): content for ending, content in made.items()}
    if data is not None:
        files[place.with_name(f"{place.stem}_data.npz")] = _packed(data)
    for each, content in files.items():
        write(each, content)
    return tuple(sorted(files))


def _packed(arrays: Mapping[str, Array]) -> bytes:
    buffer = BytesIO()
    named: dict[str, Any] = dict(arrays)
    np.savez(buffer, **named)
    return buffer.getvalue()


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all. Raises ExportError."""
    try:
        replace_file(path, lambda file: file.write(content))
    except PlaceError as error:
        raise ExportError(str(error)) from error
