"""Losses: Keras's own numbers, finite differences, weights, reductions, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import activations, losses
from tests.engine import naive

few = settings(max_examples=20, deadline=None)

ONE_HOT = [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]
CLASSES = [1, 0]
PROBABILITIES = [[0.1, 0.7, 0.2], [0.3, 0.3, 0.4]]
LOGITS = [[-1.0, 2.0, 0.5], [0.2, -0.3, 1.5]]
WEIGHTS = [0.5, 2.0]

# Keras 3.15.1 on PyTorch 2.13 in float32: the loss without weights, with WEIGHTS, and the gradient
# of the latter by autograd, to 7 digits. Targets are ONE_HOT (sparse: CLASSES), outputs LOGITS, or
# PROBABILITIES for cross-entropies without from_logits and for the divergence.
GOLDEN = [
    (
        "MeanSquaredError",
        {},
        (0.8716667, 1.180833, [[-0.1666667, 0.1666667, 0.08333334], [-0.5333334, -0.2, 1]]),
    ),
    (
        "MeanAbsoluteError",
        {},
        (0.85, 1.075, [[-0.08333334, 0.08333334, 0.08333334], [-0.3333333, -0.3333333, 0.3333333]]),
    ),
    (
        "Huber",
        {},
        (0.415, 0.54875, [[-0.08333334, 0.08333334, 0.04166667], [-0.2666667, -0.1, 0.3333333]]),
    ),
    (
        "Huber",
        {"delta": 0.4},
        (
            0.2608333,
            0.3316667,
            [[-0.03333334, 0.03333334, 0.03333334], [-0.1333333, -0.1, 0.1333333]],
        ),
    ),
    (
        "Hinge",
        {},
        (0.9166667, 1.458333, [[0.04166667, -0, 0.08333334], [-0.3333333, 0.3333333, 0.3333333]]),
    ),
    (
        "KLDivergence",
        {},
        (
            0.7803209,
            1.293138,
            [[-2.5e-07, -0.3571428, -1.25e-07], [-3.333333, -3.333333e-07, -2.5e-07]],
        ),
    ),
    (
        "BinaryCrossentropy",
        {},
        (
            0.4594421,
            0.7475894,
            [[0.0925926, -0.1190476, 0.1041667], [-1.111111, 0.4761905, 0.5555556]],
        ),
    ),
    (
        "BinaryCrossentropy",
        {"label_smoothing": 0.2},
        (0.5400468, 0.7980284, [[0, -0.0793651, 0.05208333], [-0.952381, 0.3174604, 0.4166667]]),
    ),
    (
        "BinaryCrossentropy",
        {"from_logits": True},
        (
            0.7113624,
            1.069158,
            [[0.02241179, -0.009933582, 0.05187161], [-0.1500553, 0.1418525, 0.2725248]],
        ),
    ),
    (
        "CategoricalCrossentropy",
        {},
        (0.7803239, 1.293142, [[0.25, -0.1071429, 0.25], [-2.333333, 1, 1]]),
    ),
    (
        "CategoricalCrossentropy",
        {"label_smoothing": 0.2},
        (
            0.8773569,
            1.327274,
            [[0.08333333, -0.05952382, 0.1666667], [-1.888889, 0.7777778, 0.8333333]],
        ),
    ),
    (
        "CategoricalCrossentropy",
        {"from_logits": True},
        (
            0.9522234,
            1.723463,
            [[0.009778143, -0.05360074, 0.0438226], [-0.8104563, 0.1149641, 0.6954921]],
        ),
    ),
    (
        "SparseCategoricalCrossentropy",
        {},
        (0.7803239, 1.293142, [[0.25, -0.1071429, 0.25], [-2.333333, 1, 1]]),
    ),
    (
        "SparseCategoricalCrossentropy",
        {"from_logits": True},
        (
            0.9522234,
            1.723463,
            [[0.009778143, -0.05360074, 0.0438226], [-0.8104563, 0.1149641, 0.6954921]],
        ),
    ),
]

MORE = [
    ("MeanSquaredError", {"reduction": "sum"}),
    ("MeanAbsoluteError", {"reduction": "none"}),
    ("Huber", {"reduction": None, "delta": 0.7}),
    ("CategoricalCrossentropy", {"reduction": "mean_with_sample_weight"}),
    ("BinaryCrossentropy", {"reduction": "mean", "axis": 1}),
    ("CategoricalCrossentropy", {"axis": 1, "label_smoothing": 0.0}),
    ("CategoricalCrossentropy", {"axis": 1, "from_logits": True}),
    ("SparseCategoricalCrossentropy", {"axis": 1}),
    ("SparseCategoricalCrossentropy", {"ignore_class": 2}),
    ("SparseCategoricalCrossentropy", {"ignore_class": -1, "from_logits": True}),
    ("SparseCategoricalCrossentropy", {"ignore_class": 2, "reduction": "sum"}),
    (
        "SparseCategoricalCrossentropy",
        {"ignore_class": 2, "reduction": "mean_with_sample_weight"},
    ),
]


def is_probability(name, arguments):
    entropy = name.endswith("Crossentropy") and not arguments.get("from_logits")
    return entropy or name == "KLDivergence"


def make(name, arguments):
    return losses.get({"class_name": name, "config": arguments})


@pytest.mark.parametrize(("name", "arguments", "expected"), GOLDEN)
def test_values_and_gradients_are_those_of_keras(name, arguments, expected):
    plain, weighted, gradient = expected
    loss = make(name, arguments)
    target = CLASSES if name.startswith("Sparse") else ONE_HOT
    output = np.float32(PROBABILITIES if is_probability(name, arguments) else LOGITS)
    assert loss(target, output).dtype == np.float32
    # 7 digits are written down, and float32 holds no more.
    np.testing.assert_allclose(loss(target, output), plain, rtol=4e-7)
    np.testing.assert_allclose(loss(target, output, WEIGHTS), weighted, rtol=4e-7)
    found = loss.gradient(target, output, WEIGHTS)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, gradient, rtol=4e-7, atol=3e-8)


def sample(rng, name, arguments, shape):
    """Targets and outputs away from where losses have kinks."""
    classes = shape[arguments.get("axis", -1)]
    if is_probability(name, arguments):
        output = rng.uniform(0.05, 0.95, shape)
    else:
        output = rng.normal(0, 2, shape)
        output[np.abs(np.abs(output) - 1) < 0.01] += 0.02
    if name.startswith("Sparse"):
        axes = [size for axis, size in enumerate(shape) if axis != arguments.get("axis", -1) % 3]
        target = rng.integers(0, classes, axes)
        if arguments.get("ignore_class") == -1:
            target[rng.random(axes) < 0.4] = -1
        return target, output
    if name == "Hinge":
        return rng.choice([-1.0, 1.0], shape), output
    if "Crossentropy" in name or name == "KLDivergence":
        return rng.dirichlet(np.ones(shape[-1]), shape[:-1]), output
    target = rng.normal(0, 2, shape)
    for kink in (0.0, 0.4, 0.7, 1.0):
        target[np.abs(np.abs(output - target) - kink) < 0.01] += 0.05
    return target, output


def test_every_loss_is_compared_with_keras_and_with_differences():
    kinds = {value for value in vars(losses).values() if isinstance(value, type)}
    own = {kind.__name__ for kind in kinds if issubclass(kind, losses.Loss)} - {"Loss"}
    assert {name for name, _, _ in GOLDEN} == own


@pytest.mark.parametrize(
    ("name", "arguments"), [(name, arguments) for name, arguments, _ in GOLDEN] + MORE
)
@pytest.mark.parametrize("weigh", [False, True])
@few
@given(seed=st.integers(0, 2**32 - 1))
def test_gradients_are_finite_differences(name, arguments, weigh, seed):
    rng = np.random.default_rng(seed)
    loss = make(name, arguments)
    target, output = sample(rng, name, arguments, (2, 3, 4))
    weight = rng.random(loss.value(target, output).shape) if weigh else None
    expected = naive.finite_differences(
        lambda output: np.sum(loss(target, output, weight)), output, 1.0
    )
    scale = max(1.0, float(np.abs(expected).max()))
    found = loss.gradient(target, output, weight)
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-8 * scale)


PAIRS = [
    ("sigmoid", "BinaryCrossentropy", {}),
    ("sigmoid", "BinaryCrossentropy", {"label_smoothing": 0.3}),
    ("softmax", "CategoricalCrossentropy", {}),
    ("softmax", "CategoricalCrossentropy", {"label_smoothing": 0.3}),
    ("softmax", "SparseCategoricalCrossentropy", {}),
    ("softmax", "SparseCategoricalCrossentropy", {"ignore_class": 2}),
]


@pytest.mark.parametrize(("activation", "name", "arguments"), PAIRS)
@pytest.mark.parametrize("scale", [1.0, 15.0])
@few
@given(seed=st.integers(0, 2**32 - 1))
def test_the_gradient_through_an_activation_is_the_product_of_both(
    activation, name, arguments, scale, seed
):
    """With a large scale, some probabilities are clipped, whose slope is 0."""
    rng = np.random.default_rng(seed)
    loss, activation = make(name, arguments), activations.get(activation)
    target, _ = sample(rng, name, arguments, (2, 3, 4))
    weight = rng.random((2, 3))
    z = rng.normal(0, scale, (2, 3, 4))
    y = activation.value(z)
    product = activation.gradient(z, y, loss.gradient(target, y, weight))
    found = loss.gradient_through(activation, target, y, weight)
    # The product divides by probabilities as small as 1e-7, which magnifies its rounding.
    np.testing.assert_allclose(found, product, rtol=0, atol=1e-9)


def test_gradients_through_other_activations_are_left_to_the_product():
    output = np.full((2, 3), 0.5)
    through = [
        (losses.MeanSquaredError(), "sigmoid"),
        (losses.BinaryCrossentropy(), "softmax"),
        (losses.BinaryCrossentropy(from_logits=True), "sigmoid"),
        (losses.CategoricalCrossentropy(), "sigmoid"),
        (losses.CategoricalCrossentropy(from_logits=True), "softmax"),
    ]
    for loss, activation in through:
        assert loss.gradient_through(activations.get(activation), ONE_HOT, output) is None
    other_axis = activations.Softmax(axis=0)
    assert losses.CategoricalCrossentropy().gradient_through(other_axis, ONE_HOT, output) is None


@pytest.mark.parametrize("loss", [losses.BinaryCrossentropy(), losses.CategoricalCrossentropy()])
def test_certainty_costs_what_keras_clips_it_to(loss, dtype):
    wrong = loss([[1.0, 0.0]], np.array([[0.0, 1.0]], dtype))
    assert wrong.dtype == dtype
    # −log(1e-7) for each; float32 holds 1 − 1e-7 as 1 − 1.19e-7.
    np.testing.assert_allclose(wrong, -np.log(1e-7), rtol=1e-2)
    assert np.isfinite(loss.gradient([[1.0, 0.0]], np.array([[0.0, 1.0]], dtype))).all()
    right = loss([[1.0, 0.0]], np.array([[1.0, 0.0]], dtype))
    assert 0 < right < 2.5e-7


def test_huge_logits_neither_overflow_nor_warn(dtype):
    logits = np.array([[1e30, -1e30]], dtype)
    assert losses.CategoricalCrossentropy(from_logits=True)([[1, 0]], logits) == 0
    assert losses.BinaryCrossentropy(from_logits=True)([[1, 0]], logits) == 0
    wrong = losses.BinaryCrossentropy(from_logits=True)([[0, 1]], logits)
    np.testing.assert_allclose(wrong, 1e30, rtol=1e-6)


def test_nan_outputs_give_nan():
    output = np.array([[np.nan, 0.5, 0.5]])
    for name in ("mse", "mae", "huber", "hinge", "bce", "categorical_crossentropy", "kld"):
        loss = losses.get(name)
        assert np.isnan(loss([[0, 1, 0]], output)), name
        if name in ("mse", "mae", "huber", "bce"):
            assert np.isnan(loss.gradient([[0, 1, 0]], output)).any(), name


def test_without_any_weight_the_mean_is_0():
    loss = losses.MeanSquaredError(reduction="mean_with_sample_weight")
    assert loss([[1.0]], [[2.0]], [0.0]) == 0
    assert loss.gradient([[1.0]], [[2.0]], [0.0]) == 0


def test_weights_do_not_change_what_the_sum_is_divided_by():
    loss = losses.MeanSquaredError()
    assert loss([[0.0], [0.0]], [[2.0], [2.0]], [0.5, 0.5]) == 2
    halves = losses.MeanSquaredError(reduction="mean_with_sample_weight")
    assert halves([[0.0], [0.0]], [[2.0], [2.0]], [0.5, 0.5]) == 4


def test_weights_of_samples_hold_along_all_further_axes():
    target, output = np.zeros((2, 3, 1)), np.ones((2, 3, 1))
    values = losses.MeanSquaredError(reduction="none")(target, output, [1.0, 3.0])
    np.testing.assert_array_equal(values, [[1, 1, 1], [3, 3, 3]])
    column = losses.MeanSquaredError(reduction="none")(target, output, [[1.0], [3.0]])
    np.testing.assert_array_equal(column, values)


def test_ignored_classes_neither_cost_nor_count():
    output = np.array([[0.7, 0.2, 0.1], [0.3, 0.3, 0.4]])
    ignoring = losses.SparseCategoricalCrossentropy(ignore_class=-1)
    alone = losses.SparseCategoricalCrossentropy()
    np.testing.assert_allclose(ignoring([0, -1], output), alone([0], output[:1]), rtol=1e-15)
    np.testing.assert_array_equal(ignoring.value([0, -1], output)[1], 0)
    np.testing.assert_array_equal(ignoring.gradient([0, -1], output)[1], 0)
    assert ignoring([-1, -1], output) == 0


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "mean_with_sample_weight"])
@pytest.mark.parametrize("weigh", [False, True])
@pytest.mark.parametrize("steps", [(), (5,)])
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        *((each, {}) for each in sorted({name for name, _, _ in GOLDEN})),
        ("SparseCategoricalCrossentropy", {"ignore_class": 1}),
    ],
)
def test_batches_cost_the_same_bits_all_at_once(name, arguments, steps, weigh, reduction):
    loss = losses.get({"class_name": name, "config": {"reduction": reduction, **arguments}})
    rng = np.random.default_rng(3)
    output = rng.dirichlet(np.ones(3), (100, *steps)).astype(np.float32)
    target = rng.integers(3, size=(100, *steps))
    if not name.startswith("Sparse"):
        target = np.eye(3, dtype=np.float32)[target]
    weight = rng.uniform(0.5, 2, 100).astype(np.float32) if weigh else None
    for count in (100, 96, 20):
        parts = [slice(start, min(start + 32, count)) for start in range(0, count, 32)]
        expected = [
            float(loss(target[part], output[part], weight[part] if weigh else None))
            for part in parts
        ]
        given_weight = weight[:count] if weigh else None
        assert loss.of_batches(target[:count], output[:count], given_weight, 32) == expected


@pytest.mark.parametrize(
    ("target", "output"),
    [((3,), (3, 1)), ((3, 1), (3,)), ((3, 2, 1), (3, 2)), ((3, 2), (3, 2, 1))],
)
def test_a_last_axis_of_1_that_only_one_has_is_no_matter(target, output):
    rng = np.random.default_rng(0)
    target, output = rng.normal(size=target), rng.normal(size=output)
    loss = losses.MeanSquaredError()
    plain = np.mean((target.ravel() - output.ravel()) ** 2)
    np.testing.assert_allclose(loss(target, output), plain, rtol=1e-15)
    gradient = loss.gradient(target, output)
    assert gradient.shape == output.shape
    expected = 2 * (output.ravel() - target.ravel()) / output.size
    np.testing.assert_allclose(gradient.ravel(), expected, rtol=1e-14)


@pytest.mark.parametrize("shape", [(2,), (2, 1)])
def test_class_numbers_may_be_a_list_or_a_column(shape):
    loss = losses.SparseCategoricalCrossentropy()
    classes = np.reshape([1, 0], shape)
    assert loss(classes, PROBABILITIES) == loss(classes.astype(np.float32), PROBABILITIES)
    np.testing.assert_allclose(loss(classes, PROBABILITIES), -np.log([0.7, 0.3]).mean(), rtol=1e-6)


def test_hinge_takes_0_for_minus_1():
    zeros, signs = [[0.0, 1.0]], [[-1.0, 1.0]]
    output = [[0.3, -0.2]]
    assert losses.Hinge()(zeros, output) == losses.Hinge()(signs, output)
    np.testing.assert_allclose(losses.Hinge()([[0.5, 1.0]], output), (0.85 + 1.2) / 2, rtol=1e-6)


def test_huber_meets_its_two_halves():
    at = losses.Huber(delta=2.0)
    np.testing.assert_allclose(at.value([[0.0]], [[2.0]]), 2.0)
    np.testing.assert_allclose(at.value([[0.0]], [[-5.0]]), 2 * 5 - 2)
    np.testing.assert_allclose(at.gradient([[0.0]], [[-5.0]]), [[-2.0]])
