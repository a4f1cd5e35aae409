"""The area under the curve of a classifier of "yes or no", over all of its thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np
import numpy.typing as npt

from simulator.engine import arguments, names
from simulator.engine.metrics.base import Counts, Metric, fitted, weights_for

MOST_THRESHOLDS = 10_000
_BEYOND = 1e-7
"""So far outside of 0 and 1 lie the first and the last threshold."""
_CURVES = ("ROC", "PR")
_SUMS = ("interpolation", "minoring", "majoring")


@final
class AUC(Metric):
    """The area under the ROC curve, or under that of precision and recall, as Keras has it.

    The curve goes through thresholds that are evenly apart, so the area is near the exact one. The
    one of precision and recall is interpolated as by Davis and Goadrich (2006).
    """

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: str | None = None,
        thresholds: Sequence[float] | None = None,
        *,
        from_logits: bool = False,
    ) -> None:
        """With `thresholds`, 0 and 1 are added to those; all outputs and targets count as one list.

        Raises ValueError for thresholds that are not between 0 and 1, and unknown methods.
        """
        owner = "AUC"
        self.curve = names.one_of(owner, "curve", curve, _CURVES)
        self.summation_method = names.one_of(owner, "summation_method", summation_method, _SUMS)
        self.from_logits = bool(from_logits)
        self.num_thresholds = arguments.count(
            num_thresholds, owner=owner, argument="num_thresholds", minimum=2,
            maximum=MOST_THRESHOLDS,
        )  # fmt: skip
        self.thresholds: Sequence[float] | None = thresholds
        self._even = thresholds is None
        inner = [each / (self.num_thresholds - 1) for each in range(1, self.num_thresholds - 1)]
        if thresholds is not None:
            inner = sorted(
                arguments.number(each, owner=owner, argument="thresholds", minimum=0, maximum=1)
                for each in thresholds
            )
        self._thresholds = np.array([-_BEYOND, *inner, 1 + _BEYOND], np.float32)
        super().__init__(name, dtype)

    def reset(self) -> None:
        """Forget all batches."""
        # By the number of thresholds that an output is above: the weights of each.
        count = len(self._thresholds) + 1
        self.state = {"positives": np.zeros(count), "negatives": np.zeros(count)}

    def update(
        self,
        y_true: npt.ArrayLike,
        y_pred: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
    ) -> None:
        """Count targets, where all but 0 is a "yes", and outputs from 0 to 1, both (B, …); weights
        (B, …). Outputs beyond count as 0 or 1, and what is no number as 0.
        """
        target, output = fitted(self.name, y_true, y_pred)
        share = np.asarray(output, np.float32)
        if self.from_logits:
            share = np.asarray(1 / (1 + np.exp(-share.astype(np.float64))), np.float32)
        weight = weights_for(self.name, share, sample_weight)
        place = self._places(np.clip(np.nan_to_num(share), 0, 1))
        yes = target != 0
        for name, chosen in (("positives", yes), ("negatives", ~yes)):
            np.add.at(self.state[name], place[chosen], weight[chosen])

    def _places(self, share: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
        """How many thresholds each output is above."""
        places: npt.NDArray[np.int64]
        if self._even:
            places = np.ceil(share * np.float32(self.num_thresholds - 1)).astype(np.int64)
            places = np.maximum(places, 1)  # 0 itself is above the first one
        else:
            places = np.searchsorted(self._thresholds, share, side="left")
        return places

    def result(self) -> float:
        """The area; 0 where there is nothing to tell apart."""
        above, below = (
            np.cumsum(self.state[name][::-1])[::-1][1:] for name in ("positives", "negatives")
        )
        total = float(self.state["positives"].sum()), float(self.state["negatives"].sum())
        if self.curve == "PR":
            if self.summation_method == "interpolation":
                return _interpolated(above, below, total[0])
            return self._area(_share(above, total[0]), _ratio(above, above + below))
        return self._area(_share(below, total[1]), _share(above, total[0]))

    def _area(self, x: Counts, y: Counts) -> float:
        height = {
            "interpolation": (y[:-1] + y[1:]) / 2,
            "minoring": np.minimum(y[:-1], y[1:]),
            "majoring": np.maximum(y[:-1], y[1:]),
        }[self.summation_method]
        return float(((x[:-1] - x[1:]) * height).sum())


def _interpolated(true: Counts, false: Counts, positives: float) -> float:
    """The area under precision over recall, where the false grow in proportion to the true."""
    change = true[:-1] - true[1:]
    said = true + false
    slope = _ratio(change, np.maximum(said[:-1] - said[1:], 0))
    intercept = true[1:] - slope * said[1:]
    both = (said[:-1] > 0) & (said[1:] > 0)
    ratio = np.where(both, _ratio(said[:-1], np.maximum(said[1:], 0)), 1.0)
    gained = slope * (change + intercept * np.log(ratio))
    missed = positives - true[1:]
    return float(_ratio(gained, np.maximum(true[1:] + missed, 0)).sum())


def _share(counts: Counts, total: float) -> Counts:
    return counts / total if total else np.zeros_like(counts)


def _ratio(above: Counts, below: Counts) -> Counts:
    return np.divide(above, below, out=np.zeros_like(above), where=below != 0)
