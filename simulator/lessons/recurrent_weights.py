"""The weights that a recurrent lesson begins with: random, or trained before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator import resources
from simulator.engine.layers import GRU, LSTM, SimpleRNN
from simulator.engine.layers.recurrent import Recurrent
from simulator.lessons.controls import ChoiceControl, IntegerControl, Option, Settings
from simulator.lessons.lesson import LessonState
from simulator.lessons.recurrent_input import (
    ADDING,
    FROM_ELSEWHERE,
    OPENED,
    SECTION,
    SOURCE,
    value_count,
)

Array = NDArray[Any]

KINDS: Mapping[str, type[Recurrent]] = {"rnn": SimpleRNN, "lstm": LSTM, "gru": GRU}
CELL_NAMES = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}
"""What the kinds of cells are called."""
TRAINED, RANDOM = "trained", "random"
MADE = "made"
"""Of weights that come from nowhere else."""
TRAINED_UNITS = 4
LARGEST_ORTHOGONAL = 64

WEIGHTS = ChoiceControl(
    name="weights",
    label="Weights",
    section=SECTION,
    options=(Option(TRAINED, "trained"), Option(RANDOM, "random")),
    default=TRAINED,
    segmented=True,
    shown=lambda settings: SOURCE.of(settings) == ADDING,
    help="Trained to add the two marked numbers, or random as before training.",
)


def from_elsewhere(settings: Settings) -> bool:
    """Return whether the weights are those that a cell was opened with."""
    return settings["origin"] in OPENED


ORIGIN = ChoiceControl(
    name="origin",
    label="Weights",
    section=SECTION,
    options=(Option(MADE, "Random"), *FROM_ELSEWHERE),
    default=MADE,
    shown=from_elsewhere,
    help="Those that the cell was opened with, or random ones.",
)
UNITS = IntegerControl(
    name="units",
    label="Units",
    section=SECTION,
    default=4,
    minimum=1,
    maximum=256,
    shown=lambda settings: not is_trained(settings),
    help="How many numbers the cell remembers.",
)
SEED = IntegerControl(
    name="seed",
    label="Weight seed",
    section=SECTION,
    default=0,
    minimum=0,
    maximum=9999,
    shown=lambda settings: not is_trained(settings) and not from_elsewhere(settings),
    help="The random weights follow from it: the same seed gives the same weights.",
)
WEIGHT_CONTROLS = (WEIGHTS, ORIGIN, UNITS, SEED)
WEIGHT_SETTINGS = frozenset({"source", "values", "weights", "origin", "units", "seed"})
"""The settings that make the weights anew."""


def parts_with(*names: str) -> dict[str, frozenset[str]]:
    """Return the settings, besides those named, that leave nothing of weights from elsewhere."""
    return {ORIGIN.name: (WEIGHT_SETTINGS - {ORIGIN.name}) | set(names)}


def brought(state: LessonState, made: Mapping[str, Array]) -> dict[str, Array]:
    """Return weights and first states, those in place that a cell was opened with."""
    if not from_elsewhere(state.settings) or state.opened is None:
        return dict(made)
    return {name: state.opened.arrays.get(name, array) for name, array in made.items()}


def is_trained(settings: Settings) -> bool:
    """Return whether the weights are those that were trained."""
    return SOURCE.of(settings) == ADDING and WEIGHTS.of(settings) == TRAINED


def weights_noticed(settings: Settings) -> str:
    """Return what there is to notice of the weights: where they are from."""
    if is_trained(settings):
        return "trained"
    return "opened" if from_elsewhere(settings) else "random"


def unit_count(settings: Settings) -> int:
    """Return the number of units."""
    return TRAINED_UNITS if is_trained(settings) else UNITS.of(settings)


def cell_weights(kind: str, settings: Settings, **options: Any) -> dict[str, Array]:
    """Return kernel, recurrent kernel and bias, the bias with a row for each that there is.

    Those of the answer, "head_kernel" and "head_bias", are there where the weights were trained.
    """
    if is_trained(settings):
        name = f"{kind}_before" if options.get("reset_after") is False else kind
        return dict(_trained(name))
    after = bool(options.get("reset_after", True))
    sizes = unit_count(settings), value_count(settings)
    return dict(_random(kind, *sizes, SEED.of(settings), reset_after=after))


@lru_cache(maxsize=8)
def _random(
    kind: str, units: int, values: int, seed: int, *, reset_after: bool
) -> dict[str, Array]:
    """Return the weights as the layer makes them.

    Large recurrent kernels are drawn evenly: orthogonal ones would take longer than all the rest.
    """
    options: dict[str, Any] = {} if kind != "gru" else {"reset_after": reset_after}
    if units > LARGEST_ORTHOGONAL:
        options["recurrent_initializer"] = "glorot_uniform"
    layer = KINDS[kind](units, **options)
    layer.build((None, values), np.random.default_rng(seed))
    return {name: np.atleast_2d(array) for name, array in layer.weights.items()}


@lru_cache(maxsize=4)
def _trained(name: str) -> dict[str, Array]:
    read = json.loads(resources.path(f"weights/adding_{name}.json").read_text("utf-8"))
    return {key: np.array(value, np.float32) for key, value in read["weights"].items()}
