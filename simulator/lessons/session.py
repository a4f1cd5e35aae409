"""A lesson that is open: its state, trace, timeline and what is on view. It knows no toolkit."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np

from simulator.engine.backends.base import Backend
from simulator.engine.geometry import GeometryError
from simulator.lessons.frame import AnyFrame, Attention, Card, Pointer, Room
from simulator.lessons.lesson import LARGEST_VALUE, Lesson, LessonState, StateError
from simulator.lessons.scene import Scene
from simulator.lessons.training_courses import Course, UntrainedError, trained_elsewhere
from simulator.traces.formula import Explanation
from simulator.traces.model import Trace
from simulator.traces.region import Region
from simulator.traces.timeline import Moment, Timeline


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why a state can't be shown, and the control to say it beside."""

    message: str
    control: str | None


@dataclass(frozen=True, slots=True)
class Lead:
    """Another lesson that a place leads to: its id, its state, and the cell to go to there."""

    lesson: str
    state: LessonState
    at: Pointer


class LessonSession(ABC):
    """An open lesson.

    ``trace`` is always the last one that could be made: where a state's sizes don't fit,
    ``complaint`` says why and the picture stays. ``hovered`` and ``pinned`` are the cells that the
    learner points at. Each kind of scene has a session of its own, which knows its way through
    the steps: ``opening.open_lesson`` makes it.

    Where somebody ``trains_elsewhere`` what a state needs, the picture stays as well while
    that is not trained yet: ``waiting`` names the trainings, and the states they have to reach.
    """

    def __init__(self, lesson: Lesson, backend: Backend, state: LessonState | None = None) -> None:
        """Open a lesson; a state that can't be shown gives way to the lesson's own.

        Args:
            lesson: what to open.
            backend: what computes.
            state: how it was left, or None for its beginning.
        """
        self.lesson = lesson
        self.backend = backend
        self.complaint: Complaint | None = None
        self.trains_elsewhere = False
        self.waiting: tuple[tuple[Course, int], ...] = ()
        self.hovered: Pointer | None = None
        self.pinned: Pointer | None = None
        self.state = lesson.initial_state() if state is None else state
        try:
            trace = lesson.trace(self.state, backend)
        except (GeometryError, StateError):
            self.state = lesson.initial_state()
            trace = lesson.trace(self.state, backend)
        self._take(trace)
        self.timeline = Timeline(len(trace))
        self._last_finest = 0  # where the learner stood at a finer level, or picked a map

    @property
    @abstractmethod
    def scene(self) -> Scene:
        """What makes the pictures."""

    @property
    def trace(self) -> Trace:
        """The trace on view, at the level that steps are counted in."""
        return self.scene.trace

    @abstractmethod
    def _take(self, trace: Trace) -> None:
        """Make the scene of a trace."""

    @property
    def fitted(self) -> str:
        """What became of the learner's own picture, if the lesson makes it another size."""
        return ""

    @property
    def courses(self) -> tuple[tuple[Course, int], ...]:
        """The trainings that the lesson watches, and the state that each goes on to."""
        return ()

    def look_on(self) -> None:
        """Let the picture show more of a training that goes on elsewhere."""
        return

    # Changing

    def apply(self, state: LessonState) -> bool:
        """Take a new state; return whether its trace could be made.

        The player stays at the same place, or the nearest that there is.
        """
        self.state, self.complaint, self.waiting = state, None, ()
        try:
            with trained_elsewhere() if self.trains_elsewhere else nullcontext():
                trace = self.lesson.trace(state, self.backend)
        except (GeometryError, StateError) as error:
            blamed = self.lesson.blamed(error.parameter)
            self.complaint = Complaint(str(error), blamed.name if blamed else None)
            return False
        except UntrainedError as untrained:
            self.waiting = ((untrained.course, untrained.state),)
            return False
        self._show(trace.at(self.trace.level))
        return True

    def use(self, backend: Backend) -> None:
        """Compute with another backend from now on."""
        self.backend = backend
        self.apply(self.state)

    def _show(self, trace: Trace) -> None:
        old, finest = self.trace, self._finest
        self._take(trace)
        self.hovered = _still_there(self.hovered, old, trace)
        self.pinned = _still_there(self.pinned, old, trace)
        if self._same_steps(old):
            return
        self._last_finest = self._nearest(finest, old)
        self.timeline.resize(len(trace), trace.containing(self._last_finest))

    @abstractmethod
    def _same_steps(self, old: Trace) -> bool:
        """Return whether the trace goes through the same steps as the one before it."""

    @abstractmethod
    def _nearest(self, finest: int, old: Trace) -> int:
        """Return the finest step at the place of an old trace's, or as near as can be."""

    def set_level(self, level: str) -> None:
        """Count steps in another level, staying at the same place and at what is on view."""
        self._last_finest = self._finest
        self.scene.set_level(level)
        self.timeline.resize(len(self.trace), self.trace.containing(self._last_finest))

    @property
    def _finest(self) -> int:
        """Return the finest step that the learner stands at.

        A step of a coarse level does many; of these it is the one that was left for that level, or
        else the one that stands for them.
        """
        trace, step = self.trace, self.timeline.step
        if trace.containing(self._last_finest) == step:
            return self._last_finest
        return self._finest_for(step)

    @abstractmethod
    def _finest_for(self, step: int) -> int:
        """Return the finest step that stands for a step of the present level."""

    # What is on view

    @property
    def attention(self) -> Attention:
        """Return what the learner picked and points at."""
        return Attention(hovered=self.hovered, pinned=self.pinned)

    @property
    def map_on_view(self) -> int:
        """Return which of several maps is on view."""
        return self.picked("map")

    @abstractmethod
    def picked(self, key: str) -> int:
        """Return which of several is on view: "map" or "channel", as a frame's choices say."""

    @abstractmethod
    def how_many(self, key: str) -> int:
        """Return how many maps or channels there are to look at."""

    @abstractmethod
    def pick(self, key: str, index: int) -> None:
        """Look at another of several."""

    def open(self, pointer: Pointer) -> bool:
        """Go to the step that a cell is made in, or has a part in; return whether there is one."""
        finest = self._finest_with(pointer)
        if finest is None:
            return False
        self.timeline.pause()
        self._go_to(finest)
        return True

    def _go_to(self, finest: int) -> None:
        self._last_finest = finest
        self.timeline.seek(self.trace.containing(finest))

    @abstractmethod
    def _finest_with(self, pointer: Pointer) -> int | None:
        """Return the finest step that makes a cell, or one that a given cell has a part in."""

    @abstractmethod
    def go_to_the_middle(self) -> None:
        """Go to the step that shows the most: a picture of the lesson is taken there."""

    # Pointing

    @abstractmethod
    def move_pin(self, down: int, across: int) -> None:
        """Pin the neighbour of the pinned cell; without one, pin the output cell on view."""

    @abstractmethod
    def pin_next_array(self) -> None:
        """Pin a cell of the next array that is on view."""

    # Changing cells

    def turned(self, pointer: Pointer, notches: int, *, fine: bool) -> float:
        """Return a given cell's value after some notches of a wheel.

        A notch is 1 in an array of whole numbers and a tenth in another; a fine one a tenth of it.
        """
        array = self.trace.arrays[pointer.array]
        values = self.trace.read(Region.whole(array.name, array.shape))
        notch = 1.0 if np.array_equal(values, np.round(values)) else 0.1
        turned = float(values[pointer.index]) + notches * (notch / 10 if fine else notch)
        return min(max(round(turned, 6), -LARGEST_VALUE), LARGEST_VALUE)

    @abstractmethod
    def stroke(
        self, start: tuple[int, int], end: tuple[int, int], *, erase: bool
    ) -> dict[tuple[int, ...], float]:
        """Return the input cells that a stroke covers, with their new value."""

    def leads_to(self, key: str) -> Lead | None:
        """Return the lesson that a place of the picture leads to, by its name; None if to none."""
        del key
        return None

    def dragged(self, key: str, x: float, y: float) -> LessonState | None:
        """Return the state once something of the picture is dragged to a point; None if it isn't.

        ``key`` is that of a handle of the frame.
        """
        del key, x, y
        return None

    # Pictures

    def explanation(self) -> Explanation:
        """Return the arithmetic of the step that is on view."""
        return self.scene.explanation(self.timeline.moment.arrived, self.attention)

    def extents(self, moment: Moment | None = None) -> Hashable:
        """Return what the layout of the picture depends on now, or at a moment."""
        arrived = (moment or self.timeline.moment).arrived
        return self.scene.extents(arrived, self.attention)

    def frame(self, room: Room) -> AnyFrame:
        """Return what to paint now."""
        return self.frame_at(self.timeline.moment, room)

    def frame_at(self, moment: Moment, room: Room) -> AnyFrame:
        """Return what to paint at a moment."""
        return self.scene.frame(moment, room, self.attention)

    def card(self, pointer: Pointer) -> Card:
        """Return what there is to say of a cell."""
        arrived = self.timeline.moment.arrived
        return self.scene.card(pointer, arrived, pinned=pointer == self.pinned)


def _still_there(pointer: Pointer | None, old: Trace, new: Trace) -> Pointer | None:
    """Return what is pointed at, unless its array has another shape now, or is gone."""
    if pointer is None or pointer.array not in new.arrays:
        return None
    same = old.arrays[pointer.array].shape == new.arrays[pointer.array].shape
    return pointer if same else None
