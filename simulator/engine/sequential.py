"""A model whose layers simply follow each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulator.engine import names
from simulator.engine.graph import Graph
from simulator.engine.layers.base import Layer, Shape, several
from simulator.engine.layers.inputs import InputLayer, input_tensor
from simulator.engine.layers.tensors import Tensor
from simulator.engine.model import Model
from simulator.engine.network import Network


class Sequential(Model):
    """Layers in a row. The first may say what it takes (`input_shape`, or an `Input` before it);
    otherwise `build` or the first data do.
    """

    def __init__(
        self,
        layers: Sequence[Layer | Tensor] | None = None,
        *,
        name: str | None = None,
        **options: Any,
    ) -> None:
        Network.__init__(self, name=names.unique("sequential") if name is None else name, **options)
        self._prepare_training()
        self.chain = True
        self._layers: list[Layer] = []
        self._input: Tensor | None = None
        self._last: Tensor | None = None
        if layers is not None and not isinstance(layers, list | tuple):
            raise TypeError(
                f"Sequential got {names.shown(layers)}: it takes a list of layers, "
                "[layer, layer, …]."
            )
        for layer in layers or ():
            self.add(layer)
        if not self._trainable:
            self.trainable = False

    @property
    def layers(self) -> list[Layer]:
        """The layers, without that of the input."""
        return list(self._layers)

    def add(self, layer: Layer | Tensor) -> None:
        """Put a layer at the end. Raises ShapeError if it cannot take what comes before it."""
        if isinstance(layer, Tensor) and isinstance(layer.node.layer, InputLayer):
            layer = layer.node.layer
        if not isinstance(layer, Layer):
            raise TypeError(f"{self.name}: only layers can be added, not {names.shown(layer)}.")
        if any(layer.name == each.name for each in self._layers):
            raise ValueError(
                f"{self.name}: a layer named {layer.name!r} is there already: give every layer a "
                "name of its own."
            )
        if isinstance(layer, InputLayer):
            if self._layers or self._input is not None:
                raise ValueError(f"{self.name}: an Input can only come first.")
            self._begin(input_tensor(layer))
            return
        if self._input is None and not self._layers:
            shape = _own_input(layer)
            if shape is not None:
                self._begin(input_tensor(InputLayer(shape, name=names.unique("input_layer"))))
        if self._last is not None:
            self._last = layer(self._last)
            if isinstance(self._last, tuple):
                raise ValueError(
                    f"{self.name}: {layer.described} has several outputs: a Sequential takes "
                    "layers with one."
                )
        self._layers.append(layer)
        self._changed()

    def pop(self) -> None:
        """Take the last layer away."""
        if not self._layers:
            raise ValueError(f"{self.name} has no layers.")
        self._layers.pop()
        self._follow()

    def _begin(self, tensor: Tensor) -> None:
        self._input = tensor
        self._follow()

    def _follow(self) -> None:
        self._last = self._input
        if self._last is not None:
            for layer in self._layers:
                self._last = layer(self._last)
        self._changed()

    def _changed(self) -> None:
        self.built = False
        self._graph = None
        self._trainer = self._run = None
        if self._input is not None and self._last is not None and self._layers:
            self._graph = Graph([self._input], [self._last])

    def _connect(self, input_shape: Any) -> None:
        if not self._layers:
            raise ValueError(f"{self.name} has no layers: add some.")
        if several(input_shape):
            raise self.misfit(input_shape, "a single input")
        self._begin(input_tensor(InputLayer(input_shape, name=names.unique("input_layer"))))


def _own_input(layer: Layer) -> Shape | None:
    """What a first layer says of its input, or what it was made for."""
    if layer.given_input_shape is not None:
        return layer.given_input_shape
    if isinstance(layer, Sequential):
        return None if layer._input is None else layer._input.sample_shape
    if isinstance(layer, Network):
        shapes = [tensor.sample_shape for tensor in layer.graph.inputs]
        return shapes[0] if len(shapes) == 1 else None
    return layer.input_shape if layer.built else None
