"""What exports share: a class under construction, its variables, and the names of data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from simulator.formats.json_values import Json
from simulator.formats.network import LayerSpec, NetworkSpec

Array: TypeAlias = npt.NDArray[Any]
Layout: TypeAlias = Literal["last", "first"]
"""Where channels stand: last, as in Keras, or behind the batch, as PyTorch's layers want them."""


class ExportError(ValueError):
    """A program that has no counterpart there: one line that says which part, and what to do."""

    def __init__(self, message: str, *, layer: str = "") -> None:
        super().__init__(" ".join(message.split()))
        self.layer = layer


@dataclass(frozen=True, slots=True)
class Variable:
    """A value in `forward`: its name, its layout, and one sample's shape with channels last.

    `shared` values are needed by something else too, and stay as they are.
    """

    name: str
    shape: tuple[int | None, ...]
    layout: Layout = "last"
    shared: bool = False


@dataclass(slots=True)
class ClassWriter:
    """A module under construction: what its `__init__` makes, what `forward` does, its weights."""

    made: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    state: dict[str, Array] = field(default_factory=dict)
    helpers: set[str] = field(default_factory=set)
    frozen: list[str] = field(default_factory=list)
    """Attributes whose weights are not trained."""
    notes: list[str] = field(default_factory=list)

    def line(self, text: str) -> None:
        """A line of `forward`."""
        self.done.append(text)

    def laid_out(self, variable: Variable, layout: Layout) -> Variable:
        """The variable in that layout; a line moves the axes where it is in the other."""
        rank = len(variable.shape)
        if variable.layout == layout or rank < 2:
            return Variable(variable.name, variable.shape, layout if rank < 2 else variable.layout)
        if layout == "first":
            order = (0, rank, *range(1, rank))
        else:
            order = (0, *range(2, rank + 1), 1)
        told = ", ".join(str(axis) for axis in order)
        name = f"{variable.name}_{layout}" if variable.shared else variable.name
        self.line(f"{name} = {variable.name}.permute({told})  # channels {layout}")
        return Variable(name, variable.shape, layout)


@dataclass(slots=True)
class Site:
    """One call of a layer, as the functions that write layers get it.

    `weights` are the layer's own, by their names; `attribute` is where the module stands, as
    "conv2d" of "self.conv2d"; `made` tells whether an earlier call has made it.
    """

    writer: ClassWriter
    layer: LayerSpec
    attribute: str
    inputs: list[Variable]
    output_shapes: tuple[tuple[int | None, ...], ...]
    weights: Mapping[str, Array]
    made: bool = False

    def argument(self, name: str, default: Json = None) -> Json:
        """An argument's value."""
        return self.layer.arguments.get(name, default)

    def module(self, call: str, **state: Array) -> None:
        """Make a module with these weights, unless an earlier call of the layer has."""
        if self.made:
            return
        self.writer.made.append(f"self.{self.attribute} = {call}")
        for name, array in state.items():
            key = f"{self.attribute}.{name.replace('__', '.')}"
            self.writer.state[key] = np.array(array, order="C")
        if not self.layer.trainable:
            self.writer.frozen.append(self.attribute)

    def helper(self, name: str) -> None:
        """Put a helper's source into the program."""
        self.writer.helpers.add(name)

    def refuse(self, why: str, to_do: str) -> ExportError:
        """The error for what cannot be exported: raise what this returns."""
        return ExportError(
            f"{self.layer.name} ({self.layer.kind}) {why}: {to_do}", layer=self.layer.name
        )

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The first input's shape."""
        return self.inputs[0].shape


def pair(value: Json, rank: int) -> tuple[int, ...]:
    """One number for each axis."""
    return tuple(value) if isinstance(value, tuple | list) else (value,) * rank


def told(values: tuple[int, ...]) -> str:
    """One number where all are the same, as PyTorch takes it; a tuple otherwise."""
    return str(values[0]) if len(set(values)) == 1 else repr(values)


def array_names(network: NetworkSpec) -> tuple[list[str], list[str]]:
    """What the arrays of the inputs and of the targets are called in the file of the data."""
    return _numbered("x", len(network.inputs)), _numbered("y", len(network.outputs))


def _numbered(name: str, count: int) -> list[str]:
    return [f"{name}_{number}" for number in range(count)] if count > 1 else [name]


def listed(names: Sequence[str]) -> str:
    """A list of texts as Python writes it, in double quotes."""
    quoted = ", ".join(f'"{each}"' for each in names)
    return f"[{quoted}]"
