"""Compiling what will be needed, before it is needed.

Seconds the first time after an installation, well under a second from the kept machine code.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from simulator.engine.arrays import FloatArray
from simulator.engine.backends.base import Backend
from simulator.engine.backends.base_boltzmann import Descent
from simulator.engine.backends.program import (
    ActivityStage,
    Chain,
    ConvolutionStage,
    DenseStage,
    MaskStage,
    NotCompiled,
    Parameter,
    PoolingStage,
    RecurrentStage,
    Source,
    Stage,
)
from simulator.engine.geometry import WindowGeometry

LIMITED = "regularizers and limits"
"""A network in which gradients are changed before they are used."""
BATCHES = {"dense layers": 8, "convolutions of few filters": 16}
"""Some layers go another way for a few samples than for many."""


def operations(backend: Backend) -> None:
    """Run every operation once on a small float32 image."""
    with backend.flushing_denormals():
        _run_operations(backend)


def _run_operations(backend: Backend) -> None:
    x = np.ones((1, 4, 4, 1), np.float32)
    kernel, bias = np.ones((2, 2, 1, 1), np.float32), np.ones(1, np.float32)
    geometry = WindowGeometry.convolution((4, 4), kernel_size=2)
    y = backend.convolution2d(x, kernel, bias, geometry=geometry)
    backend.convolution2d_kernel_gradient(x, y, geometry=geometry)
    backend.convolution2d_input_gradient(y, kernel, geometry=geometry)
    backend.convolution2d_bias_gradient(y)
    y = backend.depthwise_convolution2d(x, kernel, bias, geometry=geometry)
    backend.depthwise_convolution2d_kernel_gradient(x, y, geometry=geometry)
    backend.depthwise_convolution2d_input_gradient(y, kernel, geometry=geometry)
    matrix = np.ones((1, 1), np.float32)
    backend.dense(matrix, matrix, bias)
    backend.dense_kernel_gradient(matrix, matrix)
    backend.dense_input_gradient(matrix, matrix)
    backend.dense_bias_gradient(matrix)
    backend.matmul(matrix, matrix)

    geometry = WindowGeometry.pooling((4, 4), window=2)
    y, choice = backend.max_pooling2d(x, geometry=geometry)
    backend.max_pooling2d_gradient(y, choice, geometry=geometry)
    backend.average_pooling2d(x, geometry=geometry)
    backend.average_pooling2d_gradient(y, geometry=geometry)
    backend.lp_pooling2d(x, order=2, geometry=geometry)
    backend.lp_pooling2d_gradient(x, y, y, order=2, geometry=geometry)
    backend.stochastic_pooling2d(x, np.zeros_like(y), geometry=geometry)
    backend.stochastic_pooling2d_probabilities(x, geometry=geometry)
    backend.stochastic_pooling2d_expected(x, geometry=geometry)
    backend.stochastic_pooling2d_expected_gradient(x, y, geometry=geometry)


def training(backend: Backend) -> Iterator[str]:
    """Make one training step of small networks with all that programs know, in float32, and of a
    Boltzmann machine; between two of them a caller can stop. Gives the name of what comes next.
    """
    for name, (input_shape, stages) in _networks().items():
        yield name
        try:
            _train_once(
                backend,
                input_shape,
                stages,
                batch=BATCHES.get(name, 1),
                clipping="norm" if name == LIMITED else "",
            )
        except NotCompiled:
            break
    else:
        backend.programs_ready = True
    yield "Boltzmann machines"
    _descend_once(backend)


def _networks() -> dict[str, tuple[tuple[int, ...], list[tuple[Stage, tuple[int, ...]]]]]:
    narrow = WindowGeometry.convolution((4, 4), kernel_size=1)
    wide = WindowGeometry.convolution((2, 2), kernel_size=1, padding=((1, 1), (1, 1)))
    even = WindowGeometry.convolution((8, 8), kernel_size=3, padding=((1, 1), (1, 1)))
    halves = WindowGeometry.pooling((4, 4), window=2)
    corners = WindowGeometry.pooling((2, 2), window=2, stride=1)
    convolutions: list[tuple[Stage, tuple[int, ...]]] = [
        (_convolution(narrow, 1, 32), (4, 4, 32)),
        (PoolingStage("max", halves), (2, 2, 32)),
        (_convolution(wide, 32, 1), (4, 4, 1)),
        (PoolingStage("max", halves), (2, 2, 1)),
        (PoolingStage("max", WindowGeometry.pooling((2, 2), window=1)), (2, 2, 1)),
        (PoolingStage("average", corners), (1, 1, 1)),
        (_dense(1, 1), (1,)),
    ]
    limited: list[tuple[Stage, tuple[int, ...]]] = [
        (_dense(2, 2), (2,)),
        (ActivityStage(np.zeros(2)), (2,)),
        (_dense(2, 1, np.zeros(2)), (1,)),
    ]
    return {
        "dense layers": ((2,), [(_dense(2, 2), (2,)), (MaskStage(), (2,)), (_dense(2, 1), (1,))]),
        "convolutions": ((4, 4, 1), convolutions),
        "convolutions of few filters": (
            (4, 4, 1),
            [(_convolution(narrow, 1, 1), (4, 4, 1)), (_dense(16, 1), (1,))],
        ),
        "frozen convolutions": (
            (8, 8, 16),
            [(_frozen(_convolution(even, 16, 32)), (8, 8, 32)), (_dense(8 * 8 * 32, 1), (1,))],
        ),
        "simple recurrent layers": ((2, 1), [(_recurrent("simple_rnn", 1), (1,))]),
        "LSTM": ((2, 1), [(_recurrent("lstm", 4), (1,))]),
        "GRU": ((2, 1), [(_recurrent("gru", 3, biases=2), (1,))]),
        "GRU of another kind": ((2, 1), [(_recurrent("gru", 3), (1,))]),
        LIMITED: ((2,), limited),
    }


def _zeros(*shape: int) -> FloatArray:
    return np.zeros(shape, np.float32)


def _trained(weights: FloatArray, penalty: FloatArray | None = None) -> Parameter:
    kept, *slots = (np.zeros_like(weights) for _ in range(3))
    return Parameter(weights, kept, tuple(slots), decays=False, penalty=penalty)


def _dense(inputs: int, units: int, penalty: FloatArray | None = None) -> DenseStage:
    kernel, bias = _zeros(inputs, units), _zeros(units)
    return DenseStage(kernel, bias, "relu", _trained(kernel, penalty), _trained(bias))


def _convolution(geometry: WindowGeometry, channels: int, filters: int) -> ConvolutionStage:
    kernel, bias = _zeros(*geometry.kernel_size, channels, filters), _zeros(filters)
    return ConvolutionStage(kernel, bias, "relu", geometry, _trained(kernel), _trained(bias))


def _frozen(stage: ConvolutionStage) -> ConvolutionStage:
    return replace(stage, kernel_parameter=None, bias_parameter=None)


def _recurrent(kind: str, gates: int, biases: int = 1) -> RecurrentStage:
    kernel, recurrent_kernel = _zeros(1, gates), _zeros(1, gates)
    bias = _zeros(biases, gates)
    return RecurrentStage(
        kind,
        kernel,
        recurrent_kernel,
        bias,
        "tanh",
        "sigmoid",
        biases > 1,
        sequences=False,
        backwards=False,
        parameters=(_trained(kernel), _trained(recurrent_kernel), _trained(bias)),
    )


def _descend_once(backend: Backend) -> None:
    backend.contrastive_divergence(
        _zeros(1, 1),
        np.zeros(1, np.int64),
        _zeros(2),
        {"kernel": _zeros(1, 1), "visible_bias": _zeros(1), "hidden_bias": _zeros(1)},
        None,
        batch_size=1,
        k=1,
        descent=Descent(np.ones(1, np.float32)),
    )


def _train_once(
    backend: Backend,
    input_shape: tuple[int, ...],
    stages: list[tuple[Stage, tuple[int, ...]]],
    *,
    batch: int,
    clipping: str,
) -> None:
    chain = Chain(
        batch=batch,
        dtype="float32",
        input_shape=input_shape,
        stages=tuple(stages),
        loss="mean_squared_error",
        weighted=False,
        optimizer="adam",
        clipping=clipping,
    )
    program = backend.program(chain)
    source = Source(_zeros(1, *input_shape), _zeros(1, 1), None)
    masks = [_zeros(1, batch, *shape) for shape in chain.mask_shapes]
    order = np.zeros((1, batch), np.int64)
    program.run(source, order, _zeros(1, program.columns), masks, threads=1)
    if program.alone:
        backend.in_turn([(program, slice(0, 1))])
