"""Twins through a project file and back, where they stood, and on from there bit for bit."""

import json
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.formats import project_file
from simulator.formats.program import OptimizerSpec
from simulator.lab import Experiment, KeptTwins, LabError, Saved, Twins
from simulator.lab.projects import experiment_of, project_of, twins_of
from simulator.lab.twin_knobs import knobs
from simulator.lab.twin_saving import kept_from_json, restore_twins, save_twins
from tests.lab import programs


def by_rate(program, data, rate):
    knob = next(each for each in knobs(program) if each.key == "learning_rate")
    return KeptTwins("learning_rate", rate, knob.change(rate), data.recipe.to_json(), Saved({}, {}))


def made(epochs=2, rate=0.5):
    program, data = programs.plane(epochs=epochs)
    kept = by_rate(program, data, rate)
    return Twins(program, kept.second, data, backend="numpy"), kept, program, data


def weights(twins):
    return [{name: each.tobytes() for name, each in one.model.weights.items()} for one in twins]


def through_a_project(twins, kept, program, data):
    experiment = Experiment(program, data, backend="numpy")
    kept = replace(kept, saved=save_twins(twins))
    content = project_file.to_bytes(project_of(experiment, twins=kept))
    project = project_file.from_bytes(content)
    assert experiment_of(project, backend="numpy").timeline.step == 0
    again = twins_of(project)
    assert again is not None
    return again


def opened(kept, program, data):
    assert kept.found_in(program, data.recipe.to_json()) is not None
    twins = Twins(program, kept.second, data, backend="numpy")
    restore_twins(twins, kept.saved)
    return twins


@pytest.mark.parametrize(("trained", "back"), [(0, 0), (5, 5), (7, 2)])
def test_they_come_back_and_go_on_bit_for_bit(trained, back):
    twins, *rest = made(epochs=4)
    twins.run_for(batches=trained)
    twins.go_to(back)
    kept = through_a_project(twins, *rest)
    again = opened(kept, *rest[1:])
    assert (again.step, again.head) == (back, trained)
    assert weights(again) == weights(twins)
    for each in (twins, again):
        each.run_for(batches=4)
    assert weights(again) == weights(twins)
    for each in (twins, again):
        each.go_to(1)
    assert weights(again) == weights(twins)


def test_why_they_ended_comes_back():
    twins, *rest = made(epochs=2)
    first = twins.run_for()[-1]
    kept = through_a_project(twins, *rest)
    again = opened(kept, *rest[1:])
    assert again.ended == twins.ended
    ours, theirs = twins.run_for()[-1], again.run_for()[-1]
    assert ours == theirs != first
    assert weights(again) == weights(twins)


def test_one_that_diverged_comes_back():
    twins, *rest = made(epochs=40, rate=90.0)
    twins.run_for(batches=20)
    again = opened(through_a_project(twins, *rest), *rest[1:])
    assert again.ended[0] is None
    assert again.ended[1] == twins.ended[1]
    assert again.explain() == twins.explain()
    assert (again.step, again.head) == (20, 20)


def test_twins_of_another_program_are_told_apart():
    _, kept, program, dataset = made()
    data = dataset.recipe.to_json()
    assert kept.found_in(program, {**data, "seed": 8}) is None
    assert kept.found_in(program, None) is None
    assert kept.found_in(program, data) is not None
    longer = replace(program, fit=replace(program.fit, epochs=50))
    assert kept.found_in(longer, data) is not None, "how long they train can be changed at any time"
    other = programs.with_optimizer(program, OptimizerSpec("Adam"))
    assert kept.found_in(other, data) is None
    assert replace(kept, knob="nothing").found_in(program, data) is None
    assert replace(kept, value="much").found_in(program, data) is None
    assert replace(kept, value=0.25).found_in(program, data) is None


def test_a_project_without_twins_has_none():
    program, data = programs.plane()
    project = project_of(Experiment(program, data, backend="numpy"))
    assert twins_of(project_file.from_bytes(project_file.to_bytes(project))) is None


TWINS, KEPT, PROGRAM, DATA = made()
TWINS.run_for(batches=3)
SAVED = save_twins(TWINS, most_bytes=4000)


def places(value, path=()):
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, each in pairs:
            yield from places(each, (*path, key))
    yield path


STORED = json.loads(json.dumps(replace(KEPT, saved=SAVED).to_json()))
PLACES = sorted((path for path in places(STORED) if path), key=str)
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 9), st.floats(allow_nan=False, width=32),
    st.text(max_size=4), st.just([]), st.just({}), st.just(2**200),
)  # fmt: skip


@settings(max_examples=40)
@given(st.sampled_from(PLACES), ODD)
def test_damage_is_refused_in_words_or_harmless(path, value):
    stored = json.loads(json.dumps(STORED))
    inner = stored
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    with suppress(ValueError):  # which LabError and SpecError are
        kept = kept_from_json(stored, SAVED.arrays)
        if kept.found_in(PROGRAM, DATA.recipe.to_json()) is None:
            return
        twins = Twins(PROGRAM, kept.second, DATA, backend="numpy")
        restore_twins(twins, kept.saved)
        twins.run_for(batches=1)


def test_a_missing_array_and_a_newer_version_are_named():
    arrays = {name: each for name, each in SAVED.arrays.items() if name.startswith("first/")}
    twins = Twins(PROGRAM, KEPT.second, DATA, backend="numpy")
    with pytest.raises(LabError, match=r"twins.json: runs.second.*is 'array/0', but there is no"):
        restore_twins(twins, Saved(SAVED.values, arrays))
    with pytest.raises(LabError, match="version 2, but this program reads 1"):
        kept_from_json({**STORED, "version": 2}, {})
    assert np.isfinite(SAVED.values["step"])
