"""Waves and walks to forecast, and kinds of waves to tell apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from simulator.data.datasets.dataset import Column, Samples
from simulator.data.datasets.entry import DatasetEntry
from simulator.data.datasets.settings import (
    TARGETS,
    TRAIN_SHARE,
    Real,
    Setting,
    Settings,
    length,
    samples,
)

Series: TypeAlias = npt.NDArray[np.float64]
Course: TypeAlias = Callable[[Settings, int, np.random.Generator], Series]
"""What a family is: from settings and a number of steps to series (N, steps)."""

PERIOD = Real(
    name="period",
    label="Period",
    help="Steps of one wave, on average: each series has its own, up to 30 % off.",
    default=20.0,
    minimum=4.0,
    maximum=200.0,
)
DAMPING = Real(
    name="damping",
    label="Damping",
    help="Steps until a wave has fallen to 1/e, about 0.37, of its height.",
    default=30.0,
    minimum=2.0,
    maximum=1000.0,
)


def _noise(default: float) -> Real:
    return Real(
        name="noise",
        label="Noise",
        help="Standard deviation of what is added to every value; the waves are 1 high.",
        default=default,
        minimum=0.0,
        maximum=1.0,
    )


def _phases(settings: Settings, steps: int, generator: np.random.Generator) -> Series:
    """2π t / period + φ, (N, steps), with a period and a phase φ of its own for each series."""
    count = settings["samples"]
    period = settings["period"] * generator.uniform(0.7, 1.3, (count, 1))
    phase = generator.uniform(0, 2 * np.pi, (count, 1))
    angle: Series = phase + 2 * np.pi * np.arange(steps) / period
    return angle


def _noisy(series: Series, settings: Settings, generator: np.random.Generator) -> Series:
    return series + float(settings["noise"]) * generator.standard_normal(series.shape)


def _sine(settings: Settings, steps: int, generator: np.random.Generator) -> Series:
    return _noisy(np.sin(_phases(settings, steps, generator)), settings, generator)


def _damped(settings: Settings, steps: int, generator: np.random.Generator) -> Series:
    fallen = np.exp(-np.arange(steps) / settings["damping"])
    return _noisy(fallen * np.sin(_phases(settings, steps, generator)), settings, generator)


def _two_waves(settings: Settings, steps: int, generator: np.random.Generator) -> Series:
    """Two thirds of a wave, and one third of another that is 2.7 times as fast."""
    slow = _phases(settings, steps, generator)
    faster = generator.uniform(0, 2 * np.pi, (len(slow), 1)) + 2.7 * slow
    return _noisy((2 * np.sin(slow) + np.sin(faster)) / 3, settings, generator)


def _walk(settings: Settings, steps: int, generator: np.random.Generator) -> Series:
    """Sums of normal steps; divided by √steps, the deviation of the last value is 1."""
    steps_taken = generator.standard_normal((settings["samples"], steps))
    walked: Series = steps_taken.cumsum(axis=1) / np.sqrt(steps)
    return walked


def _forecast(
    identity: str, title: str, summary: str, course: Course, *more: Setting
) -> DatasetEntry:
    def make(settings: Settings, generator: np.random.Generator) -> Samples:
        series = course(settings, settings["length"] + 1, generator)
        return forecast(series[..., np.newaxis].astype(np.float32), settings["targets"])

    return DatasetEntry(
        identity,
        title,
        "Sequences",
        summary,
        "regression",
        (samples(1000), length(30), TARGETS, *more, TRAIN_SHARE),
        _forecast_bytes,
        make,
    )


def forecast(windows: npt.NDArray[np.float32], targets: str) -> Samples:
    """Return windows (N, T + 1, F) as samples whose targets are the values that follow.

    Targets are "next": the values (N, F) after step T, or "each": at every step the next (N, T, F).
    """
    each = targets == "each"
    return Samples(
        x=np.ascontiguousarray(windows[:, :-1]),
        y=np.ascontiguousarray(windows[:, 1:] if each else windows[:, -1]),
        task="regression",
        view="sequence",
        per_step=each,
        columns=(
            Column("value", "series", told="one value at each step"),
            Column(
                "next value",
                "number",
                "target",
                "at each step, the value of the next" if each else "the value after the last step",
            ),
        ),
        scaling="none: values as they are made",
    )


def _forecast_bytes(settings: Settings) -> int:
    steps: int = settings["length"]
    return int(settings["samples"]) * 4 * (steps + (steps if settings["targets"] == "each" else 1))


KINDS = ("sine", "square", "triangle", "sawtooth")


def _kinds(settings: Settings, generator: np.random.Generator) -> Samples:
    """Four kinds of waves, each from −1 to 1, with period and phase at random."""
    labels = np.arange(settings["samples"], dtype=np.int64) % len(KINDS)
    angle = _phases(settings, settings["length"], generator)
    along = angle / (2 * np.pi) % 1  # 0 to 1 in each period
    courses = np.stack(
        [
            np.sin(angle),
            np.where(along < 0.5, 1.0, -1.0),
            1 - 4 * np.abs((along + 0.25) % 1 - 0.5),
            2 * along - 1,
        ]
    )
    series = _noisy(courses[labels, np.arange(len(labels))], settings, generator)
    return Samples(
        x=series[..., np.newaxis].astype(np.float32),
        y=labels,
        labels=labels,
        task="classification",
        view="sequence",
        classes=KINDS,
        columns=(
            Column("value", "series", told="one value at each step"),
            Column("kind", "class", "target", ", ".join(KINDS)),
        ),
        scaling="none: the waves go from −1 to 1",
    )


ENTRIES = (
    _forecast("sine", "Sine waves", "to be continued", _sine, PERIOD, _noise(0.0)),
    _forecast(
        "damped-wave",
        "Damped waves",
        "they die away; to be continued",
        _damped,
        PERIOD,
        DAMPING,
        _noise(0.0),
    ),
    _forecast(
        "noisy-wave",
        "Noisy waves",
        "a slow and a fast wave under noise; to be continued",
        _two_waves,
        PERIOD,
        _noise(0.1),
    ),
    _forecast(
        "random-walk",
        "Random walk",
        "nothing beats repeating its last value",
        _walk,
    ),
    DatasetEntry(
        "wave-kinds",
        "Kinds of waves",
        "Sequences",
        "sine, square, triangle or sawtooth",
        "classification",
        (samples(1000), length(40), PERIOD, _noise(0.1), TRAIN_SHARE),
        lambda settings: settings["samples"] * (4 * settings["length"] + 8),
        _kinds,
    ),
)
