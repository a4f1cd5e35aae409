import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from simulator.traces.numbers import (
    apart,
    count,
    equation_sign,
    exact,
    factor,
    faint,
    number,
    relation,
    stated,
    vanishes,
    written,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (356, "356"),
        (-157.0, "−157"),
        (9999999, "9999999"),
        (9.9999e6, "9999900"),
        (1e7, "1e7"),
        (12345678, "1.2e7"),
        (9999999.7, "1.0e7"),
        (-2.5e9, "−2.5e9"),
        (0.5, "0.5"),
        (0.25, "0.25"),
        (-0.125, "−0.125"),
        (1.0 / 3, "0.3333"),
        (2.0 / 3, "0.6667"),
        (200.0 / 3, "66.67"),
        (2.00004, "2.000"),
        (0.9996, "0.9996"),
        (0.99996, "1.000"),
        (999.94, "999.9"),
        (999.96, "1000"),
        (9999.6, "10000"),
        (12345.678, "12346"),
        (0.0512, "0.0512"),
        (0.05123, "0.0512"),
        (0.001, "0.001"),
        (0.00062, "6.2e−4"),
        (-1e-30, "−1e−30"),
        (5e-324, "4.9e−324"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (np.float32(0.1), "0.1"),
    ],
)
def test_a_number_alone_has_four_digits_and_no_idle_zeros(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (1, 2, "1.00"),
        (-0.004, 2, "0.00"),
        (-0.4, 0, "0"),
        (1.005, 1, "1.0"),
        (0.00001, 3, "0.000"),
        (-12.5, 1, "−12.5"),
        (2e7, 3, "2e7"),
        (math.nan, 2, "NaN"),
    ],
)
def test_a_number_of_a_group_has_the_group_s_decimals(value, decimals, text):
    assert number(value, decimals) == text


@given(st.floats(-1e300, 1e300))
@example(-0.0)
@example(999.95)
@example(0.00099995)
@example(9999999.5)
def test_what_is_shown_is_close_short_and_without_a_hyphen(value):
    text = number(value)
    assert "-" not in text
    assert len(text) <= 9
    shown = float(text.replace("−", "-"))
    # An exponent leaves two digits; four decimals two of the smallest number without one.
    assert abs(shown - value) <= 0.05 * abs(value)
    assert text.startswith("−") == (shown < 0)


@pytest.mark.parametrize(
    ("value", "text"), [(3.24e-4, "3e−4"), (-0.0049, "−5e−3"), (9.6e-5, "1e−4"), (-2e-12, "−2e−12")]
)
def test_a_faint_number_has_one_digit_and_its_power_of_ten(value, text):
    assert faint(value) == text


@pytest.mark.parametrize(
    ("text", "zero"), [("0", True), ("0.00", True), ("−0.0", True), ("0.01", False), ("10", False)]
)
def test_what_is_written_as_zero_vanishes(text, zero):
    assert vanishes(text) is zero


@given(st.integers(-9_999_999, 9_999_999))
def test_whole_numbers_have_no_decimals(value):
    text = number(value)
    assert int(text.replace("−", "-")) == value
    assert exact(value, text)


def test_exact_means_to_float32_s_precision():
    assert exact(float(np.float32(0.1)), "0.1")
    assert exact(-5, "(−5)")
    assert not exact(1 / 3, "0.3333")
    assert not exact(0.00001, "0")
    assert not exact(1000000.7, "1000001")
    assert exact(math.inf, "∞")
    assert exact(-math.inf, "−∞")
    assert not exact(math.inf, "5")
    assert exact(math.nan, "NaN")
    assert not exact(3.0, "NaN")


def test_a_relation_is_exact_only_if_every_figure_is():
    assert relation((0.5, "0.5"), (2, "2")) == "="
    assert relation((0.5, "0.5"), (2 / 3, "0.6667")) == "≈"


@pytest.mark.parametrize(
    ("first", "operator", "second", "result", "sign"),
    [
        ("178", "×", "2", "356", "="),
        ("0.8510", "×", "(−1)", "−0.8510", "="),
        ("0.3333", "×", "3", "1", "≈"),
        ("1.8", "+", "(−0.5)", "1.3", "="),
        ("0.3333", "+", "0.3333", "0.6667", "≈"),
        ("498", "÷", "9", "55.33", "≈"),
        ("252", "÷", "4", "63", "="),
        ("50,176", "÷", "50,176", "1", "="),
        ("1.2e7", "×", "1e−7", "1.2", "="),
        ("∞", "+", "1", "∞", "="),
        ("NaN", "×", "0", "NaN", "="),
    ],
)
def test_an_equation_is_exact_if_the_figures_on_view_agree(first, operator, second, result, sign):
    assert equation_sign(first, operator, second, result) == sign


@given(st.floats(-1e5, 1e5, width=32), st.floats(-1e5, 1e5, width=32))
def test_an_equals_sign_is_never_a_lie(a, b):
    texts = number(a), factor(b), number(a + b)
    plain = [Fraction(text.strip("()").replace("−", "-")) for text in texts]
    assert (equation_sign(texts[0], "+", *texts[1:]) == "=") == (plain[0] + plain[1] == plain[2])


def test_a_sentence_says_where_a_figure_is_rounded():
    assert str(stated(167)) == "167"
    assert str(stated(2 / 3)) == "about 0.6667"


def test_numbers_compared_get_the_digits_that_tell_them_apart():
    assert apart(0.25, 0.7) == ("0.25", "0.7")
    assert apart(0.600012, 0.600034) == ("0.60001", "0.60003")
    assert apart(0.5, 0.5) == ("0.5", "0.5")


def test_a_negative_factor_stands_in_parentheses():
    assert factor(-2) == "(−2)"
    assert factor(2) == "2"
    assert factor(-0.001, 1) == "0.0"


def test_counts_have_commas():
    assert count(150528) == "150,528"


@given(st.floats(), st.none() | st.integers(0, 12))
def test_what_is_not_kept_is_written_the_same(value: float, decimals: int | None) -> None:
    before = number.cache_info().misses, exact.cache_info().misses
    text = written(value, decimals)
    assert (number.cache_info().misses, exact.cache_info().misses) == before
    assert text == number(value, decimals)
