"""Values and layers as Keras source: `layers.Dense(10, activation="relu")`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from simulator.engine import initializers
from simulator.formats import arguments, objectives, training_arguments
from simulator.formats.json_values import Json
from simulator.formats.network import LayerSpec
from simulator.formats.program import CompileSpec, FitSpec

_POSITIONAL = ("units", "filters", "kernel_size", "rate", "n", "activation")
"""Arguments that stand first without their names, if they have to be given."""
_NO_DEFAULT_WINDOW = ("MaxPooling1D", "AveragePooling1D", "AveragePooling2D")
"""Layers whose window Keras wants to be told."""
_ACTIVATION_LAYERS = {"leaky_relu": "LeakyReLU", "relu": "ReLU"}


def value(given: Json) -> str:
    """A value as Python writes it, and objects as the calls that make them."""
    if isinstance(given, str):
        escaped = given.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'"{escaped}"'
    if isinstance(given, tuple | list):
        inner = ", ".join(value(each) for each in given)
        return f"({inner},)" if len(given) == 1 else f"({inner})"
    if isinstance(given, Mapping) and "class_name" in given:
        return made(given)
    if isinstance(given, Mapping):
        return "{" + ", ".join(f"{value(k)}: {value(each)}" for k, each in given.items()) + "}"
    return repr(given)


def made(given: Mapping[str, Json]) -> str:
    """An object {"class_name": …, "config": …} as the call that makes it."""
    name, config = given["class_name"], given.get("config", {})
    told = ", ".join(f"{key}={value(each)}" for key, each in config.items())
    if name in _ACTIVATION_LAYERS:
        return f"layers.{_ACTIVATION_LAYERS[name]}({told})"
    for family, kinds in (
        ("optimizers", training_arguments.OPTIMIZERS),
        ("optimizers.schedules", training_arguments.SCHEDULES),
        ("callbacks", training_arguments.CALLBACKS),
        ("losses", training_arguments.LOSSES),
        ("metrics", training_arguments.METRICS),
    ):
        if name in kinds:
            return f"keras.{family}.{name}({told})"
    family = "initializers" if hasattr(initializers, name) else "regularizers"
    return f"keras.{family}.{name}({told})"


def metric(given: Json) -> str:
    """A metric; losses and metrics share names, so that the family has to be told."""
    if isinstance(given, Mapping):
        config = given.get("config", {})
        told = ", ".join(f"{key}={value(each)}" for key, each in config.items())
        return f"keras.metrics.{given['class_name']}({told})"
    return value(given)


def layer(spec: LayerSpec, name: str | None) -> str:
    """The call that makes a layer; with its name, if one is given."""
    parts: list[str] = []
    named: list[str] = []
    kind = arguments.LAYERS[spec.kind]
    first = True
    given = dict(spec.arguments)
    if spec.kind in _NO_DEFAULT_WINDOW:
        given.setdefault("pool_size", 2)
    for argument in kind.arguments:
        if argument.name not in given:
            first = False
            continue
        told = _argument(given[argument.name])
        if first and argument.needed and argument.name in (*_POSITIONAL, "layer"):
            parts.append(told)
        else:
            first = False
            named.append(f"{argument.name}={told}")
    if name is not None:
        named.append(f'name="{name}"')
    return f"layers.{spec.kind}({', '.join([*parts, *named])})"


def _argument(given: Json) -> str:
    if isinstance(given, Mapping) and "kind" in given:
        return layer(LayerSpec(given["kind"], "", given.get("arguments", {})), given.get("name"))
    return value(given)


def compiled(spec: CompileSpec) -> str:
    """The arguments of `compile`."""
    optimizer = spec.optimizer
    told = value(optimizer.kind.lower())
    if optimizer.arguments:
        told = made({"class_name": optimizer.kind, "config": optimizer.arguments})
    parts = [f"optimizer={told}", f"loss={_each(spec.loss, value)}"]
    if spec.loss_weights is not None:
        parts.append(f"loss_weights={_each(spec.loss_weights, value)}")
    if spec.metrics:
        parts.append(f"metrics={_each(spec.metrics, metric)}")
    return ", ".join(parts)


def _each(given: Json, written: Callable[[Json], str]) -> str:
    """One thing, or those of each output in a list or by their names."""
    if isinstance(given, tuple):
        return f"[{', '.join(_each(each, written) for each in given)}]"
    if objectives.is_several(given):
        told = (f"{value(name)}: {_each(each, written)}" for name, each in given.items())
        return f"{{{', '.join(told)}}}"
    return written(given)


def fitted(spec: FitSpec, names: tuple[str, ...]) -> str:
    """The arguments of `fit`; `names` are those of x, y, and of the validation data."""
    parts = [*names[:2], f"epochs={spec.epochs}", f"batch_size={spec.batch_size}"]
    if spec.validation:
        parts.append(f"validation_data=({', '.join(names[2:4])})")
    if spec.validation_split:
        parts.append(f"validation_split={spec.validation_split!r}")
    if not spec.shuffle:
        parts.append("shuffle=False")
    if spec.class_weight:
        weights = ", ".join(
            f"{key if key.isdigit() else value(key)}: {weight!r}"
            for key, weight in spec.class_weight.items()
        )
        parts.append(f"class_weight={{{weights}}}")
    if spec.callbacks:
        parts.append(f"callbacks=[{', '.join(value(each) for each in spec.callbacks)}]")
    return ", ".join(parts)


def identifier(name: str) -> str:
    """A name that a variable can have."""
    found = re.sub(r"\W", "_", name)
    return f"_{found}" if not found or found[0].isdigit() else found
