"""The table that `Model.summary` prints, as Keras draws it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulator.engine.layers.base import Layer, several

if TYPE_CHECKING:
    from simulator.engine.model import Model

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
    widths = [
        max(minimum, *(len(row[column]) + 2 for row in [header, *rows]))
        for column, minimum in enumerate([33, 24, 15, 18][: len(header)])
    ]
    if line_length is not None:
        widths[0] = max(10, line_length - sum(widths[1:]) - len(widths) - 1)
    result = [f'Model: "{model.name}"', _rule("┏━┳┓", widths), _line(header, widths, "┃")]
    for number, row in enumerate(rows):
        result += [_rule("├─┼┤" if number else "┡━╇┩", widths), _line(row, widths, "│")]
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
    return [
        f" Total params: {total:,} ({_bytes(size)})",
        f" Trainable params: {trained:,} ({_bytes(trained_size)})",
        f" Non-trainable params: {total - trained:,} ({_bytes(size - trained_size)})",
    ]


def _row(layer: Layer, shape: Any) -> list[str]:
    shown = "?"
    if shape is not None:
        shown = ", ".join(_batched(each) for each in shape) if several(shape) else _batched(shape)
        shown = f"[{shown}]" if several(shape) else shown
    count = f"{layer.count_params():,}" if layer.built else "0 (unbuilt)"
    return [f"{layer.name} ({type(layer).__name__})", shown, count]


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
                index = 0 if writer is None else writer.outputs.index(number)
                name = tensors[number].node.layer.name if writer is None else writer.layer.name
                names.append(f"{name}[{index}]")
    return ", ".join(names) or "-"


def _rule(signs: str, widths: Sequence[int]) -> str:
    left, middle, cross, right = tuple(signs)
    return left + cross.join(middle * width for width in widths) + right


def _line(cells: Sequence[str], widths: Sequence[int], bar: str) -> str:
    shown = []
    for column, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        text = cell if len(cell) <= width - 2 else cell[: width - 3] + "…"
        aligned = text.rjust(width - 2) if column == 2 else text.ljust(width - 2)
        shown.append(f" {aligned} ")
    return bar + bar.join(shown) + bar


def _bytes(size: float) -> str:
    """As Keras shows sizes: 1024 B → "1.00 KB"."""
    for unit in _SIZES[:-1]:
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} {_SIZES[-1]}"
