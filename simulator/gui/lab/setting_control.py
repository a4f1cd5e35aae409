"""The control for one setting of a data set, made from its description."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from simulator.data.datasets.errors import DataError
from simulator.data.datasets.settings import Choice as ChoiceSetting
from simulator.data.datasets.settings import Json, Place, Points, Setting, Whole
from simulator.gui.file_dialogs import FileDialogs
from simulator.gui.lab.path_field import PathField
from simulator.gui.lab.text_field import TextField
from simulator.gui.widgets.choice import Choice
from simulator.gui.widgets.field_row import FieldRow
from simulator.gui.widgets.stepper import Stepper

_STEPPER_MOST = 100_000


class SettingControl(QObject):
    """One setting and its control, in a row with a place for an error.

    ``value_changed(value)`` is a value that the setting can have; ``show`` is silent.
    """

    value_changed = Signal(object)

    def __init__(
        self, setting: Setting, value: Json, dialogs: FileDialogs, parent: QWidget
    ) -> None:
        """``dialogs`` ask for a file where the setting is its place."""
        super().__init__(parent)
        self.setting = setting
        self._dialogs = dialogs
        self._showing = False
        self.widget = self._make(setting, parent)
        self.widget.setToolTip(setting.help)
        self.row = FieldRow(setting.label, self.widget, parent=parent)
        self.show(value)

    def show(self, value: Json) -> None:
        """Show the value that holds now, and no error."""
        self._showing = True
        widget = self.widget
        if isinstance(widget, Choice):
            widget.set_value(str(value))
        elif isinstance(widget, Stepper):
            widget.set_value(int(value))
        elif isinstance(widget, TextField | PathField):
            widget.set_value(_written(self.setting, value))
        self._showing = False
        self.row.set_error(None)

    def set_error(self, words: str) -> None:
        """Say below the control what is wrong; empty takes it back."""
        self.row.set_error(words or None)

    def _make(self, setting: Setting, parent: QWidget) -> QWidget:
        if isinstance(setting, ChoiceSetting):
            options = [(key, words, None) for key, words in setting.options]
            choice = Choice(setting.label, options, parent=parent)
            choice.value_changed.connect(self._take)
            return choice
        if isinstance(setting, Whole) and setting.maximum <= _STEPPER_MOST:
            stepper = Stepper(
                setting.label,
                value=setting.default,
                low=setting.minimum,
                high=setting.maximum,
                step=_step(setting),
                parent=parent,
            )
            stepper.value_changed.connect(self._take)
            return stepper
        field = (
            PathField(setting, self._dialogs, parent)
            if isinstance(setting, Place)
            else TextField(setting.label, parent=parent)
        )
        field.value_changed.connect(self._take_text)
        return field

    def _take(self, value: Json) -> None:
        if not self._showing:
            self._tell(lambda: self.setting.check(value))

    def _take_text(self, text: str) -> None:
        if not self._showing:
            self._tell(lambda: self.setting.parse(text))

    def _tell(self, make: Callable[[], Json]) -> None:
        try:
            value = make()
        except DataError as error:
            self.row.set_error(str(error))
            return
        self.row.set_error(None)
        self.value_changed.emit(value)


def _step(setting: Whole) -> int:
    """Return a step that gets from the default to the bounds in a sensible number of clicks."""
    return next(step for step in (100, 10, 5, 1) if setting.default >= 10 * step or step == 1)


def _written(setting: Setting, value: Json) -> str:
    if isinstance(setting, Points):
        return "; ".join(f"{x:g} {y:g} {label}" for x, y, label in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
