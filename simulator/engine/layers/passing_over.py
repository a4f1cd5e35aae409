"""Recurrences that pass over the steps which a mask calls filling, one step at a time.

A step's state is where(mask, the cell's, the one before): samples differ in which steps they have,
so that each step is a sequence of length 1 to the cell, and its states are chosen sample by sample.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.engine.backends.base import Backend
from simulator.engine.backends.base_recurrent import Held
from simulator.engine.layers.base import Array, Cache, Gradients

if TYPE_CHECKING:
    from simulator.engine.layers.recurrent import Recurrent

_NOT_BY_STEP = ("input", "output", "initial_", "mask", "recurrent_mask")


def shown(mask: Array, *, zeros: bool) -> Array:
    """(B, T, 1): where the output is the state; elsewhere it is 0. Before the first step there is
    no output to repeat; with `zeros` none is repeated.
    """
    return (mask if zeros else np.logical_or.accumulate(mask, axis=1))[..., np.newaxis]


def run(
    layer: Recurrent,
    backend: Backend,
    projected: Array,
    states: list[Array],
    masks: Cache,
    held: Held,
) -> dict[str, Array]:
    """The cell's named arrays (B, T, U), its states as they stand after each step."""
    mask = masks["mask"]
    steps: list[dict[str, Array]] = []
    for step in range(mask.shape[1]):
        here = np.ascontiguousarray(projected[:, step : step + 1])
        kept = {name: values[:, step : step + 1] for name, values in held.items()}
        found = layer.run_cell(backend, here, states, masks.get("recurrent_mask"), kept or None)
        real = mask[:, step, np.newaxis]
        states = [
            np.where(real, found[name][:, 0], before)
            for name, before in zip(layer.state_names, states, strict=True)
        ]
        after = zip(layer.state_names, states, strict=True)
        steps.append(found | {name: state[:, np.newaxis] for name, state in after})
    return {name: np.concatenate([each[name] for each in steps], axis=1) for name in steps[0]}


def back_of(layer: Recurrent, mask: Array) -> Callable[..., tuple[Array, list[Array], Gradients]]:
    """`run_cell_back` of a layer whose steps were passed over by `run`."""

    def run_back(
        backend: Backend, to_hidden: Array, to_states: list[Array], cache: Cache
    ) -> tuple[Array, list[Array], Gradients]:
        names = [name for name in cache if not name.startswith(_NOT_BY_STEP)]
        slopes: list[Array] = []
        totals: Gradients = {}
        coming = [np.zeros_like(to_hidden[:, 0]), *to_states]
        for step in reversed(range(mask.shape[1])):
            arriving = [to_hidden[:, step] + coming[0], *coming[1:]]
            real = mask[:, step, np.newaxis]
            nothing: Any = to_hidden.dtype.type(0)
            to_cell = [np.where(real, each, nothing) for each in arriving]
            here = {name: np.ascontiguousarray(cache[name][:, step : step + 1]) for name in names}
            for name in layer.state_names:
                before = cache[name][:, step - 1] if step else cache[f"initial_{name}"]
                here[f"initial_{name}"] = np.ascontiguousarray(before)
            if "recurrent_mask" in cache:
                here["recurrent_mask"] = cache["recurrent_mask"]
            slope, to_before, gradients = layer.run_cell_back(
                backend, to_cell[0][:, np.newaxis], to_cell[1:], here
            )
            slopes.append(slope)
            for name, gradient in gradients.items():
                totals[name] = totals[name] + gradient if name in totals else gradient
            coming = [
                np.where(real, nothing, each) + own
                for each, own in zip(arriving, to_before, strict=True)
            ]
        return np.concatenate(slopes[::-1], axis=1), coming, totals

    return run_back
