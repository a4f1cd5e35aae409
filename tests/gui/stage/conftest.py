"""A mouse for the stage, and a look at the numbers that it paints."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QApplication

from simulator.gui import metrics
from simulator.gui.stage import numbers_painter
from simulator.gui.stage.stage import Stage

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.MouseButton.NoButton
NOTCH = 120


class Mouse:
    """Does what a learner does with a mouse, at once and exactly there."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._held = NONE

    def cell(self, key: str, row: int, column: int) -> QPointF:
        """Return the middle of a cell."""
        rect, area = self.stage.cell_rect(key, row, column), self.stage.grid_rect(key)
        assert rect is not None
        assert area is not None
        assert area.contains(rect.center()), f"({row}, {column}) of {key} is not on view"
        return rect.center()

    def move(self, to: QPointF) -> None:
        self._send(QEvent.Type.MouseMove, to, NONE)

    def leave(self) -> None:
        QApplication.sendEvent(self.stage, QEvent(QEvent.Type.Leave))

    def press(self, at: QPointF, button: Qt.MouseButton = LEFT) -> None:
        self._held = button
        self._send(QEvent.Type.MouseButtonPress, at, button)

    def release(self, at: QPointF) -> None:
        button, self._held = self._held, NONE
        self._send(QEvent.Type.MouseButtonRelease, at, button)

    def click(self, at: QPointF, button: Qt.MouseButton = LEFT) -> None:
        self.move(at)
        self.press(at, button)
        self.release(at)

    def double_click(self, at: QPointF) -> None:
        self.click(at)
        self._held = LEFT
        self._send(QEvent.Type.MouseButtonDblClick, at, LEFT)
        self.release(at)

    def drag(self, *way: QPointF, button: Qt.MouseButton = LEFT) -> None:
        self.press(way[0], button)
        for point in way[1:]:
            self.move(point)
        self.release(way[-1])

    def turn(
        self,
        at: QPointF,
        notches: int,
        keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    ) -> None:
        for _ in range(abs(notches)):
            delta = QPoint(0, NOTCH if notches > 0 else -NOTCH)
            event = QWheelEvent(
                at,
                self.stage.mapToGlobal(at),
                QPoint(0, 0),
                delta,
                NONE,
                keys,
                Qt.ScrollPhase.NoScrollPhase,
                False,
            )
            QApplication.sendEvent(self.stage, event)

    def _send(self, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton) -> None:
        event = QMouseEvent(
            kind,
            at,
            self.stage.mapToGlobal(at),
            button,
            self._held,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(self.stage, event)


class Painted:
    """The numbers that were painted in cells, and where."""

    def __init__(self) -> None:
        self.drawn: list[tuple[QRectF, str]] = []

    def look(self, stage: Stage) -> None:
        """Let the stage paint everything anew, and forget what was painted before."""
        self.drawn.clear()
        QApplication.sendEvent(stage, QEvent(QEvent.Type.PaletteChange))
        stage.grab()

    def text_in(self, cell: QRectF) -> str | None:
        """Return the last text that was painted in the middle of a cell, or None."""
        found = None
        for rect, text in self.drawn:
            away = rect.center() - cell.center()
            if away.manhattanLength() < 1 and rect.width() <= cell.width() + 1:
                found = text
        return found


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> Painted:
    """Listen to what is painted in cells; it is painted nevertheless."""
    heard = Painted()
    draw = numbers_painter.draw_centred

    def listen(
        painter: QPainter,
        rect: QRectF,
        text: str,
        colour: QColor,
        *,
        size: int,
        weight: int = metrics.REGULAR,
    ) -> None:
        heard.drawn.append((QRectF(rect), text))
        draw(painter, rect, text, colour, size=size, weight=weight)

    monkeypatch.setattr(numbers_painter, "draw_centred", listen)
    return heard


@pytest.fixture
def mouse_on() -> Callable[[Stage], Mouse]:
    return Mouse
