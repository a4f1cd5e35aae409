"""Where everything of a recurrent cell stands on a stage. Rectangles are in logical pixels."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF

from simulator.gui import metrics
from simulator.lessons.cell_frame import CellExtents
from simulator.lessons.frame import Room

HEAD = 86
PITCH, MOST_PITCH = 72.0, 124.0
"""From one time step to the next."""
CARD = 56.0
STATE = 22.0
"""Height of a row of states in a step's card."""
LABEL = 30.0
"""Under the cards: what each time step reads."""
FAN = 18.0
LEAST_OPENED = 282.0
MOST_OPENED = 460.0
LEAST_SIMPLE, SIMPLE = 210.0, 270.0
"""Of a simple cell, which has no gates: at least, and where there is room."""
ENOUGH_MAP, MOST_MAP = 240.0, 440.0
"""The height of the map of its states: enough, and at most."""
MOST_VALUES = 6
"""So many values are on view with all units, where there is room."""
LETTERS = 12.0
"""Width of the letters left of the chain and of the rows."""
ROWS_HEAD = 28.0
LEAST_ROW, MOST_ROW = 15.0, 56.0
LEAST_UNITS = 2
"""Fewer units of a cell with gates are not on view for the sake of the rows below it."""
BESIDE_HEAD = 22.0
UNIT_ROW = 20.0
"""Height of a unit's row in the card of a gate."""
ABOVE_GATES = 140.0
BELOW_GATES = 26.0
GATE_HEAD = 32.0
MOST_UNITS = 12
INPUT_ROW = 20.0


@dataclass(frozen=True, slots=True)
class CellPlan:
    """Every rectangle of the stage of a cell."""

    head: QRectF
    chain: QRectF
    first_step: float
    steps: int
    opened: QRectF
    rows: QRectF | None
    beside: bool
    row: float
    units: int
    values: int
    pitch: float

    @property
    def room(self) -> Room:
        """Return how many units, time steps and values there is room for."""
        return Room(input=(self.units, self.steps), output=(self.values, 0))

    def step(self, number: int) -> QRectF:
        """Return the card of a time step, counted from the first one on view."""
        return QRectF(
            self.first_step + number * self.pitch,
            self.chain.top(),
            CARD,
            self.chain.height() - LABEL,
        )

    @property
    def foot(self) -> float:
        """Return where a card that covers none of the cells may stand."""
        return self.opened.bottom()


def _least_opened(units: int) -> float:
    """Return the height of an opened cell with gates of so many units."""
    return ABOVE_GATES + GATE_HEAD + units * UNIT_ROW + BELOW_GATES


def _rows_height(own: int, beside: int, row: float) -> float:
    """Return the height of a cell's rows over time, and of those of another cell under them."""
    return ROWS_HEAD + 12 + (BESIDE_HEAD if beside else 0.0) + (own + beside) * row


def cell_plan(width: float, height: float, extents: CellExtents) -> CellPlan:
    """Return the plan of a stage ``width`` by ``height``."""
    margin = float(metrics.STAGE_MARGIN) if width > 640 else 16.0
    left, available = margin, width - 2 * margin
    chain_top = HEAD + 10.0
    chain = QRectF(left, chain_top, available, 6 + extents.states * STATE + LABEL)
    first = left + LETTERS - 4
    steps = max(1, int((width - margin - first + PITCH - CARD) / PITCH))
    pitch = PITCH
    if extents.steps <= steps:  # what room a short sequence leaves, its steps share
        pitch = max(PITCH, min(MOST_PITCH, (width - margin - first - CARD) / extents.steps))
    top = chain.bottom() + FAN
    own = 5 if extents.kind == "lstm" else 4
    below = height - top - 14
    beside = extents.beside
    if extents.has_map:
        least = LEAST_SIMPLE - 20
        terms = min(MOST_UNITS, extents.units) + min(MOST_VALUES, extents.values) + 1
        most = min(MOST_OPENED, max(SIMPLE, 80.0 + 27.0 * terms))
        room = below - ROWS_HEAD - 12
        # Past what both need at least, the cell comes first, and then the map.
        row = max(room - most, min(room - SIMPLE, ENOUGH_MAP))
        row = max(64.0, min(row, MOST_MAP, 90.0 * extents.units))
        rows_height = ROWS_HEAD + 12 + row
    else:
        least = _least_opened(min(extents.units, LEAST_UNITS))
        most = max(LEAST_OPENED, _least_opened(min(MOST_UNITS, extents.units)) + 24)
        if below - _rows_height(own, beside, LEAST_ROW) < least:
            beside = 0  # those of another cell are the first to give way
        row = (below - LEAST_OPENED - _rows_height(own, beside, 0.0)) / (own + beside)
        row = min(MOST_ROW, max(LEAST_ROW, row))
        rows_height = _rows_height(own, beside, row)
    folded = below - rows_height < least
    opened_height = min(most, below - (0 if folded else rows_height))
    opened = QRectF(left, top, available, opened_height)
    rows = None
    if not folded:
        rows = QRectF(left, opened.bottom() + 10, available, rows_height - 10)
    gates = opened.height() - ABOVE_GATES - BELOW_GATES - GATE_HEAD
    units = max(1, min(MOST_UNITS, int((gates + 4) / UNIT_ROW), extents.units))
    input_rows = int((opened.height() - 124) / (INPUT_ROW - 3))
    if extents.kind == "rnn":
        input_rows = int((opened.height() - 60) / INPUT_ROW)
        units = max(1, min(MOST_UNITS, extents.units, input_rows - 2))
    values = max(1, min(extents.values, input_rows - units - 1))
    return CellPlan(
        head=QRectF(left, 22, available, HEAD - 22),
        chain=chain,
        first_step=first,
        steps=min(steps, extents.steps),
        opened=opened,
        rows=rows,
        beside=beside > 0,
        row=row,
        units=units,
        values=values,
        pitch=pitch,
    )
