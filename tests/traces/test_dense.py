"""Dense layers in a row: their numbers are the engine's, through softmax and loss too."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import losses
from simulator.engine.layers import Activation, BatchNormalization, Dense, Dropout, ReLU, Softmax
from simulator.engine.sequential import Sequential
from simulator.traces.dense import dense_trace
from tests.traces.invariants import check_level, check_staged
from tests.traces.told import plain_text

few = settings(max_examples=8, deadline=None)
ACTIVATIONS = ("linear", "relu", "leaky_relu", "elu", "selu", "gelu", "sigmoid", "tanh",
               "softplus", "softsign", "silu", "softmax")  # fmt: skip


def network(layers, inputs, seed=0):
    model = Sequential(layers, seed=seed)
    model.build((None, inputs))
    rng = np.random.default_rng(seed)
    for weight in model.weights.values():
        weight[...] = np.abs(rng.normal(0.6, 0.7, weight.shape))
        weight[...] *= rng.choice([-1, 1], weight.shape) if weight.ndim == 2 else 1
    return model


def numbers(rows, columns, seed=0):
    return np.random.default_rng(seed).normal(0, 1, (rows, columns)).astype(np.float32)


def naive(model, x):
    """What each dense layer gives, by plain loops."""
    values, found = x.reshape(-1).astype(np.float64), []
    for layer in model.layers:
        kernel, bias = layer.weights["kernel"], layer.weights["bias"]
        sums = [
            sum(values[i] * float(kernel[i, j]) for i in range(len(values))) + float(bias[j])
            for j in range(kernel.shape[1])
        ]
        if layer.activation.name == "softmax":
            powers = [np.exp(each - max(sums)) for each in sums]
            values = np.array([each / sum(powers) for each in powers])
        else:
            values = layer.activation.value(np.array(sums))
        found.append(values)
    return found


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_every_activation_keeps_to_the_invariants(hidden):
    model = network([Dense(3, hidden), Dense(3, "softmax")], 4)
    x = numbers(2, 2)
    loss = losses.SparseCategoricalCrossentropy()
    trace = dense_trace(model, x, loss=loss, target=np.array(1), classes=("a", "b", "c"))
    first, second = naive(model, x)
    shapes = trace.arrays["output_1"].shape, trace.arrays["output_2"].shape
    check_staged(
        trace,
        {
            "output_1": first.reshape(shapes[0]),
            "output_2": second.reshape(shapes[1]),
            "loss": np.array([[-np.log(second[1])]]),
        },
    )


@given(
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.lists(st.tuples(st.integers(1, 5), st.sampled_from(ACTIVATIONS)), min_size=1, max_size=3),
    st.integers(0, 9),
)
@few
def test_every_row_of_layers_keeps_to_the_invariants(shape, rows, seed):
    model = network([Dense(*each) for each in rows], shape[0] * shape[1], seed=seed)
    x = numbers(*shape, seed=seed)
    trace = dense_trace(model, x)
    made = {f"output_{at}": each for at, each in enumerate(naive(model, x), start=1)}
    check_staged(trace, {k: v.reshape(trace.arrays[k].shape) for k, v in made.items()})


LOSSES = (
    (losses.SparseCategoricalCrossentropy(from_logits=True), "linear", np.array(2)),
    (losses.CategoricalCrossentropy(), "softmax", np.array([0, 1, 0])),
    (losses.CategoricalCrossentropy(), "softmax", np.array([0.25, 0.5, 0.25])),
    (losses.CategoricalCrossentropy(label_smoothing=0.2), "softmax", np.array([0, 1, 0])),
    (losses.CategoricalCrossentropy(from_logits=True), "linear", np.array([1, 0, 0])),
    (losses.BinaryCrossentropy(), "sigmoid", np.array([1, 0, 1])),
    (losses.BinaryCrossentropy(label_smoothing=0.1), "sigmoid", np.array([1, 0, 1])),
    (losses.BinaryCrossentropy(from_logits=True), "linear", np.array([1, 0, 0])),
    (losses.MeanSquaredError(), "tanh", np.array([0.5, -1, 2])),
    (losses.MeanAbsoluteError(), "linear", np.array([0.5, -1, 2])),
)


@pytest.mark.parametrize(("loss", "activation", "target"), LOSSES)
def test_the_loss_is_the_engines(loss, activation, target):
    model = network([Dense(3, activation)], 2)
    x = numbers(1, 2)
    trace = dense_trace(model, x, loss=loss, target=target)
    expected = loss(target[None], model(x))
    check_staged(trace, {"loss": np.array([[expected]])})


@pytest.mark.parametrize(
    ("loss", "target"),
    [
        (losses.Huber(), np.array([1.0, 2.0])),
        (losses.SparseCategoricalCrossentropy(ignore_class=1), np.array(1)),
        (losses.MeanSquaredError(), np.array([1.0])),
    ],
)
def test_a_loss_that_is_not_shown_is_left_off(loss, target):
    trace = dense_trace(network([Dense(2)], 2), numbers(1, 2), loss=loss, target=target)
    assert "loss" not in trace.arrays
    assert [part.name for part in trace.parts] == ["layer_1"]


def test_what_stands_between_dense_layers_is_gone_through():
    model = network(
        [Dense(3), BatchNormalization(), ReLU(), Dropout(0.5), Dense(2), Activation("tanh"),
         Dense(3), Softmax()],
        2,
    )  # fmt: skip
    x = numbers(1, 2)
    trace = dense_trace(model, x)
    last = trace.stations[-1][0]
    check_staged(trace, {last: model(x).reshape(trace.arrays[last].shape)})


def test_scores_beyond_all_bounds_have_shares():
    model = network([Dense(2, "softmax")], 1)
    model.layers[0].weights["kernel"][...] = [[900.0, 899.0]]
    model.layers[0].weights["bias"][...] = 0
    trace = dense_trace(model, np.ones((1, 1), np.float32))
    check_level(trace)
    assert trace.arrays["largest_1"].values.item() == 900
    shares = trace.arrays["output_1"].values.ravel()
    np.testing.assert_allclose(shares, [1 / (1 + np.exp(-1)), 1 / (1 + np.e)], rtol=1e-5)


def test_a_softmax_is_told_with_its_numbers():
    model = network([Dense(3, "softmax")], 1)
    model.layers[0].weights["kernel"][...] = [[0.0, 0.0, 0.0]]
    model.layers[0].weights["bias"][...] = [2.0, 1.0, 1.0]
    loss = losses.SparseCategoricalCrossentropy()
    trace = dense_trace(
        model,
        np.ones((1, 1), np.float32),
        loss=loss,
        target=np.array(1),
        classes=("red", "green", "blue"),
    )
    told = [plain_text(trace.explain(at).headline) for at in range(6, len(trace))]
    assert told == [
        "max = 2",
        "exp(2 − 2) ≈ 1",
        "exp(1 − 2) ≈ 0.3679",
        "exp(1 − 2) ≈ 0.3679",
        "1.736 = 1.736",
        "1 ÷ 1.736 ≈ 0.5761",
        "0.3679 ÷ 1.736 ≈ 0.2119",
        "0.3679 ÷ 1.736 ≈ 0.2119",
        "−log(0.2119) ≈ 1.551",
    ]
    assert "Unit 0 (“red”) has the largest score, 2." in str(trace.explain(6).sentence)
    assert "Unit 1 (“green”) has 21.2 % of the sum" in str(trace.explain(12).sentence)
    assert "The true class is unit 1 (“green”)" in str(trace.explain(14).sentence)


def test_many_inputs_are_made_when_asked_for():
    model = network([Dense(1000, "relu")], 3136)
    trace = dense_trace(model, numbers(56, 56))
    assert len(trace) == 1000 * 3137
    for index in (0, 2_000_000, len(trace) - 1):
        assert trace.step(index).writes
        assert trace.explain(index).terms


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_weights_of_all_layers_are_counted(count):
    model = network([Dense(3) for _ in range(count)], 4)
    fact = dense_trace(model, numbers(1, 4)).size_fact()
    kernels = [each for name, each in model.weights.items() if name.endswith("kernel")]
    assert len(kernels) == count
    assert fact.latex.endswith(rf"= \mathbf{{{sum(each.size for each in kernels)}}}")
    told = fact.latex.partition(" =")[0].split("+")
    assert told[0] == r"4 \cdot 3"
    assert told[1:3] == [r"3 \cdot 3"] * min(count - 1, 2)
    assert told[3:] == ([r"\ldots"] if count > 3 else [])
