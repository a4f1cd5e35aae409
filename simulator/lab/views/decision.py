"""Which class a network says at a place, how sure it is of it, and where its answer changes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulator.engine.activations import sigmoid, softmax
from simulator.engine.layers.base import Array


def shares(output: Array, *, from_logits: bool) -> Array:
    """The share (…, K) of each class in outputs (…, K), or (…, 2) of a single output.

    Logits become probabilities; of other outputs what is negative counts for nothing, and the rest
    is divided by its sum. Where nothing is left, all classes have the same share.
    """
    if output.shape[-1] == 1:
        yes = sigmoid(output) if from_logits else np.clip(output, 0, 1)
        return np.concatenate([1 - yes, yes], axis=-1)
    if from_logits:
        return np.asarray(softmax(output))
    kept = np.maximum(output, 0)
    total = kept.sum(axis=-1, keepdims=True)
    even = np.full_like(kept, 1 / output.shape[-1])
    made: Array = np.divide(kept, total, out=even, where=total > 0)
    return made


def sureness(share: Array, said: npt.NDArray[np.int64]) -> Array:
    """From the shares (…, K): 0 where the class that was said has no more than 1/K, 1 where it has
    all.
    """
    classes = share.shape[-1]
    own = np.take_along_axis(share, said[..., np.newaxis], axis=-1)[..., 0]
    sure: Array = np.clip((own * classes - 1) / (classes - 1), 0, 1)
    return sure


def border(share: Array, x: Array, y: Array) -> npt.NDArray[np.float64]:
    """The lines (S, 2, 2) from point to point along which two classes lead with equal shares.

    ``share`` is (H, W, K) at the places ``y`` (H,), ``x`` (W,). Marching squares: Lorensen and
    Cline, "Marching cubes" (1987), in the plane, the crossings interpolated along each edge.
    """
    classes = share.shape[-1]
    found = []
    for index in range(classes - 1):  # the last one's lines are lines of the others
        rest = np.delete(share, index, axis=-1).max(axis=-1)
        found.append(_zeros(np.asarray(share[..., index] - rest, np.float64), x, y))
    lines = np.concatenate(found)
    return lines[np.isfinite(lines).all(axis=(1, 2))]


def _zeros(values: Array, x: Array, y: Array) -> npt.NDArray[np.float64]:
    """The lines (S, 2, 2) on which values (H, W) are zero."""
    above = values > 0
    a, b, c, d = values[:-1, :-1], values[:-1, 1:], values[1:, 1:], values[1:, :-1]
    corners = above[:-1, :-1], above[:-1, 1:], above[1:, 1:], above[1:, :-1]
    left, right = x[np.newaxis, :-1], x[np.newaxis, 1:]
    low, high = y[:-1, np.newaxis], y[1:, np.newaxis]
    # The edges of a square in turn: from a to b, from b to c, from d to c, from a to d.
    crossed = np.stack([one != other for one, other in _turns(corners)])
    points = np.empty((4, *a.shape, 2))
    points[0, ..., 0], points[0, ..., 1] = left + _part(a, b) * (right - left), low
    points[1, ..., 0], points[1, ..., 1] = right, low + _part(b, c) * (high - low)
    points[2, ..., 0], points[2, ..., 1] = left + _part(d, c) * (right - left), high
    points[3, ..., 0], points[3, ..., 1] = left, low + _part(a, d) * (high - low)
    crossings = crossed.sum(axis=0)
    lines = []
    plain = crossings == 2
    order = np.argsort(~crossed, axis=0, kind="stable")[:2]
    rows, columns = np.nonzero(plain)
    edges = order[:, plain]
    lines.append(np.stack([points[edge, rows, columns] for edge in edges], axis=1))
    saddle = crossings == 4
    joined = saddle & (((a + b + c + d) > 0) == corners[0])  # a and c belong together
    for cells, pairs in ((joined, ((0, 1), (2, 3))), (saddle & ~joined, ((0, 3), (1, 2)))):
        for one, other in pairs:
            lines.append(np.stack([points[one][cells], points[other][cells]], axis=1))
    return np.concatenate(lines)


def _turns(corners: tuple[Array, Array, Array, Array]) -> tuple[tuple[Array, Array], ...]:
    a, b, c, d = corners
    return (a, b), (b, c), (d, c), (a, d)


def _part(start: Array, end: Array) -> Array:
    """How far along an edge the zero lies; half-way where there is none."""
    apart = start - end
    half = np.full(apart.shape, 0.5)
    part: Array = np.divide(start, apart, out=half, where=apart != 0)
    return part
