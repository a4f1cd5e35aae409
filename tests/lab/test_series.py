"""Curves in bounded memory, against all their numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.lab.series import Series, joined

numbers = st.floats(-1e6, 1e6)


@given(st.lists(numbers, max_size=200), st.sampled_from([2, 4, 6, 10, 64]))
def test_bins_hold_the_mean_and_the_extremes_of_their_steps(values, capacity):
    series = Series(capacity)
    series.extend(1, values)
    curve = series.curve()
    assert len(curve) <= capacity
    start = 0
    for step, mean, low, high in zip(curve.steps, curve.mean, curve.low, curve.high, strict=True):
        part = values[start:step]
        assert mean == pytest.approx(np.mean(part), abs=1e-6)
        assert (low, high) == (min(part), max(part))
        start = step
    assert start == len(values)


@given(st.lists(numbers, min_size=1, max_size=60), st.integers(1, 80))
def test_a_thinned_curve_covers_the_same(values, points):
    series = Series()
    series.extend(1, values)
    curve = series.curve(points=points)
    assert len(curve) <= points
    assert curve.steps[-1] == len(values)
    assert curve.low.min() == min(values)
    assert curve.high.max() == max(values)
    counts = np.diff(curve.steps, prepend=0)
    assert (curve.mean * counts).sum() / len(values) == pytest.approx(np.mean(values), abs=1e-6)


def test_few_numbers_are_kept_as_they_are():
    series = Series(8)
    for step, value in ((4, 0.5), (8, 0.25), (12, 0.125)):
        series.add(step, value)
    assert series.per_point == 1
    assert [series.at(step) for step in (3, 4, 7, 8, 100)] == [None, 0.5, 0.5, 0.25, 0.125]
    part = series.curve(start=5, stop=11)
    np.testing.assert_array_equal(part.steps, [8])
    np.testing.assert_array_equal(joined([part, series.curve(start=12)]).mean, [0.25, 0.125])
    assert len(joined([])) == 0


def test_memory_stays_the_same_however_many_come():
    series = Series(1024)
    series.extend(1, np.arange(1024.0))
    full = series.nbytes
    series.extend(1025, np.arange(20_000.0))
    assert series.nbytes == full
    assert series.per_point == 32


def test_a_series_goes_through_its_arrays():
    series = Series(16)
    series.extend(1, range(50))
    again = Series.restored(series.saved(), 16)
    for each in (series, again):
        each.extend(51, range(30))
    np.testing.assert_array_equal(series.curve().mean, again.curve().mean)
    np.testing.assert_array_equal(series.curve().steps, again.curve().steps)


@given(
    chunks=st.lists(st.integers(1, 40), max_size=8),
    capacity=st.sampled_from([2, 4, 16]),
    seed=st.integers(0, 99),
)
def test_many_at_once_are_the_same_as_one_by_one(chunks, capacity, seed):
    single, many = Series(capacity), Series(capacity)
    values = np.random.default_rng(seed).normal(size=sum(chunks))
    for step, value in enumerate(values, start=1):
        single.add(step, float(value))
    done = 0
    for length in chunks:
        many.extend(done + 1, values[done : done + length])
        done += length
    for name, array in single.saved().items():
        assert np.array_equal(array, many.saved()[name]), name
    assert single.per_point == many.per_point


@given(
    st.lists(st.lists(numbers, max_size=30), min_size=1, max_size=12),
    st.integers(1, 20),
    st.sampled_from([2, 8, 64, 1024]),
)
def test_a_curve_that_was_asked_for_as_it_grew_is_the_same(parts, points, capacity):
    watched, alone, step = Series(capacity), Series(capacity), 1
    for part in parts:
        for series in (watched, alone):
            series.extend(step, part)
        step += len(part)
        watched.curve(points=points)
    found, whole = watched.curve(points=points), alone.curve(points=points)
    for name in ("steps", "mean", "low", "high"):
        assert getattr(found, name).tobytes() == getattr(whole, name).tobytes()
