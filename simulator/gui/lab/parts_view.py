"""The columns or arrays of a file, one below the other, each with what it is used for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from simulator.data.datasets import Part
from simulator.gui import fonts, metrics
from simulator.gui.widgets.choice import Choice
from simulator.gui.widgets.painting import painting, panel, text
from simulator.gui.widgets.text import Text

MOST = 60
"""So many parts are listed; of a wider table the others are named in a setting."""
_CHOICE = 96
_LINE = 17
_PADDING = 6


class PartRow(QWidget):
    """One part: its name, what is in it, and a choice; ``role_chosen(name, role)``."""

    role_chosen = Signal(str, str)

    def __init__(self, part: Part, words: Sequence[tuple[str, str]], parent: QWidget) -> None:
        super().__init__(parent)
        self._part = part
        self.setAccessibleName(f"{part.name}: {part.told}")
        self.setToolTip(f"{part.name}: {part.told}\n{', '.join(part.examples)}".strip())
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.choice = Choice(part.name, [(*each, None) for each in words], parent=self)
        self.choice.setFixedWidth(_CHOICE)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 6, 0)
        row.addStretch(1)
        row.addWidget(self.choice)
        self.set_part(part)
        self.choice.value_changed.connect(lambda role: self.role_chosen.emit(part.name, role))

    def set_part(self, part: Part) -> None:
        """Show the same part with another role, silently."""
        self._part = part
        blocked = self.choice.blockSignals(True)
        self.choice.set_value(part.role)
        self.choice.blockSignals(blocked)
        self.update()

    def sizeHint(self) -> QSize:
        lines = 3 if self._part.examples else 2
        return QSize(316, lines * _LINE + 2 * _PADDING)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        used = self._part.role != "left out"
        with painting(self) as painter:
            panel(
                painter,
                QRectF(self.rect()),
                fill="card" if used else "well",
                border="hairline",
                radius=metrics.RADIUS_CONTROL,
            )
            line = QRectF(10, _PADDING, self.choice.x() - 18, _LINE)
            strong = fonts.ui(metrics.CONTROL, metrics.SEMIBOLD)
            text(painter, line, self._part.name, font=strong, ink="ink1" if used else "ink3")
            line.translate(0, _LINE)
            text(painter, line, self._part.told, font=fonts.ui(metrics.CAPTION), ink="ink2")
            line.translate(0, _LINE)
            mono = fonts.mono(metrics.TEXT_LEAST)
            text(painter, line, "  ".join(self._part.examples), font=mono, ink="ink3")


class PartsView(QWidget):
    """All parts of a file; ``role_chosen(name, role)`` is what the learner wants."""

    role_chosen = Signal(str, str)

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: tuple[Part, ...] = ()
        self._rows: dict[str, PartRow] = {}
        self.setAccessibleName(self.tr("What is in the file"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._title = Text("", weight=metrics.SEMIBOLD, ink="ink1", parent=self)
        self._more = Text("", size=metrics.CAPTION, ink="ink3", parent=self)
        self._list = QVBoxLayout()
        self._list.setSpacing(metrics.GRID)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(metrics.ROW_GAP)
        rows.addWidget(self._title)
        rows.addLayout(self._list)
        rows.addWidget(self._more)

    def set_parts(
        self, parts: Sequence[Part], title: str, feature: str, *, further: bool = False
    ) -> None:
        """Show parts; ``feature`` is what one to learn from is called. With ``further`` one can
        become a target beside the first.
        """
        self._title.set_content(title)
        self.setVisible(bool(parts))
        if parts == self._parts:
            return
        same = [(each.name, each.told) for each in parts] == [
            (each.name, each.told) for each in self._parts
        ]
        self._parts = tuple(parts)
        if not same:
            self._make(feature, further)
        for part in self._parts[:MOST]:
            self._rows[part.name].set_part(part)
        left = len(parts) - MOST
        self._more.setVisible(left > 0)
        if left > 0:
            self._more.set_content(self.tr("… and {0} more: name them below.").format(left))

    def row(self, name: str) -> PartRow:
        """Return the row of a part; raise KeyError if it is not on view."""
        return self._rows[name]

    def _make(self, feature: str, further: bool) -> None:
        for row in self._rows.values():
            row.hide()
            row.deleteLater()
        words = [
            ("input", feature),
            ("target", self.tr("Target")),
            *([("further target", self.tr("Target, too"))] if further else []),
            ("left out", self.tr("Left out")),
        ]
        self._rows = {}
        for part in self._parts[:MOST]:
            row = PartRow(part, words, self)
            row.role_chosen.connect(self.role_chosen)
            self._rows[part.name] = row
            self._list.addWidget(row)
            row.show()
