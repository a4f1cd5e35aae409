"""What the network learns from: which data, how they are made, and a few samples of them."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from simulator.data.datasets import DATASETS, Preview
from simulator.formats.json_values import Json
from simulator.gui import metrics, theme
from simulator.gui.lab.heat_views import PlaneView
from simulator.gui.lab.lab_document import LabDocument
from simulator.gui.lab.mosaic import Mosaic, best_columns
from simulator.gui.lab.setting_control import SettingControl
from simulator.gui.widgets.choice import Choice
from simulator.gui.widgets.field_row import FieldRow
from simulator.gui.widgets.notice import Notice
from simulator.gui.widgets.painting import painting
from simulator.gui.widgets.stepper import Stepper
from simulator.gui.widgets.text import Text
from simulator.lab.presenting import planes, previews

_SAMPLES = 150
_MOST_SEED = 9999


class _Samples(QWidget):
    """A few samples as small pictures."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._mosaic: Mosaic | None = None
        self.setAccessibleName(self.tr("A few samples"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_preview(self, preview: Preview | None) -> None:
        """Show the samples of a preview."""
        shown = previews.pictures(preview) if preview is not None else None
        self._mosaic = Mosaic(*shown) if shown is not None else None
        self.setVisible(self._mosaic is not None)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(316, _SAMPLES)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        if self._mosaic is None:
            return
        room = QRectF(0, 0, self.width(), self.height())
        with painting(self) as painter:
            columns = best_columns(len(self._mosaic), room.size(), self._mosaic.shape)
            self._mosaic.paint(painter, room, columns)


class DataPanel(QScrollArea):
    """Follows a document; every change is one of its edits."""

    def __init__(self, document: LabDocument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._controls: dict[str, SettingControl] = {}
        self._shown = ""
        self.setAccessibleName(self.tr("Data"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body = _Ground(self)
        options = [(each.id, each.title, None) for each in DATASETS.values()]
        self.choice = Choice(self.tr("Data set"), options, parent=body)
        self.choice.value_changed.connect(self._choose)
        self._summary = Text("", size=metrics.NOTE, line=metrics.CAPTION_LINE, parent=body)
        self._seed = Stepper(self.tr("Seed"), value=0, low=0, high=_MOST_SEED, parent=body)
        self._seed.value_changed.connect(lambda _=0: self._change())
        self._seed_row = FieldRow(self.tr("Seed"), self._seed, parent=body)
        self._samples = _Samples(body)
        self._plane = PlaneView(self.tr("Points"), parent=body)
        self._plane.setFixedHeight(_SAMPLES + 24)
        self._facts = Text("", size=metrics.NOTE, line=metrics.CAPTION_LINE, parent=body)
        self._own = Notice("info", "", parent=body)
        self._settings = QVBoxLayout()
        self._settings.setSpacing(metrics.ROW_GAP)
        rows = QVBoxLayout(body)
        rows.setContentsMargins(metrics.GUTTER, 4, metrics.GUTTER, 12)
        rows.setSpacing(8)
        for widget in (self._own, self.choice, self._summary, self._samples, self._plane):
            rows.addWidget(widget)
        rows.addWidget(self._facts)
        rows.addLayout(self._settings)
        rows.addWidget(self._seed_row)
        rows.addStretch(1)
        self._body = body
        self.setWidget(body)
        document.program_changed.connect(self._show)
        document.opened.connect(self._show)
        self._show()

    def control(self, setting: str) -> SettingControl:
        """Return the control of a setting; raise KeyError if there is none of that name."""
        return self._controls[setting]

    def _choose(self, identity: str) -> None:
        if identity != self._document.state.recipe.id:
            self._document.choose_data(identity, {}, self._document.state.recipe.seed)

    def _change(self, name: str = "", value: Json = None) -> None:
        recipe = self._document.state.recipe
        settings = {**recipe.settings, name: value} if name else dict(recipe.settings)
        refusal = self._document.choose_data(recipe.id, settings, self._seed.value())
        if name:
            self._controls[name].set_error(refusal)

    def _show(self) -> None:
        recipe = self._document.state.recipe
        entry = DATASETS[recipe.id]
        blocked = self.choice.blockSignals(True)
        self.choice.set_value(recipe.id)
        self.choice.blockSignals(blocked)
        blocked = self._seed.blockSignals(True)
        self._seed.set_value(min(recipe.seed, _MOST_SEED))
        self._seed.blockSignals(blocked)
        self._summary.set_content(entry.summary)
        if recipe.id != self._shown:
            self._shown = recipe.id
            for control in self._controls.values():
                control.row.hide()
                control.row.deleteLater()
                control.deleteLater()
            self._controls = {}
            for setting in entry.settings:
                control = SettingControl(setting, recipe.settings[setting.name], self._body)
                control.value_changed.connect(
                    lambda value, name=setting.name: self._change(name, value)
                )
                self._controls[setting.name] = control
                self._settings.addWidget(control.row)
        for name, control in self._controls.items():
            control.show(recipe.settings[name])
        self._show_preview()

    def _show_preview(self) -> None:
        training = self._document.training
        program = self._document.program
        made_up = program is not None and program.data is not None and program.data.made_up
        self._own.setVisible(made_up)
        self._own.set_content(
            self.tr("The program makes its own data: those below are not used.") if made_up else ""
        )
        if training is None:
            return
        preview = training.preview
        points = preview is not None and preview.view == "points2d"
        self._samples.set_preview(None if points else preview)
        self._plane.setVisible(points)
        if points and training.dataset is not None:
            self._plane.set_picture(planes.points(training.dataset))
        told = (*previews.facts(preview), *training.told) if preview is not None else training.told
        self._facts.set_content("\N{LINE SEPARATOR}".join(told))


class _Ground(QWidget):
    """What the controls stand on."""

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.fillRect(event.rect(), theme.colour("panel"))
