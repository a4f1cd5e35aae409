"""A lesson that is open: its state, trace, timeline and what is on view. It knows no toolkit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.engine.backends.base import Backend
from simulator.engine.geometry import GeometryError
from simulator.lessons.drawing import stroke_cells
from simulator.lessons.frame import Card, Frame, Pointer, Room
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.window_scene import WindowScene
from simulator.traces.formula import Explanation
from simulator.traces.timeline import Moment, Timeline
from simulator.traces.window import Place, WindowTrace


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why a state can't be shown, and the control to say it beside."""

    message: str
    control: str | None


class LessonSession:
    """An open lesson.

    ``trace`` is always the last one that could be made: where a state's sizes don't fit,
    ``complaint`` says why and the picture stays.
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
        self.hovered: Pointer | None = None
        self.pinned: Pointer | None = None
        self._channel = 0
        self._map = 0
        initial = lesson.initial_state() if state is None else state
        try:
            self.trace: WindowTrace = lesson.trace(initial, backend)
        except ValueError:
            initial = lesson.initial_state()
            self.trace = lesson.trace(initial, backend)
        self.state = initial
        self.scene = WindowScene(lesson, self.trace, initial)
        self.timeline = Timeline(len(self.trace))

    # Changing

    def apply(self, state: LessonState) -> bool:
        """Take a new state; return whether its trace could be made.

        The player stays at the same output cell where it still exists.
        """
        try:
            trace = self.lesson.trace(state, self.backend)
        except GeometryError as error:
            blamed = self.lesson.blamed(error.parameter)
            self.complaint = Complaint(str(error), blamed.name if blamed else None)
            self.state = state
            return False
        self.complaint = None
        self.state = state
        self._show(trace.at(self.trace.level))
        return True

    def use(self, backend: Backend) -> None:
        """Compute with another backend from now on."""
        self.backend = backend
        self.apply(self.state)

    def _show(self, trace: WindowTrace) -> None:
        old, step = self.trace, self.timeline.step
        same_steps = (
            old.geometry.output_size == trace.geometry.output_size
            and old.term_shape == trace.term_shape
            and old.maps == trace.maps
        )
        self.trace = trace
        self.scene = WindowScene(self.lesson, trace, self.state)
        self._map = min(self._map, trace.maps - 1)
        self._channel = min(self._channel, self.channels - 1)
        self.hovered = None
        if same_steps:
            return
        self.pinned = None
        place = old.place(old.last_finest(step))
        rows, columns = trace.geometry.output_size
        if place.map < trace.maps and place.row < rows and place.column < columns:
            finest = trace.finest_of((place.map, place.row, place.column))
        else:
            finest = 0
        self.timeline.resize(len(trace), trace.containing(finest))

    def set_level(self, level: str) -> None:
        """Count steps in another level, staying at the same cell."""
        finest = self.trace.last_finest(self.timeline.step)
        if level == "product" and self.trace.level != "product":
            finest += 1 - self.trace.terms_per_cell
        self._map = self.map_on_view
        self.trace = self.trace.at(level)
        self.scene.trace = self.trace
        self.timeline.resize(len(self.trace), self.trace.containing(finest))

    # What is on view

    @property
    def channels(self) -> int:
        """Return how many channels of the input can be looked at."""
        return int(self.trace.arrays["input"].shape[2])

    @property
    def place(self) -> Place:
        """Return where the picture stands."""
        return self.trace.focus(self.timeline.step)

    @property
    def map_on_view(self) -> int:
        """Return the map on view: the step's own, or at the coarsest level the one picked."""
        return self._map if self.trace.level == "layer" else self.place.map

    @property
    def channel_on_view(self) -> int:
        """Return the channel on view: the step's own, or above that level the one picked."""
        return self.scene.channel_of(self.place, self._channel)

    def pick_map(self, index: int) -> None:
        """Look at another map: at the same cell of it."""
        self._map = min(max(index, 0), self.trace.maps - 1)
        if self.trace.level == "layer":
            return
        place = self.trace.place(self.trace.last_finest(self.timeline.step))
        same = (self._map, place.row, place.column, place.channel)
        finest = self.trace.finest_of((*same, place.kernel_row, place.kernel_column))
        self.timeline.seek(self.trace.containing(finest))

    def pick_channel(self, index: int) -> None:
        """Look at another channel of the input."""
        self._channel = min(max(index, 0), self.channels - 1)
        if self.trace.term_shape[0] == 1 and self.trace.maps == self.channels:
            self.pick_map(self._channel)
        elif self.trace.level == "product":
            place = self.place
            finest = self.trace.finest_of((place.map, place.row, place.column, self._channel))
            self.timeline.seek(self.trace.containing(finest))

    def open(self, pointer: Pointer) -> bool:
        """Go to the step that finishes a cell of the output; return whether there is one."""
        targets = (
            (Pointer("output", pointer.index),)
            if pointer.array == "output"
            else tuple(
                Pointer("output", region.first())
                for region in self.trace.dependants(pointer.array, pointer.index)
                if region.array == "output" and region.size
            )
        )
        if not targets:
            return False
        self.timeline.pause()
        row, column, feature_map = targets[0].index
        step = self.trace.step_computing((row, column, feature_map))
        if self.trace.level == "product" and pointer.array != "output":
            step -= self.trace.terms_per_cell - 1
        self.timeline.seek(step)
        return True

    def move_pin(self, down: int, across: int) -> None:
        """Pin the neighbour of the pinned cell; without one, pin the output cell on view."""
        place = self.place
        if self.pinned is None:
            self.pinned = Pointer("output", (place.row, place.column, self.map_on_view))
            return
        shape = self.trace.arrays[self.pinned.array].shape
        axes = self.trace.arrays[self.pinned.array].axes
        index = list(self.pinned.index)
        for names, by in ((("kernel row", "row"), down), (("kernel column", "column"), across)):
            name = next((name for name in names if name in axes), None)
            if name is not None:
                axis = axes.index(name)
                index[axis] = min(max(index[axis] + by, 0), shape[axis] - 1)
        self.pinned = Pointer(self.pinned.array, tuple(index))

    def pin_next_array(self) -> None:
        """Pin a cell of the next array that is on view: output, input, kernel, output again."""
        place = self.place
        rows, columns = self.trace.geometry.window_rows(place.row), self.trace.geometry.window_columns(place.column)
        height, width = self.trace.geometry.input_size
        corner = (min(max(rows[0], 0), height - 1), min(max(columns[0], 0), width - 1))
        ring = [
            Pointer("output", (place.row, place.column, self.map_on_view)),
            Pointer("input", (*corner, self.channel_on_view)),
        ]
        if "kernel" in self.trace.arrays:
            ring.append(Pointer("kernel", (0, 0, place.channel, place.map)))
        arrays = [pointer.array for pointer in ring]
        at = arrays.index(self.pinned.array) if self.pinned and self.pinned.array in arrays else -1
        self.pinned = ring[(at + 1) % len(ring)]

    def turned(self, pointer: Pointer, notches: int, *, fine: bool) -> float:
        """Return a given cell's value after some notches of a wheel.

        A notch is 1 in an array of whole numbers and a tenth in another; a fine one a tenth of it.
        """
        values = np.asarray(self.trace.arrays[pointer.array].values)
        whole = bool(np.array_equal(values, np.round(values)))
        notch = (1.0 if whole else 0.1) * (0.1 if fine else 1.0)
        return round(float(values[pointer.index]) + notches * notch, 6)

    def stroke(
        self, start: tuple[int, int], end: tuple[int, int], *, erase: bool
    ) -> dict[tuple[int, ...], float]:
        """Return the input cells that a stroke covers, all channels, with their new value."""
        height, width, depth = self.trace.arrays["input"].shape
        value = 0.0 if erase else self.scene.white
        return {
            (*cell, channel): value
            for cell in stroke_cells(start, end, height=height, width=width)
            for channel in range(depth)
        }

    def explanation(self) -> Explanation:
        """Return the arithmetic of the step that is on view."""
        return self.scene.explanation(self.timeline.moment.arrived)

    def frame(self, room: Room) -> Frame:
        """Return what to paint now."""
        return self.frame_at(self.timeline.moment, room)

    def frame_at(self, moment: Moment, room: Room) -> Frame:
        """Return what to paint at a moment."""
        return self.scene.frame(
            moment,
            room,
            picked_map=self._map,
            picked_channel=self._channel,
            hovered=self.hovered,
            pinned=self.pinned,
        )

    def card(self, pointer: Pointer) -> Card:
        """Return what there is to say of a cell."""
        return self.scene.card(pointer, self.timeline.moment.arrived)
