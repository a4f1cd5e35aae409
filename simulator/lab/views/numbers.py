"""Distributions of weights, outputs and gradients, and a number or two for each layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.engine.activations import Relu
from simulator.engine.layers.base import Array, Layer
from simulator.lab.snapshot import DeadUnits, Histogram, Histograms
from simulator.lab.views.probe import Probe

BINS = 40
MOST = 2**15
"""Numbers of an array that are counted, spread evenly over it."""


def histogram(array: Array, bins: int = BINS) -> Histogram:
    """Of an array's finite numbers; all of one value are counted between it and a little more."""
    flat = array.ravel()
    stride = max(1, -(-len(flat) // MOST))
    values = flat[::stride].astype(np.float64)
    values = values[np.isfinite(values)]
    if not len(values):
        zeros = np.zeros(bins, np.int64)
        return Histogram(np.linspace(0, 1, bins + 1), zeros, 0.0, 0.0, 0.0, 0.0, len(flat), 0)
    low, high = float(values.min()), float(values.max())
    width = high - low
    if width <= abs(low) * 1e-12:
        width = max(abs(low), 1.0) * 1e-3
    places = np.minimum(((values - low) * (bins / width)).astype(np.intp), bins - 1)
    return Histogram(
        np.linspace(low, low + width, bins + 1),
        np.bincount(places, minlength=bins),
        low,
        high,
        float(values.mean()),
        float(values.std()),
        len(flat),
        len(values),
    )


def histograms(probe: Probe) -> Histograms:
    """Of all weights, and over a batch of training data of all outputs and gradients."""
    graph = probe.model.graph
    outputs = {step.key: histogram(probe.forward.values[step.outputs[0]]) for step in graph.steps}
    slopes = {}
    for step in graph.steps:  # in the network's order, not in that of the way back
        if (slope := probe.slopes.activations.get(step.key)) is not None:
            slopes[step.key] = histogram(slope[0] if isinstance(slope, tuple) else slope)
    found = probe.slopes.weights
    return Histograms(
        {name: histogram(weight) for name, weight in probe.model.weights.items()},
        {name: histogram(found[name]) for name in probe.model.weights if name in found},
        outputs,
        slopes,
    )


def gradient_norms(probe: Probe) -> dict[str, float]:
    """By layer, ‖∂L/∂weights‖ over a batch of training data; layers that are not trained left
    out.
    """
    squares: dict[str, float] = {}
    for name, slope in probe.slopes.weights.items():
        layer = name.partition("/")[0]
        flat = slope.ravel().astype(np.float64)
        squares[layer] = squares.get(layer, 0.0) + float(np.dot(flat, flat))
    order = [layer.name for layer in probe.model.layers if layer.name in squares]
    return {layer: float(np.sqrt(squares[layer])) for layer in order}


def dead_units(probe: Probe) -> dict[str, DeadUnits]:
    """For each layer with a rectifier, how many of its units are never above zero in a batch."""
    found = {}
    for step in probe.model.graph.steps:
        if _rectifies(step.layer):
            values = probe.forward.values[step.outputs[0]]
            alive = (values > 0).any(axis=tuple(range(values.ndim - 1)))
            found[step.key] = DeadUnits(int(alive.size - alive.sum()), int(alive.size))
    return found


def _rectifies(layer: Layer) -> bool:
    activation: Any = getattr(layer, "activation", None)
    return isinstance(activation, Relu) and activation.negative_slope == 0
