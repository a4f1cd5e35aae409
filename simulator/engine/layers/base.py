"""What every layer is: a pure step forwards, a pure step backwards, and named weights.

Shapes never count the batch: an image layer's `input_shape` is (H, W, C), a recurrent one's (T, C),
with None for a length that varies. Arrays always have the batch as their first axis. Layers with
several inputs take tuples of shapes and tuples of arrays, and layers with several outputs return
tuples, wherever a single one stands in the signatures below.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt

from simulator.engine import arguments, names, registry, regularizers
from simulator.engine.arrays import aligned
from simulator.engine.layers.tensors import Node, Tensor
from simulator.engine.seeds import fresh_seed

if TYPE_CHECKING:
    from simulator.engine.activations import Activation
    from simulator.engine.backends.base import Backend
    from simulator.engine.initializers import Initializer

Array: TypeAlias = npt.NDArray[Any]
"""float32, or float64 in layers with dtype="float64"; never mixed."""

Cache: TypeAlias = dict[str, Array]
"""The named arrays of one forward pass: "input" (or "input:0", "input:1"…), "output", and the
layer's own. "updates:<weight>" holds the new value of a weight that no gradient trains."""

Shape: TypeAlias = tuple[int | None, ...]
Gradients: TypeAlias = dict[str, Array]


class ShapeError(ValueError):
    """Shapes that do not fit a layer; one line that names the layer, what it got and needs."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a pass needs from outside; passed in, so that there is no ambient state."""

    backend: Backend
    training: bool
    rng: np.random.Generator  # for dropout, noise, stochastic pooling
    input_gradient: bool = True
    """False where nobody reads what `backward` gives for the input: any of its shape will do."""
    generators: Mapping[str, np.random.Generator] = field(default_factory=dict)
    """For layers with a seed of their own, by their name."""
    mask: Array | None = None
    """(B, T): False for the steps of the input that are filling and no data."""
    arriving: dict[str, tuple[Array, ...]] | None = None
    """Where it is asked for, recurrent layers leave here on the way back, by their path, ∂L/∂h
    (B, T, U) of every step in the order of reading, and ∂L/∂(end states) (B, U) but that of h."""
    path: str = ""
    """The names of the layers that the pass is within, "encoder/lstm", where that is asked for."""

    def for_layer(
        self, layer: Layer, *, input_gradient: bool = True, training: bool | None = None
    ) -> Context:
        """The context of one layer's part of the pass; `training` is what its call fixed."""
        rng = self.generators.get(layer.name, self.rng)
        training = self.training if training is None else training
        if rng is self.rng and input_gradient == self.input_gradient and training == self.training:
            return self
        return replace(self, rng=rng, input_gradient=input_gradient, training=training)

    def masked(self, mask: Array | None) -> Context:
        """The same with another mask, or with none."""
        return self if mask is self.mask else replace(self, mask=mask)

    def within(self, name: str) -> Context:
        """The same inside of a layer, or of one of its parts."""
        if self.arriving is None:
            return self
        return replace(self, path=f"{self.path}/{name}" if self.path else name)


class Layer(ABC):
    """One layer. A subclass declares its weights and says what it computes, both ways.

    - `__init__(self, units, …, **options)` hands `options` on to `Layer.__init__`, and sets
      `self.initializers` (one for each weight) and `self.regularizers` (where there is one);
    - `output_shape` refuses inputs that do not fit (`raise self.misfit(input_shape, "…")`);
    - `weight_shapes` names the weights in Keras's order, from which `build` makes them;
    - `forward` and `backward` compute, and keep nothing.
    """

    non_trainable: frozenset[str] = frozenset()
    """Names of weights that no gradient trains, such as moving statistics."""

    seed: int | None = None
    """Of layers with chance in them: their own; None leaves it to the model's."""

    masking: ClassVar[str] = "lost"
    """What becomes of a mask on the steps of the input, as in Keras: it is "kept", or it is "lost";
    where Keras computes with it in a way that this layer cannot, it is "refused"."""

    def __init__(
        self,
        *,
        name: Any = None,
        trainable: bool = True,
        dtype: Any = None,
        input_shape: Sequence[int | None] | None = None,
        input_dim: int | None = None,
        activity_regularizer: Any = None,
        **unknown: Any,
    ) -> None:
        """What all layers take. `input_shape` and `input_dim` are for the first of a Sequential.

        Raises TypeError for arguments that neither the layer nor this has, and ValueError for a
        dtype other than float32 and float64.
        """
        kind = type(self).__name__
        limits = [each for each in unknown if each.endswith("_constraint")]
        if limits and len(limits) == len(unknown):
            if any(unknown[each] is not None for each in limits):
                raise ValueError(
                    f"{kind}: {limits[0]} is {arguments.shown(unknown[limits[0]])}: there are no "
                    "limits on weights here. Leave it out, or give a regularizer in its place: "
                    f"{limits[0].removesuffix('constraint')}regularizer='l2'."
                )
        elif unknown:
            raise names.unexpected(kind, unknown, registry.argument_names(type(self)))
        self.name: str = names.unique(kind) if name is None else arguments.name(name, owner=kind)
        self.dtype: str = arguments.dtype(dtype, owner=kind)
        self.given_input_shape: Shape | None = None
        if input_shape is not None:
            self.given_input_shape = arguments.shape(input_shape, owner=self.name)
        elif input_dim is not None:
            self.given_input_shape = arguments.shape((input_dim,), owner=self.name)
        self.built = False
        self.initializers: dict[str, Initializer] = {}
        self.regularizers: dict[str, regularizers.Regularizer] = {}
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.input_shape: Any = None  # what it was built for
        self.input: Any = None  # the tensors of its first call, and what came out of it
        self.output: Any = None
        self._weights: dict[str, Array] = {}
        self._trainable = arguments.truth(trainable, owner=kind, argument="trainable")

    def regularize(self, weight: str, identifier: Any) -> None:
        """Give a weight the regularizer of that name; nothing for None."""
        regularizer = regularizers.get(identifier)
        if regularizer is not None:
            self.regularizers[weight] = regularizer

    @property
    def sublayers(self) -> tuple[Layer, ...]:
        """The layers inside this one (wrappers, models), in the order of their weights."""
        return ()

    @property
    def weights(self) -> dict[str, Array]:
        """The weights by Keras's names, in Keras's order; those of sublayers as "name/kernel".

        Training changes the arrays in place: they stay the same objects for the layer's life.
        """
        weights = dict(self._weights)
        for layer in self.sublayers:
            weights.update(prefixed(layer.name, layer.weights))
        return weights

    @property
    def trainable(self) -> bool:
        """Whether training changes the weights; setting it sets the sublayers' too."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = arguments.truth(value, owner=self.described, argument="trainable")
        for layer in self.sublayers:
            layer.trainable = value

    @property
    def trainable_names(self) -> tuple[str, ...]:
        """Names in `weights` of those that training changes."""
        if not self._trainable:
            return ()
        own = [name for name in self._weights if name not in self.non_trainable]
        for layer in self.sublayers:
            own += [f"{layer.name}/{name}" for name in layer.trainable_names]
        return tuple(own)

    @abstractmethod
    def output_shape(self, input_shape: Any) -> Any:
        """The shape of one sample's output. Raises ShapeError for an input that does not fit."""

    def masks_output(self, *, masked: bool) -> bool:
        """Whether the steps of the output carry a mask, where those of the input do or do not.

        Raises ValueError if this layer cannot take a mask.
        """
        if masked and self.masking == "refused":
            raise ValueError(
                f"{self.described} got a sequence with a mask (from Masking, or from an Embedding "
                "with mask_zero=True), which it cannot follow: put it after a recurrent layer "
                "without return_sequences, or leave the mask out."
            )
        return masked and self.masking == "kept"

    def output_mask(self, x: Any, mask: Array | None) -> Array | None:
        """The mask (B, T) of the output's steps, where there is one: that of the input."""
        del x
        return mask

    def weight_shapes(self, input_shape: Any) -> dict[str, tuple[int, ...]]:
        """The shapes of the weights by name, in order, without making them."""
        del input_shape
        return {}

    def initial_weight(self, name: str, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        """A weight before training, from its initializer."""
        weight: Array = self.initializers[name](shape, rng, self.dtype)
        return weight

    def build(self, input_shape: Any, rng: np.random.Generator | None = None) -> None:
        """Make the weights, from a generator; the shape is then one sample's. Without a generator
        it is Keras's, with None for the batch, and the weights are drawn from a fresh seed.

        Raises ValueError for what is no shape, and ShapeError for one that does not fit.
        """
        if self.built:
            return
        if rng is None:
            input_shape = arguments.sample_shape(input_shape, owner=self.described)
            rng = np.random.default_rng(fresh_seed())
        self.output_shape(input_shape)
        self._make(input_shape, rng)
        self.input_shape = input_shape
        self.built = True

    def _make(self, input_shape: Any, rng: np.random.Generator) -> None:
        """Draw the weights. Wrappers build their sublayers instead."""
        self._weights = {
            name: aligned(np.asarray(self.initial_weight(name, shape, rng), self.dtype))
            for name, shape in self.weight_shapes(input_shape).items()
        }

    def cached_values(self, input_shape: Any) -> int:
        """How many numbers a pass keeps for each sample, beside input and output, about."""
        del input_shape
        return 0

    @abstractmethod
    def forward(self, x: Any, context: Context) -> tuple[Any, Cache]:
        """The output for an input with its batch, and the arrays that `backward` and a picture of
        the pass need (see `Cache`; `cache_of` makes one). Weights are read, nothing is kept.
        """

    @abstractmethod
    def backward(
        self, output_gradient: Any, cache: Cache, context: Context
    ) -> tuple[Any, Gradients]:
        """∂L/∂input and, by name, ∂L/∂weight of every trainable weight, from ∂L/∂output."""

    @property
    def last_activation(self) -> Activation | None:
        """The activation that `forward` ends with, if `backward_from` can start before it."""
        return None

    def backward_from(self, slopes: Array, cache: Cache, context: Context) -> tuple[Any, Gradients]:
        """`backward`, from ∂L/∂(what went into `last_activation`): a loss may know it better."""
        raise NotImplementedError(f"{self.described} has no activation to start before.")

    def walk(self, prefix: str = "") -> Iterator[tuple[str, Layer]]:
        """This layer and those inside it, each with the prefix of its weights' names here."""
        yield prefix, self
        for layer in self.sublayers:
            yield from layer.walk(f"{prefix}{layer.name}/")

    def count_params(self) -> int:
        """How many numbers the weights hold, shared ones counted once. ValueError if not built."""
        if not self.built:
            raise ValueError(
                f"{self.described} has no weights yet: build the model, or give it an input shape."
            )
        return sum({id(weight): int(weight.size) for weight in self.weights.values()}.values())

    def get_weights(self) -> list[Array]:
        """Copies of the weights, in the order of `weights`."""
        return [weight.copy() for weight in self.weights.values()]

    def set_weights(self, weights: Sequence[npt.ArrayLike]) -> None:
        """Copy values into the weights. Raises ValueError if number or shapes differ."""
        own = self.weights
        if not isinstance(weights, list | tuple):
            raise ValueError(
                f"{self.described}: the weights are {arguments.shown(weights)}: they must be a "
                "list of arrays."
            )
        if len(weights) != len(own):
            raise ValueError(
                f"{self.described} has {len(own)} weights ({', '.join(own) or 'none'}), but "
                f"{len(weights)} were given."
            )
        arrays = [
            arguments.array(weight, owner=self.described, what=f"the values of {name}")
            for name, weight in zip(own, weights, strict=True)
        ]
        for (name, weight), array in zip(own.items(), arrays, strict=True):
            if array.shape != weight.shape:
                raise ValueError(
                    f"{self.described}: {name} has the shape {weight.shape}, but "
                    f"{array.shape} was given."
                )
        for weight, array in zip(own.values(), arrays, strict=True):
            weight[...] = array

    @property
    def described(self) -> str:
        """For messages: `conv2d_1 (Conv2D)`."""
        return f"{self.name} ({type(self).__name__})"

    def misfit(self, got: Any, needs: str) -> ShapeError:
        """The error for an input shape that this layer cannot take: raise what this returns."""
        shown = got
        if isinstance(got, tuple) and not (got and isinstance(got[0], tuple)):
            shown = (None, *got)
        return ShapeError(f"{self.described} got an input of shape {shown}, but needs {needs}.")

    def __call__(self, *inputs: Any, training: bool | None = None) -> Any:
        """The functional API: connect the layer to the outputs of others.

        Several inputs may be given one by one or as a list. Returns a Tensor, or a tuple of them
        for several outputs. With `training` given, this call trains, or does not, whatever the
        model does. Called on arrays, the layer gives its output for them at once.

        Raises ShapeError for inputs that do not fit.
        """
        # Imported here because it needs what layers are.
        from simulator.engine.layers import calling  # noqa: PLC0415

        if training is not None:
            training = arguments.truth(training, owner=self.described, argument="training")
        if not calling.is_called_on_tensors(inputs):
            return calling.output_for(self, inputs, training=bool(training))
        tensors: list[Any] = []
        for given in inputs:
            tensors += given if isinstance(given, list | tuple) else [given]
        for tensor in tensors:
            if not isinstance(tensor, Tensor):
                raise TypeError(
                    f"{self.described} was called on tensors and on {type(tensor).__name__}: call "
                    "it on Inputs and other layers' outputs alone, or on arrays alone."
                )
        shapes = tuple(tensor.sample_shape for tensor in tensors)
        shape = self.output_shape(shapes[0] if len(shapes) == 1 else shapes)
        node = Node(self, tuple(tensors), training)
        output: Any = Tensor(node, 0, shape)
        if several(shape):
            output = tuple(Tensor(node, index, each) for index, each in enumerate(shape))
        if self.output is None:
            self.input, self.output = (tensors[0] if len(tensors) == 1 else tuple(tensors)), output
        return output


def several(shape: Any) -> bool:
    """Whether this is a tuple of shapes and not one shape."""
    return isinstance(shape, tuple) and bool(shape) and isinstance(shape[0], tuple)


def known_size(shape: Any) -> int:
    """How many numbers a sample of that shape has; lengths that vary count as 1."""
    return prod(length or 1 for length in shape)


def cache_of(x: Any, y: Any, **own: Array) -> Cache:
    """A cache with "input" and "output" (numbered where there are several) and a layer's own."""
    cache: Cache = {}
    for name, value in (("input", x), ("output", y)):
        if isinstance(value, tuple):
            cache |= {f"{name}:{index}": array for index, array in enumerate(value)}
        else:
            cache[name] = value
    return cache | own


def prefixed(prefix: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The same arrays under "prefix/name"."""
    return {f"{prefix}/{name}": array for name, array in arrays.items()}
