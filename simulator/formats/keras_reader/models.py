"""Models: made, extended, looked into, compiled and trained."""

from __future__ import annotations

import ast
from typing import Any

from simulator.formats import arguments, vgg16
from simulator.formats.json_values import SpecError
from simulator.formats.keras_reader import calls, layer_calls, objects, training_calls
from simulator.formats.keras_reader.messages import ReadError
from simulator.formats.keras_reader.state import State
from simulator.formats.keras_reader.values import (
    NOT_READ,
    ArrayValue,
    Bound,
    CallValue,
    DataValue,
    FromData,
    LayerValue,
    ModelValue,
    Opaque,
    TensorValue,
    Value,
)
from simulator.formats.outputs import count_outputs

NEEDS_TENSOR = "Call it on Input(…) or on another layer's output."


def make_sequential(node: ast.Call, state: State) -> ModelValue:
    """Sequential([…])."""
    given, named = calls.arguments_of(node, state, ("layers", "trainable", "name"))
    name = named.get("name")
    _take_seed(named, state)
    model = ModelValue(
        name if isinstance(name, str) else state.name_for("Sequential"), node, sequential=True
    )
    layers = given[0] if given else named.get("layers", ())
    for each in layers if isinstance(layers, list | tuple) else (layers,):
        add(node, model, each)
    state.models.append(model)
    return model


def _take_seed(named: dict[str, Value], state: State) -> None:
    """The simulator's own models take a seed."""
    seed = named.get("seed")
    if isinstance(seed, int) and not isinstance(seed, bool) and 0 <= seed < 2**63:
        state.seed = seed


def add(node: ast.AST, model: ModelValue, value: Value) -> None:
    """model.add(…)."""
    if isinstance(value, list | tuple):
        for each in value:
            add(node, model, each)
        return
    if not model.sequential:
        raise ReadError(node, "Only a Sequential has add.", "Call the layer on a tensor.")
    if isinstance(value, TensorValue) and value.call.layer.kind == "InputLayer":
        value = value.call.layer
    if value is NOT_READ:
        return
    if isinstance(value, ModelValue) and value.sequential and not value.layers:
        model.shape = value.shape if model.shape is None else model.shape
        return
    if isinstance(value, ModelValue):
        if model.shape is None and not model.layers:
            model.shape = _shape_of(value)
        value = as_layer(value)
    if not isinstance(value, LayerValue):
        raise ReadError(node, "Only layers can stand here.", "Write a layer, such as Dense(10).")
    if not model.layers and model.shape is None and value.input_shape is not None:
        model.shape = value.input_shape
    if value.kind == "InputLayer":
        model.input_name = value.name
    elif value.kind != layer_calls.SKIPPED:
        if value in model.layers:
            raise ReadError(
                node, f"The layer {value.name!r} is there already.", "Make another layer."
            )
        model.layers.append(value)
    model.inputs = model.outputs = ()


def _shape_of(model: ModelValue) -> Any:
    if model.preset is not None and not model.outputs:
        return model.preset.get("input_shape") or vgg16.DEFAULT_SHAPE
    if model.sequential:
        return model.shape
    return model.inputs[0].call.layer.input_shape if len(model.inputs) == 1 else None


def make_input(node: ast.Call, state: State, *, layer: bool) -> Value:
    """Input(shape=…)."""
    given, named = calls.arguments_of(node, state, ("shape", "batch_size", "dtype", "sparse"))
    shape = named.get("shape", named.get("input_shape", given[0] if given else None))
    batch = named.get("batch_shape", named.get("batch_input_shape"))
    if isinstance(batch, list | tuple):
        shape = tuple(batch)[1:]
    name = named.get("name")
    found = LayerValue(
        "InputLayer", name if isinstance(name, str) else state.name_for("InputLayer"), {}, node,
        input_shape=layer_calls.shape_of(shape, node),
    )  # fmt: skip
    call = CallValue(found, (), state.next_call())
    found.calls.append(call)
    return found if layer else TensorValue(call)


def flat(values: list[Value]) -> list[Value]:
    """The values, those in lists by themselves."""
    found: list[Value] = []
    for each in values:
        found += each if isinstance(each, list | tuple) else [each]
    return found


def make_functional(node: ast.Call, state: State) -> Value:
    """Model(inputs, outputs)."""
    given, named = calls.arguments_of(node, state, ("inputs", "outputs", "name"))
    inputs = named.get("inputs", named.get("input", given[0] if given else None))
    outputs = named.get("outputs", named.get("output", given[1] if len(given) > 1 else None))
    if NOT_READ in flat([inputs, outputs]):
        return NOT_READ
    if inputs is None or outputs is None:
        raise ReadError(node, "Model needs inputs and outputs.", "Write Model(inputs, outputs).")
    name = named.get("name")
    _take_seed(named, state)
    model = ModelValue(
        name if isinstance(name, str) else state.name_for("Functional"), node, sequential=False,
        inputs=_tensors(node, inputs), outputs=_tensors(node, outputs),
    )  # fmt: skip
    if isinstance(outputs, dict) and len(outputs) == len(model.outputs):
        model.output_keys = tuple(map(str, outputs))
    state.models.append(model)
    return model


def _tensors(node: ast.AST, value: Value) -> tuple[TensorValue, ...]:
    parts: Any = list(value.values()) if isinstance(value, dict) else value
    parts = parts if isinstance(parts, list | tuple) else [parts]
    found: list[TensorValue] = []
    for each in parts:
        if isinstance(each, list | tuple):
            found += _tensors(node, each)
        elif isinstance(each, TensorValue):
            found.append(each)
        else:
            raise ReadError(node, "This is no output of a layer.", NEEDS_TENSOR)
    return tuple(found)


def make_application(node: ast.Call, name: str, state: State) -> ModelValue:
    """VGG16(…). Raises ReadError for other groups."""
    if name != "VGG16":
        raise ReadError(
            node, f"{name} is not here.",
            "Use VGG16, or write the layers." if name[:1].isupper() else "Leave this line out.",
        )  # fmt: skip
    names = ("include_top", "weights", "input_tensor", "input_shape", "pooling", "classes")
    given, named = calls.arguments_of(node, state, names)
    values = {**dict(zip(names, given, strict=False)), **named}
    tensor, own_name = values.pop("input_tensor", None), values.pop("name", None)
    shape = values.pop("input_shape", None)
    if isinstance(tensor, TensorValue):
        shape = tensor.call.layer.input_shape
    shape = layer_calls.shape_of(shape, node)
    if isinstance(shape, tuple):
        values["input_shape"] = shape
    elif isinstance(shape, FromData):
        state.notice(node, "The input shape of VGG16 is not told: (224, 224, 3) is taken.",
                     "assumed")  # fmt: skip
    if values.get("weights", "imagenet") is not None:
        state.notice(
            node, "The weights learned from ImageNet are not bundled: VGG16 begins with drawn ones."
        )
        values["weights"] = "imagenet"
    try:
        checked = arguments.check("VGG16", {k: objects.told(v) for k, v in values.items()})
    except SpecError as error:
        raise ReadError(objects.keyword_node(node, error.argument), str(error)) from error
    model = ModelValue(own_name if isinstance(own_name, str) else "vgg16", node, sequential=False,
                       preset=checked)  # fmt: skip
    if isinstance(tensor, TensorValue):
        model.inputs = (tensor,)
    return model


def open_up(model: ModelValue, state: State) -> None:
    """Give a model its tensors: a group's layers are made, a Sequential's are connected."""
    if model.outputs:
        return
    if model.preset is not None:
        network = vgg16.network(model.preset, model.name)
        layers = [
            LayerValue(each.kind, each.name, dict(each.arguments), model.node)
            for each in network.layers
        ]
        shape = network.inputs[0].shape
        for layer in layers:
            set_trainable(layer, model.trainable)
    else:
        layers, shape = model.layers, model.shape
    if not model.inputs:
        entry = LayerValue("InputLayer", model.input_name, {}, model.node, input_shape=shape)
        if model.preset is not None:
            entry.name = state.name_for("InputLayer")
        call = CallValue(entry, (), state.next_call())
        entry.calls.append(call)
        model.inputs = (TensorValue(call),)
    tensor = model.inputs[0]
    for layer in layers:
        call = CallValue(layer, (tensor,), state.next_call())
        layer.calls.append(call)
        tensor = TensorValue(call)
    model.outputs = (tensor,)


def as_layer(model: ModelValue) -> LayerValue:
    """The model as a layer of another."""
    if model.as_layer is None:
        kind = "VGG16" if model.preset is not None else (
            "Sequential" if model.sequential else "Functional"
        )  # fmt: skip
        model.as_layer = LayerValue(kind, model.name, {}, model.node, model=model)
    return model.as_layer


def layers_of(model: ModelValue, state: State) -> list[LayerValue | ModelValue]:
    """model.layers, models as such, the inputs of a functional model included."""
    if model.sequential:
        return [each.model or each for each in model.layers]
    open_up(model, state)
    return [each.layer.model or each.layer for each in calls_of(model)]


def calls_of(model: ModelValue) -> list[CallValue]:
    """The calls that the outputs hang on, in the order of the program."""
    found: dict[CallValue, None] = {tensor.call: None for tensor in model.inputs}
    waiting = [tensor.call for tensor in model.outputs]
    while waiting:
        call = waiting.pop()
        if call not in found:
            found[call] = None
            waiting += [tensor.call for tensor in call.inputs]
    return sorted(found, key=lambda call: call.number)


def connect(
    node: ast.AST, callee: LayerValue | ModelValue, given: list[Value], named: dict[str, Value],
    state: State,
) -> Value:  # fmt: skip
    """layer(x). Raises ReadError for anything but outputs of layers."""
    if NOT_READ in flat([*given, *named.values()]):
        return NOT_READ
    if isinstance(callee, ModelValue) and callee.sequential and not callee.layers and given:
        return given[0]  # all of its layers are left out here
    if isinstance(callee, ModelValue):
        if any(isinstance(each, ArrayValue | DataValue | Opaque) for each in given):
            return Opaque("predictions")
        open_up(callee, state) if callee.preset is not None else None
        layer = as_layer(callee)
    else:
        layer = callee
    for key in ("inputs", "query", "value", "key", "initial_state"):
        if named.get(key) is not None:
            given = [*given, named[key]]
        named.pop(key, None)
    if named:
        raise ReadError(
            node, f"{next(iter(named))} is not read in a layer's call.", "Leave it out."
        )
    tensors = _tensors(node, given)
    if not tensors:
        raise ReadError(node, "The layer is called on nothing.", NEEDS_TENSOR)
    if layer.kind == layer_calls.SKIPPED:
        return tensors[0]
    call = CallValue(layer, tensors, state.next_call())
    layer.calls.append(call)
    count = _outputs_of(layer)
    found = tuple(TensorValue(call, index) for index in range(count))
    return found[0] if count == 1 else found


def _outputs_of(layer: LayerValue) -> int:
    if layer.model is not None:
        return max(1, len(layer.model.outputs))
    return count_outputs(layer.kind, layer.arguments)


def attribute(owner: LayerValue | ModelValue | TensorValue, name: str, state: State) -> Value:
    """model.layers, layer.output and the like; a method otherwise."""
    if isinstance(owner, TensorValue):
        return Opaque(name)
    if name == "name":
        return owner.name
    if name == "trainable":
        return owner.trainable
    if isinstance(owner, ModelValue):
        if name == "layers":
            return layers_of(owner, state)
        if name in ("output", "outputs", "input", "inputs"):
            open_up(owner, state)
            found = owner.outputs if name.startswith("output") else owner.inputs
            return found[0] if len(found) == 1 and not name.endswith("s") else list(found)
        if name in ("input_shape", "output_shape"):
            return FromData("shape")
        if name in ("history", "optimizer", "weights", "trainable_weights", "metrics_names"):
            return Opaque(name)
        return Bound(owner, name)
    if name in ("output", "input") and owner.calls:
        call = owner.calls[0]
        return TensorValue(call) if name == "output" else call.inputs[0]
    return Bound(owner, name) if name.startswith(("get_", "set_", "count")) else Opaque(name)


def set_trainable(owner: LayerValue | ModelValue, value: bool) -> None:
    """Freeze a layer or a whole model, or let it be trained again."""
    if isinstance(owner, ModelValue):
        owner.trainable = value
        inner = owner.layers if owner.sequential else [call.layer for call in calls_of(owner)]
        for layer in inner:
            set_trainable(layer.model or layer, value)
        return
    owner.arguments.pop("trainable", None)
    if not value and owner.kind not in ("InputLayer", layer_calls.SKIPPED):
        owner.arguments["trainable"] = False


def layer_method(node: ast.Call, owner: LayerValue, name: str) -> Value:
    """Methods of a layer, none of which changes the network."""
    del owner
    if name == "set_weights":
        raise ReadError(node, "Weights cannot be told in source.", "Open a file of weights.")
    return Opaque(name)


def method(node: ast.Call, owner: ModelValue, name: str, state: State) -> Value:
    """model.add, compile, fit and the others."""
    if name == "add":
        given, named = calls.arguments_of(node, state)
        add(node, owner, given[0] if given else named.get("layer"))
        return None
    if name == "pop" and owner.sequential and owner.layers:
        owner.layers.pop()
        return None
    if name == "get_layer":
        given, named = calls.arguments_of(node, state)
        return _get_layer(node, owner, given, named, state)
    if name == "build":
        given, named = calls.arguments_of(node, state)
        shape = named.get("input_shape", given[0] if given else None)
        if owner.sequential and isinstance(shape, list | tuple) and owner.shape is None:
            owner.shape = layer_calls.shape_of(tuple(shape)[1:], node)
        return None
    return training_calls.method(node, owner, name, state)


def _get_layer(
    node: ast.Call, owner: ModelValue, given: list[Value], named: dict[str, Value], state: State
) -> Value:
    wanted = named.get("name", given[0] if given else None)
    layers = layers_of(owner, state)
    index = named.get("index", given[1] if len(given) > 1 else None)
    if isinstance(index, int) and -len(layers) <= index < len(layers):
        return layers[index]
    for each in layers:
        if each.name == wanted:
            return each
    known = ", ".join(each.name for each in layers)
    raise ReadError(
        node, f"There is no layer {wanted!r:.60}: there are {known}.", "Check the name."
    )
