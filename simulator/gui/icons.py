"""Icons: Lucide's outlines, drawn in the inks of the current theme.

``paint`` is for widgets that paint themselves. ``icon`` makes a ``QIcon`` for menus and actions; it
looks the theme's ink up each time it is drawn, and so follows a change of theme by itself.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPen, QPixmap
from PySide6.QtSvg import QSvgRenderer

from simulator import resources
from simulator.gui import theme


def paint(painter: QPainter, name: str, rect: QRectF, ink: str = "ink2") -> None:
    """Draw an icon into the square ``rect`` in a colour of the theme, sharp at any pixel ratio.

    Raises ``FileNotFoundError`` if there is no icon ``name``, ``ValueError`` if no colour ``ink``.
    """
    ratio = painter.device().devicePixelRatio()
    pixels = round(rect.width() * ratio)
    picture = _pixmap(name, theme.colour(ink).name(), pixels, ratio)
    # On whole pixels of the screen, or the outline would be smeared over two.
    painter.drawPixmap(QPointF(round(rect.x() * ratio), round(rect.y() * ratio)) / ratio, picture)


def icon(name: str, ink: str = "ink2") -> QIcon:
    """Return an icon in a colour of the theme; disabled it is drawn in ``ghost``."""
    _source(name)  # a wrong name is told here and not while painting
    return QIcon(_ThemedEngine(name, ink))


@lru_cache(maxsize=1)
def app_icon() -> QIcon:
    """Return the icon of the application's window."""
    made = QIcon()
    drawing = QSvgRenderer(str(resources.path("icons/app.svg")))
    for side in (16, 24, 32, 48, 64, 128, 256):
        picture = QPixmap(side, side)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        drawing.render(painter)
        painter.end()
        made.addPixmap(picture)
    return made


def paint_mark(painter: QPainter, rect: QRectF) -> None:
    """Draw the application's mark, a window over a grid and the cell it writes, as 18 units."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / 18, rect.height() / 18)
    painter.setPen(QPen(theme.colour("border"), 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(0.6, 0.6, 16.8, 16.8), 3, 3)
    for at in (6.0, 12.0):
        painter.drawLine(QPointF(at, 0.6), QPointF(at, 17.4))
        painter.drawLine(QPointF(0.6, at), QPointF(17.4, at))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("writes"))
    painter.drawRoundedRect(QRectF(12, 12, 5.5, 5.5), 1.2, 1.2)
    painter.setPen(QPen(theme.colour("reads"), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(1, 1, 11, 11), 2, 2)
    painter.restore()


@lru_cache(maxsize=128)
def _source(name: str) -> str:
    return resources.path(f"icons/{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=512)
def _pixmap(name: str, colour: str, pixels: int, ratio: float) -> QPixmap:
    """Return an icon, ``pixels`` of the screen wide and high; both themes may be in the cache."""
    drawing = QSvgRenderer(QByteArray(_source(name).replace("currentColor", colour).encode()))
    picture = QPixmap(pixels, pixels)
    picture.fill(QColor(0, 0, 0, 0))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    drawing.render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


class _ThemedEngine(QIconEngine):
    """Draws an icon in the ink that the theme has at that moment."""

    def __init__(self, name: str, ink: str) -> None:
        super().__init__()
        self._name = name
        self._ink = ink

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        del state
        side = min(rect.width(), rect.height())
        square = QRectF(0, 0, side, side)
        square.moveCenter(QRectF(rect).center())
        paint(painter, self._name, square, self._ink_of(mode))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        del state
        pixels = round(min(size.width(), size.height()) * scale)
        return _pixmap(self._name, theme.colour(self._ink_of(mode)).name(), pixels, scale)

    def clone(self) -> QIconEngine:
        return _ThemedEngine(self._name, self._ink)

    def _ink_of(self, mode: QIcon.Mode) -> str:
        return "ghost" if mode is QIcon.Mode.Disabled else self._ink
