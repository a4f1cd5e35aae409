"""Runs that diverge with numbers that are numbers are stopped and explained, no others are."""

import numpy as np
import pytest

from simulator.data import datasets
from simulator.engine.backends.base import Backend
from simulator.formats.network import LayerSpec, sequential
from simulator.formats.presets import PRESETS
from simulator.formats.program import CompileSpec, FitSpec, OptimizerSpec, ProgramSpec
from simulator.lab import Astray, Experiment, Goal, LabError, SetLearningRate, SetWeight, Twins
from simulator.lab.astray import FAR, astray, batches_until_judged
from simulator.lab.binding import Arrays
from simulator.lab.branches import BATCH_LOSS
from tests.lab.test_timeline import state

QUICK = ("digits-dense", "autoencoder", "blobs", "circle", "exclusive-or", "moons", "spiral",
         "plane", "gaussian", "wave-forecast", "name-styles")  # fmt: skip


def preset(identity: str, *, times: float = 1.0, rate: float | None = None) -> Experiment:
    chosen = PRESETS[identity]
    data = datasets.make(chosen.dataset, dict(chosen.settings), seed=chosen.data_seed)
    experiment = Experiment(chosen.program, data)
    experiment.goal = Goal(None)
    experiment.do(SetLearningRate(rate or times * experiment.timeline.controls.learning_rate))
    return experiment


def digits(rate: float = 1000.0) -> ProgramSpec:
    return ProgramSpec(
        sequential(
            [
                LayerSpec("Flatten", "flatten"),
                LayerSpec("Dense", "hidden", {"units": 8, "activation": "relu"}),
                LayerSpec("Dense", "out", {"units": 10, "activation": "softmax"}),
            ],
            shape=(8, 8, 1),
        ),
        CompileSpec(
            OptimizerSpec("Adam", {"learning_rate": rate}), "sparse_categorical_crossentropy"
        ),
        FitSpec(epochs=50, batch_size=16),
        seed=1,
    )


def trained(rate: float = 1000.0) -> Experiment:
    return Experiment(digits(rate), datasets.make("digits", {"samples": 200}, seed=0),
                      backend=Backend())  # fmt: skip


def test_a_rate_of_a_thousand_is_stopped_and_explained() -> None:
    experiment = trained()
    halted = experiment.run_for()[-1]
    assert isinstance(halted, Astray)
    assert experiment.halted is halted
    assert halted.step == experiment.timeline.step == 64
    assert halted.first == experiment.timeline.curve(BATCH_LOSS).mean[0]
    assert halted.loss > FAR * halted.first
    assert halted.growth > 1000
    told = experiment.explain()
    assert told.headline.startswith("It has diverged: after 64 batches the loss stays at 1")
    assert f"began at {halted.first:.3g}" in told.headline
    assert repr(halted.layer) in told.headline
    assert told.layer == halted.layer
    assert "Batch 1 changed the weights" in told.why[0]
    assert told.advice[0].command == SetLearningRate(100.0)
    assert told.last_good == 0, "the first step threw the weights off"
    assert experiment.timeline.step == 64, "it looked, and went back"


def test_it_ends_at_the_same_batch_however_it_is_driven() -> None:
    ways = ({"batches": 1}, {"batches": 50}, {"seconds": 0.001}, {"epochs": 1}, {})
    ends = []
    for way in ways:
        experiment = trained()
        while not isinstance(experiment.halted, Astray):
            experiment.run_for(**way)  # type: ignore[arg-type]
        ends.append((experiment.halted, state(experiment.timeline)))
    assert all(each == ends[0] for each in ends)


def test_it_may_go_on_and_is_told_once_for_a_branch() -> None:
    experiment = trained()
    experiment.run_for()
    experiment.do(SetLearningRate(0.001))
    experiment.run_for(batches=300)
    assert experiment.timeline.step == 364
    assert experiment.halted is None
    told = experiment.explain()  # still, for who comes back to it
    assert told.layer
    experiment.go_to(0)
    experiment.do(SetLearningRate(500.0))
    assert isinstance(experiment.run_for()[-1], Astray), "another branch is another run"
    experiment.go_to(0, 0)
    experiment.do(SetLearningRate(0.01))
    experiment.run_for(batches=128)
    assert experiment.halted is None
    with pytest.raises(LabError, match="has not diverged"):
        experiment.explain()


def test_a_rate_that_is_raised_on_the_way_leads_back_to_before() -> None:
    experiment = trained(0.01)
    experiment.run_for(batches=100)
    experiment.do(SetLearningRate(1000.0))
    halted = experiment.run_for()[-1]
    assert isinstance(halted, Astray)
    assert halted.step == 128
    assert 90 <= experiment.explain().last_good <= 100


@pytest.mark.parametrize("identity", ["autoencoder", "autoencoder-28"])
def test_a_loss_that_ends_where_it_began_counts_where_weights_are_torn(identity: str) -> None:
    """A sigmoid's picture that is all black or white is no further away than a grey one."""
    experiment = preset(identity, rate=1000.0)
    halted = experiment.run_for(batches=200)[-1]
    assert isinstance(halted, Astray)
    assert halted.loss < FAR * halted.first
    told = experiment.explain()
    assert told.last_good < 3


@pytest.mark.parametrize("identity", QUICK)
@pytest.mark.parametrize("times", [1.0, 10.0])
def test_no_preset_is_told_so_at_its_own_rate_or_ten_times_that(
    identity: str, times: float
) -> None:
    experiment = preset(identity, times=times)
    experiment.run_for(batches=256)
    assert experiment.timeline.step == 256
    assert experiment.halted is None


@pytest.mark.parametrize("identity", ["plane", "gaussian"])
def test_what_comes_down_again_is_left_alone(identity: str) -> None:
    """Far up for a hundred batches, but ever less: large steps on simple data find back."""
    experiment = preset(identity, rate=1000.0)
    experiment.run_for(batches=64)
    losses = experiment.timeline.curve(BATCH_LOSS).mean
    assert np.median(losses[32:]) > 100 * losses[0]
    experiment.run_for(batches=448)
    assert experiment.halted is None
    assert experiment.timeline.curve(BATCH_LOSS).mean[-1] < losses[0]


def regression(rate: float) -> Experiment:
    """Targets near zero, as the network's first answers are: the loss begins at next to nothing."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 3)).astype("float32")
    program = ProgramSpec(
        sequential([LayerSpec("Dense", "out", {"units": 1, "kernel_initializer": "zeros"})],
                   shape=(3,)),
        CompileSpec(OptimizerSpec("Adam", {"learning_rate": rate}), "mse"),
        FitSpec(epochs=50, batch_size=1),
        seed=1,
    )  # fmt: skip
    y = (1e-4 * rng.normal(size=(64, 1))).astype("float32")
    made = Experiment(program, arrays=Arrays(x, y), backend=Backend())
    made.run_for(batches=1)
    others = np.flatnonzero(np.abs(y[:, 0]) ** 2 != made.timeline.curve(BATCH_LOSS).mean[0])
    y[others] += 0.3 * x[others, :1]  # but for the sample that comes first by chance
    return Experiment(program, arrays=Arrays(x, y), backend=Backend())


def test_a_loss_that_is_next_to_nothing_at_first_is_no_measure() -> None:
    experiment = regression(0.001)
    experiment.run_for(batches=300)
    losses = experiment.timeline.curve(BATCH_LOSS).mean
    assert experiment.halted is None
    assert np.median(losses[:64]) > 10 * losses[0]
    experiment = regression(0.02)
    experiment.run_for(batches=300)
    assert experiment.halted is None


def test_twins_go_on_for_that_is_what_they_are_for() -> None:
    data = datasets.make("digits", {"samples": 200}, seed=0)
    twins = Twins(digits(), digits(0.01), data, backend=Backend())
    twins.run_for(batches=70)
    assert twins.step == 70
    assert twins.ended == [None, None]


def test_weights_that_a_learner_sets_are_thrown_off_too() -> None:
    experiment = trained(0.0001)
    experiment.run_for(batches=60)
    for unit in range(8):
        experiment.do(SetWeight("out/kernel", (unit, 0), 1e4))
    halted = experiment.run_for()[-1]
    assert isinstance(halted, Astray)
    assert halted.layer == "out"
    assert experiment.explain().last_good <= 60


def test_it_is_judged_soon_and_then_seldom() -> None:
    steps = [0]
    while steps[-1] < 1024:
        steps.append(steps[-1] + batches_until_judged(steps[-1]))
    assert steps == [0, 64, 128, 256, 512, 768, 1024]
    assert batches_until_judged(63) == 1
    assert batches_until_judged(300) == 212
    experiment = trained()
    experiment.timeline.advance(50)
    assert astray(experiment.timeline) is None, "not here"
