"""A sample's way back through the network: the gradient of its loss by what each layer gives."""

from __future__ import annotations

from typing import Any

from simulator.engine.graph import Graph
from simulator.engine.layers import Embedding
from simulator.engine.layers.base import Array
from simulator.engine.steps import run_backward, run_forward
from simulator.lab.views.probe import Probe


def of_sample(probe: Probe, index: int) -> dict[str, Array] | None:
    """∂L/∂output of every step, by its key, for a held-out sample alone, and ∂L/∂input by the
    inputs' names; None if there is no such sample.

    L is the loss of this one sample, as in use: dropout is off. Inputs that are places in a table,
    such as letters, have none.
    """
    if not 0 <= index < len(probe.whole):
        return None
    model, goals = probe.model, probe.run.trainer.goals
    data = probe.whole[index : index + 1]
    context = model.context(training=False, input_gradient=True)
    _, forward = run_forward(model, goals, data, context)
    slopes = run_backward(model, goals, data, forward, context, everything=True)
    found: dict[str, Array] = {
        tensor.node.layer.name: slope[0].copy()
        for number, (tensor, slope) in enumerate(
            zip(model.graph.inputs, slopes.inputs, strict=True)
        )
        if not _is_looked_up(model.graph, number)
    }
    found |= {key: _first(slope)[0].copy() for key, slope in slopes.activations.items()}
    return found


def _is_looked_up(graph: Graph, number: int) -> bool:
    """Whether an input only says which rows of a table to take."""
    readers = [step.layer for step in graph.steps if number in step.inputs]
    return bool(readers) and all(isinstance(layer, Embedding) for layer in readers)


def _first(slope: Any) -> Array:
    """Of a step that gives several values: an LSTM with its states."""
    first: Array = slope[0] if isinstance(slope, tuple) else slope
    return first
