"""Any layer of a network in the lab opens in a lesson that computes what the network computed."""

import numpy as np
import pytest

from simulator.engine.backends.base import Backend
from simulator.formats.arguments import LAYERS
from simulator.lab import Experiment, LabError, Wanted
from simulator.lab.to_lessons import lesson_on
from simulator.lessons.catalogue import lesson
from simulator.lessons.layer_examples import BY_KIND
from simulator.lessons.opening import open_lesson
from tests.lab.test_opened_lessons import trained

PICTURES = """
model = Sequential([Input((8, 8, 1)),
  Conv2D(4, (1, 3), padding="same", strides=(1, 2), name="flat_kernel"),
  BatchNormalization(name="norm"), ReLU(name="bent"),
  Conv2D(4, 3, groups=2, padding="same", activation="relu", name="groups"),
  DepthwiseConv2D(3, padding="same", name="depthwise"), LeakyReLU(name="leaky"),
  UpSampling2D(2, name="up"), ZeroPadding2D(1, name="pad"),
  Conv2DTranspose(3, 3, strides=2, name="grown", activation="tanh"),
  AveragePooling2D((2, 3), name="windows"), Dropout(0.3, name="drop"),
  GaussianNoise(0.2, name="noise"), Permute((2, 1, 3), name="turned"),
  GlobalAveragePooling2D(name="mean"), Reshape((3, 1), name="column"), Flatten(name="row"),
  RepeatVector(2, name="again"), LayerNormalization(name="own"),
  TimeDistributed(LayerNormalization(), name="each"), GlobalMaxPooling1D(name="largest"),
  Dense(10, name="scores"), Activation("softmax", name="shares")])
model.compile(loss="sparse_categorical_crossentropy")
"""
WORDS = """
inputs = Input((20,))
x = Embedding(60, 6, name="table")(inputs)
a = Conv1D(6, 3, padding="causal", activation="relu", name="conv")(x)
b = MaxPooling1D(3, strides=1, padding="same", name="pool")(x)
c = AveragePooling1D(3, strides=1, padding="same", name="means")(x)
x = Add(name="sum")([a, b, c])
x = Subtract(name="less")([x, b])
x = Multiply(name="times")([x, c])
x = Average(name="half")([x, a])
x = Maximum(name="greatest")([x, b])
x = Minimum(name="least")([x, c])
y = MultiHeadAttention(2, 3, name="attention")(x, a)
x = Concatenate(name="beside")([x, y])
x = LayerNormalization(name="norm")(x)
x = Softmax(name="shares")(x)
x = GlobalAveragePooling1D(name="mean")(x)
outputs = Dense(1, activation="sigmoid", name="said")(x)
model = Model(inputs, outputs)
model.compile(loss="binary_crossentropy")
"""


def shown(experiment: Experiment, name: str, sample: int = 3) -> tuple[str, np.ndarray]:
    identity, state = lesson_on(experiment, name, sample)
    session = open_lesson(lesson(identity), Backend(), state)
    assert session.complaint is None
    assert session.state is state, "what is on view is what was opened"
    output = session.trace.arrays.get("output_1") or session.trace.arrays["output"]
    return identity, np.asarray(output.values)


def names_of(source: str) -> list[str]:
    return [part.split('"')[0] for part in source.split('name="')[1:]]


@pytest.fixture(scope="module")
def pictures() -> Experiment:
    return trained(PICTURES, "digits")


@pytest.fixture(scope="module")
def words() -> Experiment:
    return trained(WORDS, "reviews")


@pytest.mark.parametrize("name", names_of(PICTURES))
def test_every_layer_of_pictures_opens(pictures: Experiment, name: str) -> None:
    sample = pictures.snapshot(Wanted(frozenset({"sample"}), sample=3)).sample
    assert sample is not None
    identity, output = shown(pictures, name)
    expected = sample.outputs["shares" if name == "scores" else name]
    if name == "each":  # of steps, the first
        expected = expected[0]
    np.testing.assert_allclose(output.ravel(), expected.ravel(), rtol=1e-4, atol=1e-6)
    assert identity == ("dense" if name == "scores" else "layer-at-work")


@pytest.mark.parametrize("name", names_of(WORDS))
def test_every_layer_of_a_graph_opens(words: Experiment, name: str) -> None:
    sample = words.snapshot(Wanted(frozenset({"sample"}), sample=3)).sample
    assert sample is not None
    identity, output = shown(words, name)
    np.testing.assert_allclose(output.ravel(), sample.outputs[name].ravel(), rtol=1e-4, atol=1e-6)
    assert identity == ("dense" if name == "said" else "layer-at-work")


def test_the_mean_of_steps_leaves_filling_out() -> None:
    masked = trained(
        """model = Sequential([Input((20,)), Embedding(60, 4, mask_zero=True, name="table"),
          GlobalAveragePooling1D(name="mean"), Dense(1, activation="sigmoid")])
        model.compile(loss="binary_crossentropy")
        """,
        "reviews",
    )
    sample = masked.snapshot(Wanted(frozenset({"sample"}), sample=3)).sample
    assert sample is not None
    identity, output = shown(masked, "mean")
    assert identity == "layer-at-work"
    np.testing.assert_allclose(output.ravel(), sample.outputs["mean"].ravel(), rtol=1e-5)


def test_a_layer_of_an_autoencoder_that_its_lesson_does_not_show_is_shown_at_work() -> None:
    odd = trained(
        """model = Sequential([Input((8, 8, 1)), DepthwiseConv2D(3, padding="same", name="own"),
          Conv2D(1, 3, padding="same", activation="sigmoid", name="back")])
        model.compile(loss="mse")
        """,
        "digits",
        targets="itself",
    )
    assert shown(odd, "own")[0] == "layer-at-work"


NESTED = """
inner = Sequential([Input((8, 8, 1)), Conv2D(3, 3, activation="relu", name="conv"),
  MaxPooling2D(2, name="pool"), Flatten(name="row"), Dense(4, name="own")], name="inner")
model = Sequential([Input((8, 8, 1)), ReLU(name="first"), inner,
  Dense(10, activation="softmax", name="scores")])
model.compile(loss="sparse_categorical_crossentropy")
"""


@pytest.fixture(scope="module")
def nested() -> Experiment:
    return trained(NESTED, "digits")


@pytest.mark.parametrize("name", ["conv", "pool", "row"])
def test_layers_of_a_network_within_the_network_open(nested: Experiment, name: str) -> None:
    sample = nested.snapshot(Wanted(frozenset({"sample"}), sample=3)).sample
    assert sample is not None
    identity, state = lesson_on(nested, f"inner/{name}", 3)
    session = open_lesson(lesson(identity), Backend(), state)
    assert session.complaint is None
    shown = session.trace.arrays.get("output_1") or session.trace.arrays["output"]
    expected = sample.outputs[f"inner/{name}"]
    made = np.asarray(shown.values).ravel()
    if identity == "convolution":  # its lesson shows sums, and relu comes after
        made = np.maximum(made, 0)
    np.testing.assert_allclose(made, expected.ravel(), rtol=1e-4, atol=1e-6)


def test_a_network_within_the_network_opens_at_its_first_layer(nested: Experiment) -> None:
    identity, state = lesson_on(nested, "inner", 3)
    assert identity == "convolution"
    kernel = lesson(identity).arrays(state)["kernel"]
    np.testing.assert_array_equal(kernel, nested.model.weights["inner/conv/kernel"])


def test_what_is_not_shown_of_a_network_within_the_network_is_told(nested: Experiment) -> None:
    with pytest.raises(LabError, match="no lesson on Dense"):
        lesson_on(nested, "inner/own", 0)
    with pytest.raises(LabError, match="there are inner/conv, inner/pool"):
        lesson_on(nested, "inner/gone", 0)


def test_every_kind_of_layer_has_a_lesson() -> None:
    elsewhere = {
        *("Dense", "Conv2D", "MaxPooling2D", "AveragePooling2D", "SimpleRNN", "LSTM", "GRU"),
        *("Bidirectional", "TimeDistributed", "Sequential", "Functional", "VGG16"),
    }
    assert set(LAYERS) - set(BY_KIND) <= elsewhere
