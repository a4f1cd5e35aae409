"""Traces of random geometries keep every promise and equal loops over single numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.geometry import WindowGeometry
from simulator.traces.convolution import ConvolutionTrace
from simulator.traces.pooling import POOLING_KINDS, pooling_trace
from tests.engine import naive
from tests.traces import invariants
from tests.traces.geometries import convolutions, poolings, randomly, seeds

WINDOWED = [kind for kind in POOLING_KINDS if not kind.covers_all]
GLOBAL = [kind for kind in POOLING_KINDS if kind.covers_all]


def values(rng, shape, *, whole):
    """Whole numbers, with ties and zeros among them, or any."""
    drawn = rng.integers(-3, 4, shape) if whole else rng.normal(size=shape)
    return drawn.astype(np.float32)


@randomly
@given(convolutions(), seeds, st.booleans())
def test_convolution(backend, case, seed, whole):
    geometry, channels, filters = case
    rng = np.random.default_rng(seed)
    x = values(rng, (*geometry.input_size, channels), whole=whole)
    kernel = values(rng, (*geometry.kernel_size, channels, filters), whole=whole)
    bias = values(rng, (filters,), whole=whole)
    trace = ConvolutionTrace(x, kernel, bias, geometry=geometry, backend=backend)
    invariants.check(trace, naive.convolution2d(x[None], kernel, bias, geometry)[0])
    for name in ("products", "running_sum", "channel_maps"):
        array = trace.arrays[name]
        expected = naive_parts(x, kernel, bias, geometry)[name]
        read = array.read(invariants.Region.whole(name, array.shape))
        np.testing.assert_allclose(read, expected, **invariants.TOLERANCE)


def naive_parts(x, kernel, bias, geometry):
    """The products, running sums and channel maps, one number at a time."""
    kernel_height, kernel_width, channels, filters = kernel.shape
    rows, columns = naive.output_shape(geometry)
    products = np.zeros((filters, rows, columns, channels, kernel_height, kernel_width))
    running = np.zeros(products.shape)
    channel_maps = np.zeros((rows, columns, filters, channels))
    for _, row, column, f in naive.outputs(geometry, 1, filters):
        real = {
            (i, j): (input_row, input_column)
            for i, j, input_row, input_column in naive.window_cells(geometry, row, column)
        }
        total = float(bias[f])
        for c in range(channels):
            for i in range(kernel_height):
                for j in range(kernel_width):
                    pixel = float(x[(*real[i, j], c)]) if (i, j) in real else 0.0
                    product = pixel * float(kernel[i, j, c, f])
                    total += product
                    products[f, row, column, c, i, j] = product
                    running[f, row, column, c, i, j] = total
                    channel_maps[row, column, f, c] += product
    return {"products": products, "running_sum": running, "channel_maps": channel_maps}


def naive_pooling(kind, x, geometry, order, draws):
    """The output of a kind of pooling, one number at a time."""
    batch = x[None]
    if kind in ("max", "global_max"):
        return naive.max_pooling2d(batch, geometry)[0][0]
    if kind in ("average", "global_average"):
        return naive.each_window(batch, geometry, naive.mean)[0]
    if kind == "lp":
        return naive.each_window(batch, geometry, naive.norm(order))[0]
    if kind == "stochastic_inference":
        return naive.each_window(batch, geometry, naive.expectation)[0]
    assert kind == "stochastic_training"
    output = np.zeros((*naive.output_shape(geometry), x.shape[2]))
    for _, row, column, channel in naive.outputs(geometry, 1, x.shape[2]):
        cells = [
            float(x[a, b, channel]) for _, _, a, b in naive.window_cells(geometry, row, column)
        ]
        total = 0.0
        for value, probability in zip(cells, naive.probabilities(cells), strict=True):
            total += probability
            if total > draws[row, column, channel]:
                output[row, column, channel] = value
                break
    return output


def naive_terms(kind, x, geometry, order):
    """The terms and running values of a kind of pooling, one number at a time."""
    window = geometry.kernel_size
    rows, columns = naive.output_shape(geometry)
    terms = np.zeros((x.shape[2], rows, columns, 1, *window))
    running = np.zeros(terms.shape)
    largest = kind in ("max", "global_max")
    for _, row, column, channel in naive.outputs(geometry, 1, x.shape[2]):
        cells = {
            (i, j): float(x[a, b, channel])
            for i, j, a, b in naive.window_cells(geometry, row, column)
        }
        shares = dict(zip(cells, naive.probabilities(list(cells.values())), strict=True))
        total = -np.inf if largest else 0.0
        for i in range(window[0]):
            for j in range(window[1]):
                if (i, j) not in cells:
                    term = -np.inf if largest else 0.0
                else:
                    term = {
                        "lp": abs(cells[i, j]) ** (order or 1),
                        "stochastic_training": shares[i, j],
                        "stochastic_inference": shares[i, j] * cells[i, j],
                    }.get(kind, cells[i, j])
                total = max(total, term) if largest else total + term
                terms[channel, row, column, 0, i, j] = term
                running[channel, row, column, 0, i, j] = total
    return terms, running


def check_pooling(backend, kind, geometry, channels, seed, whole, order):
    rng = np.random.default_rng(seed)
    x = values(rng, (*geometry.input_size, channels), whole=whole)
    order = order if kind.takes_order else None
    draws = None
    if kind.takes_draws:
        draws = rng.random((*geometry.output_size, channels), dtype=np.float32)
    trace = pooling_trace(kind.id, x, geometry=geometry, backend=backend, order=order, draws=draws)
    invariants.check(trace, naive_pooling(kind.id, x, geometry, order, draws))
    for name, expected in zip(
        (trace.term_array, trace.running_array),
        naive_terms(kind.id, x, geometry, order),
        strict=True,
    ):
        read = trace.read(invariants.Region.whole(name, expected.shape))
        np.testing.assert_allclose(read, expected, **invariants.TOLERANCE)
    for row, column, channel in np.ndindex(trace.arrays["output"].shape):
        chosen = trace.chosen(row, column, channel)
        if chosen is None:
            assert kind.id not in ("max", "global_max", "stochastic_training")
        else:
            assert x[chosen] == trace.arrays["output"].values[row, column, channel]
            assert chosen in trace.window(row, column, range(channel, channel + 1))


@pytest.mark.parametrize("kind", WINDOWED, ids=lambda kind: kind.id)
@randomly
@given(poolings(), seeds, st.booleans(), st.sampled_from((1, 2, 3, 2.5)))
def test_pooling(backend, kind, case, seed, whole, order):
    geometry, channels = case
    check_pooling(backend, kind, geometry, channels, seed, whole, order)


@pytest.mark.parametrize("kind", GLOBAL, ids=lambda kind: kind.id)
@randomly
@given(st.tuples(st.integers(1, 8), st.integers(1, 8)), st.integers(1, 3), seeds, st.booleans())
def test_global_pooling(backend, kind, size, channels, seed, whole):
    check_pooling(backend, kind, WindowGeometry.whole(size), channels, seed, whole, None)
