"""The two-way binding between a lesson's controls and the widgets that stand for them.

Nothing else knows both. A widget's change goes to the document as an undoable command; a change of
the document, by undo for instance, comes back to the widget, which then tells nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.gui.document import Document
from simulator.gui.lab.slider import Slider
from simulator.gui.lab.text_field import TextField
from simulator.gui.panel.slider_bank import SliderBank
from simulator.gui.widgets.choice import Choice
from simulator.gui.widgets.field_row import FieldRow
from simulator.gui.widgets.number_field import NumberField
from simulator.gui.widgets.numbers_entry import NumbersEntry
from simulator.gui.widgets.padding_choice import PaddingChoice
from simulator.gui.widgets.segmented import Segmented
from simulator.gui.widgets.stepper import Stepper
from simulator.lessons.controls import (
    ChoiceControl,
    Control,
    IntegerControl,
    Option,
    PaddingControl,
    RealControl,
    Value,
)
from simulator.lessons.text_controls import NumbersControl, TextControl


class Binding(QObject):
    """One control and its widget, in a row with a place for an error."""

    def __init__(
        self, document: Document, control: Control, parent: QWidget, *, labelled: bool = True
    ) -> None:
        """Make the widget and keep it in step with the document from now on."""
        super().__init__(parent)
        self._document = document
        self.control = control
        self._showing = False
        self.widget: QWidget
        self._show: Callable[[], None]
        if isinstance(control, IntegerControl):
            self._bind_integer(control)
        elif isinstance(control, RealControl) and control.stops:
            self._bind_slider(control)
            labelled = False  # its label stands above its line
        elif isinstance(control, RealControl):
            self._bind_real(control)
        elif isinstance(control, PaddingControl):
            self._bind_padding(control)
        elif isinstance(control, TextControl):
            self._bind_text(control)
        elif isinstance(control, NumbersControl):
            self._bind_numbers(control)
        elif isinstance(control, ChoiceControl) and control.segmented:
            self._bind_segmented(control)
        elif isinstance(control, ChoiceControl):
            self._bind_choice(control)
        else:
            raise TypeError(f"no widget for {type(control).__name__}")
        self.widget.setToolTip(control.help)
        # What is drawn needs all the width that there is.
        labelled = labelled and not isinstance(self.widget, NumbersEntry | Slider)
        self.row = FieldRow(control.label if labelled else "", self.widget, parent=parent)
        document.state_changed.connect(self.refresh)
        document.step_changed.connect(self._refresh_choice_of_map)
        self.refresh()

    def refresh(self) -> None:
        """Show what the document holds."""
        # Its signals are not blocked: one of them says that a complaint of its own is over.
        self._showing = True
        try:
            self._show()
        finally:
            self._showing = False
        complaint = self._document.session.complaint
        blamed = complaint is not None and complaint.control == self.control.name
        self.row.set_error(complaint.message if complaint is not None and blamed else None)
        self.row.setVisible(self.control.shown(self._document.state.settings))

    def _refresh_choice_of_map(self) -> None:
        if isinstance(self.control, ChoiceControl) and self.control.each_of:
            self.refresh()

    def _change(self, value: Value) -> None:
        if self._showing:
            return
        refusal = self._document.change(self.control.name, value)
        if refusal:
            self.row.set_error(refusal)

    def _complain(self, reason: str) -> None:
        self.row.set_error(reason)

    def _setting(self) -> Value:
        return self._document.state.settings[self.control.name]

    def _number(self) -> int | float:
        value = self._setting()
        assert isinstance(value, int | float)
        return value

    def _bind_integer(self, control: IntegerControl) -> None:
        widget = Stepper(
            control.label, value=control.default, low=control.minimum, high=control.maximum
        )
        widget.value_changed.connect(self._change)
        self.widget, self._show = widget, lambda: widget.set_value(int(self._number()))

    def _bind_real(self, control: RealControl) -> None:
        widget = NumberField(
            control.label, value=control.default, low=control.minimum, high=control.maximum
        )
        widget.value_changed.connect(self._change)
        self.widget, self._show = widget, lambda: widget.set_value(float(self._number()))

    def _bind_slider(self, control: RealControl) -> None:
        widget = Slider(control.label, control.stops, value=control.default)
        widget.held.connect(self._document.hold)
        widget.value_changed.connect(self._change)
        widget.let_go.connect(self._document.let_go)
        self.widget, self._show = widget, lambda: widget.set_number(float(self._number()))

    def _bind_padding(self, control: PaddingControl) -> None:
        widget = PaddingChoice(control.label, high=control.maximum)
        widget.value_changed.connect(self._change)

        def show() -> None:
            value = self._setting()
            assert isinstance(value, int | str)
            widget.set_value(value)

        self.widget, self._show = widget, show

    def _bind_text(self, control: TextControl) -> None:
        widget = TextField(control.label, value=control.default)
        widget.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        widget.value_changed.connect(self._change)
        self.widget, self._show = widget, lambda: widget.set_value(str(self._setting()))

    def _bind_numbers(self, control: NumbersControl) -> None:
        widget = NumbersEntry(control.label, control.default)
        widget.value_changed.connect(self._change)
        widget.failed.connect(self._complain)

        def show() -> None:
            widget.set_value(str(self._setting()), control.of(self._document.state.settings))

        self.widget, self._show = widget, show

    def _bind_segmented(self, control: ChoiceControl) -> None:
        options = [(option.value, option.label) for option in control.options]
        widget = Segmented(control.label, options)
        widget.value_changed.connect(self._change)
        self.widget, self._show = widget, lambda: widget.set_value(str(self._setting()))

    def _bind_choice(self, control: ChoiceControl) -> None:
        shown = control.offered()
        widget = Choice(control.label, _keyed(shown))
        self.widget = widget

        def show(value: str) -> None:
            nonlocal shown
            if shown != (offered := control.offered(value)):
                shown = offered
                widget.set_options(_keyed(shown), value)
            widget.set_value(value)

        if control.each_of:
            self._bind_one_of_each(control, widget, show)
            return
        widget.value_changed.connect(self._change)
        self._show = lambda: show(str(self._setting()))

    def _bind_one_of_each(
        self, control: ChoiceControl, widget: Choice, show: Callable[[str], None]
    ) -> None:
        """Let the widget show, and change, the choice of the map on view."""

        def all_of() -> tuple[str, ...]:
            chosen = self._setting()
            count = self._document.state.settings[control.each_of]
            assert isinstance(chosen, tuple)
            assert isinstance(count, int)
            return control.following(chosen, count)

        def index() -> int:
            return min(self._document.session.map_on_view, len(all_of()) - 1)

        def change_one(value: str) -> None:
            values = list(all_of())
            values[index()] = value
            self._change(tuple(values))

        widget.value_changed.connect(change_one)
        self._show = lambda: show(all_of()[index()])


def _keyed(options: Sequence[Option]) -> list[tuple[str, str, str | None]]:
    return [(option.value, option.label, None) for option in options]


class BankBinding(QObject):
    """Many sliders in one widget, shown where more than ``most`` of their controls have a meaning.

    All have the stops of the first.
    """

    def __init__(
        self, document: Document, controls: Sequence[RealControl], most: int, parent: QWidget
    ) -> None:
        """Make the widget and keep it in step with the document from now on."""
        super().__init__(parent)
        self._document = document
        self._controls = tuple(controls)
        self._most = most
        self.widget = SliderBank(controls[0].section, controls[0].stops)
        self.widget.setToolTip(controls[0].help)
        self.widget.value_changed.connect(self._change)
        self.row = FieldRow("", self.widget, parent=parent)
        document.state_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what the document holds."""
        settings = self._document.state.settings
        shown = [control for control in self._controls if control.shown(settings)]
        self.row.setVisible(len(shown) > self._most)
        if len(shown) > self._most:
            names = [control.label for control in shown]
            self.widget.set_values(names, [control.of(settings) for control in shown])

    def _change(self, index: int, value: float) -> None:
        settings = self._document.state.settings
        shown = [control for control in self._controls if control.shown(settings)]
        self.row.set_error(self._document.change(shown[index].name, value) or None)
