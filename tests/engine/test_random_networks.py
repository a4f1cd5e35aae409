"""Random small networks: the fast backends against the reference, and against differences."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine import Input, Model, layers
from simulator.engine.layers.base import Tensor
from tests.engine.geometries import examples, seeds

smooth = st.sampled_from(["linear", "tanh", "sigmoid", "softplus", "swish", "gelu"])
some = examples(150)
F64 = {"dtype": "float64"}


@st.composite
def image_layers(draw, height, width):
    """A layer for an image (H, W, C), of any kind that fits."""
    padding = draw(st.sampled_from(["same", "valid"]))
    most = 3 if padding == "same" else min(3, height, width)
    size, stride = draw(st.integers(1, most)), draw(st.integers(1, 2))
    activation, filters = draw(smooth), draw(st.integers(1, 3))
    kind = draw(st.integers(0, 8))
    options = {"padding": padding, "strides": stride}
    if kind == 0:
        return layers.Conv2D(filters, size, activation=activation, **options, **F64)
    if kind == 1:
        return layers.DepthwiseConv2D(size, depth_multiplier=2, **options, **F64)
    if kind == 2:
        return layers.Conv2DTranspose(filters, size, activation=activation, **options, **F64)
    if kind == 3:
        return layers.AveragePooling2D(size, **options)
    if kind == 4:
        return layers.MaxPooling2D(size, **options)
    if kind == 5:
        return layers.BatchNormalization(**F64)
    if kind == 6:
        return layers.LpPooling2D(size, **options)
    if kind == 7:
        return layers.ZeroPadding2D(1)
    return layers.LayerNormalization(**F64)


@st.composite
def sequence_layers(draw, steps):
    """A layer for a sequence (T, C) that gives a sequence."""
    units, activation = draw(st.integers(1, 3)), draw(smooth)
    kind = draw(st.integers(0, 6))
    backwards = draw(st.booleans())
    options = {"return_sequences": True, "go_backwards": backwards, **F64}
    if kind == 0:
        return layers.Conv1D(units, min(2, steps), padding="causal", **F64)
    if kind == 1:
        return layers.SimpleRNN(units, **options)
    if kind == 2:
        return layers.LSTM(units, **options)
    if kind == 3:
        return layers.GRU(units, reset_after=draw(st.booleans()), **options)
    if kind == 4:
        return layers.Bidirectional(layers.LSTM(units, return_sequences=True, **F64), **F64)
    if kind == 5:
        return layers.TimeDistributed(layers.Dense(units, activation=activation, **F64), **F64)
    return layers.Dense(units, activation=activation, **F64)


@st.composite
def networks(draw):
    """An image or a sequence, some layers, perhaps a residual link and a shared layer."""
    if draw(st.booleans()):
        shape = draw(st.tuples(st.integers(3, 5), st.integers(3, 5), st.integers(1, 2)))
        given_input = Input(shape)
        x: Tensor = given_input
        for _ in range(draw(st.integers(1, 3))):
            before = x
            height, width = x.shape[1:3]
            x = draw(image_layers(height, width))(x)
            if x.shape == before.shape and draw(st.booleans()):
                x = layers.Add()([x, before])
        last = [layers.Flatten, layers.GlobalAveragePooling2D]
        x = draw(st.sampled_from(last))()(x)
    else:
        shape = draw(st.tuples(st.integers(1, 4), st.integers(1, 3)))
        given_input = Input(shape)
        x = given_input
        for _ in range(draw(st.integers(1, 2))):
            x = draw(sequence_layers(shape[0]))(x)
        x = layers.GlobalAveragePooling1D()(x) if draw(st.booleans()) else layers.Flatten()(x)
    if draw(st.booleans()):
        shared = layers.Dense(int(x.shape[-1]), activation=draw(smooth), **F64)
        x = layers.Concatenate()([shared(x), shared(shared(x)), x])
    classes = draw(st.integers(2, 3))
    output = layers.Dense(classes, activation="softmax", **F64)(x)
    model = Model(given_input, output, seed=draw(seeds))
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model, classes


def batch(model, classes, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(3, *model.inputs[0].shape[1:]))
    for layer in model.layers:
        for name in layer.trainable_names:
            layer.weights[name][...] += 0.1 * rng.normal(size=layer.weights[name].shape)
    return x, rng.integers(0, classes, 3)


@some
@given(network=networks(), seed=seeds)
def test_every_backend_agrees_with_the_reference(backend, reference, network, seed):
    model, classes = network
    x, y = batch(model, classes, seed)
    results = []
    for each in (backend, reference):
        model.backend = each
        found = model.gradients(x, y, training=True)
        arrays = {f"{layer}/{name}": a for layer, own in found.items() for name, a in own.items()}
        for key, cache in model.trace_forward(x).items():
            arrays[f"{key}/forward"] = cache["output"]
        results.append(arrays)
    assert results[0].keys() == results[1].keys()
    for name, expected in results[1].items():
        scale = max(1.0, float(np.max(np.abs(expected), initial=0)))
        np.testing.assert_allclose(
            results[0][name], expected, rtol=0, atol=1e-9 * scale, strict=True, err_msg=name
        )


@some
@given(network=networks(), seed=seeds)
def test_gradients_are_the_slopes_of_the_loss(backend, network, seed):
    """Along one random direction through all weights at once.

    Maxima may change hands within the step, so a direction whose two one-sided slopes differ is no
    place to ask.
    """
    model, classes = network
    model.backend = backend
    x, y = batch(model, classes, seed)
    gradients = model.gradients(x, y)
    rng = np.random.default_rng(seed)
    names = [(layer, name) for layer in model.layers for name in layer.trainable_names]
    direction = {
        (layer.name, name): rng.normal(size=layer.weights[name].shape) for layer, name in names
    }
    kept = {key: weight.copy() for key, weight in model.weights.items()}

    def loss(step):
        for layer, name in names:
            weight = layer.weights[name]
            weight[...] = kept[f"{layer.name}/{name}"] + step * direction[layer.name, name]
        return model.evaluate(x, y)

    slope = sum(np.sum(gradients[key][name] * way) for (key, name), way in direction.items())
    h = 1e-5
    middle, above, below = loss(0), loss(h), loss(-h)
    bend = abs((above - middle) - (middle - below)) / h
    scale = max(1.0, abs(slope))
    if bend < 1e-2 * scale:
        assert abs((above - below) / (2 * h) - slope) < 1e-5 * scale
