"""One layer of any kind: every trace keeps to the invariants and has the engine's own arrays."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import layers as kinds
from simulator.engine.backends.base import Backend
from simulator.traces.layer_at_work import layer_trace
from simulator.traces.work_weights import shown_weights, take_shown
from tests.traces.invariants import check_staged
from tests.traces.told import plain_text

few = settings(max_examples=6, deadline=None)
seeds = st.integers(0, 99)


def built(layer, *shapes, seed=0):
    """The layer with weights, moving means among them, that are anything but their beginnings."""
    layer.build(shapes[0] if len(shapes) == 1 else shapes, np.random.default_rng(seed))
    rng = np.random.default_rng(seed)
    for name, weight in layer.weights.items():
        drawn = rng.normal(0, 0.6, weight.shape)
        weight[...] = np.abs(drawn) + 0.2 if "variance" in name else drawn
    return layer


def sample(*shape, seed=0):
    return np.random.default_rng(seed + 1).normal(0, 1, shape).astype(np.float32)


def checked(layer, *inputs, seed=0):
    """The trace of a layer, checked, and its output in the layer's own shape."""
    layer = built(layer, *(x.shape for x in inputs), seed=seed)
    trace = layer_trace(layer, inputs, backend=Backend())
    check_staged(trace, {})
    context = kinds.Context(Backend(), training=False, rng=np.random.default_rng(0))
    batch = tuple(x[None] for x in inputs)
    output, _ = layer.forward(batch if len(batch) > 1 else batch[0], context)
    made = trace.arrays["output_1"].values.reshape(output.shape[1:])
    np.testing.assert_array_equal(made, output[0])
    return trace, output[0], layer


def padded(x, before, after):
    return np.pad(x, ((before, after), (0, 0)))


@given(
    st.integers(4, 7), st.integers(1, 3), st.integers(1, 3), st.integers(1, 2), st.integers(1, 2),
    st.sampled_from(["valid", "same", "causal"]), st.sampled_from([None, "relu", "softmax"]), seeds,
)  # fmt: skip
@few
def test_convolution_along_time(steps, channels, taps, stride, dilation, padding, bends, seed):
    if dilation > 1 and stride > 1:
        stride = 1
    if (taps - 1) * dilation >= steps:
        taps = 1
    layer = kinds.Conv1D(
        2, taps, strides=stride, padding=padding, dilation_rate=dilation, activation=bends
    )
    x = sample(steps, channels, seed=seed)
    _, output, layer = checked(layer, x, seed=seed)
    span = (taps - 1) * dilation
    if padding == "causal":
        wide = padded(x, span, 0)
    elif padding == "same":
        need = max((-(-steps // stride) - 1) * stride + span + 1 - steps, 0)
        wide = padded(x, need // 2, need - need // 2)
    else:
        wide = x
    kernel, bias = layer.weights["kernel"], layer.weights["bias"]
    naive = np.array(
        [
            [
                bias[f] + sum(
                    wide[t * stride + j * dilation, c] * kernel[j, c, f]
                    for j in range(taps) for c in range(channels)
                )
                for f in range(2)
            ]
            for t in range(len(output))
        ]
    )  # fmt: skip
    if bends == "relu":
        naive = np.maximum(naive, 0)
    if bends == "softmax":
        naive = np.exp(naive) / np.exp(naive).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(output, naive, rtol=1e-4, atol=1e-5)


@given(st.sampled_from([kinds.MaxPooling1D, kinds.AveragePooling1D]), st.integers(4, 7),
       st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.sampled_from(["valid", "same"]),
       seeds)  # fmt: skip
@few
def test_pooling_along_time(kind, steps, channels, window, stride, padding, seed):
    x = sample(steps, channels, seed=seed)
    _, output, _ = checked(kind(window, strides=stride, padding=padding), x, seed=seed)
    need = max((-(-steps // stride) - 1) * stride + window - steps, 0) if padding == "same" else 0
    function = np.max if kind is kinds.MaxPooling1D else np.mean
    for t, row in enumerate(output):
        first = t * stride - need // 2
        seen = x[max(first, 0) : first + window]
        np.testing.assert_allclose(row, function(seen, axis=0), rtol=1e-5)


@pytest.mark.parametrize(
    ("kind", "function"),
    [
        (kinds.GlobalMaxPooling1D, np.max), (kinds.GlobalAveragePooling1D, np.mean),
        (kinds.GlobalMaxPooling2D, np.max), (kinds.GlobalAveragePooling2D, np.mean),
    ],
)  # fmt: skip
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("channels", [1, 3])
def test_one_window_over_all(kind, function, keepdims, channels):
    x = sample(5, channels) if kind.rank == 1 else sample(3, 4, channels)
    _, output, _ = checked(kind(keepdims=keepdims), x)
    naive = [function(x[..., channel]) for channel in range(channels)]
    np.testing.assert_allclose(output.ravel(), naive, rtol=1e-5)


@given(
    st.tuples(st.integers(3, 5), st.integers(3, 5)), st.integers(1, 2), st.integers(1, 2),
    st.tuples(st.integers(1, 3), st.integers(1, 3)), st.integers(1, 2),
    st.sampled_from(["valid", "same"]), st.sampled_from([None, "tanh"]), seeds,
)  # fmt: skip
@few
def test_filters_of_one_channel(size, channels, each, kernel, stride, padding, bends, seed):
    layer = kinds.DepthwiseConv2D(
        kernel, strides=stride, padding=padding, depth_multiplier=each, activation=bends
    )
    x = sample(*size, channels, seed=seed)
    _, output, layer = checked(layer, x, seed=seed)
    geometry = layer.geometry(size)
    naive = np.zeros(output.shape)
    for r, c, f in np.ndindex(output.shape):
        channel, number = divmod(f, each)
        total = layer.weights["bias"][f]
        for i, row in enumerate(geometry.window_rows(r)):
            for j, column in enumerate(geometry.window_columns(c)):
                if 0 <= row < size[0] and 0 <= column < size[1]:
                    weight = layer.weights["kernel"][i, j, channel, number]
                    total += x[row, column, channel] * weight
        naive[r, c, f] = np.tanh(total) if bends else total
    np.testing.assert_allclose(output, naive, rtol=1e-4, atol=1e-5)


@given(
    st.tuples(st.integers(3, 5), st.integers(3, 5)),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.tuples(st.integers(1, 2), st.integers(1, 2)), st.sampled_from([(1, 2, 3), (2, 4, 2)]),
    st.sampled_from(["valid", "same"]), st.sampled_from(["linear", "softmax"]), seeds,
)  # fmt: skip
@few
def test_kernels_of_any_shape_and_groups(size, kernel, strides, grouped, padding, bends, seed):
    groups, channels, filters = grouped
    layer = kinds.Conv2D(
        filters, kernel, strides=strides, padding=padding, groups=groups, activation=bends
    )
    x = sample(*size, channels, seed=seed)
    _, output, layer = checked(layer, x, seed=seed)
    geometry, seen = layer.geometry(size), channels // groups
    naive = np.zeros(output.shape)
    for r, c, f in np.ndindex(output.shape):
        total = layer.weights["bias"][f]
        first = f // (filters // groups) * seen
        for i, row in enumerate(geometry.window_rows(r)):
            for j, column in enumerate(geometry.window_columns(c)):
                if 0 <= row < size[0] and 0 <= column < size[1]:
                    weights = layer.weights["kernel"][i, j, :, f]
                    total += x[row, column, first : first + seen] @ weights
        naive[r, c, f] = total
    if bends == "softmax":
        naive = np.exp(naive) / np.exp(naive).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(output, naive, rtol=1e-4, atol=1e-5)


def test_groups_along_time():
    layer = kinds.Conv1D(4, 2, groups=2, padding="causal", activation="relu")
    x = sample(5, 4)
    _, output, layer = checked(layer, x)
    wide, kernel = padded(x, 1, 0), layer.weights["kernel"]
    for t, f in np.ndindex(output.shape):
        first = f // 2 * 2
        total = (wide[t : t + 2, first : first + 2] * kernel[:, :, f]).sum()
        assert output[t, f] == pytest.approx(max(total + layer.weights["bias"][f], 0), rel=1e-4)


def test_powers_of_windows():
    checked(kinds.LpPooling2D(2, order=3), sample(4, 5, 2))


def test_the_expected_value_of_a_draw():
    checked(kinds.StochasticPooling2D(2), sample(4, 4, 2))


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (kinds.Flatten(), (2, 3, 2)), (kinds.Reshape((3, 4)), (12,)),
        (kinds.Reshape((2, 3, 2)), (12,)), (kinds.Permute((2, 1)), (2, 3)),
        (kinds.Permute((3, 1, 2)), (2, 3, 2)), (kinds.RepeatVector(3), (4,)),
        (kinds.UpSampling2D((2, 1)), (2, 3, 2)), (kinds.ZeroPadding2D(1), (2, 2, 2)),
        (kinds.Dropout(0.4), (3, 2)), (kinds.Dropout(0.4), (5,)),
        (kinds.GaussianNoise(0.4), (2, 2, 2)),
    ],
)  # fmt: skip
def test_numbers_that_go_on_as_they_are(layer, shape):
    x = sample(*shape)
    _, output, _ = checked(layer, x)
    assert set(output.ravel()) - {0.0} == set(x.ravel())


def test_steps_that_are_filling_become_nothing():
    x = sample(4, 2)
    x[1] = x[3] = 0.5
    trace, output, _ = checked(kinds.Masking(0.5), x)
    assert (output[[1, 3]] == 0).all()
    assert "filling" in str(trace.explain(2).sentence)


@pytest.mark.parametrize("shape", [(6,), (3, 4), (2, 3, 2)])
@pytest.mark.parametrize(
    "layer",
    [
        lambda: kinds.Activation("tanh"), lambda: kinds.Activation("softmax"), kinds.ReLU,
        lambda: kinds.LeakyReLU(0.2), kinds.Softmax, kinds.BatchNormalization,
        lambda: kinds.BatchNormalization(scale=False),
        lambda: kinds.BatchNormalization(center=False),
        kinds.LayerNormalization, lambda: kinds.LayerNormalization(scale=False, center=False),
    ],
)  # fmt: skip
def test_bending_and_normalizing(layer, shape):
    checked(layer(), sample(*shape))


def test_shares_along_another_axis():
    x = sample(3, 2)
    _, output, _ = checked(kinds.Softmax(axis=1), x)
    np.testing.assert_allclose(output, np.exp(x) / np.exp(x).sum(axis=0), rtol=1e-5)


def test_a_sample_is_normalized_by_its_own_mean():
    x = sample(3, 4)
    trace, output, layer = checked(kinds.LayerNormalization(), x)
    for t, row in enumerate(x):
        mean = sum(row) / 4
        variance = sum((value - mean) ** 2 for value in row) / 4
        assert trace.arrays["mean_1"].values[t, 0] == pytest.approx(mean, rel=1e-5)
        naive = (row - mean) / np.sqrt(variance + 1e-3)
        naive = naive * layer.weights["gamma"] + layer.weights["beta"]
        np.testing.assert_allclose(output[t], naive, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("shape", [(5,), (2, 3), (2, 2, 2)])
@pytest.mark.parametrize(
    ("kind", "many", "function"),
    [
        (kinds.Add, 2, np.add), (kinds.Add, 3, np.add), (kinds.Subtract, 2, np.subtract),
        (kinds.Multiply, 3, np.multiply), (kinds.Maximum, 2, np.maximum),
        (kinds.Minimum, 3, np.minimum),
    ],
)  # fmt: skip
def test_one_number_of_several(kind, many, function, shape):
    inputs = [sample(*shape, seed=seed) for seed in range(many)]
    _, output, _ = checked(kind(), *inputs)
    for index in np.ndindex(output.shape):
        value = inputs[0][index]
        for other in inputs[1:]:
            value = function(value, other[index])
        assert output[index] == pytest.approx(value, rel=1e-6)


def test_the_mean_of_several_and_one_that_meets_all():
    inputs = sample(3, 2), sample(1, 2, seed=4), sample(3, 2, seed=5)
    _, output, _ = checked(kinds.Average(), *inputs)
    np.testing.assert_allclose(output, sum(inputs) / 3, rtol=1e-5)


@pytest.mark.parametrize(
    ("shapes", "axis"),
    [
        (((3,), (2,)), -1), (((3, 2), (3, 1), (3, 2)), -1), (((2, 3), (1, 3)), 1),
        (((2, 2, 2), (2, 2, 3)), -1), (((2, 2, 2), (1, 2, 2)), 1),
    ],
)  # fmt: skip
def test_side_by_side(shapes, axis):
    inputs = [sample(*shape, seed=seed) for seed, shape in enumerate(shapes)]
    _, output, _ = checked(kinds.Concatenate(axis), *inputs)
    along = axis if axis < 0 else axis - 1
    np.testing.assert_array_equal(output, np.concatenate(inputs, axis=along))


def test_rows_that_are_looked_up():
    words = np.array([3, 0, 3, 1], np.float32)
    trace, output, layer = checked(kinds.Embedding(5, 3), words)
    for t, word in enumerate(words):
        np.testing.assert_array_equal(output[t], layer.weights["embeddings"][int(word)])
    assert "row 3 of the table" in str(trace.explain(0).sentence)


@given(
    st.tuples(st.integers(2, 3), st.integers(2, 4)), st.integers(1, 2), st.integers(1, 3),
    st.integers(1, 2), st.sampled_from(["valid", "same"]), seeds,
)  # fmt: skip
@few
def test_convolution_turned_round(size, channels, kernel, stride, padding, seed):
    layer = kinds.Conv2DTranspose(2, kernel, strides=stride, padding=padding, activation="relu")
    checked(layer, sample(*size, channels, seed=seed), seed=seed)


@pytest.mark.parametrize(("heads", "sizes"), [(1, (2, 3)), (2, (3, 2))])
def test_attention(heads, sizes):
    key_dim, value_dim = sizes
    layer = kinds.MultiHeadAttention(heads, key_dim, value_dim, output_shape=2)
    x, other = sample(3, 4), sample(2, 3, seed=5)
    trace, output, layer = checked(layer, x, other)
    w = layer.weights
    for t in range(3):
        total = np.array(w["attention_output/bias"])
        for n in range(heads):
            q, k, v = (
                read @ w[f"{name}/kernel"][:, n] + w[f"{name}/bias"][n]
                for name, read in (("query", x), ("key", other), ("value", other))
            )
            powers = np.exp(k @ q[t] / np.sqrt(key_dim))
            share = powers / powers.sum()
            np.testing.assert_allclose(trace.arrays["shares_1"].values[t, :, n], share, rtol=1e-4)
            total += share @ v @ w["attention_output/kernel"][n]
        np.testing.assert_allclose(output[t], total, rtol=1e-4, atol=1e-5)


def test_attention_to_a_key_of_its_own_and_without_biases():
    layer = kinds.MultiHeadAttention(2, 2, use_bias=False)
    checked(layer, sample(2, 3), sample(3, 2, seed=5), sample(3, 4, seed=6))


@pytest.mark.parametrize(
    ("layer", "shapes"),
    [
        (kinds.Conv1D(3, 2), [(5, 2)]), (kinds.Conv2DTranspose(3, 2), [(2, 3, 2)]),
        (kinds.DepthwiseConv2D(2), [(3, 3, 2)]), (kinds.BatchNormalization(), [(6,)]),
        (kinds.MultiHeadAttention(3, 2), [(2, 4), (2, 3)]), (kinds.Embedding(4, 3), [(2,)]),
    ],
)  # fmt: skip
def test_weights_go_back_as_they_came(layer, shapes):
    layer = built(layer, *shapes)
    shown = {name: array + 1 for name, array in shown_weights(layer, shapes[0]).items()}
    before = {name: np.array(array) for name, array in layer.weights.items()}
    take_shown(layer, shown)
    for name, array in layer.weights.items():
        np.testing.assert_array_equal(array, before[name] + 1)


def test_a_step_is_told_with_its_numbers():
    layer = built(kinds.Add(), (1, 2), (1, 2))
    inputs = np.array([[1.5, 2.0]], np.float32), np.array([[-0.5, 0.25]], np.float32)
    trace = layer_trace(layer, inputs, backend=Backend())
    assert plain_text(trace.explain(0).headline) == "1.5 + (−0.5) = 1"
    assert plain_text(trace.explain(1).headline) == "2 + 0.25 = 2.25"


def test_more_terms_than_are_kept_are_refused():
    layer = built(kinds.DepthwiseConv2D(5, padding="same"), (100, 100, 20))
    with pytest.raises(ValueError, match="5,000,000 terms in all: up to 4,000,000"):
        layer_trace(layer, [sample(100, 100, 20)], backend=Backend())


@pytest.mark.parametrize(
    ("layer", "shape", "words"),
    [
        (kinds.LSTM(2), (3, 2), "LSTM isn't shown here"),
        (kinds.LayerNormalization(axis=1), (3, 2), "another axis than the last"),
        (kinds.Embedding(5, 3), (2, 2), "several rows"),
        (kinds.Flatten(), (2, 2, 2, 2), "2 × 2 × 2 × 2 numbers"),
    ],
)  # fmt: skip
def test_what_is_not_shown_is_told(layer, shape, words):
    built(layer, shape)
    with pytest.raises(ValueError, match=words):
        layer_trace(layer, [np.abs(np.round(sample(*shape)))], backend=Backend())
