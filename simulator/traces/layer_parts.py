"""The parts of a trace that the layers of an autoencoder are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.activations import Activation, linear
from simulator.engine.backends.base import Backend
from simulator.engine.geometry import WindowGeometry
from simulator.engine.layers import (
    BatchNormalization,
    Conv2D,
    Conv2DTranspose,
    Dense,
    MaxPooling2D,
)
from simulator.engine.layers.pooling import Pooling
from simulator.engine.layers.tied import TiedDense
from simulator.traces.cell_part import Bent, CellPart, Normalized, Same
from simulator.traces.cell_telling import Bending, Normalizing
from simulator.traces.convolution import ConvolutionTrace
from simulator.traces.dense_names import DenseNames
from simulator.traces.dense_part import DensePart
from simulator.traces.formula import Message
from simulator.traces.laid_layers import BENDING, MOVING, LaidLayer, LayerNames, origins
from simulator.traces.layer_words import LayerWords, moving_of
from simulator.traces.part import Part, UnitWords
from simulator.traces.pooling import pooling_trace
from simulator.traces.softmax_parts import softmax_parts
from simulator.traces.window import WindowTrace
from simulator.traces.window_part import WindowPart

Array = NDArray[Any]

GREEK = {"sigmoid": "σ", "linear": "linear"}
MOVED = r"\writes{y_{r,c}} = \reads{x}"
NORMALIZED = r"\writes{y} = \weights{\gamma}\frac{\reads{x} - \weights{\mu}}" + (
    r"{\sqrt{\weights{\sigma^2} + \varepsilon}} + \weights{\beta}"
)


class LayerParts:
    """Makes the parts of layers, one after the other."""

    def __init__(
        self,
        layers: Sequence[LaidLayer],
        weights: Mapping[str, Array],
        cache: Mapping[str, Array],
        backend: Backend,
        units: Mapping[int, UnitWords] | None = None,
    ) -> None:
        """Take the layers, their weights as they are shown, and what the engine's pass kept.

        ``units`` tells by a layer's number how its units are called, where not by row and column.
        """
        self._layers = layers
        self._weights = weights
        self._cache = cache
        self._backend = backend
        self._units = units or {}

    def made(
        self, each: LaidLayer, words: LayerWords, source: tuple[str, Message], x: Array
    ) -> list[Part]:
        """Return the parts of a layer that reads ``x``, the array called ``source``."""
        layer, names = each.layer, each.names
        name, output = f"layer_{each.number}", self.output(each)
        if isinstance(layer, Dense | TiedDense):
            return self._dense(each, words, source, x)
        deep = x if x.ndim == 3 else x[..., None]
        if isinstance(layer, Conv2D):
            geometry = layer.geometry(deep.shape[:2])
            window = self._convolution(deep, names, geometry)
            return [self._window(each, words, source, window, x.shape)]
        if isinstance(layer, Conv2DTranspose):
            return self._transposed(each, words, source, deep)
        if isinstance(layer, Pooling):
            kind = "max" if isinstance(layer, MaxPooling2D) else "average"
            geometry = layer.geometry(deep.shape[:2])
            pooled = pooling_trace(kind, deep, geometry=geometry, backend=self._backend)
            return [self._window(each, words, source, pooled, x.shape)]
        common: dict[str, Any] = {
            "source": source,
            "source_shape": x.shape,
            "taken": names.taken,
            "output": (names.output, words.output),
            "values": output,
        }
        if isinstance(layer, MOVING):
            sample = self._cache[f"{layer.name}/input"].shape[1:]
            formula, telling = Same(MOVED), moving_of(layer)
            found = origins(layer, sample)
            return [
                CellPart(
                    name, words.title, origins=found, formula=formula, telling=telling, **common
                )
            ]
        every = np.arange(x.size)
        if isinstance(layer, BENDING) and layer.activation.name == "softmax":
            return self._softmax(each, words, source, x)
        if isinstance(layer, BENDING):
            function = function_name(layer.activation)
            return [
                CellPart(
                    name,
                    words.title,
                    origins=every,
                    formula=Bent(bent_symbols(layer.activation), layer.activation),
                    telling=Bending(function),
                    **common,
                )
            ]
        assert isinstance(layer, BatchNormalization)
        scaled, centred = layer.scale, layer.center
        return [
            CellPart(
                name,
                words.title,
                origins=every,
                formula=Normalized(NORMALIZED, layer.epsilon, scaled, centred),
                telling=Normalizing(epsilon=layer.epsilon, scaled=scaled, centred=centred),
                statistics=(names.statistics, Message("μ, σ², γ, β")),
                **common,
            )
        ]

    def output(self, each: LaidLayer) -> Array:
        """Return what a layer gives, as it is laid out."""
        return self._cache[f"{each.layer.name}/output"].reshape(each.shape)

    def _dense(
        self, each: LaidLayer, words: LayerWords, source: tuple[str, Message], x: Array
    ) -> list[Part]:
        layer, names = each.layer, each.names
        assert isinstance(layer, Dense | TiedDense)
        backwards = isinstance(layer, TiedDense)
        kernel_name = names.kernel
        if isinstance(layer, TiedDense):
            owner = next(other for other in self._layers if other.layer is layer.source)
            if (owner.shape, owner.source) != (each.source, each.shape):
                raise ValueError(
                    f"The layer {layer.name!r} shares the weights of {owner.layer.name!r}, whose "
                    "units are laid out otherwise."
                )
            kernel_name = owner.names.kernel
        sums = self._cache[f"{layer.name}/pre_activation"].reshape(each.shape)
        assert layer.activation is not None
        softmax = layer.activation.name == "softmax"
        activation = linear if softmax else layer.activation
        scores = names.scores, Message("Scores")
        part = DensePart(
            f"layer_{each.number}",
            words.title,
            names=DenseNames(
                source=source[0],
                kernel=kernel_name,
                bias=names.bias,
                products=names.products,
                running=names.running,
                sums=names.sums,
                output=names.scores if softmax else names.output,
                symbols=dense_symbols(
                    activation, units=int(np.prod(each.source)), backwards=backwards
                ),
                source_title=source[1],
                kernel_title=Message("Weights, turned") if backwards else Message("Weights"),
                output_title=scores[1] if softmax else words.output,
            ),
            x=x,
            kernel=self._weights[kernel_name],
            bias=self._weights[names.bias],
            sums=sums,
            output=sums if softmax else self.output(each),
            activation=activation,
            function=function_name(activation),
            backwards=backwards,
        )
        part.words = self._units.get(each.number)
        return [part, *self._softmax(each, words, scores, sums)] if softmax else [part]

    def _softmax(
        self, each: LaidLayer, words: LayerWords, source: tuple[str, Message], scores: Array
    ) -> list[Part]:
        return softmax_parts(
            f"layer_{each.number}_softmax",
            words.title,
            names=each.names,
            source=source,
            scores=scores,
            output=words.output,
            shares=self.output(each),
            words=self._units.get(each.number, UnitWords()),
        )

    def _convolution(
        self, x: Array, names: LayerNames, geometry: WindowGeometry
    ) -> ConvolutionTrace:
        kernel = np.ascontiguousarray(self._weights[names.kernel])
        bias = np.ascontiguousarray(self._weights[names.bias])
        return ConvolutionTrace(x, kernel, bias, geometry=geometry, backend=self._backend)

    def _window(
        self,
        each: LaidLayer,
        words: LayerWords,
        source: tuple[str, Message],
        window: WindowTrace,
        source_shape: tuple[int, ...],
    ) -> WindowPart:
        layer = each.layer
        activation: Activation | None = getattr(layer, "activation", None)
        if activation is not None and activation.name == "linear":
            activation = None
        return WindowPart(
            f"layer_{each.number}",
            words.title,
            window=window,
            names=each.names,
            source=source,
            source_shape=source_shape,
            output_title=words.output,
            output=self.output(each),
            sums=None if activation is None else self._cache[f"{layer.name}/pre_activation"],
            activation=activation,
            function="" if activation is None else function_name(activation),
        )

    def _transposed(
        self, each: LaidLayer, words: LayerWords, source: tuple[str, Message], x: Array
    ) -> list[Part]:
        """Return the cells moved apart, and the convolution of that with the kernel turned round.

        Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning", chapter 4.
        """
        layer, names = each.layer, each.names
        assert isinstance(layer, Conv2DTranspose)
        geometry = layer.geometry(each.shape[:2])
        lines = [_apart(geometry, axis) for axis in (0, 1)]
        places = lines[0][:, None] * x.shape[1] + lines[1]
        nowhere = (lines[0][:, None] < 0) | (lines[1] < 0)
        channels = np.arange(x.shape[2])
        every = places[..., None] * x.shape[2] + channels
        every[nowhere] = -1
        apart = np.where(every < 0, 0, x.reshape(-1)[np.maximum(every, 0)]).astype(x.dtype)
        size = apart.shape[:2]
        flat = x.shape[2] == 1
        title = Message("{layer}: cells apart", {"layer": words.title})
        spread = CellPart(
            f"layer_{each.number}_apart",
            title,
            source=source,
            source_shape=x.shape[:2] if flat else x.shape,
            origins=every,
            taken=names.moved,
            output=(names.spread, Message("Cells apart")),
            values=apart[..., 0] if flat else apart,
            formula=Same(MOVED),
            telling=moving_of(layer),
        )
        inner = WindowGeometry.convolution(
            size, kernel_size=layer.kernel_size, dilation=layer.dilation_rate
        )
        window = self._convolution(np.ascontiguousarray(apart), names, inner)
        shape = spread.shape
        read = names.spread, Message("Cells apart")
        return [spread, self._window(each, words, read, window, shape)]


def _apart(geometry: WindowGeometry, axis: int) -> NDArray[np.int64]:
    """Return which line of a transposed convolution's input stands at each line of it moved apart.

    ``geometry`` is that of the convolution that it turns round; −1 stands for zeros.
    """
    span = geometry.effective_kernel_size[axis] - 1
    lines = np.arange(geometry.input_size[axis] + span) + geometry.padding[axis][0] - span
    found, rest = np.divmod(lines, geometry.stride[axis])
    inside = (rest == 0) & (found >= 0) & (found < geometry.output_size[axis])
    return np.where(inside, found, -1)


def function_name(activation: Activation) -> str:
    """Return what an activation is called in a formula."""
    name = activation.name
    return GREEK.get(name, name)


def bent_symbols(activation: Activation) -> str:
    """Return the formula of an activation as a layer of its own."""
    name = activation.name
    function = r"\sigma" if name == "sigmoid" else rf"\mathrm{{{name}}}"
    return rf"\writes{{y}} = {function}(\reads{{x}})"


def dense_symbols(activation: Activation, *, units: int, backwards: bool = False) -> str:
    """Return the formula of a unit of a dense layer with so many inputs.

    ``backwards`` is whether its weights are those of another layer, from outputs to inputs.
    """
    weight = "w_{{j,i}}" if backwards else "w_{{i,j}}"
    total = (
        rf"b_j + \sum_{{i=0}}^{{{units - 1}}} \reads{{x_i}} \cdot \weights{{"
        + weight.format()
        + "}"
    )
    name = activation.name
    if name == "linear":
        return rf"\writes{{y_j}} = {total}"
    function = r"\sigma" if name == "sigmoid" else rf"\mathrm{{{name}}}"
    return rf"\writes{{y_j}} = {function}({total})"
