"""A few samples of the data, before they are used: small pictures, plots or texts."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.data.datasets import Preview
from simulator.gui.lab import sequence_painting
from simulator.gui.lab.mosaic import Mosaic, best_columns, grid
from simulator.gui.widgets.painting import painting
from simulator.lab.presenting import previews
from simulator.lab.presenting.pictures import SequencePicture

HEIGHT = 150
_ACROSS = 308
_PLOTS = 6
_PLOT_COLUMNS = 2
_GAP = 6


class PreviewSamples(QWidget):
    """Follows a preview; without samples that can be drawn it is put away."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._mosaic: Mosaic | None = None
        self._plots: tuple[SequencePicture, ...] = ()
        self.setAccessibleName(self.tr("A few samples"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_preview(self, preview: Preview | None) -> None:
        """Show the samples of a preview."""
        plots = previews.plots(preview) if preview is not None else None
        shown = previews.pictures(preview) if preview is not None and plots is None else None
        self._plots = (plots or ())[:_PLOTS]
        self._mosaic = Mosaic(*shown) if shown is not None else None
        self.setVisible(self._mosaic is not None or bool(self._plots))
        self.updateGeometry()
        self.update()

    def plots(self) -> tuple[SequencePicture, ...]:
        """Return the sequences on view, if they are any."""
        return self._plots

    def sizeHint(self) -> QSize:
        """Return as much height as the samples fill at this width, and no more than there is."""
        if self._plots:
            rows = ceil(len(self._plots) / _PLOT_COLUMNS)
            return QSize(_ACROSS, rows * (sequence_painting.HIGH + _GAP) - _GAP + 1)
        if self._mosaic is None:
            return QSize(_ACROSS, 0)
        room = QRectF(0, 0, self.width(), HEIGHT)
        columns = best_columns(len(self._mosaic), room.size(), self._mosaic.shape)
        places = grid(room, len(self._mosaic), columns, self._mosaic.shape)
        return QSize(_ACROSS, ceil(places[-1].bottom() - places[0].top()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        with painting(self) as painter:
            wide = (self.width() - (_PLOT_COLUMNS - 1) * _GAP) / _PLOT_COLUMNS
            for number, plot in enumerate(self._plots):
                row, column = divmod(number, _PLOT_COLUMNS)
                top = row * (sequence_painting.HIGH + _GAP)
                place = QRectF(column * (wide + _GAP), top, wide - 1, sequence_painting.HIGH)
                sequence_painting.paint_given(painter, place, plot)
            if self._mosaic is not None:
                room = QRectF(0, 0, self.width(), self.height())
                columns = best_columns(len(self._mosaic), room.size(), self._mosaic.shape)
                self._mosaic.paint(painter, room, columns)
