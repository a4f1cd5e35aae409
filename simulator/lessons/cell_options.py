"""The controls of the kind of cell in lessons that show any: its activations, and a GRU's reset."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from simulator.lessons.controls import ChoiceControl, Option, Settings
from simulator.lessons.gru_gates import AFTER, RESET
from simulator.lessons.recurrent_lesson import ACTIVATION, GATED_ACTIVATIONS
from simulator.lessons.recurrent_weights import CELL_NAMES

SECTION = "Network"
KIND = ChoiceControl(
    name="cell",
    label="Cell",
    section=SECTION,
    options=tuple(Option(kind, name) for kind, name in CELL_NAMES.items()),
    default="rnn",
    segmented=True,
    help="What stands in every place of the grid.",
)
_GATE_ACTIVATION = replace(GATED_ACTIVATIONS[1], shown=lambda settings: KIND.of(settings) != "rnn")
_RESET = replace(RESET, section=SECTION, shown=lambda settings: KIND.of(settings) == "gru")
CELL_CONTROLS = (_RESET, ACTIVATION, _GATE_ACTIVATION)
CELL_OPTIONS = frozenset({KIND.name, _RESET.name})
"""The settings of a cell that its weights depend on."""


def cell_settings(kind: str, settings: Settings) -> dict[str, Any]:
    """Return the settings that the lesson on a kind of cell shows the same cell with."""
    shown = {"rnn": CELL_CONTROLS[1:2], "lstm": CELL_CONTROLS[1:], "gru": CELL_CONTROLS}[kind]
    return {control.name: control.of(settings) for control in shown}


def cell_options(kind: str, settings: Settings) -> dict[str, Any]:
    """Return the options of the engine's layer of a kind of cell."""
    options: dict[str, Any] = {"activation": ACTIVATION.of(settings)}
    if kind != "rnn":
        options["recurrent_activation"] = _GATE_ACTIVATION.of(settings)
    if kind == "gru":
        options["reset_after"] = _RESET.of(settings) == AFTER
    return options
