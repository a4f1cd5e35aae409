"""The check that every trace has to pass refuses traces that break a promise."""

from dataclasses import replace

import numpy as np
import pytest

from simulator.engine.geometry import WindowGeometry
from simulator.traces.autoencoder import autoencoder_trace
from simulator.traces.convolution import ConvolutionTrace
from simulator.traces.model import Computed
from simulator.traces.region import Region
from tests.traces import invariants
from tests.traces.test_autoencoder import network, picture

GEOMETRY = WindowGeometry.convolution((5, 4), kernel_size=2, dilation=2, padding=1, stride=2)
RNG = np.random.default_rng(5)
X = RNG.normal(size=(5, 4, 2)).astype(np.float32)
KERNEL = RNG.normal(size=(2, 2, 2, 2)).astype(np.float32)
BIAS = RNG.normal(size=2).astype(np.float32)


class IgnoresDilation(ConvolutionTrace):
    def input_cell(self, place, channel):
        row, column, _ = super().input_cell(place, channel).first()
        return Region.cell("input", row - place.kernel_row, column - place.kernel_column, channel)


class WritesTwice(ConvolutionTrace):
    def _writes_of_term(self, place):
        writes = super()._writes_of_term(place)
        return (*writes, writes[0])


class ForgetsToWrite(ConvolutionTrace):
    def _writes_of_term(self, place):
        return super()._writes_of_term(place)[:3]


class ReadsTooEarly(ConvolutionTrace):
    def _writes_of_term(self, place):
        return tuple(reversed(super()._writes_of_term(place)))


class TellsAnotherStep(ConvolutionTrace):
    def _finest_writing(self, name, *positions):
        return super()._finest_writing(name, *positions) + (name == "output")


class ForgetsTheBias(ConvolutionTrace):
    def sources(self, name, index):
        return tuple(region for region in super().sources(name, index) if region.array != "bias")


class TellsTheRunningSumOfTheTermBefore(ConvolutionTrace):
    def explain(self, index):
        told = super().explain(index)
        return replace(told, result=replace(told.result, text=super().explain(0).result.text))


class KeepsWrongProducts(ConvolutionTrace):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        right = self.arrays["products"]
        wrong = Computed(right.shape, lambda *positions: right.values[positions] * 1.001)
        self.arrays = {**self.arrays, "products": replace(right, values=wrong)}


class ForgetsDependants(ConvolutionTrace):
    def dependants(self, name, index):
        return super().dependants(name, index) if index[0] else ()


def trace_of(kind, backend):
    return kind(X, KERNEL, BIAS, geometry=GEOMETRY, backend=backend)


def test_a_sound_trace_passes(reference):
    trace = trace_of(ConvolutionTrace, reference)
    invariants.check(trace, trace.arrays["output"].values)


def test_a_wrong_output_is_noticed(reference):
    trace = trace_of(ConvolutionTrace, reference)
    with pytest.raises(AssertionError):
        invariants.check(trace, trace.arrays["output"].values + 0.001)


@pytest.mark.parametrize(
    "kind",
    [
        IgnoresDilation,
        WritesTwice,
        ForgetsToWrite,
        ReadsTooEarly,
        TellsAnotherStep,
        ForgetsTheBias,
        TellsTheRunningSumOfTheTermBefore,
        KeepsWrongProducts,
        ForgetsDependants,
    ],
)
def test_a_trace_that_breaks_a_promise_is_noticed(reference, kind):
    trace = trace_of(kind, reference)
    with pytest.raises(AssertionError):
        invariants.check(trace, trace.arrays["output"].values)


def test_a_network_whose_numbers_are_not_the_engines_is_found_out():
    trace = autoencoder_trace(network([2, 4], pixels=4), picture(2, 2), code=1)
    right = trace.arrays["output_1"]
    trace.arrays = {**trace.arrays, "output_1": replace(right, values=right.values + 0.01)}
    with pytest.raises(AssertionError):
        invariants.check_staged(trace, {})
