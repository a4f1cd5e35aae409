"""A program made to fit a data set: shape of the input, last layer, loss and metrics."""

from __future__ import annotations

import re
from dataclasses import replace
from math import prod

from simulator.data.datasets import Dataset
from simulator.formats.building import facts
from simulator.formats.json_values import Json, SpecError
from simulator.formats.network import LayerSpec, NetworkSpec, base_name, sequential
from simulator.formats.program import CompileSpec, FitSpec, OptimizerSpec, ProgramSpec
from simulator.lab.binding import as_read
from simulator.lab.errors import LabError
from simulator.lab.targets import Target, targets_in

_PASSED = ("Dropout", "BatchNormalization", "LayerNormalization")
"""Layers that may stand between the last Dense and the network's end."""
_Layer = tuple[str, dict[str, Json]]
_OF_CLASSES = ("crossentropy", "focal")


def adapted(program: ProgramSpec, dataset: Dataset) -> ProgramSpec:
    """The program with as few changes as possible, so that it can be trained on the data set.

    The input gets the shape of a sample, and a Flatten where the first layer takes flat ones. The
    last Dense gets the units and the activation, and the program the loss, that the targets need.

    Raises:
        LabError: no such change helps; the message says what to change.
    """
    network = program.network
    if len(network.inputs) != 1 or len(network.outputs) != 1 or dataset.further:
        raise LabError(
            "The network or the data have several inputs or outputs: change the program by hand."
        )
    if dataset.further_y:
        raise LabError(
            f"{dataset.title} has {1 + len(dataset.further_y)} targets, but the network one output."
        )
    network = _with_input(network, as_read(dataset, network))
    network, loss, metrics = _with_output(network, program, dataset)
    try:
        facts(network)
    except SpecError as error:
        first = network.layers[0].kind if network.layers else "nothing"
        raise LabError(
            f"A network that begins with {first} can’t take samples of the shape "
            f"{' × '.join(map(str, dataset.input_shape))}: {error}"
        ) from error
    compiled = replace(program.compile, loss=loss, metrics=metrics)
    return replace(program, network=network, compile=compiled, data=None)


def suited(dataset: Dataset, seed: int = 0) -> ProgramSpec:
    """A small program for the data set, where no change of another one helps, with an output for
    each of its targets.

    Raises:
        LabError: the data have several inputs.
    """
    if dataset.further:
        raise LabError("The data have several inputs: write a network with as many.")
    if dataset.further_y:
        return _with_heads(dataset, seed)
    layers = _hidden(dataset)
    chained = [LayerSpec(kind, f"{kind.lower()}_{n}", of) for n, (kind, of) in enumerate(layers)]
    network = sequential(chained, shape=tuple(dataset.input_shape))
    compiled = CompileSpec(OptimizerSpec("Adam"), "mse", ())
    program = ProgramSpec(network, compiled, FitSpec(epochs=30, validation=True), seed=seed)
    if dataset.task == "autoencoder":
        return program
    return adapted(program, dataset)


def _with_heads(dataset: Dataset, seed: int) -> ProgramSpec:
    """Layers that all targets share, and on them a Dense for each, which has the target's name."""
    shared = [
        LayerSpec(kind, f"{kind.lower()}_{n}", of)
        for n, (kind, of) in enumerate(_hidden(dataset)[:-1])
    ]
    network = sequential(shared, shape=tuple(dataset.input_shape), name="model")
    below, heads = network.outputs[0], list[LayerSpec]()
    losses: dict[str, Json] = {}
    metrics: dict[str, Json] = {}
    for target in targets_in(dataset):
        name = _layer_name(target.name, {each.name for each in (*network.layers, *heads)})
        units, activation, losses[name] = _head_of(target)
        metrics[name] = ("mae",) if target.classes is None else ("accuracy",)
        arguments: dict[str, Json] = {"units": units, "activation": activation}
        heads.append(LayerSpec("Dense", name, arguments, (below,)))
    outputs = tuple(head.name for head in heads)
    network = NetworkSpec("model", network.inputs, (*network.layers, *heads), outputs, False)
    compiled = CompileSpec(OptimizerSpec("Adam"), losses, metrics)
    return ProgramSpec(network, compiled, FitSpec(epochs=30, validation=True), seed=seed)


def _head_of(target: Target) -> tuple[int, str, Json]:
    """Units, activation and loss of the Dense that learns a target."""
    if target.classes is None:
        return target.shape[-1], "linear", "mse"
    if target.classes == 2 and not target.per_step:
        return 1, "sigmoid", "binary_crossentropy"
    return target.classes, "softmax", "sparse_categorical_crossentropy"


def _layer_name(wanted: str, taken: set[str]) -> str:
    """A name that a layer may have, as near to a target's as can be."""
    plain = re.sub(r"[^0-9a-zA-Z_]+", "_", wanted).strip("_") or "target"
    name, again = plain if plain[0].isalpha() else f"target_{plain}", 2
    while name in taken:
        name, again = f"{plain}_{again}", again + 1
    return name


def _hidden(dataset: Dataset) -> list[_Layer]:
    shape = tuple(dataset.input_shape)
    end: _Layer = ("Dense", {"units": 1})
    flatten: _Layer = ("Flatten", {})
    code: _Layer = ("Dense", {"units": 16, "activation": "relu"})
    if dataset.task == "autoencoder":
        back: list[_Layer] = [("Dense", {"units": prod(shape)})]
        if len(shape) > 1:
            return [flatten, code, *back, ("Reshape", {"target_shape": shape})]
        return [code, *back]
    if dataset.view == "image" and len(shape) == 3:
        maps = {"filters": 8, "kernel_size": 3, "padding": "same", "activation": "relu"}
        pool = [("MaxPooling2D", {"pool_size": 2})] if min(shape[:2]) >= 4 else []
        return [("Conv2D", maps), *pool, flatten, end]
    if dataset.vocabulary and len(shape) == 1:
        words = {"input_dim": len(dataset.vocabulary), "output_dim": 16}
        return [("Embedding", words), ("LSTM", {"units": 32}), end]
    if len(shape) == 2:
        return [("LSTM", {"units": 32, "return_sequences": dataset.per_step}), end]
    flat = [flatten] if len(shape) > 1 else []
    return [*flat, code, ("Dense", {"units": 8, "activation": "relu"}), end]


def _with_input(network: NetworkSpec, dataset: Dataset) -> NetworkSpec:
    shape = tuple(dataset.input_shape)
    first = network.layers[0] if network.layers else None
    if first is None or first.kind != "Dense" or len(shape) < 2 or dataset.per_step:
        return network.with_input_shape(shape)
    if dataset.task == "autoencoder":
        return network.with_input_shape((prod(shape),))
    return network.with_input_shape(shape).with_layer_added(LayerSpec("Flatten", "flatten"), 0)


def _with_output(
    network: NetworkSpec, program: ProgramSpec, dataset: Dataset
) -> tuple[NetworkSpec, Json, tuple[Json, ...]]:
    units, activation, loss = _needed(program, dataset)
    metrics = program.compile.metrics
    was_classes = _is_of_classes(program.compile.loss)
    if was_classes != _is_of_classes(loss):
        metrics = ("accuracy",) if _is_of_classes(loss) else ("mae",)
    name = base_name(network.outputs[0])
    while True:
        layer = network.layer(name)
        if layer.kind == "Dense":
            activated: dict[str, Json] = {"units": units}
            if activation is not None:
                activated["activation"] = activation
            for argument, value in activated.items():
                network = network.with_argument(name, argument, value)
            return network, loss, metrics
        if layer.kind in ("Activation", "Softmax") and activation is not None:
            if layer.kind == "Activation":
                network = network.with_argument(name, "activation", activation)
            elif activation != "softmax":
                network = network.with_layer_removed(name)
            activation = None
        elif layer.kind not in _PASSED:
            break
        name = base_name(layer.inputs[0])
        if name in {each.name for each in network.inputs}:
            break
    if dataset.task == "autoencoder":
        return network, loss, metrics
    raise LabError(
        f"The network ends with {network.layer(base_name(network.outputs[0])).kind}: end it with a "
        f"Dense of {units} units."
    )


def _needed(program: ProgramSpec, dataset: Dataset) -> tuple[int, str | None, Json]:
    """Units and activation of the last layer, and the loss."""
    loss = program.compile.loss
    of_classes = _is_of_classes(loss)
    if dataset.task in ("binary", "classification"):
        classes = len(dataset.classes or ()) or int(dataset.y.max()) + 1
        if classes == 2 and not dataset.per_step:
            return 1, "sigmoid", "binary_crossentropy"
        plain = loss in ("categorical_crossentropy", "sparse_categorical_crossentropy")
        return classes, "softmax", loss if plain else "sparse_categorical_crossentropy"
    width = prod(dataset.target_shape) if dataset.task == "autoencoder" else (
        dataset.target_shape[-1] if dataset.target_shape else 1
    )  # fmt: skip
    activation = None if dataset.task == "autoencoder" else "linear"
    return width, activation, "mse" if of_classes else loss


def _is_of_classes(loss: Json) -> bool:
    return any(word in str(loss).lower() for word in _OF_CLASSES)
