"""The foot of the lab: play and its neighbours, the bar with all branches, and the past."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.lab.training_bar import TrainingBar
from simulator.gui.widgets.button import Button
from simulator.gui.widgets.choice import Choice
from simulator.gui.widgets.icon_button import IconButton
from simulator.gui.widgets.painting import painting, panel, text
from simulator.gui.widgets.play_button import PlayButton
from simulator.gui.widgets.text import Text

HEIGHT = 152
_LEFT = 298
_RIGHT = 204
_NARROW = 940
"""Below so many pixels the column at the right gives way to the bar."""
_SPEEDS = (
    ("inf", "Full speed"),
    ("30", "30 batches a second"),
    ("5", "5 batches a second"),
    ("1", "1 batch a second"),
)


class _Memory(QWidget):
    """How many checkpoints there are, and the part of their budget that they take."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._words = ("", "")
        self._share = 0.0
        self.setAccessibleName(self.tr("Memory of the past"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_memory(self, words: str, size: str, share: float) -> None:
        """Show other figures."""
        if (words, size) != self._words or share != self._share:
            self._words, self._share = (words, size), share
            self.setAccessibleDescription(f"{words}, {size}")
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(_RIGHT - 2 * metrics.GUTTER, 52)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        with painting(self) as painter:
            line = QRectF(0, 0, self.width(), 18)
            text(painter, line, self._words[0], font=fonts.ui(metrics.CAPTION), ink="ink3")
            track = QRectF(0, 25, self.width(), 4)
            panel(painter, track, fill="well", radius=2)
            done = QRectF(0, 25, self.width() * min(max(self._share, 0.0), 1.0), 4)
            panel(painter, done, fill="ink2", radius=2)
            line = QRectF(0, 34, self.width(), 16)
            text(painter, line, self._words[1], font=fonts.mono(metrics.TEXT_LEAST), ink="ink3")


class TrainingControls(QWidget):
    """Buttons and the bar. Its signals are what the learner asks for."""

    toggled = Signal()
    one_batch = Signal()
    one_epoch = Signal()
    begun_anew = Signal()
    branched = Signal()
    speed_chosen = Signal(float)

    def __init__(self, *, has_past: bool = True, parent: QWidget | None = None) -> None:
        """Without ``has_past`` there are no branches to begin, and no word of checkpoints."""
        super().__init__(parent)
        self.setAccessibleName(self.tr("Training"))
        self.setFixedHeight(HEIGHT)
        self.bar = TrainingBar(parent=self)
        self.play = PlayButton(parent=self)
        self._anew = IconButton("rotate-ccw", self.tr("Start over"), "Ctrl+R", parent=self)
        self._batch = Button(self.tr("One batch"), icon="step-forward", parent=self)
        self._epoch = Button(self.tr("One epoch"), parent=self)
        self._branch = Button(self.tr("Branch here"), icon="git-branch", parent=self)
        self._branch.setToolTip(self.tr("Begin another branch at the batch on view."))
        self.best = IconButton("flag", self.tr("To the best point"), "", framed=True, parent=self)
        self.menu = IconButton("menu", self.tr("This branch"), "", framed=True, parent=self)
        self._speed = Choice(
            self.tr("Speed"), [(key, self.tr(words), None) for key, words in _SPEEDS], parent=self
        )
        self._memory = _Memory(self)
        self._told = Text("", steady=True, parent=self)
        self._hint = Text("", size=metrics.CAPTION, ink="ink3", steady=True, parent=self)
        self.play.clicked.connect(lambda _=False: self.toggled.emit())
        self._anew.clicked.connect(lambda _=False: self.begun_anew.emit())
        self._batch.clicked.connect(lambda _=False: self.one_batch.emit())
        self._epoch.clicked.connect(lambda _=False: self.one_epoch.emit())
        self._branch.clicked.connect(lambda _=False: self.branched.emit())
        self._speed.value_changed.connect(lambda key: self.speed_chosen.emit(float(key)))
        self._lay_out()
        for widget in (self._branch, self.best, self.menu, self._memory):
            widget.setVisible(has_past)
        self.set_best("")

    def set_position(self, told: str, hint: str) -> None:
        """Say where the training stands, and what can be done."""
        self._told.set_content(told)
        self._hint.set_content(hint)

    def set_memory(self, words: str, size: str, share: float) -> None:
        """Show what the past takes."""
        self._memory.set_memory(words, size, share)

    def set_best(self, told: str) -> None:
        """Say where the run was best, for the button that goes there; empty: nowhere yet."""
        self.best.set_disabled_reason(None if told else self.tr("No epoch is over yet."))
        name = self.tr("{0}. Go there").format(told)
        if told and name != self.best.accessibleName():
            self.best.set_name(name)

    def set_playing(self, playing: bool) -> None:
        """Offer to pause, or to play."""
        self.play.set_playing(playing)

    def set_disabled_reason(self, reason: str | None) -> None:
        """Let nothing be trained, and say why; None lets it be again."""
        for control in (
            *(self.play, self._anew, self._batch, self._epoch),
            *(self._branch, self.menu, self._speed, self.bar),
        ):
            control.set_disabled_reason(reason)
        if reason is not None:
            self._hint.set_content(reason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._aside.setVisible(self.width() >= _NARROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        with painting(self) as painter:
            painter.fillRect(self.rect(), theme.colour("panel"))
            line = QRectF(0, 0, self.width(), metrics.HAIRLINE)
            painter.fillRect(line, theme.colour("hairline"))

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for widget in (self._anew, self.play, self._batch, self._epoch):
            buttons.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        buttons.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._told)
        words.addWidget(self._hint)
        left = QVBoxLayout()
        left.setContentsMargins(0, 18, 0, 10)
        left.setSpacing(14)
        left.addLayout(buttons)
        left.addLayout(words)
        left.addStretch(1)
        holder = QWidget(self)
        holder.setAccessibleName(self.tr("Training"))
        holder.setLayout(left)
        holder.setFixedWidth(_LEFT)
        self._aside = QWidget(self)
        self._aside.setAccessibleName(self.tr("Past"))
        self._aside.setFixedWidth(_RIGHT - metrics.GUTTER)
        right = QVBoxLayout(self._aside)
        right.setContentsMargins(0, 14, 0, 8)
        right.setSpacing(6)
        branches = QHBoxLayout()
        branches.setSpacing(4)
        branches.addWidget(self._branch, 1)
        branches.addWidget(self.best)
        branches.addWidget(self.menu)
        right.addLayout(branches)
        right.addWidget(self._speed)
        right.addWidget(self._memory)
        right.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(metrics.GUTTER, metrics.HAIRLINE, metrics.GUTTER, 0)
        row.setSpacing(metrics.GUTTER)
        row.addWidget(holder)
        row.addWidget(self.bar, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._aside)
