"""The lesson in which recurrent layers are stacked, and read in both directions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.layers.recurrent import Recurrent
from simulator.lessons import entries
from simulator.lessons.cell_options import (
    CELL_CONTROLS,
    CELL_OPTIONS,
    KIND,
    cell_options,
)
from simulator.lessons.controls import ChoiceControl, IntegerControl, Option, Settings
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.recurrent_input import (
    SEQUENCE_CONTROLS,
    SEQUENCE_SETTINGS,
    sequence_array,
    value_count,
)
from simulator.lessons.recurrent_weights import (
    KINDS,
    LARGEST_ORTHOGONAL,
    ORIGIN,
    brought,
    from_elsewhere,
    parts_with,
)
from simulator.traces.cell_names import GATES, gate_named
from simulator.traces.deep import (
    AVERAGE,
    CONCAT,
    MULTIPLY,
    SUM,
    Stack,
    deep_trace,
    gate_names,
    initial_names,
    weight_names,
)
from simulator.traces.recurrence import RecurrentTrace

Array = NDArray[Any]

SECTION = "Network"
MOST_LAYERS = 3
LAYERS = IntegerControl(
    name="layers",
    label="Layers",
    section=SECTION,
    default=2,
    minimum=1,
    maximum=MOST_LAYERS,
    help="How many layers stand on each other: each reads the states of the one below.",
)
DIRECTIONS = ChoiceControl(
    name="directions",
    label="Directions",
    section=SECTION,
    options=(Option("one", "forwards"), Option("both", "both")),
    default="both",
    segmented=True,
    help="Whether each layer reads the sequence from its beginning alone, or from its end too.",
)


HELD_GATES = {"rnn": "", "lstm": "ifgo", "gru": "zrg"}
"""The gates of each kind of cell, whose values can be typed over."""


def _both(settings: Settings) -> bool:
    return DIRECTIONS.of(settings) == "both"


EVERY = "every"
BOTH_LAYERS = ChoiceControl(
    name="both_layers",
    label="… in",
    section=SECTION,
    options=(
        Option(EVERY, "every layer"),
        Option("1", "layer 1 alone"),
        Option("2", "layers 1 and 2"),
    ),
    default=EVERY,
    shown=lambda settings: _both(settings) and LAYERS.of(settings) > 1,
    help="Which layers read in both directions; those above them read forwards.",
)
MERGE = ChoiceControl(
    name="merge",
    label="Merge",
    section=SECTION,
    options=(
        Option(CONCAT, "side by side (concat)"),
        Option(SUM, "sum"),
        Option(MULTIPLY, "product (mul)"),
        Option(AVERAGE, "average (ave)"),
    ),
    default=CONCAT,
    shown=_both,
    help="How the two directions become what the next layer reads.",
)
UNITS = IntegerControl(
    name="units",
    label="Units",
    section=SECTION,
    default=4,
    minimum=1,
    maximum=256,
    help="How many numbers each cell remembers. Where not all are on view, the arrows beside "
    "“unit” turn to others.",
)
SAME = 0


def _units_above(number: int) -> IntegerControl:
    return IntegerControl(
        name=f"units_{number}",
        label=f"… of layer {number}",
        section=SECTION,
        default=SAME,
        minimum=SAME,
        maximum=UNITS.maximum,
        shown=lambda settings: LAYERS.of(settings) >= number,
        help=f"How many numbers a cell of layer {number} remembers; 0: as many as in layer 1.",
    )


UNITS_ABOVE = tuple(_units_above(number) for number in range(2, MOST_LAYERS + 1))
_ORIGIN = replace(ORIGIN, section=SECTION)
SEED = IntegerControl(
    name="seed",
    label="Weight seed",
    section=SECTION,
    default=0,
    minimum=0,
    maximum=9999,
    shown=lambda settings: not from_elsewhere(settings),
    help="The random weights follow from it: the same seed gives the same weights.",
)


def _cell(settings: Settings) -> partial[Recurrent]:
    """Return what makes the engine's layer of so many units."""
    kind = KIND.of(settings)
    return partial(KINDS[kind], **cell_options(kind, settings))


def stack_of(settings: Settings) -> Stack:
    """Return the layers that the settings ask for."""
    layers, first = LAYERS.of(settings), UNITS.of(settings)
    above = (control.of(settings) or first for control in UNITS_ABOVE[: layers - 1])
    upto = layers if BOTH_LAYERS.of(settings) == EVERY else int(BOTH_LAYERS.of(settings))
    both = tuple(_both(settings) and layer < upto for layer in range(layers))
    return Stack((first, *above), both, MERGE.of(settings))


def arrays(state: LessonState) -> dict[str, Array]:
    """Return the sequence, and of every direction of every layer weights, states, held values."""
    settings = state.settings
    x = sequence_array(state)
    cell, stack = _cell(settings), stack_of(settings)
    rng = np.random.default_rng(SEED.of(settings))
    made: dict[str, Array] = {}
    held: dict[str, Array] = {}
    for direction in stack.directions:
        below, units = stack.sources(direction), stack.units[direction.layer]
        sizes = stack.sizes(direction, value_count(settings))
        # Drawn evenly where they are many: orthogonal ones would take longer than all the rest.
        drawn = "orthogonal" if units <= LARGEST_ORTHOGONAL else "glorot_uniform"
        layer = cell(units, recurrent_initializer=drawn)
        layer.build((None, sum(sizes)), rng)
        kernels, recurrent, bias = weight_names(direction, below)
        parts = np.split(layer.weights["kernel"], np.cumsum(sizes)[:-1])
        made |= dict(zip(kernels, parts, strict=True))
        made[recurrent] = layer.weights["recurrent_kernel"]
        made[bias] = np.atleast_2d(layer.weights["bias"])
        for name in initial_names(direction, layer.state_names):
            made[name] = np.zeros((1, units), np.float32)
        for name in gate_names(direction, HELD_GATES[KIND.of(settings)]):
            held[name] = np.full((len(x), units), np.nan, np.float32)
    return {"x": x, **brought(state, made), **held}


def build(given: Mapping[str, Array], settings: Settings, backend: Backend) -> RecurrentTrace:
    """Return the trace."""
    initial = {name: array for name, array in given.items() if name.startswith("initial_")}
    gates = {name: array for name, array in given.items() if gate_named(name)}
    weights = {n: array for n, array in given.items() if n not in {"x", *initial, *gates}}
    return deep_trace(
        given["x"],
        weights,
        initial,
        cell=_cell(settings),
        stack=stack_of(settings),
        backend=backend,
        held={name: array for name, array in gates.items() if not np.isnan(array).all()},
    )


def noticed(state: LessonState, _: int) -> str:
    """Return what suits a state: how the directions are merged, or that there is one."""
    if not _both(state.settings):
        return "forwards"
    return MERGE.of(state.settings)


_SHAPED_BY = (LAYERS, DIRECTIONS, BOTH_LAYERS, MERGE, UNITS, *UNITS_ABOVE, SEED)
_SHAPES = CELL_OPTIONS | {control.name for control in _SHAPED_BY}
_WEIGHTS = _SHAPES | {"source", "values", "origin"}


def _names() -> set[str]:
    """Return the names of all weights and first states that there are with any settings."""
    found = set()
    for both, merge in product((False, True), (CONCAT, SUM)):  # all others merge as a sum does
        stack = Stack.alike(MOST_LAYERS, units=1, both=both, merge=merge)
        for direction in stack.directions:
            kernels, recurrent, bias = weight_names(direction, stack.sources(direction))
            found |= {*kernels, recurrent, bias, *initial_names(direction, "hc")}
    return found


def _gates() -> set[str]:
    """Return the names of the values of all gates that there are with any settings."""
    directions = Stack.alike(MOST_LAYERS, units=1, both=True).directions
    return {name for direction in directions for name in gate_names(direction, tuple(GATES))}


_CONTROLS = (KIND, *_SHAPED_BY[:-1], _ORIGIN, SEED, *CELL_CONTROLS, *SEQUENCE_CONTROLS)

LESSON = Lesson(
    entry=entries.DEEP_BIDIRECTIONAL,
    controls=_CONTROLS,
    remakes={
        "x": SEQUENCE_SETTINGS,
        **dict.fromkeys(_names(), _WEIGHTS),
        **dict.fromkeys(_gates(), _WEIGHTS | SEQUENCE_SETTINGS),
    },
    arrays=arrays,
    build=build,
    scene="grid",
    text="deep_bidirectional",
    noticed=noticed,
    parts_with=parts_with(*_SHAPES),
)
