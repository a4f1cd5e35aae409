import numpy as np
import pytest
from hypothesis import given

from simulator.engine.geometry import GeometryError
from simulator.lessons.catalogue import lesson as find
from simulator.traces.pooling import POOLING_KINDS
from simulator.traces.region import Region
from tests.lessons.opened import BACKEND, pooling_settings, randomly, state_of

LESSON = find("pooling")
KINDS = {kind.id: kind for kind in POOLING_KINDS}


def values(trace, name):
    return trace.read(Region.whole(name, trace.arrays[name].shape))


def naive(kind, window, *, order, draw):
    """One output value of the cells (n,) of a window that are no padding, row by row."""
    if kind in ("max", "global_max"):
        return window.max()
    if kind in ("average", "global_average"):
        return window.mean()
    if kind == "lp":
        return (np.abs(window) ** order).sum() ** (1 / order)
    weights = np.maximum(window, 0)
    weights = weights if weights.sum() > 0 else np.ones_like(window)
    probabilities = weights / weights.sum()
    if kind == "stochastic_inference":
        return (probabilities * window).sum()
    return window[
        np.searchsorted(probabilities.cumsum(), draw, side="right").clip(0, window.size - 1)
    ]


@given(pooling_settings)
@randomly
def test_the_output_is_that_of_a_naive_loop(settings):
    state = state_of("pooling", **settings)
    try:
        trace = LESSON.trace(state, BACKEND)
    except GeometryError:
        assert not KINDS[settings["kind"]].covers_all
        return
    x, y = values(trace, "input").astype(float), values(trace, "output")
    drawn = values(trace, "draws") if "draws" in trace.arrays else np.zeros(y.shape)
    height, width = trace.geometry.input_size
    for row, column, channel in np.ndindex(y.shape):
        rows = [r for r in trace.geometry.window_rows(row) if 0 <= r < height]
        columns = [c for c in trace.geometry.window_columns(column) if 0 <= c < width]
        window = x[np.ix_(rows, columns, [channel])].reshape(-1)
        expected = naive(
            settings["kind"], window, order=settings["order"], draw=drawn[row, column, channel]
        )
        assert y[row, column, channel] == pytest.approx(expected, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("kind", [kind.id for kind in POOLING_KINDS if kind.covers_all])
@pytest.mark.parametrize("size", [1, 224])
def test_global_pooling_leaves_one_number_a_channel(kind, size):
    state = state_of("pooling", kind=kind, size=size, channels="3", window=15, padding=14)
    assert LESSON.trace(state, BACKEND).arrays["output"].shape == (1, 1, 3)


@pytest.mark.parametrize(
    ("settings", "name", "told"),
    [
        ({"window": 7, "size": 5}, "window", "A 7 × 7 pooling window does not fit the 5 × 5 input"),
        ({"window": 2, "padding": 2}, "padding", "choose a padding of 1 or less"),
        ({"window": 1, "padding": 14}, "padding", "choose no padding, or a larger window"),
    ],
)
def test_a_window_that_does_not_fit_says_what_would(settings, name, told):
    with pytest.raises(GeometryError) as refused:
        LESSON.trace(state_of("pooling", **settings), BACKEND)
    assert told in str(refused.value)
    blamed = LESSON.blamed(refused.value.parameter)
    assert blamed is not None
    assert blamed.name == name


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_controls_are_shown_where_they_have_a_meaning(kind):
    settings = state_of("pooling", kind=kind.id).settings
    shown = {control.name for control in LESSON.controls if control.shown(settings)}
    always = {"picture", "channels", "range", "size", "kind"}
    expected = set() if kind.covers_all else {"window", "stride", "padding"}
    expected |= {"order"} if kind.takes_order else set()
    expected |= {"seed"} if kind.takes_draws else set()
    assert shown == always | expected


def test_every_padding_that_can_be_set_fits_some_window():
    window, padding = LESSON.control("window"), LESSON.control("padding")
    assert padding.maximum == window.maximum - 1
    state = state_of("pooling", size=1, window=window.maximum, padding=padding.maximum)
    assert LESSON.trace(state, BACKEND).geometry.output_size == (8, 8)


def test_the_draws_are_the_seeds():
    state = state_of("pooling", kind="stochastic_training", seed=7)
    trace = LESSON.trace(state, BACKEND)
    expected = np.random.default_rng(7).random((3, 3, 1), dtype=np.float32)
    np.testing.assert_array_equal(values(trace, "draws"), expected)


def test_only_what_is_possible_is_offered():
    kind = LESSON.control("kind")
    assert [option.value for option in kind.options] == [kind.id for kind in POOLING_KINDS]
