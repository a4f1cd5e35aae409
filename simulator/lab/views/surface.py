"""What a network of two inputs says all over the plane, and each of its units."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.engine.layers.base import Array
from simulator.lab.snapshot import Decision, Surface
from simulator.lab.views import decision
from simulator.lab.views.probe import Probe, said

MARGIN = 0.1
MOST_UNITS = 64
"""Of each layer."""
MOST_POINTS = 400


def surface(probe: Probe, resolution: int, classes: Sequence[str] = ()) -> Surface | None:
    """None for a network whose samples are no points in the plane."""
    graph = probe.model.graph
    x = probe.run.data.x
    if len(x) != 1 or x[0].shape[1:] != (2,):
        return None
    low, high = x[0].min(axis=0), x[0].max(axis=0)
    room = MARGIN * np.where(high > low, high - low, 1)
    columns, rows = (
        np.linspace(low[axis] - room[axis], high[axis] + room[axis], resolution, dtype=x[0].dtype)
        for axis in (0, 1)
    )
    points = np.stack([each.ravel() for each in np.meshgrid(columns, rows)], axis=-1)
    run = graph.forward((points,), probe.model.context(training=False))
    units = {}
    for step in graph.steps:
        values = run.values[step.outputs[0]]
        if values.ndim == 2:
            kept = values[:, :MOST_UNITS]
            units[step.key] = np.ascontiguousarray(kept.T).reshape(-1, resolution, resolution)
    output = run.values[graph.output_numbers[probe.output]]
    output = output.reshape(resolution, resolution, *output.shape[1:])
    targets = probe.run.data.y[probe.output][:MOST_POINTS]
    decided = None
    if probe.labels is not None and output.ndim == 3:
        decided = _decision(probe, output, columns, rows)
        known = probe.classes_in(targets, probe.output)
        targets = targets if known is None else known
    return Surface(
        columns,
        rows,
        (output[..., 0] if output.shape[-1] == 1 else output).copy(),
        units,
        x[0][:MOST_POINTS].copy(),
        targets.copy(),
        decided,
        tuple(classes),
    )


def _decision(probe: Probe, output: Array, x: Array, y: Array) -> Decision:
    """The classes of outputs (H, W, K)."""
    graph = probe.model.graph
    share = decision.shares(output, from_logits=probe.from_logits)
    chosen = said(output, probe.threshold)
    last = next(step for step in graph.steps if graph.output_numbers[probe.output] in step.outputs)
    return Decision(
        chosen,
        decision.sureness(share, chosen),
        decision.border(share, x, y),
        last.key,
        np.moveaxis(share, -1, 0).copy(),
    )
