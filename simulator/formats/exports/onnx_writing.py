"""What the parts of an ONNX export share: a graph under construction, and a layer's place in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from simulator.formats.exports.writing import Array, ExportError, Layout, Variable
from simulator.formats.json_values import Json
from simulator.formats.network import LayerSpec
from simulator.formats.onnx_graph import Attribute, Node


@dataclass(slots=True)
class GraphWriter:
    """Nodes so far, constants by name, and which of them were made of weights."""

    nodes: list[Node] = field(default_factory=list)
    constants: dict[str, Array] = field(default_factory=dict)
    weights: set[str] = field(default_factory=set)
    _names: set[str] = field(default_factory=set)
    _turned: dict[tuple[str, Layout], str] = field(default_factory=dict)

    def name(self, wanted: str) -> str:
        """The name, or the first of name_2, name_3… that nothing has."""
        name, number = wanted, 1
        while name in self._names:
            number += 1
            name = f"{wanted}_{number}"
        self._names.add(name)
        return name

    def add(
        self, place: str, kind: str, inputs: Sequence[str], outputs: int,
        attributes: Mapping[str, Attribute],
    ) -> list[str]:  # fmt: skip
        """Add a node and return the names of its outputs. `place` is the layer that it is of."""
        name = self.name(f"{place}/{kind}")
        made = [name, *(self.name(f"{name}:{number}") for number in range(1, outputs))]
        self.nodes.append(Node(kind, tuple(inputs), tuple(made), attributes, name))
        return made

    def constant(self, name: str, value: Array, *, weight: bool = False) -> str:
        """Keep a constant, unless there is one of that name: of a layer that is called again."""
        if name not in self.constants:
            self._names.add(name)
            self.constants[name] = np.array(value, order="C")
            if weight:
                self.weights.add(name)
        return name

    def laid_out(self, variable: Variable, layout: Layout) -> Variable:
        """The variable in that layout; a node moves the axes where it is in the other, once."""
        rank = len(variable.shape)
        if variable.layout == layout or rank < 2:
            return Variable(variable.name, variable.shape, layout if rank < 2 else variable.layout)
        key = (variable.name, layout)
        if key not in self._turned:
            first, last = (0, rank, *range(1, rank)), (0, *range(2, rank + 1), 1)
            order = first if layout == "first" else last
            self._turned[key] = self.add(
                variable.name, "Transpose", [variable.name], 1, {"perm": order}
            )[0]
        return Variable(self._turned[key], variable.shape, layout)


@dataclass(slots=True)
class GraphSite:
    """One call of a layer, as the functions that write layers get it.

    `place` is what its nodes are named after and `owner` what its constants are: another call of
    the same layer has another place and the same owner. `weights` are its own, by their names.
    """

    writer: GraphWriter
    layer: LayerSpec
    place: str
    owner: str
    inputs: list[Variable]
    output_shapes: tuple[tuple[int | None, ...], ...]
    weights: Mapping[str, Array]

    def argument(self, name: str, default: Json = None) -> Json:
        """An argument's value."""
        return self.layer.arguments.get(name, default)

    def read(self, layout: Layout = "last", number: int = 0) -> Variable:
        """An input in that layout."""
        return self.writer.laid_out(self.inputs[number], layout)

    def node(self, kind: str, *inputs: str, **attributes: Attribute) -> str:
        """Add a node with one output, and return its name."""
        return self.nodes(kind, *inputs, outputs=1, **attributes)[0]

    def nodes(self, kind: str, *inputs: str, outputs: int, **attributes: Attribute) -> list[str]:
        """Add a node with several outputs, and return their names."""
        return self.writer.add(self.place, kind, inputs, outputs, attributes)

    def weight(self, name: str, array: Array) -> str:
        """Keep a constant that was made of weights by moving values, and return its name."""
        return self.writer.constant(f"{self.owner}/{name}", array, weight=True)

    def number(self, name: str, value: float) -> str:
        """Keep a single number, and return its name."""
        return self.writer.constant(f"{self.place}/{name}", np.array(value, np.float32))

    def lengths(self, name: str, values: Sequence[int]) -> str:
        """Keep whole numbers (a shape, axes), and return their name."""
        return self.writer.constant(f"{self.place}/{name}", np.array(values, np.int64))

    def result(self, name: str, layout: Layout = "last") -> list[Variable]:
        """The value of that name as the layer's only output."""
        return [Variable(name, self.output_shapes[0], layout)]

    def refuse(self, why: str, to_do: str) -> ExportError:
        """The error for what cannot be exported: raise what this returns."""
        return ExportError(
            f"{self.layer.name} ({self.layer.kind}) {why}: {to_do}", layer=self.layer.name
        )

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The first input's shape."""
        return self.inputs[0].shape
