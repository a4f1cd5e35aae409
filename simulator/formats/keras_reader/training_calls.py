"""compile, fit and the other methods of a model."""

from __future__ import annotations

import ast
from typing import Any

from simulator.formats.json_values import Json, SpecError
from simulator.formats.keras_reader import (
    calls,
    compile_calls,
    guesses,
    models,
    objects,
    old_names,
)
from simulator.formats.keras_reader.messages import STANDS_IN, ReadError
from simulator.formats.keras_reader.state import State
from simulator.formats.keras_reader.values import (
    ArrayValue,
    DataValue,
    FromData,
    ModelValue,
    ObjectValue,
    Opaque,
    Value,
)
from simulator.formats.program import CompileSpec, DataSpec, FitSpec

FIT = (
    "x", "y", "batch_size", "epochs", "verbose", "callbacks", "validation_split",
    "validation_data", "shuffle", "class_weight", "sample_weight",
)  # fmt: skip
LEFT_OUT = {
    "steps_per_epoch": "an epoch goes through all data once",
    "validation_steps": "all held-out data are looked at",
    "sample_weight": "every sample counts the same",
    "weighted_metrics": "every sample counts the same",
}


def method(node: ast.Call, model: ModelValue, name: str, state: State) -> Value:
    """What a method of a model gives; its effect stays with the model."""
    if name == "compile":
        model.compiled, model.compile_node = _compiled(node, state), node
        return None
    if name in ("fit", "fit_generator"):
        model.fitted = _fitted(node, state)
        if model not in state.models:
            state.models.append(model)
        state.models.remove(model)
        state.models.append(model)  # the one that is trained last is the program's
        return Opaque("a history")
    if name in ("load_weights", "set_weights"):
        state.notice(node, f"{name} is left out: the weights begin at random.", "ignored",
                     "Open a file of weights in the lab.")  # fmt: skip
        return Opaque(name)
    if name == "train_on_batch":
        state.notice(node, "train_on_batch is left out: use fit.")
    return Opaque(name)


def _compiled(node: ast.Call, state: State) -> CompileSpec:
    given, named = calls.arguments_of(node, state, compile_calls.ARGUMENTS)
    values = {**dict(zip(compile_calls.ARGUMENTS, given, strict=False)), **named}
    _drop(node, values, compile_calls.ARGUMENTS, state)
    return compile_calls.compiled(node, values, state)


def _fitted(node: ast.Call, state: State) -> tuple[FitSpec, DataSpec | None]:
    given, named = calls.arguments_of(node, state, FIT)
    named = old_names.renamed_fit(node, named, state)
    values = {**dict(zip(FIT, given, strict=False)), **named}
    names = _names_of(node)
    x, y = values.pop("x", None), values.pop("y", None)
    x = values.pop("generator", x)
    validation = values.pop("validation_data", None)
    _drop(node, values, FIT, state)
    fields: dict[str, Any] = {"validation": validation is not None}
    for name, kind in (("epochs", int), ("batch_size", int), ("validation_split", float)):
        value = values.get(name)
        if value is None or isinstance(value, FromData | DataValue):
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ReadError(
                objects.keyword_node(node, name), f"{name} must be a number.", "Write one."
            )
        fields[name] = kind(value)
    if isinstance(values.get("shuffle"), bool):
        fields["shuffle"] = values["shuffle"]
    callbacks = values.get("callbacks") or ()
    listed = callbacks if isinstance(callbacks, list | tuple) else [callbacks]
    fields["callbacks"] = tuple(each.json for each in listed if isinstance(each, ObjectValue))
    fields["class_weight"] = _class_weight(node, values.get("class_weight"), state)
    try:
        fit = FitSpec(**fields)
    except SpecError as error:
        raise ReadError(objects.keyword_node(node, error.argument), str(error)) from error
    return fit, _data(node, x, y, validation, names, state)


def _class_weight(node: ast.Call, value: Value, state: State) -> dict[str, float]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(
        isinstance(each, int | float) for each in value.values()
    ):
        state.notice(
            objects.keyword_node(node, "class_weight"), "class_weight is left out: it is no "
            "dictionary of numbers.",
        )  # fmt: skip
        return {}
    return {str(key): float(each) for key, each in value.items()}


def _drop(node: ast.Call, values: dict[str, Value], known: tuple[str, ...], state: State) -> None:
    for name in list(values):
        if name in guesses.NO_EFFECT:
            values.pop(name)
        elif name in LEFT_OUT:
            if values.pop(name) is not None:
                told = f"{name} is left out: {LEFT_OUT[name]}."
                state.notice(objects.keyword_node(node, name), told)
        elif name not in known:
            raise ReadError(
                objects.keyword_node(node, name), f"There is no argument {name!r:.60} here.",
                f"There are {', '.join(known)}.",
            )  # fmt: skip


def _names_of(node: ast.Call) -> tuple[str, ...]:
    """The names of the data in a call, as the program has them."""
    found: dict[str, None] = {}
    wanted = [*node.args[:2], *(k.value for k in node.keywords
                                if k.arg in ("x", "y", "validation_data"))]  # fmt: skip
    for each in wanted:
        for inner in ast.walk(each):
            if isinstance(inner, ast.Name):
                found[inner.id] = None
    return tuple(found)


def _data(
    node: ast.Call, x: Value, y: Value, validation: Value, names: tuple[str, ...], state: State
) -> DataSpec | None:
    pair = validation if isinstance(validation, list | tuple) else ()
    if _is_made(x) and _is_made(y):
        held: tuple[Json, Json] = (None, None)
        if len(pair) >= 2 and all(_is_made(each) for each in pair[:2]):
            held = _expressions(pair[0]), _expressions(pair[1])
        return DataSpec(
            _expressions(x), _expressions(y), *held, variables=names, one_hot=_is_one_hot(y)
        )
    bound = [each for each in models.flat(_listed(x) + _listed(y)) if isinstance(each, DataValue)]
    wanted = next((each.wanted for each in bound if each.wanted), "")
    told = ", ".join(name for name in names if name in state.names or name) or "The data"
    state.notice(
        node, f"{told}: {STANDS_IN}", "data", "Choose it under Data.",
    )  # fmt: skip
    return DataSpec(
        wanted=wanted,
        variables=names,
        one_hot=any(each.one_hot for each in bound),
        classes=next((each.classes for each in bound if each.classes), None),
        itself=_is_itself(node),
    )


def _is_itself(node: ast.Call) -> bool:
    """Whether the same is given for the inputs and for the targets."""
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    x, y = (
        node.args[place] if len(node.args) > place else given.get(name)
        for place, name in enumerate(("x", "y"))
    )
    return x is not None and y is not None and ast.dump(x) == ast.dump(y)


def _listed(value: Value) -> list[Value]:
    return list(value.values()) if isinstance(value, dict) else [value]


def _is_made(value: Value) -> bool:
    """Whether it is an array that the program makes, or one for each input or output."""
    parts = models.flat(_listed(value))
    return bool(parts) and all(isinstance(each, ArrayValue) for each in parts)


def _expressions(value: Value) -> Json:
    if isinstance(value, dict):
        return {str(name): _expressions(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_expressions(each) for each in value)
    return value.expression


def _is_one_hot(value: Value) -> bool:
    expression = value.expression if isinstance(value, ArrayValue) else None
    while isinstance(expression, dict) and expression.get("op") == "index":
        expression = expression["of"][0]
    return isinstance(expression, dict) and expression.get("op") == "one_hot"
