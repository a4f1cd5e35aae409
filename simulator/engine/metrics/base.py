"""What every metric is: something that is counted batch by batch, and the mean above all."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.engine import arguments, names, registry
from simulator.engine.losses.base import same_rank

Counts = npt.NDArray[np.float64]


class Metric(registry.Configurable, ABC):
    """A subclass says what a batch adds to `state`, and what comes out.

    Everything is counted in float64 whatever the batches' type, so that long epochs lose nothing.
    Whoever copies `state` out and puts it back goes on as if nothing had been in between.
    """

    def __init__(self, name: str | None = None, dtype: str | None = None) -> None:
        """`dtype` is there for Keras's programs; it changes nothing."""
        del dtype
        kind = type(self).__name__
        self.name = names.unique(kind) if name is None else arguments.text(
            name, owner=kind, argument="name"
        )  # fmt: skip
        self.state: dict[str, Counts] = {}
        self.reset()

    @abstractmethod
    def reset(self) -> None:
        """Forget all batches."""

    @abstractmethod
    def update(self, *arguments: Any, **named: Any) -> None:
        """Count one batch: targets, outputs, and sample weights if there are any."""

    @abstractmethod
    def result(self) -> Any:
        """The metric over all batches since the last reset; 0 if there were none."""

    def of_each(
        self,
        count: int,
        y_true: npt.NDArray[Any],
        y_pred: npt.NDArray[Any],
        sample_weight: npt.NDArray[Any] | None = None,
    ) -> list[Any]:
        """What `result` gives for each of `count` sets of samples, as many in each, that lie one
        after another and are counted each by itself. What was counted before stays.
        """
        before, size = self.state, len(y_pred) // count
        found = []
        for start in range(0, count * size, size):
            own = slice(start, start + size)
            weight = None if sample_weight is None else sample_weight[own]
            self.reset()
            self.update(y_true[own], y_pred[own], weight)
            found.append(self.result())
        self.state = before
        return found

    def reset_state(self) -> None:
        """Keras's name for `reset`."""
        self.reset()

    def update_state(self, *arguments: Any, **named: Any) -> None:
        """Keras's name for `update`."""
        self.update(*arguments, **named)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Count one batch; the metric so far."""
        self.update(*arguments, **named)
        return self.result()


class Averaged(Metric):
    """The weighted mean of values, one for each sample: (B, …), averaged over all further axes."""

    def reset(self) -> None:
        """Forget all values."""
        self.state = {"total": np.zeros(()), "count": np.zeros(())}

    def result(self) -> float:
        """Σ weight · value / Σ weight, and 0 where nothing has any weight."""
        count = float(self.state["count"])
        return float(self.state["total"]) / count if count else 0.0

    def _count(self, values: Counts, sample_weight: npt.ArrayLike | None) -> None:
        counts: Counts | None = None
        if sample_weight is not None:
            given = arguments.array(sample_weight, owner=self.name, what="the sample weights")
            values, weight = same_rank(values, given.astype(np.float64))
            if values.ndim > weight.ndim:
                values = values.mean(tuple(range(weight.ndim, values.ndim)))
            try:
                weight = np.broadcast_to(weight, values.shape)
            except ValueError:
                raise ValueError(
                    f"{self.name}: the sample weights have the shape {np.shape(sample_weight)}, "
                    f"but there are {values.shape} values to weigh: give one weight for each "
                    "sample."
                ) from None
            values = values * weight
            if weight.ndim > 1:
                weight = weight.mean(tuple(range(1, weight.ndim)))
            counts = weight
        if values.ndim > 1:
            values = values.mean(tuple(range(1, values.ndim)))
        # One after another, so that no bit depends on how many batches come at a time.
        self.state["total"] = _added(self.state["total"], values)
        if counts is None:
            self.state["count"] = self.state["count"] + (len(values) if values.ndim else 1)
        else:
            self.state["count"] = _added(self.state["count"], counts)


def _added(total: Counts, values: Counts) -> Counts:
    sums: Counts = np.cumsum(np.concatenate([total.reshape(1), values.reshape(-1)]))
    last: Counts = sums[-1:].reshape(())
    return last


class Mean(Averaged):
    """The weighted mean of what it is given."""

    def __init__(self, name: str | None = "mean", dtype: str | None = None) -> None:
        super().__init__(name, dtype)

    def update(self, values: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None) -> None:
        """Count values (B, …) with weights for the samples, or for each value."""
        self._count(np.asarray(values, np.float64), sample_weight)


class MeanMetricWrapper(Averaged):
    """The mean of a function of targets and outputs that gives one value for each sample."""

    def __init__(
        self,
        fn: Callable[..., npt.ArrayLike],
        name: str | None = None,
        dtype: str | None = None,
        **more: Any,
    ) -> None:
        """`fn(y_true, y_pred, **more)` gives values (B, …)."""
        super().__init__(name, dtype)
        self.fn = fn
        self.arguments = more

    def update(
        self,
        y_true: npt.ArrayLike,
        y_pred: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
    ) -> None:
        """Count one batch of targets and outputs."""
        self._count(self._values(y_true, y_pred), sample_weight)

    def of_each(
        self,
        count: int,
        y_true: npt.NDArray[Any],
        y_pred: npt.NDArray[Any],
        sample_weight: npt.NDArray[Any] | None = None,
    ) -> list[Any]:
        """As any metric's; the values of all sets at once where they are plainly averaged."""
        kind = type(self)
        if kind.update is MeanMetricWrapper.update and kind.result is Averaged.result:
            values = self._values(y_true, y_pred)
            if sample_weight is None and values.size == len(values):  # one of each sample
                totals = np.cumsum(values.reshape(count, -1), 1)[:, -1]
                found: list[Any] = (totals / (len(values) // count)).tolist()
                return found
        return super().of_each(count, y_true, y_pred, sample_weight)

    def _values(self, y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> Counts:
        values = self.fn(y_true, y_pred, **self.arguments)
        found = arguments.array(values, owner=self.name, what="its values")
        return found.astype(np.float64)


def fitted(
    owner: str, y_true: npt.ArrayLike, y_pred: npt.ArrayLike
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Targets and outputs of one shape, after Keras's help with a last axis of 1."""
    target, output = same_rank(
        arguments.array(y_true, owner=owner, what="the targets"),
        arguments.array(y_pred, owner=owner, what="the outputs"),
    )
    if target.shape != output.shape:
        raise ValueError(
            f"{owner}: the targets have the shape {target.shape}, but the outputs {output.shape}: "
            "both must have the same."
        )
    return target, output


def weights_for(
    owner: str, output: npt.NDArray[Any], sample_weight: npt.ArrayLike | None
) -> Counts:
    """A weight for each of the outputs, of those that were given for the samples; else ones."""
    if sample_weight is None:
        return np.ones(output.shape)
    weight = np.asarray(sample_weight, np.float64)
    while weight.ndim < output.ndim:
        weight = weight[..., np.newaxis]
    try:
        return np.broadcast_to(weight, output.shape)
    except ValueError:
        raise ValueError(
            f"{owner}: the sample weights have the shape {np.shape(sample_weight)}, but "
            f"the outputs {output.shape}: give one weight for each sample."
        ) from None
