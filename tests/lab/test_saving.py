"""A history through a file and back."""

import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.training import BatchEnd, EpochEnd
from simulator.lab import BATCH_LOSS, Experiment, LabError, Saved, SetLearningRate
from simulator.lab.commands import Freeze, SetArgument, SetBatchSize
from simulator.lab.errors import HistoryError
from tests.lab import programs
from tests.lab.test_timeline import state


def through_a_file(saved):
    file = io.BytesIO()
    np.savez(file, **{name.replace("/", "|"): array for name, array in saved.arrays.items()})
    file.seek(0)
    with np.load(file) as loaded:
        arrays = {name.replace("|", "/"): loaded[name] for name in loaded.files}
    return Saved(json.loads(json.dumps(saved.values, allow_nan=False)), arrays)


def lived():
    """An experiment with some past."""
    experiment = Experiment(*programs.moons(epochs=100))
    experiment.run_for(batches=10)
    experiment.go_to(4)
    experiment.do(SetLearningRate(0.1))
    experiment.do(SetArgument("drop", "rate", 0.4))
    experiment.run_for(batches=3)
    experiment.do(Freeze("hidden"))
    experiment.do(SetBatchSize(5))
    experiment.run_for(batches=6)
    experiment.go_to(9)
    return experiment


def states(experiment):
    line = experiment.timeline
    found = {}
    for branch in line.branches:
        for step in (0, 3, 5, branch.head):
            line.go_to(step, branch)
            found[branch.number, step] = state(line)
    return found


def told(events):
    """Losses and epochs' numbers; how many batches an event holds hangs on the machine's speed."""
    losses = [loss for each in events if isinstance(each, BatchEnd) for loss in each.losses]
    return losses, [each.logs for each in events if isinstance(each, EpochEnd)]


def test_everything_comes_back():
    experiment = lived()
    saved = through_a_file(experiment.saved())
    again = Experiment(*programs.moons(epochs=100))
    again.resume(saved)
    line, other = experiment.timeline, again.timeline
    assert (other.step, other.branch.number) == (9, 1)
    assert state(other) == state(line)
    assert [each.commands for each in other.branches] == [each.commands for each in line.branches]
    assert [each.name for each in other.branches] == ["first run", "lr 0.1"]
    for name in (BATCH_LOSS, "val_loss"):
        ours, theirs = line.curve(name, whole_way=True), other.curve(name, whole_way=True)
        np.testing.assert_array_equal(ours.steps, theirs.steps)
        np.testing.assert_array_equal(ours.mean, theirs.mean)
    assert states(experiment) == states(again)
    for each in (experiment, again):
        each.go_to(9, 1)
    assert told(experiment.run_for(batches=7)) == told(again.run_for(batches=7))
    assert state(line) == state(other)
    assert other.branch.number == line.branch.number == 2


def test_a_file_holds_no_more_checkpoints_than_it_may():
    experiment = lived()
    small = experiment.saved(most_bytes=1)
    places = [(each["branch"], each["step"]) for each in small.values["checkpoints"]]
    assert places == [(0, 0), (1, 9)]
    again = Experiment(*programs.moons(epochs=100))
    again.resume(through_a_file(small))
    assert states(again) == states(experiment)


def test_a_diverged_run_is_kept():
    experiment = Experiment(*programs.plane(rate=1e30))
    experiment.run_for()
    again = Experiment(*programs.plane(rate=1e30))
    again.resume(through_a_file(experiment.saved()))
    assert again.timeline.branch.diverged == experiment.timeline.branch.diverged
    assert again.timeline.advance() == (again.timeline.branch.diverged,)


def test_another_networks_history_is_refused():
    program, data = programs.moons()
    wide = programs.with_network(program, program.network.with_argument("hidden", "units", 7))
    with pytest.raises(LabError, match="another network"):
        Experiment(wide, data).resume(lived().saved())


SAVED = None


def places(value, path=()):
    """All places within nested values."""
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield from places(value[index], (*path, index))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_history_is_refused_in_words(data):
    global SAVED  # noqa: PLW0603
    SAVED = SAVED or through_a_file(lived().saved())
    values = json.loads(json.dumps(SAVED.values))
    path = data.draw(st.sampled_from(list(places(values))[1:]))
    junk = data.draw(st.sampled_from([None, True, -1, 10**30, 1.5, "x", [], {}, [1], {"a": 1}, 0]))
    inner = values
    for key in path[:-1]:
        inner = inner[key]
    if data.draw(st.booleans()):
        inner[path[-1]] = junk
    else:
        del inner[path[-1]]
    experiment = Experiment(*programs.moons(epochs=100))
    try:
        experiment.resume(Saved(values, SAVED.arrays))
    except LabError as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        experiment.run_for(batches=2)


def test_a_missing_array_is_named():
    saved = lived().saved()
    arrays = dict(saved.arrays)
    del arrays["array/3"]
    with pytest.raises(LabError, match="is 'array/3', but there is no array of that name"):
        Experiment(*programs.moons()).resume(Saved(saved.values, arrays))


def damaged_checkpoint(change, arrays=lambda _: {}):
    """The saved past of moons with something changed in its last state."""
    saved = through_a_file(lived().saved())
    last = saved.values["checkpoints"][-1]
    change(saved.values, last)
    return Saved(saved.values, {**saved.arrays, **arrays(last)})


def pace(step, epoch, per_step):
    return lambda values, _: values["branches"][0].update(paces=[[step, epoch, per_step]])


def commands_of(*stored):
    return lambda values, _: values["branches"][1].update(
        commands=[{"step": 4, **each} for each in stored]
    )


def counted(shape):
    """The last state's metric, with arrays of another shape."""
    return lambda last: {
        name: np.ones(shape)
        for name in last["position"]["scores"]["metrics"][0]["accuracy"].values()
    }


def moments(dtype):
    return lambda last: {last["optimizer"]["iterations"]: np.ones((), dtype)}


@pytest.mark.parametrize(
    ("change", "arrays", "told"),
    [
        (pace(2**70, 0, 0.1), lambda _: {}, r"branches\[0\].paces\[0\]\[0\] is 1180591620717411"),
        (pace(0, 0, float("nan")), lambda _: {}, r"branches\[0\].paces\[0\]\[2\] is nan"),
        (pace(0, 1e6, 0.1), lambda _: {}, r"checkpoints\[0\].position.epoch is 0, .*about 1e\+06"),
        (lambda *_: None, counted(3), "not what the metric 'accuracy' counts"),
        (lambda *_: None, moments(np.float32), "'iterations', which is no such array"),
        (
            lambda values, _: values.update(branches=[3]),
            lambda _: {},
            r"branches\[0\] is 3, .*object",
        ),
        (lambda _, last: last.pop("rng"), lambda _: {}, "rng is missing"),
        (lambda _, last: last.update(commands=0), lambda _: {}, "commands is 0, .*up to batch 9"),
        (
            commands_of({"kind": "freeze", "layer": "no", "frozen": True}),
            lambda _: {},
            r"commands\[0\] can't be carried out. There is no layer 'no'",
        ),
        (
            commands_of({"kind": "learning_rate", "value": "x"}),
            lambda _: {},
            r"commands\[0\] is no command. .*value 'x': it must be a number",
        ),
        (lambda values, _: values["branches"][0].update(parent=0), lambda _: {}, "parent is 0"),
        (
            lambda *_: None,
            lambda last: {last["weights"]["out/bias"]: np.zeros(2, np.float32)},
            "of another network",
        ),
    ],
)
def test_what_would_only_fail_later_is_refused_with_its_place(change, arrays, told):
    with pytest.raises(HistoryError, match=f"^The history is .*{told}") as caught:
        Experiment(*programs.moons(epochs=100)).resume(damaged_checkpoint(change, arrays))
    assert not str(caught.value).endswith("..")
