"""Networks as programs take them: layers that follow one another, told as arrays and operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.engine import activations, losses
from simulator.engine.arrays import Array, FloatArray
from simulator.engine.backends.program import (
    ActivityStage,
    Chain,
    ConvolutionStage,
    DenseStage,
    MaskStage,
    NotCompiled,
    Parameter,
    PoolingStage,
    RecurrentStage,
    Source,
    Stage,
)
from simulator.engine.data import Data
from simulator.engine.layers.activation import Activation, LeakyReLU, ReLU, Softmax
from simulator.engine.layers.base import Layer
from simulator.engine.layers.convolution import Conv2D
from simulator.engine.layers.dense import Dense
from simulator.engine.layers.pooling import AveragePooling2D, MaxPooling2D
from simulator.engine.layers.recurrent_cells import GRU, LSTM, SimpleRNN
from simulator.engine.layers.regularizing import Dropout
from simulator.engine.layers.shaping import Flatten, Reshape
from simulator.engine.updates import clipping_of, kind_of, slots_of

if TYPE_CHECKING:
    from simulator.engine.graph import Graph
    from simulator.engine.steps import Trainer

_POINTWISE = {
    activations.linear: "linear",
    activations.relu: "relu",
    activations.sigmoid: "sigmoid",
    activations.tanh: "tanh",
    activations.softmax: "softmax",
}
_LOSSES = {
    losses.MeanSquaredError: "mean_squared_error",
    losses.MeanAbsoluteError: "mean_absolute_error",
    losses.BinaryCrossentropy: "binary_crossentropy",
    losses.CategoricalCrossentropy: "categorical_crossentropy",
    losses.SparseCategoricalCrossentropy: "sparse_categorical_crossentropy",
}


def chain_of(
    trainer: Trainer,
    batch: int,
    *,
    weighted: bool,
    penalties: Mapping[str, FloatArray],
    bare: bool = False,
) -> Chain:
    """The trainer's network for batches of that size. Raises NotCompiled for all that is more than
    a row of layers, one loss and a plain optimizer.

    `penalties` has ℓ₁ and ℓ₂ of the weights, and by their names of the layers, that have a
    regularizer. A `bare` chain is there to be measured: what is missing of kept weights and the
    optimizer's arrays is not made for it.
    """
    graph = trainer.model.graph
    if not graph.is_chain or trainer.shares_weights:
        raise NotCompiled("a network that is no row of layers")
    parameters = {
        id(weights): Parameter(
            weights,
            weights if bare else trainer.kept(name),
            () if bare else slots_of(trainer.optimizer, name, weights),
            trainer.optimizer.decays(name),
            penalties.get(name),
        )
        for name, weights in trainer.parameters.items()
    }
    activities = {
        id(layer): penalties[layer.name] for layer in graph.layers if layer.name in penalties
    }
    (goal,) = trainer.goals
    return Chain(
        batch,
        trainer.model.dtype,
        _input_shape(graph),
        _stages(graph, parameters, activities),
        _loss(goal.loss, goal.loss_weight),
        weighted,
        kind_of(trainer.optimizer),
        clipping_of(trainer.optimizer)[0],
    )


def forward_chain(graph: Graph, dtype: str, batch: int) -> Chain:
    """A network's chain for its outputs alone, without dropout. Raises NotCompiled."""
    if not graph.is_chain:
        raise NotCompiled("a network that is no row of layers")
    stages = tuple(each for each in _stages(graph, {}, {}) if not isinstance(each[0], MaskStage))
    if not stages:
        raise NotCompiled("a network without operations")
    return Chain(batch, dtype, _input_shape(graph), stages, None, weighted=False, optimizer="")


def _input_shape(graph: Graph) -> tuple[int, ...]:
    return tuple(size for size in graph.inputs[0].sample_shape if size is not None)


def _stages(
    graph: Graph, parameters: Mapping[int, Parameter], activities: Mapping[int, FloatArray]
) -> tuple[tuple[Stage, tuple[int, ...]], ...]:
    stages: list[tuple[Stage, tuple[int, ...]]] = []
    for step in graph.steps:
        if step.training is not None:
            raise NotCompiled("a call that fixes whether it trains")
        penalty = activities.get(id(step.layer))
        if type(step.layer) in (Flatten, Reshape) and penalty is None:
            continue  # the numbers lie where they lay
        shape = tuple(step.output_shape)
        if None in shape or None in tuple(step.input_shape):
            raise NotCompiled("an axis of unknown length")
        added = _stage(step.layer, tuple(step.input_shape), parameters)
        if isinstance(added, str):
            stages[-1:] = [(_activated(stages, added), shape)]
        elif added is not None:
            stages.append((added, shape))
        if penalty is not None:
            stages.append((ActivityStage(penalty), shape))
    if not stages:
        raise NotCompiled("a network without operations")
    # What reshapes the outputs is left out as well, but they have the shape that it gives them.
    output_shape = tuple(size for size in graph.outputs[0].sample_shape if size is not None)
    return (*stages[:-1], (stages[-1][0], output_shape))


def source_of(data: Data, chain: Chain) -> Source:
    """The samples as a chain's program takes them. Raises NotCompiled for targets that only the
    loss itself knows how to read.
    """
    (x,), (y,), (weight,) = data.x, data.y, data.weight
    shape = chain.stages[-1][1]
    if x.dtype != chain.dtype or (weight is not None and weight.ndim != 1):
        raise NotCompiled("inputs or weights of another kind")
    if chain.loss == "sparse_categorical_crossentropy":
        if y.size != len(x):
            raise NotCompiled("several class numbers a sample")
        target: Array = np.ascontiguousarray(y.reshape(-1), np.int64)
        if not np.array_equal(target, y.reshape(-1)):
            raise NotCompiled("class numbers that are not whole")
    else:
        if y.shape[1:] != shape and not (y.ndim == 1 and shape == (1,)):
            raise NotCompiled("targets of another shape than the outputs")
        target = np.ascontiguousarray(y, chain.dtype).reshape(len(x), -1)
    return Source(np.ascontiguousarray(x), target, weight)


def _stage(
    layer: Layer, input_shape: tuple[int, ...], parameters: Mapping[int, Parameter]
) -> Stage | str | None:
    """A layer's stage; the name of an activation that goes with the stage before; None for a layer
    that does nothing.
    """
    own = {name: parameters.get(id(weights)) for name, weights in layer.weights.items()}
    match layer:
        case Dense() if type(layer) is Dense and len(input_shape) == 1:
            return DenseStage(
                layer.kernel, layer.bias, _name(layer.activation), own["kernel"], own.get("bias")
            )
        case Conv2D() if type(layer) is Conv2D and layer.groups == 1:
            return ConvolutionStage(
                layer.kernel, layer.bias, _name(layer.activation),
                layer.geometry(input_shape[:-1]), own["kernel"], own.get("bias"),
            )  # fmt: skip
        case MaxPooling2D() | AveragePooling2D():
            kind = "max" if isinstance(layer, MaxPooling2D) else "average"
            return PoolingStage(kind, layer.geometry(input_shape[:-1]))
        case Activation() | ReLU() | LeakyReLU():
            return _name(layer.activation)
        case Softmax() if layer.axis in (-1, len(input_shape)):
            return "softmax"
        case Dropout() if type(layer) is Dropout and layer.noise_shape is None:
            return MaskStage() if layer.rate else None
        case SimpleRNN() | LSTM() | GRU() if type(layer) in (SimpleRNN, LSTM, GRU):
            return _recurrent(layer, own)
    raise NotCompiled(f"the layer {layer.described}")


def _recurrent(
    layer: SimpleRNN | LSTM | GRU, parameters: Mapping[str, Parameter | None]
) -> RecurrentStage:
    if layer.dropout or layer.recurrent_dropout or layer.return_state:
        raise NotCompiled("dropout within a recurrent layer, or its state as an output")
    kinds = {SimpleRNN: "simple_rnn", LSTM: "lstm", GRU: "gru"}
    return RecurrentStage(
        kinds[type(layer)],
        layer.weights["kernel"],
        layer.weights["recurrent_kernel"],
        layer.weights.get("bias"),
        _name(layer.activation),
        _name(layer.activation if isinstance(layer, SimpleRNN) else layer.recurrent_activation),
        isinstance(layer, GRU) and layer.reset_after,
        layer.return_sequences,
        layer.go_backwards,
        (parameters["kernel"], parameters["recurrent_kernel"], parameters.get("bias")),
    )


def _activated(stages: list[tuple[Stage, tuple[int, ...]]], name: str) -> Stage:
    """The last stage, with an activation that followed as a layer of its own."""
    stage = stages[-1][0] if stages else None
    if isinstance(stage, DenseStage | ConvolutionStage) and stage.activation == "linear":
        return replace(stage, activation=name)
    raise NotCompiled("an activation that follows no kernel")


def _name(activation: activations.Activation) -> str:
    name = _POINTWISE.get(activation)
    if name is None:
        raise NotCompiled(f"the activation {activation}")
    return name


def _loss(loss: Any, loss_weight: float) -> str:
    name = _LOSSES.get(type(loss))
    if name is None or loss_weight != 1 or loss != type(loss)(name=loss.name):
        raise NotCompiled("that loss, or its options")
    return name
