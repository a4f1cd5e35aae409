import numpy as np
import pytest
from hypothesis import given

from simulator.lessons.running_strip import MOST_BARS, running_strip
from simulator.traces.formula import TermState, Tone
from simulator.traces.numbers import number
from tests.lessons.opened import opened, randomly, sessions

DONE, CURRENT, PENDING = TermState.DONE, TermState.CURRENT, TermState.PENDING


def strip_at(session, step):
    return running_strip(session.trace, session.trace.focus(step))


def terms_of(trace, place, name):
    """All values of a cell's terms or running values, one after the other."""
    shape = (1, 1, 1, *trace.term_shape)
    at = np.ix_([place.map], [place.row], [place.column], *map(range, trace.term_shape))
    return np.asarray(trace.arrays[name].values[at]).reshape(shape).reshape(-1)


@given(sessions(levels=("product", "cell")))
@randomly
def test_the_bars_are_the_terms_one_after_the_other(session):
    trace = session.trace
    place = trace.focus(session.timeline.step)
    strip = running_strip(trace, place)
    terms = terms_of(trace, place, trace.term_array)
    running = terms_of(trace, place, trace.running_array)
    assert len(strip.bars) == min(len(terms), MOST_BARS)
    current = len(terms) - 1 if trace.level == "cell" else place.number
    states = [bar.state for bar in strip.bars]
    if trace.level == "cell":
        assert set(states) == {DONE}
        first = max(0, len(terms) - MOST_BARS)
    else:
        assert states.count(CURRENT) == 1
        first = current - states.index(CURRENT)
        assert set(states[: states.index(CURRENT)]) <= {DONE}
        assert set(states[states.index(CURRENT) + 1 :]) <= {PENDING}
    assert 0 <= first <= len(terms) - len(strip.bars)
    for at, bar in enumerate(strip.bars, start=first):
        if trace.scene_words.accumulates:
            assert bar.end == running[at]
            assert bar.end - bar.start == pytest.approx(terms[at], rel=1e-6, abs=1e-9)
            if at > first:
                assert bar.start == strip.bars[at - first - 1].end
        else:
            assert (bar.start, bar.end) == (0.0, terms[at] if np.isfinite(terms[at]) else 0.0)
        assert strip.low <= min(bar.start, bar.end)
        assert max(bar.start, bar.end) <= strip.high
        assert bar.label
    assert strip.low <= strip.now <= strip.high
    assert np.isfinite([strip.low, strip.high, strip.now]).all()


@given(sessions(levels=("product", "cell")))
@randomly
def test_where_it_stands_is_told_and_said_to_be_rounded_if_it_is(session):
    trace, step = session.trace, session.timeline.step
    place = trace.focus(step)
    strip = running_strip(trace, place)
    running = float(terms_of(trace, place, trace.running_array)[place.number])
    output = float(trace.arrays["output"].values[place.row, place.column, place.map])
    last = place.number == trace.terms_per_cell - 1
    now = output if last and not trace.scene_words.finishes else running
    text = strip.result.text
    assert text.removeprefix("≈") == number(now)
    shown = number(now).replace("−", "-").replace("∞", "inf")
    assert text.startswith("≈") == (abs(float(shown) - now) > min(1e-6 * abs(now), 0.01))
    assert strip.result.tone is Tone.WRITES
    captions = {True: "in all" if trace.scene_words.accumulates else "the largest", False: "so far"}
    assert str(strip.caption) == captions[last]


@pytest.mark.parametrize(
    ("step", "first", "last"),
    [(0, 1, 36), (18, 1, 36), (19, 2, 37), (40, 23, 58), (62, 40, 75), (74, 40, 75)],
)
def test_of_many_terms_those_around_the_current_one_are_shown(step, first, last):
    session = opened("convolution", channels="3", kernel_size=5, size=8)
    strip = strip_at(session, step)
    assert str(strip.note) == f"terms {first} to {last} of 75"
    assert len(strip.bars) == MOST_BARS
    assert strip.bars[step + 1 - first].state is CURRENT


def test_thousands_of_terms_are_counted_with_commas():
    session = opened("pooling", kind="global_average", size=224)
    strip = strip_at(session, 224 * 100 + 3)
    assert str(strip.note) == "terms 22,386 to 22,421 of 50,176"
    x = session.trace.arrays["input"].values[..., 0].reshape(-1).astype(float)
    assert strip.bars[18].end == x[: 224 * 100 + 4].sum()
    assert strip.bars[0].start == x[:22385].sum()


@pytest.mark.parametrize(
    ("settings", "note"),
    [({"kernel_size": 1}, "the only term"), ({}, "all 9 terms, row by row")],
)
def test_all_terms_are_said_to_be_all(settings, note):
    assert str(strip_at(opened("convolution", **settings), 0).note) == note


def test_a_sum_grows_from_the_bias():
    strip = strip_at(opened("convolution", bias=40.0, preset=("blur",)), 0)
    assert strip.bars[0].start == pytest.approx(40)
    assert strip.low == 0


def test_a_part_of_a_sum_is_not_drawn_from_zero():
    session = opened("pooling", kind="global_average", size=20)
    strip = strip_at(session, 300)
    assert strip.low > 0


def test_the_largest_so_far_of_nothing_but_padding_is_told_and_can_be_drawn():
    strip = strip_at(opened("pooling", padding=1), 0)
    assert strip.result.text == "−∞"
    assert strip.now == 0


def test_a_mean_is_made_of_the_sum_that_is_told():
    session = opened("pooling", "cell", kind="average")
    strip = strip_at(session, 0)
    total = session.trace.arrays["input"].values[:2, :2, 0].sum()
    assert strip.result.text == number(float(total))
    assert strip.now == total


def test_labels_are_the_terms_as_they_are_told():
    session = opened("convolution", kernel_size=2, edits={"input": {(0, 0, 0): 1.5}})
    strip = strip_at(session, 0)
    assert "".join(piece.text for piece in strip.bars[0].label) == "1.5·(−1)"
