"""Pictures of a lesson without a window: what the stage shows, written to a file."""

from __future__ import annotations

import contextlib
import html
import os
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, QSize, QSizeF
from PySide6.QtGui import QFont, QFontMetricsF, QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QApplication

from simulator.formats.replacing import PlaceError, replace_file
from simulator.gui import fonts, metrics, theme
from simulator.gui.animation import encode, shot_count, shots
from simulator.gui.render_options import FileType, RequestError
from simulator.gui.render_request import Order
from simulator.gui.stage.pictures import PICTURES
from simulator.gui.widgets.painting import painting
from simulator.lessons.session import LessonSession
from simulator.traces.numbers import count
from simulator.traces.timeline import Moment

Progress = Callable[[int, int], None]
"""Told how many of how many frames are painted."""

MOST_BYTES = 2**30
"""The frames of an animation, unpacked: they are all kept until the file is written."""
BYTES_PER_PIXEL = 4
DOTS_PER_INCH = 96
"""At which a pixel of an SVG's size is a pixel of a web page."""
POINTS_PER_INCH = 72

_KINDS_OF_FONT: dict[str, tuple[Callable[[float], QFont], str]] = {
    fonts.UI_FAMILIES[0]: (fonts.ui, "sans-serif"),
    fonts.MONO_FAMILIES[0]: (fonts.mono, "monospace"),
    fonts.MATH_FAMILIES[0]: (fonts.math, "serif"),
}


def render(order: Order, progress: Progress | None = None) -> None:
    """Paint what is ordered and write the file: the whole of it, or nothing.

    Raises:
        RequestError: it is too large, or the file can't be written.
    """
    _application()
    with _themed(theme.DARK if order.theme == theme.DARK.name else theme.LIGHT):
        stage = HeadlessStage(order.session, size=order.size, scale=order.scale)
        if order.file_type is FileType.SVG:
            data = stage.svg()
        elif order.file_type is FileType.PNG:
            data = _png(stage.image(order.session.timeline.moment))
        else:
            data = _animation(stage, order, progress)
    _write(order.file, data)


class HeadlessStage:
    """A stage that nobody sees. ``size`` is in logical pixels, each of which becomes ``scale``².

    A window is never so small that the parts of its stage get in each other's way. A picture may
    be: then it is a smaller copy of the smallest stage of its shape.
    """

    def __init__(self, session: LessonSession, *, size: tuple[int, int], scale: float) -> None:
        """Lay out the stage for a session whose level and settings stay as they are."""
        self._session = session
        self._size = size
        self._scale = scale
        lacking = (least / there for least, there in zip(metrics.STAGE_LEAST, size, strict=True))
        self._shrinking = max(1.0, *lacking)
        self._room = QSizeF(*size) * self._shrinking
        self._picture = PICTURES[session.lesson.scene]()

    def _paint(self, painter: QPainter, moment: Moment) -> None:
        extents = self._session.extents(moment)
        self._picture.lay_out(self._room.width(), self._room.height(), extents)
        frame = self._session.frame_at(moment, self._picture.room)
        painter.scale(1 / self._shrinking, 1 / self._shrinking)
        painter.fillRect(QRectF(QPointF(), self._room), theme.colour("stage"))
        self._picture.paint(painter, frame, {})

    def image(self, moment: Moment) -> QImage:
        """Return the picture of a moment."""
        width, height = (round(length * self._scale) for length in self._size)
        image = QImage(width, height, QImage.Format.Format_RGB32)
        if image.isNull():
            raise RequestError(
                f"A picture of {count(width)} × {count(height)} pixels doesn't fit into memory: "
                "choose a smaller --size or --scale."
            )
        image.setDevicePixelRatio(self._scale)
        with painting(image) as painter:
            self._paint(painter, moment)
        return image

    def svg(self) -> bytes:
        """Return the drawing of the step that the session stands at."""
        session = self._session
        moment = session.timeline.moment
        data = QByteArray()
        buffer = QBuffer(data)
        # SVG Tiny, which is the default, knows no clipping.
        generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
        generator.setOutputDevice(buffer)
        generator.setResolution(DOTS_PER_INCH)
        generator.setSize(QSize(*(round(length * self._scale) for length in self._size)))
        generator.setViewBox(QRectF(0, 0, *self._size))
        generator.setTitle(
            f"{session.lesson.entry.title}, step {count(moment.step + 1)} "
            f"of {count(session.timeline.length)}"
        )
        generator.setDescription(str(session.trace.explain(moment.step).sentence))
        painter = _SvgPainter(generator)
        try:
            self._paint(painter, moment)
        finally:
            painter.end()
        return _with_sure_text(bytes(data.data()).decode()).encode()


# Kinds of files


def _png(image: QImage) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(data.data())


def _animation(stage: HeadlessStage, order: Order, progress: Progress | None) -> bytes:
    total = shot_count(len(order.steps), order.frames_per_second)
    width, height = (round(length * order.scale) for length in order.size)
    most = max(1, MOST_BYTES // (BYTES_PER_PIXEL * width * height))
    if total > most:
        raise RequestError(
            f"These {count(len(order.steps))} steps make {count(total)} frames of {count(width)} "
            f"× {count(height)} pixels, and {count(most)} of that size are the most that one file "
            "can take: choose fewer --steps, a smaller --size or --scale, a lower --fps or a "
            "coarser --level."
        )

    def frames() -> Iterator[tuple[Image.Image, int]]:
        planned = shots(order.session.timeline, order.steps, order.frames_per_second)
        for number, shot in enumerate(planned, start=1):
            yield _pillow(stage.image(shot.moment)), shot.milliseconds
            if progress is not None:
                progress(number, total)

    return encode(frames(), order.file_type)


def _pillow(image: QImage) -> Image.Image:
    """Return the same picture as Pillow has it; a line of an RGB32 image is never padded."""
    size = (image.width(), image.height())
    return Image.frombytes("RGB", size, bytes(image.constBits()), "raw", "BGRX")


class _SvgPainter(QPainter):
    """Makes up for what Qt leaves out of an SVG."""

    def drawImage(  # type: ignore[override]  # the one of its many forms that a stage uses
        self, target: QRectF, image: QImage, source: QRectF
    ) -> None:
        """Draw a part of an image; Qt would put the whole of it there."""
        super().drawImage(target, image.copy(source.toRect()))

    def setFont(self, font: QFont) -> None:  # type: ignore[override]  # as above
        """Take a font in the size that is meant.

        On a screen a size of 12.5 pixels is made of 13 and a narrower spacing, see ``fonts``. Qt
        would write the 13 and forget the spacing; sizes in points are kept with their fractions.
        """
        meant = font
        if font.letterSpacing() and font.letterSpacing() != 100:
            meant = QFont(font)
            pixels = font.pixelSize() * font.letterSpacing() / 100
            meant.setPointSizeF(pixels * POINTS_PER_INCH / DOTS_PER_INCH)
            meant.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 100)
        super().setFont(meant)


_TEXT = re.compile(
    r'(?P<start><text [^>]*?)font-family="(?P<families>[^"]*)" font-size="(?P<size>[^"]*)" '
    r'font-weight="(?P<weight>[^"]*)"(?P<rest>[^>]*)>(?P<words>[^<]*)</text>'
)


def _with_sure_text(svg: str) -> str:
    """Return an SVG whose lines of text are as long as they are here, whatever fonts there are.

    Each gets its length, and a kind of font to fall back on.
    """

    def sure(found: re.Match[str]) -> str:
        families, weight = found["families"], found["weight"]
        size = round(float(found["size"]), 1)
        make, generic = _KINDS_OF_FONT[families.partition(",")[0]]
        font = QFont(make(size))
        font.setWeight(QFont.Weight(int(weight)))
        length = QFontMetricsF(font).horizontalAdvance(html.unescape(found["words"]))
        return (
            f'{found["start"]}font-family="{families},{generic}" font-size="{size:g}" '
            f'font-weight="{weight}"{found["rest"].rstrip()} '
            f'textLength="{length:.6g}">{found["words"]}</text>'
        )

    return _TEXT.sub(sure, svg)


# The surroundings


@cache
def _application() -> QApplication:
    """Return the application object; one made here needs no display and says nothing."""
    there = QApplication.instance()
    if isinstance(there, QApplication):
        return there
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ.setdefault("QT_LOGGING_RULES", "*.debug=false;*.info=false;*.warning=false")
    return QApplication(["simulator"])


@contextlib.contextmanager
def _themed(wanted: theme.Theme) -> Iterator[None]:
    """Paint with a theme, and give a window that is open its own back."""
    app, before = _application(), theme.current()
    theme.apply(app, wanted)
    try:
        yield
    finally:
        theme.apply(app, before)


def _write(file: Path, data: bytes) -> None:
    """Write a file as a whole, in place of one that may be there."""
    try:
        replace_file(file, lambda stream: stream.write(data))
    except PlaceError as error:
        raise RequestError(str(error)) from error
