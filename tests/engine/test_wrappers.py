"""Bidirectional, TimeDistributed, Embedding and MultiHeadAttention."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import Input, layers
from simulator.engine.layers.base import ShapeError
from tests.engine.recurrent_layers import as_tuple, assert_derivatives, context

F64 = {"dtype": "float64"}


def built(layer, shape, seed=0):
    layer.build(shape, np.random.default_rng(seed))
    rng = np.random.default_rng(seed + 1)
    for weight in layer.weights.values():
        weight[...] = rng.normal(size=weight.shape) * 0.5
    return layer


def arrays(*shapes, seed=2):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(2, *shape)) for shape in shapes]


MODES = ["concat", "sum", "ave", "mul", None]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("sequences", [False, True], ids=["last", "sequences"])
@pytest.mark.parametrize("state", [False, True], ids=["output", "state"])
@pytest.mark.parametrize("kind", [layers.SimpleRNN, layers.LSTM, layers.GRU])
def test_bidirectional_gradients_are_derivatives(backend, kind, mode, sequences, state):
    inner = kind(2, return_sequences=sequences, return_state=state, **F64)
    layer = built(layers.Bidirectional(inner, merge_mode=mode), (3, 2))
    assert_derivatives(layer, arrays((3, 2)), backend, training=False)


@pytest.mark.parametrize("kind", [layers.LSTM, layers.GRU])
def test_bidirectional_starts_from_states(backend, kind):
    inner = kind(2, return_sequences=True, **F64)
    states = [(2,)] * (2 * len(inner.state_names))
    layer = built(layers.Bidirectional(inner), ((3, 2), *states))
    assert_derivatives(layer, arrays((3, 2), *states), backend, training=False)
    x, *given_states = (Input(shape) for shape in ((3, 2), *states))
    again = layers.Bidirectional(kind(2))(x, initial_state=given_states)
    assert again.shape == (None, 4)
    assert again.node.inputs == (x, *given_states)


@pytest.mark.parametrize("mode", MODES)
def test_bidirectional_is_two_layers(backend, mode):
    """By its two layers, each on its own: the second reads the sequence turned round."""
    layer = built(layers.Bidirectional(layers.GRU(3, return_sequences=True, **F64), mode), (4, 2))
    (x,) = arrays((4, 2))
    alone = [built(layers.GRU(3, return_sequences=True, **F64), (4, 2)) for _ in range(2)]
    weights = layer.get_weights()
    alone[0].set_weights(weights[:3])
    alone[1].set_weights(weights[3:])
    one, _ = alone[0].forward(x, context(backend))
    other, _ = alone[1].forward(x[:, ::-1], context(backend))
    other = other[:, ::-1]
    expected = {
        "concat": np.concatenate([one, other], axis=-1),
        "sum": one + other,
        "ave": (one + other) / 2,
        "mul": one * other,
        None: (one, other),
    }[mode]
    y, cache = layer.forward(x, context(backend))
    shape = layer.output_shape((4, 2))
    for actual, wanted, each in zip(
        as_tuple(y), as_tuple(expected), shape if mode is None else (shape,), strict=True
    ):
        np.testing.assert_allclose(actual, wanted, rtol=0, atol=1e-14)
        assert actual.shape[1:] == each
    np.testing.assert_array_equal(cache[f"{layer.forward_layer.name}/h"], one)
    np.testing.assert_array_equal(cache[f"{layer.backward_layer.name}/h"][:, ::-1], other)


def test_bidirectional_names_its_layers_and_copies_them():
    inner = layers.LSTM(4, name="lstm")
    layer = layers.Bidirectional(inner, name="both")
    layer.build((5, 2), np.random.default_rng(0))
    assert list(layer.weights) == [
        f"{direction}_lstm/{weight}"
        for direction in ("forward", "backward")
        for weight in ("kernel", "recurrent_kernel", "bias")
    ]
    assert not inner.built
    assert layer.count_params() == 2 * (4 * 4 * (2 + 4 + 1))
    kernels = [w for name, w in layer.weights.items() if name.endswith("/kernel")]
    assert not np.array_equal(*kernels)
    layer.trainable = False
    assert layer.trainable_names == ()


def test_bidirectional_takes_another_layer_for_the_way_back(backend):
    layer = built(
        layers.Bidirectional(
            layers.LSTM(3, return_sequences=True, **F64),
            backward_layer=layers.LSTM(2, return_sequences=True, go_backwards=True, **F64),
        ),
        (3, 2),
    )
    assert layer.output_shape((3, 2)) == (3, 5)
    assert_derivatives(layer, arrays((3, 2)), backend, training=False)


def test_bidirectional_refuses_what_does_not_fit():
    with pytest.raises(TypeError, match="takes a recurrent layer"):
        layers.Bidirectional(layers.Dense(3))
    with pytest.raises(ValueError, match="merge_mode is 'summ': did you mean 'sum'"):
        layers.Bidirectional(layers.GRU(3), "summ")
    with pytest.raises(ValueError, match="same direction"):
        layers.Bidirectional(layers.GRU(3), backward_layer=layers.GRU(3))
    back = layers.GRU(2, go_backwards=True)
    with pytest.raises(ValueError, match="3 and 2 units"):
        layers.Bidirectional(layers.GRU(3), "sum", backward_layer=back)
    with pytest.raises(ValueError, match="return_sequences is True"):
        layers.Bidirectional(layers.GRU(3, return_sequences=True), backward_layer=back)
    used = layers.GRU(3)
    used.build((3, 2), np.random.default_rng(0))
    with pytest.raises(ValueError, match="has weights already"):
        layers.Bidirectional(used)


@pytest.mark.parametrize(
    ("inner", "shape"),
    [
        (lambda: layers.Dense(3, activation="tanh", **F64), (4, 2)),
        (lambda: layers.Conv2D(2, 2, **F64), (2, 3, 4, 2)),
        (lambda: layers.LSTM(2, **F64), (2, 3, 2)),
        (lambda: layers.TimeDistributed(layers.Dense(2, **F64)), (2, 3, 2)),
    ],
    ids=["dense", "convolution", "lstm", "twice"],
)
def test_time_distributed_is_the_layer_at_each_step(backend, inner, shape):
    layer = built(layers.TimeDistributed(inner()), shape)
    (x,) = arrays(shape)
    y, _ = layer.forward(x, context(backend))
    assert y.shape[1:] == layer.output_shape(shape)
    for t in range(shape[0]):
        step, _ = layer.layer.forward(x[:, t], context(backend))
        np.testing.assert_allclose(y[:, t], step, rtol=0, atol=1e-14)
    assert_derivatives(layer, [x], backend, training=False)
    assert layer.output_shape((None, *shape[1:]))[0] is None


def test_time_distributed_hands_updates_on(backend):
    layer = built(layers.TimeDistributed(layers.BatchNormalization(name="norm", **F64)), (3, 2))
    for name, weight in layer.weights.items():
        if "variance" in name:
            weight[...] = 1
    _, cache = layer.forward(arrays((3, 2))[0], context(backend, training=True))
    updates = {name for name in cache if name.startswith("updates:")}
    assert updates == {"updates:norm/moving_mean", "updates:norm/moving_variance"}
    assert updates == {f"updates:{n}" for n in layer.weights if n not in layer.trainable_names}


def test_time_distributed_refuses_what_does_not_fit():
    with pytest.raises(TypeError, match="takes a layer"):
        layers.TimeDistributed("dense")
    with pytest.raises(ShapeError, match="steps"):
        layers.TimeDistributed(layers.Dense(2)).output_shape((3,))


def test_embedding(backend, dtype):
    layer = built(layers.Embedding(5, 3, dtype=dtype), (4,))
    indices = np.array([[0, 4, 4, 1], [2, 4, 0, 0]])
    table = layer.weights["embeddings"]
    for given_as in (np.int32, np.float32, np.uint8):
        y, cache = layer.forward(indices.astype(given_as), context(backend))
        assert y.shape == (2, *layer.output_shape((4,)))
        assert y.dtype == dtype
        for place in np.ndindex(indices.shape):
            np.testing.assert_array_equal(y[place], table[indices[place]])
    slopes = np.random.default_rng(0).normal(size=y.shape).astype(dtype)
    to_x, gradients = layer.backward(slopes, cache, context(backend))
    expected = np.zeros_like(table)
    for place in np.ndindex(indices.shape):
        expected[indices[place]] += slopes[place]
    np.testing.assert_allclose(gradients["embeddings"], expected, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(gradients["embeddings"][3], 0)
    assert to_x.shape == indices.shape
    assert not to_x.any()


def test_embedding_gradients_are_derivatives(backend):
    layer = built(layers.Embedding(4, 2, **F64), (3,))
    x = np.array([[0, 3, 3], [1, 0, 3]])
    y, cache = layer.forward(x, context(backend))
    slopes = np.random.default_rng(0).normal(size=y.shape)
    _, gradients = layer.backward(slopes, cache, context(backend))
    table = layer.weights["embeddings"]
    for place in np.ndindex(table.shape):
        sums = []
        for step in (1e-5, -1e-5):
            table[place] += step
            sums.append(np.sum(layer.forward(x, context(backend))[0] * slopes))
            table[place] -= step
        assert abs((sums[0] - sums[1]) / 2e-5 - gradients["embeddings"][place]) < 1e-8


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.array([[5]]), r"index 5: with input_dim=5 it takes 0 to 4"),
        (np.array([[-1]]), r"index -1"),
        (np.array([[1.5]]), r"got 1.5: it takes whole numbers"),
        (np.array([[np.nan]]), r"got nan"),
    ],
)
def test_embedding_refuses_what_it_does_not_have(backend, x, message):
    layer = built(layers.Embedding(5, 3), (1,))
    with pytest.raises(ValueError, match=message):
        layer.forward(x, context(backend))


def test_embedding_starts_from_a_given_table():
    table = np.arange(6.0).reshape(3, 2)
    for given_as in (table, [table], table.tolist()):
        layer = layers.Embedding(3, 2, weights=given_as)
        layer.build((4,), np.random.default_rng(0))
        np.testing.assert_array_equal(layer.weights["embeddings"], table)
        assert layer.weights["embeddings"].dtype == np.float32
    table[0, 0] = 9
    assert layer.weights["embeddings"][0, 0] == 0
    with pytest.raises(ValueError, match=r"shape \(3, 2\): they must be \(2, 3\)"):
        layers.Embedding(2, 3, weights=table)


def test_embedding_refuses_wrong_arguments():
    with pytest.raises(ValueError, match="mask_zero is 2"):
        layers.Embedding(5, 3, mask_zero=2)
    with pytest.raises(ValueError, match="output_dim is 0"):
        layers.Embedding(5, 0)
    assert layers.Embedding(5, 3, input_length=7).given_input_shape == (7,)


def loops_attention(query, value, key, weights, heads, size, *, causal):
    """One sample, place by place and head by head."""

    def projected(x, name):
        return (
            np.einsum("td,dnk->ntk", x, weights[f"{name}/kernel"])
            + weights[f"{name}/bias"][:, None]
        )

    Q, K, V = projected(query, "query"), projected(key, "key"), projected(value, "value")
    attention = np.zeros((heads, len(query), len(key)))
    output = np.tile(weights["attention_output/bias"], (len(query), 1))
    for n in range(heads):
        for t in range(len(query)):
            seen = [s for s in range(len(key)) if not causal or s <= t]
            exponentials = [np.exp(Q[n, t] @ K[n, s] / np.sqrt(size)) for s in seen]
            for s, exponential in zip(seen, exponentials, strict=True):
                attention[n, t, s] = exponential / sum(exponentials)
            mixed = sum(attention[n, t, s] * V[n, s] for s in seen)
            output[t] += mixed @ weights["attention_output/kernel"][n]
    return output, attention


@settings(max_examples=25, deadline=None)
@given(
    places=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    heads=st.integers(1, 3),
    size=st.integers(1, 5),
    causal=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_attention_against_loops(backend, places, heads, size, causal, seed):
    T, S = places
    shapes = ((T, 3), (S, 4), (S, 2))
    layer = layers.MultiHeadAttention(heads, size, value_dim=2, **F64)
    layer(*map(Input, shapes), use_causal_mask=causal)
    built(layer, shapes, seed=seed % 1000)
    query, value, key = arrays(*shapes, seed=seed)
    y, cache = layer.forward((query, value, key), context(backend))
    for b in range(2):
        output, attention = loops_attention(
            query[b], value[b], key[b], layer.weights, heads, size, causal=causal
        )
        np.testing.assert_allclose(y[b], output, rtol=1e-11, atol=1e-12)
        np.testing.assert_allclose(cache["attention"][b], attention, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(cache["attention"].sum(-1), 1, rtol=0, atol=1e-14)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("scores", [False, True])
@pytest.mark.parametrize("dropout", [0, 0.3])
@pytest.mark.parametrize("keyed", [False, True])
def test_attention_gradients_are_derivatives(backend, causal, scores, dropout, keyed):
    shapes = ((3, 2), (4, 3), (4, 2)) if keyed else ((3, 2), (4, 3))
    layer = layers.MultiHeadAttention(2, 2, dropout=dropout, use_bias=not keyed, **F64)
    layer(*map(Input, shapes), use_causal_mask=causal, return_attention_scores=scores)
    built(layer, shapes)
    assert_derivatives(layer, arrays(*shapes), backend, training=True)


def test_attention_to_itself_and_its_shapes(backend):
    x = Input((4, 6))
    layer = layers.MultiHeadAttention(2, 3)
    assert layer(x, x).shape == (None, 4, 6)
    layer = layers.MultiHeadAttention(2, 3, output_shape=5)
    y, attention = layer(x, value=Input((7, 2)), return_attention_scores=True)
    assert (y.shape, attention.shape) == ((None, 4, 5), (None, 2, 4, 7))
    with pytest.raises(ValueError, match="shared"):
        layer(x, x)
    layer.build(((4, 6), (7, 2)), np.random.default_rng(0))
    assert {name: weight.shape for name, weight in layer.weights.items()} == {
        "query/kernel": (6, 2, 3), "query/bias": (2, 3),
        "key/kernel": (2, 2, 3), "key/bias": (2, 3),
        "value/kernel": (2, 2, 3), "value/bias": (2, 3),
        "attention_output/kernel": (2, 3, 5), "attention_output/bias": (5,),
    }  # fmt: skip


def test_attention_refuses_what_does_not_fit():
    layer = layers.MultiHeadAttention(2, 3)
    with pytest.raises(ShapeError, match="two or three inputs"):
        layer(Input((4, 6)))
    with pytest.raises(ShapeError, match="same number of places"):
        layer(Input((4, 6)), Input((3, 6)), Input((2, 6)))
    with pytest.raises(ValueError, match="num_heads is 0"):
        layers.MultiHeadAttention(0, 3)
    with pytest.raises(ValueError, match=r"dropout is 1\.5"):
        layers.MultiHeadAttention(1, 3, dropout=1.5)
