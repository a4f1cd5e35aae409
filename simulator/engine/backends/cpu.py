"""The fast backend for the processor: the reference's operations, compiled by Numba."""
# ruff: noqa: D102 - What each operation computes is written in the reference, and only there.

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

import numpy as np

from simulator.engine.arrays import FloatArray, IndexArray
from simulator.engine.backends import (
    checks,
    cpu_convolution,
    cpu_dense,
    cpu_depthwise,
    cpu_pooling,
    cpu_stochastic_pooling,
)
from simulator.engine.backends.base import Backend
from simulator.engine.backends.cpu_boltzmann import CpuBoltzmann
from simulator.engine.backends.cpu_compile import given
from simulator.engine.backends.cpu_machine import begin_flushing, end_flushing
from simulator.engine.backends.cpu_plan import (
    LinePlan,
    TapPlan,
    backward_plan,
    forward_plan,
    tap_plan,
)
from simulator.engine.backends.cpu_program import CpuProgram, run_in_turn
from simulator.engine.backends.cpu_recurrent import CpuRecurrent
from simulator.engine.backends.cpu_team import processors
from simulator.engine.backends.program import Chain, Program
from simulator.engine.geometry import WindowGeometry


class CpuBackend(CpuRecurrent, CpuBoltzmann, Backend):
    """The operations of `Backend`, as fast as one core allows."""

    name = "cpu"

    def __init__(self, threads: int | None = None) -> None:
        """By default programs use as many threads as there are processors for this process."""
        self.threads = processors() if threads is None else max(1, int(threads))

    def flushing_denormals(self) -> AbstractContextManager[None]:
        return _flushing()

    def program(self, chain: Chain) -> Program:
        return CpuProgram(chain)

    def in_turn(self, turns: Sequence[tuple[Program, slice]]) -> bool:
        return run_in_turn(turns)

    def program_size(self, chain: Chain) -> int:
        return CpuProgram(chain, measured=True).size(self.threads)

    def convolution2d(
        self,
        x: FloatArray,
        kernel: FloatArray,
        bias: FloatArray | None,
        *,
        geometry: WindowGeometry,
    ) -> FloatArray:
        checks.convolution(x, kernel, bias, geometry)
        filters = kernel.shape[3]
        y = np.empty((x.shape[0], *geometry.output_size, filters), x.dtype)
        cpu_convolution.correlate(
            given(x), given(kernel), _initial(bias, x), y, *_forward(geometry)
        )
        return y

    def convolution2d_kernel_gradient(
        self, x: FloatArray, output_gradient: FloatArray, *, geometry: WindowGeometry
    ) -> FloatArray:
        checks.kernel_gradient(x, output_gradient, geometry)
        filters = output_gradient.shape[3]
        gradient = np.zeros((*geometry.kernel_size, x.shape[3], filters), x.dtype)
        cpu_convolution.accumulate_kernel_gradient(
            given(x), given(output_gradient), gradient, *_taps(geometry)
        )
        return gradient

    def convolution2d_input_gradient(
        self, output_gradient: FloatArray, kernel: FloatArray, *, geometry: WindowGeometry
    ) -> FloatArray:
        checks.input_gradient(output_gradient, kernel, geometry)
        channels = kernel.shape[2]
        shape = (output_gradient.shape[0], *geometry.input_size, channels)
        gradient = np.empty(shape, kernel.dtype)
        turned = kernel[::-1, ::-1].transpose(0, 1, 3, 2)
        cpu_convolution.correlate(
            given(output_gradient),
            given(turned),
            _initial(None, kernel),
            gradient,
            backward_plan(geometry, 0),
            backward_plan(geometry, 1),
        )
        return gradient

    def convolution2d_bias_gradient(self, output_gradient: FloatArray) -> FloatArray:
        checks.image("output_gradient", output_gradient)
        gradient = np.zeros(output_gradient.shape[3], output_gradient.dtype)
        cpu_convolution.accumulate_bias_gradient(given(output_gradient), gradient)
        return gradient

    def depthwise_convolution2d(
        self,
        x: FloatArray,
        kernel: FloatArray,
        bias: FloatArray | None,
        *,
        geometry: WindowGeometry,
    ) -> FloatArray:
        checks.depthwise(x, kernel, bias, geometry)
        outputs = kernel.shape[2] * kernel.shape[3]
        y = np.empty((x.shape[0], *geometry.output_size, outputs), x.dtype)
        y[...] = 0 if bias is None else bias
        cpu_depthwise.accumulate(given(x), given(kernel), y, *_taps(geometry))
        return y

    def depthwise_convolution2d_kernel_gradient(
        self, x: FloatArray, output_gradient: FloatArray, *, geometry: WindowGeometry
    ) -> FloatArray:
        checks.depthwise_kernel_gradient(x, output_gradient, geometry)
        multiplier = output_gradient.shape[3] // x.shape[3]
        gradient = np.zeros((*geometry.kernel_size, x.shape[3], multiplier), x.dtype)
        cpu_depthwise.accumulate_kernel_gradient(
            given(x), given(output_gradient), gradient, *_taps(geometry)
        )
        return gradient

    def depthwise_convolution2d_input_gradient(
        self, output_gradient: FloatArray, kernel: FloatArray, *, geometry: WindowGeometry
    ) -> FloatArray:
        checks.depthwise_input_gradient(output_gradient, kernel, geometry)
        shape = (output_gradient.shape[0], *geometry.input_size, kernel.shape[2])
        gradient = np.zeros(shape, kernel.dtype)
        cpu_depthwise.accumulate_input_gradient(
            given(output_gradient), given(kernel), gradient, *_taps(geometry)
        )
        return gradient

    def dense(self, x: FloatArray, kernel: FloatArray, bias: FloatArray | None) -> FloatArray:
        checks.dense(x, kernel, bias)
        units = kernel.shape[1]
        y = np.empty((_rows(x), units), x.dtype)
        cpu_dense.multiply(given(x.reshape(_rows(x), -1)), given(kernel), _initial(bias, x), y)
        return y.reshape(*x.shape[:-1], units)

    def dense_kernel_gradient(self, x: FloatArray, output_gradient: FloatArray) -> FloatArray:
        checks.dense_kernel_gradient(x, output_gradient)
        units = output_gradient.shape[-1]
        gradient = np.empty((x.shape[-1], units), x.dtype)
        cpu_dense.multiply_transposed(
            given(x.reshape(_rows(x), -1)),
            given(output_gradient.reshape(_rows(x), units)),
            _initial(None, x),
            gradient,
        )
        return gradient

    def dense_input_gradient(self, output_gradient: FloatArray, kernel: FloatArray) -> FloatArray:
        checks.dense_input_gradient(output_gradient, kernel)
        return self.dense(output_gradient, kernel.T, None)

    def matmul(self, a: FloatArray, b: FloatArray) -> FloatArray:
        checks.matmul(a, b)
        y = np.empty((*a.shape[:-1], b.shape[-1]), a.dtype)
        rows, depth, columns = a.shape[-2], a.shape[-1], b.shape[-1]
        cpu_dense.multiply_each(
            given(a.reshape(-1, rows, depth)),
            given(b.reshape(-1, depth, columns)),
            _initial(None, a),
            y.reshape(-1, rows, columns),
        )
        return y

    def max_pooling2d(
        self, x: FloatArray, *, geometry: WindowGeometry
    ) -> tuple[FloatArray, IndexArray]:
        checks.pooling(x, geometry)
        y = _pooled(x, geometry)
        choice = np.empty(y.shape, np.int32)
        cpu_pooling.max_pool(given(x), y, choice, *_forward(geometry), geometry.kernel_size[1])
        return y, choice

    def max_pooling2d_gradient(
        self, output_gradient: FloatArray, choice: IndexArray, *, geometry: WindowGeometry
    ) -> FloatArray:
        checks.routing(output_gradient, choice, geometry)
        gradient = _input_zeros(output_gradient, geometry)
        cpu_pooling.route(
            given(output_gradient),
            given(choice),
            gradient,
            *_forward(geometry),
            geometry.kernel_size[1],
        )
        return gradient

    def average_pooling2d(self, x: FloatArray, *, geometry: WindowGeometry) -> FloatArray:
        checks.pooling(x, geometry)
        y = _pooled(x, geometry)
        cpu_pooling.average_pool(given(x), y, *_forward(geometry))
        return y

    def average_pooling2d_gradient(
        self, output_gradient: FloatArray, *, geometry: WindowGeometry
    ) -> FloatArray:
        checks.pooling_gradient(output_gradient, geometry)
        gradient = _input_zeros(output_gradient, geometry)
        cpu_pooling.average_pool_gradient(given(output_gradient), gradient, *_forward(geometry))
        return gradient

    def lp_pooling2d(self, x: FloatArray, *, order: float, geometry: WindowGeometry) -> FloatArray:
        checks.pooling(x, geometry)
        y = _pooled(x, geometry)
        cpu_pooling.lp_pool(given(x), y, checks.order(order), *_forward(geometry))
        return y

    def lp_pooling2d_gradient(
        self,
        x: FloatArray,
        y: FloatArray,
        output_gradient: FloatArray,
        *,
        order: float,
        geometry: WindowGeometry,
    ) -> FloatArray:
        checks.pooling_gradient_at(x, output_gradient, geometry, y=y)
        gradient = np.zeros_like(x, order="C")
        cpu_pooling.lp_pool_gradient(
            given(x),
            given(y),
            given(output_gradient),
            gradient,
            checks.order(order),
            *_forward(geometry),
        )
        return gradient

    def stochastic_pooling2d(
        self, x: FloatArray, uniform: FloatArray, *, geometry: WindowGeometry
    ) -> tuple[FloatArray, IndexArray]:
        checks.draws(x, uniform, geometry)
        y = _pooled(x, geometry)
        choice = np.empty(y.shape, np.int32)
        cpu_stochastic_pooling.draw(
            given(x), given(uniform), y, choice, *_forward(geometry), geometry.kernel_size[1]
        )
        return y, choice

    def stochastic_pooling2d_probabilities(
        self, x: FloatArray, *, geometry: WindowGeometry
    ) -> FloatArray:
        checks.pooling(x, geometry)
        height, width = geometry.kernel_size
        shape = (x.shape[0], *geometry.output_size, x.shape[3], height * width)
        probabilities = np.zeros(shape, x.dtype)
        cpu_stochastic_pooling.probabilities_of(given(x), probabilities, *_forward(geometry), width)
        return probabilities

    def stochastic_pooling2d_expected(
        self, x: FloatArray, *, geometry: WindowGeometry
    ) -> FloatArray:
        checks.pooling(x, geometry)
        y = _pooled(x, geometry)
        cpu_stochastic_pooling.expect(given(x), y, *_forward(geometry))
        return y

    def stochastic_pooling2d_expected_gradient(
        self, x: FloatArray, output_gradient: FloatArray, *, geometry: WindowGeometry
    ) -> FloatArray:
        checks.pooling_gradient_at(x, output_gradient, geometry)
        y = self.stochastic_pooling2d_expected(x, geometry=geometry)
        gradient = np.zeros_like(x, order="C")
        cpu_stochastic_pooling.expect_gradient(
            given(x), given(y), given(output_gradient), gradient, *_forward(geometry)
        )
        return gradient


@contextmanager
def _flushing() -> Iterator[None]:
    before = begin_flushing()
    try:
        yield
    finally:
        end_flushing(before)


def _forward(geometry: WindowGeometry) -> tuple[LinePlan, LinePlan]:
    return forward_plan(geometry, 0), forward_plan(geometry, 1)


def _taps(geometry: WindowGeometry) -> tuple[TapPlan, TapPlan]:
    return tap_plan(geometry, 0), tap_plan(geometry, 1)


def _initial(bias: FloatArray | None, like: FloatArray) -> FloatArray:
    """What sums start from: a bias, or an empty array where that is nothing."""
    return given(np.empty(0, like.dtype) if bias is None else bias)


def _rows(x: FloatArray) -> int:
    """How many vectors (…, D) holds."""
    return int(x.size) // int(x.shape[-1])


def _pooled(x: FloatArray, geometry: WindowGeometry) -> FloatArray:
    return np.zeros((x.shape[0], *geometry.output_size, x.shape[3]), x.dtype)


def _input_zeros(output_gradient: FloatArray, geometry: WindowGeometry) -> FloatArray:
    batch, _, _, channels = output_gradient.shape
    return np.zeros((batch, *geometry.input_size, channels), output_gradient.dtype)
