"""Data for a network that those which are chosen don't fit: one of the built-in sets that do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isqrt
from typing import Any

from simulator.data.datasets import DATASETS, Dataset, Recipe, make, recipe
from simulator.data.datasets.entry import DatasetEntry
from simulator.data.datasets.settings import Choice, Whole
from simulator.engine.data import Port
from simulator.engine.layers.base import Shape
from simulator.formats.building import facts
from simulator.formats.network import NetworkSpec, base_name
from simulator.formats.program import ProgramSpec
from simulator.lab.binding import as_read, as_told, bind
from simulator.lab.targets import targets_in

FEW = {"samples": 24}
"""Enough to see whether a network takes them."""
WANTED = (
    ("imdb", "reviews"), ("reuters", "reviews"), ("review", "reviews"), ("sentiment", "reviews"),
    ("mnist", "digits"), ("digit", "digits"), ("emnist", "typed-letters"),
    ("letter", "typed-letters"), ("cifar", "shapes"), ("fashion", "shapes"),
    ("moons", "moons"), ("circles", "circle"), ("blobs", "blobs"), ("airline", "noisy-wave"),
    ("jena", "noisy-wave"), ("temperature", "noisy-wave"), ("stock", "random-walk"),
    ("shakespeare", "names"),
)  # fmt: skip
"""What of a program's own words for its data leads to which of ours."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A data set that a network takes as it is, and what it is called."""

    recipe: Recipe
    title: str


def suggested(program: ProgramSpec, seed: int = 0) -> Suggestion | None:
    """The built-in data set that suits a program best, in the size that it takes; None where there
    is none. It makes a few samples of each that comes into question.

    Of several that fit, one comes first whose name the program speaks of, then text for an
    Embedding, then one with as many classes as the network puts out, then the first of the list.
    """
    network = program.network
    if len(network.inputs) != 1 or len(network.outputs) != 1:
        return None
    said = "" if program.data is None else program.data.wanted.lower()
    named = [identity for word, identity in WANTED if word in said]
    best: tuple[tuple[bool, ...], Recipe] | None = None
    for each in DATASETS.values():
        if each.group == "Your own" or each.id in ("drawn-points", "own-text"):
            continue
        for settings in _settings(each, network):
            try:
                rank = each.id in named, *_rank(program, make(each.id, {**settings, **FEW}, seed))
            except ValueError:
                continue
            if best is None or rank > best[0]:
                best = rank, recipe(each.id, settings, seed)
            break
    if best is None:
        return None
    found = best[1]
    return Suggestion(found, _title(found))


def _settings(entry: DatasetEntry, network: NetworkSpec) -> Iterator[dict[str, Any]]:
    """Settings of a data set with which its samples and targets may have the network's shapes."""
    shape, known = network.inputs[0].shape, {each.name: each for each in entry.settings}
    settings: dict[str, Any] = {}
    if shape is not None and "size" in known:
        side = shape[0] if len(shape) > 1 else isqrt(shape[0] or 0)
        settings["size"] = str(side) if isinstance(known["size"].initial, str) else side
    if shape is not None and "length" in known and shape[0] is not None:
        settings["length"] = shape[0]
    units = network.layer(base_name(network.outputs[0])).arguments.get("units")
    classes = known.get("classes")
    if isinstance(classes, Whole) and isinstance(units, int) and units <= classes.maximum:
        yield {**settings, "classes": max(units, classes.minimum)}
    yield settings
    targets = known.get("targets")
    if isinstance(targets, Choice):
        for value in ("each", "itself"):
            if value in targets.values:
                yield {**settings, "targets": value}


def _rank(program: ProgramSpec, data: Dataset) -> tuple[bool, bool]:
    """How well data suit a program: words for an Embedding, and as many classes as come out.

    Raises ValueError for data that don't fit, or fit by their lengths alone.
    """
    network, loss = program.network, program.compile.loss
    read = as_told(as_read(data, network), program.data)
    first = network.consumers(network.inputs[0].name)
    embedded = any(each.kind == "Embedding" for each in first)
    if embedded != (read.x.dtype.kind in "iu"):
        raise ValueError("An Embedding reads whole numbers, and nothing else does.")
    if network.inputs[0].shape is None:
        network = network.with_input_shape(read.input_shape)
    shapes = {each.name: each.output_shapes[0] for each in facts(network).layers}
    output, taken = base_name(network.outputs[0]), network.inputs[0]
    shape = taken.shape or ()
    if not _alike(read, shape):
        raise ValueError("They are of another kind.")
    bind(
        read, [Port(taken.name, shape, "float32")], [Port(output, shapes[output], "float32")], loss
    )
    classes, width = targets_in(read)[0].classes, shapes[output][-1]
    of_classes = "crossentropy" in str(loss).lower()
    if read.task != "autoencoder" and of_classes != (classes is not None):
        raise ValueError("The loss is for other targets.")
    exact = classes is None or classes == width or (classes == 2 and width == 1)
    return embedded and read.view == "text", exact


def _alike(data: Dataset, shape: Shape) -> bool:
    """Whether samples have that shape for the same reason: a row of time steps is no table."""
    have = data.input_shape
    if data.view == "image":
        return len(shape) in {1, 3} or (len(shape) == 2 and have[2] == 1)
    return len(shape) == len(have)


def _title(chosen: Recipe) -> str:
    """What the data set is called, with its size where that isn't the usual one."""
    entry = DATASETS[chosen.id]
    usual = {each.name: each.initial for each in entry.settings}
    told = entry.title
    if "size" in chosen.settings and chosen.settings["size"] != usual["size"]:
        told += f", {chosen.settings['size']} × {chosen.settings['size']}"
    if "classes" in chosen.settings and chosen.settings["classes"] != usual["classes"]:
        told += f", {chosen.settings['classes']} classes"
    if "length" in chosen.settings and chosen.settings["length"] != usual["length"]:
        told += f", {chosen.settings['length']} steps"
    return told
