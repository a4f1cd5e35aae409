"""Layers that share a kernel: true gradients through both uses of it, and one array trained."""

import numpy as np
import pytest

from simulator.engine import Input, Model, layers
from simulator.engine.layers.base import ShapeError
from simulator.engine.layers.tied import TiedDense
from simulator.engine.losses import MeanSquaredError
from simulator.engine.optimizers import SGD
from simulator.engine.sequential import Sequential

X = np.random.default_rng(0).random((5, 6))
F64 = {"dtype": "float64"}


def autoencoder(backend, *, activation="tanh", seed=3):
    """6-4-2-4-6, in which each decoder layer turns an encoder layer's kernel around."""
    first, code = layers.Dense(4, activation, **F64), layers.Dense(2, **F64)
    model = Sequential(
        [first, code, TiedDense(code, activation), TiedDense(first, "sigmoid")],
        seed=seed,
        backend=backend,
    )
    model.build((None, 6))
    rng = np.random.default_rng(seed)
    for weight in model.weights.values():
        weight[...] = rng.normal(0, 0.6, weight.shape)
    return model


def written_out(model, x):
    """The same network in plain matrices."""
    first, code, back, last = model.layers
    hidden = np.tanh(x @ first.kernel + first.bias)
    z = hidden @ code.kernel + code.bias
    hidden = np.tanh(z @ code.kernel.T + back.weights["bias"])
    return 1 / (1 + np.exp(-(hidden @ first.kernel.T + last.weights["bias"])))


def test_the_decoder_reads_the_encoders_kernels_backwards(backend):
    model = autoencoder(backend)
    np.testing.assert_allclose(model(X), written_out(model, X), rtol=1e-12)
    first, code, back, last = model.layers
    assert back.weights["kernel"] is code.kernel
    assert last.weights["kernel"] is first.kernel
    assert back.weights["bias"].shape == (4,)
    assert last.weights["bias"].shape == (6,)


@pytest.mark.parametrize("activation", ["tanh", "linear", "softplus"])
def test_the_gradient_of_a_shared_kernel_is_that_of_both_uses(backend, activation):
    model = autoencoder(backend, activation=activation)
    model.compile(SGD(1.0), "mse")
    before = {name: weight.copy() for name, weight in model.weights.items()}
    loss = MeanSquaredError()
    slopes = {}
    for name, weight in model.weights.items():
        found = slopes[name] = np.empty_like(weight)
        for index in np.ndindex(weight.shape):
            kept, step = weight[index], 1e-6
            weight[index] = kept + step
            above = loss(X, model(X))
            weight[index] = kept - step
            found[index] = (above - loss(X, model(X))) / (2 * step)
            weight[index] = kept
    # With a rate of 1, what an update takes away is the gradient.
    model.train_on_batch(X, X)
    for name, weight in model.weights.items():
        np.testing.assert_allclose(before[name] - weight, slopes[name], rtol=1e-5, atol=1e-9)
    assert np.abs(slopes[f"{model.layers[0].name}/kernel"]).max() > 1e-3


def test_each_use_has_a_gradient_of_its_own_until_they_are_summed(backend):
    model = autoencoder(backend)
    model.compile(SGD(1.0), "mse")
    found = model.gradients(X, X)
    first, _, _, last = model.layers
    before = first.kernel.copy()
    model.train_on_batch(X, X)
    both = found[first.name]["kernel"] + found[last.name]["kernel"]
    np.testing.assert_allclose(before - first.kernel, both, rtol=1e-10, atol=1e-14)
    assert np.abs(found[last.name]["kernel"]).max() > 1e-4
    assert np.abs(found[first.name]["kernel"]).max() > 1e-4


def test_training_keeps_them_one_array_and_repeats(backend):
    first, again = (autoencoder(backend) for _ in range(2))
    for model in (first, again):
        model.compile("adam", "mse")
        model.fit(X, X, epochs=30, batch_size=2, verbose=0)
    for one, other in zip(first.weights.values(), again.weights.values(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert first.layers[3].weights["kernel"] is first.layers[0].kernel
    np.testing.assert_allclose(first(X), written_out(first, X), rtol=1e-12)
    untrained = np.square(written_out(autoencoder(backend), X) - X).mean()
    assert np.square(first(X) - X).mean() < 0.8 * untrained


def test_a_shared_kernel_is_counted_once(backend):
    model = autoencoder(backend)
    assert model.count_params() == 6 * 4 + 4 + 4 * 2 + 2 + 4 + 6
    assert model.layers[3].count_params() == 6, "the other layer counts it"


def test_a_layer_that_is_kept_as_it_is_keeps_its_kernel_from_both(backend):
    model = autoencoder(backend)
    first, _, _, last = model.layers
    first.trainable = False
    model.compile(SGD(0.5), "mse")
    kernel, bias = first.kernel.copy(), last.weights["bias"].copy()
    model.train_on_batch(X, X)
    np.testing.assert_array_equal(first.kernel, kernel)
    assert (last.weights["bias"] != bias).any()


def test_tensors_can_be_tied_as_well(backend):
    x = Input((6,), dtype="float64")
    encoder = layers.Dense(3, **F64)
    y = TiedDense(encoder)(encoder(x))
    model = Model(x, y, seed=1, backend=backend)
    made = (X @ encoder.kernel + encoder.bias) @ encoder.kernel.T
    np.testing.assert_allclose(model(X), made, rtol=1e-12)


def test_what_cannot_be_tied_is_told():
    code = layers.Dense(2)
    with pytest.raises(ValueError, match="whose input is not known yet"):
        TiedDense(code).output_shape((2,))
    Sequential([layers.Dense(4, input_shape=(6,)), code])
    assert TiedDense(code).output_shape((2,)) == (4,)
    with pytest.raises(ShapeError, match="needs the 2 values of"):
        TiedDense(code).output_shape((3,))
    over_time = layers.Dense(2)
    over_time.build((5, 3), np.random.default_rng(0))
    with pytest.raises(ShapeError, match="a single axis"):
        TiedDense(over_time).output_shape((2,))
