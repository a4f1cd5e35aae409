"""The left of the lab: the program as source and as cards, presets, data, and its summary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from simulator.engine.names import snake_case
from simulator.formats.arguments import kind_of
from simulator.formats.json_values import Json, SpecError
from simulator.formats.keras_reader import STANDS_IN, Remark
from simulator.formats.network import LayerSpec, NetworkSpec, Shape
from simulator.formats.presets import PRESETS
from simulator.gui import metrics, theme
from simulator.gui.lab.data_panel import DataPanel
from simulator.gui.lab.gallery import Gallery
from simulator.gui.lab.lab_document import LabDocument
from simulator.gui.lab.layer_cards import LayerCards
from simulator.gui.lab.source_editor import SourceEditor
from simulator.gui.lab.summary_table import SummaryTable, SummaryTotal
from simulator.gui.lab.ways_out import WaysOut
from simulator.gui.widgets.notice import Notice
from simulator.gui.widgets.painting import painting
from simulator.gui.widgets.segmented import Segmented
from simulator.lab.presenting import networks
from simulator.lab.presenting.pictures import Mark

WIDTH = 348
_SUMMARY_SHARE, _SMALL_SHARE = 0.34, 0.2
"""Of the height that the table may take before it scrolls: beside the source, and beside what needs
the room more.
"""
_ROWS_LEAST = 90
_NEW_LINE = "\N{LINE SEPARATOR}"
_TOLD = 2
"""So many errors are told at once; the others wait where they are underlined."""
_NOTICED = 6
"""The same of what was assumed and completed."""


class ProgramPanel(QWidget):
    """Follows a document. Source, cards and presets are three ways to the same program."""

    line_shown = Signal(int)

    def __init__(self, document: LabDocument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.setAccessibleName(self.tr("Program"))
        self.setFixedWidth(WIDTH)
        self.tabs = Segmented(
            self.tr("Program"),
            [
                ("keras", "Keras"),
                ("layers", self.tr("Layers")),
                ("gallery", self.tr("Gallery")),
                ("data", self.tr("Data")),
            ],
            parent=self,
        )
        self.editor = SourceEditor(parent=self)
        self.cards = LayerCards(parent=self)
        self.gallery = Gallery(parent=self)
        self.data = DataPanel(document, self)
        self.summary = SummaryTable()
        self.total = SummaryTotal(parent=self)
        self._stack = QStackedWidget(self)
        for widget in (self.editor, self.cards, self.gallery, self.data):
            self._stack.addWidget(widget)
        self.ways = WaysOut(document)
        self._error = Notice("error", "", button=self.ways, parent=self)
        self._notice = Notice("info", "", parent=self)
        self._table = QScrollArea(self)
        self._lay_out()
        self._connect()
        self._show_program()

    def told(self) -> str:
        """Return what is said below the program, or an empty string."""
        for notice in (self._error, self._notice):
            if not notice.isHidden():
                return notice.text()
        return ""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_table()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        with painting(self) as painter:
            painter.fillRect(self.rect(), theme.colour("panel"))
            edge = QRectF(self.width() - 1, 0, metrics.HAIRLINE, self.height())
            painter.fillRect(edge, theme.colour("hairline"))

    def _lay_out(self) -> None:
        self._table.setAccessibleName(self.tr("Summary"))
        self._table.setFrameShape(QFrame.Shape.NoFrame)
        self._table.setWidgetResizable(True)
        self._table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._table.setWidget(self.summary)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 12, metrics.HAIRLINE, 4)
        rows.setSpacing(8)
        for widget in (self.tabs, self._error, self._notice):
            holder = QVBoxLayout()
            holder.setContentsMargins(metrics.GUTTER, 0, metrics.GUTTER, 0)
            holder.addWidget(widget)
            rows.addLayout(holder)
        rows.insertWidget(1, self._stack, 1)
        rows.addWidget(self._table)
        rows.addSpacing(-8)
        rows.addWidget(self.total)

    def _connect(self) -> None:
        document = self._document
        self.tabs.value_changed.connect(self._show_tab)
        self.ways.refused.connect(lambda why: document.told.emit(why, True, -1))
        self.editor.edited.connect(document.edit_source)
        self.editor.line_chosen.connect(self._choose_line)
        self.cards.argument_changed.connect(self._change_argument)
        self.cards.removed.connect(self._remove)
        self.cards.moved.connect(self._move)
        self.cards.added.connect(self._add)
        self.cards.doubled.connect(self._double)
        self.cards.sources_changed.connect(self._rewire)
        self.cards.shape_changed.connect(self._reshape)
        self.cards.chosen.connect(document.choose_layer)
        self.gallery.chosen.connect(lambda one: document.choose_preset(PRESETS[one]))
        self.summary.chosen.connect(document.choose_layer)
        document.program_changed.connect(self._show_program)
        document.view_changed.connect(self._show_layer)

    def _show_tab(self, key: str) -> None:
        places = ("keras", "layers", "gallery", "data")
        self._stack.setCurrentIndex(places.index(key))
        self._fit_table()
        self._show_told()

    # What is asked for

    def _network(self) -> NetworkSpec | None:
        program = self._document.program
        return None if program is None else program.network

    def _put(self, text: str, network: NetworkSpec) -> None:
        program = self._document.program
        if program is not None:
            self._document.change_program(text, replace(program, network=network))

    def _change_argument(self, layer: str, argument: str, value: Json) -> None:
        self._document.change_argument(layer, argument, value)

    def _remove(self, layer: str) -> None:
        network = self._network()
        if network is not None and len(network.layers) < 2:
            self._refuse(self.tr("A network needs a layer: add another one first."))
        else:
            text = self.tr("removal of {0}").format(layer)
            self._edit(text, lambda network: network.with_layer_removed(layer))

    def _move(self, layer: str, to: int) -> None:
        text = self.tr("move of {0}").format(layer)
        self._edit(text, lambda network: network.with_layer_moved(layer, to))

    def _add(self, kind: str, at: int) -> None:
        layer = LayerSpec(kind, snake_case(kind), kind_of(kind).initial())
        text = self.tr("{0} added").format(kind)
        after = self._edit(text, lambda network: network.with_layer_added(layer, at))
        if after is not None:
            self._document.choose_layer(after.layers[min(at, len(after.layers) - 1)].name)

    def _double(self, layer: str) -> None:
        text = self.tr("{0} duplicated").format(layer)
        after = self._edit(text, lambda network: network.with_layer_doubled(layer))
        if after is not None:
            self._document.choose_layer(after.layers[after.position(layer) + 1].name)

    def _rewire(self, layer: str, typed: str) -> None:
        names = [each.strip() for each in typed.split(",") if each.strip()]
        text = self.tr("what {0} reads").format(layer)
        network = self._network()
        try:
            if network is not None:
                self._put(text, network.with_sources(layer, names))
        except SpecError as error:
            self.cards.card(layer).sources().set_error(str(error))

    def _reshape(self, name: str, shape: Shape | None) -> None:
        text = self.tr("shape of {0}").format(name)
        self._edit(text, lambda network: network.with_input_shape(shape, name))

    def _edit(self, text: str, change: Callable[[NetworkSpec], NetworkSpec]) -> NetworkSpec | None:
        """Put a changed network in the place of the present one, or say why that can't be."""
        network = self._network()
        if network is None:
            return None
        try:
            after = change(network)
            self._put(text, after)
        except SpecError as error:
            self._refuse(str(error))
            return None
        return after

    def _refuse(self, words: str) -> None:
        self._document.told.emit(words, True, -1)

    def _choose_line(self, line: int) -> None:
        for name, span in self._document.reading.places.items():
            if span.line <= line <= span.end_line:
                self._document.choose_layer(name)
                return

    # What is shown

    def _show_program(self) -> None:
        document = self._document
        self.editor.set_source(document.state.source)
        self.editor.set_marks([_mark(each) for each in document.reading.problems])
        self._show_told()
        network = self._network()
        if network is not None:
            problem = document.problem if isinstance(document.problem, SpecError) else None
            self.cards.set_network(network, networks.cards(network, document.facts, problem))
        known = document.facts
        if known is not None and network is not None and document.program is not None:
            shaped = document.training.network if document.training is not None else network
            if len(known.layers) == len(shaped.layers):
                rows = networks.summary(shaped, known)
                batch_size = document.program.fit.batch_size
                self.summary.set_rows(rows)
                self.total.set_total(*networks.total(known, batch_size))
                self._fit_table()
        self._show_layer()

    def _show_told(self) -> None:
        reading, problem = self._document.reading, self._document.problem
        wrong = [_told(each) for each in reading.problems]
        at_control = self.tabs.value() == "data" and self.data.marks(problem)
        if not wrong and problem is not None and not at_control:
            wrong = [str(problem)]
        noticed = [each.text for each in reading.notices if each.kind != "ignored"]
        bound = {each.text for each in reading.notices if each.text.endswith(STANDS_IN)}
        if self.tabs.value() != "keras":
            noticed = []  # they are about the source
        training, program = self._document.training, self._document.program
        of_data = self.tabs.value() in {"keras", "layers"} and not wrong
        if training is not None and training.preview is None and of_data:
            noticed += training.told
        if training is not None and training.preview is not None and of_data:
            preview = training.preview
            named = () if program is None or program.data is None else program.data.variables
            noticed = [each for each in noticed if each not in bound]
            noticed.append(
                self.tr("{0}: {1}, {2} to train, {3} held out, seed {4}.").format(
                    ", ".join(named) or self.tr("Data"),
                    preview.title,
                    f"{preview.train:,}",
                    f"{preview.validation:,}",
                    preview.recipe.seed,
                )
            )
        for notice, lines in ((self._error, wrong), (self._notice, noticed if not wrong else [])):
            shown = lines[:_TOLD] if notice is self._error else lines[-_NOTICED:]
            words = _NEW_LINE.join(f"• {each}" if len(shown) > 1 else each for each in shown)
            if words and notice is self._error and reading.problems and training is not None:
                # Or one would press play and wonder that nothing of the new program shows.
                before = self.tr("Until it is mended, the network on view is the one before.")
                words = f"{words}{_NEW_LINE}{before}"
            if words:
                notice.set_content(words)
            notice.setVisible(bool(words))
        if self.tabs.value() == "data":  # there they stand beside the data
            self.ways.hide()
        else:
            self.ways.update_ways()

    def _show_layer(self) -> None:
        layer = self._document.layer
        self.summary.set_current(layer)
        self.cards.set_current(layer)
        span = self._document.reading.places.get(layer)
        self.editor.set_current_lines(None if span is None else (span.line, span.end_line))

    def _fit_table(self) -> None:
        share = _SUMMARY_SHARE if self.tabs.value() == "keras" else _SMALL_SHARE
        most = max(int(self.height() * share) - self.total.height(), _ROWS_LEAST)
        self._table.setFixedHeight(min(self.summary.sizeHint().height(), most))


def _mark(remark: Remark) -> Mark:
    return Mark(
        *(remark.line, remark.column, remark.end_line, remark.end_column),
        f"{remark.text} {remark.to_do}".strip(),
    )


def _told(remark: Remark) -> str:
    return f"Line {remark.line}: {remark.text} {remark.to_do}".strip()
