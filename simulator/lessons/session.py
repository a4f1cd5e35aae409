"""A lesson that is open: its state, trace, timeline and what is on view. It knows no toolkit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulator.engine.backends.base import Backend
from simulator.engine.geometry import GeometryError
from simulator.lessons.drawing import stroke_cells
from simulator.lessons.frame import Attention, Card, Frame, Pointer, Room
from simulator.lessons.lesson import LARGEST_VALUE, Lesson, LessonState
from simulator.lessons.window_scene import WindowScene
from simulator.traces.formula import Explanation
from simulator.traces.places import Place
from simulator.traces.region import Region
from simulator.traces.timeline import Moment, Timeline
from simulator.traces.window import WindowTrace

SCENES: Mapping[str, type[WindowScene]] = {"window": WindowScene}
"""What makes the pictures of lessons, by the name of their scene."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why a state can't be shown, and the control to say it beside."""

    message: str
    control: str | None


class LessonSession:
    """An open lesson.

    ``trace`` is always the last one that could be made: where a state's sizes don't fit,
    ``complaint`` says why and the picture stays. ``hovered`` and ``pinned`` are the cells that the
    learner points at.
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
        self.state = lesson.initial_state() if state is None else state
        try:
            trace = lesson.trace(self.state, backend)
        except GeometryError:
            self.state = lesson.initial_state()
            trace = lesson.trace(self.state, backend)
        self.scene = SCENES[lesson.scene](lesson, trace, self.state)
        self.timeline = Timeline(len(trace))
        self._picked_channel = 0
        self._last_finest = 0  # where the learner stood at a finer level, or picked a map

    @property
    def trace(self) -> WindowTrace:
        """Return the trace on view, at the level that steps are counted in."""
        return self.scene.trace

    # Changing

    def apply(self, state: LessonState) -> bool:
        """Take a new state; return whether its trace could be made.

        The player stays at the same output cell, or the nearest that there is, and at the same
        term if the window has the same terms.
        """
        self.state = state
        try:
            trace = self.lesson.trace(state, self.backend)
        except GeometryError as error:
            blamed = self.lesson.blamed(error.parameter)
            self.complaint = Complaint(str(error), blamed.name if blamed else None)
            return False
        self.complaint = None
        self._show(trace.at(self.trace.level))
        return True

    def use(self, backend: Backend) -> None:
        """Compute with another backend from now on."""
        self.backend = backend
        self.apply(self.state)

    def _show(self, trace: WindowTrace) -> None:
        old, finest = self.trace, self._finest
        self.scene = SCENES[self.lesson.scene](self.lesson, trace, self.state)
        self.hovered = _still_there(self.hovered, old, trace)
        self.pinned = _still_there(self.pinned, old, trace)
        if _same_steps(old, trace):
            return
        self._last_finest = _nearest(finest, old, trace)
        self.timeline.resize(len(trace), trace.containing(self._last_finest))

    def set_level(self, level: str) -> None:
        """Count steps in another level, staying at the same cell and at what is on view."""
        self._last_finest = self._finest
        self._picked_channel = self.channel_on_view
        self.scene.set_level(level)
        self.timeline.resize(len(self.trace), self.trace.containing(self._last_finest))

    @property
    def _finest(self) -> int:
        """Return the finest step that the learner stands at.

        A step of a coarse level does many; of these it is the one that was left for that level, or
        else the first of the last output cell.
        """
        trace, step = self.trace, self.timeline.step
        if trace.containing(self._last_finest) == step:
            return self._last_finest
        if trace.level == "product":
            return step
        return trace.last_finest(step) + 1 - trace.terms_per_cell

    # What is on view

    @property
    def attention(self) -> Attention:
        """Return what the learner picked and points at."""
        picked_map = self.trace.place(self._last_finest).map
        return Attention(picked_map, self._picked_channel, self.hovered, self.pinned)

    @property
    def channels(self) -> int:
        """Return how many channels of the input can be looked at."""
        return self.scene.channels

    @property
    def place(self) -> Place:
        """Return where the picture stands."""
        return self.scene.place(self.timeline.step, self.attention)

    @property
    def map_on_view(self) -> int:
        """Return the map on view: the step's own, or at the coarsest level the one picked."""
        return self.place.map

    @property
    def channel_on_view(self) -> int:
        """Return the channel on view: the step's own, or above that level the one picked."""
        return self.scene.input_channel(self.place)

    def pick_map(self, index: int) -> None:
        """Look at another map: at the same cell of it."""
        place = self.trace.place(self._finest)
        cell = (min(max(index, 0), self.trace.maps - 1), place.row, place.column)
        term = (place.channel, place.kernel_row, place.kernel_column)
        self._go_to(self.trace.finest_of((*cell, *term)))

    def pick_channel(self, index: int) -> None:
        """Look at another channel of the input: where each makes a map of its own, at that map."""
        picked = min(max(index, 0), self.channels - 1)
        if self.trace.term_shape[0] > 1:
            self._picked_channel = picked
            if self.trace.level == "product":
                place = self.place
                self._go_to(self.trace.finest_of((place.map, place.row, place.column, picked)))
        elif self.channels > 1:
            self.pick_map(picked)

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

    def _finest_with(self, pointer: Pointer) -> int | None:
        """Return the finest step that makes a cell, or one that a given cell has a part in.

        If it has a part in the output cell on view, it is the step there.
        """
        trace, index, place = self.trace, pointer.index, self.place
        if not trace.arrays[pointer.array].given:
            return int(trace.at("product").written_at(Region.cell(pointer.array, *index)).item())
        if pointer.array == "kernel":
            row, column, channel, filter_index = index
            return trace.finest_of((filter_index, place.row, place.column, channel, row, column))
        outputs = [region for region in trace.dependants(pointer.array, index) if region.size]
        if not outputs:
            return None
        here = (place.row, place.column, place.map)
        row, column, map_index = here if here in outputs[0] else outputs[0].first()
        if pointer.array != "input":
            return trace.finest_of((map_index, row, column))
        kernel_row = trace.geometry.window_rows(row).index(index[0])
        kernel_column = trace.geometry.window_columns(column).index(index[1])
        channel = index[2] if trace.term_shape[0] > 1 else 0
        return trace.finest_of((map_index, row, column, channel, kernel_row, kernel_column))

    # Pointing

    def move_pin(self, down: int, across: int) -> None:
        """Pin the neighbour of the pinned cell; without one, pin the output cell on view."""
        place = self.place
        if self.pinned is None:
            self.pinned = Pointer("output", (place.row, place.column, place.map))
            return
        array = self.trace.arrays[self.pinned.array]
        index = list(self.pinned.index)
        for names, by in ((("kernel row", "row"), down), (("kernel column", "column"), across)):
            axis = next((array.axes.index(name) for name in names if name in array.axes), None)
            if axis is not None:
                index[axis] = min(max(index[axis] + by, 0), array.shape[axis] - 1)
        self.pinned = Pointer(array.name, tuple(index))

    def pin_next_array(self) -> None:
        """Pin a cell of the next array that is on view: output, input, kernel, output again."""
        place, geometry = self.place, self.trace.geometry
        height, width = geometry.input_size
        row = min(max(geometry.window_rows(place.row).start, 0), height - 1)
        column = min(max(geometry.window_columns(place.column).start, 0), width - 1)
        ring = [
            Pointer("output", (place.row, place.column, place.map)),
            Pointer("input", (row, column, self.channel_on_view)),
        ]
        if "kernel" in self.trace.arrays:
            ring.append(Pointer("kernel", (0, 0, place.channel, place.map)))
        arrays = [pointer.array for pointer in ring]
        at = arrays.index(self.pinned.array) if self.pinned and self.pinned.array in arrays else -1
        self.pinned = ring[(at + 1) % len(ring)]

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

    # Pictures

    def explanation(self) -> Explanation:
        """Return the arithmetic of the step that is on view."""
        return self.scene.explanation(self.timeline.moment.arrived, self.attention)

    def frame(self, room: Room) -> Frame:
        """Return what to paint now."""
        return self.frame_at(self.timeline.moment, room)

    def frame_at(self, moment: Moment, room: Room) -> Frame:
        """Return what to paint at a moment."""
        return self.scene.frame(moment, room, self.attention)

    def card(self, pointer: Pointer) -> Card:
        """Return what there is to say of a cell."""
        arrived = self.timeline.moment.arrived
        return self.scene.card(pointer, arrived, pinned=pointer == self.pinned)


def _same_steps(old: WindowTrace, new: WindowTrace) -> bool:
    return (old.geometry.output_size, old.term_shape, old.maps) == (
        new.geometry.output_size,
        new.term_shape,
        new.maps,
    )


def _nearest(finest: int, old: WindowTrace, new: WindowTrace) -> int:
    """Return the finest step of a new trace at the place of an old one's, or as near as can be."""
    place = old.place(finest)
    rows, columns = new.geometry.output_size
    cell = (min(place.map, new.maps - 1), min(place.row, rows - 1), min(place.column, columns - 1))
    if old.term_shape != new.term_shape:
        return new.finest_of(cell)
    return new.finest_of((*cell, place.channel, place.kernel_row, place.kernel_column))


def _still_there(pointer: Pointer | None, old: WindowTrace, new: WindowTrace) -> Pointer | None:
    """Return what is pointed at, unless its array has another shape now, or is gone."""
    if pointer is None or pointer.array not in new.arrays:
        return None
    same = old.arrays[pointer.array].shape == new.arrays[pointer.array].shape
    return pointer if same else None
