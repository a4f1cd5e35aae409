"""An open lesson about a recurrent cell: the way through its units, gates and time steps."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from simulator.lessons.back_scene import BackScene
from simulator.lessons.cell_scene import CellScene
from simulator.lessons.deep_scene import DeepScene
from simulator.lessons.frame import Attention, Pointer
from simulator.lessons.recurrence_scene import RecurrenceScene
from simulator.lessons.session import Lead, LessonSession
from simulator.traces.dot_equation import Dot
from simulator.traces.model import Trace
from simulator.traces.recurrence import RecurrentPlace, RecurrentTrace
from simulator.traces.region import Region


class RecurrentSession(LessonSession):
    """An open lesson whose trace is a ``RecurrentTrace``.

    What can be picked are units ("map") and time steps ("channel").
    """

    scene_kind: ClassVar[type[RecurrenceScene]] = CellScene

    @property
    def scene(self) -> RecurrenceScene:
        """What makes the pictures."""
        return self._scene

    @property
    def trace(self) -> RecurrentTrace:
        """The trace on view, at the level that steps are counted in."""
        return self._scene.trace

    def _take(self, trace: Trace) -> None:
        assert isinstance(trace, RecurrentTrace)
        self._scene = self.scene_kind(self.lesson, trace, self.state)

    def _same_steps(self, old: Trace) -> bool:
        assert isinstance(old, RecurrentTrace)
        return _steps(old) == _steps(self.trace)

    def _nearest(self, finest: int, old: Trace) -> int:
        """Return the finest step at the same time step, equation and unit, as far as there are."""
        assert isinstance(old, RecurrentTrace)
        place, new = old.place(finest), self.trace
        if place.segment >= len(new.segments):
            return new.total - 1
        segment = new.segments[place.segment]
        names = [equation.name for equation in segment.equations]
        name = old.equation_at(place).name
        at = names.index(name) if name in names else 0
        equation = segment.equations[at]
        order = min(place.order, segment.times - 1)
        same = old.equation_at(place).moves == equation.moves
        return new.finest_of(
            replace(
                place,
                order=order,
                time=segment.time(order),
                equation=at,
                unit=min(place.unit, equation.units - 1),
                move=place.move if same else equation.moves - 1,
            )
        )

    def _finest_for(self, step: int) -> int:
        """Return the last of the finest steps that a step does, for the unit that was picked."""
        trace = self.trace
        if trace.level in ("product", "unit"):
            return trace.last_finest(step)
        place = trace.focus(step)
        picked = trace.place(self._last_finest).unit
        unit = min(picked, trace.equation_at(place).units - 1)
        return trace.finest_of(replace(place, unit=unit))

    # What is on view

    @property
    def attention(self) -> Attention:
        """Return the unit that was picked, and what the learner points at."""
        unit = self.trace.place(self._last_finest).unit
        return Attention(unit, 0, self.hovered, self.pinned)

    @property
    def place(self) -> RecurrentPlace:
        """Return where the picture stands."""
        return self.scene.place(self.timeline.step, self.attention)

    def picked(self, key: str) -> int:
        """Return the unit or the time step on view."""
        return self.place.unit if key == "map" else self.place.time

    def how_many(self, key: str) -> int:
        """Return how many units or time steps there are."""
        return self.scene.units if key == "map" else self.scene.length

    def pick(self, key: str, index: int) -> None:
        """Look at another unit or time step, at the same equation of it."""
        trace, place = self.trace, self.trace.place(self._finest)
        equation = trace.equation_at(place)
        if key == "map":
            unit = min(max(index, 0), equation.units - 1)
            self._go_to(trace.finest_of(replace(place, unit=unit)))
            return
        segment = trace.segments[place.segment]
        time = min(max(index, 0), segment.times - 1)
        self._go_to(trace.finest_of(replace(place, time=time, order=segment.time(time))))

    def _finest_with(self, pointer: Pointer) -> int | None:
        trace, place = self.trace, self.place
        if not trace.arrays[pointer.array].given:
            region = Region.cell(pointer.array, *pointer.index)
            return int(trace.at("product").written_at(region).item())
        if pointer.array in ("kernel", "recurrent_kernel"):
            return self._finest_weighing(pointer, place)
        found = [region for region in trace.dependants(pointer.array, pointer.index) if region.size]
        if not found:
            return None
        cell = Region.cell(found[0].array, *found[0].first())
        finest = int(trace.at("product").written_at(cell).item())
        reader = trace.place(finest)
        equation = trace.equation_at(reader)
        if isinstance(equation, Dot):
            term = _term_reading(equation, pointer)
            if term is not None:
                return trace.finest_of(replace(reader, move=term))
        return finest

    def _finest_weighing(self, pointer: Pointer, place: RecurrentPlace) -> int | None:
        """Return the product that a weight has a part in, at the time step on view."""
        row, column = pointer.index
        segment = self.trace.segments[0]
        time = min(place.time, segment.times - 1)
        for at, equation in enumerate(segment.equations):
            if not isinstance(equation, Dot):
                continue
            before = 0
            for part in equation.inputs:
                unit, number = column - part.column, row
                if part.transposed:
                    unit, number = row, column - part.column
                inside = 0 <= unit < equation.units and 0 <= number < part.size
                if part.weights == pointer.array and inside:
                    found = RecurrentPlace(0, segment.time(time), time, at, unit, before + number)
                    return self.trace.finest_of(found)
                before += part.size
        return None

    def go_to_the_middle(self) -> None:
        """Go to the memory of a unit, or else to its hidden state, well into the sequence."""
        name = self.scene.states[0]
        unit = min(1, self.scene.units - 1)
        self.open(Pointer(name, (2 * self.scene.length // 3, unit)))

    # Pointing

    def move_pin(self, down: int, across: int) -> None:
        """Pin the neighbour of the pinned cell; without one, pin the value that is written."""
        if self.pinned is None:
            cell = self.trace.told_cell(self.timeline.step)
            name = self.trace.equation_at(self.place).name
            self.pinned = Pointer(name, cell.first()[:2])
            return
        array = self.trace.arrays[self.pinned.array]
        # Time goes across, and what a time step has several of goes down.
        turned = array.axes[0] == "time"
        by = (across, down) if turned else (down, across)
        index = tuple(
            min(max(at + step, 0), length - 1)
            for at, step, length in zip(self.pinned.index, by, array.shape, strict=True)
        )
        self.pinned = Pointer(array.name, index)

    def pin_next_array(self) -> None:
        """Pin a cell of the next array on view: the states, the gates, the input, the weights."""
        place = self.place
        time = min(place.time, self.scene.length - 1)
        unit = min(place.unit, self.scene.units - 1)
        names = [equation.name for equation in self.trace.segments[0].equations]
        whole = [name for name in names if self.trace.arrays[name].shape[1] == self.scene.units]
        ring = [Pointer(name, (time, unit)) for name in reversed(whole)]
        ring = [
            pointer for pointer in ring if self.trace.arrays[pointer.array].shape[1] > 1
        ] or ring
        if "x" in self.trace.arrays:
            ring.append(Pointer("x", (time, 0)))
        equation = self.trace.equation_at(place)
        if isinstance(equation, Dot) and place.segment == 0:
            column = equation.inputs[-1].column + unit
            ring.append(Pointer("recurrent_kernel", (0, column)))
        arrays = [pointer.array for pointer in ring]
        at = arrays.index(self.pinned.array) if self.pinned and self.pinned.array in arrays else -1
        self.pinned = ring[(at + 1) % len(ring)]

    # Changing cells

    def stroke(
        self, start: tuple[int, int], end: tuple[int, int], *, erase: bool
    ) -> dict[tuple[int, ...], float]:
        """Return nothing: a curve is drawn in its control, not on the stage."""
        del start, end, erase
        return {}


def _steps(trace: RecurrentTrace) -> tuple[object, ...]:
    return tuple(
        (segment.times, *((each.name, each.units, each.moves) for each in segment.equations))
        for segment in trace.segments
    )


def _term_reading(equation: Dot, pointer: Pointer) -> int | None:
    """Return the number of the term of a sum that reads a cell (time, value)."""
    before = 0
    for part in equation.inputs:
        if pointer.array in (part.source.array, part.source.edge):
            return before + pointer.index[1]
        before += part.size
    return None


class BackSession(RecurrentSession):
    """An open lesson that goes back through time."""

    scene_kind = BackScene

    def go_to_the_middle(self) -> None:
        """Go to what is handed back, some time steps before the last."""
        unit = min(1, self.scene.units - 1)
        self.open(Pointer("carried", (self.scene.length // 2, unit)))


class DeepSession(RecurrentSession):
    """An open lesson about a grid of cells; what leads to another lesson is the "cell" on view."""

    scene_kind = DeepScene

    def go_to_the_middle(self) -> None:
        """Go to a unit of the uppermost layer, in the middle of the sequence."""
        name = self.trace.segments[-1].equations[-1].name
        self.open(Pointer(name, (self.scene.length // 2, 0)))

    def how_many(self, key: str) -> int:
        """Return how many units the cell on view has, or how many time steps there are."""
        assert isinstance(self.scene, DeepScene)
        return self.scene.units_at(self.place) if key == "map" else self.scene.length

    def leads_to(self, key: str) -> Lead | None:
        """Return the lesson on the cell that is computed: its weights, and what it reads."""
        assert isinstance(self.scene, DeepScene)
        return self.scene.lead(self.place) if key == "cell" else None

    def pin_next_array(self) -> None:
        """Pin a cell of the next array on view: the states of each layer, and the input."""
        place = self.place
        equations = [each for part in self.trace.segments for each in part.equations]
        ring = [
            Pointer(each.name, (place.time, min(place.unit, each.units - 1)))
            for each in reversed(equations)
        ]
        ring.append(Pointer("x", (place.time, 0)))
        arrays = [pointer.array for pointer in ring]
        at = arrays.index(self.pinned.array) if self.pinned and self.pinned.array in arrays else -1
        self.pinned = ring[(at + 1) % len(ring)]
