"""Two runs side by side: their curves in one chart, their lanes, and what differs, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

import numpy as np

from simulator.engine.training import Diverged
from simulator.formats.arguments import LAYERS
from simulator.formats.json_values import SpecError
from simulator.formats.program import ProgramSpec
from simulator.formats.training_arguments import OPTIMIZERS
from simulator.lab.comparing import Comparison, Difference, differences
from simulator.lab.goals import Stopped
from simulator.lab.presenting import axes, charts, words
from simulator.lab.presenting.lanes import BarPicture
from simulator.lab.presenting.networks import scale_of
from simulator.lab.presenting.pictures import (
    Array,
    ChartPicture,
    ComparedRow,
    Lane,
    LayerBar,
    SampleWords,
    SequencePicture,
)
from simulator.lab.presenting.samples import (
    ANY,
    Source,
    pictures_of,
    sample_words,
    sequences_of,
)
from simulator.lab.series import Curve
from simulator.lab.snapshot import Predictions, Snapshot
from simulator.lab.twins import TwinsSnapshot
from simulator.lessons.frame import Scale

COLOURS = (1, 2)
"""Of the two, among those of branches: the first one's grey would look as if it didn't matter."""
_MOST_MARKS = 14
_WHOLE = {
    "compile.optimizer.kind": "Optimizer",
    "compile.optimizer.arguments.learning_rate": "Learning rate",
    "compile.loss": "Loss",
    "fit.batch_size": "Batch size",
    "fit.shuffle": "Samples shuffled",
}


@dataclass(frozen=True, slots=True, eq=False)
class TwinSamples:
    """Held-out samples with what either says: words, or pictures where those come out.

    ``answers`` are (N, H, W) for each twin, or None; ``words`` has a tuple for each twin.
    """

    caption: str
    pictures: Array
    scale: Scale
    words: tuple[tuple[SampleWords, ...], tuple[SampleWords, ...]]
    answers: tuple[Array, Array] | None
    indices: tuple[int, ...]
    disputed: tuple[bool, ...]
    """Of each sample, whether the two take it for different classes."""
    sequences: tuple[tuple[SequencePicture, ...], tuple[SequencePicture, ...]] | None = None
    """Of sequences what goes in, is right, and is said by either."""


# Curves and lanes


def together(shown: TwinsSnapshot, names: tuple[str, str]) -> Snapshot:
    """Return both twins as if they were branches of one run."""
    branches, curves = [], {}
    for number, (one, name) in enumerate(zip((shown.first, shown.second), names, strict=True)):
        branches.append(replace(one.branches[0], number=number, name=name, colour=COLOURS[number]))
        for (_, series), curve in (one.curves or {}).items():
            curves[number, series] = curve
    return replace(shown.first, epoch=shown.epoch, branches=tuple(branches), curves=curves)


def chart_names(shown: TwinsSnapshot, names: tuple[str, str]) -> tuple[str, ...]:
    """Return what there is a chart of: the loss, and every metric of either."""
    return charts.chart_names(together(shown, names))


def chart(
    shown: TwinsSnapshot, names: tuple[str, str], name: str, planned_epochs: int
) -> ChartPicture:
    """Return the chart of the loss or of a metric of both, and thin what belongs to it."""
    return charts.chart(together(shown, names), name, planned_epochs, every_branch=True)


def bar(shown: TwinsSnapshot, names: tuple[str, str], epochs: int, batches: int) -> BarPicture:
    """Return a lane for each; ``batches`` are the steps in an epoch."""
    planned = max(epochs * batches, shown.head)
    lanes = tuple(
        Lane(
            name,
            0,
            round(one.branches[0].head_epoch * batches),
            planned=0 if ended else planned,
            outcome="diverged" if isinstance(ended, Diverged) else "",
            colour=colour,
        )
        for name, one, ended, colour in zip(
            names, (shown.first, shown.second), shown.ended, COLOURS, strict=True
        )
    )
    longest = 0 if lanes[0].end >= lanes[1].end else 1
    marks = axes.ticks(0, planned / batches, _MOST_MARKS, whole=True)
    return BarPicture(
        *(lanes, (0, 0), longest, min(shown.step, lanes[longest].end), f"step {shown.step:,}"),
        *(planned, {round(epoch * batches): mark for epoch, mark in marks.items()}, "epoch"),
    )


def told(shown: TwinsSnapshot, epochs: int, batches: int) -> str:
    """Return where both stand, in words."""
    epoch = min(int(shown.epoch) + 1, max(epochs, 1))
    if shown.epoch >= epochs:
        return f"Step {shown.step:,}, {shown.epoch:.3g} epochs"
    return f"Step {shown.step:,} of {epochs * batches:,}, epoch {epoch:,} of {epochs:,}"


def end(ended: Stopped | Diverged | None, batches: int) -> str:
    """Return why a twin goes no further, in a few words."""
    if isinstance(ended, Diverged):
        return f"diverged after batch {batches:,}"
    return "" if ended is None else f"stopped after epoch {ended.epoch + 1:,}"


# What differs


def settings(first: ProgramSpec, second: ProgramSpec) -> tuple[ComparedRow, ...]:
    """Return what differs between two programs, with the values that hold by default."""
    return tuple(
        _setting(each, first, second)
        for each in differences(first, second)
        if not each.place.endswith(".inputs") and ".inputs[" not in each.place
    )


def _setting(difference: Difference, first: ProgramSpec, second: ProgramSpec) -> ComparedRow:
    place = difference.place
    name = _WHOLE.get(place, "")
    parts = place.split(".")
    if not name and place.startswith("compile.optimizer.arguments."):
        name = words.title(parts[3])
    if not name and place.startswith("network.layers."):
        of = words.title(".".join(parts[4:5])) if len(parts) > 4 else "layer"
        name = f"{of} of {parts[2]}" if len(parts) > 4 else f"Layer {parts[2]}"
    return ComparedRow(
        name or place,
        _written(difference.first, parts, first),
        _written(difference.second, parts, second),
    )


def _written(value: Any, parts: list[str], program: ProgramSpec) -> str:
    if value is None:
        value = _default(parts, program)
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return f"{value:g}"
        case {"kind": kind, "arguments": arguments}:
            return f"{kind} {next(iter(arguments.values()), '')}".strip()
        case {"class_name": name, "config": config}:
            inside = ", ".join(f"{each:g}" for each in config.values() if _is_number(each))
            return f"{name} {inside}".strip()
    return str(value)


def _default(parts: list[str], program: ProgramSpec) -> Any:
    """Return what an argument is where the program doesn't say it."""
    try:
        match parts:
            case ["compile", "optimizer", "arguments", name]:
                return OPTIMIZERS[program.compile.optimizer.kind].argument(name).default
            case ["network", "layers", layer, "arguments", name]:
                return LAYERS[program.network.layer(layer).kind].argument(name).default
    except (KeyError, SpecError):
        return None
    return None


def results(shown: TwinsSnapshot) -> tuple[ComparedRow, ...]:
    """Return what came of both so far: losses, metrics, the best epoch, and how soon."""
    both = (shown.first, shown.second)
    rows: list[ComparedRow] = []
    one, other = shown.first.standing, shown.second.standing
    assert one is not None
    assert other is not None
    where = "Held-out" if one.held_out else "Training"
    rows.append(_losses(f"{where} loss", one.loss, other.loss))
    for name, value in one.metrics.items():
        if name in other.metrics:
            rows.append(_metric(name, value, other.metrics[name]))
    trained = [each.logs.get("loss") for each in both]
    if one.held_out and trained[0] is not None and trained[1] is not None:
        rows.append(_losses("Training loss", trained[0], trained[1]))
    rows += _best(both, "val_loss" if one.held_out else "loss")
    rows += _agreements(shown.comparison)
    return tuple(rows)


def _agreements(comparison: Comparison) -> list[ComparedRow]:
    """Return how often both say the same, or how far numbers are apart; of several outputs of
    each.
    """
    rows = []
    for each in comparison.outputs:
        of = f", {each.name}" if len(comparison.outputs) > 1 else ""
        if each.same is not None and each.count:
            told = f"{each.same:,} of {each.count:,}"
            rows.append(ComparedRow(f"Same answer{of}", told, ""))
        elif each.apart is not None and len(comparison.outputs) > 1:
            rows.append(ComparedRow(f"Apart on average{of}", words.figure(each.apart), ""))
    return rows


def _losses(name: str, first: float, second: float) -> ComparedRow:
    return ComparedRow(name, words.figure(first), words.figure(second), _lower(first, second))


def _metric(name: str, first: float, second: float) -> ComparedRow:
    better = _lower(second, first) if words.is_share(name) else None
    return ComparedRow(
        words.title(name), words.metric(name, first), words.metric(name, second), better
    )


def _best(both: tuple[Snapshot, Snapshot], name: str) -> list[ComparedRow]:
    """Return the best loss of either and its epoch, and when either was as good as both got."""
    curves = [(each.curves or {}).get((0, name)) for each in both]
    if any(curve is None or not np.isfinite(curve.mean).any() for curve in curves):
        return []
    lowest = [float(np.nanmin(_finite(curve))) for curve in curves if curve is not None]
    rows = [_losses("Lowest loss", *lowest)]
    epochs = [
        _first_epoch(curve, each, level)
        for curve, each, level in zip(curves, both, lowest, strict=True)
        if curve is not None
    ]
    rows.append(ComparedRow("Lowest in epoch", f"{epochs[0]:,}", f"{epochs[1]:,}"))
    common = max(lowest)
    soon = [
        _first_epoch(curve, each, common)
        for curve, each in zip(curves, both, strict=True)
        if curve is not None
    ]
    reached = f"At {words.figure(common)} in epoch"
    rows.append(ComparedRow(reached, f"{soon[0]:,}", f"{soon[1]:,}", _lower(*soon)))
    return rows


def _first_epoch(curve: Curve, snapshot: Snapshot, level: float) -> int:
    """Return in which epoch, from 1, a curve first came down to a level."""
    at = int(np.argmax(_finite(curve) <= level))
    branch = snapshot.branches[0]
    return round(float(charts.epochs_of(branch, curve.steps[at : at + 1])[0]))


def _finite(curve: Curve) -> Array:
    return np.where(np.isfinite(curve.mean), curve.mean, np.inf)


def _lower(first: float, second: float) -> int | None:
    if first == second or not (isfinite(first) or isfinite(second)):
        return None
    if not isfinite(second):
        return 0
    return 0 if isfinite(first) and first < second else 1


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def distances(by_layer: Mapping[str, float]) -> tuple[LayerBar, ...]:
    """Return how far apart the weights of each layer are, of their own length; full at once it."""
    return tuple(
        LayerBar(layer, min(apart, 1.0), f"{100 * apart:,.0f} %" if isfinite(apart) else "∞")
        for layer, apart in by_layer.items()
    )


# Samples


def samples(shown: TwinsSnapshot, of: Source = ANY) -> TwinSamples | None:
    """Return held-out samples with both answers; None where they weren't asked for."""
    one, other = shown.first.predictions, shown.second.predictions
    if one is None or other is None or not one.indices or one.indices != other.indices:
        return None
    pictures = pictures_of(one.x)
    answers = None
    if one.output.shape == one.x.shape and one.label is None:
        answers = pictures_of(one.output), pictures_of(other.output)
    return TwinSamples(
        _caption(shown, one),
        pictures,
        scale_of(pictures, picture=True),
        (_answers(one), _answers(other)),
        answers,
        one.indices,
        _disputed(one, other),
        _sequences(one, other, of),
    )


def _sequences(
    one: Predictions, other: Predictions, of: Source
) -> tuple[tuple[SequencePicture, ...], tuple[SequencePicture, ...]] | None:
    first, second = sequences_of(one, of), sequences_of(other, of)
    return None if first is None or second is None else (first, second)


def _disputed(one: Predictions, other: Predictions) -> tuple[bool, ...]:
    if one.said is None or other.said is None:
        return (False,) * len(one.indices)
    return tuple((one.said != other.said).tolist())


def _answers(predictions: Predictions) -> tuple[SampleWords, ...]:
    return tuple(sample_words(predictions, row) for row in range(len(predictions.indices)))


def _caption(shown: TwinsSnapshot, predictions: Predictions) -> str:
    standing = shown.first.standing
    if standing is None or predictions.label is None:
        return ""
    compared = shown.comparison.outputs[shown.comparison.output]
    if compared.same == compared.count:
        return f"both say the same of all {compared.count:,}"
    return f"they disagree on {compared.count - (compared.same or 0):,} of {compared.count:,}"
