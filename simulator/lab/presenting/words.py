"""Numbers and shapes in words, as the lab writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor, isfinite, log10

from simulator.formats import objectives
from simulator.formats.json_values import Json
from simulator.traces.numbers import written

_SHARES = ("accuracy", "precision", "recall", "auc", "f1")
"""Metrics from 0 to 1 that are told in percent."""
_SMALL, _LARGE = 1e-3, 1e5
"""Outside of these a number takes an exponent."""


def shape(lengths: Sequence[int | None], times: str = " × ") -> str:
    """Return a shape, as "8 × 8 × 1"; a length that varies is "any"."""
    if not lengths:
        return "1"
    return times.join("any" if length is None else f"{length:,}" for length in lengths)


def is_share(metric: str) -> bool:
    """Return whether a metric is told in percent."""
    return any(each in metric.lower() for each in _SHARES)


def metric(name: str, value: float) -> str:
    """Return a metric's value: 0.928 of an accuracy as "92.8 %"."""
    return f"{100 * value:.1f} %" if is_share(name) else figure(value)


def figure(value: float) -> str:
    """Return a number with three significant digits, or all digits of a large one."""
    if not isfinite(value) or value == 0 or not _SMALL <= abs(value) < _LARGE:
        return written(value)
    rounded = float(f"{value:.2e}")  # 0.09999 is told as 0.100, not as 0.1000
    return written(value, max(0, 2 - floor(log10(abs(rounded)))))


def compact(count: int) -> str:
    """Return a count with three digits where it is a large one: 14,714,688 as "14.7 M"."""
    for unit, factor in (("M", 1_000_000), ("k", 1_000)):
        if count >= 100 * factor or (unit == "M" and count >= factor):
            return f"{count / factor:.3g} {unit}"
    return f"{count:,}"


def title(name: str) -> str:
    """Return a metric's name for people: "val_sparse_top_k" as "Sparse top k"."""
    return name.removeprefix("val_").replace("_", " ").capitalize()


def quoted(name: str) -> str:
    """Return the name of a class within a sentence: a letter alone would be read as a word."""
    return f"“{name}”" if len(name) == 1 and not name.isdigit() else name


def named(value: Json) -> str:
    """Return what an optimizer, a loss or a metric is called; of several, as "mse + mae"."""
    if objectives.is_several(value):
        each = value.values() if isinstance(value, Mapping) else value
        return " + ".join(dict.fromkeys(named(one) for one in each if one is not None))
    if isinstance(value, Mapping):
        return str(value.get("class_name", ""))
    return str(value)


def size(nbytes: float) -> str:
    """Return a number of bytes, as "about 12 KB"."""
    for unit, factor in (("GB", 2**30), ("MB", 2**20), ("KB", 2**10)):
        if nbytes >= factor:
            return f"{nbytes / factor:.3g} {unit}"
    return f"{nbytes:.0f} bytes"
