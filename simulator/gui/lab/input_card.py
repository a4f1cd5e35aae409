"""Where data enter a network, as a card: the shape of a sample, or that the data tell it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from simulator.formats import input_shapes
from simulator.formats.json_values import SpecError
from simulator.formats.network import InputSpec
from simulator.gui import fonts, metrics
from simulator.gui.lab.text_field import TextField
from simulator.gui.widgets.field_row import FieldRow
from simulator.gui.widgets.painting import painting, panel, text

_MARGIN = 5


class InputCard(QWidget):
    """``shape_changed(shape)`` is the learner's: a tuple, or None for what the data tell."""

    shape_changed = Signal(object)

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._name = name
        self._several = False
        self.setAccessibleName(self.tr("Input {0}").format(name))
        self.setToolTip(self.tr("The shape of one sample, such as 28, 28, 1."))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.field = TextField(self.tr("Shape of {0}").format(name), parent=self)
        self.field.setPlaceholderText(self.tr("as the data are"))
        self.row = FieldRow(" ", self.field, parent=self)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(12, _MARGIN, 12, _MARGIN)
        rows.addWidget(self.row)
        self.field.value_changed.connect(self._take)

    def set_input(self, spec: InputSpec, *, several: bool) -> None:
        """Show its shape, silently, and its name where there are ``several``."""
        self._several = several
        self.field.set_value(input_shapes.written(spec.shape))
        self.row.set_error(None)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(316, super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        with painting(self) as painter:
            whole = QRectF(self.rect())
            panel(painter, whole, fill="card", border="border", radius=metrics.RADIUS_CONTROL)
            spot = QRectF(12, _MARGIN, metrics.LABEL_COLUMN - 6, metrics.ROW)
            strong = fonts.ui(metrics.CONTROL, metrics.SEMIBOLD)
            words = self._name if self._several else self.tr("Input")
            text(painter, spot, words, font=strong, ink="ink1")

    def _take(self, typed: str) -> None:
        try:
            shape = input_shapes.parsed(typed)
        except SpecError as error:
            self.row.set_error(str(error))
            return
        self.row.set_error(None)
        self.shape_changed.emit(shape)
