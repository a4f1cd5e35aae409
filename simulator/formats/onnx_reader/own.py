"""Files that the simulator itself has written: they carry their program, and give it back whole.

The note is believed only where it tells the truth: the program is exported again, with numbered
places instead of weights, and the graph that comes of it must be the file's. The places tell where
each weight lies, whatever was moved on the way.
"""

from __future__ import annotations

import json
from math import prod

import numpy as np

from simulator.formats import building, serialization
from simulator.formats.exports.onnx_network import NOTE, graph_of
from simulator.formats.exports.writing import ExportError
from simulator.formats.json_values import SpecError
from simulator.formats.onnx_graph import Array, Graph
from simulator.formats.program import ProgramSpec


def program_of(graph: Graph) -> tuple[ProgramSpec, dict[str, Array]] | None:
    """The program and its weights, as they were; None for a file of another origin, or one that
    was changed since.
    """
    note = graph.notes.get(NOTE)
    if note is None:
        return None
    try:
        program = serialization.from_json(json.loads(note))
        facts = building.facts(program.network)
    except (SpecError, ValueError, RecursionError):
        return None
    there = sum(array.size for array in graph.constants.values())
    if facts.parameters > min(there, 2**31 - 2):
        return None
    shapes = {
        f"{layer.name}/{name}": shape
        for layer in facts.layers
        for name, shape in layer.weights.items()
    }
    places, first = {}, 1  # 0 stands for zeros that the export has put in
    for name, shape in shapes.items():
        places[name] = np.arange(first, first + prod(shape), dtype=np.int32).reshape(shape)
        first += prod(shape)
    try:
        again, of_weights = graph_of(program, places)
    except (ExportError, SpecError):
        return None
    if not _same(graph, again, of_weights):
        return None
    values = np.zeros(first, np.float32)
    for name in of_weights:
        values[again.constants[name].ravel()] = graph.constants[name].ravel()
    found = {name: values[each] for name, each in places.items()}
    return program, found


def _same(graph: Graph, other: Graph, of_weights: frozenset[str]) -> bool:
    """Whether both compute the same, if their weights are the same."""
    if len(graph.nodes) != len(other.nodes) or set(graph.constants) != set(other.constants):
        return False
    if [port.name for port in graph.outputs] != [port.name for port in other.outputs]:
        return False
    if any(not one.same_as(two) for one, two in zip(graph.nodes, other.nodes, strict=True)):
        return False
    for name, array in other.constants.items():
        given = graph.constants[name]
        if given.shape != array.shape:
            return False
        if name not in of_weights and not np.array_equal(given, array):
            return False
        if name in of_weights and np.any(given[array == 0]):
            return False  # a bias that is 0 here, and no longer there
    return True
