"""Histograms and bars, one for each layer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from math import log10

from simulator.lab.presenting import words
from simulator.lab.presenting.pictures import Histogram, LayerBar
from simulator.lab.snapshot import DeadUnits
from simulator.lab.snapshot import Histogram as Counted

_LEAST_RATIO, _MOST_RATIO = -6.0, 0.0
"""Powers of ten between which update ratios are drawn."""
RATIO_RANGE = (1e-5, 1e-1)
"""Ratios outside of this are marked: hardly any change, or hardly anything that stays."""
_LEAST_NORM, _MOST_NORM = -8.0, 3.0
NORM_RANGE = (1e-7, 1e2)
DEAD_SHARE = 0.5
"""From this share of dead units on a layer is marked."""


def histograms(counted: Mapping[str, Counted], *, weights: bool) -> tuple[Histogram, ...]:
    """Return the histograms as they are drawn; of ``weights`` the biases are left out. A layer's
    only weights are called by the layer alone.
    """
    shown = {name: one for name, one in counted.items() if not weights or _is_no_bias(name)}
    owners = Counter(name.partition("/")[0] for name in shown)
    return tuple(
        Histogram(
            _called(name, owners) if weights else name,
            each.counts,
            words.figure(each.low),
            words.figure(each.high),
        )
        for name, each in shown.items()
    )


def _called(name: str, owners: Mapping[str, int]) -> str:
    owner = name.partition("/")[0]
    return owner if owners[owner] == 1 else name


def _is_no_bias(name: str) -> bool:
    return not name.endswith("bias")


def norms(by_layer: Mapping[str, float]) -> tuple[LayerBar, ...]:
    """Return the norms of the gradients, on a scale of powers of ten."""
    return tuple(
        LayerBar(name, _power(value, _LEAST_NORM, _MOST_NORM), words.figure(value),
                 _outside(value, NORM_RANGE))
        for name, value in by_layer.items()
    )  # fmt: skip


def ratios(by_layer: Mapping[str, float]) -> tuple[LayerBar, ...]:
    """Return how large the last update was beside the weights, on a scale of powers of ten."""
    return tuple(
        LayerBar(name, _power(value, _LEAST_RATIO, _MOST_RATIO), words.figure(value),
                 _outside(value, RATIO_RANGE))
        for name, value in by_layer.items()
    )  # fmt: skip


def dead(by_layer: Mapping[str, DeadUnits]) -> tuple[LayerBar, ...]:
    """Return how many units of each layer are never above zero."""
    return tuple(
        LayerBar(name, each.dead / max(each.of, 1), f"{each.dead:,} of {each.of:,}",
                 each.dead / max(each.of, 1) >= DEAD_SHARE)
        for name, each in by_layer.items()
    )  # fmt: skip


def _power(value: float, least: float, most: float) -> float:
    if not value > 0:
        return 0.0
    return min(max((log10(value) - least) / (most - least), 0.0), 1.0)


def _outside(value: float, limits: tuple[float, float]) -> bool:
    return not limits[0] <= value <= limits[1]
