"""Held-out samples with what the network says of each; those that are wrong stand out."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.lab import sequence_painting
from simulator.gui.lab.mosaic import Mosaic, outline
from simulator.gui.widgets import focus
from simulator.gui.widgets.painting import painting, panel, text, text_width
from simulator.lab.presenting.pictures import Array, SampleWords, SequencePicture
from simulator.lessons.frame import Scale

Key = Qt.Key
_HEAD = 28
_SIDE = 44
_BETWEEN = 6.4
_PLOT = QSizeF(sequence_painting.WIDE, sequence_painting.HIGH)
_WIDEST = 116.0
_INSET = 2
"""For the frame around a wrong one at the left."""
_APART = 6.0
_WORDS = 22
_TRUTH = 18
_MARK = 10
"""Pixels above the pictures that the mark of the one that is chosen takes."""
_MOVES = {Key.Key_Left: -1, Key.Key_Right: 1}


class SamplesView(QWidget):
    """A row of samples; ``chosen(number)`` is the one that the learner wants to see."""

    chosen = Signal(int)
    fitting_changed = Signal(int)
    """For so many samples there is room now."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mosaic: Mosaic | None = None
        self._answers: Mosaic | None = None
        self._words: tuple[SampleWords, ...] = ()
        self._sequences: tuple[SequencePicture, ...] = ()
        self._pitch = _SIDE + _BETWEEN
        self._title = ""
        self._caption = ""
        self._current = -1
        self._kept_ground: tuple[tuple[object, ...], QPixmap] | None = None
        self._shape: tuple[int, ...] = ()
        self.setAccessibleName(self.tr("Samples"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._watch = focus.watch(self, around=None, keys=_MOVES)

    def set_samples(
        self,
        title: str,
        caption: str,
        pictures: Array,
        scale: Scale,
        words: Sequence[SampleWords],
        answers: Array | None = None,
        sequences: Sequence[SequencePicture] | None = None,
    ) -> None:
        """Show pictures (N, H, W) with words for each, or with the pictures that come out; or
        sequences in the place of the pictures.
        """
        before, self._words = self._words, tuple(words)
        plots, self._sequences = self._sequences, tuple(sequences or ())
        wider = self._spread(pictures.shape[1:])
        same = self._mosaic is not None and self._mosaic.shows(pictures, scale)
        same = same and answers is None and self._answers is None and not wider
        same = same and bool(plots) == bool(self._sequences)
        if same and title == self._title and len(before) == len(self._words):
            # While a network learns its answers change, one here and one there.
            for number, (old, new) in enumerate(zip(before, self._words, strict=True)):
                if old != new or self._sequences:
                    self.update(self._room_of(number).toAlignedRect())
            if caption != self._caption:
                self._caption = caption
                self.update(0, 0, self.width(), _HEAD - _MARK)
            return
        self._title, self._caption = title, caption
        self.setAccessibleName(title)
        self._mosaic = Mosaic(pictures, scale) if len(pictures) else None
        self._answers = Mosaic(answers, scale) if answers is not None and len(answers) else None
        self._kept_ground = None
        self.updateGeometry()
        self.update()

    def _spread(self, shape: tuple[int, ...]) -> bool:
        """Give the words on view their room; whether the samples stand elsewhere for it.

        Only pictures of another form bring them nearer: what is said changes as it learns.
        """
        fitting, before = self.fitting(), self._pitch
        form = (*shape, bool(self._sequences), self.width() if self._sequences else 0)
        needed = min(max(map(_needed, self._words), default=0.0), _WIDEST)
        least = self._size().width() + _BETWEEN
        self._pitch = max(needed, least if form != self._shape else before)
        self._shape = form
        if self.fitting() != fitting:
            self.fitting_changed.emit(self.fitting())
        return self._pitch != before

    def words(self) -> tuple[SampleWords, ...]:
        """Return what is said of each sample."""
        return self._words

    def set_current(self, number: int) -> None:
        """Mark a sample, silently; −1 marks none."""
        if number != self._current:
            self._current = number
            self.update()

    def current(self) -> int:
        """Return the number of the sample that is marked."""
        return self._current

    def fitting(self) -> int:
        """Return how many samples there is room for."""
        return max(int((self.width() + _APART) // self._pitch), 1)

    def sequences(self) -> tuple[SequencePicture, ...]:
        """Return the sequences on view, if they are any."""
        return self._sequences

    def _size(self) -> QSizeF:
        """Return how large a sample is drawn."""
        if not self._sequences:
            return QSizeF(_SIDE, _SIDE)
        count = max(int((self.width() + _APART) // (_PLOT.width() + _BETWEEN)), 1)
        wide = floor((self.width() - _INSET + _APART) / count - _BETWEEN)
        return QSizeF(max(_PLOT.width(), wide), _PLOT.height())

    def place_of(self, number: int) -> QRectF:
        """Return where a sample's picture stands."""
        return QRectF(QPointF(_INSET + round(number * self._pitch), _HEAD), self._size())

    def sizeHint(self) -> QSize:
        below = _SIDE + 10 if self._answers is not None else _WORDS + 6 + _TRUTH
        return QSize(600, round(_HEAD + self._size().height() + below))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._sequences:
            self._pitch = self._size().width() + _BETWEEN
        self.fitting_changed.emit(self.fitting())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = int(event.position().x() // self._pitch)
        shown = min(len(self._words), self.fitting())
        if event.button() == Qt.MouseButton.LeftButton and number < shown:
            self._choose(number)
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Key(event.key())
        shown = min(len(self._words), self.fitting())
        if key in _MOVES and shown:
            self._choose(min(max(self._current + _MOVES[key], 0), shown - 1))
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        anew = event.rect()
        with painting(self) as painter:
            painter.drawPixmap(QPointF(0, 0), self._ground())
            left = text_width(_title(), self._title) + _APART
            caption = QRectF(left, 0, self.width() - left, 18)
            if anew.intersects(caption.toAlignedRect()):
                font = fonts.ui(metrics.CAPTION)
                text(painter, caption, self._caption, font=font, ink="ink3")
            if self._mosaic is None:
                return
            for number, words in enumerate(self._words[: self.fitting()]):
                if anew.intersects(self._room_of(number).toAlignedRect()):
                    place = self.place_of(number)
                    if self._answers is not None:
                        below = place.translated(0, _SIDE + 4)
                        _paint_picture(painter, self._answers, number, below)
                    else:
                        if self._sequences:
                            said = self._sequences[number].said
                            sequence_painting.paint_lines(painter, place, said)
                        self._paint_words(painter, place, words)
                    if number == self._current:
                        self._paint_mark(painter, place)

    def _room_of(self, number: int) -> QRectF:
        """Return what a sample takes up, with all that is said of it."""
        place = self.place_of(number)
        return QRectF(place.x() - 4, _HEAD - _MARK, self._pitch + 10, self.height() - _HEAD + _MARK)

    def _ground(self) -> QPixmap:
        """Return the title and the pictures, which stay while what is said of them changes."""
        ratio = self.devicePixelRatioF()
        key = (theme.current().name, ratio, self.size().toTuple(), self._pitch)
        if self._kept_ground is not None and self._kept_ground[0] == key:
            return self._kept_ground[1]
        ground = QPixmap(self.size() * ratio)
        ground.setDevicePixelRatio(ratio)
        ground.fill(theme.colour("stage"))
        with painting(ground) as painter:
            text(painter, QRectF(0, 0, self.width(), 18), self._title, font=_title(), ink="ink1")
            if self._mosaic is not None:
                for number in range(min(len(self._words), self.fitting())):
                    place = self.place_of(number)
                    if self._sequences:
                        sequence_painting.paint_given(painter, place, self._sequences[number])
                    else:
                        _paint_picture(painter, self._mosaic, number, place)
        self._kept_ground = key, ground
        return ground

    def _paint_words(self, painter: QPainter, place: QRectF, words: SampleWords) -> None:
        wrong = words.wrong
        ink = "error" if wrong else "ink1"
        if wrong:
            panel(
                painter,
                place.adjusted(-2, -2, 2, 2),
                border="error",
                radius=metrics.RADIUS_HIGHLIGHT,
                width=2,
            )
        line = QRectF(place.x(), place.bottom() + 5, self._pitch - _APART, 16)
        sure = text_width(fonts.mono(metrics.TEXT_LEAST), words.sure)
        said = line.adjusted(0, 0, -sure - 3 if words.sure else 0, 0)
        text(painter, said, words.said, font=_strong(), ink=ink)
        text(
            painter,
            line,
            words.sure,
            font=fonts.mono(metrics.TEXT_LEAST),
            ink="ink3",
            align=Qt.AlignmentFlag.AlignRight,
        )
        track = QRectF(place.x(), line.bottom() + 2, line.width(), 3)
        if words.sure:
            panel(painter, track, fill="well", radius=1.5)
            share = min(max(words.share, 0.0), 1.0)
            filled = QRectF(track.x(), track.y(), track.width() * share, 3)
            panel(painter, filled, fill="error" if wrong else "ink3", radius=1.5)
        if words.truth:
            spot = QRectF(place.x(), track.bottom() + 2, self._pitch - 2, 16)
            text(painter, spot, words.truth, font=fonts.ui(metrics.TEXT_LEAST), ink="ink2")

    def _paint_mark(self, painter: QPainter, place: QRectF) -> None:
        """Point at the sample that is drawn above, on its way through the network."""
        tip = QPointF(place.center().x(), place.y() - 3)
        wings = (tip, tip + QPointF(-6, -6), tip + QPointF(6, -6))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("reads" if self._watch.visible else "ink1"))
        painter.drawPolygon(QPolygonF(wings))

    def _choose(self, number: int) -> None:
        if number != self._current:
            self.set_current(number)
            self.chosen.emit(number)


def _paint_picture(painter: QPainter, mosaic: Mosaic, number: int, place: QRectF) -> None:
    rows, across = mosaic.shape
    painter.drawImage(place, mosaic.image(), QRectF(0, number * rows, across, rows))
    painter.setPen(QPen(theme.colour("border"), metrics.HAIRLINE))
    outline(painter, place)


def _title() -> QFont:
    return fonts.ui(metrics.TITLE, metrics.SEMIBOLD)


def _strong() -> QFont:
    return fonts.ui(metrics.BODY, metrics.SEMIBOLD)


def _needed(words: SampleWords) -> float:
    """Return how much room the words of a sample need, with what parts them from the next."""
    mono, plain = fonts.mono(metrics.TEXT_LEAST), fonts.ui(metrics.TEXT_LEAST)
    above = text_width(_strong(), words.said)
    if words.sure:
        above += text_width(mono, words.sure) + 4
    return max(above, text_width(plain, words.truth)) + _APART
