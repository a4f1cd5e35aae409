"""SimpleRNN, LSTM and GRU: against loops over single numbers, and by finite differences."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import activations, layers
from simulator.engine.geometry import GeometryError
from tests.engine import naive_recurrent
from tests.engine.recurrent_layers import KINDS, assert_derivatives, built, context

CONFIGURATIONS = [
    {"return_sequences": sequences, "return_state": state, "go_backwards": backwards}
    for sequences, state, backwards in itertools.product([False, True], repeat=3)
]
VARIANTS = [
    ("SimpleRNN", {}),
    ("SimpleRNN", {"use_bias": False}),
    ("LSTM", {}),
    ("LSTM", {"use_bias": False}),
    ("GRU", {}),
    ("GRU", {"use_bias": False}),
    ("GRU", {"reset_after": False}),
    ("GRU", {"reset_after": False, "use_bias": False}),
]


@pytest.mark.parametrize("options", CONFIGURATIONS, ids=str)
@pytest.mark.parametrize(("kind", "variant"), VARIANTS, ids=str)
@pytest.mark.parametrize("states", [False, True], ids=["zeros", "states"])
def test_gradients_are_derivatives(backend, kind, variant, options, states):
    rng = np.random.default_rng(4)
    layer = built(KINDS[kind](2, dtype="float64", **variant, **options), 3)
    inputs = [rng.normal(size=(2, 3, 3))]
    if states:
        inputs += [rng.normal(size=(2, 2)) for _ in layer.state_names]
    assert_derivatives(layer, inputs, backend, training=True)


@pytest.mark.parametrize("dropout", [0, 0.4], ids="dropout={}".format)
@pytest.mark.parametrize("recurrent_dropout", [0, 0.4], ids="recurrent_dropout={}".format)
@pytest.mark.parametrize(("kind", "variant"), VARIANTS, ids=str)
def test_gradients_are_derivatives_under_dropout(
    backend, kind, variant, dropout, recurrent_dropout
):
    layer = built(
        KINDS[kind](
            3,
            dtype="float64",
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            return_sequences=True,
            **variant,
        ),
        3,
    )
    x = np.random.default_rng(5).normal(size=(2, 3, 3))
    assert_derivatives(layer, [x], backend, training=True)


@pytest.mark.parametrize(
    "name", ["linear", "relu", "leaky_relu", "elu", "selu", "gelu", "sigmoid", "tanh", "softplus",
             "softsign", "swish", "softmax"],
)  # fmt: skip
@pytest.mark.parametrize("kind", KINDS)
def test_any_activation(backend, kind, name):
    more = {} if kind == "SimpleRNN" else {"recurrent_activation": name}
    layer = built(KINDS[kind](3, name, dtype="float64", return_sequences=True, **more), 2, seed=7)
    assert_derivatives(
        layer, [np.random.default_rng(6).normal(size=(2, 3, 2))], backend, training=False
    )


def test_activations_with_other_arguments_are_not_taken_for_the_plain_ones(backend, reference):
    x = np.random.default_rng(0).normal(size=(2, 4, 3))
    leaky = activations.Relu(negative_slope=0.5)
    layer = built(layers.SimpleRNN(3, leaky, dtype="float64"), 3)
    actual, cache = layer.forward(x, context(backend))
    expected, _ = layer.forward(x, context(reference))
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-14)
    assert cache["h"].min() < 0


sizes = st.tuples(
    st.integers(1, 14), st.integers(1, 6), st.integers(1, 5),
    st.sampled_from([1, 2, 3, 4, 7, 8, 9, 16, 17, 33]),
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(size=sizes, seed=st.integers(0, 2**32 - 1), reset_after=st.booleans())
@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("kind", KINDS)
def test_backends_equal_the_reference(
    backend, reference, dtype, kind, activation, size, seed, reset_after
):
    batch, steps, values, units = size
    more = {"reset_after": reset_after} if kind == "GRU" else {}
    layer = KINDS[kind](
        units, activation, dtype=dtype, return_sequences=True, return_state=True, **more
    )
    layer.build((None, values), np.random.default_rng(0))
    rng = np.random.default_rng(seed)
    for weight in layer.weights.values():
        weight[...] = rng.normal(size=weight.shape) / np.sqrt(units + values)
    x = rng.normal(size=(batch, steps, values)).astype(dtype)
    slopes = tuple(
        rng.normal(size=shape).astype(dtype)
        for shape in [(batch, steps, units), *[(batch, units)] * len(layer.state_names)]
    )

    def results(each):
        y, cache = layer.forward(x, context(each))
        to_x, gradients = layer.backward(slopes, cache, context(each))
        return {
            **{f"y{n}": part for n, part in enumerate(y)},
            **{name: array for name, array in cache.items() if "output" not in name},
            "to_x": to_x,
            **{f"to_{name}": gradient for name, gradient in gradients.items()},
        }

    actual, expected = results(backend), results(reference)
    assert set(actual) == set(expected)
    for name, array in expected.items():
        assert actual[name].dtype == dtype, name
        scale = float(np.max(np.abs(array), initial=1))
        # Sums of some hundred products, over six steps: 100 roundings.
        atol = scale * (1e-5 if dtype == "float32" else 2e-14)
        np.testing.assert_allclose(actual[name], array, rtol=0, atol=atol, err_msg=name)


def naive_cell(layer, x, states, held=None):
    """Every sequence of the batch by itself, with the layer's weights."""
    weights = layer.weights
    kernel, recurrent = weights["kernel"], weights["recurrent_kernel"]
    bias = weights.get("bias", np.zeros(kernel.shape[1]))
    name = layer.activation.name
    found = []
    for b, sequence in enumerate(x):
        own = [state[b] for state in states]
        kept = {gate: values[b] for gate, values in (held or {}).items()}
        if isinstance(layer, layers.SimpleRNN):
            found.append(naive_recurrent.simple_rnn(sequence, kernel, recurrent, bias, *own, name))
        elif isinstance(layer, layers.LSTM):
            found.append(
                naive_recurrent.lstm(
                    sequence, kernel, recurrent, bias, *own, name,
                    layer.recurrent_activation.name, kept,
                )
            )  # fmt: skip
        else:
            both = bias if bias.ndim == 2 else [bias, np.zeros_like(bias)]
            found.append(
                naive_recurrent.gru(
                    sequence, kernel, recurrent, *both, *own, layer.reset_after, name,
                    layer.recurrent_activation.name, kept,
                )
            )  # fmt: skip
    return {key: np.stack([each[key] for each in found]) for key in found[0]}


@settings(max_examples=25, deadline=None)
@given(
    size=st.tuples(*[st.integers(1, 4)] * 4),
    seed=st.integers(0, 2**32 - 1),
    names=st.tuples(
        st.sampled_from(["tanh", "relu", "linear", "softsign"]),
        st.sampled_from(["sigmoid", "tanh", "softsign"]),
    ),
    use_bias=st.booleans(),
    go_backwards=st.booleans(),
    reset_after=st.booleans(),
)
@pytest.mark.parametrize("kind", KINDS)
def test_every_named_array_against_loops(
    backend, kind, size, seed, names, use_bias, go_backwards, reset_after
):
    batch, steps, values, units = size
    options = {} if kind == "SimpleRNN" else {"recurrent_activation": names[1]}
    if kind == "GRU":
        options["reset_after"] = reset_after
    layer = KINDS[kind](
        units,
        names[0],
        dtype="float64",
        use_bias=use_bias,
        go_backwards=go_backwards,
        return_sequences=True,
        return_state=True,
        **options,
    )
    built(layer, values, seed=seed % 1000)
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(batch, steps, values))
    states = [rng.normal(size=(batch, units)) for _ in layer.state_names]
    y, cache = layer.forward((x, *states), context(backend))
    expected = naive_cell(layer, x[:, ::-1] if go_backwards else x, states)
    for name, array in expected.items():
        np.testing.assert_allclose(cache[name], array, rtol=1e-11, atol=1e-12, err_msg=name)
    np.testing.assert_array_equal(y[0], cache["h"])
    for name, state in zip(layer.state_names, y[1:], strict=True):
        np.testing.assert_array_equal(state, cache[name][:, -1])


@settings(max_examples=25, deadline=None)
@given(
    size=st.tuples(*[st.integers(1, 4)] * 4),
    seed=st.integers(0, 2**32 - 1),
    reset_after=st.booleans(),
    go_backwards=st.booleans(),
    share=st.sampled_from([0.0, 0.5, 1.0]),
)
@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_what_follows_from_gates_that_are_held_against_loops(
    backend, kind, size, seed, reset_after, go_backwards, share
):
    batch, steps, values, units = size
    options = {"reset_after": reset_after} if kind == "GRU" else {}
    layer = KINDS[kind](
        units, dtype="float64", go_backwards=go_backwards, return_sequences=True, **options
    )
    built(layer, values, seed=seed % 1000)
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(batch, steps, values))
    states = [rng.normal(size=(batch, units)) for _ in layer.state_names]
    gates = "ifgo" if kind == "LSTM" else "zrg"
    held = {}
    for name in rng.permutation(list(gates))[: rng.integers(1, len(gates) + 1)]:
        chosen = rng.normal(size=(batch, steps, units))
        held[str(name)] = np.where(rng.random(chosen.shape) < share, chosen, np.nan)
    y, cache = layer.forward_held((x, *states), held, context(backend))
    expected = naive_cell(layer, x[:, ::-1] if go_backwards else x, states, held)
    for name, array in expected.items():
        np.testing.assert_allclose(cache[name], array, rtol=1e-11, atol=1e-12, err_msg=name)
    np.testing.assert_array_equal(y, cache["h"])


def test_gates_that_are_not_there_are_not_held(backend):
    x, held = np.zeros((1, 2, 3)), {"f": np.ones((1, 2, 2))}
    lstm, gru, simple = (built(each(2, dtype="float64"), 3) for each in
                         (layers.LSTM, layers.GRU, layers.SimpleRNN))  # fmt: skip
    with pytest.raises(GeometryError, match="no gate 'f' to hold: there are z, r, g"):
        gru.forward_held(x, held, context(backend))
    with pytest.raises(GeometryError, match="no gate 'f' to hold: there are none"):
        simple.forward_held(x, held, context(backend))
    with pytest.raises(GeometryError, match="shape 1 × 3 × 2: it must be 1 × 2 × 2"):
        lstm.forward_held(x, {"f": np.ones((1, 3, 2))}, context(backend))
