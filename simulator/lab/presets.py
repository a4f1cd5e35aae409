"""Programs to begin with: what each is about, its source, and the data that suit it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from simulator.data.datasets import Recipe, recipe
from simulator.formats.json_values import Json

Group: TypeAlias = Literal[
    "Points in the plane", "Pictures", "Autoencoders", "Sequences", "From the course"
]


@dataclass(frozen=True, slots=True)
class Preset:
    """A program in Keras with a data set."""

    id: str
    title: str
    group: Group
    summary: str
    icon: str
    source: str
    dataset: str
    settings: Mapping[str, Json] = field(default_factory=dict, hash=False)
    seed: int = 7

    @property
    def recipe(self) -> Recipe:
        """What makes its data."""
        return recipe(self.dataset, self.settings, self.seed)


def _points(hidden: str, *, epochs: int, rate: float = 0.03, batch: int = 10) -> str:
    """A binary classifier of points; ``hidden`` are the lines of its hidden layers."""
    return f"""\
from keras import Sequential
from keras.layers import Dense, Input
from keras.optimizers import Adam

model = Sequential([
    Input((2,)),
{hidden}
    Dense(1, activation="sigmoid"),
])
model.compile(Adam({rate}), loss="binary_crossentropy",
              metrics=["accuracy"])
model.fit(x_train, y_train, epochs={epochs}, batch_size={batch},
          validation_data=(x_test, y_test))
"""


DIGITS_CNN = """\
from keras import Sequential
from keras.layers import (Input, Conv2D,
    MaxPooling2D, Flatten, Dense)
from keras.optimizers import SGD

model = Sequential([
    Input((8, 8, 1)),
    Conv2D(8, 3, padding="same",
           activation="relu"),
    MaxPooling2D(2),
    Flatten(),
    Dense(10, activation="softmax"),
])
model.compile(SGD(0.1), metrics=["accuracy"],
    loss="sparse_categorical_crossentropy")
model.fit(x_train, y_train, epochs=12,
    validation_data=(x_test, y_test))
"""

_CNN_28 = """\
from keras import Sequential
from keras.layers import (Conv2D, Dense, Flatten,
    Input, MaxPooling2D)

model = Sequential([
    Input((28, 28, 1)),
    Conv2D(32, (3, 3), activation="relu"),
    MaxPooling2D((2, 2)),
    Flatten(),
    Dense(128, activation="relu"),
    Dense(10, activation="softmax"),
])
model.compile(optimizer="adam", metrics=["accuracy"],
    loss="sparse_categorical_crossentropy")
model.fit(x_train, y_train, epochs=5,
    validation_data=(x_test, y_test))
"""

_SHAPES = """\
from keras import Sequential
from keras.layers import (Conv2D, Dense, Flatten,
    Input, MaxPooling2D)

model = Sequential([
    Input((32, 32, 3)),
    Conv2D(16, 3, activation="relu"),
    MaxPooling2D(2),
    Conv2D(32, 3, activation="relu"),
    MaxPooling2D(2),
    Flatten(),
    Dense(64, activation="relu"),
    Dense(10, activation="softmax"),
])
model.compile(optimizer="adam", metrics=["accuracy"],
    loss="sparse_categorical_crossentropy")
model.fit(x_train, y_train, epochs=8,
    validation_data=(x_test, y_test))
"""

_AUTOENCODER = """\
from keras import Sequential
from keras.layers import Dense, Flatten, Input, Reshape

model = Sequential([
    Input((8, 8, 1)),
    Flatten(),
    Dense(32, activation="relu"),
    Dense(2),
    Dense(32, activation="relu"),
    Dense(64, activation="sigmoid"),
    Reshape((8, 8, 1)),
])
model.compile(optimizer="adam", loss="mse")
model.fit(x_train, x_train, epochs=30,
    validation_data=(x_test, x_test))
"""

_DENOISER = """\
from keras import Sequential
from keras.layers import Conv2D, Input

model = Sequential([
    Input((8, 8, 1)),
    Conv2D(16, 3, padding="same", activation="relu"),
    Conv2D(16, 3, padding="same", activation="relu"),
    Conv2D(1, 3, padding="same", activation="sigmoid"),
])
model.compile(optimizer="adam", loss="mse")
model.fit(x_train, x_train, epochs=15,
    validation_data=(x_test, x_test))
"""


def _sequence(layer: str, *, loss: str = "mse", epochs: int = 20, length: int = 25) -> str:
    """One recurrent layer and one number that comes out."""
    kind = layer.partition("(")[0]
    return f"""\
from keras import Sequential
from keras.layers import {", ".join(sorted({"Dense", "Input", kind}))}

model = Sequential([
    Input(({length}, 1)),
    {layer},
    Dense(1),
])
model.compile(optimizer="adam", loss="{loss}")
model.fit(x_train, y_train, epochs={epochs}, batch_size=32,
          validation_data=(x_test, y_test))
"""


def _adding(layer: str) -> str:
    """The adding problem at length 50: two series go in, one sum comes out."""
    kind = layer.partition("(")[0]
    return f"""\
from keras import Sequential
from keras.layers import {", ".join(sorted({"Dense", "Input", kind}))}
from keras.optimizers import Adam

model = Sequential([
    Input((50, 2)),
    {layer},
    Dense(1),
])
model.compile(Adam(0.01, clipnorm=1.0), loss="mse")
model.fit(x_train, y_train, epochs=30, batch_size=32,
          validation_data=(x_test, y_test))
"""


_WAVE_KINDS = """\
from keras import Sequential
from keras.layers import GRU, Dense, Input

model = Sequential([
    Input((40, 1)),
    GRU(16),
    Dense(4, activation="softmax"),
])
model.compile(optimizer="adam", metrics=["accuracy"],
    loss="sparse_categorical_crossentropy")
model.fit(x_train, y_train, epochs=20,
    validation_data=(x_test, y_test))
"""

_TWO_LAYERS = """\
    Dense(8, activation="tanh"),
    Dense(8, activation="tanh"),"""

PRESETS: tuple[Preset, ...] = (
    Preset(
        *("digits-cnn", "Digits, a small CNN", "Pictures"),
        "Eight filters learn strokes of handwritten digits.",
        *("image", DIGITS_CNN, "digits"),
    ),
    Preset(
        *("circle", "Circle in a ring", "Points in the plane"),
        "Three neurons cut the ring out of the plane.",
        "activity",
        _points('    Dense(4, activation="tanh"),', epochs=30),
        "circle",
    ),
    Preset(
        *("exclusive-or", "Exclusive or", "Points in the plane"),
        "What one straight line can’t tell apart, two can.",
        "activity",
        _points('    Dense(4, activation="tanh"),', epochs=30),
        "exclusive-or",
    ),
    Preset(
        *("spiral", "Two spirals", "Points in the plane"),
        "A boundary that winds: it takes two hidden layers.",
        "activity",
        _points(
            '    Dense(32, activation="relu"),\n    Dense(32, activation="relu"),',
            epochs=200,
            rate=0.01,
        ),
        "spiral",
    ),
    Preset(
        *("moons", "Two moons", "Points in the plane"),
        "Noise blurs the boundary: watch it overfit.",
        "activity",
        _points(_TWO_LAYERS, epochs=40),
        "moons",
        {"noise": 0.2},
    ),
    Preset(
        *("digits-28", "Digits, 28 × 28", "Pictures"),
        "The course’s network, on digits enlarged to 28 × 28.",
        *("image", _CNN_28, "digits", {"size": "28"}),
    ),
    Preset(
        *("shapes", "Coloured shapes", "Pictures"),
        "Two convolutions tell ten shapes apart.",
        *("image", _SHAPES, "shapes", {"size": 32}),
    ),
    Preset(
        *("autoencoder", "Digits through two numbers", "Autoencoders"),
        "Each digit is squeezed into two numbers and drawn again.",
        *("layers", _AUTOENCODER, "digits", {"targets": "itself"}),
    ),
    Preset(
        *("denoiser", "Noise off digits", "Autoencoders"),
        "Noisy pictures go in, clean ones are asked for.",
        *("layers", _DENOISER, "digits", {"targets": "clean", "noise": 0.3}),
    ),
    Preset(
        *("sine-lstm", "A wave, continued", "Sequences"),
        "An LSTM reads a wave and tells its next value.",
        *("activity", _sequence("LSTM(16)"), "sine", {"length": 25}),
    ),
    Preset(
        *("adding-lstm", "Adding problem, LSTM", "Sequences"),
        "Two marked numbers of fifty are to be added: it remembers.",
        *("activity", _adding("LSTM(32)"), "adding", {"length": 50, "samples": 4000}),
    ),
    Preset(
        *("adding-rnn", "Adding problem, SimpleRNN", "Sequences"),
        "The same without gates: the gradient fades on the way.",
        *("activity", _adding("SimpleRNN(32)"), "adding", {"length": 50, "samples": 4000}),
    ),
    Preset(
        *("wave-kinds", "Kinds of waves", "Sequences"),
        "A GRU names the kind of a wave.",
        *("activity", _WAVE_KINDS, "wave-kinds", {"length": 40}),
    ),
)
"""All presets, in the order of the gallery."""


BY_ID: Mapping[str, Preset] = {each.id: each for each in PRESETS}
