"""Where everything stands on the stage of the way back through time."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF

from simulator.gui import metrics
from simulator.gui.stage.back_given import GIVEN_ROW, LEAST_GIVEN
from simulator.gui.stage.cell_plan import CARD, HEAD, MOST_PITCH, PITCH
from simulator.gui.stage.gate_painter import gate_height
from simulator.lessons.back_frame import BackExtents

ROW = 24.0
LEAST_CHART = 110.0
GIVEN_ROOM = 44 + 2 * GIVEN_ROW
ARRIVING = 64.0
MOST_UNITS = 8
CROWDED = 8
"""So many cards stand closer together."""


@dataclass(frozen=True, slots=True)
class BackPlan:
    """Every rectangle of the stage."""

    head: QRectF
    chain: QRectF
    first: float
    pitch: float
    steps: int
    opened: QRectF
    chart: QRectF
    units: int
    folded: bool
    shown_units: int
    shown_values: int

    def card(self, number: int) -> QRectF:
        """Return the card of a time step, counted from the first on view."""
        return QRectF(self.first + number * self.pitch, self.chain.top(), CARD, 2 * ROW + 4)


def back_plan(width: float, height: float, extents: BackExtents) -> BackPlan:
    """Return the plan of a stage ``width`` by ``height``."""
    margin = float(metrics.STAGE_MARGIN) if width > 640 else 16.0
    available = width - 2 * margin
    top = HEAD + 12.0
    chain = QRectF(margin, top, available, 2 * ROW + 4)
    first = margin + 12
    steps = max(1, int((width - margin - first + PITCH - CARD) / PITCH))
    pitch = PITCH
    if extents.steps <= steps:  # what room a short sequence leaves, its steps share
        pitch = max(PITCH, min(MOST_PITCH, (width - margin - first - CARD) / extents.steps))
    opened_top = chain.bottom() + 44
    below = height - opened_top - 12
    chart_height = max(150.0, below * 0.42)
    least = gate_height(1) + GIVEN_ROOM
    if below - chart_height - 12 < least:  # what the step was made from comes before a high chart
        chart_height = max(LEAST_CHART, below - 12 - least)
    opened_height = below - chart_height - 12
    units = max(1, min(MOST_UNITS, extents.units, int((opened_height - least) / 20) + 1))
    folded = opened_height < least
    opened_height = min(opened_height, gate_height(units) + (44 if folded else GIVEN_ROOM))
    opened = QRectF(margin, opened_top, available, opened_height)
    chart = QRectF(margin, opened.bottom() + 12, available, height - opened.bottom() - 24)
    chart.setHeight(min(chart.height(), 520.0))
    return BackPlan(
        head=QRectF(margin, 22, available, HEAD - 22),
        chain=chain,
        first=first,
        pitch=pitch,
        steps=min(steps, extents.steps),
        opened=opened,
        chart=chart,
        units=units,
        # Three states side by side, and twice as many values as are read, with two biases.
        folded=folded,
        shown_units=max(1, min(units, int((available - 350) / (3 * LEAST_GIVEN)))),
        shown_values=max(1, min(8, int(((available - 210) / LEAST_GIVEN - 2) / 2))),
    )


def squares(card: QRectF, row: int, units: int) -> QRectF:
    """Return where a run of a time step's card stands: the state is row 0, its gradient 1."""
    side = min(11.0, (CARD - 12) / units)
    top = card.top() + 2 + row * ROW + (ROW - min(11.0, max(side, 8.0))) / 2
    return QRectF(
        card.center().x() - side * units / 2, top, side * units, min(11.0, max(side, 8.0))
    )


def card_rects(plan: BackPlan, total: int, units: int) -> list[QRectF]:
    """Return the cards of a step's gradients, from right to left."""
    box = plan.opened
    left, right = box.left() + 14, box.right() - ARRIVING - 34
    gap = 18.0 if total < CROWDED else 12.0 if right - left > 560 else 8.0
    width = min(280.0, (right - left - gap * (total - 1)) / total)
    top = box.top() + 30
    return [
        QRectF(right - (at + 1) * width - at * gap, top, width, gate_height(units))
        for at in range(total)
    ]


def arriving_rect(plan: BackPlan, units: int) -> QRectF:
    """Return where the gradient stands that comes from the answer and the step after."""
    box = plan.opened
    top = box.top() + 30 + 32
    return QRectF(box.right() - ARRIVING - 4, top, ARRIVING - 10, units * 20.0)
