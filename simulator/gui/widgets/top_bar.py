"""The bar at the top: where the learner is, and what concerns the whole window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.widgets.icon_button import IconButton
from simulator.gui.widgets.painting import painting, panel, text, text_width

_LEFT = 20
_RIGHT = 13
_SEPARATOR = 8
_CHIP = 24
_CHIP_LEFT = 25
_CHIP_RIGHT = 12
_DOT = 4.0
_DIVIDER_WIDTH = 11
_DIVIDER_HEIGHT = 18


class _Breadcrumb(QWidget):
    """Group / **lesson**."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._group = ""
        self._lesson = ""
        self.setAccessibleName(self.tr("Where you are"))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(metrics.ROW)

    def sizeHint(self) -> QSize:
        plain, strong = fonts.ui(metrics.BODY), fonts.ui(metrics.BODY, metrics.SEMIBOLD)
        parts = (self._group, "/") if self._group else ()
        group = sum(text_width(plain, words) + _SEPARATOR for words in parts)
        return QSize(round(group + text_width(strong, self._lesson)) + _SEPARATOR, metrics.ROW)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, metrics.ROW)

    def set_path(self, group: str, lesson: str) -> None:
        """Show where the learner is."""
        self._group, self._lesson = group, lesson
        self.updateGeometry()
        self.setAccessibleName(f"{group} / {lesson}" if group else lesson)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        plain = fonts.ui(metrics.BODY)
        strong = fonts.ui(metrics.BODY, metrics.SEMIBOLD)
        rect = QRectF(self.rect())
        with painting(self) as painter:
            if self._group:
                for words, ink in ((self._group, "ink2"), ("/", "ink3")):
                    text(painter, rect, words, font=plain, ink=ink)
                    rect.setLeft(rect.left() + text_width(plain, words) + _SEPARATOR)
            text(painter, rect, self._lesson, font=strong, ink="ink1")


class _Chip(QWidget):
    """What goes on where the learner is, with a dot in the colour that it has elsewhere."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._words = ""
        self._run = 0
        self.setFixedHeight(_CHIP)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Status"))
        self.hide()

    def tell(self, words: str, run: int) -> None:
        """Say something else; nothing hides it."""
        if (words, run) != (self._words, self._run):
            self._words, self._run = words, run
            self.setAccessibleDescription(words)
            self.updateGeometry()
            self.update()
        self.setVisible(bool(words))

    def sizeHint(self) -> QSize:
        width = round(text_width(fonts.ui(metrics.CONTROL), self._words))
        return QSize(width + _CHIP_LEFT + _CHIP_RIGHT, _CHIP)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        rect = QRectF(self.rect())
        with painting(self) as painter:
            panel(painter, rect, fill="panel", border="border", radius=_CHIP / 2)
            painter.setPen(Qt.PenStyle.NoPen)
            colours = theme.current().branches
            painter.setBrush(QColor(colours[self._run % len(colours)]))
            painter.drawEllipse(QPointF(14, rect.height() / 2), _DOT, _DOT)
            room = rect.adjusted(_CHIP_LEFT, 0, 0, 0)
            text(painter, room, self._words, font=fonts.ui(metrics.CONTROL), ink="ink1")


class _Divider(QWidget):
    """A hairline between two groups of buttons."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedSize(_DIVIDER_WIDTH, metrics.ROW)
        self.setAccessibleName(self.tr("Separator"))

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        top = (self.height() - _DIVIDER_HEIGHT) / 2
        line = QRectF(self.width() // 2, top, metrics.HAIRLINE, _DIVIDER_HEIGHT)
        with painting(self) as painter:
            painter.fillRect(line, theme.colour("hairline"))


class TopBar(QWidget):
    """The path to the lesson, and buttons: undo, redo, picture, theme, help, and the panel's.

    The shortcuts are told of here and made by the window.
    """

    undo = Signal()
    redo = Signal()
    picture = Signal()
    theme_toggled = Signal()
    help = Signal()
    panel_toggled = Signal()

    _theme: IconButton | None = None

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Top bar"))
        self.setFixedHeight(metrics.TOP_BAR)
        self._path = _Breadcrumb(self)
        self._chip = _Chip(self)
        self._undo = IconButton("undo-2", self.tr("Undo"), "Ctrl+Z", parent=self)
        self._redo = IconButton("redo-2", self.tr("Redo"), "Ctrl+Shift+Z", parent=self)
        self._picture = IconButton("image-plus", self.tr("Pictures"), "", parent=self)
        self._theme = IconButton("moon", self.tr("Dark theme"), "Ctrl+T", parent=self)
        self._help = IconButton("circle-help", self.tr("Shortcuts and help"), "?", parent=self)
        self._panel = IconButton("panel-right", self.tr("Show the panel"), "F9", parent=self)
        for button, signal in (
            (self._undo, self.undo),
            (self._redo, self.redo),
            (self._picture, self.picture),
            (self._theme, self.theme_toggled),
            (self._help, self.help),
            (self._panel, self.panel_toggled),
        ):
            button.clicked.connect(lambda _=False, signal=signal: signal.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(_LEFT, 0, _RIGHT, metrics.HAIRLINE)
        row.setSpacing(metrics.GRID)
        row.addWidget(self._path)
        row.addWidget(self._chip)
        row.addStretch(1)
        for widget in (
            *(self._undo, self._redo, _Divider(self)),
            *(self._picture, self._theme, self._help, self._panel),
        ):
            row.addWidget(widget)
        self.set_undo(None)
        self.set_redo(None)
        self.set_panel(None)
        self.set_dark(theme.current().dark)

    def set_breadcrumb(self, group: str, lesson: str) -> None:
        """Show where the learner is."""
        self._path.set_path(group, lesson)
        layout = self.layout()
        if layout is not None:
            layout.activate()  # at once, or the new path is cut to the old one's width

    def set_status(self, words: str, run: int = 0) -> None:
        """Say what goes on where the learner is, in the colour of the run of a training with that
        number; empty words say nothing.
        """
        self._chip.tell(words, run)

    def status(self) -> str:
        """Return what is said to go on."""
        return "" if self._chip.isHidden() else self._chip.accessibleDescription()

    def set_undo(self, edit: str | None) -> None:
        """Name the edit that undo would take back, or None if there is none."""
        reason = self.tr("There is nothing to undo.")
        self._show_edit(self._undo, self.tr("Undo"), edit, reason)

    def set_redo(self, edit: str | None) -> None:
        """Name the edit that redo would bring back, or None if there is none."""
        reason = self.tr("There is nothing to redo.")
        self._show_edit(self._redo, self.tr("Redo"), edit, reason)

    def set_panel(self, shown: bool | None) -> None:
        """Offer to hide the panel at the right (True) or to show it (False), or neither (None)."""
        self._panel.setVisible(shown is not None)
        self._panel.set_name(self.tr("Hide the panel") if shown else self.tr("Show the panel"))

    def menu_corner(self, width: int) -> QPoint:
        """Return where on the screen a menu of pictures, ``width`` pixels wide, is to open."""
        below = QPoint(self._picture.width() - width, self._picture.height() + metrics.GRID)
        return self._picture.mapToGlobal(below)

    def set_dark(self, dark: bool) -> None:
        """Offer the other theme; a change of the application's theme does so by itself."""
        if self._theme is None:
            return
        self._theme.set_icon("sun" if dark else "moon")
        self._theme.set_name(self.tr("Light theme") if dark else self.tr("Dark theme"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._theme is not None:
            self.set_dark(theme.current().dark)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        with painting(self) as painter:
            painter.fillRect(self.rect(), theme.colour("panel"))
            line = QRectF(0, self.height() - 1, self.width(), metrics.HAIRLINE)
            painter.fillRect(line, theme.colour("hairline"))

    @staticmethod
    def _show_edit(button: IconButton, verb: str, edit: str | None, reason: str) -> None:
        button.set_name(f"{verb}: {edit}" if edit else verb)
        button.set_disabled_reason(None if edit else reason)
