"""Every program of a course from the paste to the project file, through the lab's core: read, bound
to data, trained, looked at, taken back, branched, kept, opened, and on from there bit for bit.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simulator.data.datasets import Dataset
from simulator.formats import project_file
from simulator.formats.keras_reader import read
from simulator.formats.program import ProgramSpec
from simulator.lab import VIEWS, Experiment, SetLearningRate, Wanted
from simulator.lab.projects import experiment_of, own_data, project_of
from tests.lab.pasted import PASTED
from tests.lab.test_pasted_programs import TRAINED, data, folder

__all__ = ["folder"]

EXAMPLES = Path(__file__).parents[2] / "examples"
COURSE = [
    pytest.param(path.stem, marks=pytest.mark.slow) if path.stem == "vgg16_frozen" else path.stem
    for path in sorted(EXAMPLES.glob("*.py"))
]
EVERY_VIEW = Wanted(frozenset(VIEWS), sample=0, samples=(0, 1))
BATCH = 2
"""Samples of a batch: here it is the way that counts."""


def program_of(source: str) -> ProgramSpec:
    reading = read(source)
    assert reading.problems == ()
    assert reading.program is not None
    return replace(reading.program, fit=replace(reading.program.fit, batch_size=BATCH, epochs=1000))


def bits(experiment: Experiment) -> dict[str, bytes]:
    """Weights, what the optimizer gathered, and the generator's state."""
    state = experiment.timeline.checkpoint().state
    arrays = {**state.weights, **{f"optimizer {k}": v for k, v in (state.optimizer or {}).items()}}
    found = {name: np.asarray(each).tobytes() for name, each in arrays.items()}
    return {**found, "rng": repr(state.rng).encode()}


def go_the_whole_way(program: ProgramSpec, dataset: Dataset | None, file: Path) -> None:
    arrays = own_data(program)
    chosen = None if arrays is not None else dataset

    def fresh() -> Experiment:
        return Experiment(program, chosen, arrays=arrays, backend="numpy")

    experiment = fresh()
    experiment.timeline.run.data = experiment.timeline.run.data[: 3 * BATCH]
    if experiment.timeline.run.validation is not None:
        experiment.timeline.run.validation = experiment.timeline.run.validation[: 2 * BATCH]
    begun = bits(experiment)
    experiment.run_for(batches=1)
    after_one = bits(experiment)
    assert after_one != begun
    experiment.run_for(batches=1)
    after_two = bits(experiment)
    seen = experiment.snapshot(EVERY_VIEW)
    assert seen.step == 2
    assert seen.standing is not None
    assert np.isfinite(seen.standing.loss)
    assert experiment.go_to(1)
    assert bits(experiment) == after_one
    assert experiment.go_to(0)
    assert bits(experiment) == begun
    assert experiment.go_to(1)
    experiment.do(SetLearningRate(0.0005))
    assert experiment.timeline.branch.number == 1
    experiment.run_for(batches=1)
    branched = bits(experiment)
    assert branched != after_two

    project_file.save(project_of(experiment, source="# as it was pasted"), file)
    again = experiment_of(project_file.load(file), backend="numpy", make=lambda _: dataset)
    again.timeline.run.data = experiment.timeline.run.data
    again.timeline.run.validation = experiment.timeline.run.validation
    assert bits(again) == branched
    for each in (experiment, again):
        each.run_for(batches=1)
    assert bits(again) == bits(experiment)
    for each in (experiment, again):
        assert each.go_to(2, 0)
    assert bits(again) == bits(experiment) == after_two
    again.snapshot(EVERY_VIEW)


@pytest.mark.parametrize("name", COURSE)
def test_a_course_program_goes_the_whole_way(name: str, tmp_path: Path) -> None:
    source = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8")
    if name == "vgg16_frozen":
        source = source.replace("224, 224", "32, 32")  # pictures of another size, all else the same
        assert "32, 32" in source
    program = program_of(source)
    assert own_data(program) is not None, "it makes its data itself"
    go_the_whole_way(program, None, tmp_path / "course.simulator")


@pytest.mark.parametrize("name", TRAINED)
def test_a_pasted_program_goes_the_whole_way(name: str, folder: str, tmp_path: Path) -> None:
    pasted = PASTED[name]
    dataset = data(pasted.data, folder)
    go_the_whole_way(program_of(pasted.source), dataset, tmp_path / "pasted.simulator")
