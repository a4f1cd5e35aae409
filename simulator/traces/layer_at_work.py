"""The trace of one layer of any kind, with the arrays that go in: each cell, and what it reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine import layers as kinds
from simulator.engine.backends.base import Backend
from simulator.engine.layers import Context, Layer
from simulator.traces.formula import Fact, Message, Piece, Tone
from simulator.traces.model import Role
from simulator.traces.numbers import count
from simulator.traces.staged import StagedTrace
from simulator.traces.work import MOST_NUMBERS, Work, laid
from simulator.traces.work_attention import attend
from simulator.traces.work_cells import activate, join, look_up, merge, move
from simulator.traces.work_normalized import normalize
from simulator.traces.work_weights import shown_weights
from simulator.traces.work_windows import convolve, pool, turn_round

Array = NDArray[Any]

POOLINGS = (
    *(kinds.MaxPooling1D, kinds.MaxPooling2D, kinds.AveragePooling1D, kinds.AveragePooling2D),
    *(kinds.GlobalMaxPooling1D, kinds.GlobalMaxPooling2D),
    *(kinds.GlobalAveragePooling1D, kinds.GlobalAveragePooling2D),
    *(kinds.LpPooling2D, kinds.StochasticPooling2D),
)
MAKERS: tuple[tuple[tuple[type[Layer], ...], Callable[[Work], None]], ...] = (
    ((kinds.Conv1D, kinds.Conv2D, kinds.DepthwiseConv2D), convolve),
    ((kinds.Conv2DTranspose,), turn_round),
    (POOLINGS, pool),
    (
        (
            *(kinds.Flatten, kinds.Reshape, kinds.Permute, kinds.RepeatVector),
            *(kinds.UpSampling2D, kinds.ZeroPadding2D),
            *(kinds.Dropout, kinds.GaussianNoise, kinds.Masking),
        ),
        move,
    ),
    ((kinds.Activation, kinds.ReLU, kinds.LeakyReLU, kinds.Softmax), activate),
    ((kinds.BatchNormalization, kinds.LayerNormalization), normalize),
    (
        (
            *(kinds.Add, kinds.Subtract, kinds.Multiply, kinds.Average),
            *(kinds.Maximum, kinds.Minimum),
        ),
        merge,
    ),
    ((kinds.Concatenate,), join),
    ((kinds.Embedding,), look_up),
    ((kinds.MultiHeadAttention,), attend),
)
"""Which kinds of layers are shown, and what makes their parts."""


def layer_trace(layer: Layer, inputs: Sequence[Array], *, backend: Backend) -> StagedTrace:
    """Return the trace of a layer, which has its weights, outside of training.

    ``inputs`` are those of one sample, without the axis of the batch. The arrays are those of the
    engine's own pass.

    Raises:
        ValueError: the layer can't be shown; the message says why.
    """
    make = next((make for known, make in MAKERS if isinstance(layer, known)), None)
    if make is None:
        listed = ", ".join(kind.__name__ for known, _ in MAKERS for kind in known)
        raise ValueError(f"{type(layer).__name__} isn't shown here: there are {listed}.")
    work = _worked(layer, inputs, backend)
    for at, x in enumerate(work.inputs):
        work.give(*work.input_name(at), x, Role.READS if at != 1 else Role.WEIGHTS)
        work.stations.append(work.input_name(at))
    make(work)
    sizes = [prod(shape) for shape in work.sample_shapes]
    return StagedTrace(
        work.given,
        work.parts,
        titles=work.titles,
        finest="Step",
        fact=_shape_fact(work),
        stations=work.stations,
        pictures=(),
        closing=(
            (
                Piece(" + ".join(map(count, sizes)), Tone.READS),
                Piece("→"),
                Piece(count(work.output.size), Tone.WRITES),
            ),
            Message(
                "The whole layer: {inputs} numbers go in, {outputs} come out.",
                {"inputs": count(sum(sizes)), "outputs": count(work.output.size)},
            ),
        ),
    )


def laid_inputs(layer: Layer, inputs: Sequence[Array]) -> list[Array]:
    """Return what goes into a layer as it is laid out: as rows and columns, or maps of these.

    Raises ValueError for inputs that can't be laid out; the message says why.
    """
    if isinstance(layer, kinds.Embedding):
        if inputs[0].ndim != 1:
            raise ValueError("It looks up a table for each number of several rows: one is shown.")
        return [inputs[0][:, None]]
    return [x[None] if _in_a_row(layer, inputs) else laid(x) for x in inputs]


def _in_a_row(layer: Layer, inputs: Sequence[Array]) -> bool:
    """Return whether numbers are laid out in one row: those that others are laid beside."""
    return isinstance(layer, kinds.Concatenate) and inputs[0].ndim == 1


def _worked(layer: Layer, inputs: Sequence[Array], backend: Backend) -> Work:
    """Return the layer with its pass on the inputs, laid out."""
    context = Context(backend, training=False, rng=np.random.default_rng(0))
    batch = tuple(np.ascontiguousarray(x)[None] for x in inputs)
    output, cache = layer.forward(batch if len(batch) > 1 else batch[0], context)
    if output.size > MOST_NUMBERS:
        raise ValueError(
            f"It gives {count(output.size)} numbers: up to {count(MOST_NUMBERS)} can be shown."
        )
    shapes = tuple(tuple(x.shape) for x in inputs)
    made = output[0]
    return Work(
        layer=layer,
        title=Message(type(layer).__name__),
        inputs=tuple(laid_inputs(layer, inputs)),
        sample_shapes=shapes,
        output=made[None] if _in_a_row(layer, inputs) else laid(made),
        output_shape=tuple(made.shape),
        weights=shown_weights(layer, shapes[0]),
        cache={name: array[0] for name, array in cache.items() if array.shape[:1] == (1,)},
        backend=backend,
    )


def _shape_fact(work: Work) -> Fact:
    """Return what shape becomes what, and how many weights the layer has."""
    inputs = r",\;".join(_told(shape) for shape in work.sample_shapes)
    weights = sum(weight.size for weight in work.layer.weights.values())
    remark = (
        Message("It has {count} weights.", {"count": count(weights)})
        if weights
        else Message("It has no weights: there is nothing to learn here.")
    )
    return Fact("Shape", rf"{inputs} \to \mathbf{{{_told(work.output_shape)}}}", remark)


def _told(shape: Sequence[int]) -> str:
    return r" \times ".join(map(str, shape))
