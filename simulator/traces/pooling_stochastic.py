"""What stochastic pooling is in training and in inference: made of probabilities.

Zeiler and Fergus, Stochastic pooling for regularization of deep convolutional neural networks
(2013), equations 4 to 6.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from simulator.traces.model import Write
from simulator.traces.places import Place
from simulator.traces.pooling_formulas import Terms
from simulator.traces.pooling_rules import Probability
from simulator.traces.pooling_trace import PoolingTrace
from simulator.traces.pooling_values import ProbabilityValues
from simulator.traces.region import Region, one
from simulator.traces.windows import Windows

Array = NDArray[Any]

PROBABILITY = r"\frac{\max(\reads{x}, 0)}{\sum \max(\reads{x}, 0)}"


class StochasticPoolingTrace(PoolingTrace):
    """Pooling whose terms are made of probabilities, which need the whole window."""

    _values: ProbabilityValues

    def _write_of_probability(self, place: Place) -> Write:
        return Write(
            self.term(place, "probabilities"),
            (self.window(place.row, place.column, one(place.map)),),
            Terms(
                PROBABILITY,
                Probability(),
                Windows.one(self.geometry, place.row, place.column),
                only=(place.kernel_row, place.kernel_column),
            ),
        )

    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the input cells that one cell was computed from: always a whole window."""
        if name not in (self.term_array, self.running_array, "probabilities"):
            return super().sources(name, index)
        channel, row, column = index[:3]
        return (self.window(row, column, one(channel)),)

    def _probability(self, place: Place) -> float:
        window = self._values.of_window(place.map, place.row, place.column)
        return float(window[place.kernel_row, place.kernel_column])

    def _probabilities(self, cell: Place, numbers: range) -> list[float]:
        window = self._values.of_window(cell.map, cell.row, cell.column)
        values: list[float] = window.ravel()[numbers.start : numbers.stop].tolist()
        return values
