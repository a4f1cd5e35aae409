"""From what was read to a description: networks within networks, shared layers, shapes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from simulator.formats import building, serialization
from simulator.formats.json_values import Json, SpecError
from simulator.formats.keras_reader import models
from simulator.formats.keras_reader.messages import ReadError
from simulator.formats.keras_reader.state import State
from simulator.formats.keras_reader.values import (
    CallValue,
    FromData,
    LayerValue,
    ModelValue,
    TensorValue,
    Value,
)
from simulator.formats.network import InputSpec, LayerSpec, NetworkSpec, Shape, sequential

DEEPEST = 8


def network(model: ModelValue, state: State, depth: int = 0) -> NetworkSpec:
    """The model as a description. Raises ReadError for what does not hang together."""
    if depth > DEEPEST:
        raise ReadError(model.node, "Networks lie too deep within each other.", "Use fewer levels.")
    if model.preset is not None:
        models.open_up(model, state)
    try:
        if model.sequential:
            layers = [_layer(each, state, depth) for each in model.layers]
            return sequential(
                layers, shape=_shape(model.shape), name=model.name, input_name=model.input_name
            )
        return _functional(model, state, depth)
    except SpecError as error:
        raise ReadError(_node_of(model, error.layer), str(error), "Check the layers.") from error


def shape_of(tensor: TensorValue, state: State) -> Value:
    """What a layer puts out, as Keras tells it: (None, rows, …), None where the length is free;
    FromData where the data tell it.
    """
    waiting = [tensor.call]
    while waiting:  # each call once, however often shapes are asked for
        call = waiting[-1]
        unknown = [each.call for each in call.inputs if each.call not in state.shapes]
        if unknown:
            waiting += unknown
        else:
            state.shapes[call] = _shapes_of(call, state)
            waiting.pop()
    found = state.shapes[tensor.call]
    return FromData("shape") if found is None else (None, *found[tensor.index])


def _shapes_of(call: CallValue, state: State) -> tuple[Shape, ...] | None:
    """The shapes of all that a call puts out, or None; those of what it reads are known."""
    if call.layer.kind == "InputLayer":
        own = _shape(call.layer.input_shape)
        return None if own is None else (own,)
    read = [(state.shapes[each.call], each.index) for each in call.inputs]
    inputs = tuple(
        InputSpec(f"input_{number}", None if shapes is None else shapes[index])
        for number, (shapes, index) in enumerate(read)
    )
    try:
        layer = replace(_layer(call.layer, state, 0), inputs=tuple(each.name for each in inputs))
        alone = NetworkSpec("alone", inputs, (layer,), (layer.name,), sequential=False)
        return building.facts(alone).layers[0].output_shapes
    except (ReadError, SpecError):  # told where the network is read as a whole
        return None


def _functional(model: ModelValue, state: State, depth: int) -> NetworkSpec:
    entries = {tensor.call for tensor in model.inputs}
    names: dict[CallValue, str] = {}
    counted: dict[LayerValue, int] = {}
    inputs: list[InputSpec] = []
    layers: list[LayerSpec] = []
    for tensor in model.inputs:
        names[tensor.call] = tensor.call.layer.name
        inputs.append(InputSpec(tensor.call.layer.name, _shape(tensor.call.layer.input_shape)))
    for call in models.calls_of(model):
        if call in entries:
            continue
        if call.layer.kind == "InputLayer":
            raise ReadError(
                call.layer.node, f"The input {call.layer.name!r} is not among the model's inputs.",
                "Add it to inputs.",
            )  # fmt: skip
        number = counted[call.layer] = counted.get(call.layer, -1) + 1
        names[call] = f"{call.layer.name}:{number}" if number else call.layer.name
        sources = tuple(_source(each, names, model) for each in call.inputs)
        if number:
            layers.append(LayerSpec(call.layer.kind, names[call], {}, sources, call.layer.name))
        else:
            own = _layer(call.layer, state, depth)
            layers.append(LayerSpec(own.kind, own.name, own.arguments, sources))
    outputs = tuple(_source(each, names, model) for each in model.outputs)
    return NetworkSpec(model.name, tuple(inputs), tuple(layers), outputs, sequential=False)


def _source(tensor: TensorValue, names: Mapping[CallValue, str], model: ModelValue) -> str:
    name = names.get(tensor.call)
    if name is None:
        raise ReadError(model.node, "The model's inputs do not lead to its outputs.", "Check them.")
    return f"{name}#{tensor.index}" if tensor.index else name


def _layer(layer: LayerValue, state: State, depth: int) -> LayerSpec:
    """The layer without what it reads."""
    inner = layer.model
    if inner is None:
        return LayerSpec(layer.kind, layer.name, layer.arguments)
    if inner.preset is not None:
        frozen = {each.trainable for each in _inner_layers(inner)} or {inner.trainable}
        if len(frozen) == 1:
            return LayerSpec("VGG16", layer.name, _with_trainable(inner.preset, frozen.pop()))
    arguments: dict[str, Json] = {
        "network": serialization.network_to_json(network(inner, state, depth + 1))
    }
    kind = "Sequential" if inner.sequential else "Functional"
    return LayerSpec(kind, layer.name, _with_trainable(arguments, inner.trainable))


def _inner_layers(model: ModelValue) -> list[LayerValue]:
    return [call.layer for call in models.calls_of(model) if call.layer.kind != "InputLayer"]


def _with_trainable(arguments: Mapping[str, Json], trainable: bool) -> dict[str, Json]:
    return {**arguments} if trainable else {**arguments, "trainable": False}


def _shape(shape: Any) -> Shape | None:
    return None if shape is None or isinstance(shape, FromData) else tuple(shape)


def _node_of(model: ModelValue, name: str) -> Any:
    return nodes(model).get(name.partition(":")[0], model.node)


def nodes(model: ModelValue) -> dict[str, Any]:
    """Where each layer of the model was written, by its name."""
    if model.sequential:
        return {layer.name: layer.node for layer in model.layers}
    found = {call.layer.name: call.layer.node for call in models.calls_of(model)}
    return found | {tensor.call.layer.name: tensor.call.layer.node for tensor in model.inputs}
