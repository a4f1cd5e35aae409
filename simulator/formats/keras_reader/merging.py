"""Outputs of layers joined by + or by functions, and activations called as functions."""

from __future__ import annotations

import ast
from typing import Any

from simulator.formats.keras_reader import models
from simulator.formats.keras_reader.messages import ReadError
from simulator.formats.keras_reader.state import State
from simulator.formats.keras_reader.values import NOT_READ, LayerValue, TensorValue, Value


def merged(node: ast.BinOp, left: Value, right: Value, state: State) -> Value:
    """x + y of outputs: a layer that does it."""
    kind = {ast.Add: "Add", ast.Sub: "Subtract", ast.Mult: "Multiply"}.get(type(node.op))
    if kind is None or not (isinstance(left, TensorValue) and isinstance(right, TensorValue)):
        raise ReadError(
            node, "Only outputs of layers can be combined, by +, − and *.", "Use a layer for it."
        )
    layer = LayerValue(kind, state.name_for(kind), {}, node)
    return models.connect(node, layer, [left, right], {}, state)


def merged_by_name(
    node: ast.Call, name: str, given: list[Value], named: dict[str, Value], state: State
) -> Value:
    """add([a, b]), concatenate([a, b], axis=-1); None if this is about arrays."""
    if NOT_READ in models.flat([*given, *named.values()]):
        return NOT_READ
    parts: Any = given[0] if given and isinstance(given[0], list | tuple) else given
    parts = named.get("values", named.get("inputs", parts))
    if not parts or not all(isinstance(each, TensorValue) for each in parts):
        return None
    kind = "Concatenate" if name in ("concat", "concatenate") else name.capitalize()
    axis = named.get("axis", -1)
    layer = LayerValue(kind, state.name_for(kind), {}, node)
    if kind == "Concatenate" and isinstance(axis, int) and axis != -1:
        layer.arguments["axis"] = axis
    return models.connect(node, layer, list(parts), {}, state)


def activation(node: ast.Call, name: str, given: list[Value], state: State) -> Value:
    """keras.activations.relu(x)."""
    if given and isinstance(given[0], TensorValue):
        layer = LayerValue("Activation", state.name_for("Activation"), {"activation": name}, node)
        return models.connect(node, layer, given[:1], {}, state)
    if name == "get" and given:
        return given[0]
    raise ReadError(node, "An activation is called on a layer's output.", models.NEEDS_TENSOR)
