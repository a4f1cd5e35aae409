"""From descriptions to the engine's models, and what is known of a network without building it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from simulator.engine import Input, Model, Sequential, callbacks, layers, optimizers
from simulator.engine.backends.base import Backend
from simulator.engine.layers.base import Layer, several
from simulator.engine.layers.tensors import Tensor
from simulator.engine.optimizers import schedules
from simulator.formats import serialization, vgg16
from simulator.formats.json_values import Json, SpecError
from simulator.formats.network import InputSpec, LayerSpec, NetworkSpec, base_name
from simulator.formats.program import CompileSpec


@dataclass(frozen=True, slots=True)
class LayerFacts:
    """What a layer's arguments and input come to. Shapes are one sample's; several outputs give
    several `output_shapes`. `weights` are the shapes of its weights by name; a layer that shares
    another's has none of its own.
    """

    name: str
    kind: str
    input_shapes: tuple[tuple[int | None, ...], ...]
    output_shapes: tuple[tuple[int | None, ...], ...]
    weights: Mapping[str, tuple[int, ...]]
    parameters: int
    trainable: int


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """All layers' facts, in their order, and sums."""

    inputs: tuple[InputSpec, ...]
    layers: tuple[LayerFacts, ...]
    parameters: int
    trainable: int

    def layer(self, name: str) -> LayerFacts:
        """The facts of the layer of that name. Raises SpecError if there is none."""
        for each in self.layers:
            if each.name == name:
                return each
        raise SpecError(f"There is no layer {name!r}.", layer=name)

    def training_bytes(self, batch_size: int, itemsize: int = 4) -> int:
        """About what training takes: for every trained weight its gradient, two moments and a kept
        copy; for every layer the values before and after its activation, and their gradient.
        """
        values = sum(
            prod(length or 1 for length in shape)
            for layer in self.layers
            for shape in layer.output_shapes
        )
        return itemsize * (self.parameters + 4 * self.trainable + 3 * batch_size * values)


def build(
    spec: NetworkSpec, seed: int | None = None, backend: Backend | str | None = None
) -> Model:
    """Return a model with weights drawn from the seed, without them while a Sequential's input
    shape is unknown.

    Raises:
        SpecError: an argument or a shape does not fit; `layer` is the name of the layer to blame.
        NetworkTooLarge: the weights would not fit in memory.
    """
    options: dict[str, Any] = {"name": spec.name, "seed": seed}
    if backend is not None:
        options["backend"] = backend
    if spec.sequential:
        return _sequential(spec, options)
    inputs, tensors = _tensors(spec)
    outputs = [_tensor(tensors, each) for each in spec.outputs]
    return Model(
        inputs[0] if len(inputs) == 1 else inputs,
        outputs[0] if len(outputs) == 1 else outputs,
        **options,
    )


def compile_model(model: Model, spec: CompileSpec) -> None:
    """Compile the model as described. Raises SpecError for what the engine does not know."""
    with _told("compile"):
        model.compile(
            optimizer=make_optimizer(spec),
            loss=_plain(spec.loss),
            loss_weights=_plain(spec.loss_weights),
            metrics=_plain(spec.metrics),
        )


def make_optimizer(spec: CompileSpec) -> optimizers.Optimizer:
    """Return the optimizer of the description. Raises SpecError."""
    arguments = {name: _plain(value) for name, value in spec.optimizer.arguments.items()}
    rate = arguments.get("learning_rate")
    with _told("optimizer"):
        if isinstance(rate, Mapping):
            schedule = getattr(schedules, str(rate.get("class_name")), None)
            if schedule is None:
                raise SpecError(f"There is no schedule {rate.get('class_name')!r}.")
            arguments["learning_rate"] = schedule(**rate.get("config", {}))
        return optimizers.get({"class_name": spec.optimizer.kind, "config": arguments})


def make_callbacks(values: tuple[Json, ...]) -> list[callbacks.Callback]:
    """Return the callbacks of a description. Raises SpecError."""
    made = []
    with _told("fit"):
        for value in values:
            kind = getattr(callbacks, value["class_name"], None)
            if kind is None:
                raise SpecError(f"There is no callback {value['class_name']!r}.")
            made.append(kind(**_plain(value.get("config", {}))))
    return made


def make_layer(spec: LayerSpec, seed: int | None = None) -> Layer:
    """Return the engine's layer, without weights. Raises SpecError that names it."""
    with _told(spec.name):
        if spec.kind == "VGG16":
            return build(vgg16.network(spec.arguments, spec.name), seed)
        if spec.kind in ("Sequential", "Functional"):
            inner = serialization.network_from_json(spec.arguments.get("network"), spec.name)
            model = build(_renamed(inner, spec.name), seed)
            if not spec.trainable:
                model.trainable = False
            return model
        kind = getattr(layers, spec.kind, None)
        if not (isinstance(kind, type) and issubclass(kind, Layer)):
            raise SpecError(f"There is no layer {spec.kind!r}.")
        arguments = {name: _plain(value) for name, value in spec.arguments.items()}
        for name in ("layer", "backward_layer"):
            if isinstance(arguments.get(name), Mapping):
                inner_spec = arguments[name]
                arguments[name] = make_layer(
                    LayerSpec(
                        inner_spec["kind"],
                        inner_spec.get("name") or f"{spec.name}_{name}",
                        inner_spec.get("arguments", {}),
                    )
                )
        return kind(name=spec.name, **arguments)


def facts(spec: NetworkSpec) -> NetworkFacts:
    """Return shapes and numbers of parameters; no weight is made.

    Raises:
        SpecError: the shape of an input is unknown, or an argument or a shape does not fit.
    """
    for each in spec.inputs:
        if each.shape is None:
            raise SpecError(
                f"The shape of the input {each.name!r} is not known yet: choose data, or give the "
                "first layer an input_shape.",
                layer=each.name,
            )
    shapes: dict[str, Any] = {each.name: each.shape for each in spec.inputs}
    made: dict[str, Layer] = {}
    found: list[LayerFacts] = []
    for layer in spec.layers:
        given = tuple(_shape(shapes, source, layer.name) for source in layer.inputs)
        owner = spec.layer(layer.shared_with) if layer.shared_with else layer
        own = _facts_of(layer, owner, given, made)
        found.append(own)
        shapes[layer.name] = own.output_shapes
    return NetworkFacts(
        spec.inputs,
        tuple(found),
        sum(each.parameters for each in found),
        sum(each.trainable for each in found),
    )


def _facts_of(
    spec: LayerSpec, owner: LayerSpec, given: tuple[Any, ...], made: dict[str, Layer]
) -> LayerFacts:
    """What comes out of one call of a layer; the weights are told at the one that owns them."""
    inner = _inner(owner)
    if inner is not None:
        found = _facts_of_network(replace(owner, name=spec.name), inner, given)
        return found if owner is spec else replace(found, weights={}, parameters=0, trainable=0)
    shared = made.get(spec.shared_with)
    layer = shared if shared is not None else make_layer(spec)
    made[spec.name] = layer
    shape = given[0] if len(given) == 1 else given
    with _told(spec.name):
        output = layer.output_shape(shape)
        weights = {} if shared is not None else _weight_shapes(layer, shape)
    count = sum(prod(each) for each in weights.values())
    trained = 0
    if layer.trainable:
        kept = _kept(layer)
        trained = sum(prod(s) for name, s in weights.items() if name not in kept)
    outputs = output if several(output) else (output,)
    return LayerFacts(spec.name, spec.kind, given, outputs, weights, count, trained)


def _facts_of_network(spec: LayerSpec, inner: NetworkSpec, given: tuple[Any, ...]) -> LayerFacts:
    for each, shape in zip(inner.inputs, given, strict=False):
        inner = inner.with_input_shape(shape if each.shape is None else each.shape, each.name)
    for each, shape in zip(inner.inputs, given, strict=True):
        needed = each.shape or ()
        fits = len(needed) == len(shape) and all(
            n in (None, got) for n, got in zip(needed, shape, strict=True)
        )
        if not fits:
            raise SpecError(
                f"{spec.name} ({spec.kind}) got an input of shape {(None, *shape)}, but needs "
                f"{(None, *needed)}.",
                layer=spec.name,
            )
    whole = facts(inner)
    outputs = []
    for source in inner.outputs:
        name, _, index = source.partition("#")
        outputs.append(whole.layer(name).output_shapes[int(index or 0)])
    weights = {
        f"{layer.name}/{name}": shape
        for layer in whole.layers
        for name, shape in layer.weights.items()
    }
    trained = whole.trainable if spec.trainable else 0
    return LayerFacts(
        spec.name, spec.kind, given, tuple(outputs), weights, whole.parameters, trained
    )


def _inner(spec: LayerSpec) -> NetworkSpec | None:
    if spec.kind == "VGG16":
        return vgg16.network(spec.arguments, spec.name)
    if spec.kind in ("Sequential", "Functional"):
        return serialization.network_from_json(spec.arguments.get("network"), spec.name)
    return None


def inner_network(spec: LayerSpec) -> NetworkSpec | None:
    """The network inside a layer of the kinds VGG16, Sequential and Functional, or None."""
    return _inner(spec)


def _weight_shapes(layer: Layer, shape: Any) -> dict[str, tuple[int, ...]]:
    """As `Layer.weights` would name them, wrappers included."""
    if not layer.sublayers:
        return layer.weight_shapes(shape)
    inner = shape[1:] if type(layer).__name__ == "TimeDistributed" else shape
    found: dict[str, tuple[int, ...]] = {}
    for each in layer.sublayers:
        for name, own in _weight_shapes(each, inner).items():
            found[f"{each.name}/{name}"] = own
    return found


def _kept(layer: Layer) -> set[str]:
    """The names of weights that training does not change, as `_weight_shapes` names them."""
    if not layer.sublayers:
        return set(layer.non_trainable)
    return {f"{each.name}/{name}" for each in layer.sublayers for name in _kept(each)}


def _sequential(spec: NetworkSpec, options: dict[str, Any]) -> Model:
    model = Sequential(**options)
    entry = spec.inputs[0]
    if entry.shape is not None:
        with _told(entry.name):
            model.add(Input(entry.shape, name=entry.name))
    for layer in spec.layers:
        with _told(layer.name):
            model.add(make_layer(layer, options["seed"]))
    if entry.shape is not None and spec.layers:
        with _told(spec.name):
            model.build()
    return model


def _tensors(spec: NetworkSpec) -> tuple[list[Tensor], dict[str, Any]]:
    inputs: list[Tensor] = []
    tensors: dict[str, Any] = {}
    for each in spec.inputs:
        if each.shape is None:
            raise SpecError(
                f"The shape of the input {each.name!r} is not known yet.", layer=each.name
            )
        with _told(each.name):
            inputs.append(Input(each.shape, name=each.name))
        tensors[each.name] = inputs[-1]
    made: dict[str, Layer] = {}
    for layer in spec.layers:
        made[layer.name] = made.get(layer.shared_with) or make_layer(layer)
        with _told(layer.name):
            given = [_tensor(tensors, source) for source in layer.inputs]
            tensors[layer.name] = made[layer.name](*given)
    return inputs, tensors


def _tensor(tensors: Mapping[str, Any], source: str) -> Tensor:
    found = tensors[base_name(source)]
    index = int(source.partition("#")[2] or 0)
    several_outputs = found if isinstance(found, tuple) else (found,)
    if index >= len(several_outputs):
        raise SpecError(f"{base_name(source)!r} has no output {index}.", layer=base_name(source))
    tensor: Tensor = several_outputs[index]
    return tensor


def _shape(shapes: Mapping[str, Any], source: str, reader: str) -> Any:
    found = shapes[base_name(source)]
    outputs = found if several(found) else (found,)
    index = int(source.partition("#")[2] or 0)
    if index >= len(outputs):
        raise SpecError(
            f"{reader!r} reads output {index} of {base_name(source)!r}, which has {len(outputs)}.",
            layer=reader,
        )
    return outputs[index]


def _renamed(spec: NetworkSpec, name: str) -> NetworkSpec:
    return NetworkSpec(name, spec.inputs, spec.layers, spec.outputs, spec.sequential)


def _plain(value: Json) -> Any:
    """With lists for tuples within objects, as Keras's own configurations have them."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, tuple):
        return tuple(_plain(each) for each in value)
    return value


@contextmanager
def _told(layer: str) -> Iterator[None]:
    """Turn the engine's errors into SpecErrors that tell the layer."""
    try:
        yield
    except SpecError as error:
        if error.layer:
            raise
        raise SpecError(
            str(error), place=error.place, layer=layer, argument=error.argument
        ) from error
    except (ValueError, TypeError) as error:
        raise SpecError(str(error), layer=layer) from error
