"""A network as an ONNX graph."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from simulator.formats import building, onnx_file, serialization
from simulator.formats.exports.onnx_layers import LAYERS
from simulator.formats.exports.onnx_writing import GraphSite, GraphWriter
from simulator.formats.exports.writing import Array, ExportError, Variable
from simulator.formats.network import LayerSpec, NetworkSpec, base_name
from simulator.formats.onnx_graph import Axis, Graph, OnnxError, Port
from simulator.formats.program import ProgramSpec

NOTE = "deep-learning-simulator.program"
"""The name under which a file carries the program that it was made of."""
BATCH = "batch"


def write_model(program: ProgramSpec, weights: Mapping[str, Array], stem: str) -> dict[str, bytes]:
    """Return what STEM.onnx holds: the network with its weights, and the program as a note.

    Raises:
        ExportError: a layer has no counterpart in ONNX, or the package `onnx` is missing.
        SpecError: shapes do not fit or are not known.
    """
    del stem
    graph, _ = graph_of(
        program, {name: np.asarray(array, np.float32) for name, array in weights.items()}
    )
    try:
        return {".onnx": onnx_file.to_bytes(graph)}
    except OnnxError as error:
        raise ExportError(str(error)) from error


def graph_of(program: ProgramSpec, weights: Mapping[str, Array]) -> tuple[Graph, frozenset[str]]:
    """Return the graph, and the names of those constants that were made of weights.

    They are made by moving values alone, so whoever hands in numbered places gets to know which
    weight lies where. Samples have their channels last, as in Keras. Raises as `write_model`.
    """
    network = program.network
    writer = GraphWriter()
    given = {}
    inputs = []
    for entry in network.inputs:
        name = writer.name(entry.name)
        given[entry.name] = Variable(name, entry.shape or ())
        inputs.append(Port(name, "float32", _axes(name, entry.shape or ())))
    found = _network(network, weights, writer, given, "")
    outputs, renamed = [], {}
    produced = {output for node in writer.nodes for output in node.outputs}
    for source in network.outputs:
        variable = writer.laid_out(_variable(found, source), "last")
        name = variable.name
        if name not in produced or name in renamed:  # an input, or a second output
            name = writer.add("output", "Identity", [name], 1, {})[0]
        renamed[name] = writer.name(source.replace("#", "_"))
        outputs.append(Port(renamed[name], "float32", _axes(renamed[name], variable.shape)))
    nodes = tuple(
        replace(
            node,
            inputs=tuple(renamed.get(each, each) for each in node.inputs),
            outputs=tuple(renamed.get(each, each) for each in node.outputs),
        )
        for node in writer.nodes
    )
    note = json.dumps(serialization.to_json(program), ensure_ascii=False, allow_nan=False)
    graph = Graph(
        network.name, tuple(inputs), tuple(outputs), nodes, writer.constants, {NOTE: note}
    )
    return graph, frozenset(writer.weights)


def _axes(name: str, shape: tuple[int | None, ...]) -> tuple[Axis, ...]:
    named = (
        f"{name}_axis_{number}" if length is None else length
        for number, length in enumerate(shape, start=1)
    )
    return (BATCH, *named)


def _network(
    network: NetworkSpec, weights: Mapping[str, Array], writer: GraphWriter,
    given: Mapping[str, Variable], prefix: str,
) -> dict[str, Variable]:  # fmt: skip
    """Write the layers; return every layer's outputs, by the names that `inputs` tell."""
    facts = building.facts(network)
    variables = dict(given)
    for layer in network.layers:
        owner = network.layer(layer.shared_with) if layer.shared_with else layer
        own = _part(weights, f"{owner.name}/")
        site = GraphSite(
            writer, owner, f"{prefix}{layer.name}", f"{prefix}{owner.name}",
            [_variable(variables, source) for source in layer.inputs],
            facts.layer(layer.name).output_shapes, own,
        )  # fmt: skip
        for index, output in enumerate(_written(site)):
            variables[f"{layer.name}#{index}" if index else layer.name] = output
    return variables


def _part(weights: Mapping[str, Array], prefix: str) -> dict[str, Array]:
    return {
        key.removeprefix(prefix): array for key, array in weights.items() if key.startswith(prefix)
    }


def _variable(variables: Mapping[str, Variable], source: str) -> Variable:
    index = source.partition("#")[2]
    return variables[source if index not in ("", "0") else base_name(source)]


def _written(site: GraphSite) -> list[Variable]:
    kind = site.layer.kind
    inner = building.inner_network(site.layer)
    if inner is not None:
        return _inner(site, inner)
    if kind == "TimeDistributed":
        return _at_each_step(site)
    if kind not in LAYERS:
        raise site.refuse("has no counterpart in ONNX", "leave it out")
    return LAYERS[kind](site)


def _inner(site: GraphSite, inner: NetworkSpec) -> list[Variable]:
    """A network within the network: its layers, named after it as well."""
    given = {}
    for number, entry in enumerate(inner.inputs):
        variable = site.inputs[number]
        given[entry.name] = variable
        inner = inner.with_input_shape(
            variable.shape if entry.shape is None else entry.shape, entry.name
        )
    own = GraphSite(site.writer, site.layer, site.place, site.owner, site.inputs, (), site.weights)
    found = _network(inner, own.weights, site.writer, given, f"{site.place}/")
    return [_variable(found, source) for source in inner.outputs]


def _at_each_step(site: GraphSite) -> list[Variable]:
    """TimeDistributed: all steps together, as a batch of B · T."""
    x = site.read()
    rest = [length for length in x.shape[1:] if length is not None]
    after = [length for length in site.output_shapes[0][1:] if length is not None]
    if len(rest) < len(x.shape) - 1 or len(after) < len(site.output_shapes[0]) - 1:
        raise site.refuse("has steps of a shape that is not known", "give its size")
    stored = site.argument("layer")
    name = stored.get("name") or f"{site.layer.name}_layer"
    layer = LayerSpec(stored["kind"], name, stored.get("arguments", {}))
    together = site.node("Reshape", x.name, site.lengths("together", [-1, *rest]))
    inner = GraphSite(
        site.writer, layer, f"{site.place}/{name}", f"{site.owner}/{name}",
        [Variable(together, tuple(rest))], tuple(shape[1:] for shape in site.output_shapes),
        _part(site.weights, f"{name}/"),
    )  # fmt: skip
    found = site.writer.laid_out(_written(inner)[0], "last")
    if x.shape[0] is not None:
        target = site.lengths("apart", [-1, x.shape[0], *after])
    else:
        steps = site.node("Shape", x.name, start=0, end=2)
        target = site.node("Concat", steps, site.lengths("after", after), axis=0)
    return site.result(site.node("Reshape", found.name, target))
