"""Activation functions and their derivatives, under Keras's names and with its defaults.

Each is an object: `relu(x)` computes, `relu(x, negative_slope=0.1)` computes with other arguments,
and `Relu(negative_slope=0.1)` is an activation to hand to a layer. float32 gives float32, float64
gives float64. NaN goes in and comes out, so that a network that breaks is seen to break.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np
import numpy.typing as npt

from simulator.engine import arguments, registry
from simulator.engine.arrays import FloatArray
from simulator.engine.backends.windows import ieee_arithmetic
from simulator.engine.error_function import error_function

_SELU_ALPHA = 1.6732632423543772848170429916717
_SELU_SCALE = 1.0507009873554804934193349852946


class Activation(registry.Configurable, ABC):
    """y = f(x), of any shape, and ∂L/∂x from ∂L/∂y."""

    name: ClassVar[str]

    @ieee_arithmetic
    def value(self, x: FloatArray) -> FloatArray:
        """y = f(x), of x's shape and type."""
        return self._value(x)

    @ieee_arithmetic
    def gradient(self, x: FloatArray, y: FloatArray, dy: FloatArray) -> FloatArray:
        """∂L/∂x = ∂y/∂x · dy, where y is what `value` gave for x and dy is ∂L/∂y; all one shape."""
        return self._gradient(x, y, dy)

    @abstractmethod
    def _value(self, x: FloatArray, /) -> FloatArray: ...

    @abstractmethod
    def _gradient(self, x: FloatArray, y: FloatArray, dy: FloatArray, /) -> FloatArray: ...

    def __call__(self, x: npt.ArrayLike, *given: Any, **named: Any) -> FloatArray:
        """f(x) of anything that NumPy reads, with other arguments than this one's if given."""
        values = arguments.array(x, owner=self.name, what="the values")
        if values.dtype not in (np.float32, np.float64):
            values = values.astype(np.float32)
        chosen = type(self)(*given, **named) if given or named else self
        return chosen.value(values)


def _not_negative(owner: Activation, argument: str, value: float) -> None:
    arguments.number(value, owner=owner.name, argument=argument, minimum=0)


@final
@dataclass(frozen=True)
class Linear(Activation):
    """f(x) = x."""

    name = "linear"

    def _value(self, x: FloatArray, /) -> FloatArray:
        return x

    def _gradient(self, _x: FloatArray, _y: FloatArray, dy: FloatArray, /) -> FloatArray:
        return dy


@final
@dataclass(frozen=True)
class Relu(Activation):
    """x above the threshold, slope · (x − threshold) up to it, and never above the maximum."""

    name = "relu"
    negative_slope: float = 0.0
    max_value: float | None = None
    threshold: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        _not_negative(self, "negative_slope", self.negative_slope)
        _not_negative(self, "threshold", self.threshold)
        if self.max_value is not None:
            _not_negative(self, "max_value", self.max_value)

    def _value(self, x: FloatArray, /) -> FloatArray:
        if self == _PLAIN_RELU:
            return np.maximum(x, 0)
        below: FloatArray | float = 0.0
        if self.negative_slope:
            below = self.negative_slope * (x - self.threshold)
        y = np.where(x <= self.threshold, below, x).astype(x.dtype, copy=False)
        if self.max_value is not None:
            # NumPy would widen float32 for a limit that is an array; a plain number does not.
            y = np.minimum(y, self.max_value)
        return y

    def _gradient(self, x: FloatArray, _y: FloatArray, dy: FloatArray, /) -> FloatArray:
        """At the threshold the slope is that below, at the maximum 0."""
        if self == _PLAIN_RELU:
            return dy * (x > 0)
        below = dy * self.negative_slope
        dx: FloatArray = np.where(x <= self.threshold, below, dy)
        if self.max_value is not None:
            dx[(x > self.threshold) & (x >= self.max_value)] = 0
        return dx


_PLAIN_RELU = Relu()


@final
@dataclass(frozen=True)
class LeakyRelu(Activation):
    """x for x > 0, slope · x otherwise."""

    name = "leaky_relu"
    negative_slope: float = 0.2

    def _value(self, x: FloatArray, /) -> FloatArray:
        return np.where(x > 0, x, self.negative_slope * x)

    def _gradient(self, x: FloatArray, _y: FloatArray, dy: FloatArray, /) -> FloatArray:
        return np.where(x > 0, dy, self.negative_slope * dy)


@final
@dataclass(frozen=True)
class Elu(Activation):
    """x for x > 0, α(eˣ − 1) otherwise (Clevert, Unterthiner & Hochreiter 2016)."""

    name = "elu"
    alpha: float = 1.0

    def _value(self, x: FloatArray, /) -> FloatArray:
        return np.where(x > 0, x, self.alpha * np.expm1(np.minimum(x, 0)))

    def _gradient(self, x: FloatArray, _y: FloatArray, dy: FloatArray, /) -> FloatArray:
        return np.where(x > 0, dy, dy * (self.alpha * np.exp(np.minimum(x, 0))))


@final
@dataclass(frozen=True)
class Selu(Activation):
    """The ELU that keeps mean 0 and variance 1 (Klambauer et al. 2017, "Self-normalizing neural
    networks", equation 2).
    """

    name = "selu"

    def _value(self, x: FloatArray, /) -> FloatArray:
        return np.where(
            x > 0, _SELU_SCALE * x, _SELU_SCALE * _SELU_ALPHA * np.expm1(np.minimum(x, 0))
        )

    def _gradient(self, x: FloatArray, _y: FloatArray, dy: FloatArray, /) -> FloatArray:
        below = _SELU_SCALE * _SELU_ALPHA * np.exp(np.minimum(x, 0))
        return np.where(x > 0, _SELU_SCALE * dy, dy * below)


@final
@dataclass(frozen=True)
class Gelu(Activation):
    """x · Φ(x), with Φ the normal distribution (Hendrycks & Gimpel 2016), or its tanh
    approximation.
    """

    name = "gelu"
    approximate: bool = False

    def _value(self, x: FloatArray, /) -> FloatArray:
        return x * self._share(x)

    def _gradient(self, x: FloatArray, _y: FloatArray, dy: FloatArray, /) -> FloatArray:
        share = self._share(x)
        if self.approximate:
            inner = np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * x * x)
            slope = 2 * share * (1 - share) * inner
        else:
            slope = np.exp(-0.5 * x * x) / np.sqrt(2 * np.pi)
        slope = slope.astype(x.dtype, copy=False)
        dx: FloatArray = dy * (share + x * slope)
        return dx

    def _share(self, x: FloatArray) -> FloatArray:
        """Φ(x), of x's type: NumPy's own constants are float64 arrays, and would widen it."""
        if self.approximate:
            inner = float(np.sqrt(2 / np.pi)) * (x + 0.044715 * x * x * x)
            doubled: FloatArray = 1 + np.tanh(inner)
        else:
            doubled = 1 + error_function(x * float(np.sqrt(0.5)))
        share: FloatArray = doubled / 2
        return share


@final
@dataclass(frozen=True)
class Sigmoid(Activation):
    """1 / (1 + e⁻ˣ)."""

    name = "sigmoid"

    def _value(self, x: FloatArray, /) -> FloatArray:
        return logistic(x)

    def _gradient(self, _x: FloatArray, y: FloatArray, dy: FloatArray, /) -> FloatArray:
        return dy * (y * (1 - y))


@final
@dataclass(frozen=True)
class Tanh(Activation):
    """(eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)."""

    name = "tanh"

    def _value(self, x: FloatArray, /) -> FloatArray:
        y: FloatArray = np.tanh(x)
        return y

    def _gradient(self, _x: FloatArray, y: FloatArray, dy: FloatArray, /) -> FloatArray:
        return dy * (1 - y * y)


@final
@dataclass(frozen=True)
class Softplus(Activation):
    """log(1 + eˣ)."""

    name = "softplus"

    def _value(self, x: FloatArray, /) -> FloatArray:
        return log_one_plus_exp(x)

    def _gradient(self, x: FloatArray, _y: FloatArray, dy: FloatArray, /) -> FloatArray:
        return dy * logistic(x)


@final
@dataclass(frozen=True)
class Softsign(Activation):
    """x / (1 + |x|)."""

    name = "softsign"

    def _value(self, x: FloatArray, /) -> FloatArray:
        y: FloatArray = x / (1 + np.abs(x))
        return y

    def _gradient(self, x: FloatArray, _y: FloatArray, dy: FloatArray, /) -> FloatArray:
        dx: FloatArray = dy / np.square(1 + np.abs(x))
        return dx


@final
@dataclass(frozen=True)
class Silu(Activation):
    """x · σ(x), also called swish (Ramachandran, Zoph & Le 2017)."""

    name = "silu"

    def _value(self, x: FloatArray, /) -> FloatArray:
        return x * logistic(x)

    def _gradient(self, x: FloatArray, _y: FloatArray, dy: FloatArray, /) -> FloatArray:
        share = logistic(x)
        return dy * (share * (1 + x * (1 - share)))


@final
@dataclass(frozen=True)
class Softmax(Activation):
    """eˣ / Σ eˣ along one axis, by default the last: probabilities that add up to 1."""

    name = "softmax"
    axis: int = -1

    def _value(self, x: FloatArray, /) -> FloatArray:
        if not -x.ndim <= self.axis < x.ndim:
            raise ValueError(f"softmax: values of the shape {x.shape} have no axis {self.axis}.")
        exponential = np.exp(x - np.max(x, self.axis, keepdims=True))
        y: FloatArray = exponential / np.sum(exponential, self.axis, keepdims=True)
        return y

    def _gradient(self, _x: FloatArray, y: FloatArray, dy: FloatArray, /) -> FloatArray:
        """∂L/∂xᵢ = yᵢ (∂L/∂yᵢ − Σⱼ yⱼ ∂L/∂yⱼ)."""
        dx: FloatArray = y * (dy - np.sum(y * dy, self.axis, keepdims=True))
        return dx


def logistic(x: FloatArray) -> FloatArray:
    """1 / (1 + e⁻ˣ), which never overflows because the exponent is never positive."""
    small = np.exp(-np.abs(x))
    y: FloatArray = np.where(x < 0, small, np.ones_like(small)) / (1 + small)
    return y


def log_one_plus_exp(x: FloatArray) -> FloatArray:
    """log(1 + eˣ), which never overflows, and is exact where eˣ is small beside 1."""
    y: FloatArray = np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
    return y


linear = Linear()
relu = _PLAIN_RELU
leaky_relu = LeakyRelu()
elu = Elu()
selu = Selu()
gelu = Gelu()
sigmoid = Sigmoid()
tanh = Tanh()
softplus = Softplus()
softsign = Softsign()
silu = swish = Silu()
softmax = Softmax()

_MAKERS: Mapping[str, Callable[..., Activation]] = {
    each.name: type(each)
    for each in (
        linear, relu, leaky_relu, elu, selu, gelu, sigmoid, tanh, softplus, softsign, silu, softmax
    )
} | {"swish": Silu}  # fmt: skip


def get(identifier: Activation | str | dict[str, Any] | None) -> Activation:
    """The activation of that name; `linear` for None.

    Raises ValueError for a name that is not known, and TypeError for a function of the caller's
    own, whose derivative nobody can know: that is to be a subclass of Activation.
    """
    if identifier is None:
        return linear
    if callable(identifier) and not isinstance(identifier, (Activation, type)):
        raise TypeError(
            f"{identifier!r} is a function without a derivative: write a subclass of "
            "simulator.engine.activations.Activation, with a value and a gradient."
        )
    return registry.find("activation", Activation, _MAKERS, identifier)
