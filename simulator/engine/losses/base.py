"""What every loss is: a value for each sample, one number for the batch, and its slope.

As in Keras, targets take the type of the outputs, and "sum_over_batch_size" divides by the number
of values, whatever their weights add up to.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from simulator.engine import arguments, names, registry
from simulator.engine.arrays import FloatArray
from simulator.engine.backends.windows import ieee_arithmetic

if TYPE_CHECKING:
    from simulator.engine.activations import Activation

EPSILON = 1e-7
"""Keras's: probabilities are kept this far from 0 and 1 before their logarithm is taken."""

_REDUCTIONS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none")


@dataclass(frozen=True)
class Loss(registry.Configurable, ABC):
    """A subclass says in `_values` what each sample costs, and in `_slopes` how that changes.

    Shapes: B batch; outputs (B, …, C) give values (B, …), one axis less.
    """

    default_name: ClassVar[str] = ""
    """A name other than the class's in snake case."""

    _: KW_ONLY
    reduction: str | None = "sum_over_batch_size"
    name: str = ""
    dtype: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.reduction is not None:
            names.one_of(type(self).__name__, "reduction", self.reduction, _REDUCTIONS)
        if not self.name:
            name = self.default_name or names.snake_case(type(self).__name__)
            object.__setattr__(self, "name", name)

    @ieee_arithmetic
    def __call__(
        self,
        y_true: npt.ArrayLike,
        y_pred: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
    ) -> Any:
        """The loss of a batch: one number of y_pred's type, or all values if nothing is reduced."""
        target, output = self._fitted(y_true, y_pred)
        return self._reduced(self._values(target, output), target, sample_weight)

    @ieee_arithmetic
    def of_batches(
        self,
        y_true: npt.ArrayLike,
        y_pred: npt.ArrayLike,
        sample_weight: npt.NDArray[Any] | None,
        size: int,
    ) -> list[float]:
        """The losses of batches of `size` samples that lie one after another, the last one smaller
        where there is a rest: what calling the loss with each of them gives.
        """
        target, output = self._fitted(y_true, y_pred)
        values = self._values(target, output)
        found: list[float] = []
        if sample_weight is None and self._mask(target) is None:  # then all values count the same
            count = size * math.prod(values.shape[1:])
            sums = np.sum(values[: len(values) // size * size].reshape(-1, count), 1)
            divisor = 1 if self.reduction == "sum" else count
            found = (sums / values.dtype.type(divisor)).tolist()
        for start in range(len(found) * size, len(values), size):
            some = slice(start, start + size)
            weight = None if sample_weight is None else sample_weight[some]
            found.append(float(self._reduced(values[some], target[some], weight)))
        return found

    def _reduced(
        self, values: FloatArray, target: FloatArray, sample_weight: npt.ArrayLike | None
    ) -> Any:
        weight, divisor = self._weights(values, target, sample_weight)
        values = values * weight
        if self.reduction in (None, "none"):
            return values
        return np.sum(values) / values.dtype.type(divisor) if divisor else values.dtype.type(0)

    @ieee_arithmetic
    def value(self, y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> FloatArray:
        """What each sample costs, without weights: (B, …) for outputs (B, …, C).

        Raises ValueError if the shapes do not fit each other.
        """
        return self._values(*self._fitted(y_true, y_pred))

    @ieee_arithmetic
    def gradient(
        self,
        y_true: npt.ArrayLike,
        y_pred: npt.ArrayLike,
        weight: npt.ArrayLike | None = None,
    ) -> FloatArray:
        """∂L/∂y_pred, of y_pred's shape, where L is what calling the loss with these weights gives;
        the slope of the sum where nothing is reduced.
        """
        target, output = self._fitted(y_true, y_pred)
        return self._weighted(self._slopes(target, output), target, output, weight).reshape(
            np.shape(y_pred)
        )

    @ieee_arithmetic
    def gradient_through(
        self,
        activation: Activation,
        y_true: npt.ArrayLike,
        y_pred: npt.ArrayLike,
        weight: npt.ArrayLike | None = None,
    ) -> FloatArray | None:
        """∂L/∂z, where y_pred = activation(z): the two slopes in one formula that divides by
        nothing, or None where there is none for this pair and the slopes are to be multiplied.
        """
        target, output = self._fitted(y_true, y_pred)
        slopes = self._slopes_through(activation, target, output)
        if slopes is None:
            return None
        return self._weighted(slopes, target, output, weight).reshape(np.shape(y_pred))

    @abstractmethod
    def _values(self, target: FloatArray, output: FloatArray, /) -> FloatArray:
        """What each sample costs."""

    @abstractmethod
    def _slopes(self, target: FloatArray, output: FloatArray, /) -> FloatArray:
        """The derivative of each value by its own outputs, of the output's shape."""

    def _slopes_through(
        self, _activation: Activation, _target: FloatArray, _output: FloatArray, /
    ) -> FloatArray | None:
        return None

    def _mask(self, _target: FloatArray, /) -> npt.NDArray[np.bool_] | None:
        """Which values count, where some do not."""
        return None

    def _reduced_axis(self) -> int:
        return -1

    def _fitted(
        self, y_true: npt.ArrayLike, y_pred: npt.ArrayLike
    ) -> tuple[FloatArray, FloatArray]:
        """Both as float arrays of one type and shape, after Keras's help with a last axis of 1."""
        output = self._floats(y_pred)
        given = arguments.array(y_true, owner=self.name, what="the targets")
        target, output = same_rank(given.astype(output.dtype, copy=False), output)
        if target.shape != output.shape:
            raise self._misfit(target.shape, output.shape)
        return target, output

    def _floats(self, y_pred: npt.ArrayLike) -> FloatArray:
        output = arguments.array(y_pred, owner=self.name, what="the outputs")
        axis = self._reduced_axis()
        if output.ndim and not -output.ndim <= axis < output.ndim:
            raise ValueError(
                f"{self.name}: outputs of the shape {output.shape} have no axis {axis}."
            )
        if not output.size:
            raise ValueError(f"{self.name}: there are no outputs: their shape is {output.shape}.")
        if self.dtype is not None:
            return output.astype(self.dtype, copy=False)
        if output.dtype not in (np.float32, np.float64):
            return output.astype(np.float32)
        return output

    def _misfit(self, target: tuple[int, ...], output: tuple[int, ...]) -> ValueError:
        return ValueError(
            f"{self.name}: the targets have the shape {target}, but the outputs {output}: "
            "both must have the same."
        )

    def _weights(
        self, values: FloatArray, target: FloatArray, weight: npt.ArrayLike | None
    ) -> tuple[FloatArray, float]:
        """What each value counts, of the values' shape, and what their sum is divided by."""
        each = np.ones_like(values)
        if weight is not None:
            each = each * fitted_weight(values, weight, self.name)
        total = float(np.sum(each))
        mask = self._mask(target)
        if mask is not None:
            each = each * mask
            total = float(np.sum(each))
            if self.reduction in ("sum_over_batch_size", "mean"):
                counted = float(np.sum(mask))
                each = each * (mask.size / counted if counted else 0.0)
                each = each.astype(values.dtype, copy=False)
        if self.reduction in (None, "none", "sum"):
            return each, 1.0
        if self.reduction == "mean_with_sample_weight" and (weight is not None or mask is not None):
            return each, total
        return each, float(values.size)

    def _weighted(
        self,
        slopes: FloatArray,
        target: FloatArray,
        output: FloatArray,
        weight: npt.ArrayLike | None,
    ) -> FloatArray:
        axis = self._reduced_axis()
        shape = list(output.shape)
        if shape:
            del shape[axis]
        each, divisor = self._weights(np.empty(shape, output.dtype), target, weight)
        each = each / each.dtype.type(divisor) if divisor else np.zeros_like(each)
        return slopes * (np.expand_dims(each, axis) if output.ndim else each)


class LossFunction:
    """The values of a loss for each sample, as a function: `mean_squared_error(y_true, y_pred)`."""

    def __init__(self, loss_class: type[Loss]) -> None:
        """A function named after the class."""
        self.loss_class = loss_class
        self.__name__ = names.snake_case(loss_class.__name__)

    def __call__(
        self, y_true: npt.ArrayLike, y_pred: npt.ArrayLike, **arguments: Any
    ) -> FloatArray:
        """(B, …) for outputs (B, …, C); arguments as the class takes them."""
        return self.loss_class(**arguments).value(y_true, y_pred)

    def __repr__(self) -> str:
        return f"<loss function {self.__name__}>"


def same_rank(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> tuple[Any, Any]:
    """Keras's help where one array has a last axis of length 1 that the other lacks: a list of
    numbers gets it too, and from anything longer it is taken away.
    """
    if first.ndim == second.ndim + 1 and first.shape[-1] == 1:
        if second.ndim == 1:
            return first, second[:, np.newaxis]
        return first[..., 0], second
    if second.ndim == first.ndim + 1 and second.shape[-1] == 1:
        if first.ndim == 1:
            return first[:, np.newaxis], second
        return first, second[..., 0]
    return first, second


def fitted_weight(values: FloatArray, weight: npt.ArrayLike, owner: str) -> FloatArray:
    """Weights of the values' shape: given for each value, or for each sample along further axes."""
    given = arguments.array(weight, owner=owner, what="the sample weights")
    each = given.astype(values.dtype, copy=False)
    if each.ndim == values.ndim + 1 and each.shape[-1] == 1:
        each = each[..., 0]
    while 0 < each.ndim < values.ndim:
        each = each[..., np.newaxis]
    try:
        return np.broadcast_to(each, values.shape)
    except ValueError:
        raise ValueError(
            f"{owner}: the sample weights have the shape {np.shape(weight)}, but there are "
            f"{values.shape} values to weigh: give one weight for each sample."
        ) from None
