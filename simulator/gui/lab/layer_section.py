"""The layer that is chosen: frozen or not, its arithmetic, and each number of its weights."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from simulator.gui.lab.lab_document import LabDocument
from simulator.gui.lab.lab_views import LabViews
from simulator.gui.lab.parts_menu import open_arithmetic
from simulator.gui.lab.text_field import TextField
from simulator.gui.widgets.button import Button
from simulator.gui.widgets.choice import Choice
from simulator.gui.widgets.number_field import NumberField
from simulator.gui.widgets.section import Section
from simulator.gui.widgets.toggle import Toggle
from simulator.lab import Freeze, SetWeight


class LayerSection(Section):
    """Follows a document; a number of a weight is found by a click on its map, or by its place."""

    def __init__(self, document: LabDocument, views: LabViews, parent: QWidget) -> None:
        super().__init__("", parent=parent)
        self.set_title(self.tr("This layer"))
        self._document = document
        self._value = 0.0
        self.freeze = Toggle(self.tr("Frozen: it learns no more"), parent=self)
        self.freeze.value_changed.connect(self._freeze)
        self.add(self.freeze)
        self.arithmetic = Button(self.tr("Open its arithmetic"), icon="scan", parent=self)
        self.arithmetic.setToolTip(
            self.tr("Its lesson, with these weights and the sample on view (double click).")
        )
        self.arithmetic.clicked.connect(lambda _=False: open_arithmetic(document, self.arithmetic))
        self.add(self.arithmetic)
        self.which = Choice(self.tr("Weights"), [("", "", None)], parent=self)
        self.which.setToolTip(self.tr("Which weights of the layer: they are on its map, too."))
        self.which.value_changed.connect(self._choose_weights)
        self.place = TextField(self.tr("Place"), parent=self)
        self.place.value_changed.connect(self._choose_place)
        self.weight = NumberField(self.tr("Number"), parent=self)
        self.weight.setToolTip(self.tr("Type over it: outputs, loss and gradients follow at once."))
        self.weight.value_changed.connect(self._edit)
        self._fields = [
            self.add_row(self.tr("Weights"), self.which),
            self.add_row(self.tr("Place"), self.place),
            self.add_row(self.tr("Number"), self.weight),
        ]
        document.opened.connect(self._show)
        document.program_changed.connect(self._show)
        document.view_changed.connect(self._show)
        document.snapshot_changed.connect(self._show_values)
        views.weight_chosen.connect(self.choose_cell)
        self._show()

    def choose_cell(self, name: str, index: tuple[int, ...], value: float) -> None:
        """Offer a number of a weight to be changed."""
        self._document.want_cell((name, index))
        self._show_value(value)

    # What is asked for

    def _weights(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the layer's weights, by their names."""
        training, layer = self._document.training, self._document.layer
        known = {} if training is None else training.weights
        return {
            name: shape
            for name, shape in known.items()
            if name.partition("/")[0] == layer and 0 not in shape
        }

    def _choose_weights(self, name: str) -> None:
        shape = self._weights().get(name)
        if shape is not None:
            self._document.want_cell((name, (0,) * len(shape)))

    def _choose_place(self, words: str) -> None:
        cell = self._document.wanted.cell
        shape = () if cell is None else self._weights().get(cell[0], ())
        parts = [each for each in words.replace(",", " ").split() if each]
        if (
            cell is None
            or len(parts) != len(shape)
            or not all(each.isdecimal() and len(each) < 10 for each in parts)
            or any(int(at) >= length for at, length in zip(parts, shape, strict=True))
        ):
            last = ", ".join(str(length - 1) for length in shape)
            zeros = ", ".join("0" for _ in shape)
            self._fields[1].set_error(self.tr("Give a place from {0} to {1}.").format(zeros, last))
            return
        self._fields[1].set_error(None)
        self._document.want_cell((cell[0], tuple(map(int, parts))))

    def _edit(self, value: float) -> None:
        cell = self._document.wanted.cell
        if cell is None:
            return
        name, index = cell
        before, self._value = self._value, value
        self._document.change_live(
            self.tr("edit of a weight"),
            lambda number: SetWeight(name, index, number),
            before,
            value,
            ("weight", name, index),
        )

    def _freeze(self, frozen: bool) -> None:
        layer = self._document.layer
        self._document.change_live(
            self.tr("freezing of {0}").format(layer),
            lambda value: Freeze(layer, bool(value)),
            float(not frozen),
            float(frozen),
            ("freeze", layer),
        )

    # What is shown

    def _show(self) -> None:
        document, weights = self._document, self._weights()
        cell = document.wanted.cell
        if document.training is not None and (None if cell is None else cell[0]) not in weights:
            first = next(iter(weights), None)
            chosen = None if first is None else (first, (0,) * len(weights[first]))
            if chosen != cell:
                document.want_cell(chosen)  # this is called again
                return
        program = document.program
        layers = () if program is None else program.network.layers  # an input is none of them
        known = any(each.name == document.layer for each in layers)
        self.setVisible(known and document.training is not None)
        self.set_caption(document.layer)
        self.freeze.setVisible(bool(weights))
        for row in self._fields:
            row.setVisible(bool(weights))
        if weights and cell is not None and cell[0] in weights:
            blocked = self.which.blockSignals(True)
            options = [(name, name.partition("/")[2], None) for name in weights]
            self.which.set_options(options, cell[0])
            self.which.blockSignals(blocked)
            self.place.set_value(", ".join(map(str, cell[1])))
            self.place.setToolTip(
                self.tr("In a shape of {0}, counted from 0.").format(
                    " × ".join(map(str, weights[cell[0]]))
                )
            )
            self._fields[1].set_error(None)
        self._show_values()

    def _show_values(self) -> None:
        snapshot = self._document.snapshot
        frozen = snapshot is not None and self._document.layer in snapshot.frozen_layers
        if frozen != self.freeze.value():
            blocked = self.freeze.blockSignals(True)
            self.freeze.set_value(frozen)
            self.freeze.blockSignals(blocked)
        if snapshot is not None and snapshot.cell is not None:
            *cell, value = snapshot.cell
            if tuple(cell) == self._document.wanted.cell and not self.weight.hasFocus():
                self._show_value(value)

    def _show_value(self, value: float) -> None:
        if value != self._value or value != self.weight.value():
            self._value = value
            blocked = self.weight.blockSignals(True)
            self.weight.set_value(value)
            self.weight.blockSignals(blocked)
