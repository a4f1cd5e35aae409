"""Calls that make a layer: arguments by position and name, checked with the table."""

from __future__ import annotations

import ast
from typing import Any

from simulator.formats import arguments
from simulator.formats.argument_types import near
from simulator.formats.json_values import Json, SpecError
from simulator.formats.keras_reader import calls, guesses, library, objects, old_names
from simulator.formats.keras_reader.messages import ReadError
from simulator.formats.keras_reader.state import State
from simulator.formats.keras_reader.values import (
    DataValue,
    FromData,
    LayerValue,
    ModelValue,
    Opaque,
    Value,
)

SKIPPED = ""
"""The kind of a layer that changes nothing here and is left out."""
WITHOUT_EFFECT = (
    "dtype", "implementation", "time_major", "autocast", "batch_size",
    "noise_shape", "seed", "cudnn", "use_cudnn", "input_length", "synchronized", "sparse",
)  # fmt: skip
NOT_HERE = (
    "kernel_constraint", "bias_constraint", "recurrent_constraint", "depthwise_constraint",
    "embeddings_constraint", "beta_constraint", "gamma_constraint", "renorm",
    "virtual_batch_size", "fused", "stateful",
)  # fmt: skip


def make(node: ast.Call, name: str, state: State) -> Value:
    """The layer. Raises ReadError for unknown layers and for arguments that do not fit."""
    kind_name = arguments.ALIASES.get(name, name)
    if name in library.AS_ACTIVATIONS:
        return LayerValue(
            "Activation", state.name_for(name), {"activation": library.AS_ACTIVATIONS[name]}, node
        )
    if name in library.ELSEWHERE:
        _, named = calls.arguments_of(node, state)
        state.notice(node, f"{name} is left out: {library.ELSEWHERE[name]}.")
        return LayerValue(SKIPPED, name, {}, node, input_shape=_input_shape(named, name, node))
    if kind_name not in arguments.LAYERS:
        if name in library.MERGES:
            return _merge_function(node, name, state)
        raise ReadError(
            node, f"The layer {name} is not here.{near(name, list(arguments.LAYERS))}",
            library.INSTEAD.get(name, "Use a layer that is listed under Add a layer."),
        )  # fmt: skip
    kind = arguments.LAYERS[kind_name]
    positions = tuple(each.name for each in kind.arguments if each.name != "trainable")
    given, named = calls.arguments_of(node, state, positions)
    if len(given) > len(positions):
        raise ReadError(
            node, f"{name} takes {len(positions)} arguments, not {len(given)}.", "Leave some out."
        )
    if name.startswith("Convolution2D") and len(given) > 2 and isinstance(given[2], int):
        given = [given[0], (given[1], given[2]), *given[3:]]  # rows and columns, before Keras 2
        state.notice(node, f"{name}({given[0]}, rows, columns) is written {kind_name}"
                     f"({given[0]}, (rows, columns)) today.", "repaired")  # fmt: skip
    named = old_names.renamed(node, kind_name, named, state)
    values = {**dict(zip(positions, given, strict=False)), **named}
    own_name = values.pop("name", None)
    shape = _input_shape(values, kind_name, node)
    for unused in WITHOUT_EFFECT:
        if unused in values and not (unused == "seed" and isinstance(values["seed"], int)):
            values.pop(unused)
    for missing in NOT_HERE:
        value = values.pop(missing, None)
        if value not in (None, False):
            state.notice(
                objects.keyword_node(node, missing),
                f"{missing} is left out: {name} has no such thing here.",
            )
    if "weights" in values and kind_name == "Embedding":
        values.pop("weights")
        state.notice(node, "weights are left out: the vectors begin at random.")
    if kind_name in ("Bidirectional", "TimeDistributed"):
        shape = _unwrap(node, values, shape)
    checked = _checked(node, kind_name, values, state)
    layer_name = own_name if isinstance(own_name, str) and own_name else state.name_for(kind_name)
    return LayerValue(kind_name, layer_name, checked, node, input_shape=shape)


def _checked(node: ast.Call, kind: str, values: dict[str, Value], state: State) -> dict[str, Json]:
    plain: dict[str, Json] = {}
    for name, value in values.items():
        if name in ("units", "filters") and isinstance(value, FromData | DataValue | Opaque):
            plain[name] = guesses.classes(objects.keyword_node(node, name), state)
            continue
        if isinstance(value, Opaque | FromData | DataValue | ModelValue):
            raise ReadError(
                objects.keyword_node(node, name),
                f"{name} comes from something that is not run.", "Write the value.",
            )  # fmt: skip
        try:
            plain[name] = objects.told(value)
        except SpecError as error:
            raise ReadError(objects.keyword_node(node, name), f"{name}: {error}") from error
    try:
        return arguments.check(kind, plain)
    except SpecError as error:
        raise ReadError(
            objects.keyword_node(node, error.argument), str(error), "See the layer's card."
        ) from error


def _unwrap(node: ast.Call, values: dict[str, Value], shape: Any) -> Any:
    """The inner layers of a wrapper as the table takes them; an inner input shape is its own."""
    for name in ("layer", "backward_layer"):
        inner = values.get(name)
        if inner is None:
            continue
        if not isinstance(inner, LayerValue):
            raise ReadError(node, f"A wrapper takes a layer as its {name}.", "Give it a layer.")
        values[name] = {"kind": inner.kind, "name": inner.name, "arguments": inner.arguments}
        if shape is None:
            shape = inner.input_shape
    return shape


def _input_shape(values: dict[str, Value], kind: str, node: ast.Call) -> Any:
    """What the layer says of its input, taken out of the arguments; FromData where only the data
    tell, and None where it says nothing.
    """
    if kind == "VGG16":
        return None
    shape = values.pop("input_shape", None)
    batch = values.pop("batch_input_shape", values.pop("batch_shape", None))
    if isinstance(batch, list | tuple):
        shape = tuple(batch)[1:]
    if kind != "Embedding" and "input_dim" in values:
        given = values.pop("input_dim")
        steps = values.pop("input_length", None)
        # Of what slides along time it is the length of each step's vector, as in Keras 1.
        timed = kind.endswith("1D") or kind in ("SimpleRNN", "LSTM", "GRU")
        shape = (given,) if steps is None and not timed else (steps, given)
    elif kind == "Embedding" and "input_length" in values:
        shape = (values.pop("input_length"),)
    return shape_of(shape, node)


LONGEST = 10**7
"""Numbers along an axis of what goes in."""


def shape_of(value: Value, node: ast.AST) -> Any:
    """A sample's shape as a tuple, FromData, or None. Raises ReadError for anything else."""
    if value is None or isinstance(value, FromData):
        return value
    if isinstance(value, DataValue):
        return FromData("shape")
    parts = value if isinstance(value, list | tuple) else (value,)
    if any(isinstance(each, FromData | DataValue | Opaque) for each in parts):
        return FromData("shape")
    for each in parts:
        if each is None:
            continue
        if isinstance(each, bool) or not isinstance(each, int) or not 1 <= each <= LONGEST:
            raise ReadError(
                node, f"The shape {tuple(parts)!r:.60} must hold whole numbers from 1 to "
                f"{LONGEST:,}.", "Write it as (28, 28, 1).",
            )  # fmt: skip
    return tuple(parts)


def _merge_function(node: ast.Call, name: str, state: State) -> Value:
    from simulator.formats.keras_reader import merging  # noqa: PLC0415 - which makes layers

    given, named = calls.arguments_of(node, state)
    merged = merging.merged_by_name(node, name, given, named, state)
    if merged is None:
        raise ReadError(node, f"{name} joins the outputs of layers.", "Give it a list of them.")
    return merged
