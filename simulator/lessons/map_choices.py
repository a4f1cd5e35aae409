"""The small maps to pick from: what each channel adds to a map, and the map of each filter."""

from __future__ import annotations

from simulator.lessons.channels import channel_title
from simulator.lessons.frame import Choice, Grid, Plane
from simulator.lessons.sight import Sight
from simulator.traces.formula import Message
from simulator.traces.model import Role


def map_choices(sight: Sight) -> tuple[Choice, ...]:
    """Return the maps to pick from; none where there is but one."""
    choices = []
    if sight.trace.term_shape[0] > 1:
        choices.append(_channel_maps(sight))
    if sight.trace.maps > 1:
        choices.append(_outputs(sight))
    return tuple(choices)


def _channel_maps(sight: Sight) -> Choice:
    depth = sight.trace.term_shape[0]
    names = tuple(
        channel_title(index, depth, picture=sight.planes.of_picture) for index in range(depth)
    )
    return Choice(
        key="channel",
        title=Message("Channel by channel"),
        names=names,
        current=sight.place.channel,
        grids=tuple(
            _small(sight, f"channel {index}", name, plane)
            for index, (name, plane) in enumerate(
                zip(names, sight.planes.channel_maps(sight.place.map), strict=True)
            )
        ),
        sum_of=True,
    )


def _outputs(sight: Sight) -> Choice:
    maps, convolves = sight.trace.maps, sight.planes.convolves
    names = tuple(
        Message("Filter {number}", {"number": index + 1})
        if convolves
        else channel_title(index, maps, picture=sight.planes.of_picture)
        for index in range(maps)
    )
    return Choice(
        key="map",
        title=Message("Feature maps") if convolves else Message("Channels"),
        names=names,
        current=sight.place.map,
        grids=tuple(
            _small(sight, f"map {index}", name, sight.planes.output(index))
            for index, name in enumerate(names)
        ),
    )


def _small(sight: Sight, key: str, name: Message, plane: Plane) -> Grid:
    written, done = sight.written.mask(sight.trace, plane, sight.arrived)
    return Grid(
        key=key,
        plane=plane,
        title=name,
        note=Message(""),
        role=Role.WRITES,
        view=sight.finder.output,
        written=written,
        state_key=(done,),
    )
