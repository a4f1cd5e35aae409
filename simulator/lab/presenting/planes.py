"""What a network says all over the plane, with the points that it learns from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.data.datasets import Dataset
from simulator.data.datasets.points import FURTHEST
from simulator.lab.presenting.networks import scale_of
from simulator.lab.presenting.pictures import Array, PlanePicture, UnitMaps
from simulator.lab.presenting.strokes import Point, started_from
from simulator.lab.snapshot import Decision, Surface
from simulator.lessons.frame import Scale, ScaleKind

MOST_POINTS = 400
MOST_UNITS = 32
"""Of a layer; more maps would be too small to see."""
_SURE = Scale(ScaleKind.FROM_ZERO, 1.0)


def plane(surface: Surface) -> PlanePicture:
    """Return which class a classifier says at each place and how sure it is, or the surface of a
    regression: of several numbers the first.
    """
    points, extent = surface.points, _extent(surface)
    if surface.decision is not None:
        classes = surface.targets.astype(np.int64)
        return _said(surface.decision, extent, points, classes, surface.classes)
    targets = np.asarray(surface.targets, np.float64).reshape(len(points), -1)[:, 0]
    output = surface.output[..., 0] if surface.output.ndim == 3 else surface.output
    limit = max(float(np.abs(targets).max(initial=0.0)), 1e-6)
    return PlanePicture(output, Scale(ScaleKind.SIGNED, limit), extent, points, targets)


def caption(surface: Surface, dataset: Dataset) -> str:
    """Return what the points are of, and which of several numbers their colours tell."""
    count = int(np.prod(surface.targets.shape[1:], dtype=np.int64))
    if surface.decision is not None or count == 1:
        return dataset.title
    return f"{dataset.title}; colour: {_first(dataset, count)}"


def _first(dataset: Dataset, count: int) -> str:
    names = [column.name for column in dataset.columns if column.role == "target"]
    return names[0] if len(names) == count else f"number 1 of {count}"


def difference(first: Surface, second: Surface) -> PlanePicture | None:
    """Return what the second says more than the first all over the plane. Of more than two classes
    it is where the two say different ones, in the second's class; None for surfaces of unequal
    shapes.
    """
    if first.output.shape != second.output.shape:
        return None
    extent, nowhere = _extent(first), np.zeros((0, 2))
    if first.decision is not None and second.decision is not None and first.output.ndim == 3:
        unlike = (first.decision.said != second.decision.said).astype(np.float64)
        return PlanePicture(
            *(unlike, _SURE, extent, nowhere, np.zeros(0)), said=second.decision.said
        )
    more = np.asarray(second.output, np.float64) - first.output
    more = more[..., 0] if more.ndim == 3 else more
    finite = more[np.isfinite(more)]
    scale = Scale(ScaleKind.SIGNED, max(float(np.abs(finite).max(initial=0.0)), 1e-6))
    return PlanePicture(more, scale, extent, nowhere, np.zeros(0))


def _said(
    decision: Decision,
    extent: tuple[float, float, float, float],
    points: Array,
    classes: Array,
    names: tuple[str, ...],
) -> PlanePicture:
    return PlanePicture(
        *(decision.sureness, _SURE, extent, points, classes),
        border=decision.border,
        classes=classes,
        said=decision.said,
        names=names,
    )


def _extent(surface: Surface) -> tuple[float, float, float, float]:
    return float(surface.x[0]), float(surface.x[-1]), float(surface.y[0]), float(surface.y[-1])


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


def neurons(surface: Surface, layer: str) -> UnitMaps | None:
    """Return what each unit of a layer says all over the plane, the highest row first; None for a
    layer without units. Units that stand for a class each have its colour, and its share as
    strength.
    """
    decision = surface.decision
    if decision is not None and layer == decision.layer:
        first = 1 if surface.output.ndim == 2 else 0  # one output tells of the second class
        maps, scale = decision.shares[first:], _SURE
        classes = tuple(range(first, len(decision.shares)))[:MOST_UNITS]
    elif layer in surface.units and surface.units[layer].size:
        maps, classes = surface.units[layer], ()
        scale = scale_of(maps[:MOST_UNITS])
    else:
        return None
    left_out = max(len(maps) - MOST_UNITS, 0)
    return UnitMaps(maps[:MOST_UNITS, ::-1], scale, classes, left_out)


def units(surface: Surface) -> dict[str, UnitMaps]:
    """Return the maps of all layers that have units."""
    found = {layer: neurons(surface, layer) for layer in surface.units}
    return {layer: maps for layer, maps in found.items() if maps is not None}
