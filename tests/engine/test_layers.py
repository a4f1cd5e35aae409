"""Layers: every gradient against central differences in float64, and values by plain loops."""

import numpy as np
import pytest

from simulator.engine import Input, layers
from simulator.engine.layers.base import Context
from tests.engine import naive
from tests.engine.architectures import kinds_of_layers


def distinct(rng, shape):
    """Numbers of both signs, none near another or near zero, where layers have their kinks."""
    count = int(np.prod(shape))
    return (0.07 * (rng.permutation(count) - count // 3) + 0.02).reshape(shape)


def context(backend, *, training=False):
    return Context(backend, training, np.random.default_rng(3))


def built(layer, shape):
    layer.build(shape, np.random.default_rng(1))
    rng = np.random.default_rng(2)
    for name, weight in layer.weights.items():
        weight[...] = rng.normal(size=weight.shape) * 0.4
        if "variance" in name:
            weight[...] = np.abs(weight) + 0.5
    return layer


F64 = {"dtype": "float64"}
SINGLE = {
    "dense": (lambda: layers.Dense(4, activation="tanh", **F64), (3,)),
    "dense over time": (lambda: layers.Dense(4, use_bias=False, **F64), (5, 3)),
    "conv1d": (lambda: layers.Conv1D(3, 2, strides=2, padding="same", **F64), (7, 2)),
    "causal conv1d": (
        lambda: layers.Conv1D(2, 3, padding="causal", dilation_rate=2, **F64),
        (6, 2),
    ),
    "conv2d": (lambda: layers.Conv2D(3, (3, 2), activation="sigmoid", **F64), (5, 4, 2)),
    "strided conv2d": (lambda: layers.Conv2D(2, 3, 2, "same", **F64), (6, 5, 2)),
    "dilated conv2d": (lambda: layers.Conv2D(2, 2, dilation_rate=(2, 1), **F64), (5, 4, 2)),
    "depthwise": (
        lambda: layers.DepthwiseConv2D(2, padding="same", depth_multiplier=2, **F64),
        (4, 3, 2),
    ),
    "transposed": (lambda: layers.Conv2DTranspose(3, 3, strides=2, **F64), (3, 2, 2)),
    "same transposed": (
        lambda: layers.Conv2DTranspose(2, 3, 2, "same", activation="tanh", **F64),
        (3, 4, 2),
    ),
    "small transposed": (lambda: layers.Conv2DTranspose(2, 1, strides=3, **F64), (2, 2, 2)),
    "max 1d": (lambda: layers.MaxPooling1D(2), (5, 2)),
    "max 2d": (lambda: layers.MaxPooling2D((2, 2), strides=1, padding="same"), (4, 3, 2)),
    "average 1d": (lambda: layers.AveragePooling1D(3, strides=2, padding="same"), (6, 2)),
    "average 2d": (layers.AveragePooling2D, (5, 4, 2)),
    "lp 2d": (lambda: layers.LpPooling2D(2, order=3), (4, 4, 2)),
    "stochastic 2d": (lambda: layers.StochasticPooling2D(2), (4, 4, 2)),
    "global max 1d": (layers.GlobalMaxPooling1D, (5, 2)),
    "global max 2d": (lambda: layers.GlobalMaxPooling2D(keepdims=True), (3, 3, 2)),
    "global average 1d": (lambda: layers.GlobalAveragePooling1D(keepdims=True), (5, 2)),
    "global average 2d": (layers.GlobalAveragePooling2D, (3, 3, 2)),
    "flatten": (layers.Flatten, (2, 3, 2)),
    "reshape": (lambda: layers.Reshape((-1, 2)), (3, 4)),
    "permute": (lambda: layers.Permute((3, 1, 2)), (2, 3, 4)),
    "masking": (layers.Masking, (4, 2)),
    "repeat": (lambda: layers.RepeatVector(3), (4,)),
    "zero padding": (lambda: layers.ZeroPadding2D(((1, 0), (2, 1))), (2, 3, 2)),
    "upsampling": (lambda: layers.UpSampling2D((2, 3)), (2, 3, 2)),
    "activation": (lambda: layers.Activation("softplus"), (4,)),
    "relu": (lambda: layers.ReLU(max_value=0.5, negative_slope=0.1, threshold=0.1), (3, 4)),
    "leaky relu": (lambda: layers.LeakyReLU(0.2), (3, 4)),
    "softmax": (lambda: layers.Softmax(axis=1), (3, 4)),
    "dropout": (lambda: layers.Dropout(0.5), (4,)),
    "noise": (lambda: layers.GaussianNoise(0.5), (4,)),
    "batch normalization": (lambda: layers.BatchNormalization(**F64), (3, 2)),
    "batch normalization, axis 1": (
        lambda: layers.BatchNormalization(axis=1, scale=False, **F64),
        (3, 2),
    ),
    "layer normalization": (lambda: layers.LayerNormalization(**F64), (3, 4)),
    "layer normalization, two axes": (
        lambda: layers.LayerNormalization(axis=[1, 2], center=False, **F64),
        (3, 4),
    ),
}


def assert_derivatives(layer, x, backend, *, training):
    """The gradients of the inputs and of every trained weight."""

    def output():
        return layer.forward(x, context(backend, training=training))

    y, cache = output()
    slopes = np.random.default_rng(4).normal(size=y.shape)
    dx, gradients = layer.backward(slopes, cache, context(backend, training=training))
    assert set(gradients) == set(layer.trainable_names)
    inputs = x if isinstance(x, tuple) else (x,)
    slopes_of = dx if isinstance(dx, tuple) else (dx,)
    targets = [*zip(inputs, slopes_of, strict=True)]
    targets += [(layer.weights[name], gradients[name]) for name in gradients]
    for array, gradient in targets:
        assert gradient.shape == array.shape
        assert gradient.dtype == np.float64

        def moved(values, array=array):
            kept = array.copy()
            array[...] = values
            result = output()[0].copy()  # may be a view of the input
            array[...] = kept
            return result

        expected = naive.finite_differences(moved, array.copy(), slopes)
        scale = max(1.0, float(np.max(np.abs(expected))))
        np.testing.assert_allclose(gradient, expected, rtol=0, atol=2e-7 * scale)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("case", SINGLE)
def test_gradients(backend, case, training):
    make, shape = SINGLE[case]
    layer = built(make(), shape)
    x = distinct(np.random.default_rng(0), (2, *shape))
    y, cache = layer.forward(x, context(backend, training=training))
    assert y.shape == (2, *layer.output_shape(shape))
    assert cache["input"] is x
    assert cache["output"] is y
    assert_derivatives(layer, x, backend, training=training)


MERGING = ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"]


def test_every_kind_of_layer_is_compared_with_differences():
    here = {type(make()).__name__ for make, _ in SINGLE.values()} | {*MERGING}
    in_test_recurrent = {"SimpleRNN", "LSTM", "GRU"}
    in_test_wrappers = {"Bidirectional", "TimeDistributed", "Embedding", "MultiHeadAttention"}
    nothing_to_differentiate = {"InputLayer"}
    others = in_test_recurrent | in_test_wrappers | nothing_to_differentiate
    assert here | others == kinds_of_layers()


@pytest.mark.parametrize("kind", MERGING)
def test_gradients_of_merging(backend, kind):
    rng = np.random.default_rng(0)
    values = distinct(rng, (2, 2, 3, 2))
    layer = getattr(layers, kind)()
    assert_derivatives(layer, (values[0], values[1]), backend, training=True)


@pytest.mark.parametrize("kind", ["Add", "Multiply", "Average", "Maximum"])
def test_gradients_where_an_axis_meets_several(backend, kind):
    rng = np.random.default_rng(0)
    x = distinct(rng, (2, 3, 2)), distinct(rng, (2, 1, 2)) + 0.03, distinct(rng, (2, 3, 1)) + 0.01
    layer = getattr(layers, kind)()
    assert layer.output_shape(((3, 2), (1, 2), (3, 1))) == (3, 2)
    assert_derivatives(layer, x, backend, training=True)


def test_equal_inputs_share_the_gradient_of_a_maximum(backend):
    x = np.array([[1.0, 2.0]])
    layer = layers.Maximum()
    _, cache = layer.forward((x, x.copy()), context(backend))
    first, second = layer.backward(np.ones((1, 2)), cache, context(backend))[0]
    np.testing.assert_array_equal(first, [[0.5, 0.5]])
    np.testing.assert_array_equal(second, [[0.5, 0.5]])


def test_transposed_convolution_scatters(backend):
    layer = built(layers.Conv2DTranspose(2, (3, 2), strides=(2, 1), **F64), (3, 4, 3))
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 3))
    y, _ = layer.forward(x, context(backend))
    expected = np.zeros((2, 7, 5, 2)) + layer.weights["bias"]
    for i, j in np.ndindex(3, 4):
        patch = np.einsum("bc,rqfc->brqf", x[:, i, j], layer.weights["kernel"])
        expected[:, 2 * i : 2 * i + 3, j : j + 2] += patch
    np.testing.assert_allclose(y, expected, rtol=0, atol=1e-12)


def test_causal_convolution_sees_no_future(backend):
    layer = built(layers.Conv1D(2, 3, padding="causal", dilation_rate=2, **F64), (9, 2))
    x = np.random.default_rng(0).normal(size=(1, 9, 2))
    y, _ = layer.forward(x, context(backend))
    kernel, bias = layer.weights["kernel"], layer.weights["bias"]
    for t in range(9):
        seen = [(tap, t - 2 * (2 - tap)) for tap in range(3) if t - 2 * (2 - tap) >= 0]
        expected = bias + sum(x[0, at] @ kernel[tap] for tap, at in seen)
        np.testing.assert_allclose(y[0, t], expected, rtol=0, atol=1e-12)


def test_batch_normalization_moves_its_averages(backend):
    layer = built(layers.BatchNormalization(momentum=0.9, **F64), (4, 3))
    x = np.random.default_rng(0).normal(size=(5, 4, 3))
    before = {name: weight.copy() for name, weight in layer.weights.items()}
    y, cache = layer.forward(x, context(backend, training=True))
    mean, variance = x.mean(axis=(0, 1)), x.var(axis=(0, 1))
    expected = layer.weights["gamma"] * (x - mean) / np.sqrt(variance + 1e-3) + before["beta"]
    np.testing.assert_allclose(y, expected, rtol=0, atol=1e-12)
    for name, own in (("moving_mean", mean), ("moving_variance", variance)):
        np.testing.assert_array_equal(layer.weights[name], before[name])
        np.testing.assert_allclose(cache[f"updates:{name}"], 0.9 * before[name] + 0.1 * own)
    layer.trainable = False
    frozen, cache = layer.forward(x, context(backend, training=True))
    assert not [name for name in cache if name.startswith("updates:")]
    np.testing.assert_array_equal(frozen, layer.forward(x, context(backend))[0])


def test_dropout_drops_its_share_and_keeps_the_mean(backend):
    x = np.ones((200, 200), np.float32)
    layer = layers.Dropout(0.25)
    y, cache = layer.forward(x, context(backend, training=True))
    assert set(np.unique(y)) == {0, np.float32(1 / 0.75)}
    assert abs(np.mean(y == 0) - 0.25) < 0.01
    np.testing.assert_array_equal(y, cache["mask"])
    assert layer.forward(x, context(backend))[0] is x
    shared = layers.Dropout(0.5, noise_shape=(None, 1)).forward(x, context(backend, training=True))
    assert all(len(np.unique(row)) == 1 for row in shared[0])
    nothing = layers.Dropout(1.0).forward(x, context(backend, training=True))[0]
    assert not nothing.any()


def test_noise_has_its_spread(backend):
    x = np.zeros((200, 200), np.float32)
    layer = layers.GaussianNoise(0.3)
    y, _ = layer.forward(x, context(backend, training=True))
    assert y.dtype == np.float32
    assert abs(y.std() - 0.3) < 0.01
    assert layer.forward(x, context(backend))[0] is x


@pytest.mark.parametrize(
    ("make", "shape", "message"),
    [
        (lambda: layers.Conv2D(4, 3, name="c"), (28, 28), "c (Conv2D) got an input of shape "
         "(None, 28, 28), but needs 4 axes, (batch, height, width, channels)."),
        (lambda: layers.Conv2D(4, 5, name="c"), (4, 9, 1), "c (Conv2D) got an input of shape "
         "(None, 4, 9, 1), but needs one that its windows fit."),
        (lambda: layers.Conv2D(4, 3, groups=2, name="c"), (9, 9, 3),
         "needs channels that its 2 groups divide evenly"),
        (lambda: layers.MaxPooling1D(name="p"), (4,), "needs 3 axes, (batch, time, channels)"),
        (lambda: layers.Reshape((3, 4), name="r"), (11,), "needs 12 values for its target"),
        (lambda: layers.RepeatVector(3, name="r"), (2, 3), "needs 2 axes, (batch, values)"),
        (lambda: layers.Add(name="a"), ((3,), (4,)), "needs inputs of the same shape"),
        (lambda: layers.Add(name="a"), (3,), "needs at least two inputs, as a list"),
        (lambda: layers.Concatenate(name="a"), ((3, 4), (2, 4)), "differ along axis -1 alone"),
        (lambda: layers.Dense(4, name="d"), (3, None), "needs a last axis of known length"),
    ],
)  # fmt: skip
def test_misfits_name_the_layer(make, shape, message):
    with pytest.raises(layers.ShapeError) as raised:
        make().output_shape(shape)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: layers.Dense(4, activaton="relu"), TypeError, "did you mean 'activation'?"),
        (lambda: layers.Dense(4, activation="rleu"), ValueError, "did you mean 'relu'?"),
        (lambda: layers.Dense(0), ValueError, "units is 0"),
        (lambda: layers.Conv2D(4, 3, padding="sam"), ValueError, "did you mean 'same'?"),
        (lambda: layers.Conv2D(4, (3, 3, 3)), ValueError, "kernel_size is (3, 3, 3)"),
        (lambda: layers.Conv2D(4, 3, data_format="channels_first"), ValueError, "channels_last"),
        (lambda: layers.Dense(4, kernel_initializer="he_norml"), ValueError, "'he_normal'"),
        (lambda: layers.Dense(4, dtype="float16"), ValueError, "dtype is 'float16'"),
        (lambda: layers.Dropout(1.5), ValueError, "rate is 1.5"),
        (lambda: layers.MaxPooling2D(poolsize=2), TypeError, "did you mean 'pool_size'?"),
        (lambda: layers.ZeroPadding2D(-1), ValueError, "padding is -1"),
        (lambda: layers.Permute((1, 3)), ValueError, "dims is (1, 3)"),
        (lambda: layers.Conv2D(4, 3, groups=3), ValueError, "does not divide the 4 filters"),
        (lambda: layers.Dense(4, name="a/b"), ValueError, "a text without '/'"),
    ],
)
def test_wrong_arguments_are_explained(make, error, message):
    with pytest.raises(error) as raised:
        make()
    assert message in str(raised.value)


def test_weights_are_copied_in_and_out():
    layer = built(layers.Dense(2), (3,))
    kernel, bias = layer.get_weights()
    kernel += 1
    assert not np.array_equal(kernel, layer.weights["kernel"])
    own = layer.weights["kernel"]
    layer.set_weights([kernel, bias])
    assert layer.weights["kernel"] is own
    np.testing.assert_array_equal(own, kernel)
    assert layer.count_params() == 8
    with pytest.raises(ValueError, match=r"has 2 weights \(kernel, bias\), but 1 were given"):
        layer.set_weights([kernel])
    with pytest.raises(ValueError, match=r"kernel has the shape \(3, 2\), but \(2, 3\)"):
        layer.set_weights([kernel.T, bias])
    with pytest.raises(ValueError, match="no weights yet"):
        layers.Dense(2).count_params()


def test_tensors_add_up():
    a, b = Input((3,), name="a"), Input((3,), name="b")
    assert (a + b).shape == (None, 3)
    assert (a * b - a).node.layer.name.startswith("subtract")
    with pytest.raises(TypeError, match="Only layers' outputs"):
        a + 1


@pytest.mark.parametrize(
    "made", [lambda: layers.MaxPooling2D(3), lambda: layers.Conv2D(2, 3)], ids=["pooling", "kernel"]
)
def test_windows_that_do_not_fit_are_given_a_padding_that_layers_have(made) -> None:
    """A lesson's windows may have any number of cells around them, a layer's may not."""
    with pytest.raises(ValueError, match="does not fit the 2 × 2 input") as told:
        made().output_shape((2, 2, 1))
    words = str(told.value)
    assert "choose a size of 2 or less, or the padding same" in words
    assert "at least" not in words
