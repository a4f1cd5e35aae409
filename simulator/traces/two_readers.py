"""The same picture read by a convolution, window by window, and by an RNN, row by row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.geometry import WindowGeometry
from simulator.engine.layers import SimpleRNN
from simulator.traces.cellwise_equations import Cellwise, Operation
from simulator.traces.dot_equation import DotInput
from simulator.traces.equations import Source, Wording
from simulator.traces.formula import Fact, Message
from simulator.traces.model import Role, given
from simulator.traces.recurrence import RecurrentTrace, segments_of
from simulator.traces.recurrence_told import Teller
from simulator.traces.recurrent import Sequence, forward_arrays, values_of
from simulator.traces.recurrent_cells import cell_equations
from simulator.traces.window_sum import WindowSum

Array = NDArray[Any]


def two_readers_trace(
    picture: Array,
    kernel: Array,
    bias: Array,
    layer: SimpleRNN,
    initial: Array,
    *,
    backend: Backend,
) -> RecurrentTrace:
    """Return the trace of a convolution with ReLU, and then of a layer that has been built.

    ``picture`` (H, W) is also the layer's sequence of H rows; ``kernel`` (kh, kw), ``bias`` (1, 1);
    ``initial`` (1, U) is the layer's state before the first row.

    Raises:
        GeometryError: the kernel doesn't fit the picture.
    """
    rows, columns = picture.shape
    geometry = WindowGeometry.convolution(
        (rows, columns), kernel_size=kernel.shape, stride=1, padding="valid"
    )
    height, width = geometry.output_size
    size = (int(kernel.shape[0]), int(kernel.shape[1]))
    convolution = WindowSum(
        name="map",
        units=width,
        length=rows,
        x="x",
        kernel="conv_kernel",
        bias="conv_bias",
        size=size,
        wording=Wording(
            name="convolution",
            letter="y",
            symbols=r"\writes{y_{r,c}} = b + \sum_{i,j}\reads{x_{r+i,c+j}}\cdot\weights{k_{i,j}}",
            tells=Message("The window sees a small part of the picture, and nothing else."),
        ),
    )
    source = Source("map")
    feature = Cellwise(
        name="feature",
        units=width,
        length=height,
        operations=(Operation("feature", (source,), _relu, ("max(0,", source, ")")),),
        told=("max(0,", source, ")"),
        wording=Wording(
            name="feature map",
            letter="z",
            symbols=r"\writes{z_{r,c}} = \max(0, \reads{y_{r,c}})",
            tells=Message("what is positive goes on."),
        ),
    )
    reader = cell_equations(layer, (DotInput(Source("x"), "kernel", columns),), rows)
    segments = segments_of(((convolution, feature), height, False), (reader, rows, False))
    arrays = [
        given("x", ("time", "value"), Role.READS, picture),
        given("conv_kernel", ("row", "column"), Role.WEIGHTS, kernel),
        given("conv_bias", ("row", "column"), Role.WEIGHTS, bias),
        *(
            given(name, ("row", "column"), Role.WEIGHTS, np.atleast_2d(weight))
            for name, weight in layer.weights.items()
        ),
        given("initial_h", ("time", "unit"), Role.READS, initial),
    ]

    def run(values: Mapping[str, Array]) -> Mapping[str, Array]:
        found = dict(values)
        x = np.ascontiguousarray(found["x"])
        convolved = backend.convolution2d(
            x[None, :, :, None],
            np.ascontiguousarray(found["conv_kernel"][:, :, None, None]),
            np.ascontiguousarray(found["conv_bias"][0]),
            geometry=geometry,
        )
        found["map"] = convolved[0, :, :, 0]
        found["feature"] = _relu(found["map"])
        sequence = Sequence(x, {"h": found["initial_h"][0]})
        return found | forward_arrays(layer, sequence, backend)

    values = run(values_of(arrays))
    shared, own = kernel.size + 1, sum(weight.size for weight in layer.weights.values())
    return RecurrentTrace(
        arrays,
        segments,
        values,
        states=("h",),
        run=run,
        teller=Teller({}, ("Product", "Cell", "Line", "Row", "Network"), "Row {time}"),
        fact=Fact(
            "Weights",
            rf"\mathrm{{CNN}}\ {size[0]}\cdot{size[1]}+1=\mathbf{{{shared}}}\\"
            rf"\mathrm{{RNN}}\ {layer.units}\cdot({columns}+{layer.units}+1)=\mathbf{{{own}}}",
            Message("Both use the same weights again and again: at every place, or at every row."),
        ),
    )


def _relu(values: Array) -> Array:
    return np.maximum(values, 0)
