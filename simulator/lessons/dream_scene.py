"""The board of a Boltzmann machine at work: filters, dreams, and a picture that is filled in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulator.lessons.board import BoardFrame, BoardRow, Gallery, GridPanel, Words
from simulator.lessons.board_planes import BoardPlanes
from simulator.lessons.board_session import BoardScene, BoardSession
from simulator.lessons.compression_data import chosen_picture, learned_from, told_fitted
from simulator.lessons.drawing import stroke_cells
from simulator.lessons.frame import Attention, Card, Pointer, Room, Scale, ScaleKind
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.plain_card import plain_card
from simulator.lessons.planes import nice_limit
from simulator.traces.dreaming import DreamTrace
from simulator.traces.formula import Explanation, Message
from simulator.traces.model import Trace
from simulator.traces.numbers import number
from simulator.traces.timeline import Moment

TITLES = {
    "input": Message("Picture"),
    "kernel": Message("Weight"),
    "start": Message("Start"),
    "hidden_draws": Message("Random number"),
    "visible_draws": Message("Random number"),
    "visible": Message("Visible unit"),
    "drawn_from": Message("Probability"),
    "estimate": Message("Estimate"),
}
MOST_FILTERS = 24


class DreamScene(BoardScene):
    """Makes the boards of one machine at work."""

    def __init__(self, lesson: Lesson, trace: DreamTrace, state: LessonState) -> None:
        """Take a lesson's trace and the state it was made from."""
        del lesson
        self._trace = trace
        self._planes = BoardPlanes(trace)
        kernel = trace.arrays["kernel"].values
        assert isinstance(kernel, np.ndarray)
        self._weights = Scale(ScaleKind.SIGNED, nice_limit(float(np.abs(kernel).max())))
        self._filters = min(len(kernel), MOST_FILTERS)
        chosen = str(state.settings["picture"])
        sample = state.settings["sample"]
        assert isinstance(sample, int)
        self.clean = (chosen_picture(state, chosen, sample) >= 0.5).astype(np.float32)
        self._mean = learned_from(chosen).mean(axis=0).reshape(self.clean.shape)

    @property
    def trace(self) -> DreamTrace:
        """The trace."""
        return self._trace

    def set_level(self, level: str) -> None:
        """Count steps in another level: there is one."""
        self._trace = self._trace.at(level)

    @property
    def samples(self) -> int:
        """How many pictures can be looked at: one."""
        return 1

    @property
    def grid_looked_at(self) -> str:
        """The array of the large grid."""
        return "input"

    def first_index(self, step: int, attention: Attention) -> tuple[int, ...]:
        """Return the index of the first cell of the picture."""
        del step, attention
        return (0, 0)

    def place(self, step: int, attention: Attention) -> int:
        """Return where the picture of a step stands."""
        del attention
        return step

    def explanation(self, step: int, attention: Attention) -> Explanation:
        """Return what is believed after a step."""
        del attention
        return self._trace.explain(step)

    def frame(self, moment: Moment, room: Room, attention: Attention) -> BoardFrame:
        """Return what to paint at a moment."""
        del room
        step = moment.arrived
        picture = self._planes.grid(
            "input", "input", title="Picture", note=Message("paint what is missing"), numbers=True
        )
        known = ~self._trace.missing.reshape(self.clean.shape)
        if not known.all():
            asked = tuple(tuple("?" for _ in row) for row in known)
            picture = replace(picture, written=known, pending=asked)
        picture = replace(picture, editable=True)
        estimate = self._planes.grid("estimate", "estimate", step, title="Filled in", numbers=True)
        return BoardFrame(
            self.explanation(step, attention),
            (
                BoardRow(
                    0.54,
                    (
                        (0.37, GridPanel(picture)),
                        (0.37, GridPanel(estimate, outlined=True)),
                        (0.26, self._words(step)),
                    ),
                ),
                BoardRow(0.46, ((0.5, self._kernel()), (0.5, self._dreams(step)))),
            ),
        )

    def _words(self, step: int) -> Words:
        missing = self._trace.missing.reshape(self.clean.shape)
        lines: list[tuple[Message, str]] = [(Message("Missing"), f"{int(missing.sum())} cells")]
        if missing.any():
            values = self._trace.arrays["estimate"].values
            assert isinstance(values, np.ndarray)
            off = np.square(values[step] - self.clean)[missing].mean()
            mean = np.square(self._mean - self.clean)[missing].mean()
            lines += [
                (Message("Machine’s error"), number(float(off))),
                (Message("Mean image’s error"), number(float(mean))),
            ]
        return Words("words", Message("How far it is off"), tuple(lines))

    def _kernel(self) -> Gallery:
        across = 6
        rows = -(-self._filters // across)
        return Gallery(
            key="filters",
            title=Message("What each hidden unit looks for"),
            note=Message("its weights"),
            rows=tuple(
                tuple(
                    self._planes.grid(f"filter {at}", "kernel", at, scale=self._weights)
                    for at in range(row * across, min((row + 1) * across, self._filters))
                )
                for row in range(rows)
            ),
            row_names=(Message(""),) * rows,
            captions=(),
        )

    def _dreams(self, step: int) -> Gallery:
        across = 4
        rows = self._trace.chains // across
        return Gallery(
            key="dreams",
            title=Message("What it dreams"),
            note=Message("chains that began with coins"),
            rows=tuple(
                tuple(
                    self._planes.grid(f"dream {chain}", "visible", step, chain)
                    for chain in range(1 + row * across, 1 + (row + 1) * across)
                )
                for row in range(rows)
            ),
            row_names=(Message(""),) * rows,
            captions=(),
        )

    def card(self, pointer: Pointer, arrived: int, *, pinned: bool) -> Card:
        """Return what there is to say of a cell."""
        return plain_card(self._trace, pointer, TITLES, arrived, pinned=pinned)


class DreamSession(BoardSession):
    """An open lesson in which a Boltzmann machine is at work."""

    @property
    def scene(self) -> DreamScene:
        """What makes the pictures."""
        return self._scene

    @property
    def fitted(self) -> str:
        """What became of the learner's own picture."""
        return told_fitted(self.state, self._scene.clean)

    def _take(self, trace: Trace) -> None:
        assert isinstance(trace, DreamTrace)
        self._scene = DreamScene(self.lesson, trace, self.state)

    def stroke(
        self, start: tuple[int, int], end: tuple[int, int], *, erase: bool
    ) -> dict[tuple[int, ...], float]:
        """Return the cells that a stroke takes out of the picture, or puts back."""
        clean = self._scene.clean
        cells = stroke_cells(start, end, height=clean.shape[0], width=clean.shape[1])
        return {cell: float(clean[cell]) if erase else float("nan") for cell in cells}
