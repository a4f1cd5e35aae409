"""A lesson as data, and the state that a learner brings it into."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.data.pictures import LoadedPicture
from simulator.engine.backends.base import Backend
from simulator.lessons.controls import Control, ControlError, Settings, Value
from simulator.lessons.entries import Entry
from simulator.traces.window import WindowTrace

Array = NDArray[Any]
Edits = Mapping[str, Mapping[tuple[int, ...], float]]

OWN_PICTURE = "own"
"""The value of a picture control that stands for the learner's own picture."""


@dataclass(frozen=True, slots=True)
class LessonState:
    """Everything that a lesson's trace follows from. Immutable: undo keeps the old one.

    ``edits`` are the cells that the learner typed over, by array and index.
    """

    settings: Settings
    edits: Edits = field(default_factory=dict)
    own_picture: LoadedPicture | None = None

    def with_cells(self, name: str, cells: Mapping[tuple[int, ...], float]) -> LessonState:
        """Return this state with some cells of an array typed over."""
        return replace(
            self, edits={**self.edits, name: {**self.edits.get(name, {}), **cells}}
        )

    def without_edits(self, *names: str) -> LessonState:
        """Return this state with the edits of some arrays forgotten."""
        return replace(
            self, edits={name: cells for name, cells in self.edits.items() if name not in names}
        )


def _unnamed(settings: Settings, map_index: int) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One thing to learn.

    ``entry`` is what the list says of it.
    ``arrays`` makes the given arrays from a state before its edits; ``build`` makes the trace from
    them and may raise ``GeometryError``. ``remakes`` names, for each given array, the settings
    that make it anew, and with them forget its edits. ``scene`` names the picture, ``text`` the
    file of words in resources/lessons, and ``noticed`` tells which of its headings suits a setting.
    ``weights_name`` names the weights of a map.
    """

    entry: Entry
    controls: tuple[Control, ...]
    remakes: Mapping[str, frozenset[str]]
    arrays: Callable[[LessonState], dict[str, Array]]
    build: Callable[[dict[str, Array], Settings, Backend], WindowTrace]
    scene: str
    text: str
    noticed: Callable[[Settings], str]
    weights_name: Callable[[Settings, int], str] = _unnamed

    @property
    def id(self) -> str:
        """Return the id that commands and settings know it by."""
        return self.entry.id

    def control(self, name: str) -> Control:
        """Return a control by name.

        Raises:
            KeyError: there is none of this name.
        """
        for control in self.controls:
            if control.name == name:
                return control
        raise KeyError(name)

    def initial_state(self) -> LessonState:
        """Return the state before the learner touches anything."""
        return LessonState({control.name: control.initial for control in self.controls})

    def kept(self, state: LessonState) -> dict[str, object]:
        """Return the settings of a state in the types of JSON, to be remembered."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in state.settings.items()
            if value != OWN_PICTURE
        }

    def restored(self, kept: Mapping[str, object]) -> LessonState:
        """Return the state with these settings; one that is unknown or out of bounds is left out."""
        state = self.initial_state()
        for control in self.controls:
            value = kept.get(control.name)
            try:
                checked = control.check(tuple(value) if isinstance(value, list) else value)
            except ControlError:
                continue
            state = replace(state, settings={**state.settings, control.name: checked})
        return state

    def change(self, state: LessonState, name: str, value: Value) -> LessonState:
        """Return ``state`` with one setting changed, and the edits that it undoes forgotten.

        Raises:
            ControlError: the control can't take the value.
        """
        checked = self.control(name).check(value)
        changed = replace(state, settings={**state.settings, name: checked})
        remade = [array for array, names in self.remakes.items() if name in names]
        return changed.without_edits(*remade)

    def trace(self, state: LessonState, backend: Backend) -> WindowTrace:
        """Return the trace of a state.

        Raises:
            GeometryError: the sizes don't fit together; its parameter says which is to blame.
        """
        arrays = self.arrays(state)
        for name, cells in state.edits.items():
            array = arrays[name] = np.array(arrays[name])
            for index, value in cells.items():
                if all(0 <= at < length for at, length in zip(index, array.shape, strict=True)):
                    array[index] = value
        return self.build(arrays, state.settings, backend)

    def blamed(self, parameter: str) -> Control | None:
        """Return the control that a geometry error's parameter is to be shown beside."""
        return next((item for item in self.controls if parameter in item.causes), None)


def integer(settings: Settings, name: str) -> int:
    """Return a setting that is a whole number."""
    value = settings[name]
    if not isinstance(value, int):
        raise ControlError(f"{name} is {value!r}: give a whole number.", control=name)
    return value
