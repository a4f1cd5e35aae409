"""An ONNX graph as plain values: what an export makes, and what an import looks through.

`onnx_file` turns it into a file and back; nothing else knows the package `onnx`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
Attribute: TypeAlias = int | float | str | tuple[Any, ...] | Array
"""A number, a text, a tuple of one of these, or a tensor."""

Axis: TypeAlias = int | str | None
"""A length, the name of a length that varies, or None for one without a name."""


class OnnxError(ValueError):
    """A file or graph that cannot be used: one line that says what, where, and what to do.

    `node` is the name of the node to blame, where it is one.
    """

    def __init__(self, message: str, *, node: str = "") -> None:
        super().__init__(" ".join(message.split()))
        self.node = node


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One operator: its kind ("Conv"), the values that it reads and gives, and its attributes.

    An input that is left out is "". Numbers are held as precisely as a file holds them.
    """

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    name: str = ""

    def __post_init__(self) -> None:
        held = {name: _held(value) for name, value in self.attributes.items()}
        object.__setattr__(self, "attributes", held)

    def same_as(self, other: Node) -> bool:
        """Whether both compute the same of the same values."""
        if (self.kind, self.inputs, self.outputs) != (other.kind, other.inputs, other.outputs):
            return False
        if set(self.attributes) != set(other.attributes):
            return False
        return all(
            np.array_equal(np.asarray(value), np.asarray(other.attributes[name]))
            for name, value in self.attributes.items()
        )


@dataclass(frozen=True, slots=True)
class Port:
    """Where values come in or go out: a name, a type as NumPy calls it, and a shape with the batch
    first; None where the file does not tell it.
    """

    name: str
    kind: str
    shape: tuple[Axis, ...] | None


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Nodes in the order in which they run, and the constants (weights, shapes) that they read.

    `notes` are texts by name that a file carries along; `opset` is the version of the operators.
    """

    name: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    nodes: tuple[Node, ...]
    constants: Mapping[str, Array]
    notes: Mapping[str, str] = field(default_factory=dict)
    opset: int = 17


def _held(value: Attribute) -> Attribute:
    if isinstance(value, float):
        return float(np.float32(value))
    if isinstance(value, tuple):
        return tuple(_held(each) for each in value)
    return value
