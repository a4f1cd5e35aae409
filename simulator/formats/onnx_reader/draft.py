"""A network while its layers are being found, and one node's place in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from simulator.engine.layers.base import several
from simulator.formats import arguments, building
from simulator.formats.json_values import Json, SpecError, shown
from simulator.formats.network import InputSpec, LayerSpec, NetworkSpec
from simulator.formats.onnx_graph import Array, Node, OnnxError
from simulator.formats.onnx_reader.values import Layout, Shape, Tensor, Value, identity

_NAMES = {
    "AveragePooling1D": "average_pooling1d", "AveragePooling2D": "average_pooling2d",
    "BatchNormalization": "batch_normalization", "Conv2DTranspose": "conv2d_transpose",
    "DepthwiseConv2D": "depthwise_conv2d", "GlobalAveragePooling1D": "global_average_pooling1d",
    "GlobalAveragePooling2D": "global_average_pooling2d",
    "GlobalMaxPooling1D": "global_max_pooling1d", "GlobalMaxPooling2D": "global_max_pooling2d",
    "LayerNormalization": "layer_normalization", "LeakyReLU": "leaky_re_lu",
    "MaxPooling1D": "max_pooling1d", "MaxPooling2D": "max_pooling2d", "ReLU": "re_lu",
    "RepeatVector": "repeat_vector", "SimpleRNN": "simple_rnn", "UpSampling2D": "up_sampling2d",
    "ZeroPadding2D": "zero_padding2d",
}  # fmt: skip
"""Keras's names of layers, where they are not the kind in small letters."""


class InTheWay(Exception):  # noqa: N818 - the reader takes it, and begins anew
    """Values of a flattened picture are needed in the file's own order after all."""

    def __init__(self, node: str) -> None:
        super().__init__(node)
        self.node = node


@dataclass(slots=True)
class Draft:
    """Layers found so far, and their weights, as "layer/kernel"."""

    inputs: list[InputSpec] = field(default_factory=list)
    layers: dict[str, LayerSpec] = field(default_factory=dict)
    weights: dict[str, Array] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def name(self, kind: str) -> str:
        """As Keras names layers: dense, dense_1, …."""
        stem = _NAMES.get(kind, kind.lower())
        name, number = stem, 0
        while name in self.taken:
            number += 1
            name = f"{stem}_{number}"
        self.taken.add(name)
        return name

    def add(
        self, kind: str, given: Mapping[str, Json], inputs: list[Tensor],
        weights: Mapping[str, Array],
    ) -> tuple[str, tuple[Shape, ...]]:  # fmt: skip
        """Add a layer; return its name, and the shapes of its outputs. Raises SpecError."""
        name = self.name(kind)
        checked = arguments.check(kind, given, name)
        layer = LayerSpec(kind, name, checked, tuple(each.source for each in inputs))
        shapes = self._shapes(layer, [each.shape for each in inputs])
        self.layers[name] = layer
        for key, array in weights.items():
            self.weights[f"{name}/{key}"] = np.array(array, np.float32, order="C")
        return name, shapes

    def change(self, name: str, **given: Json) -> None:
        """Give a layer other arguments."""
        layer = self.layers[name]
        checked = arguments.check(layer.kind, {**layer.arguments, **given}, name)
        self.layers[name] = replace(layer, arguments=checked)

    def _shapes(self, layer: LayerSpec, given: list[Shape]) -> tuple[Shape, ...]:
        try:
            made = building.make_layer(layer)
            shape = made.output_shape(given[0] if len(given) == 1 else tuple(given))
        except SpecError:
            raise
        except (ValueError, TypeError) as error:
            raise SpecError(str(error), layer=layer.name) from error
        return tuple(shape) if several(shape) else (shape,)

    def network(self, name: str, outputs: tuple[str, ...]) -> NetworkSpec:
        """What was found; a Sequential where each layer reads the one before it."""
        before = self.inputs[0].name
        chained = len(self.inputs) == 1 and bool(self.layers)
        for layer in self.layers.values():
            chained = chained and layer.inputs == (before,)
            before = layer.name
        chained = chained and outputs == (before,)
        return NetworkSpec(
            name, tuple(self.inputs), tuple(self.layers.values()), outputs, chained
        )  # fmt: skip


@dataclass(slots=True)
class NodeSite:
    """One node, as the functions that read nodes get it.

    `values` are its inputs; `explicit` are the nodes whose flattened values have to stand in the
    file's own order.
    """

    draft: Draft
    node: Node
    values: list[Value]
    opset: int
    batch: int | None
    explicit: frozenset[str]

    def attribute(self, name: str, default: Any) -> Any:
        """An attribute's value. Raises OnnxError for one of another kind than the default's."""
        value = self.node.attributes.get(name, default)
        kind = type(default)
        fits = isinstance(value, kind) or default is None
        if kind is tuple and fits:
            fits = all(isinstance(each, int) for each in value)
        if not fits:
            raise self.refuse(f"has {name} = {shown(value)}, which it cannot have")
        return value

    def refuse(self, why: str, to_do: str = "") -> OnnxError:
        """The error for what cannot be read: raise what this returns."""
        told = f"The node {shown(self.node.name)} ({self.node.kind}) {why.rstrip('.')}"
        return OnnxError(f"{told}: {to_do}" if to_do else f"{told}.", node=self.node.name)

    def value(self, number: int) -> Value:
        """An input, or None where it is left out."""
        return self.values[number] if number < len(self.values) else None

    def tensor(self, number: int = 0) -> Tensor:
        """An input that a layer gave, whatever the order of its values. Raises OnnxError."""
        value = self.value(number)
        if not isinstance(value, Tensor):
            raise self.refuse("computes with constants alone, or with lengths, in an unknown way")
        return value

    def read(self, number: int = 0) -> Tensor:
        """An input that a layer gave, its values in our order."""
        tensor = self.tensor(number)
        if tensor.order is not None:
            raise InTheWay(tensor.flattened)
        return tensor

    def constant(self, number: int, what: str) -> Array:
        """A constant input. Raises OnnxError, with what it is, where it is none."""
        value = self.value(number)
        if not isinstance(value, np.ndarray):
            raise self.refuse(
                f"has {what} that the network computes", "only constant ones are read"
            )
        return value

    def laid_out(self, tensor: Tensor, layout: Layout) -> Tensor:
        """The tensor with its axes in the file like that; a Permute where they lie otherwise."""
        if tensor.layout == layout:
            return tensor
        if sorted(tensor.layout, key=str) != sorted(layout, key=str):
            raise self.refuse(
                f"reads {len(tensor.layout)} axes, of which some have the length 1 or hold two "
                "directions", "that has no counterpart here"
            )  # fmt: skip
        # Ours at j shall be what the file has where the wanted layout tells j.
        dims = [tensor.layout[layout.index(axis)] for axis in range(tensor.rank)]
        if dims[0] != 0:
            raise self.refuse("mixes up the samples of a batch", "keep the first axis")
        return self.layer("Permute", {"dims": tuple(dims[1:])}, tensor).moved(layout)

    def layer(
        self, kind: str, given: Mapping[str, Json], *inputs: Tensor,
        weights: Mapping[str, Array] | None = None, layout: Layout | None = None,
    ) -> Tensor:  # fmt: skip
        """Add a layer with one output; its axes lie as the first input's, if as many."""
        return self.layers(kind, given, *inputs, weights=weights, layout=layout)[0]

    def layers(
        self, kind: str, given: Mapping[str, Json], *inputs: Tensor,
        weights: Mapping[str, Array] | None = None, layout: Layout | None = None,
    ) -> list[Tensor]:  # fmt: skip
        """Add a layer, and return its outputs. Raises OnnxError that names the node."""
        try:
            name, shapes = self.draft.add(kind, given, list(inputs), weights or {})
        except SpecError as error:
            raise self.refuse(f"cannot be made a layer: {error}") from error
        found = []
        for number, shape in enumerate(shapes):
            own = layout
            if own is None:
                same = len(shape) + 1 == inputs[0].rank
                own = inputs[0].layout if same else identity(len(shape) + 1)
            found.append(Tensor(f"{name}#{number}" if number else name, shape, own))
        return found

    def last_layer(self, tensor: Tensor, *kinds: str) -> LayerSpec | None:
        """The layer that gave the tensor, if it is of such a kind and nothing else reads it."""
        layer = self.draft.layers.get(tensor.source)
        return layer if layer is not None and layer.kind in kinds and tensor.alone else None
