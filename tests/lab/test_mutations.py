"""A project file with a value changed at random opens, or the value's place is told in words."""

import io
import json
import random
import re
import zipfile
from copy import deepcopy
from dataclasses import replace

import pytest

from simulator.engine.memory import NetworkTooLarge
from simulator.formats import project_file
from simulator.lab import Experiment, SetLearningRate, Twins
from simulator.lab.commands import Freeze, SetArgument, SetBatchSize, SetOptimizerArgument
from simulator.lab.projects import experiment_of, project_of, twins_of
from simulator.lab.twin_saving import restore_twins, save_twins
from tests.lab.programs import callback, moons
from tests.lab.test_twin_saving import by_rate

PYTHON = re.compile(
    r"NoneType|\b(Type|Key|Value|Attribute|Index|Overflow)Error|Traceback|unsupported|"
    r"\bobject is not|has no attribute|subscript|not iterable|unhashable|could not convert|"
    r"invalid literal|argument must|positional|\bdtype|\bstr\b|\bint\b|\bdict\b|\btuple\b|"
    r"\bndarray|<class|<built|__|must be real number|too large to convert|cannot unpack|"
    r"not enough values|index out of|ufunc|codec"
)
JUNK = (
    None, True, False, 0, -1, 1, 7, 10**6, 10**30, 2**70, -0.5, 0.5, 1e300, "", "x", "0", "naïve\n",
    [], [None], [[]], [1, 2, 3], {}, {"a": 1}, {"": None}, [["hidden", "rate", "x"]],
)  # fmt: skip


def lived():
    """A project with branches, commands of most kinds, several states, a view, and twins."""
    program, data = moons(epochs=40)
    program = replace(program, fit=replace(program.fit, callbacks=(callback("EarlyStopping"),)))
    experiment = Experiment(program, data, backend="numpy")
    experiment.run_for(batches=5)
    experiment.go_to(2)
    for command in (
        SetLearningRate(0.1), SetArgument("drop", "rate", 0.4), Freeze("hidden"), SetBatchSize(5),
        SetArgument("out", "kernel_regularizer.l2", 0.1), SetOptimizerArgument("clipnorm", 1.0),
    ):  # fmt: skip
        experiment.do(command)
        experiment.run_for(batches=2)
    kept = by_rate(program, data, 0.5)
    twins = Twins(program, kept.second, data, backend="numpy")
    twins.run_for(batches=3)
    kept = replace(kept, saved=save_twins(twins))
    view = {"layer": "hidden", "sample": 3, "output": 0, "views": ["confusion"], "charts": {}}
    return project_file.to_bytes(
        project_of(experiment, source="model = Sequential()", view=view, twins=kept)
    )


@pytest.fixture(scope="module")
def members():
    with zipfile.ZipFile(io.BytesIO(lived())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written(members, **others):
    """The bytes of a project with some of its members replaced."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, others.get(name.replace(".", "_"), content))
    return buffer.getvalue()


def opened(content):
    """Open all that there is, go to both ends of it, and on from there."""
    project = project_file.from_bytes(content, "mine.simulator")
    experiment = experiment_of(project, backend="numpy")
    head = experiment.timeline.branch.head
    experiment.go_to(0)
    experiment.go_to(head)
    experiment.run_for(batches=1)
    kept = twins_of(project)
    if kept is None:
        return experiment, None
    recipe = None if project.recipe is None else dict(project.recipe)
    if kept.found_in(experiment.program, recipe) is None:
        return experiment, None
    twins = Twins(experiment.program, kept.second, experiment.dataset, backend="numpy")
    restore_twins(twins, kept.saved)
    twins.run_for(batches=1)
    return experiment, twins


def places(value, path=()):
    """All places within nested values but the outermost, with those of lists like one another once
    for each of their first two.
    """
    pairs = value.items() if isinstance(value, dict) else enumerate(value[:2])
    for key, each in pairs:
        yield (*path, key)
        if isinstance(each, dict | list):
            yield from places(each, (*path, key))


def changed(value, path, junk):
    made = deepcopy(value)
    inner = made
    for key in path[:-1]:
        inner = inner[key]
    if junk is places:  # which stands for nothing at all
        del inner[path[-1]]
    else:
        inner[path[-1]] = junk
    return made


@pytest.mark.parametrize("member", ["project.json", "history.json", "twins.json"])
@pytest.mark.parametrize("seed", range(4))
def test_whatever_value_is_wrong_it_is_told_in_words(members, member, seed):
    rng = random.Random(f"{member} {seed}")
    whole = json.loads(members[member])
    found = list(places(whole))
    told = []
    for _ in range(60):
        path, junk = rng.choice(found), rng.choice((*JUNK, places))
        content = json.dumps(changed(whole, path, junk)).encode()
        try:
            opened(written(members, **{member.replace(".", "_"): content}))
        except (ValueError, NetworkTooLarge) as error:
            told.append((path, junk, type(error), str(error)))
    assert len(told) > 20
    for path, junk, kind, words in told:
        shown = f"{path} = {junk!r}: {words}"
        assert not PYTHON.search(words), shown
        assert "\n" not in words, shown
        assert kind is not ValueError, shown


def test_what_is_as_good_as_it_was_opens(members):
    history = json.loads(members["history.json"])
    branch = history["branches"][1]
    branch["name"], branch["colour"], branch["named"] = "another", 6, True
    history["present"] = {"branch": 0, "step": 3}
    history["checkpoints"].reverse()
    first = history["checkpoints"][-1]
    first["weights"] = dict(reversed(first["weights"].items()))
    first["update_ratios"] = {}
    project = json.loads(members["project.json"])
    project["view"], project["source"] = {"any": [1, None, {"a": "b"}]}, "# other"
    twins = json.loads(members["twins.json"])
    twins["runs"]["step"] = 1
    experiment, both = opened(
        written(
            members,
            history_json=json.dumps(history).encode(),
            project_json=json.dumps(project).encode(),
            twins_json=json.dumps(twins).encode(),
        )
    )
    assert [each.name for each in experiment.timeline.branches][:2] == ["first run", "another"]
    assert both is not None
    again, _ = opened(written(members))
    for one in (experiment, again):
        one.go_to(4, 0)
    for name, weight in experiment.model.weights.items():
        assert weight.tobytes() == again.model.weights[name].tobytes()
