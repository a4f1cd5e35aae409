"""What is written is read as the same program, and is plain Python."""

import ast
import runpy
from pathlib import Path

import numpy as np
import pytest

from simulator.formats import building, made_data, presets
from simulator.formats.keras_reader import read
from simulator.formats.keras_writer import write
from simulator.formats.network import LayerSpec, sequential
from simulator.formats.program import CompileSpec, FitSpec, OptimizerSpec, ProgramSpec, made
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
