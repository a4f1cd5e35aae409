"""The way back through dense layers: its gradients are the engine's, and those of differences."""

import numpy as np
import pytest

from simulator.engine import losses
from simulator.engine.layers import Activation, BatchNormalization, Dense, LeakyReLU, Softmax
from simulator.traces.dense_backward import dense_back_trace
from tests.traces.invariants import check_level, check_staged
from tests.traces.test_dense import network, numbers
from tests.traces.told import plain_text

CLASS = np.array(1)
SPARSE = losses.SparseCategoricalCrossentropy()
ENDS = (
    (Dense(3, "softmax"), SPARSE, CLASS),
    (Dense(3), losses.SparseCategoricalCrossentropy(from_logits=True), CLASS),
    (Dense(3, "softmax"), losses.CategoricalCrossentropy(), np.array([0, 0, 1])),
    (Dense(3, "softmax"), losses.CategoricalCrossentropy(label_smoothing=0.3), np.array([0, 0, 1])),
    (Dense(3), losses.CategoricalCrossentropy(from_logits=True), np.array([0.5, 0.25, 0.25])),
    (Dense(3, "sigmoid"), losses.BinaryCrossentropy(), np.array([1, 0, 1])),
    (Dense(1, "sigmoid"), losses.BinaryCrossentropy(), np.array([1])),
    (Dense(3), losses.BinaryCrossentropy(from_logits=True), np.array([1, 0, 1])),
    (Dense(3, "tanh"), losses.MeanSquaredError(), np.array([0.5, -1.0, 2.0])),
    (Dense(3), losses.MeanAbsoluteError(), np.array([0.5, -1.0, 2.0])),
)
HIDDEN = ("linear", "relu", "leaky_relu", "elu", "selu", "gelu", "sigmoid", "tanh", "softplus",
          "softsign", "silu")  # fmt: skip


def check_gradients(model, x, loss, target):
    """The trace's gradients are those that the engine trains with."""
    model.compile(loss=loss)
    trace = dense_back_trace(model, x, loss=loss, target=target)
    check_staged(trace, {})
    batch = x.reshape(1, -1)
    goal = target.reshape(1) if target.ndim == 0 else target[None]
    found = model.gradients(batch, goal)
    sizes = [layer for layer in model.layers if layer.weights]
    dense = [
        (part.name.removeprefix("weights_"), part.output)
        for part in trace.parts
        if part.name.startswith("weights_")
    ]
    assert len(dense) == len(sizes)
    for (number, output), layer in zip(dense, reversed(sizes), strict=True):
        kernel = trace.arrays[output].values
        own = np.moveaxis(kernel, (2, 3), (0, 1)).reshape(layer.weights["kernel"].shape)
        np.testing.assert_allclose(own, found[layer.name]["kernel"], rtol=1e-4, atol=1e-6)
        if layer.use_bias:
            bias = trace.arrays[f"d_bias_{number}"].values.ravel()
            np.testing.assert_allclose(bias, found[layer.name]["bias"], rtol=1e-4, atol=1e-6)
    below = trace.arrays["d_output_0"].values
    (name,) = (tensor.node.layer.name for tensor in model.graph.inputs)
    np.testing.assert_allclose(below.ravel(), found[name]["output"][0], rtol=1e-4, atol=1e-6)
    return trace


@pytest.mark.parametrize(("end", "loss", "target"), ENDS)
def test_every_loss_begins_the_way_back(end, loss, target):
    last = Dense(end.units, end.activation)
    check_gradients(network([Dense(2, "tanh"), last], 4), numbers(2, 2), loss, target)


@pytest.mark.parametrize("hidden", HIDDEN)
def test_every_activation_has_its_slope(hidden):
    layers = [Dense(3, hidden), Dense(2, hidden, use_bias=False), Dense(3, "softmax")]
    check_gradients(network(layers, 2, seed=3), numbers(1, 2, seed=3), SPARSE, CLASS)


def test_activations_as_layers_are_gone_back_through():
    layers = [Dense(3), LeakyReLU(), Dense(3), Activation("tanh"), Dense(3), Softmax()]
    check_gradients(network(layers, 2), numbers(1, 2), SPARSE, CLASS)


def test_the_gradients_are_those_of_differences():
    model, x = network([Dense(3, "tanh"), Dense(3, "softmax")], 2), numbers(1, 2)
    trace = dense_back_trace(model, x, loss=SPARSE, target=CLASS)
    before = {name: weight.copy() for name, weight in model.weights.items()}

    def loss_of(name, index, by):
        """The loss in float64, with one weight moved."""
        values = x.reshape(-1).astype(np.float64)
        for layer in model.layers:
            own = {}
            for key in ("kernel", "bias"):
                full = f"{layer.name}/{key}"
                own[key] = before[full].astype(np.float64)
                if full == name:
                    own[key][index] += by
            sums = values @ own["kernel"] + own["bias"]
            values = layer.activation.value(sums)
        return -np.log(values[1])

    for number, layer in enumerate(model.layers, start=1):
        kernel = trace.arrays[f"d_kernel_{number}"].values
        own = np.moveaxis(kernel, (2, 3), (0, 1)).reshape(layer.weights["kernel"].shape)
        for key, found in (("kernel", own), ("bias", trace.arrays[f"d_bias_{number}"].values[0])):
            for index in np.ndindex(found.shape):
                name = f"{layer.name}/{key}"
                slope = (loss_of(name, index, 1e-5) - loss_of(name, index, -1e-5)) / 2e-5
                assert found[index] == pytest.approx(slope, abs=1e-5)


def test_the_way_back_is_told_with_its_numbers():
    model = network([Dense(2, "softmax")], 2)
    model.layers[0].weights["kernel"][...] = [[1.0, -1.0], [0.5, 2.0]]
    model.layers[0].weights["bias"][...] = [-2.0, 1.0]
    x = np.array([[3.0, 0.0]], np.float32)  # both scores: 1 and -2
    trace = dense_back_trace(model, x, loss=SPARSE, target=CLASS, classes=("cat", "dog"))
    told = [plain_text(trace.explain(at).headline) for at in range(len(trace))]
    assert told[:6] == [
        "0.9526 − 0 ≈ 0.9526",
        "0.0474 − 1 ≈ −0.9526",
        "3 × 0.9526 ≈ 2.858",
        "0 × 0.9526 ≈ 0",
        "3 × (−0.9526) ≈ −2.858",
        "0 × (−0.9526) ≈ 0",
    ]
    below = trace.explain(len(trace) - 3)
    assert [piece.text for piece in below.where] == ["i = 1", "j = 0"]
    assert plain_text(below.headline) == "0.9526 × 0.5 = 0.4763"
    assert "unit 1 (“dog”)" in str(trace.explain(1).sentence)


@pytest.mark.parametrize(
    ("layers", "loss", "target", "words"),
    [
        ([Dense(3, "softmax")], losses.MeanSquaredError(), np.ones(3), "one simple formula"),
        ([Dense(3, "sigmoid")], SPARSE, CLASS, "shown after a softmax"),
        ([Dense(3)], losses.Huber(), np.ones(3), "Huber is not shown"),
        ([Dense(2), BatchNormalization(), Dense(3, "softmax")], SPARSE, CLASS, "a whole batch"),
        ([Dense(3, "softmax")], losses.SparseCategoricalCrossentropy(ignore_class=1), CLASS,
         "doesn't count"),
        ([Dense(3)], losses.MeanSquaredError(), np.ones(2), "2 numbers for the 3"),
    ],
)  # fmt: skip
def test_what_has_no_way_back_here_is_told(layers, loss, target, words):
    with pytest.raises(ValueError, match=words):
        dense_back_trace(network(layers, 2), numbers(1, 2), loss=loss, target=target)


def test_a_loss_that_is_cut_off_sends_nothing_back():
    model = network([Dense(2, "softmax")], 1)
    model.layers[0].weights["kernel"][...] = [[50.0, -50.0]]
    with pytest.raises(ValueError, match="cut off"):
        dense_back_trace(model, np.ones((1, 1), np.float32), loss=SPARSE, target=CLASS)


def test_many_weights_have_their_gradients_when_asked_for():
    model = network([Dense(64, "relu"), Dense(10, "softmax")], 3136)
    for weight in model.weights.values():
        weight[...] = weight / 100
    trace = dense_back_trace(model, numbers(56, 56) / 1000, loss=SPARSE, target=CLASS)
    for index in (0, len(trace) // 2, len(trace) - 1):
        assert trace.step(index).writes
        assert trace.explain(index).terms
    check_level(dense_back_trace(network([Dense(2, "softmax")], 3), numbers(1, 3), loss=SPARSE,
                                 target=CLASS).at("unit"))  # fmt: skip
