"""What makes the pictures of a trace, whatever its kind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable

from simulator.lessons.frame import AnyFrame, Attention, Card, Pointer, Room
from simulator.traces.formula import Explanation, Fact
from simulator.traces.model import Trace
from simulator.traces.timeline import Moment


class Scene(ABC):
    """Makes frames of one trace: the same moment and attention always give the same frame."""

    @property
    @abstractmethod
    def trace(self) -> Trace:
        """The trace, at the level that steps are counted in."""

    @abstractmethod
    def set_level(self, level: str) -> None:
        """Count steps in another level."""

    @abstractmethod
    def place(self, step: int, attention: Attention) -> Hashable:
        """Return where the picture of a step stands: another place is another picture."""

    @abstractmethod
    def explanation(self, step: int, attention: Attention) -> Explanation:
        """Return the arithmetic of a step."""

    def fact(self) -> Fact | None:
        """Return the relation that holds for the whole lesson, if there is one to tell."""
        return self.trace.size_fact()

    @abstractmethod
    def frame(self, moment: Moment, room: Room, attention: Attention) -> AnyFrame:
        """Return what to paint at a moment."""

    @abstractmethod
    def extents(self, step: int, attention: Attention) -> Hashable:
        """Return what the layout of the picture depends on, such as how many cells there are."""

    @abstractmethod
    def card(self, pointer: Pointer, arrived: int, *, pinned: bool) -> Card:
        """Return what there is to say of a cell once step ``arrived`` is done."""
