"""A relation that holds for the whole lesson, with its numbers and a remark."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from simulator.gui import metrics
from simulator.gui.formula_images import formula_size, paint_formula
from simulator.gui.widgets.painting import painting
from simulator.gui.widgets.text import Text
from simulator.traces.formula import Fact


class _Formula(QWidget):
    """One line of mathematics."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.latex = ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        if not self.latex:
            return QSize(0, 0)
        extent = formula_size(self.latex)
        room = metrics.PANEL - 2 * metrics.GUTTER
        scale = min(1.0, room / extent.width())
        return QSize(room, round(extent.height() * scale) + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        if self.latex:
            with painting(self) as painter:
                paint_formula(painter, 0, 0, self.latex, widest=self.width())


class FactView(QWidget):
    """Lines of mathematics, and a remark under them where there is one to make."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self._fact: Fact | None = None
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(6)
        self._formulas: list[_Formula] = []
        self._remark = Text("", size=metrics.CAPTION, line=metrics.CAPTION_LINE, ink="ink3")
        self._rows.addWidget(self._remark)

    def set_fact(self, fact: Fact) -> None:
        """Show a fact."""
        if fact == self._fact:
            return
        self._fact = fact
        lines = fact.lines
        while len(self._formulas) < len(lines):
            made = _Formula(self)
            self._rows.insertWidget(len(self._formulas), made)
            self._formulas.append(made)
        for at, line in enumerate(self._formulas):
            line.latex = lines[at] if at < len(lines) else ""
            line.setVisible(at < len(lines))
            line.updateGeometry()
            line.update()
        self._remark.set_content(str(fact.remark))
        self._remark.setVisible(bool(str(fact.remark)))
        self.setAccessibleName(fact.title)
