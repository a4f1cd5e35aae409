"""Descriptions as JSON and back: versioned, and with errors that name the place.

What is read is checked as strictly as what a learner types: a description that is read can be built
unless its shapes do not fit.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from simulator.formats import arguments, objectives, training_arguments
from simulator.formats.json_values import Json, SpecError, Stored
from simulator.formats.network import InputSpec, LayerSpec, NetworkSpec
from simulator.formats.program import CompileSpec, DataSpec, FitSpec, OptimizerSpec, ProgramSpec

T = TypeVar("T")

VERSION = 2
"""Raised when a description is written that older versions cannot read."""


def to_json(program: ProgramSpec) -> dict[str, Json]:
    """Return what `json.dump` can write."""
    return {
        "version": VERSION,
        "network": network_to_json(program.network),
        "compile": {
            "optimizer": {
                "kind": program.compile.optimizer.kind,
                "arguments": dict(program.compile.optimizer.arguments),
            },
            "loss": program.compile.loss,
            "loss_weights": program.compile.loss_weights,
            "metrics": program.compile.metrics,
        },
        "fit": {
            "epochs": program.fit.epochs,
            "batch_size": program.fit.batch_size,
            "validation_split": program.fit.validation_split,
            "validation": program.fit.validation,
            "shuffle": program.fit.shuffle,
            "class_weight": dict(program.fit.class_weight),
            "callbacks": program.fit.callbacks,
        },
        "data": None if program.data is None else _data_to_json(program.data),
        "seed": program.seed,
    }


def from_json(value: object, place: str = "") -> ProgramSpec:
    """Return the program that `to_json` wrote.

    Raises:
        SpecError: it is none, or it cannot be used; `place` leads to what is wrong.
    """
    stored = Stored(value, place or "program")
    version = stored.whole("version", None, minimum=1)
    if version > VERSION:
        raise SpecError(
            f"{stored.place} was written by a newer version of the simulator (format {version}, "
            f"this one reads up to {VERSION}): update the simulator.",
            place=stored.at("version"),
        )
    data = stored.get("data")
    program = ProgramSpec(
        network_from_json(stored.get("network"), stored.at("network")),
        _compile_from_json(stored.get("compile", {}), stored.at("compile")),
        _fit_from_json(stored.get("fit", {}), stored.at("fit")),
        None if data is None else _data_from_json(data, stored.at("data")),
        stored.whole("seed", 0),
    )
    stored.finished()
    return program


def network_to_json(network: NetworkSpec) -> dict[str, Json]:
    """Return what `json.dump` can write."""
    return {
        "name": network.name,
        "sequential": network.sequential,
        "inputs": tuple({"name": each.name, "shape": each.shape} for each in network.inputs),
        "layers": tuple(_layer_to_json(layer) for layer in network.layers),
        "outputs": network.outputs,
    }


_DIGITS = 9
"""So many has the number of a class at most."""


def network_from_json(value: object, place: str = "network") -> NetworkSpec:
    """Return the network that `network_to_json` wrote. Raises SpecError, as `from_json`."""
    stored = Stored(value, place)
    name, sequential = _name(stored), stored.truth("sequential", True)
    inputs = tuple(
        _input_from_json(each, stored.at(f"inputs[{number}]"))
        for number, each in enumerate(stored.listed("inputs"))
    )
    layers = tuple(
        _layer_from_json(each, stored.at(f"layers[{number}]"))
        for number, each in enumerate(stored.listed("layers"))
    )
    outputs = stored.texts("outputs")
    stored.finished()
    return _placed(place, lambda: NetworkSpec(name, inputs, layers, outputs, sequential))


def _name(stored: Stored) -> str:
    """What a weight's name may begin with."""
    name = stored.text("name")
    if not name or "/" in name:
        raise stored.error("name", name, "a text without '/'")
    return name


def _layer_to_json(layer: LayerSpec) -> dict[str, Json]:
    stored = {
        "kind": layer.kind,
        "name": layer.name,
        "arguments": dict(layer.arguments),
        "inputs": layer.inputs,
    }
    return stored | ({"shared_with": layer.shared_with} if layer.shared_with else {})


def _layer_from_json(value: object, place: str) -> LayerSpec:
    stored = Stored(value, place)
    kind, name = stored.text("kind"), _name(stored)
    given = stored.mapping("arguments")
    layer = LayerSpec(kind, name, given, stored.texts("inputs"), stored.text("shared_with", ""))
    if not layer.shared_with:  # else the arguments stand at the layer whose weights it uses
        _placed(stored.at("arguments"), lambda: arguments.check(kind, given, name))
    stored.finished()
    return layer


def _input_from_json(value: object, place: str) -> InputSpec:
    stored = Stored(value, place)
    name, shape = stored.text("name"), stored.get("shape")
    stored.finished()
    if shape is not None:
        whole = isinstance(shape, tuple) and all(
            each is None or (isinstance(each, int) and not isinstance(each, bool) and each > 0)
            for each in shape
        )
        if not whole:
            raise stored.error("shape", shape, "a list of whole numbers of 1 or more, or null")
    return InputSpec(name, shape)


def _compile_from_json(value: object, place: str) -> CompileSpec:
    stored = Stored(value, place)
    optimizer = Stored(stored.get("optimizer", {}), stored.at("optimizer"))
    kind, given = optimizer.text("kind", "Adam"), optimizer.mapping("arguments")
    optimizer.finished()

    def checked_optimizer() -> OptimizerSpec:
        found = training_arguments.kind_named(training_arguments.OPTIMIZERS, kind, "optimizer")
        found.check(given)
        return OptimizerSpec(found.kind, given)

    loss, weights = stored.get("loss", "mse"), stored.get("loss_weights", None)
    metrics = stored.get("metrics", ())
    if not objectives.is_several(metrics):
        raise stored.error("metrics", metrics, "a list, or an object with one for each output")
    loss, weights, metrics = (
        _placed(stored.at(name), partial(check, each))
        for name, each, check in (
            ("loss", loss, objectives.checked_loss),
            ("loss_weights", weights, objectives.checked_weights),
            ("metrics", metrics, objectives.checked_metrics),
        )
    )
    stored.finished()
    return CompileSpec(_placed(optimizer.place, checked_optimizer), loss, metrics, weights)


def _fit_from_json(value: object, place: str) -> FitSpec:
    stored = Stored(value, place)
    weights = stored.mapping("class_weight")
    for name, weight in weights.items():
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            raise stored.error(f"class_weight.{name}", weight, "a number")
        if not (name.isascii() and name.isdigit() and len(name) <= _DIGITS):
            raise stored.error("class_weight", weights, "an object of classes: whole numbers")
    callbacks = stored.listed("callbacks")
    for number, each in enumerate(callbacks):
        _placed(
            stored.at(f"callbacks[{number}]"),
            partial(training_arguments.checked, training_arguments.CALLBACKS, each, "callback"),
        )
    fields: dict[str, Any] = {
        "epochs": stored.whole("epochs", 1, minimum=1),
        "batch_size": stored.whole("batch_size", 32, minimum=1),
        "validation_split": stored.real("validation_split", 0.0),
        "validation": stored.truth("validation", False),
        "shuffle": stored.truth("shuffle", True),
        "class_weight": weights,
        "callbacks": callbacks,
    }
    stored.finished()
    return _placed(place, lambda: FitSpec(**fields))


def _data_to_json(data: DataSpec) -> dict[str, Json]:
    return {
        "x": data.x,
        "y": data.y,
        "x_validation": data.x_validation,
        "y_validation": data.y_validation,
        "wanted": data.wanted,
        "variables": data.variables,
        "one_hot": data.one_hot,
        "classes": data.classes,
        "itself": data.itself,
    }


def _data_from_json(value: object, place: str) -> DataSpec:
    stored = Stored(value, place)
    classes = stored.get("classes")
    if classes is not None:
        classes = stored.whole("classes", None, minimum=1)
    data = DataSpec(
        stored.get("x"),
        stored.get("y"),
        stored.get("x_validation"),
        stored.get("y_validation"),
        stored.text("wanted", ""),
        stored.texts("variables"),
        stored.truth("one_hot", False),
        classes,
        stored.truth("itself", False),
    )
    stored.finished()
    return data


def _placed(place: str, make: Callable[[], T]) -> T:
    """What `make` returns; its SpecError tells the place too."""
    try:
        return make()
    except SpecError as error:
        inner = (
            f"{place}.{error.place}" if error.place and not error.place.startswith(place) else ""
        )
        where = inner or error.place or place
        raise SpecError(
            f"{where}: {error}", place=where, layer=error.layer, argument=error.argument
        ) from error
