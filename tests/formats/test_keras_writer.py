"""What is written is read as the same program, and is plain Python."""

import ast
import runpy
from pathlib import Path

import numpy as np
import pytest

from simulator.engine.seeds import set_random_seed
from simulator.formats import building, made_data, presets
from simulator.formats.keras_reader import read
from simulator.formats.keras_writer import write
from simulator.formats.network import LayerSpec, sequential
from simulator.formats.program import CompileSpec, FitSpec, OptimizerSpec, ProgramSpec, made
from simulator.lab import Experiment, Wanted
from simulator.lab.projects import own_data
from tests.formats.notes import NOTES


@pytest.mark.parametrize("name", NOTES)
def test_notes_there_and_back(name: str) -> None:
    program = read(NOTES[name].source).program
    assert program is not None
    source = write(program)
    ast.parse(source)
    reading = read(source)
    assert reading.problems == ()
    assert reading.program is not None
    assert reading.program.network == program.network
    assert reading.program.compile == program.compile
    assert reading.program.fit == program.fit
    assert reading.program.seed == program.seed
    assert reading.source == source
    again = write(reading.program)
    assert again == source or program.data is None


def test_made_up_data_there_and_back() -> None:
    for name in ("made-up sequences", "exclusive or", "windows of a wave"):
        program = read(NOTES[name].source).program
        assert program is not None
        assert program.data is not None
        again = read(write(program)).program
        assert again is not None
        assert again.data is not None
        for x, y in ((program.data.x, again.data.x), (program.data.y, again.data.y)):
            np.testing.assert_array_equal(made_data.compute(x, 3), made_data.compute(y, 3))


def test_what_is_written_runs(tmp_path: Path) -> None:
    program = read(NOTES["exclusive or"].source).program
    assert program is not None
    source = write(program).replace("import keras\n", "import simulator.engine as keras\n")
    source = source.replace("from keras import", "from simulator.engine import")
    path = tmp_path / "program.py"
    path.write_text(source, encoding="utf-8")
    set_random_seed(1)  # of one beginning in sixty nothing is learned: it has four units
    names = runpy.run_path(str(path))
    assert names["model"].count_params() == 17
    assert names["model"].history.history["loss"][-1] < 0.2


def test_objects_are_written_as_calls() -> None:
    layers = [
        LayerSpec("Dense", "hidden layer", {
            "units": 4,
            "kernel_regularizer": made("L2", l2=0.01),
            "kernel_initializer": made("Constant", value=0.1),
            "activation": made("leaky_relu", negative_slope=0.1),
        }),
        LayerSpec("Dense", "dense", {"units": 1}),
    ]  # fmt: skip
    rate = made("CosineDecay", initial_learning_rate=0.1, decay_steps=100)
    program = ProgramSpec(
        sequential(layers, shape=(3,)),
        CompileSpec(
            OptimizerSpec("SGD", {"learning_rate": rate}),
            made("BinaryCrossentropy", from_logits=True),
            ("accuracy", made("BinaryAccuracy", threshold=0.0)),
        ),
        FitSpec(2, 8, class_weight={"0": 1.0, "1": 2.5}, shuffle=False,
                callbacks=(made("EarlyStopping", patience=3),)),
        seed=11,
    )  # fmt: skip
    again = read(write(program)).program
    assert again is not None
    assert again.network == program.network
    assert again.compile == program.compile
    assert again.fit == program.fit
    assert again.seed == 11


@pytest.mark.parametrize("identity", presets.PRESETS)
def test_presets_there_and_back(identity: str) -> None:
    program = presets.PRESETS[identity].program
    again = read(write(program)).program
    assert again is not None
    assert again.network == program.network
    assert again.compile == program.compile
    assert again.fit == program.fit
    building.facts(program.network)


HEADS = """
i = Input((4,))
a = Dense(3, activation="softmax", name="a")(i)
b = Dense(1, name="b")(i)
m = Model(i, {outputs})
m.compile("adam", {loss}, {rest})
m.fit(np.random.normal(size=(20, 4)), {targets}, epochs=1)
"""
KINDS, SIZES = "np.random.randint(0, 3, (20,))", "np.random.normal(size=(20, 1))"
SPARSE = "sparse_categorical_crossentropy"


@pytest.mark.parametrize(
    ("outputs", "loss", "rest", "targets", "expected"),
    [
        (
            "[a, b]", f"['{SPARSE}', 'mse']",
            "loss_weights=[1, 0.5], metrics=['accuracy', ['mae', 'mse']]", f"[{KINDS}, {SIZES}]",
            CompileSpec(OptimizerSpec("Adam"), (SPARSE, "mse"),
                        (("accuracy",), ("mae", "mse")), (1.0, 0.5)),
        ),
        (
            "[a, b]", f"dict(b='mse', a='{SPARSE}')",
            "loss_weights={'b': 0.5}, metrics={'b': 'mae'}", f"{{'b': {SIZES}, 'a': {KINDS}}}",
            CompileSpec(OptimizerSpec("Adam"), {"a": SPARSE, "b": "mse"},
                        {"a": (), "b": ("mae",)}, {"a": 1.0, "b": 0.5}),
        ),
        (
            "{'kind': a, 'size': b}", f"{{'kind': '{SPARSE}', 'size': keras.losses.Huber()}}",
            "metrics={'kind': ['accuracy']}", f"{{'size': {SIZES}, 'kind': {KINDS}}}",
            CompileSpec(OptimizerSpec("Adam"), {"a": SPARSE, "b": made("Huber")},
                        {"a": ("accuracy",), "b": ()}),
        ),
        (
            "[a, b]", f"['{SPARSE}', 'mse']", "metrics=['accuracy']", f"[{KINDS}, {SIZES}]",
            CompileSpec(OptimizerSpec("Adam"), (SPARSE, "mse"), (("accuracy",), ("accuracy",))),
        ),
    ],
)  # fmt: skip
def test_what_each_output_is_trained_for_there_and_back(
    outputs: str, loss: str, rest: str, targets: str, expected: CompileSpec
) -> None:
    source = HEADS.format(outputs=outputs, loss=loss, rest=rest, targets=targets)
    reading = read(source)
    assert reading.problems == ()
    assert reading.program is not None
    assert reading.program.compile == expected
    again = read(write(reading.program)).program
    assert again is not None
    assert again.compile == expected
    assert again.data is not None
    assert reading.program.data is not None
    first, second = (made_data.compute_each(each.data.y, 3) for each in (reading.program, again))
    for one, other in zip(*(list(y.values()) if isinstance(y, dict) else y
                            for y in (first, second)), strict=True):  # fmt: skip
        np.testing.assert_array_equal(one, other)
    experiment = Experiment(again, arrays=own_data(again), backend="numpy")
    experiment.run_for(batches=1)
    logs = experiment.snapshot(Wanted(frozenset({"standing"}))).standing
    assert logs is not None
    assert np.isfinite(logs.loss)


@pytest.mark.parametrize(
    ("loss", "rest", "told"),
    [
        ("['mse']", "", "loss: There are 1 for 2 outputs: give one for each of a, b"),
        ("{'a': 'mse', 'c': 'mse'}", "", "loss: There is no output 'c': the outputs are a, b"),
        ("'mse'", "loss_weights=0.5", "loss_weights: There are 1 for 2 outputs"),
        ("'mse'", "loss_weights=[1, 'x']", "A loss weight is 'x': it must be a number"),
        ("'mse'", "metrics={'c': ['mae']}", "metrics: There is no output 'c'"),
        ("['mse', ['mse']]", "", "The loss of an output is"),
        ("{'a': None}", "", "No output has a loss"),
    ],
)
def test_what_fits_no_output_is_underlined_where_it_stands(loss: str, rest: str, told: str) -> None:
    source = HEADS.format(outputs="[a, b]", loss=f"loss={loss}", rest=rest, targets="y")
    (problem,) = read(source).problems
    assert problem.line == 6
    assert problem.text.startswith(told)
    line = source.split("\n")[5]
    assert line[problem.column :].startswith((rest or "loss=").partition("=")[0])
