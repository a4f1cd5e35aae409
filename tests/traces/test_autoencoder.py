import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.layers import Dense
from simulator.engine.losses import MeanSquaredError
from simulator.engine.sequential import Sequential
from simulator.traces.autoencoder import autoencoder_trace, compression_fact
from simulator.traces.staged import layout_of
from tests.traces.invariants import check_level, check_staged
from tests.traces.told import plain_text

few = settings(max_examples=8, deadline=None)


def network(units, *, pixels, activation="tanh", seed=0, backend="auto"):
    *hidden, last = units
    layers = [Dense(count, activation) for count in hidden] + [Dense(last, "sigmoid")]
    model = Sequential(layers, seed=seed, backend=backend)
    model.build((None, pixels))
    rng = np.random.default_rng(seed)
    for layer in model.layers:
        layer.weights["bias"][...] = rng.normal(0, 0.5, layer.weights["bias"].shape)
    return model


def picture(rows, columns, seed=0):
    return np.random.default_rng(seed).random((rows, columns), dtype=np.float32)


def engine_arrays(model, x):
    """What the engine's own pass gives, by the names of the trace."""
    value, found = x.reshape(1, -1), {}
    for at, layer in enumerate(model.layers, start=1):
        value = layer.activation.value(value @ layer.weights["kernel"] + layer.weights["bias"])
        found[f"output_{at}"] = value
    return found


def laid_out(trace, arrays):
    return {name: array.reshape(trace.arrays[name].shape) for name, array in arrays.items()}


@given(
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.lists(st.integers(1, 4), min_size=1, max_size=3),
    st.sampled_from(["linear", "relu", "tanh", "sigmoid"]),
    st.integers(0, 9),
)
@few
def test_every_trace_keeps_to_the_invariants(shape, hidden, activation, seed):
    pixels = shape[0] * shape[1]
    model = network([*hidden, pixels], pixels=pixels, activation=activation, seed=seed)
    x = picture(*shape, seed=seed)
    trace = autoencoder_trace(model, x, code=len(hidden))
    check_staged(trace, laid_out(trace, engine_arrays(model, x)))


def test_the_arrays_are_the_engines(backend):
    model = network([6, 2, 6, 12], pixels=12, backend=backend)
    x = picture(3, 4)
    trace = autoencoder_trace(model, x, code=2)
    np.testing.assert_array_equal(
        trace.arrays["output_4"].values, model(x.reshape(1, -1)).reshape(3, 4)
    )
    loss = MeanSquaredError()(x.reshape(1, -1), model(x.reshape(1, -1)))
    assert trace.arrays["loss"].values.item() == loss
    check_level(trace)


def test_the_loss_is_computed_from_the_input_and_the_reconstruction():
    model = network([2, 4], pixels=4)
    x = picture(2, 2)
    trace = autoencoder_trace(model, x, code=1)
    made = model(x.reshape(1, -1)).reshape(2, 2)
    np.testing.assert_allclose(
        trace.arrays["squared_error"].values[0, 0], (made - x) ** 2, rtol=1e-6
    )
    sources = {region.array for region in trace.sources("loss", (0, 0))}
    assert sources == {"input", "output_2"}


def test_levels_are_as_uneven_as_the_layers():
    trace = autoencoder_trace(network([3, 2, 4], pixels=4), picture(2, 2), code=2)
    # Each unit takes a step a product and one for its activation; the loss a step a pixel and one.
    assert len(trace) == 3 * 5 + 2 * 4 + 4 * 3 + 5
    assert len(trace.at("unit")) == 3 + 2 + 4 + 1
    assert len(trace.at("layer")) == 4
    assert len(trace.at("whole")) == 1
    layers = trace.at("layer")
    assert [layers.last_finest(step) for step in range(4)] == [14, 22, 34, 39]
    assert [layers.containing(finest) for finest in (0, 14, 15, 22, 39)] == [0, 0, 1, 1, 3]


def test_a_step_is_told_with_its_numbers():
    model = network([1, 2], pixels=2, activation="relu")
    model.layers[0].weights["kernel"][...] = [[0.5], [-2]]
    model.layers[0].weights["bias"][...] = [0.25]
    trace = autoencoder_trace(model, np.array([[1.0, 0.25]], dtype=np.float32), code=1)
    assert plain_text(trace.explain(0).headline) == "1 × 0.5 = 0.5"
    assert "The sum so far is 0.75." in str(trace.explain(0).sentence)
    assert plain_text(trace.explain(1).headline) == "0.25 × (−2) = −0.5"
    assert plain_text(trace.explain(2).headline) == "relu(0.25) = 0.25"
    assert str(trace.explain(2).sentence) == (
        "Unit 0: its 2 products and its bias add up to 0.25, and relu makes 0.25 of it."
    )


def test_a_large_network_is_made_of_steps_that_are_made_when_asked_for():
    model = network([128, 32, 128, 784], pixels=784)
    trace = autoencoder_trace(model, picture(28, 28), code=2)
    assert len(trace) == 128 * 785 + 32 * 129 + 128 * 33 + 784 * 129 + 785
    for index in (0, 100_000, len(trace) - 1):
        assert trace.step(index).writes
        assert trace.explain(index).terms


def test_only_networks_that_take_and_give_the_picture_are_gone_through():
    with pytest.raises(ValueError, match="gives 4 values for 6 pixels"):
        autoencoder_trace(network([2, 4], pixels=6), picture(2, 3), code=1)
    with pytest.raises(ValueError, match="The network takes 4, and the picture is 2 × 3"):
        autoencoder_trace(network([2, 4], pixels=4), picture(2, 3), code=1)


@pytest.mark.parametrize(
    ("units", "shape"),
    [(1, (1, 1)), (2, (1, 2)), (7, (1, 7)), (32, (4, 8)), (64, (8, 8)), (128, (8, 16))],
)
def test_units_are_laid_out_as_near_to_a_square_as_can_be(units, shape):
    assert layout_of(units) == shape


def test_the_compression_is_told():
    assert compression_fact(64, 2).latex == r"\frac{64}{2}=\mathbf{32}"
    assert compression_fact(64, 10).latex == r"\frac{64}{10}\approx\mathbf{6.4}"
    assert "nothing is compressed" in str(compression_fact(9, 16).remark)
    assert "as large as the input" in str(compression_fact(9, 9).remark)
