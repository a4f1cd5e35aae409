"""The control for one argument of a layer, an optimizer or a data set, made from its description.

What kind of control it is follows from the kind of argument alone; bounds, choices and help are the
table's. A value that can't be is refused by the argument itself, in its own words.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from simulator.formats.argument_types import (
    Argument,
    InnerLayer,
    InnerNetwork,
    Named,
    Real,
    Truth,
    Whole,
)
from simulator.formats.argument_types import (
    Choice as ChoiceArgument,
)
from simulator.formats.json_values import Json, SpecError
from simulator.gui.lab.text_field import TextField
from simulator.gui.widgets.choice import Choice
from simulator.gui.widgets.field_row import FieldRow
from simulator.gui.widgets.stepper import Stepper
from simulator.gui.widgets.toggle import Toggle
from simulator.traces.numbers import number

NONE = "None"
_MADE = "an object"
_STEPPER_MOST = 100_000
"""Numbers that may be larger are typed: a stepper would be too wide."""


class ArgumentControl(QObject):
    """One argument and its control, in a row with a place for an error.

    ``value_changed(value)`` is a value that the argument can be; ``show`` is silent.
    """

    value_changed = Signal(object)

    def __init__(self, argument: Argument, value: Json, parent: QWidget) -> None:
        super().__init__(parent)
        self.argument = argument
        self._showing = False
        self._show: Callable[[Json], None]
        self.widget = self._make(argument, parent)
        self.widget.setToolTip(argument.help)
        self.row = FieldRow(argument.label, self.widget, parent=parent)
        self.show(value)

    def show(self, value: Json) -> None:
        """Show the value that holds now, and no error."""
        self._showing = True
        try:
            self._show(value)
        finally:
            self._showing = False
        self.row.set_error(None)

    def set_error(self, words: str) -> None:
        """Say below the control what is wrong with its value; empty takes it back."""
        self.row.set_error(words or None)

    def _make(self, argument: Argument, parent: QWidget) -> QWidget:
        if isinstance(argument, Truth):
            return self._make_toggle(parent)
        if isinstance(argument, ChoiceArgument | Named):
            return self._make_choice(argument, parent)
        if isinstance(argument, Whole) and not argument.optional and _steps(argument):
            return self._make_stepper(argument, parent)
        return self._make_field(argument, parent)

    def _make_toggle(self, parent: QWidget) -> QWidget:
        widget = Toggle(self.tr("On"), parent=parent)
        widget.value_changed.connect(self._take)
        self._show = lambda value: widget.set_value(bool(value))
        return widget

    def _make_stepper(self, argument: Whole, parent: QWidget) -> QWidget:
        low, high = argument.minimum, argument.maximum
        start = min(max(int(argument.initial or low), low), high)
        widget = Stepper(argument.label, value=start, low=low, high=high, parent=parent)
        widget.value_changed.connect(self._take)
        self._show = lambda value: widget.set_value(int(value))
        return widget

    def _make_choice(self, argument: ChoiceArgument | Named, parent: QWidget) -> QWidget:
        words = [*([NONE] if argument.optional else []), *argument.options]
        widget = Choice(argument.label, [(word, word, None) for word in words], parent=parent)

        def show(value: Json) -> None:
            # An object, such as L2(0.01), stands beside the names; it is changed in the source.
            key = NONE if value is None else value if isinstance(value, str) else _MADE
            shown = list(words) if key in words else [*words, key]
            told = str(value.get("class_name", _MADE)) if isinstance(value, dict) else key
            widget.set_options([(each, told if each == key else each, None) for each in shown], key)

        def take(key: str) -> None:
            if key != _MADE:
                self._take(None if key == NONE else key)

        widget.value_changed.connect(take)
        self._show = show
        return widget

    def _make_field(self, argument: Argument, parent: QWidget) -> QWidget:
        widget = TextField(argument.label, parent=parent)
        fixed = isinstance(argument, InnerLayer | InnerNetwork)
        if fixed:
            widget.set_disabled_reason(self.tr("What lies inside is changed in the source."))
        widget.value_changed.connect(self._take_text)
        self._show = lambda value: widget.set_value(written(argument, value))
        return widget

    def _take(self, value: Json) -> None:
        if self._showing:
            return
        try:
            checked = self.argument.check(value)
        except SpecError as error:
            self.row.set_error(str(error))
            return
        self.row.set_error(None)
        self.value_changed.emit(checked)

    def _take_text(self, text: str) -> None:
        if self._showing:
            return
        try:
            value = self.argument.parse(text)
        except SpecError as error:
            self.row.set_error(str(error))
            return
        self.row.set_error(None)
        self.value_changed.emit(value)


def written(argument: Argument, value: Json) -> str:
    """Return a value as it is typed."""
    if value is None:
        return NONE
    if isinstance(argument, InnerLayer | InnerNetwork) and isinstance(value, dict):
        return str(value.get("kind", value.get("name", "")))
    if isinstance(argument, Real) and isinstance(value, float):
        return number(value) if float(number(value).replace("−", "-")) == value else f"{value!r}"
    return str(value)


def _steps(argument: Whole) -> bool:
    return max(abs(argument.minimum), argument.maximum) <= _STEPPER_MOST
