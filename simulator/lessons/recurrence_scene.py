"""What the scenes of recurrences share: the place that is looked at, and what is told of it."""

from __future__ import annotations

from dataclasses import replace

from simulator.lessons.cell_card import cell_card
from simulator.lessons.cell_strands import CellStrands
from simulator.lessons.frame import Attention, Card, Pointer
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.scene import Scene
from simulator.traces.formula import Explanation
from simulator.traces.recurrence import RecurrentPlace, RecurrentTrace


class RecurrenceScene(Scene):
    """Makes frames of one recurrent trace; ``length`` time steps, ``units``, and the states."""

    main = "h"
    """The array (T, U) of states that says how many time steps and units there are."""
    _end = 0
    """The time step that is looked at once all of them have been gone through."""

    def __init__(self, lesson: Lesson, trace: RecurrentTrace, state: LessonState) -> None:
        """Take a lesson's trace and the state it was made from."""
        self._trace = trace
        self._lesson = lesson
        self._state = state
        self._strands = CellStrands(trace, state)
        self._told: tuple[tuple[object, ...], Explanation] | None = None
        self.length, self.units = trace.arrays[self.main].shape
        self.states = ("c", "h") if "c" in trace.arrays else ("h",)

    @property
    def trace(self) -> RecurrentTrace:
        """The trace, at the level that steps are counted in."""
        return self._trace

    def set_level(self, level: str) -> None:
        """Count steps in another level."""
        self._trace = self._strands.trace = self._trace.at(level)

    def place(self, step: int, attention: Attention) -> RecurrentPlace:
        """Return where the picture of a step stands: above single units, at the one picked."""
        place = self._trace.focus(step)
        if self._trace.level in ("product", "unit"):
            return place
        equation = self._trace.equation_at(place)
        return replace(place, unit=min(attention.map, equation.units - 1))

    def explanation(self, step: int, attention: Attention) -> Explanation:
        """Return the arithmetic of a step: at the coarse levels, of the unit that is looked at."""
        place = self.place(step, attention)
        key = (self._trace.level, step, place)
        if self._told is None or self._told[0] != key:
            self._told = (key, self._trace.explain_at(place, step))
        return self._told[1]

    def card(self, pointer: Pointer, arrived: int, *, pinned: bool) -> Card:
        """Return what there is to say of a cell once step ``arrived`` is done."""
        can_change = pointer.array in self._lesson.remakes
        return cell_card(self._trace, pointer, arrived, pinned=pinned, can_change=can_change)

    def time_of(self, place: RecurrentPlace) -> int:
        """Return the time step that is looked at."""
        return place.time if place.segment == 0 else self._end

    def unit_of(self, place: RecurrentPlace, attention: Attention) -> int:
        """Return the unit that is looked at: of an equation with others, the one picked."""
        if self._trace.equation_at(place).units != self.units:
            return min(attention.map, self.units - 1)
        return place.unit


def page(at: int, total: int, most: int, *, shared: int = 0) -> range:
    """Return up to ``most`` of ``total`` numbers, ``at`` among them.

    They stand still while ``at`` goes through them, and then turn like a page, of which ``shared``
    numbers stand on the next one too.
    """
    most = max(1, min(most, total))
    turn = max(1, most - shared)
    first = max(0, at - shared + 1) // turn * turn if shared else at // turn * turn
    first = min(first, at, total - most)
    return range(first, first + most)
