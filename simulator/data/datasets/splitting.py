"""Which samples train and which validate: by class, at random from a seed, or in order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from simulator.data.datasets.dataset import (
    Dataset,
    Further,
    FurtherTarget,
    Preview,
    Recipe,
    Samples,
    Values,
)
from simulator.data.datasets.errors import DataError

SHOWN = 12
"""So many samples are shown of a data set."""


def divide(samples: Samples, *, title: str, recipe: Recipe, train_share: float) -> Dataset:
    """Return the samples as a data set, its parts chosen at random from the recipe's seed.

    Where samples have a class, every class is divided by the same share (rounded, and at least
    one on each side where the class has two). Samples that overlap in time are divided in order.
    The order within the parts is random as well, for an optimizer wants mixed batches.

    Raises:
        DataError: there are fewer than two samples.
    """
    count = len(samples.x)
    if count < 2:
        raise DataError(
            f"{title} has {count} {'sample' if count == 1 else 'samples'}: at least 2 are needed, "
            "one to train and one to validate with."
        )
    generator = np.random.default_rng(np.random.SeedSequence(recipe.seed, spawn_key=(1,)))
    if samples.held_back is not None:
        held = samples.held_back
        train, validation = np.flatnonzero(~held), np.flatnonzero(held)
        told = "as the source prescribes"
    elif samples.in_order:
        border = _border(count, train_share)
        start = min(border + samples.skipped_between, count - 1)
        train, validation = np.arange(border), np.arange(start, count)
        told = "the first to train and the last to validate, because neighbours overlap"
    elif samples.labels is not None:
        train, validation = _by_class(samples.labels, train_share, generator)
        told = "at random, the same share of every class"
    else:
        order = generator.permutation(count)
        border = _border(count, train_share)
        train, validation = order[:border], order[border:]
        told = "at random"
    train = generator.permutation(train)
    itself = samples.y is samples.x
    inputs = samples.x[train], samples.x[validation]
    further = [(each.x[train], each.x[validation]) for each in samples.further]
    further_y = [(each.y[train], each.y[validation]) for each in samples.further_y]
    targets = inputs if itself else (samples.y[train], samples.y[validation])
    for each in samples.rescaling:
        inputs = _rescaled(*inputs, each.kind, each.columns) if each.inputs else inputs
        if each.targets:
            targets = _numbers_rescaled(targets, each.kind)
            further_y = [_numbers_rescaled(pair, each.kind) for pair in further_y]
        if each.inputs:
            further = [_rescaled(*pair, each.kind, _columns(pair[0])) for pair in further]
    x, x_val = map(_kept, inputs)
    y, y_val = (x, x_val) if itself else map(_kept, targets)
    labels = samples.labels
    return Dataset(
        title=title,
        recipe=recipe,
        x=x,
        y=y,
        x_val=x_val,
        y_val=y_val,
        task=samples.task,
        view=samples.view,
        classes=samples.classes,
        labels=None if labels is None else _part(labels, train),
        labels_val=None if labels is None else _part(labels, validation),
        per_step=samples.per_step,
        columns=samples.columns,
        scaling=samples.scaling,
        split=f"{len(x):,} to train, {len(x_val):,} to validate, {told}",
        notices=samples.notices,
        further=tuple(_named(samples, [pair[0] for pair in further])),
        further_val=tuple(_named(samples, [pair[1] for pair in further])),
        further_y=_of_targets(samples, [pair[0] for pair in further_y]),
        vocabulary=samples.vocabulary,
        further_y_val=_of_targets(samples, [pair[1] for pair in further_y]),
    )


def preview_of(dataset: Dataset, *, shown: int = SHOWN) -> Preview:
    """Return what is to be shown of a data set: its description and a few samples.

    The samples are the first of each class in turn, so that as many classes as possible are seen.
    """
    chosen = _in_turn(dataset.labels, len(dataset.x), shown)
    counts = None
    if dataset.labels is not None and dataset.labels_val is not None and dataset.classes:
        both = np.concatenate([dataset.labels, dataset.labels_val])
        counts = tuple(np.bincount(both, minlength=len(dataset.classes)).tolist())
    return Preview(
        title=dataset.title,
        recipe=dataset.recipe,
        task=dataset.task,
        view=dataset.view,
        input_shape=dataset.input_shape,
        target_shape=dataset.target_shape,
        train=len(dataset.x),
        validation=len(dataset.x_val),
        classes=dataset.classes,
        counts=counts,
        columns=dataset.columns,
        scaling=dataset.scaling,
        split=dataset.split,
        nbytes=dataset.nbytes,
        notices=dataset.notices,
        x=_part(dataset.x, chosen),
        y=_part(dataset.y, chosen),
        labels=None if dataset.labels is None else _part(dataset.labels, chosen),
        vocabulary=dataset.vocabulary,
    )


def _part(array: Values, chosen: npt.NDArray[np.intp]) -> Values:
    return _kept(array[chosen])


def _kept(array: Values) -> Values:
    kept = np.ascontiguousarray(array)
    kept.setflags(write=False)
    return kept


def _rescaled(
    train: Values, validation: Values, kind: str, columns: npt.NDArray[np.int64] | None
) -> tuple[Values, Values]:
    """Both parts less an offset and divided by a spread, which the training part alone gives.

    With columns, each of those of the last axis has its own; without, all numbers have one. What
    is the same everywhere in the training part becomes 0.
    """
    if columns is None:
        offset, spread = _offset_and_spread(train.astype(np.float64).reshape(-1, 1), kind)
        return _moved(train, offset, spread), _moved(validation, offset, spread)
    wide = train.shape[-1]
    offset, spread = np.zeros(wide), np.ones(wide)
    offset[columns], spread[columns] = _offset_and_spread(
        train[..., columns].astype(np.float64).reshape(-1, len(columns)), kind
    )
    return _moved(train, offset, spread), _moved(validation, offset, spread)


def _offset_and_spread(
    numbers: npt.NDArray[np.float64], kind: str
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    if kind == "range":
        offset, spread = numbers.min(axis=0), np.ptp(numbers, axis=0)
    else:
        offset, spread = numbers.mean(axis=0), numbers.std(axis=0)
    # A column whose numbers are equal but for rounding has nothing to spread.
    tiny = spread <= 1e-12 * np.abs(offset)
    return offset, np.where(tiny | (spread == 0), 1.0, spread)


def _moved(
    array: Values, offset: npt.NDArray[np.float64], spread: npt.NDArray[np.float64]
) -> Values:
    return ((array.astype(np.float64) - offset) / spread).astype(np.float32)


def _columns(array: Values) -> npt.NDArray[np.int64] | None:
    """The columns of a table, each of which is rescaled by itself; none of anything else."""
    return np.arange(array.shape[-1]) if array.ndim == 2 else None


def _named(samples: Samples, arrays: list[Values]) -> list[Further]:
    return [
        Further(each.name, _kept(array))
        for each, array in zip(samples.further, arrays, strict=True)
    ]


def _numbers_rescaled(pair: tuple[Values, Values], kind: str) -> tuple[Values, Values]:
    """Targets, each column of numbers by itself; classes stay as they are."""
    return _rescaled(*pair, kind, _columns(pair[0])) if pair[0].dtype.kind == "f" else pair


def _of_targets(samples: Samples, arrays: list[Values]) -> tuple[FurtherTarget, ...]:
    return tuple(
        replace(each, y=_kept(array)) for each, array in zip(samples.further_y, arrays, strict=True)
    )


def _border(count: int, share: float) -> int:
    return min(max(round(count * share), 1), count - 1)


def _by_class(
    labels: Values, share: float, generator: np.random.Generator
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    train, validation = [], []
    for label in np.unique(labels):
        members = generator.permutation(np.flatnonzero(labels == label))
        border = _border(len(members), share) if len(members) > 1 else 1
        train.append(members[:border])
        validation.append(members[border:])
    parts = np.concatenate(train), generator.permutation(np.concatenate(validation))
    if len(parts[1]) == 0:  # every class has one sample: the last of them validates
        return parts[0][:-1], parts[0][-1:]
    return parts


def _in_turn(labels: Values | None, count: int, shown: int) -> npt.NDArray[np.intp]:
    if labels is None:
        return np.arange(min(count, shown))
    # A sample's rank within its class, then its class: the first of each class come first.
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    ranks = np.empty(count, np.intp)
    lengths = np.diff(np.append(starts, count))
    ranks[order] = np.arange(count) - np.repeat(starts, lengths)
    return np.lexsort((labels, ranks))[:shown]
