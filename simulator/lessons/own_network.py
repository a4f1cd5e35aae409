"""Networks as the lesson on autoencoders takes them: from itself, or trained in the lab."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from simulator.engine import layers as engine_layers
from simulator.engine.backends.base import Backend
from simulator.engine.layers import Dense, Layer
from simulator.engine.layers.tied import TiedDense
from simulator.engine.sequential import Sequential
from simulator.formats.json_values import Json

Array = NDArray[Any]

TRAINED_HERE = "here"
"""The value of a control that says which network is gone through."""
MOST_LAYERS = 24


@dataclass(frozen=True, slots=True)
class OwnLayer:
    """A layer by its kind, name and arguments, as Keras calls them.

    A ``TiedDense`` has the ``source`` whose weights it shares: its place in the row, from 1.
    """

    kind: str
    name: str
    arguments: Mapping[str, Json] = field(default_factory=dict)
    source: int = 0

    def __str__(self) -> str:
        """Return the layer as JSON, by which it can be told from others and made again."""
        told = [self.kind, self.name, dict(self.arguments), self.source]
        return json.dumps(told, default=dict)


def network(
    layers: Sequence[str], sample: Sequence[int], *, seed: int = 0, backend: Backend
) -> Sequential:
    """Return a network of layers told as JSON (``str`` of each) for samples of a shape."""
    made: list[Layer] = []
    for told in layers:
        kind, name, arguments, source = json.loads(told)
        if kind == "TiedDense":
            shared = made[source - 1]
            assert isinstance(shared, Dense)
            made.append(TiedDense(shared, name=name, **arguments))
        else:
            made.append(getattr(engine_layers, kind)(name=name, **arguments))
    model = Sequential(made, name="autoencoder", seed=seed, backend=backend)
    model.build((None, *sample))
    return model


@dataclass(frozen=True, slots=True, eq=False)
class OwnNetwork:
    """Layers that follow one another, and a sample that goes through them.

    ``weights`` are called "code/kernel" and so on. ``code`` and ``opened`` count the layers
    that are gone through (see ``traces.laid_layers``), from 1: up to the one whose output is the
    code, and up to the one that is looked at first. ``sample`` is the shape that the first layer
    takes, and ``target`` what should come out.
    """

    layers: tuple[str, ...]
    sample: tuple[int, ...]
    weights: Mapping[str, Array]
    code: int
    opened: int
    picture: Array  # (R, C)
    target: Array  # (R, C)
