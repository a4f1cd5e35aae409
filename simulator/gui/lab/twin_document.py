"""Twin runs as Qt sees them: the knob, its other value, and how both stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from simulator.data.datasets import Dataset
from simulator.engine.backends.base import Backend
from simulator.formats.json_values import Json
from simulator.formats.program import ProgramSpec
from simulator.gui.lab.training_loop import TrainingLoop
from simulator.gui.lab.training_news import News, Told
from simulator.lab import KeptTwins, LabError, Twins, TwinsSnapshot, View, Wanted
from simulator.lab.projects import own_data
from simulator.lab.twin_knobs import Knob, Value, knobs
from simulator.lab.twin_saving import restore_twins, save_twins

VIEWS: frozenset[View] = frozenset(("curves", "standing", "predictions", "surface"))


@dataclass(frozen=True, slots=True)
class OpenedTwins:
    """What is known of twins from their beginning on."""

    batches: int
    """Steps in an epoch."""
    outputs: tuple[str, ...] = ()
    """The names of what the network puts out."""


class TwinDocument(QObject):
    """Two programs that differ by one knob, and their training.

    ``knob_changed``: another knob or value, so that both begin anew. ``opened``: they are made, or
    could not be (``problem``). ``snapshot_changed`` and ``play_changed`` are as in the lab.
    """

    knob_changed = Signal()
    opened = Signal()
    snapshot_changed = Signal()
    play_changed = Signal()
    told = Signal(str)

    def __init__(
        self,
        program: ProgramSpec,
        dataset: Dataset | None,
        backend: Backend,
        loop: TrainingLoop[Any],
        *,
        epochs: int,
        kept: KeptTwins | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Begin with the first knob, or where twins of this program that were kept stood;
        ``epochs`` are those to be trained.
        """
        super().__init__(parent)
        self.program = replace(program, fit=replace(program.fit, epochs=epochs))
        self.dataset = dataset
        self.loop = loop
        self.knobs = knobs(self.program)
        self.knob: Knob = self.knobs[0]
        self.value: Value = self.knob.suggested
        found = None if kept is None else kept.found_in(self.program, self._data)
        if kept is not None and found is not None:
            self.knob = next(each for each in self.knobs if each.key == found.key)
            self.value = kept.value
        self.training: OpenedTwins | None = None
        self.snapshot: TwinsSnapshot | None = None
        self.problem: Exception | None = None
        self.playing = False
        self.wanted = Wanted(VIEWS)
        self._backend = backend
        self._values: dict[str, Value] = {}
        loop.want(self.wanted)
        self._open(kept if found is not None else None)

    @property
    def epochs(self) -> int:
        """Return how many epochs are planned."""
        return self.program.fit.epochs

    @property
    def head(self) -> int:
        """Return how far both were trained."""
        return 0 if self.snapshot is None else self.snapshot.head

    @property
    def second(self) -> ProgramSpec:
        """Return the program of the second twin."""
        return self.knob.change(self.value)

    @property
    def names(self) -> tuple[str, str]:
        """Return what the two are called: by their values."""
        return (
            f"A: {self.knob.written(self.knob.value)}",
            f"B: {self.knob.written(self.value)}",
        )

    # What differs

    def choose_knob(self, key: str) -> None:
        """Change another thing, by the value that it had last; raise KeyError for no knob."""
        found = {each.key: each for each in self.knobs}[key]
        if found is not self.knob:
            self._values[self.knob.key] = self.value
            self.knob, self.value = found, self._values.get(key, found.suggested)
            self._open()

    def choose_value(self, value: Value) -> None:
        """Give the second twin another value."""
        if value != self.value:
            self.value = value
            self._open()

    def begin_anew(self) -> None:
        """Put both back to the beginning, with nothing trained."""
        self._open()

    # Training

    def toggle(self) -> None:
        """Play, or pause."""
        if self.playing:
            self.loop.pause()
        elif self.training is not None:
            self.loop.play()
        self._take_play(self.loop.playing)

    def pause(self) -> None:
        """Train no further."""
        self.loop.pause()
        self._take_play(self.loop.playing)

    def one_batch(self) -> None:
        """Go on by one step."""
        if self.training is not None:
            self.loop.step()
            self._take_play(self.loop.playing)

    def one_epoch(self) -> None:
        """Go on to the end of the epoch."""
        if self.training is not None:
            self.loop.play(to_epoch=True)
            self._take_play(self.loop.playing)

    def seek(self, step: int) -> None:
        """Go to a past step."""
        if self.training is not None:
            self.loop.seek(0, step)
            self._take_play(self.loop.playing)

    def move(self, by: int) -> None:
        """Go on, or back, by a step."""
        if self.snapshot is None:
            return
        step = self.snapshot.step + by
        if step > self.snapshot.head:
            self.one_batch()
        else:
            self.seek(max(step, 0))

    def first(self) -> None:
        """Go to the beginning."""
        self.seek(0)

    def last(self) -> None:
        """Go to the last step that was trained."""
        if self.snapshot is not None:
            self.seek(self.snapshot.head)

    def show_samples(self, indices: tuple[int, ...]) -> None:
        """Have these held-out samples on view."""
        if indices != self.wanted.samples:
            self.wanted = replace(self.wanted, samples=indices)
            self.loop.want(self.wanted)

    def choose_output(self, number: int) -> None:
        """Have the answers of another output on view."""
        if number != self.wanted.output:
            self.wanted = replace(self.wanted, output=number)
            self.loop.want(self.wanted)

    # News

    def take_news(self) -> None:
        """Show what is new."""
        news: News = self.loop.take()
        if news.refused is not None:
            self.problem = news.refused
            self.opened.emit()
        if isinstance(news.opened, OpenedTwins):
            self.training, self.problem = news.opened, None
            self.opened.emit()
        if isinstance(news.snapshot, TwinsSnapshot) and self.training is not None:
            self.snapshot = news.snapshot
            self.snapshot_changed.emit()
        self._take_play(news.playing)
        for each in news.told:
            self.told.emit(each.words)
        for fault in news.faults:
            raise fault

    def hand_over(self, use: Callable[[KeptTwins | None], object]) -> None:
        """Have something done, in the training's thread, with what is to be kept of the twins."""
        keep = self._keeper()
        self.loop.do(lambda twins: use(keep(twins)))

    def kept(self) -> KeptTwins | None:
        """Return what is to be kept of the twins, once their thread has ended."""
        twins = self.loop.training
        return None if twins is None else self._keeper()(twins)

    def _keeper(self) -> Callable[[Twins], KeptTwins | None]:
        knob, value, second, data = self.knob.key, self.value, self.second, self._data

        def keep(twins: Twins) -> KeptTwins | None:
            if not twins.head:
                return None
            return KeptTwins(knob, value, second, data, save_twins(twins))

        return keep

    @property
    def _data(self) -> Json:
        """Return the recipe of the data, unless the program makes its own."""
        own = self.program.data is not None and self.program.data.made_up
        return None if own or self.dataset is None else self.dataset.recipe.to_json()

    def _open(self, kept: KeptTwins | None = None) -> None:
        self.training, self.snapshot, self.problem = None, None, None
        first, second = self.program, self.second
        dataset, backend, loop = self.dataset, self._backend, self.loop

        def fresh() -> Twins:
            arrays = own_data(first)
            return Twins(
                first, second, dataset if arrays is None else None, arrays=arrays, backend=backend
            )

        def make() -> Twins:
            twins = fresh()
            if kept is not None:
                try:
                    restore_twins(twins, kept.saved)
                except LabError as error:
                    loop.tell(Told(str(error), error=True))
                    twins = fresh()
            return twins

        self.loop.open(make, _describe)
        self._take_play(False)
        self.knob_changed.emit()

    def _take_play(self, playing: bool) -> None:
        if playing != self.playing:
            self.playing = playing
            self.play_changed.emit()


def _describe(twins: Twins) -> OpenedTwins:
    return OpenedTwins(twins.batches, tuple(port.name for port in twins.first.model.ports[1]))
