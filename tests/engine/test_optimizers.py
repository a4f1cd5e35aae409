"""Optimizers: Keras's own weights, recurrences written out for one number, clipping and state."""

import copy
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import optimizers
from simulator.engine.optimizers import schedules

few = settings(max_examples=25, deadline=None)

KINDS = [
    optimizers.SGD,
    optimizers.RMSprop,
    optimizers.Adagrad,
    optimizers.Adam,
    optimizers.AdamW,
    optimizers.Nadam,
]

# Keras 3.15.1 on PyTorch 2.13 in float32: the weights [1, −2] and [0.5] after four steps with the
# gradients [0.3 s, −1.5] and [0.8 (−1)ˢ⁻¹] for s from 1 to 4, to 7 digits.
GOLDEN = [
    ("SGD", {}, [0.97, -1.94, 0.5]),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9}, [0.44323, -0.6426501, 0.36968]),
    (
        "SGD",
        {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True},
        [0.198907, -0.1783852, 0.382712],
    ),
    ("RMSprop", {"learning_rate": 0.1}, [-0.09975542, -1.091739, 0.3916168]),
    (
        "RMSprop",
        {"learning_rate": 0.1, "rho": 0.8, "momentum": 0.5, "centered": True},
        [-0.5247797, -0.6632291, 0.2329721],
    ),
    ("Adagrad", {"learning_rate": 0.1}, [0.7013832, -1.725176, 0.4678658]),
    ("Adam", {"learning_rate": 0.1}, [0.6116455, -1.600004, 0.3769481]),
    ("Adam", {"learning_rate": 0.1, "amsgrad": True}, [0.6116455, -1.600004, 0.3769481]),
    ("AdamW", {"learning_rate": 0.1}, [0.6102819, -1.597045, 0.3762777]),
    ("AdamW", {"learning_rate": 0.1, "weight_decay": 0.5}, [0.4546144, -1.258028, 0.2996294]),
    ("Nadam", {"learning_rate": 0.1}, [0.6137746, -1.675058, 0.4518968]),
    ("Adam", {"learning_rate": 0.1, "clipnorm": 0.5}, [0.6083316, -1.602138, 0.3769484]),
    ("Adam", {"learning_rate": 0.1, "global_clipnorm": 0.5}, [0.608914, -1.601665, 0.3724963]),
    ("Adam", {"learning_rate": 0.1, "clipvalue": 0.5}, [0.6026294, -1.600005, 0.3769484]),
    ("SGD", {"learning_rate": 0.1, "weight_decay": 0.1}, [0.6635811, -1.330132, 0.4818821]),
    ("SGD", {"learning_rate": 0.1, "gradient_accumulation_steps": 2}, [0.85, -1.7, 0.5]),
    (
        "SGD",
        {"learning_rate": 0.1, "use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 3},
        [0.76, -1.5125, 0.52],
    ),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), GOLDEN)
def test_weights_are_those_of_keras(name, arguments, expected):
    optimizer = optimizers.get({"class_name": name, "config": arguments})
    weights = {"kernel": np.float32([1, -2]), "bias": np.float32([0.5])}
    for s in range(1, 5):
        gradients = {
            "kernel": np.float32([0.3 * s, -1.5]),
            "bias": np.float32([0.8 * (-1) ** (s - 1)]),
        }
        optimizer.step(weights, gradients)
    found = np.concatenate([weights["kernel"], weights["bias"]])
    # 7 digits are written down; float32 rounds in another order once or twice a step.
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=2e-7)


def sgd(w, gradients, rate, momentum=0.0, nesterov=False):
    m = 0.0
    for g in gradients:
        m = momentum * m - rate * g
        w += momentum * m - rate * g if nesterov else m
    return w


def rmsprop(w, gradients, rate, rho=0.9, momentum=0.0, centered=False):
    v = mean = m = 0.0
    for g in gradients:
        v = rho * v + (1 - rho) * g**2
        mean = rho * mean + (1 - rho) * g
        m = momentum * m + rate * g / math.sqrt(v - centered * mean**2 + 1e-7)
        w -= m
    return w


def adagrad(w, gradients, rate, initial_accumulator_value=0.1):
    a = initial_accumulator_value
    for g in gradients:
        a += g**2
        w -= rate * g / math.sqrt(a + 1e-7)
    return w


def adam(w, gradients, rate, beta_1=0.9, beta_2=0.999, amsgrad=False, weight_decay=0.0):
    m = v = largest = 0.0
    for t, g in enumerate(gradients, start=1):
        w -= w * weight_decay * rate
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g**2
        largest = max(largest, v)
        scale = math.sqrt(1 - beta_2**t) / (1 - beta_1**t)
        w -= rate * scale * m / (math.sqrt(largest if amsgrad else v) + 1e-7)
    return w


def nadam(w, gradients, rate, beta_1=0.9, beta_2=0.999):
    m = v = 0.0
    product = 1.0
    for t, g in enumerate(gradients, start=1):
        now = beta_1 * (1 - 0.5 * 0.96**t)
        after = beta_1 * (1 - 0.5 * 0.96 ** (t + 1))
        product *= now
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g**2
        ahead = after * m / (1 - product * after) + (1 - now) * g / (1 - product)
        w -= rate * ahead / (math.sqrt(v / (1 - beta_2**t)) + 1e-7)
    return w


RECURRENCES = [
    (optimizers.SGD, sgd, {}),
    (optimizers.SGD, sgd, {"momentum": 0.9}),
    (optimizers.SGD, sgd, {"momentum": 0.7, "nesterov": True}),
    (optimizers.RMSprop, rmsprop, {}),
    (optimizers.RMSprop, rmsprop, {"rho": 0.6, "momentum": 0.4}),
    (optimizers.RMSprop, rmsprop, {"rho": 0.6, "centered": True}),
    (optimizers.Adagrad, adagrad, {}),
    (optimizers.Adagrad, adagrad, {"initial_accumulator_value": 0.5}),
    (optimizers.Adam, adam, {}),
    (optimizers.Adam, adam, {"beta_1": 0.5, "beta_2": 0.7, "amsgrad": True}),
    (optimizers.Adam, adam, {"weight_decay": 0.1}),
    (optimizers.AdamW, adam, {"weight_decay": 0.3}),
    (optimizers.Nadam, nadam, {}),
    (optimizers.Nadam, nadam, {"beta_1": 0.6, "beta_2": 0.8}),
]


@pytest.mark.parametrize(("kind", "recurrence", "arguments"), RECURRENCES)
@few
@given(
    w=st.floats(-3, 3),
    gradients=st.lists(st.floats(-2, 2), min_size=1, max_size=12),
    rate=st.floats(1e-4, 0.5),
)
def test_each_number_follows_its_recurrence(kind, recurrence, arguments, w, gradients, rate):
    optimizer = kind(rate, **arguments)
    # A second number with other gradients: each goes its own way.
    weights = {"w": np.array([w, 1.0])}
    for g in gradients:
        optimizer.step(weights, {"w": np.array([g, 0.5 - g])})
    other = [0.5 - g for g in gradients]
    expected = [
        recurrence(w, gradients, rate, **arguments),
        recurrence(1.0, other, rate, **arguments),
    ]
    # centered: v − mean² may cancel to 1e-7, in which rounding counts for more.
    rtol = 1e-6 if arguments.get("centered") else 1e-10
    np.testing.assert_allclose(weights["w"], expected, rtol=rtol, atol=1e-10)
    assert optimizer.iterations == len(gradients)


MOMENTS = {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}
PLAIN = {"clipnorm": None, "clipvalue": None, "global_clipnorm": None, "weight_decay": None}
DEFAULTS = [
    (optimizers.SGD, {"learning_rate": 0.01, "momentum": 0, "nesterov": False, **PLAIN}),
    (optimizers.RMSprop, {"learning_rate": 0.001, "rho": 0.9, "epsilon": 1e-7, "centered": False}),
    (optimizers.Adagrad, {"learning_rate": 0.001, "initial_accumulator_value": 0.1, **PLAIN}),
    (optimizers.Adam, {**MOMENTS, "amsgrad": False, **PLAIN}),
    (optimizers.AdamW, {**MOMENTS, "amsgrad": False, **PLAIN, "weight_decay": 0.004}),
    (optimizers.Nadam, {**MOMENTS, **PLAIN}),
]


@pytest.mark.parametrize(("kind", "defaults"), DEFAULTS)
def test_defaults_are_those_of_keras(kind, defaults):
    optimizer = kind()
    assert {name: getattr(optimizer, name) for name in defaults} == defaults


@pytest.mark.parametrize("kind", KINDS)
def test_weights_change_in_place_and_keep_their_type(kind, dtype):
    weights = {"w": np.ones((2, 3), dtype)}
    kept = weights["w"]
    optimizer = kind(0.1, weight_decay=0.1)
    for _ in range(3):
        optimizer.step(weights, {"w": np.full((2, 3), 0.5, dtype)})
    assert weights["w"] is kept
    assert kept.dtype == dtype
    assert (kept < 1).all()
    slots = [each for name, each in optimizer.state.items() if "/" in name]
    assert {each.dtype for each in slots} <= {np.dtype(dtype)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [{}, {"use_ema": True}, {"gradient_accumulation_steps": 2}])
def test_a_copied_state_goes_on_bit_for_bit_the_same(kind, options, dtype):
    def run(optimizer, weights, steps):
        for step in steps:
            gradient = np.random.default_rng(step).normal(size=4).astype(dtype)
            optimizer.step(weights, {"w": gradient})

    rate = schedules.ExponentialDecay(0.1, 3, 0.5)
    optimizer, weights = kind(rate, **options), {"w": np.ones(4, dtype)}
    run(optimizer, weights, range(5))
    state, copied = copy.deepcopy(optimizer.state), weights["w"].copy()
    run(optimizer, weights, range(5, 9))
    again, repeated = kind(rate, **options), {"w": copied}
    again.state = state
    run(again, repeated, range(5, 9))
    np.testing.assert_array_equal(repeated["w"], weights["w"])
    assert again.iterations == 9


@few
@given(seed=st.integers(0, 2**32 - 1), limit=st.floats(0.01, 5))
def test_clipping(seed, limit):
    rng = np.random.default_rng(seed)
    gradients = {"a": rng.normal(size=(2, 3)), "b": rng.normal(0, 5, 4)}

    def applied(**clip):
        weights = {name: np.zeros(each.shape) for name, each in gradients.items()}
        optimizers.SGD(1.0, **clip).step(weights, gradients)
        return {name: -each for name, each in weights.items()}

    for name, each in applied(clipvalue=limit).items():
        np.testing.assert_array_equal(each, np.clip(gradients[name], -limit, limit))
    for name, each in applied(clipnorm=limit).items():
        norm = np.linalg.norm(gradients[name])
        np.testing.assert_allclose(each, gradients[name] * min(1, limit / norm), rtol=1e-12)
    norm = math.hypot(*(value for each in gradients.values() for value in each.ravel()))
    for name, each in applied(global_clipnorm=limit).items():
        np.testing.assert_allclose(each, gradients[name] * min(1, limit / norm), rtol=1e-12)


def test_gradients_of_nothing_but_0_are_not_clipped():
    weights = {"w": np.ones(2)}
    optimizers.SGD(1.0, clipnorm=1.0).step(weights, {"w": np.zeros(2)})
    optimizers.SGD(1.0, global_clipnorm=1.0).step(weights, {"w": np.zeros(2)})
    np.testing.assert_array_equal(weights["w"], 1)


def test_an_infinite_gradient_is_seen_even_where_norms_are_clipped():
    weights = {"w": np.ones(2), "other": np.ones(1)}
    optimizer = optimizers.SGD(1.0, global_clipnorm=1.0)
    optimizer.step(weights, {"w": np.array([np.inf, 0]), "other": np.ones(1)})
    assert np.isnan(weights["w"]).all()
    assert np.isnan(weights["other"]).all()


def test_weights_without_a_gradient_stay_and_do_not_decay():
    weights = {"w": np.ones(2), "frozen": np.ones(2), "unused": np.ones(2)}
    optimizer = optimizers.Adam(0.1, weight_decay=0.5)
    optimizer.step(weights, {"w": np.ones(2), "unused": None})
    np.testing.assert_array_equal(weights["frozen"], 1)
    np.testing.assert_array_equal(weights["unused"], 1)
    assert (weights["w"] < 1).all()


def test_weights_can_be_left_out_of_the_decay():
    weights = {"dense/kernel": np.ones(1), "dense/bias": np.ones(1)}
    optimizer = optimizers.SGD(0.5, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(["bias", "gamma"])
    optimizer.step(weights, {name: np.zeros(1) for name in weights})
    assert weights == {"dense/kernel": 0.75, "dense/bias": 1}


def test_gradients_accumulate_to_their_mean():
    weights = {"w": np.zeros(1)}
    optimizer = optimizers.SGD(1.0, gradient_accumulation_steps=3)
    seen = []
    for g in (1.0, 2.0, 6.0, 0.0, 0.0, 3.0):
        optimizer.step(weights, {"w": np.array([g])})
        seen.append(float(weights["w"][0]))
    assert seen == [0, 0, -3, -3, -3, -4]


@pytest.mark.parametrize("kind", KINDS)
def test_accumulating_is_stepping_by_the_means(kind, dtype):
    gradients = np.random.default_rng(0).normal(size=(8, 3)).astype(dtype)
    slow, fast = {"w": np.ones(3, dtype)}, {"w": np.ones(3, dtype)}
    accumulating, plain = kind(0.1, gradient_accumulation_steps=2), kind(0.1)
    for first, second in zip(gradients[::2], gradients[1::2], strict=True):
        accumulating.step(slow, {"w": first})
        accumulating.step(slow, {"w": second})
        plain.step(fast, {"w": (second + first) / 2})
    np.testing.assert_array_equal(slow["w"], fast["w"])


def test_moving_averages_take_the_weights_place_at_the_end():
    weights = {"w": np.zeros(1)}
    optimizer = optimizers.SGD(1.0, use_ema=True, ema_momentum=0.5)
    for _ in range(3):
        optimizer.step(weights, {"w": -np.ones(1)})
    np.testing.assert_array_equal(weights["w"], 3)
    optimizer.finalize_variable_values(weights)
    np.testing.assert_array_equal(weights["w"], 0.5 * (0.5 * 1 + 0.5 * 2) + 0.5 * 3)
    plain = {"w": np.ones(1)}
    optimizers.SGD().finalize_variable_values(plain)
    np.testing.assert_array_equal(plain["w"], 1)


def test_the_learning_rate_can_be_read_and_set():
    optimizer = optimizers.Adam(0.01)
    assert optimizer.learning_rate == 0.01
    optimizer.learning_rate = 0.002
    assert optimizer.learning_rate == 0.002
    assert float(optimizer.state["learning_rate"]) == 0.002


def test_a_schedule_is_followed_from_step_0():
    weights, seen = {"w": np.zeros(1)}, []
    optimizer = optimizers.SGD(schedules.PiecewiseConstantDecay([1, 2], [1.0, 0.5, 0.25]))
    for _ in range(5):
        before = float(weights["w"][0])
        rate = optimizer.learning_rate
        optimizer.step(weights, {"w": np.ones(1)})
        seen.append(before - float(weights["w"][0]))
        assert rate == seen[-1]
    assert seen == [1, 1, 0.5, 0.25, 0.25]
    assert "learning_rate" not in optimizer.state
    with pytest.raises(TypeError, match="follows a schedule"):
        optimizer.learning_rate = 0.1


def test_a_function_is_asked_for_the_learning_rate():
    rates = iter([1.0, 10.0])
    optimizer, weights = optimizers.SGD(lambda: next(rates)), {"w": np.zeros(1)}
    optimizer.step(weights, {"w": np.ones(1)})
    optimizer.step(weights, {"w": np.ones(1)})
    np.testing.assert_array_equal(weights["w"], -11)


@pytest.mark.parametrize("kind", KINDS)
def test_names(kind):
    for name in (kind.__name__, kind.__name__.lower(), kind.__name__.upper()):
        assert type(optimizers.get(name)) is kind
    assert type(optimizers.get(kind)) is kind
    own = kind()
    assert optimizers.get(own) is own
    config = {"class_name": kind.__name__, "config": {"learning_rate": 0.5}}
    assert optimizers.get(config).learning_rate == 0.5


def test_what_is_refused():
    with pytest.raises(ValueError, match="no optimizer 'adma': did you mean 'adam'"):
        optimizers.get("adma")
    with pytest.raises(TypeError, match="Adam got an unexpected argument 'learning_rat'"):
        optimizers.Adam(learning_rat=0.1)
    with pytest.raises(TypeError, match="'clip_norm': did you mean 'clipnorm'"):
        optimizers.SGD(clip_norm=0.1)
    with pytest.raises(ValueError, match="only one of clipnorm, clipvalue and global_clipnorm"):
        optimizers.Adam(clipnorm=1.0, clipvalue=0.5)
    with pytest.raises(ValueError, match="clipnorm is -1"):
        optimizers.Adam(clipnorm=-1)
    with pytest.raises(ValueError, match=r"momentum is 1\.5"):
        optimizers.SGD(momentum=1.5)
    with pytest.raises(ValueError, match="beta_2 is 1"):
        optimizers.Adam(beta_2=1)
    with pytest.raises(ValueError, match="learning_rate is 'fast'"):
        optimizers.Adam(learning_rate="fast")
    with pytest.raises(ValueError, match="learning_rate is nan"):
        optimizers.Adam(learning_rate=math.nan)
    with pytest.raises(ValueError, match="ema_momentum is 2"):
        optimizers.Adam(use_ema=True, ema_momentum=2)
    with pytest.raises(ValueError, match="ema_overwrite_frequency is 0"):
        optimizers.Adam(ema_overwrite_frequency=0)
    with pytest.raises(ValueError, match="gradient_accumulation_steps is 1"):
        optimizers.Adam(gradient_accumulation_steps=1)


def test_gradients_that_belong_to_nothing_are_refused():
    optimizer = optimizers.SGD()
    with pytest.raises(KeyError, match="no weights 'b'"):
        optimizer.step({"a": np.zeros(1)}, {"b": np.zeros(1)})
    with pytest.raises(ValueError, match=r"gradient of a has the shape \(2,\)"):
        optimizer.step({"a": np.zeros(1)}, {"a": np.zeros(2)})
