"""What a network says all over the plane, with the points that it learns from."""

from __future__ import annotations

import numpy as np

from simulator.data.datasets import Dataset
from simulator.lab.presenting.networks import scale_of
from simulator.lab.presenting.pictures import Array, PlanePicture
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


def neurons(surface: Surface, layer: str) -> tuple[Array, Scale] | None:
    """Return the surfaces of a layer's units (U, H, W), the highest row first; None without any."""
    units = surface.units.get(layer)
    if units is None or not units.size:
        return None
    return units[:, ::-1], scale_of(units)
