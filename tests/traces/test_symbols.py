"""Every formula is LaTeX that can be set, with its roles marked in balanced braces."""

import re
import warnings

import numpy as np
import pytest

from simulator.engine.geometry import WindowGeometry
from simulator.traces.convolution import ConvolutionTrace
from simulator.traces.pooling import POOLING_KINDS, pooling_trace
from simulator.traces.symbols import index_expression

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of importlib.resources, in ziamath
    import ziamath

X = np.ones((6, 7, 2), np.float32)
SLIDING = WindowGeometry.pooling((6, 7), window=3, stride=2, padding="same")


def traces(backend):
    geometry = WindowGeometry.convolution(
        (6, 7), kernel_size=3, padding="same", stride=2, dilation=2
    )
    for channels in (1, 2):
        kernel = np.ones((3, 3, channels, 2), np.float32)
        bias = np.zeros(2, np.float32)
        yield ConvolutionTrace(X[..., :channels], kernel, bias, geometry=geometry, backend=backend)
    for kind in POOLING_KINDS:
        for geometry in (SLIDING, WindowGeometry.whole((6, 7))):
            if kind.covers_all and geometry is SLIDING:
                continue
            for order in (1, 2, 2.5) if kind.takes_order else (None,):
                draws = np.zeros((*geometry.output_size, 2), np.float32)
                yield pooling_trace(
                    kind.id,
                    X,
                    geometry=geometry,
                    backend=backend,
                    order=order,
                    draws=draws if kind.takes_draws else None,
                )


def test_every_formula_can_be_set(reference):
    found = set()
    for trace in traces(reference):
        found |= {trace.symbols, trace.size_fact().latex}
        for level in trace.levels:
            at = trace.at(level)
            for index in {0, min(trace.terms_per_cell - 1, len(at) - 1), len(at) - 1}:
                found |= {write.formula.symbols for write in at.step(index).writes}
    assert len(found) > 20
    for symbols in found:
        unmarked = re.sub(r"\\(reads|weights|writes)\{", "{", symbols)
        assert unmarked.count("{") == unmarked.count("}")
        assert ziamath.Latex(unmarked).svg()


@pytest.mark.parametrize(
    ("stride", "dilation", "padding", "text"),
    [(1, 1, 0, "r+i"), (2, 1, 0, "2r+i"), (1, 3, 0, "r+3i"), (2, 3, 1, "2r+3i-1")],
)
def test_indices_show_stride_dilation_and_padding(stride, dilation, padding, text):
    found = index_expression("r", stride=stride, offset="i", dilation=dilation, padding=padding)
    assert found == text


@pytest.mark.parametrize(("stride", "padding", "index"), [((1, 2), ((1, 1), (0, 0)), "r+i-1,2c+j")])
def test_each_axis_has_its_own(reference, stride, padding, index):
    geometry = WindowGeometry.pooling((6, 7), window=2, stride=stride, padding=padding)
    trace = pooling_trace("max", X, geometry=geometry, backend=reference)
    assert trace.symbols == rf"\writes{{y_{{r,c}}}} = \max_{{i,j}}\, \reads{{x_{{{index}}}}}"
