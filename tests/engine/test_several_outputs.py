"""Losses, loss weights and metrics of several outputs, against what Keras documents, in NumPy.

The total is the sum of each output's loss times its weight, and what is told of an output by its
name is its own loss, unweighted. `tests/golden` holds a training of such a network by Keras itself.
"""

import numpy as np
import pytest

from simulator.engine import Input, Model, layers, optimizers, regularizers
from simulator.engine.backends.base import Backend

RATE = 0.25
COUNT = 6


def two_headed():
    entry = Input((3,), name="entry")
    penalty = regularizers.L2(0.1)
    number = layers.Dense(2, name="number", dtype="float64", kernel_regularizer=penalty)(entry)
    kind = layers.Dense(3, activation="softmax", name="kind", dtype="float64")(entry)
    return Model(entry, [number, kind], seed=4, backend=Backend())


def data():
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 3, COUNT)
    return rng.normal(size=(COUNT, 3)), rng.normal(size=(COUNT, 2)), labels


GIVEN = [
    (["mse", "sparse_categorical_crossentropy"], [0.5, 2.0], [["mae"], ["accuracy"]]),
    (
        {"kind": "sparse_categorical_crossentropy", "number": "mse"},
        {"kind": 2.0, "number": 0.5},
        {"kind": ["accuracy"], "number": ["mae"]},
    ),
    (
        {"number": "mse", "kind": "sparse_categorical_crossentropy"},
        {"number": 0.5, "kind": 2},
        {"number": "mae", "kind": "accuracy"},
    ),
    (["mse", "sparse_categorical_crossentropy"], (0.5, 2), ["mae", "accuracy"]),
]


@pytest.mark.parametrize(("loss", "weights", "metrics"), GIVEN)
def test_a_step_is_that_of_the_weighted_sum(loss, weights, metrics):
    model = two_headed()
    x, numbers, labels = data()
    before = {name: weight.copy() for name, weight in model.weights.items()}
    model.compile(optimizers.SGD(RATE), loss, metrics=metrics, loss_weights=weights)
    history = model.fit(x, [numbers, labels], epochs=1, batch_size=COUNT, verbose=0).history

    said = x @ before["number/kernel"] + before["number/bias"]
    scores = np.exp(x @ before["kind/kernel"] + before["kind/bias"])
    chances = scores / scores.sum(axis=1, keepdims=True)
    own = np.mean((said - numbers) ** 2), -np.mean(np.log(chances[np.arange(COUNT), labels]))
    penalty = 0.1 * np.sum(before["number/kernel"] ** 2)
    assert history["number_loss"][0] == pytest.approx(own[0], rel=1e-6)
    assert history["kind_loss"][0] == pytest.approx(own[1], rel=1e-6)
    assert history["loss"][0] == pytest.approx(0.5 * own[0] + 2 * own[1] + penalty, rel=1e-6)
    assert history["number_mae"][0] == pytest.approx(np.abs(said - numbers).mean(), rel=1e-6)
    assert history["kind_accuracy"][0] == np.mean(chances.argmax(axis=1) == labels)
    assert set(history) == {"loss", "number_loss", "kind_loss", "number_mae", "kind_accuracy"}

    slope = 0.5 * 2 * (said - numbers) / numbers.size
    rows = 2 * (chances - np.eye(3)[labels]) / COUNT
    expected = {
        "number/kernel": x.T @ slope + 0.2 * before["number/kernel"],
        "number/bias": slope.sum(axis=0),
        "kind/kernel": x.T @ rows,
        "kind/bias": rows.sum(axis=0),
    }
    for name, gradient in expected.items():
        np.testing.assert_allclose(
            model.weights[name], before[name] - RATE * gradient, rtol=0, atol=1e-9
        )


def test_an_output_without_a_loss_is_not_trained():
    model = two_headed()
    x, numbers, labels = data()
    kept = model.weights["kind/kernel"].copy()
    model.compile(optimizers.SGD(RATE), {"number": "mse"}, loss_weights={"number": 3.0})
    history = model.fit(x, [numbers, labels], epochs=2, batch_size=COUNT, verbose=0).history
    np.testing.assert_array_equal(model.weights["kind/kernel"], kept)
    assert history["loss"][1] < history["loss"][0]


def test_one_output_s_loss_is_scaled():
    entry = Input((3,))
    x, numbers, _ = data()
    found = []
    for weights in (None, 0.5, [0.5]):
        out = layers.Dense(2, name="out", dtype="float64")(entry)
        model = Model(entry, out, seed=4, backend=Backend())
        model.compile(optimizers.SGD(RATE), "mse", loss_weights=weights)
        found.append(model.fit(x, numbers, epochs=1, verbose=0).history["loss"][0])
    assert found[1] == found[2] == pytest.approx(found[0] / 2, rel=1e-12)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"loss": ["mse", "mse"], "loss_weights": [1.0]}, "loss_weights holds 1 entries"),
        ({"loss": {"size": "mse"}}, "loss names the output 'size'"),
        ({"loss": "mse", "loss_weights": {"size": 1.0}}, "loss_weights names the output 'size'"),
        ({"loss": "mse", "loss_weights": ["much", 1]}, "loss_weights"),
        ({"loss": "mse", "metrics": {"size": ["mae"]}}, "metrics names the output 'size'"),
    ],
)
def test_what_fits_no_output_is_told(given, told):
    model = two_headed()
    x, numbers, _ = data()
    model.compile("sgd", **given)
    with pytest.raises(ValueError, match=told):
        model.fit(x, [numbers, np.ones((COUNT, 3))], epochs=1, verbose=0)
