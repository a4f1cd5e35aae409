"""Optimizers, losses, metrics, schedules, callbacks, initializers and regularizers."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from simulator.engine import initializers, regularizers
from simulator.engine.registry import argument_names
from simulator.formats import training_arguments
from simulator.formats.argument_types import near
from simulator.formats.json_values import Json, SpecError
from simulator.formats.keras_reader import calls, library
from simulator.formats.keras_reader.messages import ReadError
from simulator.formats.keras_reader.state import State
from simulator.formats.keras_reader.values import (
    ArrayValue,
    FromData,
    LayerValue,
    ObjectValue,
    Opaque,
    Reference,
    Value,
)

FAMILIES: Mapping[str, Mapping[str, training_arguments.Kind]] = {
    "optimizers": {**training_arguments.OPTIMIZERS, **training_arguments.SCHEDULES},
    "losses": training_arguments.LOSSES,
    "metrics": training_arguments.METRICS,
    "callbacks": training_arguments.CALLBACKS,
    "initializers": {},
    "regularizers": {},
}
_REGULARIZERS = {"l1": "L1", "l2": "L2", "l1_l2": "L1L2", "L1": "L1", "L2": "L2", "L1L2": "L1L2"}
_DROPPED = ("name", "decay", "jit_compile", "dtype", "from_sorted_ids", "loss_scale_factor")
_FUNCTIONS = ("LearningRateScheduler", "LambdaCallback")
_ONLY_LOOKS = ("ModelCheckpoint", "TensorBoard", "CSVLogger", "ProgbarLogger", "History",
               "TerminateOnNaN", "BackupAndRestore")  # fmt: skip


def make(node: ast.Call, family: str, name: str, state: State) -> Value:
    """The object that a call makes. Raises ReadError for unknown ones, with the nearest."""
    given, named = calls.arguments_of(node, state)
    if family == "callbacks" and name not in training_arguments.CALLBACKS:
        if name in _ONLY_LOOKS:
            state.notice(node, f"{name} is left out: the lab keeps checkpoints by itself.")
            return Opaque(name)
        if name in _FUNCTIONS:
            state.notice(
                node, f"{name} is left out: it runs a function of the program’s own.", "ignored",
                "Change the learning rate as it trains, or give the optimizer a schedule, such as "
                "ExponentialDecay.",
            )  # fmt: skip
            return Opaque(name)
        raise ReadError(
            node, f"The callback {name} is not here.",
            f"Leave it out, or use one of {', '.join(training_arguments.CALLBACKS)}.",
        )  # fmt: skip
    if family == "metrics" and name in library.OTHER_METRICS:
        return other_metric(node, name, state)
    beyond = library.METRICS_BEYOND.get(name, ()) if family == "metrics" else ()
    for argument in beyond:
        if argument in named:
            return other_metric(node, f"{name} with {argument}", state)
    if family in ("initializers", "regularizers"):
        return _of_engine(node, family, name, given, named)
    kinds = FAMILIES[family]
    try:
        kind = training_arguments.kind_named(kinds, name, family[:-1])
    except SpecError as error:
        raise ReadError(node, str(error), "Use one of them.") from error
    config = _named(node, [each.name for each in kind.arguments], given, named)
    if "lr" in config:
        config["learning_rate"] = config.pop("lr")
        state.notice(node, "lr is called learning_rate today.", "repaired")
    for dropped in _DROPPED:
        if dropped in config and not any(each.name == dropped for each in kind.arguments):
            config.pop(dropped)
            if dropped == "decay":
                state.notice(node, "decay is left out: Keras 3 has schedules in its place.")
    try:
        plain = {key: told(value) for key, value in config.items()}
        return ObjectValue(family, kind.kind, kind.check(plain))
    except SpecError as error:
        raise ReadError(keyword_node(node, error.argument), str(error), "") from error


def other_metric(node: ast.AST, name: str, state: State) -> Opaque:
    """A metric of Keras that is not here."""
    state.notice(node, f"The metric {name} is left out: it is not here.")
    return Opaque(name)


def _of_engine(
    node: ast.Call, family: str, name: str, given: list[Value], named: dict[str, Value]
) -> ObjectValue:
    module = initializers if family == "initializers" else regularizers
    class_name = _REGULARIZERS.get(name, name) if family == "regularizers" else name
    base = initializers.Initializer if family == "initializers" else regularizers.Regularizer
    kind = getattr(module, class_name, None)
    if not (isinstance(kind, type) and issubclass(kind, base)):
        known = [
            each
            for each, found in vars(module).items()
            if isinstance(found, type) and issubclass(found, base) and each[0] != "_"
        ]
        raise ReadError(
            node, f"There is no {family[:-1]} {name!r} here.{near(name, known)}", "Use a known one."
        )
    if family == "regularizers" and name in ("l1", "l2", "L1", "L2"):
        named = {name.lower() if key == "l" else key: value for key, value in named.items()}
    config = _named(node, list(argument_names(kind)), given, named)
    plain = {key: told(value) for key, value in config.items()}
    try:
        module.get({"class_name": class_name, "config": plain})
    except (ValueError, TypeError) as error:
        raise ReadError(node, str(error), "Check its arguments.") from error
    return ObjectValue(family, class_name, plain)


def _named(
    node: ast.Call, names: list[str], given: list[Value], named: dict[str, Value]
) -> dict[str, Value]:
    if len(given) > len(names):
        raise ReadError(node, f"It takes at most {len(names)} arguments.", "Leave some out.")
    return {**dict(zip(names, given, strict=False)), **named}


def told(value: Value) -> Json:
    """A value as a description holds it. Raises SpecError for what none can hold."""
    if isinstance(value, ObjectValue):
        return value.json
    if isinstance(value, Reference):
        return value.last
    if isinstance(value, LayerValue) and value.kind in ("LeakyReLU", "ReLU"):
        arguments = dict(value.arguments)
        slope = arguments.pop("negative_slope", 0.3 if value.kind == "LeakyReLU" else 0.0)
        if value.kind == "LeakyReLU":
            return {"class_name": "leaky_relu", "config": {"negative_slope": slope}}
        return {"class_name": "relu", "config": {"negative_slope": slope, **arguments}}
    if isinstance(value, LayerValue) and value.kind in ("Activation", "Softmax"):
        return value.arguments.get("activation", "softmax")
    if isinstance(value, list | tuple | range):
        return tuple(told(each) for each in value)
    if isinstance(value, dict):
        return {str(key): told(each) for key, each in value.items()}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    what = "comes from the data" if isinstance(value, FromData | ArrayValue) else "is not read"
    raise SpecError(f"This value {what}: write a number or a name.")


def keyword_node(node: ast.Call, name: str) -> ast.AST:
    """The part of a call where an argument is given, or the call."""
    for keyword in node.keywords:
        if keyword.arg == name:
            return keyword
    return node
