"""What names stand for while a source is read. Nothing here computes, and nothing is run.

Numbers, texts, truth values, None, tuples, lists and dictionaries stand for themselves.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from simulator.formats.json_values import Json
from simulator.formats.network import Shape
from simulator.formats.program import CompileSpec, DataSpec, FitSpec

Value: TypeAlias = Any
"""A plain Python value, or one of the classes below."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Something of a library, by its path: "keras.layers.Dense", "numpy.random"."""

    path: str

    @property
    def last(self) -> str:
        """The last name of the path."""
        return self.path.rpartition(".")[2]


@dataclass(slots=True, eq=False)
class LayerValue:
    """A layer with checked arguments; `input_shape` is what it says of its input, if anything."""

    kind: str
    name: str
    arguments: dict[str, Json]
    node: ast.AST
    input_shape: Any = None
    model: ModelValue | None = None  # of a network within the network
    calls: list[CallValue] = field(default_factory=list)

    @property
    def trainable(self) -> bool:
        """Whether training changes its weights."""
        return bool(self.arguments.get("trainable", True))


@dataclass(slots=True, eq=False)
class CallValue:
    """One call of a layer on tensors. The layer of an input is of the kind InputLayer, and reads
    nothing. Calls are numbered in the order in which they stand in the program.
    """

    layer: LayerValue
    inputs: tuple[TensorValue, ...]
    number: int


@dataclass(frozen=True, slots=True, eq=False)
class TensorValue:
    """One output of a call."""

    call: CallValue
    index: int = 0


@dataclass(slots=True, eq=False)
class ModelValue:
    """A network. A Sequential has `layers` and the `shape` of its input, if that is told; a
    functional model has `inputs` and `outputs`; a group such as VGG16 has `preset` arguments until
    something looks inside it.
    """

    name: str
    node: ast.AST
    sequential: bool
    layers: list[LayerValue] = field(default_factory=list)
    shape: Any = None
    input_name: str = "input_layer"
    inputs: tuple[TensorValue, ...] = ()
    outputs: tuple[TensorValue, ...] = ()
    trainable: bool = True
    as_layer: LayerValue | None = None
    preset: dict[str, Json] | None = None
    output_keys: tuple[str, ...] = ()
    """What its outputs are called, where they were given by name."""
    compiled: CompileSpec | None = None
    compile_node: ast.Call | None = None
    fitted: tuple[FitSpec, DataSpec | None] | None = None


@dataclass(frozen=True, slots=True)
class ObjectValue:
    """An optimizer, loss, metric, initializer, regularizer, schedule or callback."""

    family: str
    class_name: str
    config: Mapping[str, Json]

    @property
    def json(self) -> dict[str, Json]:
        """As Keras writes it."""
        return {"class_name": self.class_name, "config": dict(self.config)}


@dataclass(frozen=True, slots=True, eq=False)
class ArrayValue:
    """An array that the program makes up: an expression for `made_data`, and its shape if known."""

    expression: Json
    shape: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class DataValue:
    """An array of the data that the learner chooses. `wanted` is what the program asked for."""

    wanted: str = ""
    one_hot: bool = False
    classes: int | None = None
    sample_shape: Shape | None = None  # as the program reshaped it
    validation: bool = False
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FromData:
    """What only the chosen data tell: "shape", "classes" or "length"; or the "loss", which follows
    from the last layer.
    """

    what: str


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something that is not read any further: a plot, a history, a file."""

    what: str


@dataclass(frozen=True, slots=True)
class Bound:
    """A method of something, as `model.add`."""

    owner: Value
    method: str


@dataclass(frozen=True, slots=True, eq=False)
class FunctionValue:
    """A function that the source defines; its body is read anew at each call."""

    definition: ast.FunctionDef


NOT_READ = Opaque("something that was not read")
"""What a statement with a problem would have set: it causes no further problems."""
