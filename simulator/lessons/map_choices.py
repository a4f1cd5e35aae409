"""The small maps to pick from: what each channel adds to a map, and the map of each filter."""

from __future__ import annotations

import numpy as np

from simulator.lessons.frame import Box, Choice, Grid
from simulator.lessons.planes import Planes
from simulator.traces.formula import Message
from simulator.traces.model import Role
from simulator.traces.region import Region
from simulator.traces.window import Place, WindowTrace

COLOUR_NAMES = ("Red", "Green", "Blue")


def channel_name(index: int, depth: int) -> str:
    """Return what one of ``depth`` channels is called."""
    return COLOUR_NAMES[index] if depth == len(COLOUR_NAMES) else f"Channel {index + 1}"


def map_choices(
    trace: WindowTrace, planes: Planes, place: Place, arrived: int, channel: int
) -> tuple[Choice, ...]:
    """Return the maps to pick from once step ``arrived`` is done; none where there is but one."""
    choices = []
    if trace.term_shape[0] > 1:
        choices.append(_channel_maps(trace, planes, place, arrived, channel))
    if trace.maps > 1:
        choices.append(_outputs(trace, planes, place, arrived))
    return tuple(choices)


def _small(
    trace: WindowTrace, planes: Planes, array: str, fixed: dict[int, int], arrived: int, name: str
) -> Grid:
    rows, columns = trace.geometry.output_size
    kept = [range(at, at + 1) for _, at in sorted(fixed.items())]
    region = Region(array, (range(rows), range(columns), *kept))
    first, last = (
        trace.written_at(Region.cell(array, *cell, *(at for _, at in sorted(fixed.items())))).item()
        for cell in ((0, 0), (rows - 1, columns - 1))
    )
    if first > arrived or last <= arrived:
        # Nothing of it or all of it: no need to ask cell by cell.
        written = np.full((rows, columns), last <= arrived)
    else:
        written = trace.written(region, arrived).reshape(rows, columns)
    return Grid(
        key=f"{array} {name}",
        plane=planes.plane(array, axes=(0, 1), fixed=fixed),
        title=Message(name),
        note=Message(""),
        view=Box(0, 0, rows, columns),
        written=written,
        role=Role.WRITES,
        state_key=(trace.level, min(max(arrived, first - 1), last)),
    )


def _channel_maps(
    trace: WindowTrace, planes: Planes, place: Place, arrived: int, channel: int
) -> Choice:
    depth = trace.term_shape[0]
    names = tuple(channel_name(index, depth) for index in range(depth))
    return Choice(
        key="channel",
        title=Message("Channel by channel"),
        names=names,
        current=channel,
        grids=tuple(
            _small(trace, planes, "channel_maps", {2: place.map, 3: index}, arrived, name)
            for index, name in enumerate(names)
        ),
        sum_of=True,
    )


def _outputs(trace: WindowTrace, planes: Planes, place: Place, arrived: int) -> Choice:
    filters = trace.term_array == "products"
    names = tuple(
        f"Filter {index + 1}" if filters else channel_name(index, trace.maps)
        for index in range(trace.maps)
    )
    return Choice(
        key="map",
        title=Message("Feature maps") if filters else Message("Channels"),
        names=names,
        current=place.map,
        grids=tuple(
            _small(trace, planes, "output", {2: index}, arrived, name)
            for index, name in enumerate(names)
        ),
    )
