"""Where a layer stands in a network of the lab: by itself, or within a network that is a layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from simulator.formats.building import inner_network
from simulator.formats.network import LayerSpec, NetworkSpec, base_name


@dataclass(frozen=True, slots=True)
class Placed:
    """A layer, the path that the lab knows it by, and where what it reads and its weights are.

    ``spec`` has its own arguments, of a call of a shared layer that layer's. ``sources`` are the
    paths of what it reads, ``start`` is what the names of its weights begin with.
    """

    path: str
    spec: LayerSpec
    sources: tuple[str, ...]
    start: str

    @property
    def title(self) -> str:
        """What it is called within the layer that holds it."""
        return f"{self.path.partition('/')[2] or self.path} ({self.spec.kind})"


def placed(network: NetworkSpec, name: str) -> Placed:
    """Return where a layer of this name stands, one of the network itself."""
    spec = network.layer(name)
    owner = network.layer(spec.shared_with) if spec.shared_with else spec
    own = replace(spec, arguments=owner.arguments)
    return Placed(name, own, spec.inputs, f"{owner.name}/")


def layers_within(at: Placed) -> tuple[Placed, ...]:
    """Return the layers of a network that is a layer, and those of networks within; else none."""
    return tuple(_within(at))


def _within(at: Placed) -> Iterator[Placed]:
    inner = inner_network(at.spec)
    if inner is None:
        return
    outer = dict(zip((each.name for each in inner.inputs), at.sources, strict=False))
    for spec in inner.layers:
        here = placed(inner, spec.name)
        sources = tuple(
            outer.get(base_name(source), f"{at.path}/{source}") for source in here.sources
        )
        found = Placed(f"{at.path}/{spec.name}", here.spec, sources, f"{at.start}{here.start}")
        held = tuple(_within(found))
        yield from held or (found,)
