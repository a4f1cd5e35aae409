"""Principal component analysis, and the angles between subspaces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.engine.arrays import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class PCA:
    """The directions in which data vary most (Pearson 1901), as rows of length 1.

    The sign of each row makes its largest entry positive, so that it is always the same.
    """

    mean: FloatArray  # (D,)
    components: FloatArray  # (K, D)
    variance: FloatArray  # (K,): along each component, of all N samples divided by N − 1

    @classmethod
    def of(cls, x: npt.ArrayLike, count: int) -> PCA:
        """Return the first `count` components of data (N, D).

        Raises ValueError for fewer than two samples, or more components than there can be.
        """
        data = np.asarray(x, np.float64)
        if data.ndim != 2 or len(data) < 2:
            raise ValueError(
                f"PCA: the data have the shape {data.shape}: give two samples or more."
            )
        most = min(data.shape)
        if not 1 <= count <= most:
            raise ValueError(
                f"PCA: {count} components of {len(data)} samples of {data.shape[1]} values: choose "
                f"1 to {most}."
            )
        mean = data.mean(0)
        _, sizes, rows = np.linalg.svd(data - mean, full_matrices=False)
        rows = rows[:count]
        largest = np.abs(rows).argmax(1)
        rows = rows * np.sign(rows[np.arange(count), largest])[:, np.newaxis]
        return cls(mean, rows, sizes[:count] ** 2 / (len(data) - 1))

    def encode(self, x: npt.ArrayLike) -> FloatArray:
        """Return how far data (N, D) lie along each component: (N, K)."""
        code: FloatArray = (np.asarray(x) - self.mean) @ self.components.T
        return code

    def decode(self, code: npt.ArrayLike) -> FloatArray:
        """Return the data (N, D) that codes (N, K) stand for."""
        data: FloatArray = np.asarray(code) @ self.components + self.mean
        return data


def angles(first: npt.ArrayLike, second: npt.ArrayLike) -> FloatArray:
    """Return the angles in degrees between the subspaces that rows (K, D) and (L, D) span.

    They rise from 0 to at most 90: there are as many as the smaller subspace has dimensions, and
    all are 0 where it lies in the other (Björck and Golub 1973, by sines where they are small).
    """
    bases = [np.linalg.qr(np.asarray(rows, np.float64).T)[0] for rows in (first, second)]
    if bases[0].shape[1] < bases[1].shape[1]:
        bases.reverse()
    wide, narrow = bases
    cosines = np.linalg.svd(wide.T @ narrow, compute_uv=False)
    sines = np.linalg.svd(narrow - wide @ (wide.T @ narrow), compute_uv=False)[::-1]
    small = sines**2 < 0.5
    found: FloatArray = np.where(
        small, np.arcsin(np.clip(sines, 0, 1)), np.arccos(np.clip(cosines, -1, 1))
    )
    return np.degrees(found)
