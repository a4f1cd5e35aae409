"""What a network says all over the plane, with the points that it learns from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.data.datasets import Dataset
from simulator.data.datasets.points import FURTHEST
from simulator.lab.presenting.networks import scale_of
from simulator.lab.presenting.pictures import Array, PlanePicture
from simulator.lab.presenting.strokes import Point, started_from
from simulator.lab.snapshot import Surface
from simulator.lessons.frame import Scale, ScaleKind

MOST_POINTS = 400


def plane(surface: Surface, dataset: Dataset, threshold: float = 0.5) -> PlanePicture:
    """Return the surface of a binary classifier or a regression; of several outputs, the first
    class against all others.
    """
    points = dataset.x[:MOST_POINTS]
    targets = np.asarray(dataset.y[:MOST_POINTS], np.float64).reshape(len(points), -1)[:, 0]
    output = surface.output[..., 0] if surface.output.ndim == 3 else surface.output
    extent = (
        float(surface.x[0]), float(surface.x[-1]), float(surface.y[0]), float(surface.y[-1]),
    )  # fmt: skip
    if dataset.task == "regression":
        limit = max(float(np.abs(targets).max(initial=0.0)), 1e-6)
        return PlanePicture(output, Scale(ScaleKind.SIGNED, limit), extent, points, targets)
    if surface.output.ndim == 3:
        output, targets = surface.output[..., 0], (targets == 0).astype(np.float64)
    # Half-way between the classes lies zero, the middle of the colours.
    shown = 2 * (np.clip(output, 0.0, 1.0) - threshold)
    return PlanePicture(shown, Scale(ScaleKind.SIGNED, 1.0), extent, points, 2 * targets - 1)


def difference(first: Surface, second: Surface) -> PlanePicture | None:
    """Return what the second says more than the first all over the plane, of several outputs for
    the first class; None for surfaces of unequal shapes.
    """
    if first.output.shape != second.output.shape:
        return None
    more = np.asarray(second.output, np.float64) - first.output
    more = more[..., 0] if more.ndim == 3 else more
    extent = (float(first.x[0]), float(first.x[-1]), float(first.y[0]), float(first.y[-1]))
    finite = more[np.isfinite(more)]
    scale = Scale(ScaleKind.SIGNED, max(float(np.abs(finite).max(initial=0.0)), 1e-6))
    return PlanePicture(more, scale, extent, np.zeros((0, 2)), np.zeros(0))


def points(dataset: Dataset) -> PlanePicture:
    """Return the points alone, on a ground that says nothing yet."""
    if dataset.task != "regression":
        return drawn(started_from(dataset)[:MOST_POINTS])
    shown, values = dataset.x[:MOST_POINTS], dataset.y[:MOST_POINTS]
    targets = np.asarray(values, np.float64).reshape(len(shown), -1)[:, 0]
    scale = Scale(ScaleKind.SIGNED, max(float(np.abs(targets).max(initial=0.0)), 1e-6))
    low, high = shown.min(axis=0), shown.max(axis=0)
    extent = (float(low[0]), float(high[0]), float(low[1]), float(high[1]))
    return PlanePicture(np.zeros((1, 1)), scale, extent, shown, targets)


def drawn(points: Sequence[Point]) -> PlanePicture:
    """Return points with classes, on the plane that can be drawn on."""
    table = np.array(points, np.float64).reshape(-1, 3)
    labels = table[:, 2].astype(np.int64)
    extent = (-FURTHEST, FURTHEST, -FURTHEST, FURTHEST)
    ground, scale = np.zeros((1, 1)), Scale(ScaleKind.SIGNED, 1.0)
    return PlanePicture(ground, scale, extent, table[:, :2], labels, classes=labels)


def neurons(surface: Surface, layer: str) -> tuple[Array, Scale] | None:
    """Return the surfaces of a layer's units (U, H, W), the highest row first; None without any."""
    units = surface.units.get(layer)
    if units is None or not units.size:
        return None
    return units[:, ::-1], scale_of(units)
