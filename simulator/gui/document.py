"""The open lesson as Qt sees it: its session, the undo stack, and signals of what changed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from time import monotonic

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QUndoStack

from simulator.data.pictures import LoadedPicture
from simulator.engine.backends.base import Backend
from simulator.gui.bursts import Bursts
from simulator.gui.commands import ChangeState
from simulator.lessons.controls import ControlError, Value
from simulator.lessons.frame import Pointer
from simulator.lessons.lesson import OWN_PICTURE, Lesson, LessonState
from simulator.lessons.opening import open_lesson
from simulator.traces.formula import Explanation
from simulator.traces.timeline import SPEEDS, Timeline

MOST_UNDOS = 300
DRAG_SECONDS = 0.04
"""Edits so near to each other are a drag: each is a picture of its own."""
BURST_SECONDS = 0.8
"""Edits of one thing that follow each other within this time are undone at once."""


class Document(QObject):
    """A lesson that is open in a window.

    ``state_changed``: settings, edits or the complaint about them. ``play_changed``: playing, its
    direction, speed or loop. ``step_changed``: the values of another step, level, map or channel
    are on view, or they have been computed anew. ``view_changed``: anything at all that is painted.
    Each is emitted only if there is something new, once for whatever one call changes.
    ``lesson_wanted`` gives the ``Lead`` to another lesson that was asked for.
    """

    state_changed = Signal()
    step_changed = Signal()
    view_changed = Signal()
    play_changed = Signal()
    own_picture_wanted = Signal()
    lesson_wanted = Signal(object)

    def __init__(
        self,
        lesson: Lesson,
        backend: Backend,
        state: LessonState | None = None,
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Open a lesson on a backend; ``state`` is how it was left, ``clock`` counts seconds."""
        super().__init__(parent)
        self.session = open_lesson(lesson, backend, state)
        self._shown_state = self.session.state
        self._bursts = Bursts(BURST_SECONDS, clock)
        self._place_told: Hashable = None
        self._told: Explanation | None = None
        self._before_stroke: LessonState | None = None
        self._stroke: dict[tuple[int, ...], float] = {}
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(round(2000 * DRAG_SECONDS))
        self._later.timeout.connect(self.look_again)
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(MOST_UNDOS)

    @property
    def lesson(self) -> Lesson:
        """Return the lesson."""
        return self.session.lesson

    @property
    def state(self) -> LessonState:
        """Return the state, valid or not."""
        return self.session.state

    @property
    def shown_state(self) -> LessonState:
        """Return the last state that could be shown."""
        return self._shown_state

    @property
    def timeline(self) -> Timeline:
        """Return the timeline."""
        return self.session.timeline

    # Changing the state

    def change(self, name: str, value: Value) -> str:
        """Change a setting, undoably; return why it can't be taken, or an empty string."""
        if self.state.settings.get(name) == value:
            return ""
        if value == OWN_PICTURE and self.state.own_picture is None:
            self.state_changed.emit()  # until there is one, the control shows the one on view
            self.own_picture_wanted.emit()
            return ""
        try:
            after = self.lesson.change(self.state, name, value)
        except ControlError as error:
            return str(error)
        label = self.lesson.control(name).label
        self._push(self.tr("change of {0}").format(label), after, ("setting", name))
        return ""

    def edit_cells(
        self, array: str, cells: Mapping[tuple[int, ...], float], *, merge: bool = False
    ) -> None:
        """Type over cells of a given array, undoably."""
        if not cells:
            return
        key = ("cells", array, *cells) if merge else ()
        text = self.tr("edit of a cell") if len(cells) == 1 else self.tr("drawing")
        self._push(text, self.state.with_cells(array, cells), key)

    def draw(self, start: tuple[int, int], end: tuple[int, int], *, erase: bool) -> None:
        """Go on with a stroke over the input's cells; ``end_stroke`` makes all of it one edit."""
        if self._before_stroke is None:
            self._before_stroke = self.state
        self._stroke.update(self.session.stroke(start, end, erase=erase))
        with self._telling():
            self.session.apply(self._before_stroke.with_cells("input", self._stroke))

    def drag(self, key: str, x: float, y: float) -> None:
        """Drag what the stage lets be dragged to a point, undoably as one edit while it is held."""
        after = self.session.dragged(key, x, y)
        if after is not None:
            self._push(self.tr("dragging"), after, ("drag", key))

    def hold(self) -> None:
        """Make one edit of all that is dragged from now on, until it is let go."""
        self._bursts.hold()

    def let_go(self) -> None:
        """End what ``hold`` began."""
        self._bursts.let_go()

    def end_stroke(self) -> None:
        """Make the stroke an edit that can be undone at once."""
        before, self._before_stroke = self._before_stroke, None
        stroke, self._stroke = self._stroke, {}
        if before is not None:
            self.session.state = before
            self.edit_cells("input", stroke)

    def turn_cell(self, pointer: Pointer, notches: int, *, fine: bool) -> None:
        """Raise or lower a given cell by the wheel, undoable as one edit."""
        value = self.session.turned(pointer, notches, fine=fine)
        self.edit_cells(pointer.array, {pointer.index: value}, merge=True)

    def use_picture(self, loaded: LoadedPicture) -> str:
        """Put the learner's own picture in, undoably; return why that can't be, or ""."""
        if not self.lesson.takes_picture:
            return self.tr(
                "This lesson has data of its own and no place for a picture of yours: open the "
                "picture in another lesson, such as Convolution or Autoencoder."
            )
        after = self.lesson.change(self.state, "picture", OWN_PICTURE)
        self._push(self.tr("your picture"), replace(after, own_picture=loaded))
        return ""

    def reset(self) -> None:
        """Go back to the lesson's beginning, undoably."""
        self._push(self.tr("start over"), self.lesson.initial_state())

    def _push(self, text: str, after: LessonState, merge_key: tuple[object, ...] = ()) -> None:
        if after == self.state:
            return
        burst = self._bursts.key(*merge_key)
        key = burst if merge_key else ()
        self.undo_stack.push(ChangeState(text, self.state, after, self._apply, key))

    def _apply(self, state: LessonState) -> None:
        self._before_stroke, self._stroke = None, {}
        with self._telling():
            if self.session.apply(state):
                self._shown_state = state
            self.state_changed.emit()

    def use_backend(self, backend: Backend) -> None:
        """Compute with another backend from now on; what is on view stays."""
        with self._telling():
            waited_for = self.session.waiting
            self.session.use(backend)
            if self.session.waiting != waited_for:
                self.state_changed.emit()

    # Telling what has changed

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Emit afterwards the signals of what has become another on view."""
        before = self._on_view()
        yield
        signals = (self.play_changed, self.step_changed, self.view_changed)
        for signal, was, now in zip(signals, before, self._on_view(), strict=True):
            if was != now:
                signal.emit()

    def _on_view(self) -> tuple[tuple[object, ...], ...]:
        """Return what each of the signals of ``_telling`` speaks of."""
        session, timeline, moment = self.session, self.timeline, self.timeline.moment
        play = (timeline.playing, timeline.direction, timeline.speed, timeline.loop)
        # A trace equals no other, so this tells of values that were computed anew, too.
        place = session.scene.place(moment.arrived, session.attention)
        step = (session.trace, moment.arrived, place)
        view = (session.trace, moment, timeline.playing, session.attention)
        return play, step, view

    # Going through the steps

    def play(self, direction: int = 1) -> None:
        """Play forwards or backwards."""
        with self._telling():
            self.timeline.play(direction)

    def toggle(self) -> None:
        """Play forwards, or pause."""
        if self.timeline.playing:
            self.pause()
        else:
            self.play()

    def toggle_backwards(self) -> None:
        """Play backwards, or pause if that is what it does."""
        if self.timeline.playing and self.timeline.direction < 0:
            self.pause()
        else:
            self.play(-1)

    def pause(self) -> None:
        """Pause."""
        with self._telling():
            self.timeline.pause()

    def forward(self) -> None:
        """One step on."""
        with self._telling():
            self.timeline.forward()

    def back(self) -> None:
        """One step back."""
        with self._telling():
            self.timeline.back()

    def first(self) -> None:
        """To the first step."""
        with self._telling():
            self.timeline.first()

    def last(self) -> None:
        """To the last step."""
        with self._telling():
            self.timeline.last()

    def seek(self, step: int) -> None:
        """To any step."""
        with self._telling():
            self.timeline.seek(step)

    def set_level(self, level: str) -> None:
        """Count steps in another level."""
        if level != self.session.trace.level:
            with self._telling():
                self.session.set_level(level)

    def set_speed(self, speed: float) -> None:
        """Play at another speed."""
        with self._telling():
            self.timeline.speed = speed

    def set_loop(self, loop: bool) -> None:
        """Start over at the end, or stop there."""
        with self._telling():
            self.timeline.loop = loop

    def pick(self, key: str, index: int) -> None:
        """Look at another map or channel, or go where the picture leads to."""
        lead = self.session.leads_to(key)
        if lead is not None:
            self.pause()
            self.lesson_wanted.emit(lead)
            return
        with self._telling():
            self.session.pick(key, index)

    def change_speed(self, by: int) -> None:
        """Play at the next faster or slower speed, as far as there is one."""
        at = SPEEDS.index(self.timeline.speed) + by
        self.set_speed(SPEEDS[min(max(at, 0), len(SPEEDS) - 1)])

    def toggle_loop(self) -> None:
        """Start over at the end, or stop there."""
        self.set_loop(not self.timeline.loop)

    def change_level(self, by: int) -> None:
        """Count steps in the next coarser or finer level, as far as there is one."""
        levels = list(self.session.trace.levels)
        at = levels.index(self.session.trace.level) + by
        self.set_level(levels[min(max(at, 0), len(levels) - 1)])

    def pick_next(self, key: str, by: int) -> None:
        """Look at the next or previous map or channel, as far as there is one."""
        self.pick(key, self.session.picked(key) + by)

    def look_again(self) -> None:
        """Tell that there is more on view if a training has come further by now."""
        if waiting := self.session.waiting:
            if all(course.is_over(state) for course, state in waiting):
                self._apply(self.state)
            return
        self.session.look_on()
        if self._bursts.since_last < DRAG_SECONDS:
            # The next edit paints it as well: one picture less for a window that is busy.
            self._later.start()
            return
        place = self.session.scene.place(self.timeline.moment.arrived, self.session.attention)
        if place != self._place_told:
            self._place_told = place
            told = self.session.explanation()
            if told != self._told:
                self._told = told
                self.step_changed.emit()
            self.view_changed.emit()

    def tick(self, seconds: float) -> None:
        """Let time pass for the player."""
        with self._telling():
            self.timeline.tick(seconds)

    # Pointing

    def hover(self, pointer: Pointer | None) -> None:
        """Point at a cell, or at none."""
        with self._telling():
            self.session.hovered = pointer

    def pin(self, pointer: Pointer | None) -> None:
        """Keep pointing at a cell; the same cell again frees it."""
        with self._telling():
            self.session.pinned = None if pointer == self.session.pinned else pointer

    def free(self) -> None:
        """Point at nothing any more, pinned or not."""
        with self._telling():
            self.session.pinned = self.session.hovered = None

    def move_pin(self, down: int, across: int) -> None:
        """Pin the cell beside the pinned one; without one, the output cell on view."""
        with self._telling():
            self.session.hovered = None  # the keys point now, wherever the mouse was left
            self.session.move_pin(down, across)

    def pin_next_array(self) -> None:
        """Pin a cell of the next array on view."""
        with self._telling():
            self.session.hovered = None
            self.session.pin_next_array()

    def open_pinned(self) -> None:
        """Go to the step that computes the pinned cell, if one does."""
        if self.session.pinned is not None:
            self.open(self.session.pinned)

    def open(self, pointer: Pointer) -> None:
        """Go to the step that computes a cell, if one does."""
        with self._telling():
            self.session.open(pointer)
