"""What recurrent layers give, how they start, what they drop, and what they refuse."""

import numpy as np
import pytest

from simulator.engine import Input, Model, Sequential, activations, layers
from simulator.engine.geometry import GeometryError
from simulator.engine.layers.base import Context, ShapeError
from tests.engine.recurrent_layers import KINDS, built, context


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_given(backend, kind):
    x = np.random.default_rng(1).normal(size=(2, 4, 3))
    layer = built(KINDS[kind](2, dtype="float64"), 3)
    last, cache = layer.forward(x, context(backend))
    np.testing.assert_array_equal(last, cache["h"][:, -1])
    np.testing.assert_array_equal(cache["output"], last)
    np.testing.assert_array_equal(cache["input"], x)
    assert layer.output_shape((4, 3)) == (2,)
    for options, expected in (
        ({"return_sequences": True}, (4, 2)),
        ({"return_state": True}, ((2,),) * (1 + len(layer.state_names))),
        (
            {"return_sequences": True, "return_state": True},
            ((4, 2), *((2,),) * len(layer.state_names)),
        ),
    ):
        assert KINDS[kind](2, **options).output_shape((4, 3)) == expected
    assert KINDS[kind](2, return_sequences=True).output_shape((None, 3)) == (None, 2)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_in_two_halves_is_the_whole(backend, kind):
    """return_state and initial_state carry a state on."""
    x = np.random.default_rng(1).normal(size=(2, 6, 3))
    layer = built(KINDS[kind](2, dtype="float64", return_state=True), 3)
    whole, _ = layer.forward(x, context(backend))
    first, _ = layer.forward(x[:, :2], context(backend))
    second, _ = layer.forward((x[:, 2:], *first[1:]), context(backend))
    for actual, expected in zip(second, whole, strict=True):
        np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-15)


def test_initial_states_are_connected_by_name():
    x, h, c = Input((4, 3)), Input((2,)), Input((2,))
    y = layers.LSTM(2, return_sequences=True)(x, initial_state=[h, c])
    assert y.shape == (None, 4, 2)
    assert y.node.inputs == (x, h, c)
    assert layers.GRU(2)(x, initial_state=h).node.inputs == (x, h)
    with pytest.raises(ShapeError, match="initial states of 2 × "):
        layers.LSTM(2)(x, initial_state=[h])
    with pytest.raises(ShapeError, match="initial states of 1 × "):
        layers.GRU(3)(x, initial_state=h)


@pytest.mark.parametrize("wrapped", [False, True])
def test_an_activity_regularizer_sees_every_output(wrapped):
    """By differences of the loss: outputs and states cost, those that nothing reads too."""
    x = Input((3, 2), dtype="float64")
    layer = layers.GRU(2, return_state=True, activity_regularizer="l2", dtype="float64", name="g")
    last = (layers.Bidirectional(layer) if wrapped else layer)(x)[0]
    model = Model(x, layers.Dense(1, dtype="float64")(last), seed=0)
    model.compile(optimizer="sgd", loss="mse")
    rng = np.random.default_rng(0)
    data, targets = rng.normal(size=(4, 3, 2)), rng.normal(size=(4, 1))
    gradients = model.gradients(data, targets)
    name = next(each for each in model.weights if each.endswith("g/kernel"))
    owner, _, own = name.partition("/")
    weight, kept = model.weights[name], model.weights[name].copy()
    sums = []
    for step in (1e-5, -1e-5):
        weight[0, 0] = kept[0, 0] + step
        sums.append(model.evaluate(data, targets, verbose=0))
    weight[...] = kept
    expected = (np.ravel(sums[0])[0] - np.ravel(sums[1])[0]) / 2e-5
    assert abs(gradients[owner][own][0, 0] - expected) < 1e-8
    without = np.mean((model.predict(data) - targets) ** 2)
    assert np.ravel(model.evaluate(data, targets, verbose=0))[0] > without


def test_weights_have_kerass_names_shapes_and_starts():
    rng = np.random.default_rng(0)
    lstm, gru = layers.LSTM(3), layers.GRU(3)
    for layer in (lstm, gru):
        layer.build((4, 2), rng)
    assert {name: each.shape for name, each in lstm.weights.items()} == {
        "kernel": (2, 12), "recurrent_kernel": (3, 12), "bias": (12,),
    }  # fmt: skip
    assert lstm.weights["bias"].tolist() == [0] * 3 + [1] * 3 + [0] * 6
    rows = lstm.weights["recurrent_kernel"]
    np.testing.assert_allclose(rows @ rows.T, np.eye(3), rtol=0, atol=1e-6)
    assert gru.weights["bias"].shape == (2, 9)
    plain = layers.LSTM(3, unit_forget_bias=False, bias_initializer="ones")
    plain.build((4, 2), rng)
    assert plain.weights["bias"].tolist() == [1] * 12
    before = layers.GRU(3, reset_after=False)
    before.build((4, 2), rng)
    assert before.weights["bias"].shape == (9,)
    assert layers.LSTM(50).weight_shapes((10, 1))["kernel"] == (1, 200)


@pytest.mark.parametrize(("kind", "gates"), [("SimpleRNN", 1), ("LSTM", 4), ("GRU", 3)])
def test_dropout_draws_once_for_a_sequence(backend, kind, gates):
    x = np.ones((400, 5, 3))
    layer = built(KINDS[kind](4, dtype="float64", dropout=0.25, recurrent_dropout=0.5), 3)
    _, cache = layer.forward(x, context(backend, training=True))
    assert cache["input_mask"].shape == (gates, 400, 3)
    assert cache["recurrent_mask"].shape == (gates, 400, 4)
    assert set(np.unique(cache["input_mask"])) == {0, 1 / 0.75}
    assert set(np.unique(cache["recurrent_mask"])) == {0, 2}
    # Means of 1200 draws and more: within five standard deviations.
    assert abs(cache["input_mask"].mean() - 1) < 5 * np.sqrt(1 / 3 / (1200 * gates))
    assert abs(cache["recurrent_mask"].mean() - 1) < 5 * np.sqrt(1 / (1600 * gates))
    _, again = layer.forward(x, context(backend, training=True))
    np.testing.assert_array_equal(again["h"], cache["h"])
    _, other = layer.forward(x, context(backend, training=True, seed=4))
    assert not np.array_equal(other["h"], cache["h"])
    _, without = layer.forward(x, context(backend))
    assert "input_mask" not in without
    assert "recurrent_mask" not in without


def test_gates_share_the_inputs_mask_without_recurrent_dropout(backend):
    layer = built(layers.LSTM(4, dtype="float64", dropout=0.5), 3)
    x = np.random.default_rng(0).normal(size=(5, 2, 3))
    _, cache = layer.forward(x, context(backend, training=True))
    assert cache["input_mask"].shape == (1, 5, 3)
    masked = x * cache["input_mask"][0][:, None]
    expected, _ = layer.forward(masked, context(backend))
    np.testing.assert_allclose(cache["output"], expected, rtol=0, atol=1e-14)


def test_a_layer_with_a_seed_draws_from_its_own_generator():
    x = np.ones((20, 6, 3))
    results = []
    for own, other in ((1, 5), (2, 5), (1, 6)):
        model = Sequential(
            [Input((6, 3)), layers.SimpleRNN(4, dropout=0.5, seed=own, name="rnn")], seed=other
        )
        model.set_weights([np.ones((3, 4)), np.zeros((4, 4)), np.zeros(4)])
        results.append(model.trace_forward(x, training=True)["rnn"]["input_mask"])
    np.testing.assert_array_equal(results[0], results[2])
    assert not np.array_equal(results[0], results[1])


def test_without_an_input_gradient_the_weights_gradients_are_the_same(backend):
    layer = built(layers.LSTM(3, dtype="float64"), 2)
    x = np.random.default_rng(0).normal(size=(2, 4, 2))
    _, cache = layer.forward(x, context(backend))
    slopes = np.ones((2, 3))
    _, expected = layer.backward(slopes, cache, context(backend))
    spared = Context(backend, True, np.random.default_rng(0), input_gradient=False)
    _, actual = layer.backward(slopes, cache, spared)
    for name, gradient in expected.items():
        np.testing.assert_array_equal(actual[name], gradient)


def test_nan_and_infinity_take_their_course(backend):
    layer = built(layers.LSTM(2, "relu", dtype="float64", return_sequences=True), 1)
    x = np.ones((2, 3, 1))
    x[0, 1] = np.nan
    y, _ = layer.forward(x, context(backend))
    assert np.isfinite(y[0, 0]).all()
    assert np.isnan(y[0, 1:]).all()
    assert np.isfinite(y[1]).all()


def test_misfits_and_wrong_arguments_are_refused(backend):
    with pytest.raises(ShapeError, match=r"lstm.* \(LSTM\) got an input of shape \(None, 5\)"):
        layers.LSTM(2).output_shape((5,))
    with pytest.raises(ShapeError, match="known number of values"):
        layers.GRU(2).output_shape((5, None))
    with pytest.raises(ShapeError, match="3 values at each step"):
        built(layers.SimpleRNN(2), 3).output_shape((5, 4))
    with pytest.raises(ValueError, match="initial_state"):
        layers.LSTM(2, stateful=True)
    with pytest.raises(ValueError, match="units is 0"):
        layers.LSTM(0)
    with pytest.raises(TypeError, match=r"'return_sequence'.*'return_sequences'"):
        layers.LSTM(2, return_sequence=True)
    with pytest.raises(ValueError, match=r"'tanhh'.*'tanh'"):
        layers.GRU(2, "tanhh")
    x, h = np.ones((2, 3, 8)), np.ones((2, 2))
    tanh = {"activation": activations.tanh, "recurrent_activation": activations.sigmoid}
    with pytest.raises(GeometryError, match="4 gates of 2 units need 8"):
        backend.lstm(x, h, h, np.ones((2, 6)), **tanh)
    with pytest.raises(GeometryError, match="it must be 2 × steps × 6"):
        backend.gru(x, h, np.ones((2, 6)), None, reset_after=True, **tanh)
    with pytest.raises(GeometryError, match="no steps"):
        backend.lstm(x[:, :0], h, h, np.ones((2, 8)), **tanh)
    with pytest.raises(TypeError, match="float32"):
        backend.simple_rnn(
            np.ones((2, 3, 2), np.float32), h, np.ones((2, 2)), activation=activations.tanh
        )


def test_the_same_call_gives_the_same_bits(backend):
    layer = built(layers.GRU(5, dtype="float64"), 3)
    x = np.random.default_rng(0).normal(size=(4, 6, 3))
    first, cache = layer.forward(x, context(backend))
    second, _ = layer.forward(x, context(backend))
    np.testing.assert_array_equal(first, second)
    one, two = (layer.backward(np.ones((4, 5)), cache, context(backend)) for _ in range(2))
    np.testing.assert_array_equal(one[0], two[0])
    np.testing.assert_array_equal(one[1]["kernel"], two[1]["kernel"])
