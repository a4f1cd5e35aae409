"""What is read of the programs in course notes, and what is said of what cannot be read."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from simulator.formats import building, made_data
from simulator.formats.keras_reader import read
from tests.formats.notes import NOTES, Note

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


@pytest.mark.parametrize("name", NOTES)
def test_notes_are_read(name: str) -> None:
    note: Note = NOTES[name]
    reading = read(note.source)
    assert reading.problems == ()
    assert reading.program is not None
    network = reading.program.network
    assert " ".join(layer.kind for layer in network.layers) == note.kinds
    if note.parameters is not None:
        assert building.facts(network).parameters == note.parameters
    told = " ".join(notice.text for notice in reading.notices)
    for part in note.told:
        assert part in told
    assert tuple(each.name for each in reading.assumptions) == note.assumed
    if name.startswith("damage"):
        again = read(reading.source)
        assert again.program == reading.program
        assert not [each for each in again.notices if each.kind == "repaired"]


@pytest.mark.parametrize("name", [name for name in NOTES if not name.startswith("damage")])
def test_whole_notes_are_not_touched(name: str) -> None:
    assert read(NOTES[name].source).source == NOTES[name].source


@pytest.mark.parametrize("name", [name for name in NOTES if "vgg16" not in name])
def test_every_note_trains(name: str) -> None:
    """One batch, on its own data or on random ones of the shape that its network takes."""
    shape = (10,) if NOTES[name].kinds.startswith("Embedding") else (10, 3)
    program = read(NOTES[name].source, {"input_shape": shape}).program
    assert program is not None
    model = building.build(program.network, seed=0)
    building.compile_model(model, program.compile)
    rng = np.random.default_rng(0)
    if program.data is not None and program.data.made_up:
        x, y = (made_data.compute(each)[:4] for each in (program.data.x, program.data.y))
    else:
        shapes = [(4, *(n or 5 for n in port.shape)) for port in model.ports[0]]
        x = [rng.random(shape, np.float32) for shape in shapes]
        if program.network.layers[0].kind == "Embedding":
            x = [rng.integers(0, 1000, shape) for shape in shapes]
        shape = tuple(length or 5 for length in model.ports[1][0].shape)
        y = rng.integers(0, 2, (4, *shape))
        if "sparse" in str(program.compile.loss):
            y = y[..., 0]
    before = model.get_weights()
    model.fit(x if len(x) != 1 else x[0], y, epochs=1, verbose=0)
    assert any((a != b).any() for a, b in zip(before, model.get_weights(), strict=True))


def test_text_that_is_not_damaged_comes_back_to_the_last_space() -> None:
    source = "model = Sequential()  \n\n  # a remark \nmodel.add(Dense(1, input_shape=(2,)))   \n\n"
    assert read(source).source == source
    assert not [each for each in read(source).notices if each.kind == "repaired"]


def test_damage_of_all_kinds_at_once() -> None:
    source = """
    Chapter 4 – Recurrent networks
    1  from tensorﬂow.keras.models import Sequential
    2  from tensorﬂow.keras.layers import LSTM,
    3  Dense
    4  model = Sequential()
    5  model.add(LSTM(50, activation=‘relu’, input shape=(10, 1)))
    6  model.add(Dense(1, activation=“sig-
    7  moid”))
    8  model.compile(optimizer=Adam(learning rate=1e−3), loss=’binary crossentropy’,
    9  metrics=[’accuracy’])
    10 model.ﬁt(X train, y train, epochs=20, batch size=16, validation data=(X test, y test)
    """
    reading = read(source)
    assert reading.problems == ()
    program = reading.program
    assert program is not None
    assert building.facts(program.network).parameters == 10_451
    assert program.compile.optimizer.arguments == {}
    assert program.compile.loss == "binary_crossentropy"
    assert program.network.layers[1].arguments["activation"] == "sigmoid"
    assert (program.fit.epochs, program.fit.batch_size, program.fit.validation) == (20, 16, True)


def test_places_lead_to_the_layers() -> None:
    reading = read(NOTES["colour pictures"].source)
    span = reading.places["dense"]
    line = reading.source.split("\n")[span.line - 1]
    assert line[span.column : span.end_column] == "layers.Dense(128, activation='relu')"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_examples_are_read_as_they_stand(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    reading = read(source)
    assert reading.source == source.rstrip("\n") + "\n"
    assert reading.problems == ()
    assert reading.program is not None
    assert reading.program.data is not None
    assert reading.program.data.made_up
    x = made_data.shape_of(reading.program.data.x)
    assert x[1:] == reading.program.network.inputs[0].shape


def test_made_up_data_are_what_the_program_makes() -> None:
    source = (EXAMPLES / "wave_forecast_lstm.py").read_text(encoding="utf-8")
    program = read(source).program
    assert program is not None
    assert program.data is not None
    wave = np.sin(np.linspace(0, 20, 120))
    x = np.array([wave[start : start + 10] for start in range(100)]).reshape(100, 10, 1)
    np.testing.assert_allclose(made_data.compute(program.data.x), x, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(made_data.compute(program.data.y), wave[10:110], atol=1e-7)
    source = (EXAMPLES / "sequence_classes_rnn.py").read_text(encoding="utf-8")
    program = read(source).program
    assert program is not None
    assert program.data is not None
    drawn = made_data.compute(program.data.x, seed=5)
    classes = made_data.compute(program.data.y, seed=5)
    assert drawn.shape == (100, 10, 8)
    np.testing.assert_array_equal(classes, drawn[:, :, 0].astype(float).sum(axis=1) > 0)
    assert not np.array_equal(drawn, made_data.compute(program.data.x, seed=6))


def test_names_that_a_fragment_does_not_set_are_assumed_or_left_out() -> None:
    """As the last lines of many notes have them, whatever is set in cells that were not copied."""
    reading = read(
        "model.add(LSTM(8, activation=activation, kernel_regularizer=l2(weight_decay), "
        "input_shape=(steps, 1)))\n"
        "model.add(Dense(1, activation='sigmoid'))\n"
        "model.compile(loss=loss_fn, optimizer=optimizer, metrics=metrics)\n"
        "model.fit(X_train, y_train, epochs=epochs, verbose=verbose, callbacks=callbacks_list,\n"
        "          class_weight=weights, shuffle=SHUFFLE, steps_per_epoch=steps_per_epoch)\n"
    )
    assert reading.problems == ()
    assert reading.program is not None
    told = {notice.text.partition(":")[0]: notice for notice in reading.notices}
    for name, kind in (
        ("activation is not told", "assumed"),
        ("weight_decay is not told", "assumed"),
        ("The loss is not told", "assumed"),
        ("optimizer is not told", "assumed"),
        ("metrics is not told", "assumed"),
        ("epochs is not told", "assumed"),
        ("callbacks_list is not told", "assumed"),
        ("class_weight is left out", "ignored"),
        ("SHUFFLE is not told", "assumed"),
        ("steps_per_epoch is left out", "ignored"),
    ):
        assert told[name].kind == kind
    assert not [each for each in told if "verbose" in each]
    lstm = reading.program.network.layers[0]
    assert lstm.arguments["activation"] == "relu"
    assert lstm.arguments["kernel_regularizer"]["config"] == {"l2": 0.0001}
    assert reading.program.compile.loss == "binary_crossentropy"
    assert reading.program.compile.optimizer.kind == "Adam"
    assert reading.program.compile.metrics == ()
    assert (reading.program.fit.epochs, reading.program.fit.callbacks) == (10, ())


def test_shapes_are_asked_for_again_and_again_in_little_time() -> None:
    """Each layer's is worked out once: the longest loop that is read would take minutes else."""
    reading = read(
        "inputs = Input((4,))\nx = inputs\nfor i in range(1500):\n    x = Dense(x.shape[-1])(x)\n"
        "model = Model(inputs, x)\n",
    )
    assert reading.problems == ()
    assert reading.program is not None
    units = [layer.arguments["units"] for layer in reading.program.network.layers]
    assert units == [4] * 1500


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        ("LSTM(input_dim=3, output_dim=5)", (None, 3)),
        ("GRU(5, input_dim=3, input_length=7)", (7, 3)),
        ("Convolution1D(5, 2, input_dim=3)", (None, 3)),
        ("Dense(5, input_dim=3)", (3,)),
    ],
)
def test_input_dim_is_what_it_was_in_older_versions(layer: str, shape: tuple[int, ...]) -> None:
    reading = read(f"model = Sequential()\nmodel.add({layer})\n")
    assert reading.program is not None
    assert reading.program.network.inputs[0].shape == shape


REFUSED = [
    ("model = Sequential([Dense(3, activation=lambda x: x)])", 1, "Functions of your own"),
    ("class Net(keras.Model):\n    pass", 1, "Classes of your own"),
    ("import torch", 1, "another framework"),
    ("model = Sequential([Conv3D(3, 3)])", 1, "The layer Conv3D is not here"),
    ("model = Sequential([Denes(3)])", 1, "The name Denes is used but never set. Did you mean"),
    ("model = Sequential([layers.Denes(3)])", 1, "Did you mean 'Dense'?"),
    ("model = Sequential([\n    Dense(3),\n    Dense(0),\n])", 3, "units is 0"),
    ("model = Sequential([\n    Dense(3,\n        activaton='relu')])", 3, "activaton"),
    ("model = Sequential([Dense(3, input_shape=(2,)),\n    Conv2D(3, 3)])", 2, "conv2d (Conv2D)"),
    ("x = eval('1 + 1')", 1, "eval is not read"),
    ("__import__('os').system('ls')", 1, "__import__ is not read"),
    ("x = 10 ** 10 ** 10", 1, "too large"),
    ("x = [1] * 10 ** 9", 1, "too long"),
    ("while True:\n    pass", 1, "while is not read"),
    ("model = Sequential([Dense(1)])\nmodel.compile(optimizer='adan', loss='mse')", 2, "'adam'"),
    ("model = Sequential([Dense(1)])\nmodel.compile(loss='categorial_crossentropy')", 2,
     "'categorical_crossentropy'"),
    ("model = Sequential([Dense(1)])\nmodel.compile('adam', 'mse', ['acuracy'])", 2, "'accuracy'"),
    ("model = Sequential([Dense(1)])\nmodel.compile('adam', 'mse')\nmodel.fit(x, y, epoch=3)", 3,
     "no argument 'epoch'"),
    ("model = Sequential([Dense(1)])\nmodel.compile('adam', 'mse')\nmodel.fit(x, y, epochs=0)", 3,
     "epochs is 0"),
    ("x = Input((3,))\ny = Dense(2)(x)\nz = Input((3,))\nm = Model(z, y)", 1, "not among"),
    ("x = Dense(2)(3)", 1, "no output of a layer"),
    ("base = ResNet50()", 1, "ResNet50"),
    ("print('hello')", 1, "No network is made"),
    ("model = Sequential(", 1, "no layers"),
    ("x = = 3", 1, "no Python"),
    ("def f(): return f()\nf()", 1, "too deep"),
    ("for i in range(100000):\n    for j in range(1000):\n        a = i * j", 1, "too long"),
    ("m = Sequential([Dense(2, name='a'), Dense(2, name='a')])", 1, "Two layers are called 'a'"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "line", "told"), REFUSED)
def test_what_is_outside_is_refused_by_place(source: str, line: int, told: str) -> None:
    reading = read(source)
    assert reading.program is None
    found = [each for each in reading.problems if told in each.text]
    assert found, reading.problems
    assert found[0].line == line or line == 1
    for each in reading.problems:
        assert each.text.endswith((".", "?"))
        assert (each.line, each.column) <= each.end
        assert "\n" not in each.text + each.to_do


def test_several_problems_are_told_at_once() -> None:
    source = "m = Sequential()\nm.add(Dense(0))\nm.add(Conv3D(1))\nm.compile(loss='x')\nm.fit(x, y)"
    assert [each.line for each in read(source).problems] == [2, 3, 4]


def test_one_mistake_is_one_problem() -> None:
    source = """
inputs = keras.Input(shape=(8, 8, 1))
x = layers.Conv3D(4, 3)(inputs)
x = layers.Flatten()(x)
x = layers.concatenate([x, x])
outputs = layers.Dense(1)(x)
model = keras.Model(inputs, outputs)
model.compile("adam", "mse")
model.fit(X, y)
"""
    assert [each.line for each in read(source).problems] == [3]


def test_an_empty_text_is_no_problem() -> None:
    for source in ("", "\n\n", "# nothing yet\n"):
        reading = read(source)
        assert reading.program is None
        assert reading.problems == ()


def test_given_values_are_taken_in_place_of_assumptions() -> None:
    source = "model = Sequential([Flatten(), Dense(num_classes, activation='softmax')])"
    reading = read(source, {"num_classes": 4, "input_shape": (8, 8, 1)})
    assert reading.assumptions == ()
    assert reading.program is not None
    assert building.facts(reading.program.network).parameters == 4 * 64 + 4


def test_shapes_that_the_data_tell_are_left_open() -> None:
    source = NOTES["split and validation"].source
    reading = read(source)
    assert reading.program is not None
    assert reading.program.network.inputs[0].shape is None
    assert reading.program.fit.validation
    given = read(source, {"input_shape": (10, 1)}).program
    assert given is not None
    assert building.facts(given.network).parameters == 66_689


def test_the_seed_and_the_validation_are_kept() -> None:
    program = read(
        "tf.random.set_seed(7)\nm = Sequential([Dense(1)])\nm.compile('adam', 'mse')\n"
        "m.fit(X_train, y_train, validation_data=(X_test, y_test), shuffle=False)"
    ).program
    assert program is not None
    assert program.seed == 7
    assert program.fit.validation
    assert not program.fit.shuffle
    assert program.data is not None
    assert program.data.variables == ("X_train", "y_train", "X_test", "y_test")


WATCHED: list[str] = []
WATCHING = [False]


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    harmless = ("compile", "object.__getattr__", "marshal", "sys._getframe")
    if event == "open" and arguments[0] == "<unknown>":
        return  # the parser looks for the line of an error in a file that is none
    if WATCHING[0] and not event.startswith(harmless):
        WATCHED.append(event)


sys.addaudithook(_watch)

MALICIOUS = """
import os, subprocess, pickle, ctypes
os.system("touch /tmp/run")
subprocess.run(["touch", "/tmp/run"])
open("/tmp/run", "w").write("x")
exec("import os")
eval("__import__('os').system('ls')")
[x for x in ().__class__.__bases__[0].__subclasses__()]
().__class__
print(__import__("os").getcwd())
f"{open('/tmp/run')}"
def build():
    os.remove("/tmp/run")
    return Sequential([Dense(os.system("ls"))])
build()
pickle.loads(b"cos\\nsystem\\n(S'ls'\\ntR.")
model = Sequential([Dense(2, activation=os.system)])
model.compile(loss=open, optimizer=exec)
model.fit(open("/etc/passwd").read(), eval("1"))
"""


def test_no_pasted_code_is_ever_run() -> None:
    read(MALICIOUS)  # whatever is loaded late is loaded now
    for source in (MALICIOUS, *MALICIOUS.split("\n")):
        WATCHED.clear()
        WATCHING[0] = True
        try:
            read(source)
        finally:
            WATCHING[0] = False
        assert WATCHED == [], source
    assert not Path("/tmp/run").exists()
    assert not re.search(r"touch", str(read(MALICIOUS).program))


@pytest.mark.parametrize("length", [0, -1, 10**9])
def test_a_shape_of_no_length_or_of_one_beyond_all_is_told_its_bounds(length: int) -> None:
    (problem,) = read(f"model = Sequential([Dense(1, input_shape=({length},))])").problems
    assert "must hold whole numbers from 1 to 10,000,000" in problem.text
