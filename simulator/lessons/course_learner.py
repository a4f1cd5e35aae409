"""Autoencoders whose training a lesson watches, state by state."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import count as counting
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends import select
from simulator.engine.backends.base import Backend
from simulator.engine.layers import Dense, Layer
from simulator.engine.model import Model
from simulator.engine.optimizers import Adam
from simulator.engine.regularizers import L1
from simulator.engine.schedules import CosineDecay
from simulator.engine.sequential import Sequential
from simulator.engine.variational import VariationalAutoencoder, divergence
from simulator.lessons.autoencoder_layers import (
    CONVOLUTIONAL,
    LINEAR,
    VARIATIONAL,
    layers_of,
)
from simulator.lessons.compression_data import PictureSet, set_of
from simulator.lessons.training_courses import BATCH, RATE, Course
from simulator.traces.staged import layout_of

Array = NDArray[Any]

LINEAR_RATE = 0.05
_serials = counting()
PARTS = ("map", "samples", "told")
"""What of a picture is brought up to date at a time while a training goes on."""
MOST_KEPT = 8192
"""Results for up to so many numbers are kept for a while."""
MOST_BYTES = 112 * 2**20
"""What the weights of all states of a training may take; with larger ones there are fewer."""


class CourseLearner:
    """A ``Learner`` (see ``traces.course``) over the states of one training."""

    def __init__(
        self,
        course: Course,
        model: Model,
        *,
        coding: int,
        pictures: PictureSet,
        epochs: int,
        states_per_epoch: int,
        updates_per_state: int,
    ) -> None:
        """Take a training and a model of its own to look with, whose first ``coding`` layers make
        the code.
        """
        self.serial = next(_serials)  # tells it from every other, whatever became of that
        self.course = course
        self.pictures = pictures
        self.states_per_epoch = states_per_epoch
        self.updates_per_state = updates_per_state
        self.states = epochs * states_per_epoch + 1
        self._model = model
        self._layers = list(model.layers)
        self._coding = coding
        self._latents: dict[int, Array] = {}
        self._errors: dict[int, float] = {}
        self._small: OrderedDict[tuple[object, ...], Any] = OrderedDict()
        self._seen = dict.fromkeys(PARTS, 0)
        self._next_part = 0
        self.code_shape = layout_of(self.code_units)

    @property
    def code_units(self) -> int:
        """How many numbers the code has."""
        layer = self._model.layers[self._coding - 1]
        assert isinstance(layer, Dense)
        return layer.units

    @property
    def parameters(self) -> tuple[int, int]:
        """How many numbers the weights hold, and how many they would if none were shared."""
        weights = self._model.weights
        return self._model.count_params(), sum(int(each.size) for each in weights.values())

    def seen(self, part: str) -> int:
        """Return the last state that a part of the picture can show, one of ``PARTS``: the last of
        all, or while somebody else trains, the one there was when ``look_on`` came to that part.
        """
        return self._seen[part] if self.course.attended else self.states - 1

    def look_on(self) -> None:
        """Let the next part of the picture show what has been learned by now.

        They take turns: together they would take the window longer than a frame.
        """
        part = PARTS[self._next_part]
        self._seen[part] = self.course.reached
        self._next_part = (self._next_part + 1) % len(PARTS)

    def _through(self, layers: list[Layer], state: int, x: Array) -> Array:
        weights = self.course.after(state)
        context = self._model.context(training=False)
        for layer in layers:
            for name, weight in layer.weights.items():
                weight[...] = weights[f"{layer.name}/{name}"]
            x, _ = layer.forward(x, context)
        return x

    def code(self, state: int, x: Array) -> Array:
        """Return the codes (S, h, w) of pictures (S, R, C)."""
        return self._once("code", state, x, self._coded)

    def _coded(self, state: int, x: Array) -> Array:
        shape = self._model.graph.inputs[0].sample_shape
        given = np.ascontiguousarray(x, dtype=np.float32).reshape(len(x), *shape)
        made = self._through(self._layers[: self._coding], state, given)
        return made.reshape(len(x), *self.code_shape)

    def _once(self, what: str, state: int, x: Array, make: Callable[[int, Array], Array]) -> Array:
        """Return what is made of some numbers; a few of those asked for last are kept.

        While a point is dragged, all that doesn't follow from it is asked for again and again.
        """
        state = self.course.shown(state)
        if x.size > MOST_KEPT:
            return make(state, x)

        def made() -> Array:
            found = make(state, x)
            found.setflags(write=False)
            return found

        found: Array = self.kept((what, state, x.tobytes()), made)
        return found

    def kept(self, key: tuple[object, ...], make: Callable[[], Any]) -> Any:
        """Return what was made for a key, or make it: the last of them are kept."""
        if key not in self._small:
            self._small[key] = make()
            if len(self._small) > 64:
                self._small.popitem(last=False)
        return self._small[key]

    def decoded(self, state: int, code: Array) -> Array:
        """Return the pictures (S, R, C) of codes (S, h, w)."""
        return self._once("picture", state, code, self._drawn)

    def _drawn(self, state: int, code: Array) -> Array:
        given = np.ascontiguousarray(code, dtype=np.float32).reshape(len(code), -1)
        made = self._through(self._layers[self._coding :], state, given)
        return made.reshape(len(code), *self.pictures.shape)

    def latents(self, state: int) -> Array:
        """Return the codes (N, K) of all pictures; those looked at last are kept."""
        if state not in self._latents:
            if len(self._latents) >= 8:
                self._latents.pop(next(iter(self._latents)))
            code = self.code(state, self.pictures.x)
            self._latents[state] = code.reshape(len(code), -1)
        return self._latents[state]

    def error(self, state: int) -> float:
        """Return the mean squared error of all pictures at a state."""
        if state not in self._errors:
            code = self.latents(state).reshape(-1, *self.code_shape)
            made = self.decoded(state, code)
            self._errors[state] = float(np.square(made - self.pictures.x).mean(dtype=np.float64))
        return self._errors[state]


class VariationalLearner(CourseLearner):
    """The states of a variational autoencoder: the code of a picture is the mean μ of its own."""

    def __init__(
        self,
        course: Course,
        looking: VariationalAutoencoder,
        *,
        pictures: PictureSet,
        epochs: int,
        states_per_epoch: int,
        updates_per_state: int,
    ) -> None:
        """Take a training and a machine of its own to look with."""
        self.weight = looking.weight
        super().__init__(
            course,
            looking.encoder,
            coding=len(looking.encoder.layers),
            pictures=pictures,
            epochs=epochs,
            states_per_epoch=states_per_epoch,
            updates_per_state=updates_per_state,
        )
        self._layers += looking.decoder.layers
        self._divergences: dict[int, float] = {}

    @property
    def code_units(self) -> int:
        """How many numbers the code has: the encoder gives as many means and variances."""
        return super().code_units // 2

    def _moments(self, state: int, x: Array) -> tuple[Array, Array]:
        """Return μ and log σ² (S, K) of pictures (S, R, C)."""
        given = np.ascontiguousarray(x, dtype=np.float32).reshape(len(x), -1)
        made = self._through(self._layers[: self._coding], state, given)
        return made[:, : self.code_units], made[:, self.code_units :]

    def _coded(self, state: int, x: Array) -> Array:
        """Return the means (S, h, w) of the codes of pictures (S, R, C)."""
        mean, _ = self._moments(state, x)
        return np.ascontiguousarray(mean).reshape(len(x), *self.code_shape)

    def log_variance(self, state: int, x: Array) -> Array:
        """Return log σ² (S, h, w) of the codes of pictures (S, R, C)."""
        _, found = self._moments(state, x)
        return np.ascontiguousarray(found).reshape(len(x), *self.code_shape)

    def divergence(self, state: int) -> float:
        """Return the mean KL divergence of all pictures' codes from the normal distribution."""
        if state not in self._divergences:
            mean, log_variance = self._moments(state, self.pictures.x)
            apart = divergence(mean, log_variance).sum(axis=1)
            self._divergences[state] = float(apart.mean(dtype=np.float64))
        return self._divergences[state]


def _model(
    variant: str,
    *,
    code: int,
    shape: tuple[int, int],
    activation: str,
    seed: int,
    sparsity: float,
    backend: Backend,
) -> Model:
    pixels = shape[0] * shape[1]
    coding = Dense(code, name="code", activity_regularizer=L1(sparsity) if sparsity else None)
    layers = layers_of(variant, coding, pixels=pixels, shape=shape, activation=activation)
    model = Sequential(layers, name="autoencoder", seed=seed, backend=backend)
    model.build((None, *shape, 1) if variant == CONVOLUTIONAL else (None, pixels))
    return model


def _rate(variant: str, updates: int) -> float | CosineDecay:
    """Return the learning rate: a linear network comes near to PCA only if it falls in the end."""
    return CosineDecay(LINEAR_RATE, updates) if variant == LINEAR else RATE


def _backend(name: str) -> Backend:
    """Return a backend of one thread: the other processors are the window's."""
    made = select.create(name)
    made.threads = 1
    return made


def training_backend(backend: Backend) -> str:
    """Return the name of what trains where a backend shows the lesson: the reference, unless
    compiled programs would start at once.
    """
    return "cpu" if backend.programs_ready else Backend.name


@lru_cache(maxsize=4)
def course_learner(
    pictures: str,
    variant: str,
    code: int,
    activation: str,
    epochs: int,
    seed: int,
    noise: tuple[str, float] = ("normal", 0.0),
    sparsity: float = 0.0,
    divergence: float = 0.0,
    every: int | None = None,
    backend: str = Backend.name,
) -> CourseLearner:
    """Return an autoencoder that learns a set of pictures, with Adam on squared errors.

    With ``noise``, a kind and its strength, it is given noisy pictures and trained on clean ones.
    ``sparsity`` is the weight of the code's L1 norm beside the error, and ``divergence`` that of
    the KL divergence in a variational one. ``every`` is how many updates lie between two states,
    if it isn't to follow from the size of the network. ``backend`` names what computes.
    """
    found = set_of(pictures)
    computes = _backend(backend)
    if variant == VARIATIONAL:
        return _variational(found, code, activation, epochs, seed, divergence, computes)
    model, looking = (
        _model(
            variant,
            code=code,
            shape=found.shape,
            activation=activation,
            seed=seed,
            sparsity=sparsity,
            backend=computes,
        )
        for _ in range(2)
    )
    model.compile(optimizer=Adam(_rate(variant, epochs * -(-len(found.x) // BATCH))), loss="mse")
    target = found.flat
    x = noisy(found.x, *noise, seed=seed).reshape(len(target), -1)
    if variant == CONVOLUTIONAL:
        x = x.reshape(*found.x.shape, 1)
    batches = -(-len(x) // BATCH)
    every = every or _updates_per_state(model.weights, epochs, batches)
    run = model.training(x, target, epochs=epochs, batch_size=BATCH, steps_per_event=every)
    return CourseLearner(
        Course(model, run, every=every),
        looking,
        coding=[layer.name for layer in model.layers].index("code") + 1,
        pictures=found,
        epochs=epochs,
        states_per_epoch=batches // every,
        updates_per_state=every,
    )


def _updates_per_state(weights: Mapping[str, Array], epochs: int, batches: int) -> int:
    """Return how many updates lie between two states: as few as the budget allows."""
    bytes_per_state = sum({id(weight): weight.nbytes for weight in weights.values()}.values())
    affordable = max(1, MOST_BYTES // (bytes_per_state * epochs))
    return next(
        each
        for each in range(1, batches + 1)
        if batches % each == 0 and batches // each <= affordable
    )


def _variational(
    found: PictureSet,
    code: int,
    activation: str,
    epochs: int,
    seed: int,
    divergence: float,
    backend: Backend,
) -> VariationalLearner:
    pixels = found.shape[0] * found.shape[1]
    hidden = (96, 32) if pixels <= 256 else (128, 32)
    machine, looking = (
        VariationalAutoencoder(
            pixels,
            hidden,
            code,
            activation=activation,
            weight=divergence,
            optimizer=Adam(RATE),
            seed=seed,
            backend=backend,
        )
        for _ in range(2)
    )
    batches = -(-len(found.x) // BATCH)
    every = _updates_per_state(machine.weights, epochs, batches)
    run = machine.training(found.flat, epochs=epochs, batch_size=BATCH)
    return VariationalLearner(
        Course(machine, run, every=every),
        looking,
        pictures=found,
        epochs=epochs,
        states_per_epoch=batches // every,
        updates_per_state=every,
    )


def noisy(x: Array, kind: str, strength: float, *, seed: int) -> Array:
    """Return pictures (N, R, C) from 0 to 1 with noise; the same seed gives the same noise."""
    if strength == 0:
        return x
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1,)))
    made: Array
    if kind == "normal":
        drawn = rng.standard_normal(x.shape, np.float32)
        made = np.clip(x + np.float32(strength) * drawn, 0, 1)
        return made
    hit = rng.random(x.shape, np.float32) < strength
    if kind == "blank":
        made = np.where(hit, np.float32(0), x)
        return made
    made = np.where(hit, (rng.random(x.shape, np.float32) < 0.5).astype(np.float32), x)
    return made
