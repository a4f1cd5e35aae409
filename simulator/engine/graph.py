"""A network as a list of steps: which layer runs when, on what, and the same way back.

The order of layers is Keras's: by their distance from the outputs, so that `get_weights` lists the
same weights in the same order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simulator.engine.layers.base import Array, Cache, Context, Gradients, Layer, prefixed, several
from simulator.engine.layers.inputs import InputLayer
from simulator.engine.layers.tensors import Node, Tensor

ACTIVITY_LOSS = "activity_loss"


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One call of a layer: the values that it reads and writes, by their numbers."""

    key: str  # the layer's name; "name:1", "name:2"… for later calls of a shared layer
    layer: Layer
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    input_shape: Any
    output_shape: Any
    training: bool | None = None  # fixed by the call, whatever the model does


@dataclass(slots=True)
class Pass:
    """What one pass forwards leaves for the way back."""

    values: list[Any]
    caches: list[Cache] = field(default_factory=list)
    masks: dict[int, Array] = field(default_factory=dict)
    """(B, T) by the numbers of the values whose steps carry one."""


@dataclass(slots=True)
class Slopes:
    """What the way back gives."""

    inputs: tuple[Any, ...]
    weights: Gradients
    """By "layer/weight", summed over the calls of shared layers."""
    activations: dict[str, Any]
    """∂L/∂output of every step, by its key."""


class Graph:
    """The steps between some tensors and others."""

    def __init__(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> None:
        """Raises ValueError for outputs that hang on other inputs, and for names given twice."""
        self.inputs, self.outputs = tuple(inputs), tuple(outputs)
        nodes, layers = _ordered(self.inputs, self.outputs)
        self.layers: tuple[Layer, ...] = layers
        _refuse_equal_names(layers)
        numbers: dict[tuple[Node, int], int] = {}
        for tensor in self.inputs:
            numbers[tensor.node, tensor.index] = len(numbers)
        steps: list[Step] = []
        self.masked: set[int] = set()
        """The numbers of the values whose steps carry a mask."""
        calls: dict[Layer, int] = {}
        for node in nodes:
            call = calls[node.layer] = calls.get(node.layer, -1) + 1
            shapes = tuple(tensor.sample_shape for tensor in node.inputs)
            input_shape = shapes[0] if len(shapes) == 1 else shapes
            output_shape = node.layer.output_shape(input_shape)
            own = range(len(output_shape) if several(output_shape) else 1)
            for index in own:
                numbers.setdefault((node, index), len(numbers))
            read = [numbers[tensor.node, tensor.index] for tensor in node.inputs]
            if node.layer.masks_output(masked=not self.masked.isdisjoint(read)):
                self.masked.add(numbers[node, 0])
            steps.append(
                Step(
                    f"{node.layer.name}:{call}" if call else node.layer.name,
                    node.layer,
                    tuple(read),
                    tuple(numbers[node, index] for index in own),
                    input_shape,
                    output_shape,
                    node.training,
                )
            )
        self.steps = tuple(steps)
        self.output_numbers = tuple(numbers[t.node, t.index] for t in self.outputs)
        self.count = len(numbers)

    def build(self, rng: np.random.Generator) -> None:
        """Make the weights of all layers that have none."""
        for step in self.steps:
            step.layer.build(step.input_shape, rng)
        for layer in self.layers:
            layer.built = True  # those without a step: inputs

    def output_shapes(self, input_shapes: Sequence[Any]) -> tuple[Any, ...]:
        """The outputs' shapes for other input shapes. Raises ShapeError where they do not fit."""
        shapes: list[Any] = [*input_shapes, *[None] * (self.count - len(input_shapes))]
        for step in self.steps:
            given = tuple(shapes[number] for number in step.inputs)
            shape = step.layer.output_shape(given[0] if len(given) == 1 else given)
            for number, each in zip(
                step.outputs, shape if several(shape) else (shape,), strict=True
            ):
                shapes[number] = each
        return tuple(shapes[number] for number in self.output_numbers)

    def forward(self, inputs: Sequence[Array], context: Context) -> Pass:
        """Run all steps; `Pass.values` at `output_numbers` are the outputs."""
        run = Pass([*inputs, *[None] * (self.count - len(inputs))])
        values = run.values
        for step in self.steps:
            numbers = step.inputs
            x = values[numbers[0]] if len(numbers) == 1 else tuple(values[n] for n in numbers)
            mask = run.masks.get(numbers[0])
            own = context.for_layer(step.layer, training=step.training).masked(mask)
            y, cache = step.layer.forward(x, own)
            if step.outputs[0] in self.masked:
                mask = step.layer.output_mask(x, mask)
                if mask is not None:
                    run.masks[step.outputs[0]] = mask
            if isinstance(y, tuple):
                for number, each in zip(step.outputs, y, strict=True):
                    values[number] = each
            else:
                values[step.outputs[0]] = y
            regularizer = step.layer.activity_regularizer
            if regularizer is not None:
                parts = y if isinstance(y, tuple) else (y,)
                each = [regularizer.value(part) / len(part) for part in parts]
                cache[ACTIVITY_LOSS] = np.asarray(sum(each))
            run.caches.append(cache)
        return run

    def backward(
        self,
        run: Pass,
        output_gradients: Mapping[int, Array],
        context: Context,
        *,
        before_activation: frozenset[int] = frozenset(),
        everything: bool = False,
    ) -> Slopes:
        """From ∂L/∂output, by the outputs' numbers, back to the inputs.

        For the numbers in `before_activation` the gradient is that of what went into the last
        activation. Only the layers on the way to a weight that is trained are visited, except with
        `everything`, or where the context asks for the inputs' gradient.
        """
        slopes: dict[int, Array] = dict(output_gradients)
        weights: Gradients = {}
        activations: dict[str, Any] = {}
        wanted = self._wanted(everything or context.input_gradient)
        for step, cache in zip(reversed(self.steps), reversed(run.caches), strict=True):
            if not wanted[step.outputs[0]] or not any(n in slopes for n in step.outputs):
                continue
            reads_input = any(wanted[number] for number in step.inputs)
            own = context.for_layer(step.layer, input_gradient=reads_input, training=step.training)
            own = own.within(step.key)
            dy: Any = tuple(
                slopes[n] if n in slopes else np.zeros_like(run.values[n]) for n in step.outputs
            )
            regularizer = step.layer.activity_regularizer
            if regularizer is not None:
                parts = [run.values[n] for n in step.outputs]
                dy = tuple(
                    slope + (regularizer.gradient(y) / y.dtype.type(len(y))).astype(y.dtype)
                    for slope, y in zip(dy, parts, strict=True)
                )
            dy = dy[0] if len(dy) == 1 else dy
            if step.outputs[0] in before_activation:
                dx, gradients = step.layer.backward_from(dy, cache, own)
            else:
                activations[step.key] = dy
                dx, gradients = step.layer.backward(dy, cache, own)
            for name, gradient in prefixed(step.layer.name, gradients).items():
                weights[name] = weights[name] + gradient if name in weights else gradient
            if reads_input:
                for number, each in zip(
                    step.inputs, dx if isinstance(dx, tuple) else (dx,), strict=True
                ):
                    slopes[number] = slopes[number] + each if number in slopes else each
        inputs = tuple(
            slopes[n] if n in slopes else np.zeros_like(run.values[n])
            for n in range(len(self.inputs))
        )
        return Slopes(inputs, weights, activations)

    @property
    def is_chain(self) -> bool:
        """Whether every layer is called once, on the one before it."""
        made = [*(step.outputs for step in self.steps)]
        read = [*(step.inputs for step in self.steps)]
        return (
            len(self.inputs) == len(self.outputs) == 1
            and len({step.layer for step in self.steps}) == len(self.steps)
            and read == [(0,), *made[:-1]]
        )

    def consumers(self, number: int) -> int:
        """How many times a value is read: by steps, and as an output."""
        return sum(step.inputs.count(number) for step in self.steps) + self.output_numbers.count(
            number
        )

    def writer(self, number: int) -> Step | None:
        """The step that makes a value; None for an input."""
        return next((step for step in self.steps if number in step.outputs), None)

    def _wanted(self, inputs: bool) -> list[bool]:
        """For each value, whether its gradient is needed."""
        wanted = [False] * self.count
        wanted[: len(self.inputs)] = [inputs] * len(self.inputs)
        for step in self.steps:
            needed = bool(step.layer.trainable_names) or any(wanted[n] for n in step.inputs)
            for number in step.outputs:
                wanted[number] = needed
        return wanted


def _ordered(
    inputs: tuple[Tensor, ...], outputs: tuple[Tensor, ...]
) -> tuple[list[Node], tuple[Layer, ...]]:
    """The nodes to run, in order, and the layers, both the farthest from the outputs first."""
    cut = {tensor.node for tensor in inputs}
    met: dict[Layer, int] = {}  # in the order of the search, which settles ties
    finished: dict[Node, None] = {}

    def search(tensor: Tensor) -> None:
        node = tensor.node
        if node in finished:
            return
        met.setdefault(node.layer, len(met))
        if node not in cut:
            if isinstance(node.layer, InputLayer):
                raise ValueError(
                    f"The outputs need the input {node.layer.name!r}, which is not among the "
                    "model's inputs: add it to them."
                )
            for each in node.inputs:
                search(each)
        finished[node] = None

    for tensor in outputs:
        search(tensor)
    depths: dict[Node, int] = {}
    layer_depths: dict[Layer, int] = {}
    for node in reversed(finished):
        depth = max(depths.get(node, 0), layer_depths.get(node.layer, 0))
        depths[node] = layer_depths[node.layer] = depth
        if node not in cut:
            for tensor in node.inputs:
                depths[tensor.node] = max(depths.get(tensor.node, 0), depth + 1)
    for tensor in inputs:
        met.setdefault(tensor.node.layer, len(met))
        layer_depths.setdefault(tensor.node.layer, 0)
    nodes = sorted(
        (node for node in finished if node not in cut),
        key=lambda node: (-depths[node], met[node.layer]),
    )
    layers = sorted(
        (
            layer
            for layer in layer_depths
            if isinstance(layer, InputLayer) or any(node.layer is layer for node in nodes)
        ),
        key=lambda layer: (-layer_depths[layer], met[layer]),
    )
    return nodes, tuple(layers)


def _refuse_equal_names(layers: Sequence[Layer]) -> None:
    names = [layer.name for layer in layers]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(
                f"Two layers of the model are called {name!r}: give every layer a name of its own."
            )


def flattened(graph: Graph, run: Pass) -> Iterator[tuple[str, Array]]:
    """Every array of a pass, as "step/array"."""
    for step, cache in zip(graph.steps, run.caches, strict=True):
        yield from prefixed(step.key, cache).items()


def activity_loss(run: Pass) -> float:
    """What the activity regularizers of all layers add to the loss."""
    return sum(
        float(array)
        for cache in run.caches
        for name, array in cache.items()
        if name.rpartition("/")[2] == ACTIVITY_LOSS
    )
