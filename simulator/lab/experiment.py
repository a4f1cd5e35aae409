"""A program on a data set, trained step by step: for a page of the lab, or the command line."""

from __future__ import annotations

import copy
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from simulator.data.datasets import Dataset
from simulator.engine import Model
from simulator.engine.backends.base import Backend
from simulator.engine.compilation import Scores
from simulator.engine.training import Diverged, EpochEnd, Event
from simulator.formats.building import build, compile_model, facts, make_callbacks
from simulator.formats.network import NetworkSpec
from simulator.formats.program import ProgramSpec
from simulator.lab.astray import Astray
from simulator.lab.binding import NUMBERED, Arrays, as_read, as_told, stand_in
from simulator.lab.branches import Branch
from simulator.lab.changed import changed
from simulator.lab.checkpoints import default_budget
from simulator.lab.commands import AverageWeights, Command, SetLearningRate
from simulator.lab.diverging import Explanation, explain
from simulator.lab.errors import LabError
from simulator.lab.goals import Goal, Stopped, reached
from simulator.lab.judging import Judge
from simulator.lab.looking import look
from simulator.lab.restoring import restore
from simulator.lab.rota import Rota
from simulator.lab.saving import MEMBER, MOST_BYTES, Saved, save
from simulator.lab.silent import Silent
from simulator.lab.snapshot import Snapshot, View, Wanted
from simulator.lab.start import Start
from simulator.lab.timeline import ENDLESS, Timeline
from simulator.lab.views.arriving import Arriving, arriving
from simulator.lab.views.probe import Probe
from simulator.lab.watchers import Watchers

AT_ONCE = 0.05
"""Seconds of training in one call of the engine, about."""
ENOUGH = 0.9
"""Of the seconds that are given: what is left after so many isn't worth a call of its own."""
WINDOW = 1.0
"""Seconds of training over which the throughput is taken."""


@dataclass(frozen=True, slots=True)
class MemoryEstimate:
    """Bytes that a program will take, about, told before any is taken."""

    weights: int
    training: int
    """Gradients, the optimizer's moments, a copy of the weights, and a batch's values."""
    data: int
    past: int
    """Checkpoints at most."""

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.training + self.data + self.past


def estimate(
    program: ProgramSpec, dataset: Dataset | None = None, *, budget: int | None = None
) -> MemoryEstimate:
    """What training the program on the data will take. Raises SpecError for what does not fit."""
    read = None if dataset is None else as_read(dataset, program.network)
    network = _shaped(program.network, read)
    known = facts(network)
    weights = 4 * known.parameters
    training = known.training_bytes(program.fit.batch_size) - weights
    past = default_budget() if budget is None else budget
    return MemoryEstimate(weights, training, 0 if dataset is None else dataset.nbytes, past)


class Experiment:
    """Builds the program's network, binds the data to it, and trains it on a `Timeline`.

        experiment = Experiment(program, dataset)
        while playing:
            events = experiment.run_for(seconds=1 / 30)     # ends with Stopped or Diverged
            snapshot = experiment.snapshot(Wanted(frozenset({"curves", "standing"})))
        experiment.go_to(180)                               # any past batch
        experiment.do(SetLearningRate(0.3))                 # here: another branch, "lr 0.3"
        experiment.run_for(batches=1)                       # or epochs=1

    To begin anew, make another: the same program and data give the same run, bit for bit.
    """

    def __init__(
        self,
        program: ProgramSpec,
        dataset: Dataset | None = None,
        *,
        arrays: Arrays | None = None,
        backend: Backend | str | None = None,
        budget: int | None = None,
        clock: Callable[[], float] = time.perf_counter,
        start: Start | None = None,
    ) -> None:
        """With data that the program made up itself, `arrays` has them, and there is no data set.
        It begins with `start`, if that is of such a network, or with the seed's weights.

        Raises SpecError for a program that cannot be built, LabError for data that do not fit, and
        NetworkTooLarge.
        """
        if dataset is None and arrays is None:
            raise LabError("There is no data to train on: choose a data set.")
        read = None if dataset is None else as_read(dataset, program.network)
        self.program = replace(program, network=_shaped(program.network, read, arrays))
        self.dataset = dataset
        """What was chosen, even where made-up data stand in for it."""
        self.model: Model = build(self.program.network, program.seed, backend)
        compile_model(self.model, program.compile)
        began = start is not None and start.put_into(self.model, program.compile.optimizer)
        if arrays is None and read is not None:
            ports, loss = self.model.ports, program.compile.loss
            meant = as_told(read, program.data)
            arrays = stand_in(meant, *ports, loss, self.program.network, program.seed)
        if arrays is None:
            raise LabError("There is no data to train on: choose a data set.")
        self._classes = arrays.classes
        self.stood_in = arrays.made_up
        """Whether random numbers stand in for the data set, which has nothing for this network."""
        self.told = arrays.told if read is dataset else (NUMBERED, *arrays.told)
        """What was done to the data to make them fit."""
        self.goal = Goal(program.fit.epochs)
        """When a run stops by itself; may be changed at any time."""
        self.timeline = Timeline(self.model, self._run(arrays), budget=budget, clock=clock)
        for command in start.commands if start is not None and began else ():
            self.timeline.do(command)
        self.stops_astray = True
        """Whether it stops where it has diverged with numbers that are numbers still, and tells of
        layers that died."""
        self._judge = Judge(self.timeline)
        self.halted: Stopped | Diverged | Astray | None = None
        """What the last `run_for` ended with, if it ended by itself."""
        self._watchers = Watchers(lambda: make_callbacks(program.fit.callbacks))
        self._refuse_unlogged()
        self._refuse_unfit_metrics()
        self._clock = clock
        self._rota = Rota()
        self._seen: tuple[Wanted, Snapshot] | None = None
        self._pace: deque[tuple[float, int]] = deque([(0.0, 0)])

    def _run(self, arrays: Arrays) -> Any:
        fit = self.program.fit
        validation: dict[str, Any] = {}
        if fit.validation_split:
            validation["validation_split"] = fit.validation_split
        elif arrays.validation is not None:
            validation["validation_data"] = arrays.validation
        try:
            return self.model.training(
                arrays.x,
                arrays.y,
                batch_size=fit.batch_size,
                epochs=ENDLESS,
                shuffle=fit.shuffle,
                class_weight={int(each): w for each, w in fit.class_weight.items()} or None,
                **validation,
            )
        except ValueError as error:
            raise LabError(str(error)) from error

    def _refuse_unlogged(self) -> None:
        known = list(Scores(self.timeline.run.trainer.goals).result())
        if self.timeline.run.validation is not None:
            known += [f"val_{name}" for name in known]
        for callback in self._watchers.make():
            monitor = getattr(callback, "monitor", None)
            if monitor is not None and monitor not in known:
                raise LabError(
                    f"{type(callback).__name__} watches {monitor!r}, but there are only "
                    f"{', '.join(known)}."
                )

    def _refuse_unfit_metrics(self) -> None:
        """Let each metric see one sample, so that what it can't count is told before training."""
        run = self.timeline.run
        scores, sample = Scores(copy.deepcopy(run.trainer.goals)), run.data[:1]
        outputs = [
            np.zeros((1, *(y.shape[at] if n is None else n for at, n in enumerate(port.shape, 1))))
            for port, y in zip(self.model.ports[1], sample.y, strict=True)
        ]
        try:
            scores.add_outputs(outputs, sample)
        except ValueError as error:
            raise LabError(
                f"A metric can't count what this network learns. {error} Leave the metric out, or "
                "choose another, such as accuracy."
            ) from error

    # Training

    def run_for(
        self,
        *,
        seconds: float | None = None,
        batches: int | None = None,
        epochs: int | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> tuple[Event, ...]:
        """Train until one of these is over (without any: until the goal is reached). Of the seconds
        a last small part may be left.

        Ends early with the event Stopped where the goal is reached or a callback ends training,
        with Diverged where the loss is no number any more, with Astray where it is far up to stay
        (once for a branch: asked again, it goes on), and where `stop`, asked between batches, says
        so. Silent comes once for a branch in which a layer died, and ends nothing. From a past step
        this starts a branch.
        """
        started = self._clock()
        first, ended = self.timeline.trained_steps, 0
        events: list[Event] = []
        while True:
            left = None if batches is None else batches - (self.timeline.trained_steps - first)
            if left is not None and left <= 0:
                break
            most = self.timeline.steps_in(
                AT_ONCE if seconds is None else seconds - (self._clock() - started)
            )
            found = self._advance(
                most if left is None else min(most, left),
                None if epochs is None else epochs - ended,
            )
            events += found
            ended += sum(isinstance(event, EpochEnd) for event in found)
            over = seconds is not None and self._clock() - started >= ENOUGH * seconds
            if (
                isinstance(events[-1], Stopped | Diverged | Astray)
                or over
                or (epochs is not None and ended >= epochs)
                or (stop is not None and stop())
            ):
                break
        self._note_pace()
        last = events[-1] if events else None
        self.halted = last if isinstance(last, Stopped | Diverged | Astray) else None
        return tuple(events)

    def _advance(self, most: int, epochs: int | None) -> list[Event]:
        self._watchers.catch_up(self.timeline)
        most = min(most, self._judge.batches_ahead())
        found = list(self.timeline.advance(most, self._epochs_ahead(epochs)))
        stopped = reached(self.goal, found)
        for event in tuple(found):
            if isinstance(event, EpochEnd):
                verdict = self._watchers.epoch_end(
                    event.epoch, event.step, event.logs, self.timeline.controls.learning_rate
                )
                if verdict.learning_rate is not None:
                    self.timeline.do(SetLearningRate(verdict.learning_rate))
                if verdict.stop and stopped is None:
                    stopped = Stopped(event.epoch, event.step, verdict.stop, verdict.best_step)
        judged = self._judge.judge(ended=stopped is not None) if self.stops_astray else None
        if isinstance(judged, Silent):
            found.append(judged)
        if stopped is not None:
            if self.model.optimizer.use_ema:
                self.timeline.do(AverageWeights())
            found.append(stopped)
        if isinstance(judged, Astray):
            found.append(judged)
        self._watchers.stay(self.timeline)
        return found

    def _epochs_ahead(self, most: int | None) -> int:
        """In how many epochs nothing can happen but training."""
        if self._watchers.callbacks or self.goal.targets:
            return 1
        aim = ENDLESS if self.goal.epochs is None else self.goal.epochs
        return max(1, min(aim - self.timeline.run.epoch, ENDLESS if most is None else most))

    def do(self, command: Command) -> Branch:
        """Carry a command out where the network stands; see `Timeline.do`."""
        return self.timeline.do(command)

    # Moving and looking

    def go_to(
        self,
        step: int,
        branch: int | None = None,
        *,
        stop: Callable[[], bool] | None = None,
    ) -> bool:
        """Put the network into its state at a past step; see `Timeline.go_to`."""
        chosen = None if branch is None else self.timeline.branches[branch]
        return self.timeline.go_to(step, chosen, stop=stop)

    def probe(self, output: int = 0) -> Probe:
        """One look at the network where it stands, for several views of it."""
        return Probe(self.model, self.timeline.run, output)

    def arriving(self, sample: int) -> Arriving:
        """What the loss of a held-out sample sends back to the states of recurrent layers."""
        return arriving(self.probe(), sample)

    def snapshot(self, wanted: Wanted, probe: Probe | None = None) -> Snapshot:
        """The network where it stands, with the views that are wanted, of this look if given."""
        return self._look(wanted, None, probe)

    def glance(self, wanted: Wanted, seconds: float, probe: Probe | None = None) -> Snapshot:
        """The same while it trains, in about so many seconds on the average.

        Views that take longer come in turn, those between as they were when they last came. For
        one who asks again and again, and for a snapshot after anything else but training.
        """
        return self._look(wanted, seconds, probe)

    def _look(self, wanted: Wanted, seconds: float | None, probe: Probe | None) -> Snapshot:
        before = self._seen[1] if self._seen is not None and self._seen[0] == wanted else None
        if before is not None and before.branch != self.timeline.branch.number:
            before = None
        taking_turns = seconds is not None and before is not None
        self.timeline.mend()
        found = look(
            self.timeline,
            wanted,
            probe=probe,
            classes=self.classes_of(wanted.output),
            samples_per_second=self.samples_per_second,
            clock=self._clock,
            before=before if taking_turns else None,
            due=self._rota.due(wanted.all_views, seconds or 0.0) if taking_turns else None,
        )
        self._rota.note(found.costs)
        self._seen = wanted, found
        return found

    def note_shown(self, costs: Mapping[View, float]) -> None:
        """Know what showing views takes, in seconds: a glance gives it its part of the time."""
        self._rota.note_shown(costs)

    def explain(self) -> Explanation:
        """Why the run diverged, and what to try. Raises LabError where it did not."""
        return explain(self.timeline, self._judge.astray.get(self.timeline.branch.number))

    # Keeping

    def saved(self, *, most_bytes: int = MOST_BYTES) -> Saved:
        """The history as plain values and arrays; program and data are not in it."""
        return save(self.timeline, most_bytes=most_bytes)

    def resume(self, saved: Saved, *, member: str = MEMBER, place: str = "") -> None:
        """Stand where an experiment with this program and this data set stood when it was saved.

        For a fresh one. `member` and `place` say which part of a file it comes from. Raises
        HistoryError for a history that is damaged or of another network; then this is to be thrown
        away.
        """
        restore(self.timeline, saved, member=member, place=place)

    # What is known

    @property
    def present_program(self) -> ProgramSpec:
        """The program with what the commands up to here have set."""
        return changed(self.program, self.timeline.commands)

    def classes_of(self, output: int) -> Sequence[str]:
        """The names of the classes that an output tells apart, as far as the data set has them."""
        return self._classes[output] if output < len(self._classes) else ()

    @property
    def samples_per_second(self) -> float:
        """What was trained with in the last second of training; 0 before the first."""
        (begin, first), (end, last) = self._pace[0], self._pace[-1]
        return (last - first) / (end - begin) if end > begin else 0.0

    def _note_pace(self) -> None:
        self._pace.append((self.timeline.busy, self.timeline.trained))
        while len(self._pace) > 2 and self._pace[1][0] < self.timeline.busy - WINDOW:
            self._pace.popleft()


def _shaped(
    network: NetworkSpec, dataset: Dataset | None, arrays: Arrays | None = None
) -> NetworkSpec:
    """The network with the data's shape where its own does not say one."""
    if len(network.inputs) != 1 or network.inputs[0].shape is not None:
        return network
    if dataset is not None:
        return network.with_input_shape(tuple(dataset.input_shape))
    if arrays is not None:
        return network.with_input_shape(tuple(arrays.x.shape[1:]))
    return network
