"""Points drawn by hand: what a stroke of the pointer adds, or takes away."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.data.datasets import Dataset, Recipe
from simulator.data.datasets.points import DRAWN, DRAWN_ID, FURTHEST

Point = tuple[float, float, int]
"""x, y and the number of the class."""
MOST = DRAWN.most
_DECIMALS = 2


def started_from(dataset: Dataset) -> tuple[Point, ...]:
    """Return all points of a data set with classes, those beyond the plane at its edge."""
    places = np.concatenate([dataset.x, dataset.x_val])
    labels = np.concatenate([dataset.y, dataset.y_val])
    return tuple(
        (_inside(float(x)), _inside(float(y)), int(label))
        for (x, y), label in zip(places, labels, strict=True)
    )


def drawn_in(recipe: Recipe) -> tuple[Point, ...] | None:
    """Return the points of a recipe in the order in which they were drawn; None of other data."""
    if recipe.id != DRAWN_ID:
        return None
    return tuple((x, y, label) for x, y, label in recipe.settings[DRAWN.name])


def added(points: Sequence[Point], x: float, y: float, label: int) -> tuple[Point, ...]:
    """Return the points with one more; as they are where there are as many as can be."""
    if len(points) >= MOST:
        return tuple(points)
    return (*points, (_inside(x), _inside(y), label))


def erased(points: Sequence[Point], x: float, y: float, radius: float) -> tuple[Point, ...]:
    """Return the points that are further from a place than so much."""
    return tuple(p for p in points if np.hypot(p[0] - x, p[1] - y) > radius)


def _inside(place: float) -> float:
    return round(min(max(place, -FURTHEST), FURTHEST), _DECIMALS)
