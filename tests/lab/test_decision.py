"""Which class is said at each place, how surely, and the lines between the classes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from simulator.lab.views import decision


def test_shares_of_probabilities_logits_and_a_single_output() -> None:
    rows = np.array([[0.2, 0.5, 0.3], [-1.0, 3.0, 1.0], [0.0, -2.0, 0.0]])
    found = decision.shares(rows, from_logits=False)
    third = 1 / 3
    expected = [[0.2, 0.5, 0.3], [0.0, 0.75, 0.25], [third, third, third]]
    np.testing.assert_allclose(found, expected)
    logits = np.array([[0.0, np.log(3.0)]])
    np.testing.assert_allclose(decision.shares(logits, from_logits=True), [[0.25, 0.75]])
    single = np.array([[0.9], [-0.5]])
    np.testing.assert_allclose(decision.shares(single, from_logits=False), [[0.1, 0.9], [1.0, 0.0]])
    np.testing.assert_allclose(
        decision.shares(np.array([[np.log(3.0)]]), from_logits=True), [[0.25, 0.75]]
    )


@given(
    arrays.arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(2, 6)),
                  elements=st.floats(-9, 9))
)  # fmt: skip
def test_shares_add_up_and_the_winner_is_sure_from_none_to_all(output: np.ndarray) -> None:
    share = decision.shares(output, from_logits=True)
    np.testing.assert_allclose(share.sum(axis=-1), 1)
    sure = decision.sureness(share, output.argmax(axis=-1))
    assert ((sure >= 0) & (sure <= 1)).all()


def test_sureness_is_none_at_even_shares_and_all_at_one() -> None:
    share = np.array([[0.25, 0.25, 0.25, 0.25], [0.0, 1.0, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0]])
    sure = decision.sureness(share, share.argmax(axis=-1))
    np.testing.assert_allclose(sure, [0.0, 1.0, third := 1 / 3])
    assert third == pytest.approx(sure[2])


def test_the_border_of_two_classes_is_the_line_on_which_they_are_even() -> None:
    x, y = np.linspace(-2, 2, 9), np.linspace(-1, 1, 7)
    across, up = np.meshgrid(x, y)
    first = 0.5 + 0.1 * (across - 0.3 * up - 0.21)  # linear: the interpolation is exact
    lines = decision.border(np.stack([first, 1 - first], axis=-1), x, y)
    np.testing.assert_allclose(lines[..., 0] - 0.3 * lines[..., 1], 0.21, atol=1e-12)
    length = np.hypot(*(lines[:, 1] - lines[:, 0]).T).sum()
    assert length == pytest.approx(np.hypot(2, 0.6)), "from the lower edge to the upper, once"


def test_three_classes_meet_and_each_border_parts_two_that_lead() -> None:
    x = y = np.linspace(-1, 1, 41)
    across, up = np.meshgrid(x, y)
    angles = np.arange(3) * 2 * np.pi / 3
    share = decision.shares(
        np.stack([4 * (np.cos(a) * across + np.sin(a) * up) for a in angles], axis=-1),
        from_logits=True,
    )
    lines = decision.border(share, x, y)
    middles = lines.mean(axis=1)
    scores = np.stack([np.cos(a) * middles[:, 0] + np.sin(a) * middles[:, 1] for a in angles])
    highest = np.sort(scores, axis=0)
    np.testing.assert_allclose(highest[2], highest[1], atol=0.02)
    assert np.hypot(*middles.T).min() < 0.05, "they meet in the middle"


def test_a_saddle_is_parted_into_two_lines_that_do_not_cross() -> None:
    x = y = np.array([0.0, 1.0])
    for corner in (0.9, 0.6):
        first = np.array([[corner, 0.1], [0.2, 0.8]])
        lines = decision.border(np.stack([first, 1 - first], axis=-1), x, y)
        assert lines.shape == (2, 2, 2)
        inside = (lines >= 0) & (lines <= 1)
        assert inside.all()


def test_where_outputs_are_no_numbers_there_is_no_border() -> None:
    x = y = np.linspace(0, 1, 4)
    share = np.full((4, 4, 2), np.nan)
    share[:2] = [0.7, 0.3]
    assert np.isfinite(decision.border(share, x, y)).all()
