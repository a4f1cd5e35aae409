"""What the lab has to say over its views, with a way back where a training came to grief."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from simulator.gui import metrics
from simulator.gui.widgets.button import Button
from simulator.gui.widgets.notice import Notice


class LabNotice(QWidget):
    """One notice at a time; ``back_wanted`` asks for the last good point."""

    back_wanted = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Notice"))
        self._notice: Notice | None = None
        self._error = False
        self._back = Button(self.tr("Back to the last good point"), icon="undo-2", parent=self)
        self._back.clicked.connect(self._go_back)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(6)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._back)
        self._rows.addLayout(row)
        self.hide()

    def tell(self, words: str, *, error: bool = False, way_back: bool = False) -> None:
        """Say something until it is dismissed."""
        if self.told() == words:
            return
        self.hush()
        notice = Notice("error" if error else "info", words, dismissable=True, parent=self)
        notice.dismissed.connect(self.hush)
        self._notice, self._error = notice, error
        self._rows.insertWidget(0, notice)
        self._back.setVisible(way_back)
        self.show()
        self.changed.emit()

    def told(self) -> str:
        """Return what is said, or an empty string."""
        return "" if self._notice is None else self._notice.text()

    def is_error(self) -> bool:
        """Return whether what is said is of something that went wrong."""
        return self._error

    def hush(self) -> None:
        """Take back what was said."""
        notice, self._notice = self._notice, None
        if notice is not None:
            self._rows.removeWidget(notice)
            notice.hide()
            notice.deleteLater()
        self.hide()

    def height_for(self, width: int) -> int:
        """Return how tall it is, so many pixels wide."""
        if self._notice is None:
            return 0
        button = 0 if self._back.isHidden() else metrics.ROW + 6
        return self._notice.heightForWidth(width) + button

    def _go_back(self) -> None:
        self.hush()
        self.back_wanted.emit()
