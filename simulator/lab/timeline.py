"""A run of training that can be taken back to any of its steps, and on from there another way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

from simulator.engine.model import Model
from simulator.engine.training import BatchEnd, Diverged, EpochBegin, EpochEnd, Event, TrainingRun
from simulator.lab.branches import Branch, Branches
from simulator.lab.checkpoints import Checkpoint, Checkpoints
from simulator.lab.commands import Command, Recorded
from simulator.lab.controls import Controls
from simulator.lab.errors import LabError
from simulator.lab.ratios import update_ratios
from simulator.lab.series import Curve, joined

ENDLESS = 2**40
"""Epochs for a run that is to end when somebody says so."""
COPYING_SHARE = 0.03
"""The part of the training time that may go into copying states."""
COPYING_SPEED = 2e9
"""Bytes in a second, about. Not measured, since another program may have been in the way."""
NEAREST = 0.05
"""Seconds of training between two checkpoints at least: so much is replayed in no time."""
PATIENCE = 0.02
"""Seconds of a replay after which it looks whether it is still wanted."""
FORGETTING = 1.02
"""By how much the time of a batch grows with each call, until it is measured again."""
MOST_AT_ONCE = 4096
"""Batches."""


class Timeline:
    """Owns a model and its run, and moves both: on by training, back by a checkpoint and replay.

    The state at a step is the model's after that batch, after the end of the epoch if it was the
    last of one, and after all commands that were recorded at that step. Whoever trains or gives a
    command anywhere but at a branch's end starts another branch there. A state that is replayed is
    the one that was there before, bit for bit.

    Not for several threads at once: the thread that trains owns it.
    """

    def __init__(
        self,
        model: Model,
        run: TrainingRun,
        *,
        budget: int | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """For a run of which no event was asked yet, and that nothing but this will drive."""
        self.model = model
        self.run = run
        self.controls = Controls(model, run)
        self.branches = Branches()
        self.checkpoints = Checkpoints(budget)
        self.branch = self.branches[0]
        """Where the model stands, with `step`."""
        self.step = 0
        self.trained = 0
        """Samples that were trained with, replays not counted."""
        self.trained_steps = 0
        """Batches, likewise."""
        self.step_seconds = 0.01
        """Of a batch, as it was measured of late."""
        self.busy = 0.0
        """Seconds that this took."""
        self._clock = clock
        self._commands = 0  # how many of the branch's way are carried out
        self._ratios: dict[str, float] | None = {}  # None: not yet computed for this step
        self._broken = False  # the model is in no state of the way: it diverged, or was broken off
        self._busy_at_checkpoint = 0.0
        self._wait = NEAREST  # seconds of training between two checkpoints
        self._keep(protected=True)

    # Training

    @property
    def at_end(self) -> bool:
        """Whether the model stands at its branch's end, where training goes on."""
        return self.step == self.branch.head and self._commands == self.branch.command_count()

    def advance(self, most: int = 1, epochs: int = 1) -> tuple[Event, ...]:
        """Train on, with up to `most` batches: one BatchEnd, with an EpochBegin before it or an
        EpochEnd after it where there are. Diverged comes alone or last, and again if asked again.

        Up to so many `epochs` may come at once, of a network so small that calls would take longer
        than it does; those who may stop after one, or change something, ask for one. From a past
        step this starts a branch.
        """
        self.mend()
        branch = self._at_open_end(or_diverged=True)
        if branch.diverged is not None:
            return (branch.diverged,)
        started, seen, before = self._clock(), self.run.samples, self.step
        try:
            events = self._pull(most, epochs)
        except BaseException:  # Ctrl+C, or too little memory: what these batches did is let go
            self.step, self._broken = before, True
            raise
        spent, steps = self._clock() - started, self.step - before
        self.busy += spent
        self.trained += self.run.samples - seen
        self.trained_steps += steps
        if steps:
            # A call with few batches takes longer for each: what they take by themselves counts.
            self.step_seconds = min(spent / steps, self.step_seconds * FORGETTING)
        losses = [each for event in events if isinstance(event, BatchEnd) for each in event.losses]
        if losses:  # all in one go
            branch.note_losses(self.step, losses)
        for event in events:
            self._note(branch, event)
        if not self._broken and self._due():
            self._keep()
        return events

    def steps_in(self, seconds: float) -> int:
        """How many batches take about so long; 1 at least."""
        return max(1, min(int(seconds / max(self.step_seconds, 1e-9)), MOST_AT_ONCE))

    def do(self, command: Command) -> Branch:
        """Carry a command out, and record it; the branch that it belongs to.

        At a past step this starts a branch, named by the command. Of several commands at one step
        that set the same thing, the last is recorded. Raises LabError, and changes nothing, where
        it cannot be done.
        """
        if self.branch.diverged is not None and self.at_end:
            raise self._refusal()
        self.mend()
        self._carry_out(command)
        branch = self._at_open_end()
        own = branch.commands
        again = own and own[-1].step == self.step and own[-1].command.replaced_by(command)
        if again and not self.branches.need_last_command(branch):
            own[-1] = Recorded(self.step, command)
            self.checkpoints.forget_after(branch.number, self.step, self._commands - 1)
        else:
            own.append(Recorded(self.step, command))
            self._commands += 1
        if not branch.named and len(own) == 1 and branch.parent is not None:
            branch.name = command.label
        self._keep_pace()
        return branch

    def take_back(self) -> Command | None:
        """Undo the last command, if no batch was trained since; else None."""
        own = self.branch.commands
        if not self.at_end or not own or own[-1].step != self.step:
            return None
        taken = own.pop()
        commands = self.branch.command_count()
        self.checkpoints.forget_after(self.branch.number, self.step, commands)
        self._commands = -1  # in no state of the way
        self._travel(self.step, self.branch, None)
        self._keep_pace()
        return taken.command

    def branch_off(self, name: str | None = None) -> Branch:
        """Start a branch where the model stands."""
        self.mend()
        if self._broken:
            raise self._refusal()
        self._remember()
        self.branch = self.branches.off(self.branch, self.step, self._commands, name)
        self._keep_pace()
        return self.branch

    def put_back(self, branch: Branch) -> None:
        """Take a branch in again that was removed; what it trained is replayed when asked for."""
        self.branches.put_back(branch)

    def remove(self, number: int) -> None:
        """Forget a branch that none comes from. Raises LabError for others, and for the present."""
        if self.branches[number] is self.branch:
            raise LabError(f"{self.branch.name!r} is on view: go to another branch first.")
        self.branches.remove(number)
        self.checkpoints.forget([number])

    # Moving

    def go_to(
        self,
        step: int,
        branch: Branch | None = None,
        *,
        stop: Callable[[], bool] | None = None,
    ) -> bool:
        """Put the model into its state at a step of a branch (by default this one).

        `stop` is asked between batches: where it says so, the model stays at an earlier step of
        that branch, and this returns False. Raises LabError for a step that was never trained.
        """
        target = self.branch if branch is None else branch
        if not 0 <= step <= target.head:
            raise LabError(
                f"{target.name!r} has the batches 0 to {target.head:,}: there is no {step:,}."
            )
        self._remember()
        return self._travel(step, target, stop)

    def _travel(self, step: int, target: Branch, stop: Callable[[], bool] | None) -> bool:
        origin = self._origin(step, target)
        if origin is not None:
            self._put_back(origin)
        self.branch = target
        commands = target.all_commands()
        validation, self.run.validation = self.run.validation, None  # known, and without effect
        try:
            while True:
                while self._commands < len(commands) and commands[self._commands].step == self.step:
                    self._carry_out(commands[self._commands].command)
                    self._commands += 1
                if self.step == step:
                    return True
                if stop is not None and stop():
                    return False
                ahead = commands[self._commands :]
                until = min([step, *(each.step for each in ahead[:1])])
                most = until - self.step
                if stop is not None:
                    most = min(most, self.steps_in(PATIENCE))
                if isinstance(self._pull(most, ENDLESS)[-1], Diverged):
                    self._broken = True
                    return True
        except BaseException:
            self._broken = True
            raise
        finally:
            self.run.validation = validation

    def mend(self) -> None:
        """Be in the state that the model had here, where something broke off in its midst."""
        if self._broken and not (self.branch.diverged is not None and self.at_end):
            self._travel(self.step, self.branch, None)

    def _origin(self, step: int, target: Branch) -> Checkpoint | None:
        """The nearest checkpoint on the way; None if the model itself is nearer."""
        best: Checkpoint | None = None
        here = self.branch.owner(self.step, self._commands)
        usable = False
        for branch, last, commands in target.way():
            most = min(step, last)
            found = self.checkpoints.before(branch.number, most, commands)
            if found is not None and (best is None or _order(found) > _order(best)):
                best = found
            if branch is here and self.step <= most and 0 <= self._commands <= commands:
                usable = not self._broken
        if best is None:
            raise RuntimeError("The first state of the run is gone.")
        if usable and (self.step, self._commands) >= _order(best):
            return None
        return best

    def take_over(
        self, branches: Branches, checkpoints: Iterable[Checkpoint], branch: Branch, step: int
    ) -> None:
        """Be another timeline of the same network and data, at a step of one of its branches."""
        self.branches = branches
        self.checkpoints = Checkpoints(self.checkpoints.budget)
        for each in sorted(checkpoints, key=lambda each: each.place):
            self.checkpoints.add(each, protected=each.place == (0, 0, 0))
        self.branch, self.step, self._commands = branch, step, -1  # in no state of it as yet
        self._travel(step, branch, None)

    # Looking

    @property
    def commands(self) -> list[Command]:
        """Those that led to where the model stands, in their order."""
        return [each.command for each in self.branch.all_commands()[: self._commands]]

    def update_ratios(self) -> Mapping[str, float]:
        """By layer, ‖last update‖ / ‖weights before it‖; empty before the first batch."""
        if self._ratios is None:
            self._ratios = update_ratios(self.run.trainer)
        return self._ratios

    def checkpoint(self) -> Checkpoint:
        """The state where the model stands, copied out."""
        if self._broken:  # it is in no state of the way: the last one that was is replayed
            self._travel(self.step, self.branch, None)
        return Checkpoint(
            self.branch.owner(self.step, self._commands).number,
            self.step,
            self._commands,
            self.model.snapshot(),
            self.controls.values,
            self.update_ratios(),
        )

    def curve(
        self,
        name: str,
        branch: Branch | None = None,
        *,
        points: int | None = None,
        whole_way: bool = False,
    ) -> Curve:
        """One of a branch's series (`BATCH_LOSS`, "loss", "val_loss", a metric): its own steps, or
        with `whole_way` also those before it came off. Empty where there is none.
        """
        chosen = self.branch if branch is None else branch
        parts = []
        for each, last, _ in chosen.way() if whole_way else chosen.way()[:1]:
            if name in each.series:
                parts.append(each.series[name].curve(stop=last, points=points))
        return joined(reversed(parts))

    def series_names(self) -> tuple[str, ...]:
        """Of all series that any branch has, in the order in which they came."""
        return tuple(dict.fromkeys(name for branch in self.branches for name in branch.series))

    # Below

    def _pull(self, most: int, epochs: int) -> tuple[Event, ...]:
        """The events of the next batches; see `TrainingRun.advance`."""
        events = self.run.advance(most, epochs)
        if events[-1].step > self.step:
            self.step = events[-1].step
            self._ratios = None
        return tuple(events)

    def _carry_out(self, command: Command) -> None:
        self.update_ratios()  # of the step alone, before anything is edited
        command.carry_out(self.controls)

    def _note(self, branch: Branch, event: Event) -> None:
        match event:
            case EpochBegin():
                branch.begin_epoch(event.step, event.epoch, event.batches)
            case BatchEnd():
                branch.head = event.step
            case EpochEnd():
                for name, value in event.logs.items():
                    branch.note(name, event.step, value)
            case Diverged():
                branch.diverged = event
                self._broken = True

    def _at_open_end(self, *, or_diverged: bool = False) -> Branch:
        """The branch that goes on here: this one at its end, else a new one."""
        if self.branch.diverged is not None and self.at_end:
            if or_diverged:
                return self.branch
            raise self._refusal()
        if not self.at_end:
            self.branch = self.branches.off(self.branch, self.step, self._commands)
            self._keep_pace()
        return self.branch

    def _keep_pace(self) -> None:
        """Note how much of the epoch under way each of its batches is from here on."""
        if self.run.taken:
            left = len(self.run.data) - self.run.taken
            self.branch.rest_of_epoch(self.step, -(-left // self.run.batch_size))

    def _refusal(self) -> LabError:
        return LabError(
            f"{self.branch.name!r} diverged after batch {self.branch.head:,}: go back to an "
            "earlier batch, and try another way from there."
        )

    def _due(self) -> bool:
        return self.busy - self._busy_at_checkpoint >= self._wait

    def _remember(self) -> None:
        """Keep the end of a branch that is left, so that coming back is quick."""
        if self.at_end and not self._broken:
            place = (self.branch.owner(self.step, self._commands).number, self.step, self._commands)
            if place not in self.checkpoints:
                self._keep()

    def _keep(self, *, protected: bool = False) -> None:
        checkpoint = self.checkpoint()
        self.checkpoints.add(checkpoint, protected=protected)
        self._wait = max(NEAREST, checkpoint.nbytes / COPYING_SPEED / COPYING_SHARE)
        self._busy_at_checkpoint = self.busy

    def _put_back(self, checkpoint: Checkpoint) -> None:
        self.controls.put_back(checkpoint.controls)
        self.model.restore(checkpoint.state)
        self.step, self._commands = checkpoint.step, checkpoint.commands
        self._ratios = dict(checkpoint.update_ratios)
        self._broken = False


def _order(checkpoint: Checkpoint) -> tuple[int, int]:
    return checkpoint.step, checkpoint.commands
