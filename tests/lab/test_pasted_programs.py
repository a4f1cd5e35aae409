"""Programs as students paste them: read, bound to data, and trained with a batch; or refused."""

from functools import cache

import numpy as np
import pytest

from simulator.data.datasets import Dataset, make
from simulator.formats.keras_reader import read
from simulator.formats.keras_writer import write
from simulator.lab import VIEWS, Experiment, LabError, Wanted
from tests.lab.pasted import PASTED

READ = [name for name, pasted in PASTED.items() if not pasted.refused]
TRAINED = [name for name in READ if PASTED[name].data]


@cache
def data(name: str, folder: str) -> Dataset:
    """A small data set; "four" is a table with four columns and three classes."""
    if name == "four":
        path = f"{folder}/four.csv"
        with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123
            file.writelines(f"{n % 7},{n % 5},{n % 3},{n % 11},{'abc'[n % 3]}\n" for n in range(60))
        return make("own-table", {"path": path})
    if name == "small digits":
        return make("typed-digits", {"samples": 60})
    return make(name, {"samples": 60})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("pasted"))


@pytest.mark.parametrize("name", READ)
def test_it_is_read_and_what_was_assumed_is_told(name: str) -> None:
    pasted, reading = PASTED[name], read(PASTED[name].source)
    assert reading.problems == ()
    assert reading.program is not None
    assert " ".join(layer.kind for layer in reading.program.network.layers) == pasted.kinds
    told = "\n".join(each.text for each in reading.notices)
    for part in pasted.told:
        assert part in told
    again = read(write(reading.program)).program
    assert again is not None
    assert again.network == reading.program.network, "cards and source stay in step"
    assert again.data is not None
    if reading.program.data is not None:
        assert again.data.itself == reading.program.data.itself


@pytest.mark.parametrize("name", TRAINED)
def test_it_trains_and_every_view_has_something_to_show(name: str, folder: str) -> None:
    pasted = PASTED[name]
    program = read(pasted.source).program
    assert program is not None
    experiment = Experiment(program, data(pasted.data, folder), backend="numpy")
    assert pasted.bound in " ".join(experiment.told)
    before = {key: each.copy() for key, each in experiment.model.weights.items()}
    experiment.run_for(batches=1)
    assert any((before[key] != each).any() for key, each in experiment.model.weights.items())
    seen = experiment.snapshot(Wanted(frozenset(VIEWS), sample=0, samples=(0, 1)))
    assert seen.standing is not None
    assert np.isfinite(seen.standing.loss)


@pytest.mark.parametrize("name", [name for name in PASTED if PASTED[name].refused])
def test_it_is_refused_by_line_with_reason_and_what_is_possible(name: str) -> None:
    reading = read(PASTED[name].source)
    assert reading.program is None
    assert len(reading.problems) == len(PASTED[name].refused), "one mistake is one problem"
    for problem, (line, text, to_do) in zip(reading.problems, PASTED[name].refused, strict=True):
        assert problem.line == line
        assert text in problem.text
        assert to_do in problem.to_do


def test_what_comes_after_the_training_is_left_out() -> None:
    source = "m = Sequential([Dense(1)])\nm.compile('adam', 'mse')\nm.fit(a, b)\nc = zqx + 1\n"
    reading = read(source)
    assert reading.program is not None
    assert any("comes after the training" in each.text for each in reading.notices)
    assert read(source.replace("m.fit(a, b)\n", "")).program is None


def test_an_autoencoder_is_bound_to_its_own_inputs(folder: str) -> None:
    program = read(PASTED["autoencoder functional"].source).program
    assert program is not None
    experiment = Experiment(program, data("small digits", folder), backend="numpy")
    run = experiment.timeline.run
    np.testing.assert_array_equal(run.data.x[0], run.data.y[0])
    assert run.data.y[0].shape[1:] == (784,)


def test_shapes_of_several_inputs_have_to_be_told() -> None:
    source = (
        "a = Input(shape=(n_a,))\nb = Input(shape=(n_b,))\n"
        "m = Model([a, b], Dense(1)(Concatenate()([a, b])))"
    )
    (problem,) = read(source).problems
    assert problem.line == 1
    assert "of several inputs the data cannot tell it" in problem.text
    assert "Input(shape=(20,))" in problem.to_do


def test_a_learner_s_own_data_are_never_replaced(folder: str) -> None:
    program = read(PASTED["two inputs"].source).program
    assert program is not None
    with pytest.raises(LabError, match="choose data with as many inputs of these shapes"):
        Experiment(program, data("four", folder), backend="numpy")
