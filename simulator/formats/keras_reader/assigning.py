"""target = value: names, several at once, elements, and whether a layer is trained."""

from __future__ import annotations

import ast

from simulator.formats.keras_reader import arrays, expressions, models
from simulator.formats.keras_reader.messages import ReadError
from simulator.formats.keras_reader.state import State
from simulator.formats.keras_reader.values import (
    ArrayValue,
    DataValue,
    FromData,
    LayerValue,
    ModelValue,
    Opaque,
    Reference,
    Value,
)

MOST_PARTS = 100
"""An array is taken apart into so many names at most."""


def assign(target: ast.expr, value: Value, state: State) -> None:
    """target = value. Raises ReadError for targets that are not read."""
    if isinstance(target, ast.Name):
        state.names[target.id] = value
    elif isinstance(target, ast.Tuple | ast.List):
        _take_apart(target, value, state)
    elif isinstance(target, ast.Attribute):
        _set_attribute(target, value, state)
    elif isinstance(target, ast.Subscript):
        owner = expressions.evaluate(target.value, state)
        if isinstance(owner, dict | list):
            index = expressions.index_of(target.slice, state)
            try:
                owner[index] = value
            except (IndexError, TypeError, KeyError) as error:
                raise ReadError(target, "There is no such element.", "Check it.") from error
        elif isinstance(owner, ArrayValue):
            raise ReadError(
                target, "Parts of an array cannot be set.", "Make the array in one expression."
            )
    else:
        raise ReadError(target, "This cannot be set.", "Use a name.")


def _take_apart(target: ast.Tuple | ast.List, value: Value, state: State) -> None:
    if isinstance(value, DataValue | Opaque | FromData):
        for place, each in enumerate(target.elts):
            name = each.id.lower() if isinstance(each, ast.Name) else ""
            held = "test" in name or "val" in name
            spread = value
            if isinstance(value, DataValue) and (held or place > 1):
                spread = DataValue(
                    value.wanted, value.one_hot, value.classes, value.sample_shape, held
                )
            assign(each, spread, state)
        return
    if isinstance(value, ArrayValue) and value.shape and value.shape[0] <= MOST_PARTS:
        value = [arrays.indexed(target, value, place) for place in range(value.shape[0])]
    if not isinstance(value, list | tuple | range):
        raise ReadError(target, "This cannot be taken apart.", "Set the names one by one.")
    if len(value) != len(target.elts) or any(isinstance(e, ast.Starred) for e in target.elts):
        raise ReadError(
            target, f"There are {len(value)} values for {len(target.elts)} names.", "Check them."
        )
    for each, part in zip(target.elts, value, strict=True):
        assign(each, part, state)


def _set_attribute(target: ast.Attribute, value: Value, state: State) -> None:
    owner = expressions.evaluate(target.value, state)
    if target.attr == "trainable" and isinstance(owner, LayerValue | ModelValue):
        if not isinstance(value, bool | int):
            raise ReadError(target, "trainable is True or False.", "Write one of them.")
        models.set_trainable(owner, bool(value))
    elif isinstance(owner, Opaque | Reference | DataValue | FromData):
        return
    else:
        raise ReadError(
            target, f"{target.attr} cannot be set here.", "Give it where the object is made."
        )
