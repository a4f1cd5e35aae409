"""Autoencoders of any layers, gone through: every number is the engine's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.layers import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Conv2DTranspose,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    LeakyReLU,
    MaxPooling2D,
    Permute,
    ReLU,
    Reshape,
    UpSampling2D,
    ZeroPadding2D,
)
from simulator.engine.layers.tied import TiedDense
from simulator.engine.sequential import Sequential
from simulator.traces.autoencoder import autoencoder_trace
from simulator.traces.laid_layers import code_of, laid_weights, lay_out, take_weights
from simulator.traces.region import Region
from tests.traces.invariants import check_staged
from tests.traces.told import plain_text

few = settings(max_examples=5, deadline=None)


def network(layers, shape=(4, 4, 1), seed=0):
    """A model whose weights, moving means among them, are anything but their beginnings."""
    model = Sequential(layers, seed=seed)
    model.build((None, *shape))
    rng = np.random.default_rng(seed)
    for name, weight in model.weights.items():
        drawn = rng.normal(0, 0.6, weight.shape)
        weight[...] = np.abs(drawn) + 0.2 if "variance" in name else drawn
    return model


def picture(rows=4, columns=4, seed=0):
    return np.random.default_rng(seed).random((rows, columns), dtype=np.float32)


def checked(model, x):
    """The trace of a picture, which keeps to the invariants and has the engine's outputs."""
    layers = lay_out(model, x.shape)
    trace = autoencoder_trace(model, x, code=code_of(layers))
    sample = x.reshape(1, *model.graph.inputs[0].sample_shape)
    _, cache = model.forward(sample, model.context(training=False))
    outputs = {
        each.names.output: cache[f"{each.layer.name}/output"].reshape(each.shape) for each in layers
    }
    check_staged(trace, outputs)
    return trace


@st.composite
def convolutional(draw):
    """Layers around a narrow place, 4 × 4 pictures to 4 × 4 pictures."""
    bent = st.sampled_from(["linear", "relu", "tanh", "sigmoid"])
    window = {"kernel_size": draw(st.integers(1, 3)), "padding": "same"}
    halved = st.sampled_from(["strides", "max", "mean", "overlapping"])
    filters = draw(st.integers(1, 2))
    layers = []
    match draw(halved):
        case "strides":
            layers.append(Conv2D(filters, **window, strides=2, activation=draw(bent)))
        case "max":
            layers += [Conv2D(filters, **window, activation=draw(bent)), MaxPooling2D(2)]
        case "mean":
            layers += [Conv2D(filters, 2, dilation_rate=1, padding="same"), AveragePooling2D(2)]
        case "overlapping":
            layers += [
                Conv2D(filters, 2, dilation_rate=2, padding="same"),
                MaxPooling2D(3, 2, "same"),
            ]
    between = st.sampled_from(["", "norm", "unscaled", "bent", "leaky", "dropout"])
    match draw(between):
        case "norm":
            layers.append(BatchNormalization())
        case "unscaled":
            layers.append(BatchNormalization(scale=False, epsilon=0.1))
        case "bent":
            layers.append(Activation(draw(bent)))
        case "leaky":
            layers.append(LeakyReLU(0.2))
        case "dropout":
            layers.append(Dropout(0.5))
    if draw(st.booleans()):
        layers += [Flatten(), Dense(draw(st.integers(1, 3)), draw(bent)), Dense(4 * filters)]
        layers += [Reshape((2, 2, filters))]
    if draw(st.booleans()):
        transposed = Conv2DTranspose(filters, **window, strides=2, activation=draw(bent))
        layers.append(transposed)
    else:
        layers += [UpSampling2D(2), Conv2D(filters, **window)]
    layers.append(Conv2D(1, 3, padding="same", activation="sigmoid"))
    return [*layers, Flatten()] if draw(st.booleans()) else layers


@given(convolutional(), st.integers(0, 99))
@few
def test_random_convolutional_autoencoders_are_the_engines_own(layers, seed):
    checked(network(layers, seed=seed), picture(seed=seed))


@pytest.mark.parametrize(
    "layers",
    [
        [ZeroPadding2D(((1, 0), (0, 1))), Conv2D(1, 2), ReLU(max_value=0.5)],
        [Permute((2, 1, 3)), Conv2D(2, 1), Conv2DTranspose(1, 1, activation="tanh")],
        [Conv2D(2, 3), BatchNormalization(center=False), Conv2DTranspose(1, 3)],
        [Conv2D(3, 2, strides=2), Conv2DTranspose(1, 2, strides=2, dilation_rate=1)],
        [Flatten(), Dense(2), BatchNormalization(), Activation("relu"), Dense(16), Reshape((4, 4))],
    ],
    ids=lambda layers: "-".join(type(each).__name__ for each in layers),
)
def test_what_else_can_be_gone_through_is_the_engines_own(layers):
    checked(network(layers), picture())


@given(st.integers(0, 4), st.integers(1, 3), st.integers(0, 9))
@few
def test_tied_weights_go_both_ways(hidden, code, seed):
    first = [Dense(hidden, "tanh")] if hidden else []
    coding = Dense(code)
    turned = [TiedDense(coding, "relu"), TiedDense(first[0])] if hidden else [TiedDense(coding)]
    model = network([Flatten(), *first, coding, *turned], (2, 3, 1), seed=seed)
    trace = checked(model, picture(2, 3, seed))
    kernels = [name for name in trace.arrays if name.startswith("kernel")]
    assert kernels == ["kernel_1", "kernel_2"][: 1 + bool(hidden)]
    index = (0, 0, *np.argwhere(np.ones(trace.arrays["kernel_1"].shape[2:]))[0])
    read = {region.array for region in trace.dependants("kernel_1", tuple(map(int, index)))}
    assert read == {"output_1", f"output_{len(turned) * 2}"}


def test_weights_are_put_back_as_they_are_shown():
    layers = [
        Conv2D(2, 3, padding="same"),
        BatchNormalization(),
        Conv2DTranspose(3, 2),
        Flatten(),
        Dense(16, use_bias=False),
    ]
    model = network(layers)
    laid = lay_out(model, (4, 4))
    given_ = {name: weight + 1 for name, weight in laid_weights(laid).items()}
    before = {name: weight.copy() for name, weight in model.weights.items()}
    del given_["bias_5"]  # a bias of zeros that the layer does not have
    take_weights(laid, given_)
    for name, weight in model.weights.items():
        np.testing.assert_array_equal(weight, before[name] + np.float32(1))


def test_a_zero_between_moved_cells_is_told_as_such():
    model = network([Conv2D(1, 2, strides=2), Conv2DTranspose(1, 2, strides=2)])
    trace = checked(model, picture())
    apart = trace.arrays["spread_2"].values
    assert apart.shape == (5, 5)
    assert np.count_nonzero(apart) == 4
    step = trace.containing(int(trace.written_at(Region.cell("spread_2", 0, 0)).item()))
    assert plain_text(trace.explain(step).headline) == "nothing → 0"
    assert trace.sources("spread_2", (0, 0)) == ()
    (cell,) = trace.sources("spread_2", (1, 1))
    assert cell == Region.cell("output_1", 0, 0)


def test_the_steps_of_a_layer_go_map_by_map():
    model = network([Conv2D(2, 1, use_bias=False), Conv2D(1, 1)], (2, 2, 1))
    trace = checked(model, picture(2, 2))
    written = trace.at("unit").written_at(Region.whole("output_1", (2, 2, 2)))
    np.testing.assert_array_equal(written[..., 0], [[0, 1], [2, 3]])
    np.testing.assert_array_equal(written[..., 1], [[4, 5], [6, 7]])
    part = trace.parts[0]
    assert [part.index_of(part.on_map(3, at)) for at in (0, 1, 9)] == [
        (1, 1, 0),
        (1, 1, 1),
        (1, 1, 1),
    ]


def test_what_goes_into_an_activation_is_told():
    model = network([Conv2D(1, 1, activation="relu"), Conv2D(1, 1)], (1, 2, 1))
    for weight, value in zip(model.weights.values(), (2.0, 0.25, 1.0, 0.0), strict=True):
        weight[...] = value
    trace = autoencoder_trace(model, np.array([[0.5, -1.0]], np.float32), code=1)
    assert [plain_text(trace.explain(step).headline) for step in range(4)] == [
        "0.5 × 2 = 1",
        "relu(1.25) = 1.25",
        "(−1) × 2 = −2",
        "relu(−1.75) = 0",
    ]


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([Conv2D(2, 3), GlobalAveragePooling2D()], "GlobalAveragePooling2D, which is not gone"),
        ([Dense(2), Dense(1)], "reads 4 × 4 × 1 values"),
        ([Conv2D(2, 3), Conv2D(2, 3, padding="same", groups=2)], "has groups"),
        ([Conv2D(2, 3, activation="softmax"), Flatten(), Dense(16)], "softmax over maps"),
        ([Conv2D(2, 3), BatchNormalization(axis=1)], "another axis"),
        ([Conv2D(2, 3), Conv2D(1, 1)], "gives 4 values for 16 pixels"),
        ([Conv2D(4, 2, strides=2), Conv2D(4, 1)], r"gives \(2, 2, 4\)"),
    ],
)
def test_what_cannot_be_gone_through_is_told(layers, words):
    with pytest.raises(ValueError, match=words):
        autoencoder_trace(network(layers), picture(), code=1)
