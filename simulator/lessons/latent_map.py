"""The map of a code of two numbers: one point for each picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.lessons.board import Handle, PointMap
from simulator.lessons.compression_data import PictureSet
from simulator.traces.formula import Message
from simulator.traces.numbers import count

Array = NDArray[Any]

TITLE = Message("Latent map")
MARGIN = 0.06
SHARE = 0.995
"""The map ends where so much of the points lies: a few far out would shrink all others."""


def map_bounds(latents: Array) -> tuple[float, float, float, float]:
    """Return the least and largest x and y of a map of codes (N, 2), a little apart."""
    found = []
    for values in latents.T:
        low, high = (float(each) for each in np.quantile(values, (1 - SHARE, SHARE)))
        span = max(high - low, 1e-3)
        found += [low - MARGIN * span, high + MARGIN * span]
    return found[0], found[1], found[2], found[3]


def latent_map(
    latents: Array,
    pictures: PictureSet,
    *,
    lit: tuple[int, ...],
    identity: tuple[object, ...],
    handles: tuple[Handle, ...] = (),
    way: tuple[tuple[float, float], ...] = (),
    key: str = "map",
    title: Message = TITLE,
    note: Message | None = None,
) -> PointMap:
    """Return the map of codes (N, 2); the names of classes stand at their medians."""
    names = tuple(
        (name, *(float(each) for each in np.median(latents[pictures.labels == label], axis=0)))
        for label, name in enumerate(pictures.classes)
        if label not in lit and (pictures.labels == label).any()
    )
    return PointMap(
        key=key,
        title=title,
        note=note or Message("{count} pictures, one dot each", {"count": count(len(latents))}),
        x=latents[:, 0],
        y=latents[:, 1],
        labels=pictures.labels,
        lit=lit,
        names=names,  # type: ignore[arg-type]  # a name and two numbers
        bounds=map_bounds(latents),
        identity=identity,
        handles=handles,
        way=way,
    )


def nearest(latents: Array, point: Array) -> int:
    """Return the number of the code (N, K) that is nearest to a point (K,)."""
    return int(np.square(latents - point).sum(axis=1).argmin())
