"""Losses, loss weights and metrics: one for a network, or one for each of its outputs.

For each output they are a tuple in the outputs' order, or a mapping by the outputs' names, as Keras
takes both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulator.formats import training_arguments
from simulator.formats.argument_types import is_number
from simulator.formats.json_values import Json, SpecError, shown

CHOSEN_BY_SHAPES = ("crossentropy", "ce")
"""Losses that the engine chooses by the shapes of outputs and targets."""


def is_several(given: Json) -> bool:
    """Whether there is one for each output, and not one alone."""
    if isinstance(given, Mapping):
        return "class_name" not in given
    return isinstance(given, tuple | list)


def checked_loss(given: Json) -> Json:
    """Return a loss, checked: a name, an object, or several of them. Raises SpecError."""
    if isinstance(given, tuple | list):
        return tuple(_checked_own_loss(each) for each in given)
    if is_several(given):
        return {name: _checked_own_loss(each) for name, each in given.items()}
    if isinstance(given, str) and given in CHOSEN_BY_SHAPES:
        return given
    return training_arguments.checked(training_arguments.LOSSES, given, "loss")


def _checked_own_loss(given: Json) -> Json:
    """One output's: None where it has none."""
    if is_several(given):
        raise SpecError(f"The loss of an output is {shown(given)}: give it one.")
    return None if given is None else checked_loss(given)


def checked_weights(given: Json) -> Json:
    """Return loss weights, checked: None, a number, or one for each output. Raises SpecError."""
    if given is None:
        return None
    if isinstance(given, Mapping):
        return {name: _checked_weight(each) for name, each in given.items()}
    if isinstance(given, tuple | list):
        return tuple(_checked_weight(each) for each in given)
    return _checked_weight(given)


def _checked_weight(given: Json) -> float:
    if not is_number(given):
        raise SpecError(f"A loss weight is {shown(given)}: it must be a number.")
    return float(given)


def checked_metrics(given: Json) -> Json:
    """Return metrics, checked: a tuple of them, of tuples of them for each output, or tuples by the
    outputs' names. Raises SpecError.
    """
    if isinstance(given, Mapping) and is_several(given):
        return {name: _checked_own_metrics(each) for name, each in given.items()}
    listed = given if isinstance(given, tuple | list) else (given,)
    return tuple(
        _checked_own_metrics(each) if each is None or isinstance(each, tuple | list)
        else _checked_metric(each)
        for each in listed
    )  # fmt: skip


def _checked_own_metrics(given: Json) -> tuple[Json, ...]:
    if given is None:
        return ()
    listed = given if isinstance(given, tuple | list) else (given,)
    return tuple(_checked_metric(each) for each in listed)


def _checked_metric(given: Json) -> Json:
    return training_arguments.checked(training_arguments.METRICS, given, "metric")


def for_outputs(given: Json, outputs: Sequence[str], otherwise: Json = None) -> tuple[Json, ...]:
    """Return what each output has, in their order; `otherwise` for those that have none.

    Raises SpecError for another number of them, and for a name that no output has.
    """
    if not is_several(given):
        return (given,) * len(outputs)
    if isinstance(given, Mapping):
        unknown = next((name for name in given if name not in outputs), None)
        if unknown is not None:
            raise SpecError(
                f"There is no output {unknown!r}: the outputs are {', '.join(outputs)}."
            )
        return tuple(given.get(name, otherwise) for name in outputs)
    if len(given) != len(outputs):
        count = "one output" if len(outputs) == 1 else f"{len(outputs)} outputs"
        raise SpecError(
            f"There are {len(given)} for {count}: give one for each of {', '.join(outputs)}."
        )
    return tuple(given)


def named_in(metrics: Json) -> tuple[Json, ...]:
    """Return all metrics, whatever output they belong to."""
    listed = metrics.values() if isinstance(metrics, Mapping) else metrics
    return tuple(
        inner for each in listed for inner in (each if isinstance(each, tuple | list) else (each,))
    )
