"""Networks with several outputs: each one's answers can be looked at, and compared in twins."""

from dataclasses import replace

import numpy as np
import pytest

from simulator.data.datasets import make
from simulator.formats.building import facts
from simulator.lab import Experiment, Twins, Wanted
from simulator.lab.adapting import suited
from simulator.lab.presenting import networks, twins
from simulator.lab.presenting.pictures import Drawn
from simulator.lab.snapshot import VIEWS

KINDS, PLACES = ("oak", "elm", "yew"), ("near", "far")


@pytest.fixture
def data(tmp_path):
    """Trees: what kind (three), where (two), and how high (numbers) are told."""
    rng = np.random.default_rng(5)
    lines = [
        f"{rng.normal():.3f},{rng.normal():.3f},{rng.normal():.3f},"
        f"{KINDS[rng.integers(3)]},{PLACES[rng.integers(2)]},{rng.normal():.3f}"
        for _ in range(60)
    ]
    path = tmp_path / "trees.csv"
    path.write_text("a,b,c,kind,place,high\n" + "\n".join(lines))
    return make("own-table", {"path": str(path), "target": "kind;place;high"})


def _wanted(output):
    return Wanted(frozenset(VIEWS), sample=2, samples=(0, 2, 5), output=output)


def test_the_output_that_is_chosen_gives_the_answers(data):
    experiment = Experiment(suited(data), data)
    experiment.run_for(epochs=2)
    held = experiment.timeline.run.validation
    outputs = experiment.model.predict(list(held.x))
    for number, classes in ((0, ("elm", "oak", "yew")), (1, ("far", "near"))):
        seen = experiment.snapshot(_wanted(number))
        answers = outputs[number].argmax(1) if number == 0 else outputs[1][:, 0] > 0.5
        labels = held.y[number].reshape(len(answers)).astype(int)
        assert seen.predictions.classes == seen.confusion.classes == classes
        np.testing.assert_array_equal(seen.predictions.said, answers[[0, 2, 5]])
        np.testing.assert_array_equal(seen.predictions.label, labels[[0, 2, 5]])
        np.testing.assert_allclose(seen.predictions.output, outputs[number][[0, 2, 5]], rtol=1e-5)
        assert (seen.sample.said, seen.sample.label) == (answers[2], labels[2])
        assert seen.standing.right == (answers == labels).sum()
        expected = np.zeros((len(classes), len(classes)), int)
        np.add.at(expected, (labels, answers.astype(int)), 1)
        np.testing.assert_array_equal(seen.confusion.matrix, expected)
    numbers = experiment.snapshot(_wanted(2))
    assert numbers.confusion is None
    assert numbers.standing.right is None
    np.testing.assert_array_equal(numbers.predictions.target, held.y[2][[0, 2, 5]])
    beyond = experiment.snapshot(_wanted(9)).predictions
    np.testing.assert_array_equal(beyond.target, numbers.predictions.target)


def test_the_classes_are_drawn_at_the_output_that_tells_them_apart(data):
    experiment = Experiment(suited(data), data)
    network = experiment.program.network
    for number, name in ((0, "kind"), (1, "place")):
        seen = experiment.snapshot(_wanted(number))
        drawn = networks.drawing(
            network, facts(network), seen.sample, experiment.classes_of(number), output=number
        )
        bars = [layer for layer in drawn if layer.drawn is Drawn.BARS]
        assert [layer.name for layer in bars] == [name]


def test_twins_agree_and_differ_output_by_output(data):
    first = suited(data)
    second = replace(first, fit=replace(first.fit, batch_size=8))
    both = Twins(first, second, data)
    both.run_for(epochs=3)
    held = both.first.timeline.run.validation
    outputs = [each.model.predict(list(held.x)) for each in both]
    said = [(one[0].argmax(1), (one[1] > 0.5)[:, 0]) for one in outputs]
    for number in (0, 1):
        shown = both.snapshot(_wanted(number)).comparison
        same = said[0][number] == said[1][number]
        for each, name in ((0, "kind"), (1, "place")):
            compared = shown.outputs[each]
            assert (compared.name, compared.count, compared.apart) == (name, len(same), None)
            assert compared.same == (said[0][each] == said[1][each]).sum()
        assert shown.agreement == same.mean()
        assert shown.disputed == tuple(np.flatnonzero(~same))
    apart = both.snapshot(_wanted(2)).comparison.outputs[2]
    assert apart.same is None
    assert apart.apart == pytest.approx(np.abs(outputs[0][2] - outputs[1][2]).mean(), rel=1e-5)
    rows = {row.name: row.first for row in twins.results(both.snapshot(_wanted(1)))}
    kinds = (said[0][0] == said[1][0]).sum()
    assert rows["Same answer, kind"] == f"{kinds} of {len(held)}"
    assert {"Same answer, place", "Apart on average, high"} < rows.keys()
