"""Learning-rate schedules: Keras's own rates, and what holds at their ends."""

import pytest

from simulator.engine import optimizers
from simulator.engine.optimizers import schedules

# Keras 3.15.1 in float32: the rates at steps 0, 3, 4, 9, 10 and 25, to 7 digits.
STEPS = [0, 3, 4, 9, 10, 25]
GOLDEN = [
    (
        "ExponentialDecay",
        (0.1, 7, 0.5),
        [0.1, 0.07429972, 0.06729501, 0.04101677, 0.03714986, 0.008411876],
    ),
    ("ExponentialDecay", (0.1, 7, 0.5, True), [0.1, 0.1, 0.1, 0.05, 0.05, 0.0125]),
    (
        "InverseTimeDecay",
        (0.1, 7, 0.5),
        [0.1, 0.08235294, 0.07777778, 0.06086957, 0.05833333, 0.03589744],
    ),
    ("InverseTimeDecay", (0.1, 7, 0.5, True), [0.1, 0.1, 0.1, 0.06666667, 0.06666667, 0.04]),
    ("PiecewiseConstantDecay", ([3, 9], [1.0, 0.5, 0.1]), [1, 1, 0.5, 0.5, 0.1, 0.1]),
    ("PolynomialDecay", (0.1, 9), [0.1, 0.0667, 0.0556, 0.0001, 0.0001, 0.0001]),
    (
        "PolynomialDecay",
        (0.1, 9, 0.01, 2.0, True),
        [0.1, 0.05, 0.03777778, 0.01, 0.02777778, 0.01049383],
    ),
    ("CosineDecay", (0.1, 9), [0.1, 0.075, 0.05868241, 0, 0, 0]),
    ("CosineDecay", (0.1, 9, 0.2, "n", 0.5, 6), [0.1, 0.3, 0.3666667, 0.4, 0.3347296, 0.1]),
    ("CosineDecayRestarts", (0.1, 5), [0.1, 0.03454914, 0.00954915, 0.06545085, 0.05, 0.05]),
    (
        "CosineDecayRestarts",
        (0.1, 5, 1.0, 0.5, 0.1),
        [0.1, 0.04109422, 0.01859424, 0.01429712, 0.0325, 0.0128125],
    ),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), GOLDEN)
def test_rates_are_those_of_keras(name, arguments, expected):
    schedule = getattr(schedules, name)(*arguments)
    # 7 digits are written down; near 0, float32's cosine is off by 1e-8 of the initial rate.
    assert [schedule(step) for step in STEPS] == pytest.approx(expected, rel=5e-7, abs=1e-8)


def test_schedules_are_where_keras_has_them():
    assert optimizers.schedules is schedules


def test_the_cosine_ends_at_its_share_of_the_rate_and_stays():
    schedule = schedules.CosineDecay(0.5, 10, alpha=0.1)
    assert [schedule(10), schedule(1000)] == pytest.approx([0.05, 0.05], rel=1e-12)


def test_a_warm_up_rises_in_a_straight_line_to_its_target():
    schedule = schedules.CosineDecay(0.0, 10, warmup_target=1.0, warmup_steps=4)
    assert [schedule(step) for step in range(5)] == [0, 0.25, 0.5, 0.75, 1]
    assert schedule(14) == pytest.approx(0, abs=1e-15)


def test_a_warm_up_of_no_steps_starts_at_its_target():
    assert schedules.CosineDecay(0.0, 10, warmup_target=1.0)(0) == 1


@pytest.mark.parametrize(
    "make",
    [
        lambda steps: schedules.ExponentialDecay(0.1, steps, 0.5),
        lambda steps: schedules.InverseTimeDecay(0.1, steps, 0.5),
        lambda steps: schedules.PolynomialDecay(0.1, steps),
        lambda steps: schedules.CosineDecay(0.1, steps),
        lambda steps: schedules.CosineDecayRestarts(0.1, steps),
    ],
)
def test_steps_that_are_none_are_refused(make):
    with pytest.raises(ValueError, match="decay_steps is 0: it must be more than 0"):
        make(0)


def test_boundaries_that_do_not_part_the_values_are_refused():
    with pytest.raises(ValueError, match="2 boundaries part 3 values, but there are 2"):
        schedules.PiecewiseConstantDecay([1, 2], [0.1, 0.2])
    with pytest.raises(ValueError, match="must rise"):
        schedules.PiecewiseConstantDecay([2, 1], [0.1, 0.2, 0.3])


def test_unknown_arguments_are_answered_with_the_nearest():
    with pytest.raises(TypeError, match="'decay_step': did you mean 'decay_steps'"):
        schedules.CosineDecay(0.1, decay_step=3)
