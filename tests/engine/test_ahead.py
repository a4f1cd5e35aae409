"""Several epochs in one call of the engine: the same bits as event by event, whatever happens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from simulator.engine import Sequential, metrics, optimizers
from simulator.engine.backends.cpu import CpuBackend
from simulator.engine.backends.program import Program
from simulator.engine.layers import BatchNormalization, Dense, Dropout, Input, Layer
from simulator.engine.regularizers import L2
from simulator.engine.training import (
    BatchEnd,
    Diverged,
    EpochBegin,
    EpochEnd,
    Event,
    TrainingRun,
)


class Watched(CpuBackend):
    """Counts how often programs took turns, and with how many to the end."""

    called = done = 0

    def in_turn(self, turns: Sequence[tuple[Program, slice]]) -> bool:
        done = super().in_turn(turns)
        self.called += 1
        self.done += done
        return done


def data(count: int, seed: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((count, 3))
    return x, (x.sum(1) > 0).astype(np.int64) + (x[:, 0] > 1)


def model(
    optimizer: Any = "adam",
    *,
    dtype: str = "float32",
    metrics: Sequence[Any] = ("accuracy",),
    net: Sequence[Layer] | None = None,
) -> Sequential:
    layers = net or [Dense(8, activation="tanh"), Dense(3, activation="softmax")]
    made = Sequential([Input((3,), dtype=dtype), *layers], seed=3, backend=Watched())
    for layer in made.layers:
        layer.dtype = dtype
    made.compile(optimizer, "sparse_categorical_crossentropy", metrics=list(metrics))
    return made


def run_of(made: Sequential, count: int = 50, held_out: int = 23, **options: Any) -> TrainingRun:
    validation = {"validation_data": data(held_out, 8)} if held_out else {}
    settings = {"batch_size": 8, "epochs": 1000, **validation, **options}
    return made.training(*data(count, 5), **settings)


def one_by_one(run: TrainingRun, steps: int) -> Iterator[Event]:
    """Until so many batches, and the end of the epoch that the last of them may be."""
    for event in run:
        yield event
        whole = isinstance(event, BatchEnd) and event.batch + 1 == event.batches
        if isinstance(event, Diverged) or (event.step >= steps and not whole):
            return


def at_once(run: TrainingRun, steps: int, epochs: int = 1000) -> Iterator[Event]:
    """The same in as few calls as possible."""
    while run.position.step < steps:
        events = run.advance(steps - run.position.step, epochs)
        yield from events
        if isinstance(events[-1], Diverged):
            return


def told(events: Sequence[Event]) -> list[Any]:
    """All of them, with the losses in a row instead of in BatchEnds."""
    found: list[Any] = []
    for event in events:
        if isinstance(event, BatchEnd):
            found += event.losses
        elif isinstance(event, EpochEnd):
            logs = {name: np.asarray(value).tolist() for name, value in event.logs.items()}
            found.append(("end", event.epoch, event.step, logs))
        else:
            found.append(event)
    return found


def state(made: Sequential) -> Any:
    snapshot = made.snapshot()
    assert snapshot.optimizer is not None
    assert snapshot.position is not None
    scores = snapshot.position.scores
    assert scores is not None
    return (
        [each.tolist() for each in snapshot.weights.values()],
        [np.asarray(each).tolist() for each in snapshot.optimizer.values()],
        snapshot.rng,
        (snapshot.position.epoch, snapshot.position.batch, snapshot.position.taken),
        (snapshot.position.step, snapshot.position.begun, snapshot.position.order_seed),
        (scores.loss.total, scores.loss.count),
        [
            {name: each.tolist() for name, each in metric.state.items()}
            for goal in scores.goals
            for metric in goal.every_metric.values()
        ],
    )


OPTIMIZERS = {
    "sgd": lambda: optimizers.SGD(0.1),
    "momentum": lambda: optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "rmsprop": lambda: optimizers.RMSprop(0.01),
    "adagrad": lambda: optimizers.Adagrad(0.1),
    "adamw": lambda: optimizers.AdamW(0.01, clipnorm=0.3),
    "scheduled": lambda: optimizers.Adam(optimizers.schedules.CosineDecay(0.05, decay_steps=60)),
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(
    ("count", "options"),
    [
        (48, {}),  # whole batches alone
        (50, {"held_out": 24}),  # a smaller one at the end of each epoch
        (50, {"held_out": 5, "validation_freq": 2}),
        (50, {"held_out": 0, "shuffle": False}),
        (5, {}),  # a batch that is never full
        (50, {"class_weight": {0: 1.0, 1: 3.0, 2: 0.5}, "validation_batch_size": 5}),
    ],
)
def test_epochs_at_once_come_to_the_same_bits(
    optimizer: str, count: int, options: dict[str, Any]
) -> None:
    metrics = ["accuracy", "sparse_categorical_crossentropy"]
    steps = 40
    slow, fast = (model(OPTIMIZERS[optimizer](), metrics=metrics) for _ in range(2))
    expected = told(list(one_by_one(run_of(slow, count, **options), steps)))
    assert told(list(at_once(run_of(fast, count, **options), steps))) == expected
    assert state(fast) == state(slow)
    assert isinstance(fast.backend, Watched)
    assert fast.backend.done == fast.backend.called > 0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("asked", [1, 3, 7, 8, 19])
@pytest.mark.parametrize("epochs", [1, 2, 5])
def test_pieces_of_any_length_come_to_the_same_bits(dtype: str, asked: int, epochs: int) -> None:
    slow, fast = model(dtype=dtype), model(dtype=dtype)
    expected = told(list(one_by_one(run_of(slow), 61)))
    run, events = run_of(fast), list[Event]()
    while run.position.step < 61:
        most = min(asked, 61 - run.position.step)
        found = run.advance(most, epochs)
        assert sum(len(each.losses) for each in found if isinstance(each, BatchEnd)) <= most
        assert sum(isinstance(each, EpochEnd) for each in found) <= epochs
        events += found
    assert told(events) == expected
    assert state(fast) == state(slow)


def test_one_event_and_several_epochs_take_turns() -> None:
    slow, fast = model(), model()
    expected = told(list(one_by_one(run_of(slow), 70)))
    run = run_of(fast)
    events = [next(run), next(run), *run.advance(30, 4)]
    events += [next(run), *run.advance(20, 4)]
    while events[-1].step < 70:
        events.append(next(run))
    assert told(events) == expected[: len(told(events))]
    assert len(told(events)) > 60


def test_batches_of_held_out_data_count_for_what_they_are() -> None:
    run = run_of(model(), 48, held_out=80)  # 6 batches, and 10 to look at
    found = run.advance(20, 1000)
    assert [type(each) for each in found] == [EpochBegin, BatchEnd, EpochEnd, EpochBegin, BatchEnd]
    assert [each.step for each in found if isinstance(each, BatchEnd)] == [6, 10]


def test_no_more_epochs_are_trained_than_there_are() -> None:
    made = model()
    run = run_of(made, epochs=3)
    found = run.advance(1000, 1000)
    assert [each.epoch for each in found if isinstance(each, EpochEnd)] == [0, 1, 2]
    assert not [each for each in found if isinstance(each, Diverged)]
    assert run.position.step == 3 * 7


@pytest.mark.parametrize("rate", [1e3, 3e5, 1e20, 3e38])
def test_divergence_on_the_way_is_that_of_one_step_after_another(rate: float) -> None:
    net = [[Dense(8), Dense(1)], [Dense(8), Dense(1)]]
    found = []
    for layers, many in zip(net, (False, True), strict=True):
        made = Sequential([Input((3,)), *layers], seed=1, backend=Watched())
        made.compile(optimizers.SGD(rate), "mse", metrics=["mae"])
        for number, layer in enumerate(made.layers):
            layer.name = f"layer_{number}"
        x, _ = data(32, 5)
        run = made.training(x, x.sum(1), batch_size=8, epochs=1000, validation_split=0.25)
        events = list(at_once(run, 1000) if many else one_by_one(run, 1000))
        assert isinstance(events[-1], Diverged)
        assert isinstance(made.backend, Watched)
        assert made.backend.called - made.backend.done == many  # it was tried once
        found.append((told(events), state(made)))
    assert repr(found[1]) == repr(found[0])  # of which some are no numbers


def test_weights_that_break_in_the_last_step_of_an_epoch_are_found_there() -> None:
    found = []
    for many in (False, True):
        made = Sequential([Input((1,)), Dense(1, name="only")], seed=1, backend=Watched())
        made.compile(optimizers.SGD(3e38), "mse")
        run = made.training(np.full((4, 1), 1e3), np.zeros(4), epochs=3)
        events = list(at_once(run, 9) if many else one_by_one(run, 9))
        assert isinstance(events[-1], Diverged)
        assert events[-1].what == "weights"
        assert not [each for each in events if isinstance(each, EpochEnd)]
        found.append((told(events), state(made)))
    assert found[1] == found[0]


@pytest.mark.parametrize(
    "net",
    [
        lambda: [Dense(8, activation="tanh"), Dropout(0.3), Dense(3, activation="softmax")],
        lambda: [Dense(8, kernel_regularizer=L2(0.01)), Dense(3, activation="softmax")],
        lambda: [Dense(8), BatchNormalization(), Dense(3, activation="softmax")],
        lambda: [Dense(900, activation="relu"), Dense(900), Dense(3, activation="softmax")],
    ],
)
def test_other_networks_go_from_epoch_to_epoch(net: Any) -> None:
    slow, fast = model(net=net()), model(net=net())
    expected = told(list(one_by_one(run_of(slow), 20)))
    assert told(list(at_once(run_of(fast), 20))) == expected
    assert state(fast)[1:] == state(slow)[1:]
    assert isinstance(fast.backend, Watched)
    assert not fast.backend.called


@pytest.mark.parametrize("weigh", [False, True])
@pytest.mark.parametrize("shape", [(1,), (3,)])
@pytest.mark.parametrize(
    "metric",
    [
        metrics.BinaryAccuracy(),
        metrics.MeanAbsoluteError(),
        metrics.RootMeanSquaredError(),
        metrics.Precision(thresholds=[0.2, 0.7]),
        metrics.AUC(num_thresholds=9),
        metrics.MeanMetricWrapper(lambda target, output: np.abs(target - output) ** 3),
    ],
)
def test_each_of_several_sets_is_measured_by_itself(
    metric: metrics.Metric, shape: tuple[int, ...], weigh: bool
) -> None:
    rng = np.random.default_rng(2)
    outputs = rng.random((60, *shape)).astype(np.float32)
    targets = rng.integers(0, 2, (60, *shape))
    weights = rng.random(60).astype(np.float32) if weigh else None
    expected = []
    for part in (slice(0, 20), slice(20, 40), slice(40, 60)):
        metric.reset()
        metric.update(targets[part], outputs[part], None if weights is None else weights[part])
        expected.append(np.asarray(metric.result()).tolist())
    before = {name: each.tolist() for name, each in metric.state.items()}
    found = metric.of_each(3, targets, outputs, weights)
    assert [np.asarray(each).tolist() for each in found] == expected
    assert {name: each.tolist() for name, each in metric.state.items()} == before
