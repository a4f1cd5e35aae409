"""An open lesson whose stage is a board: the way through its steps, and what can be dragged."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace

from simulator.lessons.frame import Attention, Pointer
from simulator.lessons.lesson import LessonState
from simulator.lessons.scene import Scene
from simulator.lessons.session import LessonSession
from simulator.traces.model import Trace
from simulator.traces.region import Region


class BoardScene(Scene):
    """Makes the boards of one trace."""

    def extents(self, step: int, attention: Attention) -> tuple[()]:
        """Return nothing: a board lays itself out."""
        del step, attention
        return ()

    @property
    @abstractmethod
    def samples(self) -> int:
        """How many pictures can be looked at."""

    @property
    @abstractmethod
    def grid_looked_at(self) -> str:
        """The array of the large grid, whose last two axes are its rows and columns."""

    @abstractmethod
    def first_index(self, step: int, attention: Attention) -> tuple[int, ...]:
        """Return the index of the first cell of the large grid."""

    def dragged(self, state: LessonState, key: str, x: float, y: float) -> LessonState | None:
        """Return the state once a handle is dragged to a point."""
        del state, key, x, y
        return None


class BoardSession(LessonSession):
    """An open lesson whose steps come one after the other; what can be picked is a picture."""

    _picked = 0

    @property
    @abstractmethod
    def scene(self) -> BoardScene:
        """What makes the pictures."""

    def _same_steps(self, old: Trace) -> bool:
        return (len(old), old.total) == (len(self.trace), self.trace.total)

    def _nearest(self, finest: int, old: Trace) -> int:
        del old
        return min(finest, self.trace.total - 1)

    def _finest_for(self, step: int) -> int:
        return self.trace.last_finest(step)

    @property
    def attention(self) -> Attention:
        """Return what the learner picked and points at."""
        return replace(super().attention, map=min(self._picked, self.scene.samples - 1))

    def picked(self, key: str) -> int:
        """Return which picture is looked at."""
        return self.attention.map if key in ("map", "sample") else 0

    def how_many(self, key: str) -> int:
        """Return how many pictures there are."""
        return self.scene.samples if key in ("map", "sample") else 1

    def pick(self, key: str, index: int) -> None:
        """Look at another picture, or go to a step."""
        if key == "step":
            self.timeline.pause()
            self._go_to(min(max(index, 0), self.trace.total - 1))
        elif key in ("map", "sample"):
            self._picked = min(max(index, 0), self.scene.samples - 1)

    def _finest_with(self, pointer: Pointer) -> int | None:
        trace = self.trace
        if trace.arrays[pointer.array].given:
            return None
        level = next(iter(trace.levels))
        return int(trace.at(level).written_at(Region.cell(pointer.array, *pointer.index)).item())

    def go_to_the_middle(self) -> None:
        """Go two fifths of the way."""
        self._go_to(2 * (self.trace.total - 1) // 5)

    def _first_pin(self) -> Pointer:
        scene = self.scene
        return Pointer(scene.grid_looked_at, scene.first_index(self.timeline.step, self.attention))

    def move_pin(self, down: int, across: int) -> None:
        """Pin the neighbour of the pinned cell; without one, the first cell of the large grid."""
        if self.pinned is None:
            self.pinned = self._first_pin()
            return
        shape = self.trace.arrays[self.pinned.array].shape
        *others, row, column = self.pinned.index
        row = min(max(row + down, 0), shape[-2] - 1)
        column = min(max(column + across, 0), shape[-1] - 1)
        self.pinned = Pointer(self.pinned.array, (*others, row, column))

    def pin_next_array(self) -> None:
        """Pin the first cell of the large grid."""
        self.pinned = self._first_pin()

    def stroke(
        self, start: tuple[int, int], end: tuple[int, int], *, erase: bool
    ) -> dict[tuple[int, ...], float]:
        """Return nothing: there is nothing to draw on."""
        del start, end, erase
        return {}

    def dragged(self, key: str, x: float, y: float) -> LessonState | None:
        """Return the state once a handle is dragged to a point."""
        return self.scene.dragged(self.state, key, x, y)
