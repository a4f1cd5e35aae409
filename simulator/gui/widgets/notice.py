"""A card that tells the learner something in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from simulator.gui import metrics
from simulator.gui.widgets.icon_button import IconButton
from simulator.gui.widgets.painting import icon_at, painting, panel
from simulator.gui.widgets.text import Part, Text

Kind = Literal["info", "warn", "error"]
_LOOKS: dict[Kind, tuple[str, str, str, str]] = {
    # icon, its ink, ground, ink of the words
    "info": ("info", "ink2", "well", "ink2"),
    "warn": ("triangle-alert", "writes", "writes_wash", "ink1"),
    "error": ("circle-alert", "error", "error_wash", "ink1"),
}
_ICON_LEFT = 10
_TEXT_LEFT = 34
_VERTICAL = 9
_RIGHT = 12


class Notice(QWidget):
    """An icon and words that wrap, with a button below them if one is given; a dismissable one has
    a cross.
    """

    dismissed = Signal()

    def __init__(
        self,
        kind: Kind,
        content: str | Sequence[Part],
        *,
        dismissable: bool = False,
        button: QWidget | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon, self._icon_ink, self._ground, ink = _LOOKS[kind]
        self._text = Text(
            content, size=metrics.NOTE, line=metrics.CAPTION_LINE, ink=ink, parent=self
        )
        self.setAccessibleName(self._text.text())
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        layout = QHBoxLayout(self)
        layout.setSpacing(metrics.GRID)
        layout.setContentsMargins(_TEXT_LEFT, _VERTICAL, _RIGHT, _VERTICAL)
        words = QVBoxLayout()
        words.setSpacing(2 * metrics.GRID)
        words.addWidget(self._text)
        if button is not None:
            words.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addLayout(words, 1)
        if dismissable:
            layout.setContentsMargins(_TEXT_LEFT, _VERTICAL, metrics.GRID, _VERTICAL)
            cross = IconButton("x", self.tr("Dismiss"), "", parent=self)
            cross.setFixedSize(metrics.ROW, metrics.CAPTION_LINE + metrics.GRID)
            layout.addWidget(cross, 0, Qt.AlignmentFlag.AlignTop)
            cross.clicked.connect(self._dismiss)

    def text(self) -> str:
        """Return the words."""
        return self._text.text()

    def set_content(self, content: str | Sequence[Part]) -> None:
        """Tell something else."""
        self._text.set_content(content)
        self.setAccessibleName(self._text.text())

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        with painting(self) as painter:
            panel(painter, QRectF(self.rect()), fill=self._ground)
            spot = QRectF(_ICON_LEFT, _VERTICAL, metrics.ICON, metrics.CAPTION_LINE)
            icon_at(painter, self._icon, spot, ink=self._icon_ink, side=metrics.ICON)

    def _dismiss(self) -> None:
        self.hide()
        self.dismissed.emit()
