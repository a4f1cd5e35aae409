"""What the lab has to say over its views, with a way back where a training came to grief."""

from __future__ import annotations

from PySide6.QtCore import QRect, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from simulator.gui import metrics
from simulator.gui.widgets.button import Button
from simulator.gui.widgets.notice import Notice

_WIDEST, _NARROWEST = 520, 260


class LabNotice(QWidget):
    """One notice at a time; ``back_wanted`` asks for the last good point, ``rest_wanted`` for what
    is whole of a damaged file.
    """

    back_wanted = Signal()
    rest_wanted = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Notice"))
        self._notice: Notice | None = None
        self._error = False
        self._back: Button | None = None
        self._rest: Button | None = None
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self.hide()

    def tell(
        self, words: str, *, error: bool = False, way_back: bool = False, rest: bool = False
    ) -> None:
        """Say something until it is dismissed, with a way back, or with one to the rest of a file,
        where there is one.
        """
        if self.told() == words:
            return
        self.hush()
        if way_back:
            self._back = Button(self.tr("Back to the last good point"), icon="undo-2", parent=self)
            self._back.clicked.connect(self._go_back)
        if rest:
            self._rest = Button(self.tr("Open what is whole"), icon="folder-open", parent=self)
            self._rest.clicked.connect(self._open_rest)
        notice = Notice(
            "error" if error else "info",
            words,
            dismissable=True,
            button=self._back or self._rest,
            parent=self,
        )
        notice.dismissed.connect(self.hush)
        self._notice, self._error = notice, error
        self._rows.addWidget(notice)
        self.show()
        self.changed.emit()

    def way_back(self) -> Button | None:
        """Return the button that leads to the last good point, if there is one."""
        return self._back

    def rest(self) -> Button | None:
        """Return the button that opens what is whole of a damaged file, if there is one."""
        return self._rest

    def told(self) -> str:
        """Return what is said, or an empty string."""
        return "" if self._notice is None else self._notice.text()

    def hush_remark(self) -> None:
        """Take back what was said, unless it is of something that went wrong."""
        if not self._error:
            self.hush()

    def hush(self) -> None:
        """Take back what was said."""
        notice, self._notice, self._back, self._rest = self._notice, None, None, None
        if notice is not None:
            self._rows.removeWidget(notice)
            notice.hide()
            notice.deleteLater()
        self.hide()

    def stand_on(self, place: QRect) -> None:
        """Stand at the foot of a place of the parent's, in the middle."""
        width = min(_WIDEST, max(_NARROWEST, place.width() - 2 * metrics.GUTTER))
        height = 0 if self._notice is None else self._notice.heightForWidth(width)
        left = place.x() + (place.width() - width) // 2
        self.setGeometry(left, place.bottom() - height - 8, width, height)
        self.raise_()

    def _go_back(self) -> None:
        self.hush()
        self.back_wanted.emit()

    def _open_rest(self) -> None:
        self.hush()
        self.rest_wanted.emit()
