"""What the network learns from: which data, how they are made, and a few samples of them."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from simulator.data.datasets import DATASETS, DataError
from simulator.formats.json_values import Json
from simulator.gui import metrics, theme
from simulator.gui.file_dialogs import FileDialogs
from simulator.gui.lab import data_edits
from simulator.gui.lab.heat_views import PlaneView
from simulator.gui.lab.lab_document import LabDocument
from simulator.gui.lab.own_data import OwnData, place_of
from simulator.gui.lab.parts_view import PartsView
from simulator.gui.lab.points_editor import PointsEditor
from simulator.gui.lab.preview_samples import PreviewSamples
from simulator.gui.lab.setting_control import SettingControl
from simulator.gui.lab.ways_out import WaysOut
from simulator.gui.widgets.choice import Choice
from simulator.gui.widgets.field_row import FieldRow
from simulator.gui.widgets.notice import Notice
from simulator.gui.widgets.painting import painting
from simulator.gui.widgets.stepper import Stepper
from simulator.gui.widgets.text import Text
from simulator.lab.presenting import planes, previews, strokes
from simulator.lab.presenting.strokes import Point

_PLANE = 246
"""Height of the points of a regression, with their title and scale."""
_MOST_SEED = 9999
_BELOW = 80
"""Pixels that are kept free below what is wrong: what is said of it may wrap."""


class DataPanel(QScrollArea):
    """Follows a document; every change is one of its edits."""

    def __init__(self, document: LabDocument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._controls: dict[str, SettingControl] = {}
        self._shown = ""
        self._seen: Exception | None = None  # the problem that was last scrolled to
        self._sought: QWidget | None = None  # where that is told, until the learner scrolls
        self.setAccessibleName(self.tr("Data"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body = self._body = _Ground(self)
        self._dialogs = FileDialogs(self, "data")
        options = [(each.id, each.title, None) for each in DATASETS.values()]
        self.choice = Choice(self.tr("Data set"), options, parent=body)
        self.own = OwnData(self._dialogs, body)
        self._refused = Notice("error", "", parent=body)
        self.ways = WaysOut(document, body)
        self._summary = Text("", size=metrics.NOTE, line=metrics.CAPTION_LINE, parent=body)
        self._seed = Stepper(self.tr("Seed"), value=0, low=0, high=_MOST_SEED, parent=body)
        self._seed_row = FieldRow(self.tr("Seed"), self._seed, parent=body)
        self._samples = PreviewSamples(body)
        self.editor = PointsEditor(parent=body)
        self._plane = PlaneView(self.tr("Points"), parent=body)
        self._plane.setFixedHeight(_PLANE)
        self.parts = PartsView(parent=body)
        self._facts = Text("", size=metrics.NOTE, line=metrics.CAPTION_LINE, parent=body)
        self._made_up = Notice("info", "", parent=body)
        self._settings = QVBoxLayout()
        self._lay_out()
        self._connect()
        self._show()

    def control(self, setting: str) -> SettingControl:
        """Return the control of a setting; raise KeyError if there is none of that name."""
        return self._controls[setting]

    def marks(self, problem: Exception | None) -> bool:
        """Return whether a problem is told at the control that is its cause."""
        return self._place_of(problem) is not None

    def _place_of(self, problem: Exception | None) -> QWidget | None:
        name = problem.setting if isinstance(problem, DataError) else None
        control = self._controls.get(name or "")
        return None if control is None else control.row

    def refusal(self) -> str:
        """Return why the last thing asked for could not be done, or an empty string."""
        return "" if self._refused.isHidden() else self._refused.text()

    def _lay_out(self) -> None:
        self._settings.setSpacing(metrics.ROW_GAP)
        rows = QVBoxLayout(self._body)
        rows.setContentsMargins(metrics.GUTTER, 4, metrics.GUTTER, 12)
        rows.setSpacing(8)
        for widget in (
            *(self._made_up, self.choice, self.own, self._refused, self._summary, self.ways),
            *(self._samples, self.editor, self._plane, self.parts),
        ):
            rows.addWidget(widget)
        rows.addLayout(self._settings)
        rows.addWidget(self._seed_row)
        rows.addWidget(self._facts)
        rows.addStretch(1)
        self._refused.hide()
        self.setWidget(self._body)

    def _connect(self) -> None:
        document = self._document
        self.choice.value_changed.connect(self._choose)
        self.own.chosen.connect(self._open)
        self.ways.refused.connect(self._tell)
        self._seed.value_changed.connect(lambda _=0: self._change())
        self.editor.drawn.connect(lambda points: data_edits.draw(document, points))
        self.parts.role_chosen.connect(self._choose_role)
        document.program_changed.connect(self._show)
        document.opened.connect(self._show)
        # What stands above may come in later, or be laid out for the first time.
        self.verticalScrollBar().rangeChanged.connect(self._scroll_to_problem)

    # What is asked for

    def _choose(self, identity: str) -> None:
        recipe = self._document.state.recipe
        if identity == recipe.id:
            return
        place = place_of(DATASETS[identity])
        if place is None:
            self._tell(self._document.choose_data(identity, {}, recipe.seed))
        else:
            self._show_choice()  # until a file is chosen, the data are those that there were
            self.own.ask(identity)

    def _open(self, identity: str, path: str) -> None:
        seed = self._document.state.recipe.seed
        self._tell(self._document.choose_data(identity, {"path": path}, seed))

    def _choose_role(self, name: str, role: str) -> None:
        # A row offers no other texts than roles.
        refusal = data_edits.choose_role(self._document, name, role)  # type: ignore[arg-type]
        self._tell(refusal)
        if refusal and self._document.data is not None:
            for part in self._document.data.parts:
                if part.name == name:
                    self.parts.row(name).set_part(part)

    def _change(self, name: str = "", value: Json = None) -> None:
        recipe = self._document.state.recipe
        settings = {**recipe.settings, name: value} if name else dict(recipe.settings)
        refusal = self._document.choose_data(recipe.id, settings, self._seed.value())
        if name:
            self._controls[name].set_error(refusal)

    def _tell(self, refusal: str) -> None:
        self._refused.setVisible(bool(refusal))
        if refusal:
            self._refused.set_content(refusal)

    # What is shown

    def _show_choice(self) -> None:
        blocked = self.choice.blockSignals(True)
        self.choice.set_value(self._document.state.recipe.id)
        self.choice.blockSignals(blocked)

    def _show(self) -> None:
        recipe = self._document.state.recipe
        entry = DATASETS[recipe.id]
        self._show_choice()
        blocked = self._seed.blockSignals(True)
        self._seed.set_value(min(recipe.seed, _MOST_SEED))
        self._seed.blockSignals(blocked)
        self._summary.set_content(entry.summary[:1].upper() + entry.summary[1:])
        if recipe.id != self._shown:
            self._shown = recipe.id
            self._tell("")
            for control in self._controls.values():
                control.row.hide()
                control.row.deleteLater()
                control.deleteLater()
            self._controls = {}
            for setting in entry.settings:
                control = SettingControl(
                    setting, recipe.settings[setting.name], self._dialogs, self._body
                )
                control.value_changed.connect(
                    lambda value, name=setting.name: self._change(name, value)
                )
                self._controls[setting.name] = control
                self._settings.addWidget(control.row)
        problem = self._document.problem
        for name, control in self._controls.items():
            control.show(recipe.settings[name])
            if isinstance(problem, DataError) and problem.setting == name:
                control.set_error(str(problem))
        self._show_data()
        if problem is not self._seen:
            self._seen = problem
            self._sought = self._place_of(problem)
            QTimer.singleShot(0, self, self._scroll_to_problem)

    def _scroll_to_problem(self) -> None:
        if self._sought is not None:
            self.ensureWidgetVisible(self._sought, 0, _BELOW)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._sought = None
        super().wheelEvent(event)

    def _show_data(self) -> None:
        document = self._document
        program, known, training = document.program, document.data, document.training
        made_up = program is not None and program.data is not None and program.data.made_up
        self._made_up.setVisible(made_up)
        self._made_up.set_content(
            self.tr("The program makes its own data: those below are not used.") if made_up else ""
        )
        drawn = strokes.drawn_in(document.state.recipe)
        if drawn is not None:
            self._show_drawn(drawn)
        if known is None:
            if document.problem is not None or training is not None:
                self._show_nothing()
            return
        preview, dataset = known.preview, known.dataset
        points = preview is not None and preview.view == "points2d"
        drawable = points and preview is not None and preview.task != "regression"
        drawable = drawable or drawn is not None
        self._samples.set_preview(None if points or known.parts else preview)
        self._plane.setVisible(points and not drawable)
        self.editor.setVisible(drawable)
        if drawable and drawn is None and dataset is not None:
            self.editor.plane.set_points(strokes.started_from(dataset))
        elif points and not drawable and dataset is not None:
            self._plane.set_picture(planes.points(dataset))
        is_table = known.recipe.id == "own-table"
        feature = self.tr("Feature") if is_table else self.tr("Input")
        self.parts.set_parts(known.parts, self.tr("What is in the file"), feature, further=is_table)
        told = previews.facts(preview) if preview is not None else ()
        told = (*told, *(training.told if training is not None else ()))
        self._facts.set_content("\N{LINE SEPARATOR}".join(told))
        self._facts.setVisible(bool(told))

    def _show_drawn(self, points: tuple[Point, ...]) -> None:
        """Show the learner's points as soon as they are drawn, whatever is learned from them."""
        self.editor.plane.set_points(points)
        self.editor.show()
        self._plane.hide()
        self._samples.set_preview(None)

    def _show_nothing(self) -> None:
        """Show no samples: there are none of a data set that was chosen."""
        self._samples.set_preview(None)
        for widget in (self._plane, self.parts, self._facts):
            widget.hide()
        self.editor.setVisible(strokes.drawn_in(self._document.state.recipe) is not None)


class _Ground(QWidget):
    """What the controls stand on."""

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.fillRect(event.rect(), theme.colour("panel"))
