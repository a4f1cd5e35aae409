"""Masks: steps that are filling change nothing, forwards and backwards, on every backend."""

import numpy as np
import pytest

from simulator.engine import Input, Model, Sequential, layers, utils
from simulator.engine.layers.base import Context
from tests.engine.recurrent_layers import KINDS, assert_derivatives, built

F64 = {"dtype": "float64"}
# Filling at the start, at the end, amid, everywhere and nowhere.
MASK = np.array([[0, 0, 1, 1], [1, 1, 0, 0], [1, 0, 1, 0], [0, 0, 0, 0], [1, 1, 1, 1]], dtype=bool)


class Masked:
    """A layer that is always called with the mask."""

    def __init__(self, layer):
        self.layer = layer

    def __getattr__(self, name):
        return getattr(self.layer, name)

    def forward(self, x, context):
        return self.layer.forward(x, context.masked(MASK))


def sequence(seed=0):
    return np.random.default_rng(seed).normal(size=(5, 4, 3))


def plain(backend):
    return Context(backend, False, np.random.default_rng(0))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("backwards", [False, True])
def test_what_is_given_is_that_of_the_sequence_without_its_filling(backend, kind, backwards):
    layer = built(KINDS[kind](2, go_backwards=backwards, return_state=True, **F64), 3)
    x = sequence()
    outputs, _ = layer.forward(x, plain(backend).masked(MASK))
    for number, mask in enumerate(MASK):
        if not mask.any():
            assert not any(each[number].any() for each in outputs)
            continue
        alone, _ = layer.forward(x[number : number + 1, mask], plain(backend))
        for each, expected in zip(outputs, alone, strict=True):
            np.testing.assert_allclose(each[number], expected[0], rtol=0, atol=1e-14)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("zeros", [False, True])
def test_a_sequence_repeats_its_last_output_or_has_zeros(backend, kind, zeros):
    layer = built(KINDS[kind](2, return_sequences=True, zero_output_for_mask=zeros, **F64), 3)
    y, _ = layer.forward(sequence(), plain(backend).masked(MASK))
    assert not y[0, :2].any()
    for sample, step in ((1, 2), (1, 3), (2, 1), (2, 3)):
        expected = np.zeros(2) if zeros else y[sample, step - 1]
        np.testing.assert_array_equal(y[sample, step], expected)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [
    {"return_sequences": True, "return_state": True},
    {"go_backwards": True, "recurrent_dropout": 0.3, "dropout": 0.3},
    {"return_sequences": True, "zero_output_for_mask": True},
], ids=["sequences", "dropout", "zeros"])  # fmt: skip
def test_gradients_are_derivatives(backend, kind, options):
    layer = built(KINDS[kind](2, **options, **F64), 3)
    states = [sequence(4)[:, 0, :2].copy() for _ in layer.state_names]
    training = "dropout" in options
    assert_derivatives(Masked(layer), [sequence(), *states], backend, training=training)


def test_gradients_of_gru_with_reset_before(backend):
    layer = built(layers.GRU(2, reset_after=False, **F64), 3)
    assert_derivatives(Masked(layer), [sequence()], backend, training=False)


def test_the_mean_is_that_of_the_steps_that_count(backend):
    layer = layers.GlobalAveragePooling1D(**F64)
    x = sequence()
    y, _ = layer.forward(x, plain(backend).masked(MASK))
    expected = [each[mask].mean(axis=0) if mask.any() else 0 * each[0]
                for each, mask in zip(x, MASK, strict=True)]  # fmt: skip
    np.testing.assert_allclose(y, expected, rtol=0, atol=1e-15)
    layer.build((4, 3), np.random.default_rng(0))
    assert_derivatives(Masked(layer), [x], backend, training=False)


def words(**options):
    given = Input((6,))
    x = layers.Embedding(5, 3, mask_zero=True)(given)
    x = layers.Bidirectional(layers.LSTM(2, return_sequences=True))(x)
    output = layers.TimeDistributed(layers.Dense(2, activation="softmax"))(x)
    model = Model(given, output, seed=2, **options)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def test_filling_is_neither_learned_from_nor_counted():
    rng = np.random.default_rng(1)
    x, y = rng.integers(1, 5, (12, 6)), rng.integers(0, 2, (12, 6))
    x[:, 4:] = 0
    other = y.copy()
    other[:, 4:] = 1 - other[:, 4:]
    models = words(), words()
    histories = [
        model.fit(x, targets, epochs=2, batch_size=5, verbose=0).history
        for model, targets in zip(models, (y, other), strict=True)
    ]
    assert histories[0] == histories[1]
    for mine, theirs in zip(*(each.get_weights() for each in models), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert models[0].evaluate(x, y) == models[0].evaluate(x, other)


def test_a_run_with_masks_repeats_bit_for_bit():
    rng = np.random.default_rng(1)
    x, y = rng.integers(0, 5, (12, 6)), rng.integers(0, 2, (12, 6))
    weights = []
    for _ in range(2):
        model = words()
        model.fit(x, y, epochs=2, batch_size=5, verbose=0)
        weights.append([each.tobytes() for each in model.get_weights()])
    assert weights[0] == weights[1]


@pytest.mark.parametrize(
    "make",
    [
        layers.BatchNormalization,
        layers.Softmax,
        lambda: layers.Bidirectional(layers.GRU(2, return_sequences=True), merge_mode=None),
    ],
)
def test_layers_that_cannot_follow_a_mask_say_so(make):
    given, layer = Input((6,)), make()
    output = layer(layers.Embedding(5, 3, mask_zero=True)(given))
    with pytest.raises(ValueError, match=rf"{layer.name} .* got a sequence with a mask"):
        Model(given, output)


def test_masks_do_not_cross_the_border_of_a_network():
    inner = Sequential([layers.Embedding(5, 3, mask_zero=True, input_shape=(6,))])
    given = Input((6,))
    with pytest.raises(ValueError, match="one by one"):
        Model(given, layers.LSTM(2)(inner(given)))


def test_flattening_loses_the_mask_as_in_keras():
    model = Sequential([layers.Embedding(5, 3, mask_zero=True, input_shape=(6,)), layers.Flatten()])
    assert not model.graph.masked.intersection(model.graph.output_numbers)


def test_sequences_are_filled_and_cut_as_in_keras():
    given = [[1, 2, 3], [4], []]
    np.testing.assert_array_equal(utils.pad_sequences(given), [[1, 2, 3], [0, 0, 4], [0, 0, 0]])
    found = utils.pad_sequences(
        given, maxlen=2, padding="post", truncating="post", value=9, dtype="float32"
    )
    np.testing.assert_array_equal(found, np.array([[1, 2], [4, 9], [9, 9]], np.float32))
    np.testing.assert_array_equal(utils.pad_sequences(given, maxlen=2)[0], [2, 3])
    with pytest.raises(ValueError, match="list of numbers"):
        utils.pad_sequences([[1, 2], ["a"]])
    with pytest.raises(ValueError, match="did you mean 'post'"):
        utils.pad_sequences(given, padding="pos")


def test_layers_that_are_added_later_draw_other_weights():
    model = Sequential([layers.Dense(3, input_shape=(3,))], seed=4)
    model.build()
    model.add(layers.Dense(3))
    first, _, second, _ = model.get_weights()
    assert not np.array_equal(first, second)
    whole = Sequential([layers.Dense(3, input_shape=(3,)), layers.Dense(3)], seed=4)
    np.testing.assert_array_equal(whole.get_weights()[2], second)
