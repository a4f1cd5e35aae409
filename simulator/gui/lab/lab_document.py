"""The lab as Qt sees it: program and data, the undo stack, the training, and what changed.

The window's thread owns it. The training itself lives in its own thread; what is asked of it goes
into a queue, and what it shows comes back as snapshots.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from time import monotonic

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from simulator.data.datasets import DataError, Recipe, recipe
from simulator.engine.backends.base import Backend
from simulator.formats.building import NetworkFacts, facts
from simulator.formats.json_values import Json, SpecError
from simulator.formats.keras_reader import Reading, read
from simulator.formats.keras_writer import write
from simulator.formats.presets import Preset
from simulator.formats.program import ProgramSpec
from simulator.formats.project import Project
from simulator.gui.bursts import Bursts
from simulator.gui.commands import ChangeState
from simulator.gui.lab.lab_state import LabState, state_of, state_of_project, with_source
from simulator.gui.lab.looker import Looker
from simulator.gui.lab.shelf import KnownData, Opened, Shelf, describe
from simulator.gui.lab.training_loop import TrainingLoop
from simulator.gui.lab.training_news import News
from simulator.lab import Command, Experiment, Goal, KeptTwins, Snapshot, Target
from simulator.lab.errors import HistoryError
from simulator.lab.projects import twins_of
from simulator.lab.recurrent_lessons import Way
from simulator.lab.suggesting import Suggestion
from simulator.lab.to_lessons import lesson_on

MOST_UNDOS = 300
BURST_SECONDS = 1.2
"""Letters that follow each other within this time are undone at once."""


class LabDocument(Looker):
    """A program with data, and its training, as the widgets of the lab follow them.

    ``program_changed``: source, program, data, or what is wrong with them. ``opened``: a training
    is there, at its beginning or as it was left. ``snapshot_changed``: it shows another moment.
    ``play_changed``: whether it trains. ``view_changed``: what is on view of it. ``told(words,
    error, good)`` is something to be said, with the last good batch of a run that diverged, or −1;
    ``ended`` the same of a run that came to its end.
    """

    program_changed = Signal()
    opened = Signal()
    snapshot_changed = Signal()
    play_changed = Signal()
    told = Signal(str, bool, int)
    ended = Signal(str, bool, int)
    not_opened = Signal(str)
    """A project turned out to be damaged, which is said: what was open before is there again."""
    view_kept = Signal(object)
    """What was on view of a project that was opened."""
    lesson_wanted = Signal(str, object)
    """A lesson's id, and the state that shows a layer of the network in it."""

    def __init__(
        self,
        preset: Preset,
        backend: Backend,
        loop: TrainingLoop[Experiment],
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Begin with a preset; ``loop`` is driven by its own thread, or by a test."""
        super().__init__(loop, parent)
        self._backend = backend
        self._shelf = Shelf()
        self.bursts = Bursts(BURST_SECONDS, clock)
        self._runs = 0
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(MOST_UNDOS)
        self.state = state_of(preset)
        self.reading: Reading = read(self.state.source)
        self.facts: NetworkFacts | None = None
        self.problem: Exception | None = None
        self.training: Opened | None = None
        self.data: KnownData | None = None
        self.suggestion: Suggestion | None = None
        self.snapshot: Snapshot | None = None
        self.playing = False
        self.busy = False
        self.goal = Goal()
        self.layer = ""
        self.twins: KeptTwins | None = None
        """Those that were on view last, or came with a project."""
        self._opening: tuple[LabState, str, KeptTwins | None] | None = None
        """The project that is being opened, what it is called, and the twins there were before."""
        self._open()

    # What is made

    @property
    def program(self) -> ProgramSpec | None:
        """Return the program, the last that could be read."""
        return self.state.program

    def edit_source(self, source: str) -> None:
        """Take what was typed or pasted, undoably; damage of copying is repaired."""
        if source == self.state.source:
            return
        after, repairs = with_source(self.state, source)
        self._push(self.tr("change of the program"), after, self.bursts.key("source"))
        if repairs:
            self.told.emit(self.tr("Repaired: {0}").format(repairs), False, -1)

    def change_program(self, text: str, program: ProgramSpec, key: tuple[object, ...] = ()) -> None:
        """Put another program in, undoably; its source is written anew."""
        if program != self.state.program:
            source = write(program)
            # As it is read again, so that typing the same makes no difference.
            after = replace(self.state, source=source, program=read(source).program or program)
            self._push(text, after, key)

    def change_argument(self, layer: str, argument: str, value: Json) -> None:
        """Set an argument of a layer, undoably."""
        if self.program is None:
            return
        network = self.program.network.with_argument(layer, argument, value)
        text = self.tr("{0} of {1}").format(argument, layer)
        key = self.bursts.key("argument", layer, argument)
        self.change_program(text, replace(self.program, network=network), key)

    def choose_preset(self, preset: Preset) -> None:
        """Begin with another preset, undoably."""
        self._push(self.tr("preset {0}").format(preset.title), state_of(preset))

    def choose_data(self, identity: str, settings: Mapping[str, Json], seed: int) -> str:
        """Learn from other data, undoably; return why that can't be, or an empty string."""
        try:
            chosen = recipe(identity, settings, seed)
        except DataError as error:
            return str(error)
        self.choose_recipe(chosen, self.bursts.key("data", identity))
        return ""

    def choose_recipe(
        self, chosen: Recipe, key: tuple[object, ...] = (), *, goes_on: bool = False
    ) -> None:
        """Learn from other data, undoably; with ``goes_on`` by the weights that there are now."""
        if chosen != self.state.recipe:
            after = replace(self.state, recipe=chosen)
            self._shelf.go_on(after, goes_on)
            self._push(self.tr("change of the data"), after, key)

    def open_project(self, project: Project, name: str) -> None:
        """Put a project in the place of what is open, undoably; ``name`` is the file's. Where its
        history turns out to be damaged, what was open is put back.

        Raises DataError for a recipe that can't be made.
        """
        self._runs += 1
        after = state_of_project(project, self.state.recipe, self._runs)
        self._shelf.expect(after, project)
        self._opening = after, name, self.twins
        self._push(self.tr("opening of a project"), after)
        try:
            self.twins = twins_of(project)
        except ValueError as error:  # the rest is good
            self.twins = None
            self.told.emit(str(error), True, -1)
        self.layer = str(project.view.get("layer", ""))
        for shown, choose in (("sample", self.choose_sample), ("output", self.choose_output)):
            number = project.view.get(shown, 0)
            if isinstance(number, int) and number >= 0:
                choose(number)
        self.view_kept.emit(project.view)
        self.view_changed.emit()

    def begin_anew(self) -> None:
        """Forget what was learned, undoably."""
        self._runs += 1
        self._push(self.tr("start over"), replace(self.state, run=self._runs))

    @property
    def backend(self) -> Backend:
        """Return what computes."""
        return self._backend

    def use_backend(self, backend: Backend) -> bool:
        """Compute on another backend from the next run on; whether the present one does, too: if
        it has learned nothing.
        """
        self._backend = backend
        if self.playing or (self.snapshot is not None and self.snapshot.step):
            return False
        self._shelf = Shelf()
        self._open()
        return True

    # Training

    def toggle(self) -> None:
        """Play, or pause."""
        if self.playing:
            self.loop.pause()
        elif self.training is not None:
            self.loop.play()
        self._take_play()

    def pause(self) -> None:
        """Train no further."""
        self.loop.pause()
        self._take_play()

    def one_batch(self) -> None:
        """Train with one batch."""
        if self.training is not None:
            self.loop.step()
            self._take_play()

    def one_epoch(self) -> None:
        """Train to the end of the epoch."""
        if self.training is not None:
            self.loop.play(to_epoch=True)
            self._take_play()

    def seek(self, branch: int, step: int) -> None:
        """Go to a past batch."""
        if self.training is not None:
            self.loop.seek(branch, step)
            self._take_play()

    def move(self, by: int) -> None:
        """Go to the batch before or after; at the end of what was trained, train with one more."""
        snapshot = self.snapshot
        if snapshot is None:
            return
        if by > 0 and snapshot.at_end:
            self.one_batch()
        else:
            self.seek(snapshot.branch, min(max(snapshot.step + by, 0), self._head()))

    def first(self) -> None:
        """Go to the beginning."""
        if self.snapshot is not None:
            self.seek(self.snapshot.branch, 0)

    def last(self) -> None:
        """Go to the last batch of the branch on view."""
        if self.snapshot is not None:
            self.seek(self.snapshot.branch, self._head())

    def _head(self) -> int:
        assert self.snapshot is not None
        here = self.snapshot.branch
        return next(each.head for each in self.snapshot.branches if each.number == here)

    def branch_off(self) -> None:
        """Start a branch where it stands."""
        self._ask(lambda experiment: experiment.timeline.branch_off())

    def set_goal(self, epochs: int | None, targets: tuple[Target, ...] = ()) -> None:
        """Stop after so many epochs, or at a target."""
        goal = Goal(epochs, targets)
        if goal != self.goal:
            self.goal = goal
            self._ask(lambda experiment: setattr(experiment, "goal", goal))
            self.view_changed.emit()

    def change_live(
        self,
        text: str,
        make: Callable[[float], Command],
        before: float,
        after: float,
        key: tuple[object, ...],
    ) -> None:
        """Set a number of the training as it runs, undoably; ``make`` makes the command."""
        if before == after or self.training is None:
            return

        def apply(value: float) -> None:
            command = make(value)
            self._ask(lambda experiment: experiment.do(command))

        self.undo_stack.push(ChangeState(text, before, after, apply, self.bursts.key(*key)))

    # Looking

    @property
    def planned_epochs(self) -> int:
        """Return how many epochs there will be, as far as is known."""
        if self.goal.epochs is not None:
            return self.goal.epochs
        return 1 if self.program is None else self.program.fit.epochs

    def choose_layer(self, name: str) -> None:
        """Mark a layer, wherever it is shown."""
        if name != self.layer:
            self.layer = name
            self.view_changed.emit()

    def open_layer(self, name: str, way: Way = Way.THERE) -> None:
        """Have a layer's arithmetic opened in its lesson, with these weights and this sample."""
        loop, sample = self.loop, self.wanted.sample
        self._ask(lambda experiment: loop.give(lesson_on(experiment, name, sample, way)))

    # News of the training

    def take_news(self) -> None:
        """Show what is new: what the loop's thread tells of is taken here."""
        news = self.loop.take()
        if news.refused is not None or news.opened is not None:
            known = self._shelf.known
            self.data = known if known and known.recipe == self.state.recipe else None
            self.suggestion = self._shelf.suggestion
        if news.refused is not None:
            self._refuse(news.refused)
        if isinstance(opened := news.opened, Opened):
            self.training, self.facts, self.problem = opened, opened.facts, None
            self._opening = None
            self.choose_output(min(self.wanted.output, len(opened.outputs) - 1))
            self.opened.emit()
            self.program_changed.emit()
        if isinstance(news.snapshot, Snapshot) and self.training is not None:
            self.snapshot = news.snapshot
            self.snapshot_changed.emit()
        self._show_play(news)
        for each in news.told:
            told = self.ended if each.over else self.told
            told.emit(each.words, each.error, -1 if each.good is None else each.good)
        for found in news.given:
            if isinstance(found, tuple):
                self.lesson_wanted.emit(*found)
        for fault in news.faults:
            raise fault

    def _refuse(self, error: Exception) -> None:
        opening, self._opening = self._opening, None
        if isinstance(error, HistoryError) and opening is not None and opening[0] == self.state:
            self.undo_stack.undo()
            _, name, self.twins = opening
            self.not_opened.emit(self.tr("{0} can’t be opened: {1}").format(name, error))
            return
        self.problem = error
        self.program_changed.emit()

    def _show_play(self, news: News) -> None:
        if (news.playing, news.busy) != (self.playing, self.busy):
            self.playing, self.busy = news.playing, news.busy
            self.play_changed.emit()

    def _take_play(self) -> None:
        """Show at once what a press of a button came to."""
        playing = self.loop.playing
        if playing != self.playing:
            self.playing = playing
            self.play_changed.emit()

    # Below

    def _push(self, text: str, after: LabState, key: tuple[object, ...] = ()) -> None:
        if after != self.state:
            self.undo_stack.push(ChangeState(text, self.state, after, self._apply, key))

    def _apply(self, state: LabState) -> None:
        before, self.state = self.state, state
        self.reading = read(state.source)
        if state.program is not None and self.layer not in state.program.network.names:
            self.choose_layer("")
        self._open() if state.key != before.key else self.program_changed.emit()

    def _open(self) -> None:
        """Begin with what there is now, or go back to how that was left."""
        self.training, self.snapshot, self.problem, self.facts = None, None, None, None
        state, backend, shelf = self.state, self._backend, self._shelf
        if state.program is not None:
            self.goal = Goal(state.program.fit.epochs)
            self._check(state.program)
            self.loop.open(lambda: shelf.experiment(state, backend), describe)
        self._take_play()
        self.program_changed.emit()

    def _check(self, program: ProgramSpec) -> None:
        """Say at once what doesn't fit, where the shape of the input is known."""
        if any(each.shape is None for each in program.network.inputs):
            return
        try:
            self.facts = facts(program.network)
        except SpecError as error:
            self.problem = error

    def _ask(self, job: Callable[[Experiment], object]) -> None:
        self.loop.do(job)
