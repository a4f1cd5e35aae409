"""A lesson as data, and the state that a learner brings it into."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.data.pictures import LoadedPicture
from simulator.engine.backends.base import Backend
from simulator.lessons.controls import ChoiceControl, Control, ControlError, Settings, Value
from simulator.lessons.entries import Entry
from simulator.lessons.own_network import OwnNetwork
from simulator.traces.formula import Message
from simulator.traces.model import Trace

Array = NDArray[Any]
Edits = Mapping[str, Mapping[tuple[int, ...], float]]

OWN_PICTURE = "own"
"""The value of a picture control that stands for the learner's own picture."""
FROM_LAB, FROM_GRID = "lab", "grid"
"""The values of controls that stand for what a layer of the lab, or a cell of the lesson on stacked
layers, brought with it."""
NOT_KEPT = frozenset({OWN_PICTURE, FROM_LAB, FROM_GRID})
"""Values that stand for what no settings hold."""

LARGEST_VALUE = 1e6
"""A cell can be typed over with a number from minus this to this."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Arrays that a layer which was opened from elsewhere brought with it, by the lesson's names.

    ``title`` says what is read there, ``maps`` whether its channels are maps that another layer
    made and no picture's. Settings say which of them are in force.
    """

    arrays: Mapping[str, Array]
    title: str = ""
    maps: bool = False


@dataclass(frozen=True, slots=True)
class LessonState:
    """Everything that a lesson's trace follows from. Immutable: undo keeps the old one.

    ``edits`` are the cells that the learner typed over, by array and index. ``opened`` came with a
    layer that was opened from elsewhere, and ``own_network`` with one of an autoencoder.
    """

    settings: Settings
    edits: Edits = field(default_factory=dict)
    own_picture: LoadedPicture | None = None
    opened: Opened | None = None
    own_network: OwnNetwork | None = None

    def came(self, name: str) -> Array | None:
        """Return an array that was brought from elsewhere, if it was."""
        return None if self.opened is None else self.opened.arrays.get(name)

    def with_cells(self, name: str, cells: Mapping[tuple[int, ...], float]) -> LessonState:
        """Return this state with some cells of an array typed over."""
        return replace(self, edits={**self.edits, name: {**self.edits.get(name, {}), **cells}})

    def without_edits(self, *names: str) -> LessonState:
        """Return this state with the edits of some arrays forgotten."""
        return replace(
            self, edits={name: cells for name, cells in self.edits.items() if name not in names}
        )

    def has_edits(self, name: str, part: int) -> bool:
        """Return whether an array was typed over where its last index is ``part``."""
        return any(index[-1] == part for index in self.edits.get(name, ()))


class StateError(ValueError):
    """A state that a lesson can't show; the message says why, and what to do.

    ``parameter`` is the control that it stands beside, or the array that holds what is wrong.
    """

    def __init__(self, message: str, *, parameter: str) -> None:
        super().__init__(message)
        self.parameter = parameter


def _unnamed(_: LessonState, __: int) -> Message:
    return Message("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One thing to learn.

    ``entry`` is what the list says of it.
    ``arrays`` makes the given arrays from a state before its edits; ``build`` makes the trace from
    them and may raise ``GeometryError`` or ``StateError``. ``remakes`` names, for each given array,
    the settings that make it anew, and with them forget its edits; ``parts_with`` names, for a
    setting that stands for what was opened from elsewhere, those that leave nothing of that: with
    them it goes back to its default. ``scene`` names the picture,
    ``text`` the file of words in resources/lessons, and ``noticed`` its heading that suits a state
    and a map of it. ``weights_name`` names the weights of a map.
    """

    entry: Entry
    controls: tuple[Control, ...]
    remakes: Mapping[str, frozenset[str]]
    arrays: Callable[[LessonState], dict[str, Array]]
    build: Callable[[Mapping[str, Array], Settings, Backend], Trace]
    scene: str
    text: str
    noticed: Callable[[LessonState, int], str]
    weights_name: Callable[[LessonState, int], Message] = _unnamed
    parts_with: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Return the id that commands and settings know it by."""
        return self.entry.id

    @property
    def takes_picture(self) -> bool:
        """Return whether the learner's own picture can be put in."""
        chosen = next((each for each in self.controls if each.name == "picture"), None)
        return isinstance(chosen, ChoiceControl) and any(
            option.value == OWN_PICTURE for option in chosen.options
        )

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

    def is_from_elsewhere(self, state: LessonState) -> bool:
        """Return whether what is on view was brought by a layer that was opened from elsewhere."""
        chosen = (each if isinstance(each, tuple) else (each,) for each in state.settings.values())
        brought = state.opened is not None or state.own_network is not None
        return brought and not {FROM_LAB, FROM_GRID}.isdisjoint(chain.from_iterable(chosen))

    def kept(self, state: LessonState) -> dict[str, object]:
        """Return the settings of a state in the types of JSON, to be remembered."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in state.settings.items()
            if NOT_KEPT.isdisjoint(value if isinstance(value, tuple) else (value,))
        }

    def restored(self, kept: Mapping[str, object]) -> LessonState:
        """Return the state with these settings; those that are unknown or impossible are left out.

        The settings may come from a file that anybody could have changed.
        """
        settings = dict(self.initial_state().settings)
        for control in self.controls:
            value = kept.get(control.name)
            values = value if isinstance(value, list) else [value]
            if any(isinstance(each, str) and each in NOT_KEPT for each in values):
                continue  # what it stands for is gone
            try:
                settings[control.name] = control.check(
                    tuple(value) if isinstance(value, list) else value
                )
            except ControlError:
                continue
        return LessonState(settings)

    def change(self, state: LessonState, name: str, value: Value) -> LessonState:
        """Return ``state`` with one setting changed, and the edits that it undoes forgotten.

        Raises:
            ControlError: the control can't take the value.
        """
        control = self.control(name)
        settings = {**state.settings, name: control.check(value)}
        for other, names in self.parts_with.items():
            if name in names:
                settings[other] = self.control(other).initial
        changed = replace(state, settings=settings)
        for array, names in self.remakes.items():
            if name in names:
                changed = _without_remade(changed, array, control, before=state.settings)
        return changed

    def trace(self, state: LessonState, backend: Backend) -> Trace:
        """Return the trace of a state.

        Raises:
            GeometryError: the sizes don't fit together; its parameter says which is to blame.
            StateError: something else can't be shown; its parameter says what it is.
        """
        arrays = {
            name: _with_edits(name, array, state.edits.get(name, {}))
            for name, array in self.arrays(state).items()
        }
        return self.build(arrays, state.settings, backend)

    def blamed(self, parameter: str) -> Control | None:
        """Return the control that an error's parameter is to be shown beside."""
        return next((item for item in self.controls if parameter in item.causes), None)


def _without_remade(
    state: LessonState, array: str, control: Control, *, before: Settings
) -> LessonState:
    """Return a state without the edits of an array that a control has made anew.

    A control with a choice for each part of the array, such as each filter's preset, leaves the
    edits in those parts whose choice is the same.
    """
    edits = state.edits.get(array)
    if not edits or not isinstance(control, ChoiceControl) or not control.each_of:
        return state.without_edits(array)
    parts = 1 + max(index[-1] for index in edits)
    then, now = control.each(before, parts), control.each(state.settings, parts)
    kept = {index: value for index, value in edits.items() if then[index[-1]] == now[index[-1]]}
    return replace(state, edits={**state.edits, array: kept})


def _with_edits(name: str, array: Array, cells: Mapping[tuple[int, ...], float]) -> Array:
    """Return an array with cells typed over; those that it doesn't have are passed over."""
    if not cells:
        return array
    edited = np.array(array)
    known = _TYPED.get(name)
    if known is None or known[0] is not cells:  # layers of the lab have some hundred thousand
        places = [index for index in cells if len(index) == edited.ndim]
        rows = np.array(places, np.intp).reshape(len(places), edited.ndim)
        values = np.array([cells[index] for index in places], np.float64)
        known = _TYPED[name] = (cells, rows, values)
    _, rows, values = known
    inside = ((rows >= 0) & (rows < edited.shape)).all(axis=1)
    edited[tuple(rows[inside].T)] = values[inside]
    return edited


_TYPED: dict[str, tuple[Mapping[tuple[int, ...], float], Array, Array]] = {}
"""By the name of an array, the cells that were last typed over, and the same as arrays."""
