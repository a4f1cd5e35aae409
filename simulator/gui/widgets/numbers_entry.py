"""A sequence of numbers: drawn as a curve, typed, or taken from a CSV file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QSizePolicy, QVBoxLayout, QWidget

from simulator.data.csv_columns import CsvError, csv_columns
from simulator.gui import metrics, theme
from simulator.gui.file_dialogs import FileDialogs
from simulator.gui.lab.text_field import TextField
from simulator.gui.stage import numbers_painter
from simulator.gui.widgets.control import ControlState
from simulator.gui.widgets.icon_button import IconButton
from simulator.gui.widgets.painting import painting, panel
from simulator.traces.numbers import number

HEIGHT = 92


class CurveField(QWidget):
    """A curve with a point for each number; the mouse draws it anew. ``drawn(numbers)`` follows."""

    drawn = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self._numbers: list[float] = [0.0]
        self._last: tuple[int, float] | None = None
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(self.tr("Curve"))
        self.setToolTip(self.tr("Draw with the mouse: one point for each time step."))

    def set_numbers(self, numbers: Sequence[float]) -> None:
        """Show other numbers."""
        if self._last is None and numbers:
            self._numbers = list(numbers)
            self.update()

    def numbers(self) -> tuple[float, ...]:
        """Return the numbers on view."""
        return tuple(self._numbers)

    @property
    def _limit(self) -> float:
        return max(1.0, *(abs(value) for value in self._numbers))

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(10, 8, -10, -8)

    def _at(self, index: int, value: float) -> QPointF:
        area, total = self._area(), len(self._numbers)
        share = index / (total - 1) if total > 1 else 0.5
        middle, half = area.center().y(), area.height() / 2
        return QPointF(area.left() + share * area.width(), middle - value / self._limit * half)

    def _cell(self, point: QPointF) -> tuple[int, float]:
        area, total = self._area(), len(self._numbers)
        share = (point.x() - area.left()) / area.width()
        index = min(max(round(share * (total - 1)), 0), total - 1)
        rise = (area.center().y() - point.y()) / (area.height() / 2)
        return index, round(min(max(rise, -1.0), 1.0) * self._limit, 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._draw_to(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._last is not None:
            self._draw_to(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        del event
        if self._last is not None:
            self._last = None
            self.drawn.emit(tuple(self._numbers))

    def _draw_to(self, point: QPointF) -> None:
        index, value = self._cell(point)
        start, first = self._last or (index, value)
        limit = self._limit
        step = 1 if index >= start else -1
        for at in range(start, index + step, step):
            share = abs(at - start) / max(1, abs(index - start))
            drawn = round(first + (value - first) * share, 2)
            self._numbers[at] = min(max(drawn, -limit), limit)
        self._last = (index, value)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        with painting(self) as painter:
            panel(painter, QRectF(self.rect()), fill="stage", border="hairline")
            area = self._area()
            painter.setPen(QPen(theme.colour("hairline"), 1))
            painter.drawLine(
                QLineF(area.left(), area.center().y(), area.right(), area.center().y())
            )
            limit = number(self._limit, 0 if self._limit >= 10 else 1)
            box = QRectF(area.right() - 40, area.top() - 4, 40, 14)
            numbers_painter.draw_centred(painter, box, limit, theme.colour("ink3"), size=11)
            points = [self._at(at, value) for at, value in enumerate(self._numbers)]
            painter.setPen(QPen(theme.colour("reads"), 1.75))
            painter.drawPolyline(QPolygonF(points))
            if len(points) <= 60:
                painter.setBrush(theme.colour("reads"))
                painter.setPen(QPen(theme.colour("stage"), 1))
                for point in points:
                    painter.drawEllipse(point, 3, 3)


class NumbersEntry(ControlState, QWidget):
    """A curve, the numbers as text, and a button that takes a column of a CSV file.

    ``value_changed(text)`` tells of what the learner drew, typed or opened; ``failed(reason)`` that
    a file could not be read.
    """

    value_changed = Signal(str)
    failed = Signal(str)

    def __init__(self, name: str, value: str, parent: QWidget | None = None) -> None:
        """``name`` is what a screen reader says."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._dialogs = FileDialogs(self, "numbers")
        self.curve = CurveField(self)
        self.field = TextField(name, value=_one_line(value), parent=self)
        self.field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.button = IconButton(
            "folder-open", self.tr("Take a column of a CSV file"), "", parent=self
        )
        self.setFocusProxy(self.field)
        line = QHBoxLayout()
        line.setSpacing(metrics.GRID)
        line.addWidget(self.field, 1)
        line.addWidget(self.button)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(metrics.ROW_GAP)
        rows.addWidget(self.curve)
        rows.addLayout(line)
        self.curve.drawn.connect(self._drawn)
        self.field.value_changed.connect(self.value_changed)
        self.button.clicked.connect(self._open)

    def sizeHint(self) -> QSize:
        return QSize(200, HEIGHT + metrics.ROW_GAP + metrics.ROW)

    def value(self) -> str:
        """Return the text on view."""
        return self.field.value()

    def set_value(self, text: str, numbers: Sequence[float]) -> None:
        """Show a text and the numbers in it, silently."""
        self.field.set_value(_one_line(text))
        self.curve.set_numbers(numbers)

    def set_error(self, error: bool) -> None:
        """Mark the text, or no longer, as the cause of an error."""
        super().set_error(error)
        self.field.set_error(error)

    def take_file(self, file: Path, column: str = "") -> None:
        """Take a column of a file; without a name, its only one or the one that is asked for."""
        try:
            columns = csv_columns(file)
        except CsvError as error:
            self.failed.emit(str(error))
            return
        if not column:
            column = next(iter(columns))
            if len(columns) > 1:
                column, chosen = QInputDialog.getItem(
                    self, self.tr("Column"), self.tr("Which column?"), list(columns), 0, False
                )
                if not chosen:
                    return
        self.value_changed.emit(columns[column])

    def _drawn(self, numbers: Sequence[float]) -> None:
        self.value_changed.emit(" ".join(f"{value:g}" for value in numbers))

    def _open(self) -> None:
        filters = [self.tr("CSV files") + " (*.csv *.txt *.tsv)"]
        self._dialogs.open_file(
            self.tr("Open a CSV file"), filters, lambda path: self.take_file(Path(path))
        )


def _one_line(text: str) -> str:
    return " ".join(text.split())
