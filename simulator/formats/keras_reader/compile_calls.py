"""compile: the optimizer, and losses, their weights and metrics for one output or for each."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace

from simulator.formats import objectives, training_arguments
from simulator.formats.argument_types import is_number
from simulator.formats.json_values import Json, SpecError
from simulator.formats.keras_reader import library, objects
from simulator.formats.keras_reader.messages import ReadError
from simulator.formats.keras_reader.state import State
from simulator.formats.keras_reader.values import (
    FromData,
    FunctionValue,
    ModelValue,
    ObjectValue,
    Opaque,
    Reference,
    Value,
)
from simulator.formats.network import NetworkSpec, base_name
from simulator.formats.program import CompileSpec, OptimizerSpec

ARGUMENTS = ("optimizer", "loss", "loss_weights", "metrics", "weighted_metrics")


def compiled(node: ast.Call, values: dict[str, Value], state: State) -> CompileSpec:
    """What the arguments of `compile` say, whatever outputs there will be. The loss is None where
    a name stands for it that nothing explains.

    Raises ReadError at the argument that cannot be used.
    """
    third = values.get("loss_weights")
    before_keras_3 = isinstance(third, list | tuple) and not any(map(is_number, third))
    if before_keras_3 and "metrics" not in values:
        values["metrics"] = values.pop("loss_weights")  # the third, before Keras 3
    optimizer = _optimizer(node, values.get("optimizer", "rmsprop"))
    loss = values.get("loss")
    if loss is None:
        raise ReadError(node, "compile has no loss.", 'Write loss="mse", or another.')
    own = next((each for each in _leaves(loss) if isinstance(each, FunctionValue)), None)
    if own is not None:
        raise ReadError(
            objects.keyword_node(node, "loss"),
            f"{own.definition.name[:60]} is a function of the program’s own: it is not run, and "
            "its slope is not known.",
            'Use a loss by its name, such as loss="mse".',
        )  # fmt: skip
    metrics = _without_others(node, values.get("metrics") or (), state)
    untold = isinstance(loss, FromData)
    return CompileSpec(
        optimizer,
        None if untold else _checked(
            node, "loss", objectives.checked_loss, loss, "Use one of them."
        ),
        _checked(node, "metrics", objectives.checked_metrics, metrics, "Leave it out."),
        _checked(
            node, "loss_weights", objectives.checked_weights, values.get("loss_weights"),
            "Write a number for each output.",
        ),
    )  # fmt: skip


def _checked(
    node: ast.Call, name: str, check: Callable[[Json], Json], value: Value, to_do: str
) -> Json:
    try:
        return check(_named(value))
    except SpecError as error:
        raise ReadError(objects.keyword_node(node, name), str(error), to_do) from error


def _without_others(node: ast.Call, metrics: Value, state: State) -> Value:
    """The metrics without those of Keras that are not here, which are told."""
    if isinstance(metrics, dict):
        kept = {name: _without_others(node, each, state) for name, each in metrics.items()}
        return {name: each for name, each in kept.items() if each not in (None, [])}
    if not isinstance(metrics, list | tuple):
        kept = _without_others(node, [metrics], state)
        return kept[0] if kept else None
    found = []
    for each in metrics:
        if isinstance(each, Opaque):
            continue
        if isinstance(each, Reference) and each.path == "keras.metrics":  # no name of one
            state.notice(
                objects.keyword_node(node, "metrics"),
                "metrics is not told: it is left out.",
                "assumed",
            )
            continue
        if isinstance(each, list | tuple):
            found.append(_without_others(node, each, state))
        elif isinstance(each, FunctionValue):
            state.notice(
                objects.keyword_node(node, "metrics"),
                f"The metric {each.definition.name[:60]} is left out: functions of the program’s "
                "own are not run.",
            )
        elif isinstance(each, str) and each in library.OTHER_METRICS:
            objects.other_metric(objects.keyword_node(node, "metrics"), each, state)
        else:
            found.append(each)
    return found


def _leaves(value: Value) -> list[Value]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [inner for each in value for inner in _leaves(each)]
    return [value]


def _named(value: Value) -> Json:
    """A loss or metric as a description holds it."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list | tuple):
        return tuple(_named(each) for each in value)
    if isinstance(value, dict):
        return {str(key): _named(each) for key, each in value.items()}
    return objects.told(value)


def _optimizer(node: ast.Call, value: Value) -> OptimizerSpec:
    place = objects.keyword_node(node, "optimizer")
    if isinstance(value, ObjectValue) and value.family == "optimizers":
        return OptimizerSpec(value.class_name, value.config)
    name = value.last if isinstance(value, Reference) else value
    name = name.strip() if isinstance(name, str) else name
    if not isinstance(name, str):
        raise ReadError(place, "This is no optimizer.", 'Write optimizer="adam", or another.')
    try:
        found = training_arguments.kind_named(training_arguments.OPTIMIZERS, name, "optimizer")
    except SpecError as error:
        raise ReadError(place, str(error), "Use one of them.") from error
    return OptimizerSpec(found.kind)


def fitted_to_outputs(model: ModelValue, network: NetworkSpec, state: State) -> CompileSpec:
    """What `compile` was given, as the outputs of the network take it.

    Raises ReadError for an output that there is not, and for too many or too few of something.
    """
    spec, node = model.compiled, model.compile_node
    assert spec is not None
    assert node is not None
    outputs = [base_name(each) for each in network.outputs]
    named = {key: outputs[number] for number, key in enumerate(model.output_keys)}

    def of_each(argument: str, given: Json, otherwise: Json = None) -> tuple[Json, ...]:
        if isinstance(given, Mapping) and objectives.is_several(given):
            given = {named.get(name, name): each for name, each in given.items()}
        try:
            return objectives.for_outputs(given, outputs, otherwise)
        except SpecError as error:
            raise ReadError(
                objects.keyword_node(node, argument), f"{argument}: {error}",
                "Give each output one, by its name or in order.",
            ) from error  # fmt: skip

    if objectives.is_several(spec.loss):
        losses = of_each("loss", spec.loss)
        if all(each is None for each in losses):
            raise ReadError(
                objects.keyword_node(node, "loss"),
                "No output has a loss.",
                'Write "mse", or another.',
            )
        loss = losses[0] if len(outputs) == 1 else _as_given(spec.loss, losses, outputs)
        spec = replace(spec, loss=loss)
    if spec.loss_weights is not None:
        given = spec.loss_weights
        if len(outputs) > 1 and not objectives.is_several(given):
            given = (given,)  # one alone is too few
        weights = of_each("loss_weights", given, 1.0)
        if len(outputs) > 1:
            spec = replace(spec, loss_weights=_as_given(given, weights, outputs))
        else:
            spec = replace(spec, loss_weights=None if weights[0] == 1 else weights[0])
    return replace(spec, metrics=_metrics(spec.metrics, outputs, of_each, node, state))


def _metrics(
    given: Json, outputs: list[str], of_each: Callable[..., tuple[Json, ...]], node: ast.Call,
    state: State,
) -> Json:  # fmt: skip
    nested = isinstance(given, Mapping) or any(isinstance(each, tuple) for each in given)
    if len(outputs) == 1:
        if isinstance(given, Mapping):
            return of_each("metrics", given, ())[0]
        return objectives.named_in(given)
    if not nested and given and len(given) != len(outputs):
        state.notice(
            objects.keyword_node(node, "metrics"),
            f"Each of the {len(outputs)} outputs gets all of these metrics.", "completed",
            "Write a list of metrics for each, or a dictionary by the outputs’ names.",
        )  # fmt: skip
        return (given,) * len(outputs)
    if not given:
        return ()
    found = of_each("metrics", given, ())
    listed = tuple(each if isinstance(each, tuple) else (each,) for each in found)
    return _as_given(given, listed, outputs)


def _as_given(given: Json, found: tuple[Json, ...], outputs: list[str]) -> Json:
    """By name where it was given by name and names are enough to tell outputs apart."""
    if isinstance(given, Mapping) and len(set(outputs)) == len(outputs):
        return dict(zip(outputs, found, strict=True))
    return found
