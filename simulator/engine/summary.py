"""The table that `Model.summary` prints, as Keras draws it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.engine import arguments
from simulator.engine.layers.base import Layer, several

if TYPE_CHECKING:
    from simulator.engine.model import Model

_CHAIN_WIDTHS = (33, 24, 15)
_GRAPH_WIDTHS = (21, 19, 12, 19)
_SIZES = ("B", "KB", "MB", "GB", "TB")


def lines(model: Model, line_length: int | None = None) -> list[str]:
    """The table's lines. Without shapes (a model not built) the counts are missing, as in Keras."""
    model.make_ready()
    header = ["Layer (type)", "Output Shape", "Param #"]
    rows = [_row(layer, _shape_of(layer, model)) for layer in model.layers]
    if not model.chain:
        header.append("Connected to")
        for row, layer in zip(rows, model.layers, strict=True):
            row.append(_sources(layer, model))
    widths = list(_CHAIN_WIDTHS if model.chain else _GRAPH_WIDTHS)
    if line_length is not None:
        line_length = arguments.count(line_length, owner="summary", argument="line_length")
        widths[0] = max(10, line_length - sum(widths[1:]) - len(widths) - 1)
    result = [f'Model: "{model.name}"', _rule("┏━┳┓", widths), *_lines(header, widths, "┃")]
    for number, row in enumerate(rows):
        result += [_rule("├─┼┤" if number else "┡━╇┩", widths), *_lines(row, widths, "│")]
    result.append(_rule("└─┴┘", widths))
    return result + _totals(model)


def _totals(model: Model) -> list[str]:
    total = trained = size = trained_size = 0
    seen: set[int] = set()
    for layer in model.layers:
        trainable = set(layer.trainable_names) if model.trainable else set()
        for name, weight in layer.weights.items():
            if id(weight) in seen:
                continue
            seen.add(id(weight))
            total, size = total + weight.size, size + weight.nbytes
            if name in trainable:
                trained, trained_size = trained + weight.size, trained_size + weight.nbytes
    kept = kept_size = 0
    if model.compiled and model.optimizer.iterations:
        # Keras counts what the optimizer keeps as soon as it has made a step.
        kept = sum(int(np.size(value)) for value in model.optimizer.state.values())
        kept_size = kept * np.dtype(model.dtype).itemsize
    result = [
        f" Total params: {total + kept:,} ({_bytes(size + kept_size)})",
        f" Trainable params: {trained:,} ({_bytes(trained_size)})",
        f" Non-trainable params: {total - trained:,} ({_bytes(size - trained_size)})",
    ]
    if kept:
        result.append(f" Optimizer params: {kept:,} ({_bytes(kept_size)})")
    return result


def _row(layer: Layer, shape: Any) -> list[str]:
    shown = "?"
    if shape is not None:
        shown = ", ".join(_batched(each) for each in shape) if several(shape) else _batched(shape)
        shown = f"[{shown}]" if several(shape) else shown
    count = f"{layer.count_params():,}" if layer.built else "0 (unbuilt)"
    kind = "Functional" if type(layer).__name__ == "Model" else type(layer).__name__
    return [f"{layer.name} ({kind})", shown, count]


def _batched(shape: tuple[int | None, ...]) -> str:
    return str((None, *shape))


def _shape_of(layer: Layer, model: Model) -> Any:
    if not model.built:
        return None
    for step in model.graph.steps:
        if step.layer is layer:
            return step.output_shape
    return layer.given_input_shape


def _sources(layer: Layer, model: Model) -> str:
    if not model.built:
        return "-"
    names: list[str] = []
    tensors = model.graph.inputs
    for step in model.graph.steps:
        if step.layer is layer:
            for number in step.inputs:
                writer = model.graph.writer(number)
                if writer is None:
                    names.append(f"{tensors[number].node.layer.name}[0][0]")
                else:
                    call = writer.key.removeprefix(writer.layer.name).lstrip(":") or "0"
                    names.append(f"{writer.layer.name}[{call}][{writer.outputs.index(number)}]")
    return ", ".join(names) or "-"


def _rule(signs: str, widths: Sequence[int]) -> str:
    left, middle, cross, right = tuple(signs)
    return left + cross.join(middle * width for width in widths) + right


def _lines(cells: Sequence[str], widths: Sequence[int], bar: str) -> list[str]:
    """A row: its cells broken between words, and cut where a word alone is too long."""
    columns = [
        wrap(cell, width - 2, break_long_words=False, break_on_hyphens=False) or [""]
        for cell, width in zip(cells, widths, strict=True)
    ]
    return [
        bar
        + bar.join(
            f" {_cut(text, width - 2, right=column == 2)} "
            for column, (text, width) in enumerate(zip(texts, widths, strict=True))
        )
        + bar
        for texts in zip_longest(*columns, fillvalue="")
    ]


def _cut(text: str, width: int, *, right: bool) -> str:
    text = text if len(text) <= width else text[: width - 1] + "…"
    return text.rjust(width) if right else text.ljust(width)


def _bytes(size: float) -> str:
    """As Keras shows sizes: 1024 B → "1.00 KB"."""
    for unit in _SIZES[:-1]:
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} {_SIZES[-1]}"
