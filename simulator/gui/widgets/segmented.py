"""A few options side by side, of which one is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QRadioButton, QSizePolicy, QWidget

from simulator.gui import fonts, metrics
from simulator.gui.widgets import focus
from simulator.gui.widgets.control import ControlState
from simulator.gui.widgets.painting import painting, panel, text, text_width

Key = Qt.Key
_INSET = 1
"""Between the ground and the chosen segment on it."""
_PADDING = 9
_TIGHT_PADDING = 4
_MOVES = {Key.Key_Left: -1, Key.Key_Up: -1, Key.Key_Right: 1, Key.Key_Down: 1}
SEGMENT_KEYS = (*_MOVES, Key.Key_Home, Key.Key_End, Key.Key_Space)


class Segment(QRadioButton):
    """One option; a radio button to a screen reader."""

    def __init__(self, key: str, words: str, owner: Segmented) -> None:
        super().__init__(words, owner)
        self.key = key
        self._owner = owner
        self._room = 0
        self._mark: Callable[[], QColor] | None = None
        self.setAccessibleName(words)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def needed_width(self, padding: int = _PADDING) -> int:
        """Return how wide the words are when chosen, and so set in bold."""
        font = fonts.ui(metrics.NOTE, metrics.SEMIBOLD)
        return round(text_width(font, self.text())) + 2 * padding + self._room

    def set_mark(self, colour: Callable[[], QColor]) -> None:
        """Underline the words in the colour of what they stand for."""
        self._mark = colour
        self.update()

    def leave_room(self, width: int) -> None:
        """Keep ``width`` free at the right, where something else stands."""
        self._room = width
        self.update()

    def hitButton(self, position: QPoint) -> bool:
        return self.rect().contains(position)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._owner.key_pressed(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        rect = QRectF(self.rect())
        chosen = self.isChecked()
        with painting(self) as painter:
            radius = metrics.RADIUS_CONTROL - _INSET
            if chosen and self.isEnabled():
                panel(painter, rect, fill="raised", border="border", radius=radius)
            elif chosen:
                panel(painter, rect, border="hairline", radius=radius)
            ink = "ink1" if chosen or (self.underMouse() and self.isEnabled()) else "ink2"
            text(
                painter,
                rect.adjusted(1, 0, -1 - self._room, 0),
                self.text(),
                font=fonts.ui(metrics.NOTE, metrics.SEMIBOLD if chosen else metrics.REGULAR),
                ink=ink if self.isEnabled() else "ghost",
                align=Qt.AlignmentFlag.AlignHCenter,
            )
            if self._mark is not None:
                line = QRectF(7, rect.bottom() - 5, rect.width() - 14, 3)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self._mark())
                painter.drawRoundedRect(line, 1.5, 1.5)


class Segmented(ControlState, QWidget):
    """Exclusive options, chosen by a click or the arrow keys.

    Stretched, the segments become equally wide if their words allow it.
    """

    value_changed = Signal(str)
    arranged = Signal()
    """The segments have been placed anew."""

    def __init__(
        self,
        name: str,
        options: Sequence[tuple[str, str]],
        *,
        value: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """``options`` are pairs of a key and its words; without ``value`` the first is chosen."""
        super().__init__(parent)
        self._segments: list[Segment] = []
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_options(options, value)

    def set_options(self, options: Sequence[tuple[str, str]], value: str | None = None) -> None:
        """Offer other options, silently; ``value`` or else the first is chosen.

        Raises ``ValueError`` if there are none, two have one key, or ``value`` is not among them.
        """
        keys = [key for key, _ in options]
        if not keys or len(set(keys)) != len(keys):
            raise ValueError(f"options need keys of their own, not {keys}")
        chosen = keys[0] if value is None else value
        if chosen not in keys:
            raise ValueError(f"{chosen!r} is not among {keys}")
        if [(segment.key, segment.text()) for segment in self._segments] != list(options):
            for segment in self._segments:
                segment.hide()
                segment.deleteLater()
            self._segments = [Segment(key, words, self) for key, words in options]
            for before, after in pairwise((self, *self._segments)):
                QWidget.setTabOrder(before, after)
            for segment in self._segments:
                focus.watch(segment, around=self, keys=SEGMENT_KEYS)
                segment.clicked.connect(lambda _=False, key=segment.key: self.set_value(key))
                segment.setVisible(True)
            self._arrange()
            self.updateGeometry()
        self._check(chosen)

    def options(self) -> tuple[tuple[str, str], ...]:
        """Return the keys and their words."""
        return tuple((segment.key, segment.text()) for segment in self._segments)

    def value(self) -> str:
        """Return the key of the option that is chosen."""
        return self._value

    def set_value(self, value: str) -> None:
        """Choose an option and emit ``value_changed``; do nothing if it is chosen already.

        Raises ``ValueError`` if there is no such option.
        """
        self.segment(value)
        if value != self._value:
            self._check(value)
            self.value_changed.emit(value)

    def segment(self, key: str) -> Segment:
        """Return the segment of an option; raise ValueError if there is none."""
        for segment in self._segments:
            if segment.key == key:
                return segment
        raise ValueError(f"{key!r} is not among {[segment.key for segment in self._segments]}")

    def key_pressed(self, event: QKeyEvent) -> None:
        """Move the choice, as asked by a key that a segment got."""
        keys = [segment.key for segment in self._segments if segment.isEnabled()]
        key = Key(event.key())
        if not keys or key not in SEGMENT_KEYS:
            event.ignore()
            return
        at = keys.index(self._value) if self._value in keys else 0
        if key in _MOVES:
            at = min(max(at + _MOVES[key], 0), len(keys) - 1)
        elif key != Key.Key_Space:
            at = 0 if key == Key.Key_Home else len(keys) - 1
        self.segment(keys[at]).setFocus(Qt.FocusReason.TabFocusReason)
        self.set_value(keys[at])

    def sizeHint(self) -> QSize:
        widths = sum(segment.needed_width() for segment in self._segments)
        return QSize(widths + 2 * _INSET, metrics.ROW)

    def minimumSizeHint(self) -> QSize:
        widths = sum(segment.needed_width(_TIGHT_PADDING) for segment in self._segments)
        return QSize(widths + 2 * _INSET, metrics.ROW)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        with painting(self) as painter:
            panel(painter, QRectF(self.rect()), fill="well")
            if self.isEnabled() and self.has_error():
                panel(painter, QRectF(self.rect()), border="error", width=metrics.LINK)

    def _check(self, value: str) -> None:
        self._value = value
        for segment in self._segments:
            chosen = segment.key == value
            segment.setChecked(chosen)
            # The group is one stop of the Tab key: at what is chosen.
            policy = Qt.FocusPolicy.StrongFocus if chosen else Qt.FocusPolicy.ClickFocus
            segment.setFocusPolicy(policy)

    def _arrange(self) -> None:
        room = self.width() - 2 * _INSET
        needed = [segment.needed_width() for segment in self._segments]
        count = len(needed)
        if max(needed) * count <= room:
            widths = [room / count] * count
        else:
            spare = (room - sum(needed)) / count  # negative where the padding has to give
            widths = [width + spare for width in needed]
        left = 0.0
        for segment, width in zip(self._segments, widths, strict=True):
            start, end = round(left), round(left + width)
            segment.setGeometry(_INSET + start, _INSET, end - start, self.height() - 2 * _INSET)
            left += width
        self.arranged.emit()
