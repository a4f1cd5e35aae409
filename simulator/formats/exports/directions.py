"""What a Bidirectional layer is made of, as every export takes it apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from simulator.formats.exports.writing import Array, Variable
from simulator.formats.json_values import Json
from simulator.formats.network import LayerSpec


class Wrapped(Protocol):
    """A place in an export where a Bidirectional stands."""

    @property
    def layer(self) -> LayerSpec:
        """The Bidirectional."""
        ...

    @property
    def inputs(self) -> Sequence[Variable]:
        """What it reads: the sequence, then the initial states, if there are any."""
        ...

    @property
    def weights(self) -> Mapping[str, Array]:
        """Of both directions, as "forward_lstm/kernel"."""
        ...

    def argument(self, name: str, default: Any = None) -> Any:
        """One of its arguments."""
        ...


@dataclass(frozen=True, slots=True)
class Direction:
    """One of its two layers, with its own initial states and weights."""

    name: str  # "forward" or "backward"
    layer: LayerSpec
    states: list[str]
    weights: dict[str, Array]

    @property
    def sequences(self) -> bool:
        """Whether it gives all steps."""
        return bool(self.layer.arguments.get("return_sequences", False))

    @property
    def reads_from_the_end(self) -> bool:
        """Whether it takes the last step first."""
        return bool(self.layer.arguments.get("go_backwards", False))


def directions(site: Wrapped) -> tuple[Direction, Direction]:
    """The layer that was given, and the one beside it: its own, or the same the other way round."""
    states = [each.name for each in site.inputs[1:]]
    half = len(states) // 2
    forward = _inner(site.layer, site.argument("layer"))
    given = site.argument("backward_layer")
    backward = _inner(site.layer, given or site.argument("layer"))
    if given is None:
        turned = not forward.arguments.get("go_backwards", False)
        backward = backward.with_argument("go_backwards", turned)
    return (
        Direction("forward", forward, states[:half], _own(site, "forward", forward)),
        Direction("backward", backward, states[half:], _own(site, "backward", backward)),
    )


def _inner(outer: LayerSpec, stored: Json) -> LayerSpec:
    return LayerSpec(
        stored["kind"], stored.get("name") or f"{outer.name}_layer", stored["arguments"]
    )


def _own(site: Wrapped, direction: str, layer: LayerSpec) -> dict[str, Array]:
    prefix = f"{direction}_{layer.name}/"
    return {
        name.removeprefix(prefix): array
        for name, array in site.weights.items()
        if name.startswith(prefix)
    }
