"""The arrows beside a title that go to another of many units, or turn a page of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from simulator.gui import metrics, theme
from simulator.gui.widgets.parts import Part

SIZE, PITCH = 20.0, 22.0


@dataclass(frozen=True, slots=True)
class Picker:
    """One arrow: where it stands, the unit it goes to, and whether it turns a whole page."""

    rect: QRectF
    unit: int
    forwards: bool
    double: bool
    possible: bool


def unit_pickers(left: float, top: float, *, unit: int, total: int, page: int) -> list[Picker]:
    """Return the arrows that stand from a point on; none where there is one unit.

    Those at the ends turn a whole page of units, where there are more than are on view.
    """
    if total == 1:
        return []
    ways = (-page, -1, 1, page) if 1 < page < total else (-1, 1)
    return [
        Picker(
            QRectF(left + at * PITCH, top, SIZE, SIZE),
            target := min(max(unit + by, 0), total - 1),
            forwards=by > 0,
            double=abs(by) > 1,
            possible=target != unit,
        )
        for at, by in enumerate(ways)
    ]


def pickers_parts(pickers: list[Picker]) -> dict[str, Part]:
    """Return the arrows, a part each; those that lead nowhere are grey."""
    return {
        f"picker {at}": Part(
            picker.rect,
            (picker.forwards, picker.double, picker.possible),
            partial(_paint_picker, picker=picker),
        )
        for at, picker in enumerate(pickers)
    }


def _paint_picker(painter: QPainter, picker: Picker) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("well"))
    rect = picker.rect
    painter.drawRoundedRect(rect, metrics.RADIUS_HIGHLIGHT, metrics.RADIUS_HIGHLIGHT)
    painter.setPen(QPen(theme.colour("ink2" if picker.possible else "ghost"), 1.75))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    way = 1 if picker.forwards else -1
    for shift in (-2.5, 2.5) if picker.double else (0.0,):
        x, y = rect.center().x() + shift, rect.center().y()
        points = [QPointF(x - way * 2, y - 4), QPointF(x + way * 2.5, y)]
        painter.drawPolyline([*points, QPointF(x - way * 2, y + 4)])


def picked(pickers: list[Picker], point: QPointF) -> int | None:
    """Return the unit that a click at a point goes to."""
    return next((picker.unit for picker in pickers if picker.rect.contains(point)), None)
