"""Where weights begin, under Keras's names and with its distributions.

Each is called with a shape, a random generator and a type. One that was made with a `seed` draws
from that, the same every time, whatever generator it is given. The numbers themselves are not
Keras's: those differ between its own backends too. They are drawn in float64 and then rounded, so
that float32 and float64 networks begin alike.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod, sqrt
from typing import Any, ClassVar, final

import numpy as np
import numpy.typing as npt

from simulator.engine import arguments, names, registry
from simulator.engine.arrays import FloatArray

_TRUNCATED_STDDEV = 0.87962566103423978
"""The standard deviation of a standard normal distribution that is cut off beyond ±2."""


class Initializer(registry.Configurable, ABC):
    """Makes an array of any shape."""

    def __call__(
        self,
        shape: Sequence[int],
        rng: np.random.Generator | None = None,
        dtype: npt.DTypeLike = "float32",
    ) -> FloatArray:
        """New weights of that shape and type.

        Without a generator and without a seed of its own, an initializer that draws at random
        draws differently at each call. Raises ValueError for a shape that it cannot fill.
        """
        seed = getattr(self, "seed", None)
        if seed is not None or rng is None:
            rng = np.random.default_rng(seed)
        return np.ascontiguousarray(self._made(tuple(shape), rng), dtype)

    @abstractmethod
    def _made(self, shape: tuple[int, ...], rng: np.random.Generator, /) -> npt.ArrayLike:
        """The weights, in any type."""


@final
@dataclass(frozen=True)
class Zeros(Initializer):
    """Nothing but 0."""

    def _made(self, shape: tuple[int, ...], _rng: np.random.Generator, /) -> npt.ArrayLike:
        return np.zeros(shape)


@final
@dataclass(frozen=True)
class Ones(Initializer):
    """Nothing but 1."""

    def _made(self, shape: tuple[int, ...], _rng: np.random.Generator, /) -> npt.ArrayLike:
        return np.ones(shape)


@final
@dataclass(frozen=True, eq=False)
class Constant(Initializer):
    """One value everywhere, or an array that fills the shape by repetition along missing axes."""

    value: npt.ArrayLike = 0.0

    def _made(self, shape: tuple[int, ...], _rng: np.random.Generator, /) -> npt.ArrayLike:
        value = arguments.array(self.value, owner="Constant", what="the values")
        try:
            return np.broadcast_to(value, shape)
        except ValueError:
            raise ValueError(
                f"Constant: values of the shape {np.shape(self.value)} do not fill {shape}."
            ) from None


@final
@dataclass(frozen=True)
class Identity(Initializer):
    """1, or the gain, on the diagonal of a matrix, and 0 elsewhere."""

    gain: float = 1.0

    def _made(self, shape: tuple[int, ...], _rng: np.random.Generator, /) -> npt.ArrayLike:
        if len(shape) != 2:
            raise ValueError(f"Identity fills matrices only, and {shape} is none.")
        return self.gain * np.eye(*shape)


@final
@dataclass(frozen=True)
class RandomNormal(Initializer):
    """A normal distribution."""

    mean: float = 0.0
    stddev: float = 0.05
    seed: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        arguments.number(self.stddev, owner=type(self).__name__, argument="stddev", minimum=0)

    def _made(self, shape: tuple[int, ...], rng: np.random.Generator, /) -> npt.ArrayLike:
        return rng.normal(self.mean, self.stddev, shape)


@final
@dataclass(frozen=True)
class RandomUniform(Initializer):
    """Every value between two limits equally likely."""

    minval: float = -0.05
    maxval: float = 0.05
    seed: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        arguments.number(self.maxval, owner="RandomUniform", argument="maxval", minimum=self.minval)

    def _made(self, shape: tuple[int, ...], rng: np.random.Generator, /) -> npt.ArrayLike:
        return rng.uniform(self.minval, self.maxval, shape)


@final
@dataclass(frozen=True)
class TruncatedNormal(Initializer):
    """A normal distribution, drawn again where it strays more than two deviations off the mean."""

    mean: float = 0.0
    stddev: float = 0.05
    seed: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        arguments.number(self.stddev, owner=type(self).__name__, argument="stddev", minimum=0)

    def _made(self, shape: tuple[int, ...], rng: np.random.Generator, /) -> npt.ArrayLike:
        return self.mean + self.stddev * _truncated_normal(shape, rng)


@final
@dataclass(frozen=True)
class VarianceScaling(Initializer):
    """Variance scale / fan; mode "fan_in", "fan_out" or "fan_avg"; distribution "uniform",
    "truncated_normal" (also "normal") or "untruncated_normal".
    """

    scale: float = 1.0
    mode: str = "fan_in"
    distribution: str = "truncated_normal"
    seed: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        arguments.number(self.scale, owner="VarianceScaling", argument="scale", above=0)
        names.one_of("VarianceScaling", "mode", self.mode, ("fan_in", "fan_out", "fan_avg"))
        distribution = str(self.distribution).lower()
        if distribution == "normal":
            distribution = "truncated_normal"
        names.one_of(
            "VarianceScaling",
            "distribution",
            distribution,
            ("uniform", "truncated_normal", "untruncated_normal"),
        )
        object.__setattr__(self, "distribution", distribution)

    def _made(self, shape: tuple[int, ...], rng: np.random.Generator, /) -> npt.ArrayLike:
        return _scaled(shape, rng, self.scale, self.mode, self.distribution)


class _Named(Initializer):
    """A variance scaling that has a name of its own."""

    _scaling: ClassVar[tuple[float, str, str]]

    def _made(self, shape: tuple[int, ...], rng: np.random.Generator, /) -> npt.ArrayLike:
        return _scaled(shape, rng, *self._scaling)


@final
@dataclass(frozen=True)
class GlorotUniform(_Named):
    """Glorot & Bengio 2010, equation 16: uniform, variance 2 / (fan_in + fan_out)."""

    _scaling = (1.0, "fan_avg", "uniform")
    seed: int | None = None


@final
@dataclass(frozen=True)
class GlorotNormal(_Named):
    """Glorot & Bengio 2010: truncated normal, variance 2 / (fan_in + fan_out)."""

    _scaling = (1.0, "fan_avg", "truncated_normal")
    seed: int | None = None


@final
@dataclass(frozen=True)
class HeUniform(_Named):
    """He et al. 2015, equation 10: uniform, variance 2 / fan_in."""

    _scaling = (2.0, "fan_in", "uniform")
    seed: int | None = None


@final
@dataclass(frozen=True)
class HeNormal(_Named):
    """He et al. 2015, equation 10: truncated normal, variance 2 / fan_in."""

    _scaling = (2.0, "fan_in", "truncated_normal")
    seed: int | None = None


@final
@dataclass(frozen=True)
class LecunUniform(_Named):
    """LeCun et al. 1998, "Efficient backprop": uniform, variance 1 / fan_in."""

    _scaling = (1.0, "fan_in", "uniform")
    seed: int | None = None


@final
@dataclass(frozen=True)
class LecunNormal(_Named):
    """LeCun et al. 1998, "Efficient backprop": truncated normal, variance 1 / fan_in."""

    _scaling = (1.0, "fan_in", "truncated_normal")
    seed: int | None = None


@final
@dataclass(frozen=True)
class Orthogonal(Initializer):
    """A matrix (all axes but the last, last axis) whose rows or columns are orthonormal, times the
    gain (Saxe, McClelland & Ganguli 2014).
    """

    gain: float = 1.0
    seed: int | None = None

    def _made(self, shape: tuple[int, ...], rng: np.random.Generator, /) -> npt.ArrayLike:
        if len(shape) < 2:
            raise ValueError(f"Orthogonal fills two axes or more, and {shape} has {len(shape)}.")
        rows, columns = prod(shape[:-1]), shape[-1]
        q, r = np.linalg.qr(rng.normal(size=(max(rows, columns), min(rows, columns))))
        # Uniform over all such matrices only if the signs do not follow the decomposition's habit.
        q = q * np.where(np.diag(r) < 0, -1.0, 1.0)
        return self.gain * (q.T if rows < columns else q).reshape(shape)


@final
class FromFunction(Initializer):
    """An initializer from the caller's own function of a shape, and of a dtype if it takes one."""

    def __init__(self, function: Callable[..., npt.ArrayLike]) -> None:
        """`function(shape, dtype=…)`, as Keras calls it, or `function(shape)`."""
        self.function = function
        self._takes_dtype = "dtype" in inspect.signature(function).parameters

    def _made(self, shape: tuple[int, ...], _rng: np.random.Generator, /) -> npt.ArrayLike:
        made = np.asarray(
            self.function(shape, dtype="float64") if self._takes_dtype else self.function(shape)
        )
        if made.shape != shape:
            raise ValueError(
                f"The initializer {self.function!r} gave the shape {made.shape}, not {shape}."
            )
        return made


zeros, ones, constant, identity = Zeros, Ones, Constant, Identity
random_normal, random_uniform, truncated_normal = RandomNormal, RandomUniform, TruncatedNormal
variance_scaling, orthogonal = VarianceScaling, Orthogonal
glorot_uniform, glorot_normal = GlorotUniform, GlorotNormal
he_uniform, he_normal, lecun_uniform, lecun_normal = HeUniform, HeNormal, LecunUniform, LecunNormal

_MAKERS: Mapping[str, Callable[..., Initializer]] = registry.aliases(
    [
        GlorotUniform, GlorotNormal, HeUniform, HeNormal, LecunUniform, LecunNormal, Orthogonal,
        Zeros, Ones, Constant, Identity, RandomNormal, RandomUniform, TruncatedNormal,
        VarianceScaling,
    ],
    normal=RandomNormal,
    uniform=RandomUniform,
    zero=Zeros,
    one=Ones,
)  # fmt: skip


def get(
    identifier: Initializer
    | Callable[..., npt.ArrayLike]
    | npt.NDArray[Any]
    | str
    | dict[str, Any],
) -> Initializer:
    """The initializer of that name; an array stands for itself, a function for what it makes.

    Raises ValueError for an unknown name, TypeError for anything else.
    """
    if isinstance(identifier, np.ndarray):
        return FromFunction(lambda _: identifier)
    if callable(identifier) and not isinstance(identifier, (Initializer, type)):
        return FromFunction(identifier)
    return registry.find("initializer", Initializer, _MAKERS, identifier)


def fans(shape: Sequence[int]) -> tuple[int, int]:
    """How many inputs each output has, and how many outputs each input: the kernel's last two axes
    are inputs and outputs, the others the window.
    """
    if len(shape) < 2:
        only = shape[0] if shape else 1
        return only, only
    window = prod(shape[:-2])
    return shape[-2] * window, shape[-1] * window


def _scaled(
    shape: tuple[int, ...], rng: np.random.Generator, scale: float, mode: str, distribution: str
) -> npt.NDArray[np.float64]:
    """Weights of the variance scale / fan, which keeps signals alive through many layers."""
    fan_in, fan_out = fans(shape)
    fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[mode]
    stddev = sqrt(scale / max(1.0, fan))
    if distribution == "uniform":
        return rng.uniform(-sqrt(3) * stddev, sqrt(3) * stddev, shape)
    if distribution == "truncated_normal":
        return stddev / _TRUNCATED_STDDEV * _truncated_normal(shape, rng)
    return rng.normal(0.0, stddev, shape)


def _truncated_normal(shape: tuple[int, ...], rng: np.random.Generator) -> npt.NDArray[np.float64]:
    drawn = rng.normal(size=shape)
    while (outside := np.abs(drawn) > 2).any():
        drawn[outside] = rng.normal(size=int(outside.sum()))
    return drawn
