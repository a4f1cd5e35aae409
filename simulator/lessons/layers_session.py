"""An open lesson that goes through a network: the way through its parts and units."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulator.engine.backends.base import Backend
from simulator.lessons.compression_data import told_fitted
from simulator.lessons.drawing import stroke_cells
from simulator.lessons.frame import Attention, Pointer
from simulator.lessons.layers_scene import LayersScene
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.session import LessonSession
from simulator.traces.model import Trace
from simulator.traces.region import Region
from simulator.traces.staged import Spot, StagedTrace


class LayersSession(LessonSession):
    """An open lesson whose trace is a ``StagedTrace``. What can be picked are its stations."""

    def __init__(self, lesson: Lesson, backend: Backend, state: LessonState | None = None) -> None:
        """Open a lesson; a network from the lab at the layer that was opened there."""
        super().__init__(lesson, backend, state)
        own = self.state.own_network
        if own is not None:
            name = f"layer_{own.opened}"
            opened = next(  # some layers begin with a part of their own
                number
                for number, part in enumerate(self.trace.parts)
                if part.name in (name, f"{name}_apart", f"{name}_softmax")
            )
            self._go_to(self.trace.finest_of(Spot(opened, 0, 0)))

    @property
    def scene(self) -> LayersScene:
        """What makes the pictures."""
        return self._scene

    @property
    def trace(self) -> StagedTrace:
        """The trace on view, at the level that steps are counted in."""
        return self._scene.trace

    @property
    def fitted(self) -> str:
        """What became of the learner's own picture."""
        shown = self.trace.arrays["input"].values
        return told_fitted(self.state, shown) if isinstance(shown, np.ndarray) else ""

    def _take(self, trace: Trace) -> None:
        assert isinstance(trace, StagedTrace)
        self._scene = LayersScene(self.lesson, trace, self.state)

    def _same_steps(self, old: Trace) -> bool:
        assert isinstance(old, StagedTrace)
        return _steps(old) == _steps(self.trace)

    def _nearest(self, finest: int, old: Trace) -> int:
        """Return the finest step of the same part and unit, or the nearest that there is."""
        assert isinstance(old, StagedTrace)
        spot = old.spot(finest)
        number = min(spot.part, len(self.trace.parts) - 1)
        part = self.trace.parts[number]
        same = part.steps_per_unit == old.parts[spot.part].steps_per_unit
        at = spot.at if same else min(spot.at, part.steps_per_unit - 1)
        return self.trace.finest_of(Spot(number, min(spot.unit, part.units - 1), at))

    def _finest_for(self, step: int) -> int:
        """Return the last step of the unit that stands for a step."""
        return self.trace.finest_of(self.trace.focus(step))

    # What is on view

    @property
    def attention(self) -> Attention:
        """Return what the learner picked and points at."""
        left = self.trace.spot(self._last_finest)
        number = self.trace.parts[left.part].map_of(left.unit)
        return replace(super().attention, map=self.trace.station(left.part), channel=number)

    @property
    def place(self) -> Spot:
        """Return where the picture stands."""
        return self._scene.place(self.timeline.step, self.attention)

    def picked(self, key: str) -> int:
        """Return the station that the part on view works on, or the map that is looked at."""
        place = self.place
        if key == "map":
            return self.trace.station(place.part)
        return self.trace.parts[place.part].map_of(place.unit)

    def how_many(self, key: str) -> int:
        """Return how many stations there are, or maps of the part on view."""
        return len(self.trace.stations) if key == "map" else self.trace.parts[self.place.part].maps

    def pick(self, key: str, index: int) -> None:
        """Go to the part that makes a station, or to another map of the one on view."""
        if key != "map":
            place = self.place
            unit = self.trace.parts[place.part].on_map(place.unit, index)
            self._go_to(self.trace.finest_of(replace(place, unit=unit)))
            return
        number = self.trace.part_of_station(min(max(index, 0), self.how_many(key) - 1))
        part = self.trace.parts[number]
        last = self.trace.level != "product"
        self._go_to(self.trace.finest_of(Spot(number, 0, part.steps_per_unit - 1 if last else 0)))

    def _finest_with(self, pointer: Pointer) -> int | None:
        """Return the finest step that makes a cell, or one that a given cell has a part in.

        If it has a part in the unit on view, it is the step there.
        """
        trace, place = self.trace, self.place
        if not trace.arrays[pointer.array].given:
            cell = Region.cell(pointer.array, *pointer.index)
            return int(trace.at("product").written_at(cell).item())
        number = trace.part_reading(pointer.array, place.part)
        if number is None:
            return None
        unit = place.unit if number == place.part else 0
        found = trace.parts[number].step_of(pointer.array, pointer.index, unit)
        return None if found is None else trace.finest_of(Spot(number, *found))

    def go_to_the_middle(self) -> None:
        """Go to the middle of the first part: to a product of one of its units."""
        part = self.trace.parts[0]
        self._go_to(self.trace.finest_of(Spot(0, part.units // 2, part.steps_per_unit // 2)))

    # Pointing

    def move_pin(self, down: int, across: int) -> None:
        """Pin the neighbour of the pinned cell; without one, pin the unit on view."""
        if self.pinned is None:
            self.pinned = self._ring()[0]
            return
        shape = self.trace.arrays[self.pinned.array].shape
        # The rows and columns on view are those that the array's plane has: see PartView.
        first = self._first_shown(self.pinned.array)
        index = list(self.pinned.index)
        for axis, by in ((first, down), (first + 1, across)):
            index[axis] = min(max(index[axis] + by, 0), shape[axis] - 1)
        self.pinned = Pointer(self.pinned.array, tuple(index))

    def _first_shown(self, array: str) -> int:
        view = self._scene.view(self.place)
        for shown in (view.input, view.weights, view.terms, view.output):
            if shown is not None and shown.array == array:
                return len(shown.fixed) if shown.first else 0
        return 0

    def _ring(self) -> list[Pointer]:
        """Return a cell of each array on view: output, input, weights."""
        view = self._scene.view(self.place)
        found = []
        for shown, cell in (
            (view.output, view.output_cell),
            (view.input, view.input_cell),
            (view.weights, view.weights_cell),
        ):
            if shown is not None:
                at = cell or (0, 0)
                index = (*shown.fixed, *at) if shown.first else (*at, *shown.fixed)
                found.append(Pointer(shown.array, index))
        return found

    def pin_next_array(self) -> None:
        """Pin a cell of the next array that is on view: output, input, weights, output again."""
        ring = self._ring()
        arrays = [pointer.array for pointer in ring]
        at = arrays.index(self.pinned.array) if self.pinned and self.pinned.array in arrays else -1
        self.pinned = ring[(at + 1) % len(ring)]

    def stroke(
        self, start: tuple[int, int], end: tuple[int, int], *, erase: bool
    ) -> dict[tuple[int, ...], float]:
        """Return the input cells that a stroke covers, with their new value."""
        height, width = self.trace.arrays["input"].shape
        cells = stroke_cells(start, end, height=height, width=width)
        return dict.fromkeys(cells, 0.0 if erase else 1.0)


def _steps(trace: StagedTrace) -> tuple[object, ...]:
    return tuple((part.name, part.shape, part.steps_per_unit) for part in trace.parts)
