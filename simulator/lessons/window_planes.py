"""The planes of the arrays that a sliding window reads and writes."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from simulator.lessons.channels import COLOURS
from simulator.lessons.frame import Plane, Scale, ScaleKind
from simulator.lessons.lesson import Edits
from simulator.lessons.planes import Planes, common_scale, signed_scale
from simulator.traces.places import Place
from simulator.traces.window import WindowTrace

Array = NDArray[Any]


class WindowPlanes:
    """The planes of one trace by what they are, and which of their cells were typed over."""

    def __init__(
        self, trace: WindowTrace, *, white: float, edits: Edits, of_picture: bool = True
    ) -> None:
        """Take a trace, the input value that is shown as white, and the learner's edits.

        ``of_picture`` is whether the input is a picture, and no maps that another layer made.
        """
        self.of_picture = of_picture
        self._trace = trace
        self._planes = Planes(trace)
        self._white = Scale(ScaleKind.PICTURE, white)
        self._edits = edits
        self._edited: dict[tuple[object, ...], frozenset[tuple[int, int]]] = {}

    @property
    def convolves(self) -> bool:
        """Return whether there are weights."""
        return "kernel" in self._trace.arrays

    @cached_property
    def depth(self) -> int:
        """Return the number of channels of the input."""
        return self._trace.arrays["input"].shape[2]

    @property
    def coloured(self) -> bool:
        """Return whether the channels of the input are red, green and blue."""
        return self.of_picture and self.depth == COLOURS

    def input(self, channel: int) -> Plane:
        """Return one channel of the input."""
        return self._planes.plane("input", {2: channel}, scale=self._picture)

    def picture(self, channel: int) -> Plane:
        """Return the input as a picture: in its colours if it has some."""
        if not self.coloured:
            return self.input(channel)
        return self._planes.plane("input", {2: channel}, colour_axis=2, scale=self._picture)

    def weights(self, place: Place) -> Plane:
        """Return the kernel of a channel and filter."""
        return self._planes.plane("kernel", {2: place.channel, 3: place.map})

    def terms(self, place: Place) -> Plane:
        """Return the terms of one channel of an output cell."""
        fixed = {0: place.map, 1: place.row, 2: place.column, 3: place.channel}
        inputs = self._trace.scene_words.terms_are_inputs
        return self._planes.plane(
            self._trace.term_array,
            fixed,
            axes=(4, 5),
            scale=self._picture if inputs else signed_scale,
        )

    def output(self, map_index: int) -> Plane:
        """Return a map of the output."""
        scale = signed_scale if self.convolves else self._pooled
        return self._planes.plane("output", {2: map_index}, scale=scale)

    def channel_maps(self, map_index: int) -> tuple[Plane, ...]:
        """Return what each channel adds to a map, all in one scale: they are added up."""
        planes = [
            self._planes.plane("channel_maps", {2: map_index, 3: channel})
            for channel in range(self.depth)
        ]
        scale = common_scale([plane.scale for plane in planes])
        return tuple(replace(plane, scale=scale) for plane in planes)

    def edited(self, plane: Plane) -> frozenset[tuple[int, int]]:
        """Return the rows and columns of a plane that were typed over."""
        found = self._edited.get(plane.identity)
        if found is None:
            positions = (plane.position(index) for index in self._edits.get(plane.array, ()))
            found = frozenset(position for position in positions if position is not None)
            self._edited[plane.identity] = found
        return found

    def _picture(self, _: Array) -> Scale:
        return self._white

    def _pooled(self, values: Array) -> Scale:
        """Pooled pixels are pixels still, unless they were added up beyond white."""
        beyond = values.size and float(values.max()) > self._white.limit * 1.001
        return signed_scale(values) if beyond else self._white
