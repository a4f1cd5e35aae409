"""The kinds of pooling, and the trace of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.geometry import GeometryError, WindowGeometry
from simulator.traces.pooling_combined import MaxPoolingTrace
from simulator.traces.pooling_expected import ExpectedPoolingTrace
from simulator.traces.pooling_sampled import SampledPoolingTrace
from simulator.traces.pooling_sums import AveragePoolingTrace, LpPoolingTrace
from simulator.traces.pooling_trace import PoolingTrace

__all__ = ["POOLING_KINDS", "PoolingKind", "PoolingTrace", "pooling_trace"]

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class PoolingKind:
    """A kind of pooling, and what has to be given beside the input.

    A kind that ``covers_all`` has one window, the whole input.
    """

    id: str
    label: str
    description: str
    covers_all: bool = False
    takes_order: bool = False
    takes_draws: bool = False


POOLING_KINDS = (
    PoolingKind("max", "Maximum", "Keeps the largest value under each window."),
    PoolingKind("average", "Average", "Takes the mean of the values under each window."),
    PoolingKind(
        "lp",
        "Lp norm",
        "Adds up the absolute values to the power p and takes the p-th root; the larger p, the "
        "closer to the maximum.",
        takes_order=True,
    ),
    PoolingKind(
        "stochastic_training",
        "Stochastic, training",
        "Draws one value of each window at random; the larger a value, the likelier it is drawn.",
        takes_draws=True,
    ),
    PoolingKind(
        "stochastic_inference",
        "Stochastic, inference",
        "Takes the mean of the values under each window, weighted with their probabilities.",
    ),
    PoolingKind(
        "global_max",
        "Global maximum",
        "Keeps the largest value of each channel.",
        covers_all=True,
    ),
    PoolingKind(
        "global_average",
        "Global average",
        "Takes the mean of each channel.",
        covers_all=True,
    ),
)


def pooling_trace(
    kind: str,
    x: Array,
    *,
    geometry: WindowGeometry,
    backend: Backend,
    order: float | None = None,
    draws: Array | None = None,
) -> PoolingTrace:
    """Pool ``x`` (H, W, C) on ``backend`` and return the trace of it.

    ``order`` is that of Lp pooling, a number of 1 or more. ``draws`` (OH, OW, C), of x's type and
    each from [0, 1), decide what stochastic pooling in training picks. The geometry of global
    pooling is ``WindowGeometry.whole``.

    Raises:
        GeometryError: the sizes don't go together, or the order is below 1.
        ValueError: there is no such kind, or its order or draws are missing.
    """
    batch = x[None]
    match kind:
        case "max":
            output, choice = backend.max_pooling2d(batch, geometry=geometry)
            return MaxPoolingTrace(x, output[0], choice[0], geometry=geometry)
        case "average":
            output = backend.average_pooling2d(batch, geometry=geometry)
            return AveragePoolingTrace(x, output[0], geometry=geometry)
        case "lp":
            if order is None:
                raise ValueError("Lp pooling needs an order: give a number of 1 or more.")
            output = backend.lp_pooling2d(batch, order=order, geometry=geometry)
            return LpPoolingTrace(x, output[0], geometry=geometry, order=float(order))
        case "stochastic_training":
            if draws is None:
                raise ValueError("Stochastic pooling needs draws: give one for each output cell.")
            output, choice = backend.stochastic_pooling2d(batch, draws[None], geometry=geometry)
            return SampledPoolingTrace(
                x, output[0], choice[0], draws, geometry=geometry, backend=backend
            )
        case "stochastic_inference":
            output = backend.stochastic_pooling2d_expected(batch, geometry=geometry)
            return ExpectedPoolingTrace(x, output[0], geometry=geometry, backend=backend)
        case "global_max":
            _check_whole(geometry)
            output, choice = backend.global_max_pooling2d(batch)
            return MaxPoolingTrace(x, output[:, None], choice[:, None], geometry=geometry)
        case "global_average":
            _check_whole(geometry)
            output = backend.global_average_pooling2d(batch)
            return AveragePoolingTrace(x, output[:, None], geometry=geometry)
    listed = ", ".join(known.id for known in POOLING_KINDS)
    raise ValueError(f"There is no pooling kind {kind!r}: choose one of {listed}.")


def _check_whole(geometry: WindowGeometry) -> None:
    height, width = geometry.input_size
    if geometry != WindowGeometry.whole(geometry.input_size):
        kernel_height, kernel_width = geometry.kernel_size
        raise GeometryError(
            f"The window is {kernel_height} × {kernel_width}: global pooling has one window over "
            f"the whole {height} × {width} input.",
            parameter="kernel_size",
        )
