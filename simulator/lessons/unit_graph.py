"""Two layers of units with the links between them: the graph of a Boltzmann machine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.traces.cellwise_part import OuterPart
from simulator.traces.dense_part import DensePart
from simulator.traces.formula import Message
from simulator.traces.region import Region
from simulator.traces.staged import Spot, StagedTrace


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A layer of units from 0 to 1, in reading order; None where one isn't written yet."""

    title: Message
    values: tuple[float | None, ...]
    lit: int | None


@dataclass(frozen=True, slots=True)
class UnitLink:
    """A link from a lower unit to an upper one; ``current`` is whether it belongs to the step."""

    lower: int
    upper: int
    weight: float
    current: bool


@dataclass(frozen=True, slots=True)
class UnitGraph:
    """The hidden layer above the visible one; ``limit`` is the largest weight of all."""

    title: Message
    upper: UnitRow
    lower: UnitRow
    links: tuple[UnitLink, ...]
    limit: float


def unit_graph(trace: StagedTrace, spot: Spot, arrived: int) -> UnitGraph | None:
    """Return the graph at a spot once step ``arrived`` is done; None for traces without one."""
    part = trace.parts[spot.part]
    names = trace.two_sided.get(part.name)
    if names is None:
        return None
    visible, hidden = names
    kernel = trace.arrays["kernel"].values
    assert isinstance(kernel, np.ndarray)
    weights = kernel.reshape(kernel.shape[0] * kernel.shape[1], -1)  # (H, V)
    fine = trace.level in ("product", "unit")
    links: list[UnitLink] = []
    lower, upper = None, None
    if isinstance(part, DensePart) and fine:
        term = spot.at if trace.level == "product" and spot.at < part.inputs else None
        for at in range(part.inputs):
            pair = (at, spot.unit) if part.output_is_hidden else (spot.unit, at)
            links.append(UnitLink(*pair, float(weights[pair[1], pair[0]]), at == term))
        upper = spot.unit if part.output_is_hidden else term
        lower = term if part.output_is_hidden else spot.unit
    elif fine and (isinstance(part, OuterPart) or part.name == "new_kernel"):
        index = part.index_of(spot.unit)
        upper = int(np.ravel_multi_index(index[:2], part.shape[:2]))
        lower = int(np.ravel_multi_index(index[2:], part.shape[2:]))
        links.append(UnitLink(lower, upper, float(weights[upper, lower]), current=True))
    elif fine and part.name.startswith("flip_hidden"):
        upper = spot.unit
    elif fine and part.name.startswith("flip_visible"):
        lower = spot.unit
    return UnitGraph(
        title=Message("The machine"),
        upper=UnitRow(trace.titles[hidden], _values(trace, hidden, arrived), upper),
        lower=UnitRow(trace.titles[visible], _values(trace, visible, arrived), lower),
        links=tuple(links),
        limit=float(np.abs(weights).max()) or 1.0,
    )


def _values(trace: StagedTrace, name: str, arrived: int) -> tuple[float | None, ...]:
    array = trace.arrays[name]
    region = Region.whole(name, array.shape)
    values = trace.read(region).ravel().tolist()
    written = trace.written(region, arrived).ravel().tolist()
    return tuple(value if there else None for value, there in zip(values, written, strict=True))
