"""Pooling traces with numbers worked out by hand."""

import numpy as np
import pytest

from simulator.engine.geometry import GeometryError, WindowGeometry
from simulator.traces.formula import Tone
from simulator.traces.pooling import POOLING_KINDS, pooling_trace
from simulator.traces.region import Region
from tests.traces import invariants
from tests.traces.told import plain_text

# The window in the middle of the first row: 175 178 / 172 169.
PICTURE = np.array([[1, 175, 178], [2, 172, 169]], np.float32)


def pool(kind, x, *, backend, window=2, stride=1, padding="valid", **options):
    """The trace of one channel."""
    x = np.asarray(x, np.float32)
    geometry = WindowGeometry.pooling(x.shape[:2], window=window, stride=stride, padding=padding)
    if x.ndim == 2:
        x = x[:, :, None]
    return pooling_trace(kind, x, geometry=geometry, backend=backend, **options)


def sentences(trace):
    return [str(trace.explain(index).sentence) for index in range(len(trace))]


def headlines(trace):
    return [plain_text(trace.explain(index).headline) for index in range(len(trace))]


def relations(trace):
    told = [trace.explain(index) for index in range(len(trace))]
    return [(one.relation, one.result.text) for one in told]


def test_maximum(backend):
    trace = pool("max", PICTURE[:, 1:], backend=backend)
    assert headlines(trace) == [
        "max(175) = 175",
        "max(175, 178) = 178",
        "max(178, 172) = 178",
        "max(178, 169) = 178",
    ]
    name = "Value {} of 4 for output cell (0, 0). "
    assert sentences(trace) == [
        name.format(1) + "The largest so far is 175.",
        name.format(2) + "The largest so far is 178.",
        name.format(3) + "The largest so far is 178.",
        name.format(4) + "The largest is 178.",
    ]
    assert trace.explain(1).separator == ","
    assert relations(trace) == [("=", "175"), ("=", "178"), ("=", "178"), ("=", "178")]
    tones = [piece.tone for piece in trace.explain(1).headline]
    assert (tones[1], tones[3]) == (Tone.WRITES, Tone.READS)
    whole = trace.at("cell").explain(0)
    assert plain_text(whole.headline) == "max(175, 178, 172, 169) = 178"
    assert str(whole.sentence) == (
        "For output cell (0, 0), the largest of 4 values is 178, from input cell (0, 1)."
    )
    assert trace.chosen(0, 0, 0) == (0, 1, 0)


def test_the_first_of_equal_values_wins(backend):
    trace = pool("max", [[3, 5], [5, 5]], backend=backend)
    assert trace.chosen(0, 0, 0) == (0, 1, 0)


def test_padding_never_wins(backend):
    trace = pool(
        "max", -PICTURE[:, 1:], window=2, stride=2, padding=((1, 1), (1, 1)), backend=backend
    )
    assert trace.arrays["output"].values[..., 0].tolist() == [[-175, -178], [-172, -169]]
    assert headlines(trace)[:4] == [
        "max(pad) = −∞",
        "max(pad) = −∞",
        "max(pad) = −∞",
        "max(−175) = −175",
    ]
    assert sentences(trace)[0] == (
        "Value 1 of 4 for output cell (0, 0) is padding, which never wins."
    )
    assert sentences(trace)[4:6] == [
        "Value 1 of 4 for output cell (0, 1) is padding, which never wins.",
        "Value 2 of 4 for output cell (0, 1) is padding, which never wins.",
    ]
    assert headlines(trace)[12:14] == ["max(−169) = −169", "max(−169, pad) = −169"]
    assert sentences(trace)[13].endswith(
        "is padding, which never wins. The largest so far is −169."
    )
    terms = trace.explain(0).terms
    assert [plain_text(term.pieces) for term in terms] == ["pad", "pad", "pad", "−175"]
    assert terms[0].pieces[0].tone is Tone.QUIET
    assert [trace.chosen(*cell, 0)[:2] for cell in np.ndindex(2, 2)] == list(np.ndindex(2, 2))
    whole = trace.at("cell").explain(0)
    assert plain_text(whole.headline) == "max(−175) = −175"
    assert str(whole.sentence) == (
        "For output cell (0, 0), the only value is −175, from input cell (0, 0)."
    )


def test_average(backend):
    trace = pool("average", PICTURE[:, 1:], backend=backend)
    assert headlines(trace) == [
        "0 + 175 = 175",
        "175 + 178 = 353",
        "353 + 172 = 525",
        "525 + 169 = 694",
    ]
    assert sentences(trace)[2:] == [
        "Value 3 of 4 for output cell (0, 0). The sum so far is 525.",
        "Value 4 of 4 for output cell (0, 0). The sum is 694; divided by 4, that is 173.5.",
    ]
    assert relations(trace)[2:] == [("=", "525"), ("÷ 4 =", "173.5")]
    assert str(trace.explain(0).caption) == "1 of 4 values, n = 4"
    whole = trace.at("cell").explain(0)
    assert plain_text(whole.headline) == "694 ÷ 4 = 173.5"
    assert str(whole.sentence) == (
        "For output cell (0, 0), 4 values add up to 694; their mean is 173.5."
    )


def test_an_average_does_not_count_padding(backend):
    trace = pool("average", [[1, 2], [3, 5]], stride=2, padding=((0, 0), (1, 1)), backend=backend)
    assert trace.arrays["output"].values[..., 0].tolist() == [[2, 3.5]]
    assert headlines(trace)[:2] == ["0 + pad = 0", "0 + 1 = 1"]
    assert sentences(trace)[0] == (
        "Value 1 of 4 for output cell (0, 0) is padding, which isn't counted. The sum so far is 0."
    )
    assert relations(trace)[3] == ("÷ 2 =", "2")
    assert str(trace.explain(3).caption) == "4 of 4 values, n = 2"
    assert str(trace.at("cell").explain(1).sentence) == (
        "For output cell (0, 1), 2 values add up to 7; their mean is 3.5. Padding isn't counted."
    )
    assert r"\frac{1}{n}" in trace.symbols


def test_a_mean_that_is_rounded_is_called_so(backend):
    trace = pool("average", [[1, 2, 2]], window=(1, 3), backend=backend)
    assert plain_text(trace.at("cell").explain(0).headline) == "5 ÷ 3 ≈ 1.667"
    assert relations(trace)[2] == ("÷ 3 ≈", "1.667")
    assert sentences(trace)[2].endswith("The sum is 5; divided by 3, that is about 1.667.")


def test_lp_of_order_two_is_a_length(backend):
    trace = pool("lp", [[3, -4]], window=(1, 2), order=2, backend=backend)
    assert headlines(trace) == ["|3|² = 9", "|−4|² = 16"]
    assert sentences(trace) == [
        "Value 1 of 2 for output cell (0, 0). The sum so far is 9.",
        "Value 2 of 2 for output cell (0, 0). The sum is 25; its square root is 5.",
    ]
    assert relations(trace) == [("=", "9"), ("√ =", "5")]
    assert str(trace.explain(0).caption) == "1 of 2 values, p = 2"
    whole = trace.at("cell").explain(0)
    assert plain_text(whole.headline) == "√25 = 5"
    assert str(whole.sentence) == (
        "For output cell (0, 0), the squares add up to 25; the square root is 5."
    )


@pytest.mark.parametrize(
    ("order", "first", "last", "whole"),
    [
        (1, "|3| = 3", ("=", "7"), "Σ |x| = 7"),
        (3, "|3|³ = 27", ("^(1/3) ≈", "4.498"), "91^(1/3) ≈ 4.498"),
        (2.5, "|3|^2.5 ≈ 15.59", ("^(1/2.5) ≈", "4.688"), "47.59^(1/2.5) ≈ 4.688"),
    ],
)
def test_lp_of_other_orders(backend, order, first, last, whole):
    trace = pool("lp", [[3, -4]], window=(1, 2), order=order, backend=backend)
    assert headlines(trace)[0] == first
    assert relations(trace)[1] == last
    assert plain_text(trace.at("cell").explain(0).headline) == whole
    assert "power" in sentences(trace)[1] or order == 1


def test_lp_padding_adds_nothing(backend):
    trace = pool("lp", [[3]], window=(1, 2), padding=((0, 0), (1, 0)), order=2, backend=backend)
    assert headlines(trace) == ["pad → 0", "|3|² = 9"]
    assert sentences(trace)[0].endswith("is padding, which adds nothing. The sum so far is 0.")


def test_a_draw_picks_the_cell_at_which_the_probabilities_exceed_it(backend):
    x = [[1, -2, 3, 4]]
    trace = pool(
        "stochastic_training",
        x,
        window=(1, 4),
        draws=np.full((1, 1, 1), 0.25, np.float32),
        backend=backend,
    )
    probabilities = trace.read(Region.whole("probabilities", (1, 1, 1, 1, 1, 4))).ravel()
    assert probabilities == pytest.approx([0.125, 0, 0.375, 0.5])
    assert trace.chosen(0, 0, 0) == (0, 2, 0)
    assert headlines(trace) == [
        "0 + 0.125 = 0.125",
        "0.125 + 0 = 0.125",
        "0.125 + 0.375 = 0.5",
        "0.5 + 0.5 = 1",
    ]
    name = "Value {} of 4 for output cell (0, 0) has probability {}. "
    assert sentences(trace) == [
        name.format(1, "0.125")
        + "The probabilities so far add up to 0.125, which doesn't exceed the draw 0.25.",
        name.format(2, "0")
        + "The probabilities so far add up to 0.125, which doesn't exceed the draw 0.25.",
        name.format(3, "0.375")
        + "The probabilities so far add up to 0.5, which exceeds the draw 0.25: "
        "this value is chosen.",
        name.format(4, "0.5") + "Value 3 is already chosen.",
    ]
    assert relations(trace) == [("=", "0.125"), ("=", "0.125"), ("=", "0.5"), ("→", "3")]
    assert str(trace.explain(0).caption) == "1 of 4 values, u = 0.25"
    whole = trace.at("cell").explain(0)
    assert plain_text(whole.headline) == "u = 0.25 → 3"
    assert str(whole.sentence) == (
        "For output cell (0, 0), the draw 0.25 falls on value 3 of 4: 3, from input cell (0, 2)."
    )
    assert trace.dependants("draws", (0, 0, 0)) == (Region.cell("output", 0, 0, 0),)


def test_padding_is_never_drawn(backend):
    """With no positive value all input cells are equally likely, and padding is none."""
    trace = pool(
        "stochastic_training",
        [[-1, -1]],
        window=(1, 2),
        padding=((0, 0), (1, 0)),
        draws=np.array([[[0.0], [0.75]]], np.float32),
        backend=backend,
    )
    assert trace.chosen(0, 0, 0) == (0, 0, 0)
    assert trace.chosen(0, 1, 0) == (0, 1, 0)
    assert headlines(trace)[:2] == ["0 + pad = 0", "0 + 1 = 1"]
    assert sentences(trace)[0].startswith(
        "Value 1 of 2 for output cell (0, 0) is padding, which is never drawn."
    )


def test_inference_weighs_values_with_their_probabilities(backend):
    trace = pool("stochastic_inference", [[1, -2, 3, 4]], window=(1, 4), backend=backend)
    assert headlines(trace) == [
        "0.125 × 1 = 0.125",
        "0 × (−2) = 0",
        "0.375 × 3 = 1.125",
        "0.5 × 4 = 2",
    ]
    assert relations(trace)[3] == ("=", "3.25")
    assert sentences(trace)[2:] == [
        "Value 3 of 4 for output cell (0, 0). The sum so far is 1.25.",
        "Value 4 of 4 for output cell (0, 0). The sum is 3.25.",
    ]
    assert [write.target.array for write in trace.step(3).writes] == [
        "probabilities",
        "terms",
        "running",
        "output",
    ]
    whole = trace.at("cell").explain(0)
    assert plain_text(whole.headline) == "Σ p·x = 3.25"
    assert str(whole.sentence) == (
        "For output cell (0, 0), the values times their probabilities add up to 3.25."
    )


def test_a_probability_comes_from_its_whole_window(backend):
    trace = pool("stochastic_inference", [[1, 2, 3]], window=(1, 2), backend=backend)
    window = Region("input", (range(1), range(1, 3), range(1)))
    for name in ("probabilities", "terms", "running"):
        assert trace.sources(name, (0, 0, 1, 0, 0, 0)) == (window,)


@pytest.mark.parametrize("kind", ["global_max", "global_average"])
def test_global_pooling_leaves_one_number_a_channel(backend, kind):
    x = np.arange(24, dtype=np.float32).reshape(4, 3, 2)
    trace = pooling_trace(kind, x, geometry=WindowGeometry.whole((4, 3)), backend=backend)
    expected = x.max((0, 1)) if kind == "global_max" else x.mean((0, 1))
    invariants.check(trace, expected[None, None])
    assert [len(trace.at(level)) for level in trace.levels] == [24, 2, 2, 1]
    told = trace.at("map").explain(1)
    assert plain_text(told.headline) == "4 × 3 → 1 × 1"
    assert str(told.sentence) == "Channel 2 of 2. Output cells: 1. Terms in each: 12."
    fact = trace.size_fact()
    assert fact.latex == r"O=\mathbf{1}"
    assert str(fact.remark) == (
        "One window covers the whole 4 × 3 input: each channel becomes one number."
    )
    assert "r" not in trace.symbols.replace(r"\reads", "").replace(r"\writes", "").replace(
        r"\frac", ""
    )


def test_a_large_window_is_told_around_its_current_value(backend):
    x = np.arange(400, dtype=np.float32).reshape(20, 20, 1)
    trace = pooling_trace(
        "global_average", x, geometry=WindowGeometry.whole((20, 20)), backend=backend
    )
    told = trace.explain(205)
    assert len(told.terms) == 27
    assert told.columns == 9
    assert told.elided[0] % 9 == 0
    assert plain_text(told.terms[205 - told.elided[0]].pieces) == "205"
    assert str(told.sentence).startswith("Value 206 of 400 for output cell (0, 0).")
    assert trace.at("cell").explain(0).elided == (0, 373)
    largest = pooling_trace(
        "global_max", x, geometry=WindowGeometry.whole((20, 20)), backend=backend
    )
    assert plain_text(largest.at("cell").explain(0).headline) == "max(0, 1, …, 399) = 399"


def test_channels_are_pooled_each_on_its_own(backend):
    x = np.stack([PICTURE, 100 * PICTURE], axis=-1)
    trace = pool("max", x, backend=backend)
    assert trace.arrays["output"].values[0].tolist() == [[175, 17500], [178, 17800]]
    index = trace.finest_of((1, 0, 1, 0, 0, 1))
    assert str(trace.step(index).title) == "Value 2 of 4 for output cell (0, 1) of channel 2"
    assert plain_text(trace.explain(index).where) == "r = 0 c = 1 d = 1 i = 0 j = 1"
    assert trace.step(index).reads[0] == Region.cell("input", 0, 2, 1)
    assert trace.dependants("input", (0, 2, 1)) == (Region("output", ((0,), (1,), range(1, 2))),)
    assert str(trace.at("map").step(1).title) == "Channel 2 of 2"
    assert str(trace.at("cell").step(0).title) == (
        "All 4 values for output cell (0, 0) of channel 1"
    )


def test_the_kinds_are_listed_with_what_they_need(backend):
    assert [kind.id for kind in POOLING_KINDS] == [
        "max",
        "average",
        "lp",
        "stochastic_training",
        "stochastic_inference",
        "global_max",
        "global_average",
    ]
    assert all(kind.description.endswith(".") and kind.label for kind in POOLING_KINDS)
    x = np.ones((2, 2, 1), np.float32)
    for kind in POOLING_KINDS:
        trace = pooling_trace(
            kind.id,
            x,
            geometry=WindowGeometry.whole((2, 2)),
            backend=backend,
            order=2 if kind.takes_order else None,
            draws=np.zeros((1, 1, 1), np.float32) if kind.takes_draws else None,
        )
        assert trace.arrays["output"].values.item() == (2 if kind.id == "lp" else 1)


def test_what_is_missing_or_unknown_is_named(backend):
    x, geometry = np.ones((2, 2, 1), np.float32), WindowGeometry.whole((2, 2))
    for kind, message in (
        ("lp", "needs an order"),
        ("stochastic_training", "needs draws"),
        ("median", "no pooling kind 'median': choose one of max, average"),
    ):
        with pytest.raises(ValueError, match=message):
            pooling_trace(kind, x, geometry=geometry, backend=backend)


def test_sizes_that_do_not_go_together_are_refused(backend):
    x = np.ones((4, 4, 1), np.float32)
    part = WindowGeometry.pooling((4, 4), window=2)
    for kind in ("global_max", "global_average"):
        with pytest.raises(GeometryError, match="2 × 2: global pooling has one window") as caught:
            pooling_trace(kind, x, geometry=part, backend=backend)
        assert caught.value.parameter == "kernel_size"
    with pytest.raises(GeometryError) as caught:
        pooling_trace("lp", x, geometry=part, backend=backend, order=0.5)
    assert caught.value.parameter == "order"
