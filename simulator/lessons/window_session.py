"""An open lesson in which a window slides: the way through its steps, maps and channels."""

from __future__ import annotations

from simulator.engine.backends.base import Backend
from simulator.lessons.drawing import stroke_cells
from simulator.lessons.frame import Attention, Pointer
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.session import LessonSession
from simulator.lessons.window_scene import WindowScene
from simulator.traces.model import Trace
from simulator.traces.places import Place
from simulator.traces.region import Region
from simulator.traces.window import WindowTrace


class WindowSession(LessonSession):
    """An open lesson whose trace is a ``WindowTrace``."""

    def __init__(self, lesson: Lesson, backend: Backend, state: LessonState | None = None) -> None:
        """Open a lesson; see ``LessonSession``."""
        self._picked_channel = 0
        super().__init__(lesson, backend, state)

    @property
    def scene(self) -> WindowScene:
        """What makes the pictures."""
        return self._scene

    @property
    def trace(self) -> WindowTrace:
        """The trace on view, at the level that steps are counted in."""
        return self._scene.trace

    def _take(self, trace: Trace) -> None:
        assert isinstance(trace, WindowTrace)
        self._scene = WindowScene(self.lesson, trace, self.state)

    def _same_steps(self, old: Trace) -> bool:
        assert isinstance(old, WindowTrace)
        return _steps(old) == _steps(self.trace)

    def _nearest(self, finest: int, old: Trace) -> int:
        """Return the finest step at the same output cell, or the nearest that there is.

        If the window has the same terms, it is the step of the same term.
        """
        assert isinstance(old, WindowTrace)
        place, new = old.place(finest), self.trace
        rows, columns = new.geometry.output_size
        cell = (
            min(place.map, new.maps - 1),
            min(place.row, rows - 1),
            min(place.column, columns - 1),
        )
        if old.term_shape != new.term_shape:
            return new.finest_of(cell)
        return new.finest_of((*cell, place.channel, place.kernel_row, place.kernel_column))

    def set_level(self, level: str) -> None:
        """Count steps in another level, staying at the same cell and at what is on view."""
        self._picked_channel = self.channel_on_view
        super().set_level(level)

    def _finest_for(self, step: int) -> int:
        """Return the first step of the last output cell that a step makes."""
        if self.trace.level == "product":
            return step
        return self.trace.last_finest(step) + 1 - self.trace.terms_per_cell

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
    def channel_on_view(self) -> int:
        """Return the channel on view: the step's own, or above that level the one picked."""
        return self.scene.input_channel(self.place)

    def picked(self, key: str) -> int:
        """Return the map on view: the step's own, or at the coarsest level the one picked.

        Of the channels too, it is the step's own, or above that level the one picked.
        """
        return self.place.map if key == "map" else self.channel_on_view

    def how_many(self, key: str) -> int:
        """Return how many maps or channels there are to look at."""
        return self.trace.maps if key == "map" else self.channels

    def pick(self, key: str, index: int) -> None:
        """Look at another map or channel."""
        if key == "map":
            self.pick_map(index)
        else:
            self.pick_channel(index)

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

    def go_to_the_middle(self) -> None:
        """Go to the step that finishes the cell in the middle of the output."""
        rows, columns, _ = self.trace.arrays["output"].shape
        self.open(Pointer("output", (rows // 2, columns // 2, 0)))

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


def _steps(trace: WindowTrace) -> tuple[object, ...]:
    return trace.geometry.output_size, trace.term_shape, trace.maps
