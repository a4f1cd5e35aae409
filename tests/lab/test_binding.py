"""Data sets in networks of many forms."""

import numpy as np
import pytest

from simulator.data.datasets import make
from simulator.engine.data import Port
from simulator.lab.binding import bind
from simulator.lab.errors import LabError


def ports(taken, given, name="out"):
    return [Port("in", taken, "float32")], [Port(name, given, "float32")]


DIGITS = make("digits", {"train_share": 0.5})


@pytest.mark.parametrize(
    ("needed", "shape"),
    [((8, 8, 1), (8, 8, 1)), ((8, 8), (8, 8)), ((64,), (64,)), ((None, 8, 1), (8, 8, 1))],
)
def test_pictures_take_the_form_that_the_network_has(needed, shape):
    bound = bind(DIGITS, *ports(needed, (10,)), "sparse_categorical_crossentropy")
    assert bound.x.shape == (len(DIGITS.x), *shape)
    assert bound.x_val.shape == (len(DIGITS.x_val), *shape)
    np.testing.assert_array_equal(bound.x.ravel(), DIGITS.x.ravel())
    np.testing.assert_array_equal(bound.y, DIGITS.y)
    assert bool(bound.told) == (needed == (64,))


@pytest.mark.parametrize(
    "loss",
    [
        "categorical_crossentropy",
        "mse",
        {"class_name": "CategoricalCrossentropy", "config": {"from_logits": True}},
    ],
)
def test_classes_become_rows_unless_the_loss_takes_numbers(loss):
    bound = bind(DIGITS, *ports((8, 8, 1), (12,)), loss)
    assert bound.y.shape == (len(DIGITS.y), 12)
    np.testing.assert_array_equal(bound.y.argmax(axis=1), DIGITS.y)
    np.testing.assert_array_equal(bound.y.sum(axis=1), 1)
    loss = {"class_name": "SparseCategoricalCrossentropy", "config": {}}
    assert bind(DIGITS, *ports((8, 8, 1), (10,)), loss).y.ndim == 1


def test_two_classes_fit_one_output_or_two():
    data = make("moons", {"samples": 40})
    one = bind(data, *ports((2,), (1,)), "binary_crossentropy")
    np.testing.assert_array_equal(one.y[:, 0], data.y)
    two = bind(data, *ports((2,), (2,)), "categorical_crossentropy")
    np.testing.assert_array_equal(two.y[:, 1], data.y)


def test_numbers_pictures_and_steps_as_targets():
    sine = make("sine", {"samples": 40})
    assert bind(sine, *ports((30, 1), (1,)), "mse").y.shape == (len(sine.y), 1)
    copy = make("delayed-copy", {"samples": 40})
    loss = "sparse_categorical_crossentropy"
    assert bind(copy, *ports((20, 4), (20, 5)), loss).y.shape == (len(copy.y), 20)
    rows = bind(copy, *ports((20, 4), (20, 5)), "categorical_crossentropy").y
    np.testing.assert_array_equal(rows.argmax(axis=-1), copy.y)


@pytest.mark.parametrize(
    ("data", "taken", "given", "told"),
    [
        ("digits", (28, 28, 1), (10,), "8 × 8 × 1, but the network takes 28 × 28 × 1"),
        ("digits", (8, 8, 1), (1,), "10 classes, but the layer 'out' puts out one number"),
        ("digits", (8, 8, 1), (4,), "give it 10 units"),
        ("digits", (8, 8, 1), (6, 6, 10), "Flatten"),
        ("delayed-copy", (20, 4), (5,), "return sequences"),
        ("sine", (30, 1), (3,), "make the last layer's output 1"),
    ],
)
def test_what_does_not_fit_is_told_with_what_to_change(data, taken, given, told):
    with pytest.raises(LabError, match=told):
        bind(make(data), *ports(taken, given), "sparse_categorical_crossentropy")


def test_several_inputs_are_refused():
    inputs, outputs = ports((8, 8, 1), (10,))
    with pytest.raises(LabError, match="2 inputs"):
        bind(DIGITS, inputs * 2, outputs, "mse")
