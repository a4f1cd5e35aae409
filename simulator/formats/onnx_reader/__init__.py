"""ONNX files as networks with their weights.

Files of the simulator's own come back as the programs that they were made of. Files from elsewhere,
such as PyTorch's, are read node by node: layouts are turned round, and a node that has no
counterpart is named.
"""

from __future__ import annotations

import os
from pathlib import Path

from simulator.formats import building, onnx_file
from simulator.formats.json_values import SpecError
from simulator.formats.onnx_graph import OnnxError
from simulator.formats.onnx_reader import own
from simulator.formats.onnx_reader.foreign import program_of
from simulator.formats.project import Project

SUFFIX = ".onnx"

__all__ = ["SUFFIX", "OnnxError", "load"]


def load(path: str | os.PathLike[str]) -> Project:
    """Return what an ONNX file holds as a project: a program and its weights, without data.

    Raises:
        OnnxError: there is no such file, it is no ONNX file, it is damaged, it has a node that is
            not known here, or the package `onnx` is missing; the message names file and place.
    """
    place = Path(path)
    try:
        if place.stat().st_size > onnx_file.MOST_BYTES:
            raise OnnxError(f"{place.name} cannot be opened: it is larger than 2 GiB.")
        content = place.read_bytes()
    except OSError as error:
        raise OnnxError(f"{place} cannot be opened: {error.strerror or error}.") from error
    return from_bytes(content, place.name)


def from_bytes(content: bytes, name: str = "network.onnx") -> Project:
    """Return what an ONNX file's bytes hold. Raises OnnxError, as `load`."""
    try:
        graph = onnx_file.from_bytes(content)
        program, weights = own.program_of(graph) or program_of(graph, Path(name).stem)
        facts = building.facts(program.network)
        shapes = {
            f"{layer.name}/{key}": shape
            for layer in facts.layers
            for key, shape in layer.weights.items()
        }
        if {key: array.shape for key, array in weights.items()} != shapes:
            raise OnnxError("Its weights do not fit the layers that its nodes make.")
    except (OnnxError, SpecError) as error:
        node = error.node if isinstance(error, OnnxError) else ""
        raise OnnxError(f"{name} cannot be opened: {error}", node=node) from error
    return Project(program, weights=weights)
