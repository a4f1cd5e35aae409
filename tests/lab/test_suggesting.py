"""Built-in data for programs of the notes, which come without any."""

from dataclasses import replace

import pytest

from simulator.data.datasets import remake
from simulator.formats.keras_reader import read
from simulator.lab import Experiment
from simulator.lab.suggesting import suggested

CNN = """
model = Sequential([Conv2D(4, 3, activation='relu', input_shape=({shape})), Flatten(),
                    Dense({units}, activation='{activation}')])
model.compile('adam', '{loss}')
"""
WORDS = """
(x_train, y_train), _ = keras.datasets.imdb.load_data(num_words=1000)
model = Sequential([Embedding(1000, 4), SimpleRNN(4), Dense(1, activation='sigmoid')])
model.compile('rmsprop', 'binary_crossentropy')
model.fit(x_train, y_train)
"""
WAVE = """
model = Sequential([LSTM(4, input_shape=(7, 1)), Dense(1)])
model.compile('adam', 'mse')
"""
SQUEEZED = """
model = Sequential([Dense(8, input_shape=(784,)), Dense(784, activation='sigmoid')])
model.compile('adam', 'binary_crossentropy')
model.fit(x_train, x_train)
"""
PLANE = """
model = Sequential([Dense(8, input_dim=2), Dense({units}, activation='{activation}')])
model.compile('adam', '{loss}')
"""
SPARSE, BINARY = "sparse_categorical_crossentropy", "binary_crossentropy"


def pictures(shape: str, units: int, activation: str = "softmax", loss: str = SPARSE) -> str:
    return CNN.format(shape=shape, units=units, activation=activation, loss=loss)


def points(units: int, activation: str, loss: str) -> str:
    return PLANE.format(units=units, activation=activation, loss=loss)


@pytest.mark.parametrize(
    ("source", "identity", "settings", "title"),
    [
        (pictures("28, 28, 1", 10), "digits", {"size": "28"}, "Handwritten digits, 28 × 28"),
        (pictures("20, 20, 1", 26), "typed-letters", {"size": 20}, "Typed letters, 20 × 20"),
        (pictures("64, 64, 3", 10), "shapes", {"size": 64}, "Coloured shapes, 64 × 64"),
        (
            *(pictures("32, 32, 3", 1, "sigmoid", BINARY), "shapes", {"classes": 2}),
            "Coloured shapes, 2 classes",
        ),
        (WORDS, "reviews", {}, "Invented film reviews"),
        (WAVE, "sine", {"length": 7}, "Sine waves, 7 steps"),
        (SQUEEZED, "digits", {"size": "28"}, "Handwritten digits, 28 × 28"),
        (points(1, "sigmoid", BINARY), "circle", {}, "Circle"),
        (points(5, "softmax", SPARSE), "blobs", {"classes": 5}, "Blobs, 5 classes"),
        (points(1, "linear", "mse"), "plane", {}, "Plane"),
    ],
)
def test_a_program_trains_on_what_suits_it(source, identity, settings, title):
    program = read(source).program
    found = suggested(program)
    assert (found.recipe.id, found.title) == (identity, title)
    assert settings.items() <= found.recipe.settings.items()
    few = {**found.recipe.settings, "samples": 60}
    trained = Experiment(program, remake(replace(found.recipe, settings=few)))
    trained.run_for(batches=1)
    assert trained.told == () or identity in ("digits", "reviews")


def test_what_the_program_speaks_of_comes_first():
    moons = "from sklearn.datasets import make_moons\nX, y = make_moons()\n" + points(
        1, "sigmoid", BINARY
    )
    assert suggested(read(moons + "model.fit(X, y)\n").program).recipe.id == "moons"


@pytest.mark.parametrize(
    "source",
    [
        "model = Sequential([Dense(3, input_shape=(4,), activation='softmax')])\n",  # a table's
        pictures("9, 9, 5", 3),
        "a, b = Input((3,)), Input((4,))\nmodel = Model([a, b], Dense(1)(Concatenate()([a, b])))",
    ],
)
def test_nothing_is_better_than_what_fits_by_its_length_alone(source):
    assert suggested(read(source).program) is None
