"""Tables of vectors in plain NumPy; see `base` for the conventions.

V is the number of the table's rows, U the length of each.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.engine.arrays import FloatArray
from simulator.engine.backends import checks
from simulator.engine.geometry import GeometryError

Indices = npt.NDArray[np.integer[Any]]


class EmbeddingReference:
    """The operations of a backend on tables."""

    def embedding(self, indices: Indices, table: FloatArray) -> FloatArray:
        """y[…, u] = table[indices[…], u]; indices (…), table (V, U) give (…, U).

        Raises ValueError for an index that the table does not have.
        """
        check_table(indices, table)
        y: FloatArray = table[indices]
        return y

    def embedding_gradient(
        self, indices: Indices, output_gradient: FloatArray, *, rows: int
    ) -> FloatArray:
        """∂L/∂table[v, u] = Σ ∂L/∂y[…, u] over all places where the index is v.

        indices (…), output_gradient (…, U); gives (rows, U).
        """
        checks.vectors("The output gradient", output_gradient)
        gradient = np.zeros((rows, output_gradient.shape[-1]), output_gradient.dtype)
        check_table(indices, gradient)
        np.add.at(gradient, indices, output_gradient)
        return gradient


def check_table(indices: Indices, table: FloatArray) -> None:
    """Raises ValueError for indices that the table (V, U) lacks, GeometryError if it is none."""
    checks.vectors("The table", table)
    if table.ndim != 2:
        raise GeometryError(
            f"The table has the shape {' × '.join(map(str, table.shape))}: it must be rows × "
            "values.",
            parameter="input",
        )
    if indices.size and not 0 <= int(indices.min()) <= int(indices.max()) < table.shape[0]:
        raise ValueError(
            f"Indices run from {indices.min()} to {indices.max()}: a table of {table.shape[0]} "
            f"rows has 0 to {table.shape[0] - 1}."
        )
