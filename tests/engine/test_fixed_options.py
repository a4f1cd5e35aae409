"""What only some layers can do reaches every way of training: the compiled one, too."""

import numpy as np
import pytest

from simulator.engine import Input, Model, Sequential, layers
from simulator.engine.backends import select

X = np.random.default_rng(0).normal(size=(24, 6, 6, 4)).astype(np.float32)
Y = np.arange(24) % 3


@pytest.mark.parametrize("backend", select.available())
def test_convolutions_in_groups_are_trained_as_the_reference_trains_them(backend):
    weights = []
    for each in (backend, "numpy"):
        model = Sequential(
            [
                Input((6, 6, 4)),
                layers.Conv2D(8, 3, groups=2, activation="relu"),
                layers.MaxPooling2D(2),
                layers.Flatten(),
                layers.Dense(3, activation="softmax"),
            ],
            seed=3,
            backend=each,
        )
        model.compile("sgd", "sparse_categorical_crossentropy")
        model.fit(X, Y, batch_size=8, epochs=2, verbose=0)
        weights.append(model.get_weights())
    for own, reference in zip(*weights, strict=True):
        np.testing.assert_allclose(own, reference, rtol=0, atol=1e-5)


@pytest.mark.parametrize("backend", select.available())
def test_a_dropout_that_never_drops_is_trained_as_if_it_were_not_there(backend):
    found = []
    for fixed in (True, False):
        given = Input((6,))
        hidden = layers.Dense(8, activation="tanh")(given)
        if fixed:
            hidden = layers.Dropout(0.5)(hidden, training=False)
        model = Model(given, layers.Dense(1)(hidden), seed=5, backend=backend)
        model.compile("sgd", "mse")
        model.fit(X[:, 0, :, 0], Y, batch_size=8, epochs=2, verbose=0, shuffle=False)
        found.append(model.get_weights())
    for first, second in zip(*found, strict=True):
        np.testing.assert_allclose(first, second, rtol=0, atol=1e-6)


@pytest.mark.parametrize("backend", select.available())
def test_a_dropout_that_always_drops_drops_in_evaluation(backend):
    given = Input((6,))
    model = Model(given, layers.Dropout(0.5)(given, training=True), backend=backend, seed=2)
    model.compile("sgd", "mse")
    x = np.ones((50, 6), np.float32)
    assert model.evaluate(x, x) == pytest.approx(1, abs=0.2)  # 0 or 2 where 1 is wanted
