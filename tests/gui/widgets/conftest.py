"""A window to put widgets in, and ways to look at what they paint."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from simulator.gui import theme

Place = Callable[..., QWidget]


@pytest.fixture(autouse=True)
def _light(qapp: QApplication) -> Iterator[None]:
    theme.apply(qapp, theme.LIGHT)
    yield
    QApplication.processEvents()


@pytest.fixture
def place(qtbot: QtBot) -> Place:
    """Put a widget into a window at (20, 20), and bring the window to the front."""
    hosts: list[QWidget] = []

    def put(widget: QWidget, width: int = 0, height: int = 0) -> QWidget:
        host = QWidget()
        hosts.append(host)  # qtbot alone would let it go
        qtbot.addWidget(host)
        host.resize(1000, 700)
        widget.setParent(host)
        hint = widget.sizeHint()
        widget.setGeometry(20, 20, width or hint.width(), height or hint.height())
        widget.show()
        host.show()
        host.activateWindow()
        qtbot.waitUntil(lambda: QApplication.activeWindow() is host)
        focused = QApplication.focusWidget()
        if focused is not None:  # a window that comes to the front gives it to its first line
            focused.clearFocus()
        return host

    return put


@pytest.fixture
def pixel() -> Callable[[QWidget, float, float], str]:
    """Return the colour that a widget shows at a place, as ``"#rrggbb"``."""

    def look(widget: QWidget, x: float, y: float) -> str:
        picture = widget.grab().toImage()
        ratio = picture.devicePixelRatio()
        return picture.pixelColor(round(x * ratio), round(y * ratio)).name()

    return look


@pytest.fixture
def colours() -> Callable[[QWidget], set[str]]:
    """Return every colour in what a widget shows."""

    def look(widget: QWidget) -> set[str]:
        picture = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        return {
            QColor(picture.pixel(x, y)).name()
            for y in range(picture.height())
            for x in range(picture.width())
        }

    return look


@pytest.fixture
def turn() -> Callable[[QWidget, int], bool]:
    """Turn the wheel over the middle of a widget; return whether it took the turn."""

    def send(widget: QWidget, eighths: int) -> bool:
        middle = QPointF(widget.rect().center())
        event = QWheelEvent(
            middle,
            widget.mapToGlobal(middle),
            QPoint(0, 0),
            QPoint(0, eighths),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        event.ignore()
        QApplication.sendEvent(widget, event)
        return event.isAccepted()

    return send
