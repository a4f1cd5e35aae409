"""A graph of layers with its weights: what a model is before anybody trains it."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from simulator.engine import arguments, memory, names, weight_files
from simulator.engine.backends import select
from simulator.engine.backends.base import Backend
from simulator.engine.compiled import Predictions
from simulator.engine.data import Port, inputs_of, numbers
from simulator.engine.graph import Graph, Pass, flattened
from simulator.engine.layers.base import (
    Array,
    Cache,
    Context,
    Gradients,
    Layer,
    cache_of,
    several,
)
from simulator.engine.layers.calling import is_called_on_tensors
from simulator.engine.seeds import fresh_seed
from simulator.engine.steps import UPDATES, quiet


class Network(Layer):
    """A layer made of layers. `Model` adds training to it."""

    def __init__(
        self,
        *,
        name: str | None = None,
        trainable: bool = True,
        seed: int | None = None,
        backend: Backend | str = "auto",
        **unknown: Any,
    ) -> None:
        if unknown:
            valid = ("name", "trainable", "seed", "backend")
            raise names.unexpected(type(self).__name__, unknown, valid)
        super().__init__(name=name)
        given = arguments.seed(seed, owner=type(self).__name__)
        self.seed = fresh_seed() if given is None else given
        """What the weights, the shuffling and every layer's chance follow from."""
        self.rng = self._generator(1)
        # Goes on where it ended, so that layers added later draw other weights than the first.
        self._weight_rng = self._generator(0)
        self._generators: dict[str, np.random.Generator] | None = None
        self._predictions = Predictions()
        self._backend: Backend | str = backend
        self._graph: Graph | None = None
        self._trainable = arguments.truth(
            trainable, owner=type(self).__name__, argument="trainable"
        )
        self.chain = False  # whether the layers simply follow each other

    def _generator(self, stream: int) -> np.random.Generator:
        return np.random.default_rng([self.seed or 0, stream])

    @property
    def backend(self) -> Backend:
        """What computes; can be set to a backend or its name."""
        if isinstance(self._backend, str):
            self._backend = select.create(self._backend)
        if not isinstance(self._backend, Backend):
            raise ValueError(
                f"{self.described}: backend is {names.shown(self._backend)}: it must be a name "
                'such as "auto", or a backend.'
            )
        return self._backend

    @backend.setter
    def backend(self, backend: Backend | str) -> None:
        self._backend = backend

    @property
    def graph(self) -> Graph:
        """The steps, with weights made. Raises ValueError while the input's shape is unknown."""
        if self._graph is None:
            raise ValueError(
                f"{self.described} has not been built: give its first layer an input_shape, call "
                "build((None, …)), or train it on data."
            )
        if not self.built:
            self._make_weights(self._graph, self._weight_rng)
        return self._graph

    @property
    def layers(self) -> list[Layer]:
        """The layers, as Keras lists them."""
        return list(self._graph.layers) if self._graph is not None else []

    @property
    def sublayers(self) -> tuple[Layer, ...]:
        """The layers."""
        return tuple(self.layers)

    @property
    def weights(self) -> dict[str, Array]:
        """All weights, as "layer/kernel"."""
        self.make_ready()
        return super().weights

    @property
    def trainable_weights(self) -> list[Array]:
        """The weights that training changes."""
        weights = self.weights
        return [weights[name] for name in self.trainable_names]

    @property
    def non_trainable_weights(self) -> list[Array]:
        """Those that it does not."""
        trained = set(self.trainable_names)
        return [weight for name, weight in self.weights.items() if name not in trained]

    @property
    def trainable_variables(self) -> list[Array]:
        """Keras's other name for `trainable_weights`."""
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Array]:
        """Keras's other name for `non_trainable_weights`."""
        return self.non_trainable_weights

    def save_weights(self, filepath: Any, overwrite: bool = True) -> None:
        """Keep all weights in a file whose name ends in .npz. Raises ValueError for another."""
        weight_files.save(self, filepath, overwrite=overwrite)

    def load_weights(self, filepath: Any) -> None:
        """Take the weights from such a file. Raises ValueError where they do not fit."""
        self.make_ready()
        weight_files.load(self, filepath)

    def make_ready(self) -> None:
        """Make the weights, if the input's shape is known."""
        if self._graph is not None and not self.built:
            self.build()

    def count_params(self) -> int:
        """How many numbers the weights hold. Raises ValueError while the input is unknown."""
        self.make_ready()
        return super().count_params()

    def _make_weights(self, graph: Graph, rng: np.random.Generator) -> None:
        shapes = {
            (id(step.layer), name): shape
            for step in graph.steps
            if not step.layer.built
            for name, shape in step.layer.weight_shapes(step.input_shape).items()
        }
        sizes = [prod(shape) for shape in shapes.values()]
        memory.refuse_if_too_large(
            memory.weights_size(sizes, self._declared_dtype(graph)),
            what=f"The {sum(sizes):,} weights of {self.described}",
            remedy="make its layers smaller",
        )
        graph.build(rng)
        self.dtype = self._declared_dtype(graph)
        self.built = True
        self.input_shape = tuple(tensor.sample_shape for tensor in graph.inputs)

    def _declared_dtype(self, graph: Graph) -> str:
        own = {
            layer.dtype: layer
            for outer in graph.layers
            for _, layer in outer.walk()
            if not layer.sublayers and (layer.initializers or layer.dtype == "float64")
        }
        if len(own) > 1:
            first, second = (layer.described for layer in list(own.values())[:2])
            raise ValueError(
                f"{self.described}: {first} and {second} have different dtypes: give all layers "
                "the same."
            )
        return next(iter(own), "float32")

    def build(self, input_shape: Any = None, rng: np.random.Generator | None = None) -> None:
        """Make the weights. `input_shape` is Keras's, with None for the batch; with a generator
        (as a layer of another model) it is one sample's.
        """
        shape = input_shape
        if rng is None and input_shape is not None:
            shape = arguments.sample_shape(input_shape, owner=self.described)
        if self._graph is None:
            if shape is None:
                raise ValueError(
                    f"{self.described}: build needs an input shape, as (None, 28, 28)."
                )
            self._connect(shape)
        graph = self._graph
        if graph is not None and not self.built:
            own = self._weight_rng
            self._make_weights(graph, own if rng is None else rng)

    def _connect(self, input_shape: Any) -> None:
        """Make the graph for an input of this shape."""
        raise ValueError(f"{self.described} takes no input of shape {input_shape}.")

    def output_shape(self, input_shape: Any) -> Any:
        """One sample's output, or a tuple of them."""
        if self._graph is None:
            self._connect(input_shape)
        graph = self._graph
        if graph is None:
            raise self.misfit(input_shape, "layers")
        shapes = input_shape if several(input_shape) else (input_shape,)
        if len(shapes) != len(graph.inputs):
            raise self.misfit(input_shape, f"{len(graph.inputs)} inputs")
        for shape, tensor in zip(shapes, graph.inputs, strict=True):
            needed = tensor.sample_shape
            pairs = zip(shape, needed, strict=False)
            if len(shape) != len(needed) or any(n not in (None, got) for got, n in pairs):
                raise self.misfit(input_shape, str((None, *needed)))
        outputs = graph.output_shapes(shapes)
        return outputs[0] if len(outputs) == 1 else outputs

    def weight_shapes(self, input_shape: Any) -> dict[str, tuple[int, ...]]:
        """Those of all layers, as "layer/kernel"."""
        self.output_shape(input_shape)
        graph = self._graph
        return {
            f"{step.layer.name}/{name}": shape
            for step in (graph.steps if graph is not None else ())
            for name, shape in step.layer.weight_shapes(step.input_shape).items()
        }

    masking = "refused"

    def masks_output(self, *, masked: bool) -> bool:
        """No: raises ValueError where a mask would have to cross the border of a network."""
        graph = self._graph
        if graph is not None and not graph.masked.isdisjoint(graph.output_numbers):
            raise ValueError(
                f"{self.described} is a layer of another model and gives a sequence with a mask, "
                "which is not handed on: add its layers to the outer model one by one."
            )
        return super().masks_output(masked=masked)

    def cached_values(self, input_shape: Any) -> int:
        """Everything that its layers keep."""
        del input_shape
        return memory.pass_size(self.graph, 1, 1) if self._graph is not None else 0

    def forward(self, x: Any, context: Context) -> tuple[Any, Cache]:
        """The cache holds every array of every layer, as "layer/array"."""
        graph = self.graph
        run = graph.forward(x if isinstance(x, tuple) else (x,), context)
        outputs = tuple(run.values[number] for number in graph.output_numbers)
        y: Any = outputs[0] if len(outputs) == 1 else outputs
        own = {name: array for name, array in flattened(graph, run) if UPDATES not in name}
        for step, cache in zip(graph.steps, run.caches, strict=True):
            for name, array in cache.items():
                if UPDATES in name:
                    own[f"{step.layer.name}/{name}"] = array
        return y, cache_of(x, y, **own)

    def backward(
        self, output_gradient: Any, cache: Cache, context: Context
    ) -> tuple[Any, Gradients]:
        """Through all layers, back to the inputs."""
        graph = self.graph
        run = self._unflattened(graph, cache)
        given = output_gradient if isinstance(output_gradient, tuple) else (output_gradient,)
        slopes: dict[int, Array] = {}
        for number, each in zip(graph.output_numbers, given, strict=True):
            slopes[number] = slopes[number] + each if number in slopes else each
        found = graph.backward(run, slopes, context)
        inputs = found.inputs
        return (inputs[0] if len(inputs) == 1 else inputs), found.weights

    def _unflattened(self, graph: Graph, cache: Cache) -> Pass:
        caches: list[Cache] = []
        values: list[Any] = [None] * graph.count
        for number in range(len(graph.inputs)):
            values[number] = cache["input" if len(graph.inputs) == 1 else f"input:{number}"]
        for step in graph.steps:
            prefix = f"{step.key}/"
            own = {
                name[len(prefix) :]: array
                for name, array in cache.items()
                if name.startswith(prefix)
            }
            caches.append(own)
            for index, number in enumerate(step.outputs):
                values[number] = own["output" if len(step.outputs) == 1 else f"output:{index}"]
        return Pass(values, caches)

    def context(
        self,
        *,
        training: bool,
        input_gradient: bool = False,
        rng: np.random.Generator | None = None,
    ) -> Context:
        """What a pass through this network needs."""
        if self._generators is None:
            self._generators = {
                layer.name: np.random.default_rng(layer.seed)
                for _, layer in self.walk()
                if not isinstance(layer, Network) and layer.seed is not None
            }
        return Context(
            self.backend, training, self.rng if rng is None else rng, input_gradient,
            self._generators,
        )  # fmt: skip

    @property
    def ports(self) -> tuple[list[Port], list[Port]]:
        """The inputs and the outputs, by the names of their layers."""
        graph = self.graph
        inputs = [Port(t.node.layer.name, t.sample_shape, self.dtype) for t in graph.inputs]
        outputs = [Port(t.node.layer.name, t.sample_shape, self.dtype) for t in graph.outputs]
        return inputs, outputs

    def data_in(self, x: Any) -> tuple[Array, ...]:
        """Checked inputs; a Sequential of unknown input shape takes it from them.

        Raises DataError and ShapeError.
        """
        if self._graph is None:
            shape = numbers(x, f"the data for {self.name!r}").shape
            self._connect(arguments.shape(shape[1:], owner=f"the data for {self.name}"))
        return inputs_of(x, self.ports[0], model=self.described)

    @quiet
    def run(self, x: Sequence[Array], *, training: bool = False) -> tuple[Array, ...]:
        """The outputs of one pass over checked inputs."""
        graph = self.graph
        done = graph.forward(x, self.context(training=training))
        return tuple(done.values[number] for number in graph.output_numbers)

    def compiled_outputs(self, x: Sequence[Array], batch_size: int) -> Array | None:
        """The outputs for all of the checked inputs by a compiled program, as long as there is one
        for this network; else None. Raises NetworkTooLarge before one is made that does not fit.
        """
        if len(x) != 1 or x[0].dtype != self.dtype:
            return None
        return self._predictions.outputs(self, x[0], batch_size)

    def program_size(self, batch: int) -> int | None:
        """The bytes that the program for so many samples at a time takes, or would take; None where
        there is none.
        """
        return self._predictions.size(self, batch)

    def outputs_in_batches(self, x: Sequence[Array], batch_size: int) -> list[Array]:
        """The outputs for all of the checked inputs. Raises NetworkTooLarge."""
        compiled = self.compiled_outputs(x, batch_size)
        if compiled is not None:
            return [compiled]
        memory.refuse_pass(self, min(batch_size, len(x[0])))
        parts = [
            self.run(tuple(array[start : start + batch_size] for array in x))
            for start in range(0, len(x[0]), batch_size)
        ]
        return [np.concatenate(each) for each in zip(*parts, strict=True)]

    def __call__(self, *inputs: Any, training: bool | None = None) -> Any:
        """On tensors: as a layer of another model. On arrays: the outputs for them."""
        if is_called_on_tensors(inputs):
            return super().__call__(*inputs, training=training)
        arrays = self.data_in(inputs[0] if len(inputs) == 1 else inputs)
        memory.refuse_pass(self, len(arrays[0]))
        outputs = self.run(arrays, training=bool(training))
        return outputs[0] if len(outputs) == 1 else outputs

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """A layer by its name or its place. Raises ValueError if there is none."""
        layers = self.layers
        if index is not None:
            index = arguments.axis(index, owner=self.described, argument="index")
            if not -len(layers) <= index < len(layers):
                raise ValueError(
                    f"{self.described} has {len(layers)} layers: there is no layer {index}."
                )
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        raise names.unknown("layer", name, [layer.name for layer in layers])
