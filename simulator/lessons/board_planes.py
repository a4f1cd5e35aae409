"""The grids of a board: planes of its trace's arrays, whole and without what is still to come."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace

from simulator.lessons.frame import Box, Grid, Plane, Scale, ScaleKind
from simulator.lessons.planes import Planes, signed_scale
from simulator.traces.formula import Message
from simulator.traces.model import Trace

PICTURE = Scale(ScaleKind.PICTURE, 1.0)
UNREADABLE = 99
"""No number of so many signs fits a cell: then none is shown."""


MOST_KEPT = 256
_kept: OrderedDict[tuple[object, ...], Plane] = OrderedDict()


class BoardPlanes:
    """Makes grids of the last two axes of a trace's arrays."""

    def __init__(
        self, trace: Trace, shared: Mapping[str, tuple[object, ...]] | None = None
    ) -> None:
        """Take a trace.

        ``shared`` tells of some of its arrays by what they are the same as those of other traces:
        while a point is dragged, each place of it is a trace, and most of the board stays.
        """
        self._trace = trace
        self._planes = Planes(trace)
        self._shared = shared or {}

    def grid(
        self,
        key: str,
        array: str,
        *before: int,
        title: str | Message = "",
        note: Message | None = None,
        picture: bool = True,
        numbers: bool = False,
        scale: Scale | None = None,
    ) -> Grid:
        """Return the grid of an array at positions along the axes before the last two."""
        plane = self._plane(array, before, picture=picture, scale=scale)
        if not numbers:
            plane = replace(plane, longest=UNREADABLE)
        elif picture:
            plane = replace(plane, compact=True, longest=3)
        rows, columns = plane.values.shape[:2]
        role = self._trace.arrays[array].role
        return Grid(
            key=key,
            plane=plane,
            title=Message(title) if isinstance(title, str) else title,
            note=note or Message(""),
            role=role,
            view=Box(0, 0, int(rows), int(columns)),
        )

    def _plane(
        self, array: str, before: tuple[int, ...], *, picture: bool, scale: Scale | None
    ) -> Plane:
        if array in self._shared:
            key = (*self._shared[array], array, *before, picture, scale)
            if (kept := _kept.get(key)) is None:
                made = self._make(array, before, picture=picture, scale=scale)
                kept = _kept[key] = replace(made, identity=key)
                if len(_kept) > MOST_KEPT:
                    _kept.popitem(last=False)
            return kept
        return self._make(array, before, picture=picture, scale=scale)

    def _make(
        self, array: str, before: tuple[int, ...], *, picture: bool, scale: Scale | None
    ) -> Plane:
        axes = len(self._trace.arrays[array].shape)
        fixed = dict(enumerate(before))
        chosen = scale or PICTURE
        return self._planes.plane(
            array,
            fixed,
            axes=(axes - 2, axes - 1),
            scale=(lambda _: chosen) if picture or scale else signed_scale,
        )
