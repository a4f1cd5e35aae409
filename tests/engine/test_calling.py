"""Layers called on arrays, and calls that fix whether they train."""

import numpy as np
import pytest

from simulator.engine import Input, Model, Sequential, layers, utils


def test_a_layer_called_on_an_array_gives_its_output():
    layer = layers.Dense(3, activation="tanh")
    x = np.random.default_rng(0).normal(size=(2, 4))
    y = layer(x)
    kernel, bias = layer.get_weights()
    np.testing.assert_allclose(y, np.tanh(x @ kernel + bias), rtol=1e-5)
    assert y.dtype == np.float32
    np.testing.assert_array_equal(layer(x.tolist()), y)  # the same weights, from a list too
    assert layer.input_shape == (4,)


def test_layers_of_several_inputs_and_outputs_are_called_on_arrays():
    a, b = np.ones((2, 3)), np.full((2, 3), 2.0)
    np.testing.assert_array_equal(layers.Add()([a, b]), np.full((2, 3), 3))
    np.testing.assert_array_equal(layers.Concatenate()([a, b]).shape, (2, 6))
    sequence = np.ones((2, 5, 3))
    y, h, c = layers.LSTM(4, return_state=True)(sequence)
    np.testing.assert_array_equal(y, h)
    assert c.shape == (2, 4)
    recurrent = layers.SimpleRNN(3, use_bias=False)
    start = np.ones((2, 3))
    y = recurrent(sequence[:, :1], initial_state=[start])
    kernel, recurrent_kernel = recurrent.get_weights()
    expected = np.tanh(sequence[:, 0] @ kernel + start @ recurrent_kernel)
    np.testing.assert_allclose(y, expected, rtol=1e-5)
    attended, scores = layers.MultiHeadAttention(2, 3)(
        sequence, sequence, return_attention_scores=True
    )
    assert attended.shape == (2, 5, 3)
    np.testing.assert_allclose(scores.sum(axis=-1), 1, rtol=1e-6)
    assert layers.Bidirectional(layers.GRU(2))(sequence).shape == (2, 4)
    assert layers.TimeDistributed(layers.Dense(2))(sequence).shape == (2, 5, 2)
    assert layers.Embedding(7, 2)([[1, 2, 6]]).shape == (1, 3, 2)


def test_a_call_on_arrays_trains_only_if_told_to():
    x = np.ones((4, 100))
    dropout = layers.Dropout(0.5, seed=3)
    np.testing.assert_array_equal(dropout(x), x)
    assert set(np.unique(dropout(x, training=True))) == {0, 2}
    np.testing.assert_array_equal(dropout(x, training=True), dropout(x, training=True))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: layers.Dense(3)("abc"), TypeError, "was called on str: it takes an array"),
        (lambda: layers.Dense(3)(None), TypeError, "was called on NoneType"),
        (layers.Dense(3), TypeError, "was called on nothing"),
        (lambda: layers.Dense(3)([[1], [1, 2]]), TypeError, "whose rows differ in length"),
        (lambda: layers.Dense(3)(np.ones(4)), ValueError, "at least one axis besides the batch"),
        (lambda: layers.Dense(3)(np.ones((0, 4))), ValueError, "not an array of shape (0, 4)"),
        (lambda: layers.Conv2D(3, 5)(np.ones((1, 4, 4, 1))), ValueError, "does not fit the 4 × 4"),
        (lambda: layers.Add()([np.ones((2, 4)), Input((4,))]), TypeError, "arrays alone"),
        (lambda: layers.Add()([np.ones((2, 4)), np.ones((3, 4))]), ValueError, "2 and 3 samples"),
        (lambda: layers.Dense(3)(np.ones((1, 2)), training="no"), ValueError, "training is 'no'"),
    ],
)
def test_what_a_layer_cannot_be_called_on_is_told(call, error, message):
    with pytest.raises(error) as raised:
        call()
    assert message in str(raised.value)


def test_a_built_layer_refuses_arrays_of_another_shape():
    layer = layers.Dense(3)
    layer(np.ones((2, 4)))
    with pytest.raises(layers.ShapeError, match=r"got an input of shape \(None, 5\), but needs"):
        layer(np.ones((2, 5)))


def test_layers_are_built_as_in_keras():
    layer = layers.Conv2D(3, 2)
    layer.build((None, 5, 5, 2))
    assert layer.weights["kernel"].shape == (2, 2, 2, 3)
    wrapper = layers.TimeDistributed(layers.Dense(2))
    wrapper.build((None, 4, 3))
    assert wrapper.count_params() == 8
    with pytest.raises(ValueError, match="takes a shape with None for the batch"):
        layers.Dense(3).build(4)


def test_a_call_that_fixes_training_is_not_swayed_by_the_model():
    given = Input((50,))
    always = Model(given, layers.Dropout(0.5)(given, training=True), seed=1)
    x = np.ones((3, 50), np.float32)
    assert not np.array_equal(always.predict(x), x)
    never = Model(given, layers.Dropout(0.5)(given, training=False), seed=1)
    np.testing.assert_array_equal(never(x, training=True), x)


def test_a_part_called_with_training_false_keeps_its_statistics():
    base = Sequential([Input((3,)), layers.BatchNormalization()])
    given = Input((3,))
    model = Model(given, layers.Dense(1)(base(given, training=False)))
    model.compile("sgd", "mse")
    before = base.layers[0].get_weights()
    model.fit(np.full((8, 3), 5.0), np.zeros(8), verbose=0)
    gamma, _, mean, variance = base.layers[0].get_weights()
    np.testing.assert_array_equal([mean, variance], before[2:])
    assert not np.array_equal(gamma, before[0])  # its gradient is that of what was computed
    slopes = model.gradients(np.full((8, 3), 5.0), np.zeros(8))
    assert np.isfinite(slopes[base.name]["output"]).all()


def test_a_random_seed_settles_all_that_follows():
    found = []
    for _ in range(2):
        utils.set_random_seed(4)
        drawn = np.random.normal(size=3)  # noqa: NPY002 - what programs draw their data from
        layer = layers.Dense(2)
        model = Sequential([Input((3,)), layers.Dense(2), layers.Dropout(0.5)])
        found.append([drawn, layer(np.ones((1, 3))), model(np.ones((9, 3)), training=True)])
    for first, second in zip(*found, strict=True):
        np.testing.assert_array_equal(first, second)
    assert Sequential().seed != Sequential().seed
    with pytest.raises(ValueError, match="seed is -1: it must be a whole number of 0 or more"):
        utils.set_random_seed(-1)
