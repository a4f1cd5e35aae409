"""Cross-entropies: how unlikely a network thought what was true.

Outputs are probabilities, or logits with from_logits. Probabilities are kept within 1e-7 and
1 − 1e-7 before their logarithm is taken, as Keras keeps them; beyond, the slope is 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np
import numpy.typing as npt

from simulator.engine import arguments
from simulator.engine.activations import Activation, Sigmoid, Softmax, log_one_plus_exp, logistic
from simulator.engine.arrays import FloatArray
from simulator.engine.losses.base import EPSILON, Loss


@final
@dataclass(frozen=True)
class BinaryCrossentropy(Loss):
    """mean −(t log p + (1 − t) log(1 − p)); label smoothing draws the targets towards ½."""

    from_logits: bool = False
    label_smoothing: float = 0.0
    axis: int = -1

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_smoothing(self.name, self.label_smoothing)

    def _reduced_axis(self) -> int:
        return self.axis

    def _smooth(self, target: FloatArray) -> FloatArray:
        if not self.label_smoothing:
            return target
        smooth: FloatArray = target * (1 - self.label_smoothing) + 0.5 * self.label_smoothing
        return smooth

    def _values(self, target: FloatArray, output: FloatArray, /) -> FloatArray:
        target = self._smooth(target)
        if self.from_logits:
            each = log_one_plus_exp(output) - target * output
        else:
            p = np.clip(output, EPSILON, 1 - EPSILON)
            each = -(target * np.log(p) + (1 - target) * np.log1p(-p))
        values: FloatArray = np.mean(each, self.axis)
        return values

    def _slopes(self, target: FloatArray, output: FloatArray, /) -> FloatArray:
        target = self._smooth(target)
        if self.from_logits:
            slopes = logistic(output) - target
        else:
            p = np.clip(output, EPSILON, 1 - EPSILON)
            slopes = (p == output) * (p - target) / (p * (1 - p))
        mean: FloatArray = slopes / output.shape[self.axis]
        return mean

    def _slopes_through(
        self, activation: Activation, target: FloatArray, output: FloatArray, /
    ) -> FloatArray | None:
        if self.from_logits or not isinstance(activation, Sigmoid):
            return None
        kept = np.clip(output, EPSILON, 1 - EPSILON) == output
        slopes: FloatArray = kept * (output - self._smooth(target)) / output.shape[self.axis]
        return slopes


@final
@dataclass(frozen=True)
class CategoricalCrossentropy(Loss):
    """−Σ t log p over the classes, for targets that are one-hot or probabilities themselves.

    Probabilities are first divided by their sum. Label smoothing draws the targets towards
    1 / (number of classes).
    """

    from_logits: bool = False
    label_smoothing: float = 0.0
    axis: int = -1

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_smoothing(self.name, self.label_smoothing)

    def _reduced_axis(self) -> int:
        return self.axis

    def _smooth(self, target: FloatArray) -> FloatArray:
        if not self.label_smoothing:
            return target
        classes = target.shape[-1]
        smooth: FloatArray = target * (1 - self.label_smoothing) + self.label_smoothing / classes
        return smooth

    def _values(self, target: FloatArray, output: FloatArray, /) -> FloatArray:
        logarithms = _log_probabilities(output, self.axis, from_logits=self.from_logits)
        values: FloatArray = -np.sum(self._smooth(target) * logarithms, self.axis)
        return values

    def _slopes(self, target: FloatArray, output: FloatArray, /) -> FloatArray:
        return _categorical_slopes(
            self._smooth(target), output, self.axis, from_logits=self.from_logits
        )

    def _slopes_through(
        self, activation: Activation, target: FloatArray, output: FloatArray, /
    ) -> FloatArray | None:
        if self.from_logits or not _is_softmax_over(activation, self.axis, output.ndim):
            return None
        return _softmax_slopes(self._smooth(target), output, self.axis)


@final
@dataclass(frozen=True)
class SparseCategoricalCrossentropy(Loss):
    """−log p of the true class, for targets that are class numbers: (B, …) or (B, …, 1).

    Samples of the class `ignore_class` cost nothing and do not count.
    """

    from_logits: bool = False
    ignore_class: int | None = None
    axis: int = -1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.ignore_class is not None:
            arguments.axis(self.ignore_class, owner=type(self).__name__, argument="ignore_class")

    def _reduced_axis(self) -> int:
        return self.axis

    def _fitted(
        self, y_true: npt.ArrayLike, y_pred: npt.ArrayLike
    ) -> tuple[FloatArray, FloatArray]:
        """Class numbers (B, …) and outputs (B, …, C)."""
        output = self._floats(y_pred)
        target = arguments.array(y_true, owner=self.name, what="the targets")
        if output.ndim and target.ndim == output.ndim and target.shape[self.axis] == 1:
            target = np.squeeze(target, self.axis)
        expected = list(output.shape)
        if expected:
            del expected[self.axis]
        if target.shape == output.shape and expected:
            raise ValueError(
                f"{self.name}: the targets have the shape {target.shape}, one number for each "
                "class: give class numbers, or choose categorical_crossentropy."
            )
        if list(target.shape) != expected or not output.ndim:
            raise ValueError(
                f"{self.name}: the targets have the shape {target.shape}, but outputs of the shape "
                f"{output.shape} need class numbers of the shape {tuple(expected)}."
            )
        # Class numbers as floats would not be exact beyond 2²⁴; they are cast where they index.
        return target, output

    def _classes(self, target: npt.NDArray[Any], output: FloatArray) -> npt.NDArray[np.int64]:
        """The class numbers, checked, with 0 in place of what is ignored."""
        if self.ignore_class is not None:
            target = np.where(target == self.ignore_class, 0, target)
        count = output.shape[self.axis]
        if target.size and not (np.min(target) >= 0 and np.max(target) < count):
            raise ValueError(
                f"{self.name}: the targets run from {np.min(target)} to {np.max(target)}, but "
                f"{count} outputs stand for the classes 0 to {count - 1}."
            )
        return target.astype(np.int64)

    def _mask(self, target: npt.NDArray[Any], /) -> npt.NDArray[np.bool_] | None:
        if self.ignore_class is None:
            return None
        return np.asarray(target != self.ignore_class)

    def _values(self, target: npt.NDArray[Any], output: FloatArray, /) -> FloatArray:
        logarithms = _log_probabilities(output, self.axis, from_logits=self.from_logits)
        classes = np.expand_dims(self._classes(target, output), self.axis)
        values = -np.take_along_axis(logarithms, classes, self.axis).squeeze(self.axis)
        mask = self._mask(target)
        if mask is not None:
            values[~mask] = 0
        return values

    def _slopes(self, target: npt.NDArray[Any], output: FloatArray, /) -> FloatArray:
        return _categorical_slopes(
            self._one_hot(target, output), output, self.axis, from_logits=self.from_logits
        )

    def _slopes_through(
        self, activation: Activation, target: npt.NDArray[Any], output: FloatArray, /
    ) -> FloatArray | None:
        if self.from_logits or not _is_softmax_over(activation, self.axis, output.ndim):
            return None
        return _softmax_slopes(self._one_hot(target, output), output, self.axis)

    def _one_hot(self, target: npt.NDArray[Any], output: FloatArray) -> FloatArray:
        classes = np.expand_dims(self._classes(target, output), self.axis)
        one_hot = np.zeros_like(output)
        np.put_along_axis(one_hot, classes, 1, self.axis)
        return one_hot


def _log_probabilities(output: FloatArray, axis: int, *, from_logits: bool) -> FloatArray:
    logarithms: FloatArray
    if from_logits:
        shifted = output - np.max(output, axis, keepdims=True)
        logarithms = shifted - np.log(np.sum(np.exp(shifted), axis, keepdims=True))
        return logarithms
    shares = output / np.sum(output, axis, keepdims=True)
    logarithms = np.log(np.clip(shares, EPSILON, 1 - EPSILON))
    return logarithms


def _categorical_slopes(
    target: FloatArray, output: FloatArray, axis: int, *, from_logits: bool
) -> FloatArray:
    slopes: FloatArray
    if from_logits:
        p = Softmax(axis=axis).value(output)
        slopes = p * np.sum(target, axis, keepdims=True) - target
        return slopes
    total = np.sum(output, axis, keepdims=True)
    shares = output / total
    kept = np.clip(shares, EPSILON, 1 - EPSILON)
    slopes = (kept == shares) * -target / kept
    # The share of each class depends on the outputs of all.
    through_total: FloatArray = (slopes - np.sum(slopes * shares, axis, keepdims=True)) / total
    return through_total


def _softmax_slopes(target: FloatArray, output: FloatArray, axis: int) -> FloatArray:
    """∂(−Σ t log p)/∂z for p = softmax(z): p Σt − t, without the classes whose p is clipped."""
    kept = np.clip(output, EPSILON, 1 - EPSILON) == output
    target = target * kept
    slopes: FloatArray = output * np.sum(target, axis, keepdims=True) - target
    return slopes


def _is_softmax_over(activation: Activation, axis: int, axes: int) -> bool:
    return isinstance(activation, Softmax) and activation.axis % axes == axis % axes


def _check_smoothing(owner: str, smoothing: float) -> None:
    arguments.number(smoothing, owner=owner, argument="label_smoothing", minimum=0, maximum=1)
