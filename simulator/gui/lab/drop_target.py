"""Files dropped on the lab: data, a program, or a project, each known by its name."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import QWidget

from simulator.gui import fonts, metrics
from simulator.gui.widgets.painting import painting, panel, text


class DropTarget(QWidget):
    """Lies over a page while a file is dragged over it; ``dropped(path)`` follows the drop."""

    dropped = Signal(str)

    # On the class, because Qt sends events while all is being made and taken apart.
    _page: QWidget | None = None

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self._page = page
        self.setAccessibleName(self.tr("Drop it here"))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        page.setAcceptDrops(True)
        page.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        del watched
        kind = event.type()
        if kind == QEvent.Type.DragEnter and isinstance(event, QDragEnterEvent):
            if _file_of(event):
                event.acceptProposedAction()
                self._cover()
                return True
        elif kind == QEvent.Type.DragLeave:
            self.hide()
        elif kind == QEvent.Type.Drop and isinstance(event, QDropEvent):
            self.hide()
            path = _file_of(event)
            if path:
                event.acceptProposedAction()
                self.dropped.emit(path)
                return True
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        with painting(self) as painter:
            whole = QRectF(self.rect())
            panel(painter, whole, border="reads", radius=metrics.RADIUS_CARD, width=3)
            middle = QRectF(0, 0, min(460, whole.width() - 40), 64)
            middle.moveCenter(whole.center())
            panel(painter, middle, fill="panel", border="border", radius=metrics.RADIUS_CARD)
            line = middle.adjusted(12, 8, -12, -32)
            align = Qt.AlignmentFlag.AlignHCenter
            strong = fonts.ui(metrics.TITLE, metrics.SEMIBOLD)
            text(painter, line, self.tr("Drop it here"), font=strong, ink="ink1", align=align)
            words = self.tr("data (a table, arrays, pictures), a program (.py) or a project")
            line.translate(0, 24)
            small = fonts.ui(metrics.CAPTION)
            text(painter, line, words, font=small, ink="ink2", align=align)

    def _cover(self) -> None:
        assert self._page is not None
        self.setGeometry(self._page.rect())
        self.raise_()
        self.show()


def _file_of(event: QDropEvent) -> str:
    """Return the path of the one file that is dragged, or an empty string."""
    urls = event.mimeData().urls()
    return urls[0].toLocalFile() if len(urls) == 1 and urls[0].isLocalFile() else ""
