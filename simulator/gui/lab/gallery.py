"""Presets as cards with a picture sign, by group; a click begins with one."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from simulator.formats.presets import PRESETS, Preset
from simulator.gui import fonts, metrics, theme
from simulator.gui.widgets import focus
from simulator.gui.widgets.button import BUTTON_KEYS, Pressable
from simulator.gui.widgets.control import ControlState
from simulator.gui.widgets.painting import icon_at, painting, panel, text
from simulator.gui.widgets.text import Text

_WORDS = 36
"""Where the words begin, beside the picture sign."""
_ABOVE = 8
_TITLE = 18
_WIDE = 308
_ICONS = {
    "Course": "book-open",
    "Points": "scan",
    "Pictures": "image",
    "Autoencoders": "layers",
    "Sequences": "activity",
}


class _Card(Pressable, ControlState, QAbstractButton):
    """One preset."""

    def __init__(self, preset: Preset, parent: QWidget) -> None:
        super().__init__(parent)
        self.preset = preset
        self.setAccessibleName(f"{preset.title}. {preset.summary}")
        self.setToolTip(preset.summary)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._summary = Text(
            preset.summary,
            size=metrics.CAPTION,
            line=metrics.CAPTION_LINE,
            ink="ink3",
            parent=self,
        )
        rows = QVBoxLayout(self)
        rows.setContentsMargins(_WORDS, _ABOVE + _TITLE, 10, _ABOVE)
        rows.addWidget(self._summary)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        focus.watch(self, around=self, keys=BUTTON_KEYS)

    def sizeHint(self) -> QSize:
        return QSize(_WIDE, self.heightForWidth(_WIDE))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        """Return how tall it is with all of its summary."""
        return 2 * _ABOVE + _TITLE + self._summary.heightForWidth(width - _WORDS - 10)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        rect = QRectF(self.rect())
        lit = self.underMouse() or self.isDown()
        with painting(self) as painter:
            panel(painter, rect, fill="hover" if lit else "card", border="border")
            spot = QRectF(10, _ABOVE, metrics.ICON, _TITLE)
            icon_at(painter, _ICONS[self.preset.group], spot, ink="ink3", side=metrics.ICON)
            title = QRectF(_WORDS, _ABOVE, rect.width() - _WORDS - 10, _TITLE)
            strong = fonts.ui(metrics.CONTROL, metrics.SEMIBOLD)
            text(painter, title, self.preset.title, font=strong, ink="ink1")


class Gallery(QScrollArea):
    """All presets; ``chosen(id)`` is the learner's."""

    chosen = Signal(str)

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Gallery"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body = _Ground(self)
        rows = QVBoxLayout(body)
        rows.setContentsMargins(metrics.GUTTER, 4, metrics.GUTTER, 12)
        rows.setSpacing(6)
        group = ""
        for preset in PRESETS.values():
            if preset.group != group:
                group = preset.group
                if rows.count():
                    rows.addSpacing(8)
                rows.addWidget(
                    Text(self.tr(group), weight=metrics.SEMIBOLD, ink="ink1", parent=body)
                )
            card = _Card(preset, body)
            card.clicked.connect(lambda _=False, one=preset.id: self.chosen.emit(one))
            rows.addWidget(card)
        rows.addStretch(1)
        self.setWidget(body)


class _Ground(QWidget):
    """What the cards lie on."""

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.fillRect(event.rect(), theme.colour("panel"))
