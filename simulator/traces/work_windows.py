"""A layer at work that slides windows: convolutions of every kind, and poolings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.activations import Activation
from simulator.engine.geometry import WindowGeometry
from simulator.engine.layers import (
    Conv1D,
    Conv2DTranspose,
    DepthwiseConv2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    LpPooling2D,
    MaxPooling1D,
    MaxPooling2D,
    StochasticPooling2D,
)
from simulator.engine.layers.convolution import Conv, Convolution
from simulator.engine.layers.pooling import GlobalPooling, Pooling
from simulator.traces.convolution import ConvolutionTrace
from simulator.traces.fold_part import FoldNames, FoldPart
from simulator.traces.folds import ADDED, Product
from simulator.traces.formula import Message, Piece, Tone
from simulator.traces.laid_layers import LaidLayer, LayerNames
from simulator.traces.layer_parts import LayerParts, function_name
from simulator.traces.layer_words import LayerWords
from simulator.traces.numbers import factor
from simulator.traces.operands import Along, Operand
from simulator.traces.pooling import pooling_trace
from simulator.traces.window import WindowTrace
from simulator.traces.window_part import WindowPart
from simulator.traces.work import INPUT, Work, laid
from simulator.traces.work_ends import SOFTMAX, bend, is_linear

Array = NDArray[Any]

NAMES = LayerNames.of(1)
LARGEST = (MaxPooling1D, MaxPooling2D, GlobalMaxPooling1D, GlobalMaxPooling2D)
PRODUCTS = {
    NAMES.products: Message("Product"),
    NAMES.running: Message("Running sum"),
    NAMES.channels: Message("Sum of a channel"),
    NAMES.sums: Message("Sum"),
    NAMES.output: Message("Output"),
}
TERMS = {
    NAMES.products: Message("Value"),
    NAMES.running: Message("So far"),
    NAMES.output: Message("Output"),
}


def convolve(work: Work) -> None:
    """Add the parts of a Conv1D, Conv2D or DepthwiseConv2D.

    A sequence (T, C) is a picture of T rows and C columns, over whose whole width windows lie.
    """
    layer = work.layer
    assert isinstance(layer, Convolution)
    work.give(NAMES.kernel, Message("Weights"), work.weights[NAMES.kernel])
    work.give(NAMES.bias, Message("Bias"), work.weights[NAMES.bias])
    if isinstance(layer, DepthwiseConv2D) or (isinstance(layer, Conv) and layer.groups > 1):
        _filter_some(work, layer)
        return
    x = work.inputs[0]
    if isinstance(layer, Conv1D):
        geometry = along_time(layer.geometry((len(x),)), columns=x.shape[1], wide=True)
    else:
        geometry = layer.geometry(x.shape[:2])
    window = ConvolutionTrace(
        deep(x),
        np.ascontiguousarray(work.weights[NAMES.kernel]),
        np.ascontiguousarray(work.weights[NAMES.bias]),
        geometry=geometry,
        backend=work.backend,
    )
    _slide(work, window, layer.activation)


def pool(work: Work) -> None:
    """Add the part of a pooling, along time or over pictures, over windows or over all."""
    layer, x = work.layer, work.inputs[0]
    kind = "max" if isinstance(layer, LARGEST) else "average"
    order: float | None = None
    if isinstance(layer, LpPooling2D):
        kind, order = "lp", layer.order
    elif isinstance(layer, StochasticPooling2D):
        kind = "stochastic_inference"
    if isinstance(layer, GlobalPooling):
        rows, columns = x.shape[:2]
        geometry = WindowGeometry.whole((rows, columns))
        if layer.rank == 1:
            geometry = replace(geometry, kernel_size=(rows, 1), stride=(rows, 1))
        else:
            kind = f"global_{kind}"
    else:
        assert isinstance(layer, Pooling)
        geometry = (
            along_time(layer.geometry((len(x),)), columns=x.shape[1], wide=False)
            if layer.rank == 1
            else layer.geometry(x.shape[:2])
        )
    window = pooling_trace(kind, deep(x), geometry=geometry, backend=work.backend, order=order)
    _slide(work, window, None)


def deep(x: Array) -> Array:
    """Return a plane as a picture of one channel."""
    return np.ascontiguousarray(x if x.ndim == 3 else x[..., None])


def along_time(geometry: WindowGeometry, *, columns: int, wide: bool) -> WindowGeometry:
    """Return the geometry of windows along a row as one of windows that go down over columns.

    They are as wide as all columns, or of one column each.
    """
    width = columns if wide else 1
    return WindowGeometry(
        input_size=(geometry.input_size[1], columns),
        kernel_size=(geometry.kernel_size[1], width),
        stride=(geometry.stride[1], 1),
        dilation=(geometry.dilation[1], 1),
        padding=(geometry.padding[1], (0, 0)),
    )


def _slide(work: Work, window: WindowTrace, activation: Activation | None) -> None:
    convolves = isinstance(window, ConvolutionTrace)
    shares = activation is not None and activation.name == SOFTMAX
    bends = convolves and not shares and not is_linear(activation)
    before = work.cache.get("pre_activation", work.output)
    names = replace(NAMES, output="scores_1") if shares else NAMES
    rows, columns = window.geometry.output_size
    made = before if shares else work.output
    part = WindowPart(
        "layer_1",
        work.title,
        window=window,
        names=names,
        source=work.input_name(0),
        source_shape=work.inputs[0].shape,
        output_title=Message("Scores") if shares else Message("Output"),
        output=made.reshape(rows, columns, window.maps),
        sums=before if bends else None,
        activation=activation if bends else None,
        function=function_name(activation) if bends and activation is not None else "",
    )
    work.padded(INPUT, part.padding)
    titles = PRODUCTS if convolves else TERMS
    written = {array.name for array in part.arrays}
    told = {
        name: titles.get(name, Message("Scores") if shares else Message("Probability"))
        for name in written
    }
    work.add(part, station=part_title(names), **told)
    if shares:
        assert activation is not None
        scores = laid(made.reshape(rows, columns, window.maps))
        output = work.output.reshape(scores.shape)
        bend(work, (names.output, Message("Scores")), scores, activation, output)


def part_title(names: LayerNames) -> Message:
    """Return what the last array of a layer is called."""
    return Message("Output") if names.output == NAMES.output else Message("Scores")


def _filter_some(work: Work, layer: Convolution) -> None:
    """Add filters that each read one channel, or the channels of their group."""
    x, kernel = work.inputs[0], work.weights[NAMES.kernel]
    bias = work.weights[NAMES.bias]
    if isinstance(layer, Conv1D):
        geometry = along_time(layer.geometry((len(x),)), columns=1, wide=False)
    else:
        geometry = layer.geometry(x.shape[:2])
    over = _taps(geometry)
    one_axis = isinstance(layer, Conv1D)
    if one_axis:
        over = over[:1]
    unit_axes = len(over) + 1
    last = unit_axes - 1
    if isinstance(layer, DepthwiseConv2D):
        each = layer.depth_multiplier
        tail = (Along(last, per=each), Along(last, modulo=each))
        channel = (Along(last, per=each),) if x.ndim == 3 else ()
        lying = (kernel.shape[0], kernel.shape[1])
    else:
        assert isinstance(layer, Conv)
        seen = kernel.shape[-2]
        group = layer.filters // layer.groups
        channel = (Along(last, length=seen, stride=seen, per=group),)
        tail = (Along.whole(seen), Along(last))
        taps = tuple(kernel.shape[:-2])
        lying = (taps[0], seen) if one_axis else (seen * taps[0], taps[1])
    # The channels come first: a picture shows one of them at a time.
    order = None if one_axis else (2, 0, 1)
    rows = tuple(Along.whole(length) for length in kernel.shape[: len(over)])
    source = Operand(
        *work.input_name(0),
        x.shape,
        (*over, *channel),
        order=order if x.ndim == 3 else None,
        padding=0.0,
    )
    weights = Operand(
        NAMES.kernel,
        Message("Weights"),
        kernel.shape,
        (*rows, *tail),
        order=None if order is None else (2, 0, 1, 3),
    )
    start = Operand(NAMES.bias, Message("Bias"), bias.shape, (Along(), Along(last)))
    before = work.cache.get("pre_activation", work.output).reshape(
        *geometry.output_size[: len(over)], -1
    )
    work.refuse_terms(before.size, source.count)
    linear = is_linear(layer.activation)
    output = NAMES.output if linear else NAMES.sums
    title = Message("Output") if linear else Message("Sums")
    part = FoldPart(
        "layer_1",
        work.title,
        names=FoldNames(
            terms=NAMES.products,
            running=NAMES.running,
            output=output,
            output_title=title,
            term=Message("Product"),
            terms_title=Message("Products"),
        ),
        operands=[(source, x), (weights, kernel)],
        term_shape=lying,
        combine=Product(r"\reads{x} \cdot \weights{k}"),
        told=told_product,
        fold=ADDED,
        symbols=r"\writes{y} = b + \sum \reads{x} \cdot \weights{k}",
        values=before,
        start=(start, bias),
        rule=Message("A filter reads one channel alone.")
        if isinstance(layer, DepthwiseConv2D)
        else Message("A filter reads the channels of its own group alone."),
    )
    work.padded(INPUT, 0.0)
    work.add(part, station=title, **{each.name: PRODUCTS[each.name] for each in part.arrays})
    if not linear:
        assert layer.activation is not None
        bend(work, (output, title), before, layer.activation, work.output.reshape(before.shape))


def _taps(geometry: WindowGeometry) -> tuple[Along, ...]:
    """Return what a unit of a window reads along rows and columns."""
    return tuple(
        Along(
            axis,
            length=geometry.kernel_size[axis],
            stride=geometry.stride[axis],
            offset=-geometry.padding[axis][0],
            dilation=geometry.dilation[axis],
        )
        for axis in (0, 1)
    )


def told_product(values: Sequence[float]) -> tuple[Piece, ...]:
    """Return a product of a number read and a weight."""
    x, weight = values
    return Piece(factor(x), Tone.READS), Piece("×"), Piece(factor(weight), Tone.WEIGHTS)


def turn_round(work: Work) -> None:
    """Add the parts of a Conv2DTranspose: cells apart, and a convolution of these."""
    layer, x = work.layer, work.inputs[0]
    assert isinstance(layer, Conv2DTranspose)
    if layer.activation.name == SOFTMAX:
        raise ValueError("It has a softmax over maps that grow, which can't be shown.")
    each = LaidLayer(layer, 1, x.shape, work.output.shape)
    work.give(NAMES.kernel, Message("Weights, turned"), work.weights[NAMES.kernel])
    work.give(NAMES.bias, Message("Bias"), work.weights[NAMES.bias])
    cache = {f"{layer.name}/{name}": array[None] for name, array in work.cache.items()}
    makes = LayerParts([each], work.weights, cache, work.backend)
    words = LayerWords(work.title, Message("Output"), Message("Output"))
    apart, sums = makes.made(each, words, work.input_name(0), x)
    spread = Message("Cells apart")
    work.add(apart, station=spread, **{NAMES.spread: spread, NAMES.moved: Message("Value")})
    work.add(
        sums,
        station=Message("Output"),
        **{array.name: PRODUCTS[array.name] for array in sums.arrays},
    )
    apart.arrays = tuple(
        replace(array, padding=0.0) if array.name == NAMES.spread else array
        for array in apart.arrays
    )
