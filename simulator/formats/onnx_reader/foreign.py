"""Files from elsewhere, node by node."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from simulator.formats.json_values import Json, shown
from simulator.formats.network import InputSpec, NetworkSpec
from simulator.formats.onnx_graph import Array, Graph, Node, OnnxError, Port
from simulator.formats.onnx_reader import patterns, plain, recurrent, shapes, windows
from simulator.formats.onnx_reader.draft import Draft, InTheWay, NodeSite
from simulator.formats.onnx_reader.values import (
    Layout,
    Tensor,
    Value,
    channels_first,
    identity,
)
from simulator.formats.program import CompileSpec, ProgramSpec

OPERATORS = {**shapes.OPERATORS, **windows.OPERATORS, **plain.OPERATORS}
_PASSED = frozenset(
    {"Identity", "Cast", "Relu", "LeakyRelu", "Sigmoid", "Tanh", "Clip", "Dropout", "Pad", "Elu"}
)
"""Nodes that leave axes as they are: what reads them tells how an input lies."""
_LOSSES = {"softmax": "sparse_categorical_crossentropy", "sigmoid": "binary_crossentropy"}


def program_of(graph: Graph, name: str) -> tuple[ProgramSpec, dict[str, Array]]:
    """The network, with a loss that fits its last activation, and the weights.

    Raises:
        OnnxError: a node has no counterpart; the message names it.
        SpecError: what the nodes make does not hang together.
    """
    graph = patterns.with_gelu(graph)
    explicit: frozenset[str] = frozenset()
    while True:
        try:
            network, weights = _Reading(graph, explicit).network(name)
        except InTheWay as flattened:
            if flattened.node in explicit:
                raise OnnxError(
                    f"The node {shown(flattened.node)} flattens in an order that is not known.",
                    node=flattened.node,
                ) from flattened
            explicit |= {flattened.node}
        else:
            return ProgramSpec(network, _compiled(network)), weights


def _compiled(network: NetworkSpec) -> CompileSpec:
    last = next(
        (each for each in network.layers if each.name == network.outputs[0].partition("#")[0]), None
    )
    activation = None if last is None else last.arguments.get("activation")
    loss: Json = _LOSSES.get(str(activation), "mse")
    metrics = ("accuracy",) if loss != "mse" else ()
    if len(network.outputs) > 1:
        loss, metrics = "mse", ()
    return CompileSpec(loss=loss, metrics=metrics)


class _Reading:
    """One go through the nodes."""

    def __init__(self, graph: Graph, explicit: frozenset[str]) -> None:
        self._graph = graph
        self._explicit = explicit
        self._draft = Draft()
        self._values: dict[str, Value] = dict(graph.constants)
        self._readers = Counter(each for node in graph.nodes for each in node.inputs if each)
        self._readers.update(port.name for port in graph.outputs)
        self._asked = Counter(node.inputs[0] for node in graph.nodes if node.kind == "Shape")
        self._batch: int | None = None

    def network(self, name: str) -> tuple[NetworkSpec, dict[str, Array]]:
        if not self._graph.inputs:
            raise OnnxError("It has no input.")
        for port in self._graph.inputs:
            self._enter(port)
        for node in self._graph.nodes:
            self._read(node)
        outputs = []
        for port in self._graph.outputs:
            value = self._values.get(port.name)
            if not isinstance(value, Tensor):
                raise OnnxError(f"The output {shown(port.name)} is given by no layer.")
            if value.order is not None:
                raise InTheWay(value.flattened)
            outputs.append(value.source)
        return self._draft.network(_named(name), tuple(outputs)), self._draft.weights

    def _enter(self, port: Port) -> None:
        if port.shape is None or len(port.shape) < 2:
            raise OnnxError(
                f"The input {shown(port.name)} must have a batch and at least one more axis: "
                "export it with its shape."
            )
        layout = self._layout(port)
        axes = [port.shape[layout.index(axis)] for axis in range(len(layout))]
        first = axes[0]
        if isinstance(first, int):
            self._batch = first
        shape = tuple(axis if isinstance(axis, int) else None for axis in axes[1:])
        name = _named(port.name)
        while name in self._draft.taken:
            name += "_"
        self._draft.taken.add(name)
        self._draft.inputs.append(InputSpec(name, shape))
        self._values[port.name] = Tensor(name, shape, layout)

    def _layout(self, port: Port) -> Layout:
        """How an input's axes lie, from what reads it first: batch first, but before an RNN."""
        assert port.shape is not None
        rank = len(port.shape)
        names = {port.name}
        for node in self._graph.nodes:
            if not node.inputs or node.inputs[0] not in names:
                continue
            if node.kind in _PASSED:
                names |= set(node.outputs)
            elif node.kind in windows.PICTURES and rank > 2:
                return channels_first(rank)
            elif node.kind in recurrent.OPERATORS and rank == 3:
                return (1, 0, 2)
            else:
                break
        return identity(rank)

    def _read(self, node: Node) -> None:
        values = [self._value(node, name) for name in node.inputs]
        while values and values[-1] is None:
            values.pop()
        site = NodeSite(
            self._draft, node, values, self._graph.opset, self._batch, self._explicit
        )  # fmt: skip
        try:
            found = self._carried_out(site)
        except (ArithmeticError, IndexError, MemoryError, TypeError, ValueError) as error:
            if isinstance(error, OnnxError):
                raise
            raise site.refuse(f"cannot be read: {error}") from error
        for name, value in zip(node.outputs, found, strict=False):
            if name:
                self._values[name] = value

    def _carried_out(self, site: NodeSite) -> list[Value]:
        node = site.node
        if node.kind in recurrent.OPERATORS:
            used = tuple(bool(name) and self._readers[name] > 0 for name in node.outputs)
            return recurrent.OPERATORS[node.kind](site, used)
        if node.kind not in OPERATORS:
            raise site.refuse("is not known here", f"{node.kind} has no layer as its counterpart")
        return OPERATORS[node.kind](site)

    def _value(self, node: Node, name: str) -> Value:
        if not name:
            return None
        if name not in self._values:
            raise OnnxError(
                f"The node {shown(node.name)} reads {shown(name)}, which nothing before it gives.",
                node=node.name,
            )
        value = self._values[name]
        if isinstance(value, Tensor):
            alone = self._readers[name] - self._asked[name] == 1  # its shape stays known
            return replace(value, alone=value.alone and alone)
        return np.asarray(value) if isinstance(value, np.ndarray) else value


def _named(name: str) -> str:
    """A name of letters, digits and underscores, as Keras has them."""
    made = "".join(sign if sign.isalnum() and sign.isascii() else "_" for sign in name).strip("_")
    return made if made and not made[0].isdigit() else f"network_{made}".rstrip("_")
