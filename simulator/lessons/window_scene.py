"""The picture of every lesson in which a window slides: input, weights, terms, output."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.lessons import window_views
from simulator.lessons.frame import (
    Box,
    Card,
    Extents,
    Frame,
    Grid,
    Mark,
    MarkKind,
    Plane,
    Pointer,
    Room,
    Scale,
    ScaleKind,
)
from simulator.lessons.hover_card import card_of
from simulator.lessons.image_input import picture_title
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.map_choices import COLOUR_NAMES, map_choices
from simulator.lessons.planes import Planes, signed_scale
from simulator.lessons.running_strip import running_strip
from simulator.traces.formula import Explanation, Message, Piece, Tone
from simulator.traces.model import Role
from simulator.traces.numbers import number
from simulator.traces.region import Region
from simulator.traces.timeline import Moment
from simulator.traces.window import Place, WindowTrace

Array = NDArray[Any]

MOST_PENDING = 49
"""Up to so many terms to come are told by their factors; more could not be read."""



class WindowScene:
    """Makes frames of one trace. ``trace`` may change its level, nothing else."""

    def __init__(self, lesson: Lesson, trace: WindowTrace, state: LessonState) -> None:
        """Take a lesson's trace and the state it was made from."""
        self.trace = trace
        self._lesson = lesson
        self._state = state
        self._planes = Planes(trace)
        self._written: tuple[tuple[object, ...], NDArray[np.int64]] | None = None
        self._explained: tuple[tuple[str, int], Explanation] | None = None
        self._convolves = trace.term_array == "products"
        self._picture_title = picture_title(state)
        largest = float(np.max(np.asarray(trace.arrays["input"].values), initial=0.0))
        self.white = 1.0 if 0.0 < largest <= 1.0 else 255.0

    # Planes

    def _picture_scale(self, values: Array) -> Scale:
        """Return the scale of pixels: white is 255, or 1 where that is the range of the input."""
        del values
        return Scale(ScaleKind.PICTURE, self.white)

    def _input(self, channel: int) -> Plane:
        return self._planes.plane(
            "input", axes=(0, 1), fixed={2: channel}, scale=self._picture_scale
        )

    def _picture(self, channel: int) -> Plane:
        if self.trace.arrays["input"].shape[2] != len(COLOUR_NAMES):
            return self._input(channel)
        return self._planes.plane(
            "input",
            axes=(0, 1),
            fixed={2: channel},
            any_of=frozenset({2}),
            scale=self._picture_scale,
        )

    def _output(self, feature_map: int) -> Plane:
        scale = signed_scale if self._convolves else self._pooled_scale
        return self._planes.plane("output", axes=(0, 1), fixed={2: feature_map}, scale=scale)

    def _pooled_scale(self, values: Array) -> Scale:
        """Pooled pixels are pixels still, unless they were added up beyond white."""
        picture = self._picture_scale(values)
        if values.size and float(values.max()) > picture.limit * 1.001:
            return signed_scale(values)
        return picture

    def _terms(self, place: Place) -> Plane:
        fixed = {0: place.map, 1: place.row, 2: place.column, 3: place.channel}
        scale = self._picture_scale if self.trace.scene_words.terms_are_inputs else signed_scale
        return self._planes.plane(self.trace.term_array, axes=(4, 5), fixed=fixed, scale=scale)

    def channel_of(self, place: Place, picked: int) -> int:
        """Return the channel of the input on view at a place."""
        if self.trace.term_shape[0] > 1:
            return place.channel if self.trace.level == "product" else picked
        return place.map if self.trace.maps == self.trace.arrays["input"].shape[2] > 1 else 0

    def explanation(self, step: int) -> Explanation:
        """Return the arithmetic of a step; the last one asked for is kept."""
        key = (self.trace.level, step)
        if self._explained is None or self._explained[0] != key:
            self._explained = (key, self.trace.explain(step))
        return self._explained[1]

    # The frame

    def frame(
        self,
        moment: Moment,
        room: Room,
        *,
        picked_map: int,
        picked_channel: int,
        hovered: Pointer | None,
        pinned: Pointer | None,
    ) -> Frame:
        """Return what to paint at a moment."""
        trace = self.trace
        fine = trace.level in ("product", "cell")
        before, after = trace.focus(moment.previous), trace.focus(moment.step)
        if trace.level == "layer":
            before = after = replace(after, map=picked_map)
        if pinned is not None and not fine:
            before = after = self._pinned_place(pinned, after)
        place = after if moment.blend >= 0.5 else before
        channel = self.channel_of(place, picked_channel)
        place = replace(place, channel=channel if trace.term_shape[0] > 1 else 0)
        arrived = moment.arrived
        pointers = tuple(pointer for pointer in (pinned, hovered) if pointer is not None)
        view = window_views.views(trace, before, after, moment.blend, room)
        explanation = self.explanation(arrived)
        link = None
        if trace.level == "product":
            link = (
                (
                    trace.geometry.window_rows(place.row)[place.kernel_row],
                    trace.geometry.window_columns(place.column)[place.kernel_column],
                ),
                (place.kernel_row, place.kernel_column),
                (place.kernel_row, place.kernel_column) if self._convolves else None,
            )
        grids = {
            "input": self._input_grid(place, channel, view, fine),
            "input_overview": self._overview_of_input(channel, view, fine),
            "weights": self._weights_grid(place) if self._convolves else None,
            "terms": self._terms_grid(place, arrived, view.terms),
            "output": self._output_grid(place, arrived, view, fine, explanation.result.text),
            "output_overview": self._overview_of_output(place, arrived, view, fine),
        }
        pointed = {
            key: None if grid is None else self._pointed(grid, pointers, pinned)
            for key, grid in grids.items()
        }
        assert pointed["input"] and pointed["terms"] and pointed["output"]
        return Frame(
            explanation=explanation,
            input=pointed["input"],
            input_overview=pointed["input_overview"],
            weights=pointed["weights"],
            terms=pointed["terms"],
            output=pointed["output"],
            output_overview=pointed["output_overview"],
            node=trace.scene_words.sign,
            rule=trace.scene_words.rule,
            where=self._where(place, fine),
            link=link,
            strip=running_strip(trace, place, explanation.result) if fine else None,
            choices=map_choices(trace, self._planes, place, arrived, channel),
        )

    def _pinned_place(self, pinned: Pointer, otherwise: Place) -> Place:
        if pinned.array != "output":
            return otherwise
        row, column, _ = pinned.index
        return replace(otherwise, row=row, column=column)

    def _where(self, place: Place, fine: bool) -> tuple[Piece, ...]:
        """Return, line by line, which picture it is and where its window stands."""
        title = Piece(self._picture_title)
        if not fine:
            return (title, Piece("every window"))
        return (
            title,
            Piece("window at"),
            Piece(f"row {self.trace.geometry.window_rows(place.row).start}", Tone.READS),
            Piece(f"column {self.trace.geometry.window_columns(place.column).start}", Tone.READS),
        )

    def extents(self) -> Extents:
        """Return how many cells there are to lay out."""
        trace = self.trace
        top, left, bottom, right = self._padding()
        height, width = trace.geometry.input_size
        terms = trace.term_shape[1:]
        return Extents(
            input=(height + top + bottom, width + left + right),
            window=trace.geometry.effective_kernel_size,
            terms=window_views.terms_on_view(terms),
            output=trace.geometry.output_size,
            has_weights=self._convolves,
            has_strip=trace.level in ("product", "cell"),
            channel_maps=trace.term_shape[0],
            maps=trace.maps,
        )

    # Input

    def _padding(self) -> tuple[int, int, int, int]:
        region = self.trace.covered_input(range(1))
        height, width = self.trace.geometry.input_size
        rows, columns = region.axes[0], region.axes[1]
        return (
            max(0, -rows[0]),
            max(0, -columns[0]),
            max(0, rows[-1] + 1 - height),
            max(0, columns[-1] + 1 - width),
        )

    def _window_marks(self, view: window_views.Views, fine: bool) -> list[Mark]:
        if not fine:
            return [Mark(MarkKind.WINDOW, Role.READS, view.covered)]
        marks = [Mark(MarkKind.WINDOW, Role.READS, view.window)]
        if max(self.trace.geometry.dilation) > 1:
            height, width = self.trace.term_shape[1:]
            down, across = self.trace.geometry.dilation
            marks += [
                Mark(
                    MarkKind.SOURCE,
                    Role.READS,
                    Box(view.window.top + i * down, view.window.left + j * across, 1, 1),
                )
                for i in range(height)
                for j in range(width)
            ]
        return marks

    def _input_grid(
        self, place: Place, channel: int, view: window_views.Views, fine: bool
    ) -> Grid:
        plane = self._input(channel)
        marks = self._window_marks(view, fine) if fine or not view.input_enlarged else []
        if self.trace.level == "product":
            marks.append(Mark(MarkKind.CELL, Role.READS, view.term))
        elif fine and (winner := self.trace.chosen(place.row, place.column, place.map)):
            marks.append(Mark(MarkKind.CELL, Role.READS, Box(winner[0], winner[1], 1, 1)))
        height, width = self.trace.geometry.input_size
        depth = self.trace.arrays["input"].shape[2]
        names = COLOUR_NAMES if depth == len(COLOUR_NAMES) else ()
        return Grid(
            key="input",
            plane=plane,
            title=Message("Input"),
            note=Message(f"{height} × {width}, " + (names[channel].lower() if names else "grey")),
            view=view.input,
            marks=tuple(marks),
            padding=self._padding(),
            padding_text="0" if self._convolves else "",
            editable=True,
            edited=self._edited(plane),
            role=Role.READS,
        )

    def _overview_of_input(
        self, channel: int, view: window_views.Views, fine: bool
    ) -> Grid | None:
        if not view.input_enlarged:
            return None
        plane = self._picture(channel)
        top, left, bottom, right = padding = self._padding()
        height, width = self.trace.geometry.input_size
        depth = self.trace.arrays["input"].shape[2]
        return Grid(
            key="input_overview",
            plane=plane,
            title=Message("Input"),
            note=Message(
                f"{height} × {width}, " + ("RGB" if depth == len(COLOUR_NAMES) else "grey")
            ),
            view=Box(-top, -left, height + top + bottom, width + left + right),
            marks=(
                Mark(MarkKind.VIEW, Role.READS, view.input),
                *self._window_marks(view, fine)[:1],
            ),
            padding=padding,
            role=Role.READS,
        )

    # Weights and terms

    def _weights_grid(self, place: Place) -> Grid:
        plane = self._planes.plane("kernel", axes=(0, 1), fixed={2: place.channel, 3: place.map})
        height, width = self.trace.term_shape[1:]
        marks = [Mark(MarkKind.WINDOW, Role.WEIGHTS, Box(0, 0, height, width))]
        if self.trace.level == "product":
            cell = Box(place.kernel_row, place.kernel_column, 1, 1)
            marks.append(Mark(MarkKind.CELL, Role.WEIGHTS, cell))
        return Grid(
            key="weights",
            plane=plane,
            title=Message("Kernel"),
            note=Message(f"{height} × {width}" + self._weights_note(place, plane)),
            view=Box(0, 0, height, width),
            marks=tuple(marks),
            editable=True,
            edited=self._edited(plane),
            role=Role.WEIGHTS,
        )

    def _weights_note(self, place: Place, plane: Plane) -> str:
        name = self._lesson.weights_name(self._state.settings, place.map)
        parts = ["edited" if self._edited(plane) else name]
        if self.trace.term_shape[0] == len(COLOUR_NAMES):
            parts.append(COLOUR_NAMES[place.channel].lower())
        return "".join(f", {part}" for part in parts if part)

    def _terms_grid(self, place: Place, arrived: int, view: Box) -> Grid:
        plane = self._terms(place)
        _, height, width = self.trace.term_shape
        one = [range(at, at + 1) for at in (place.map, place.row, place.column, place.channel)]
        region = Region(self.trace.term_array, (*one, range(height), range(width)))
        written = self.trace.written(region, arrived).reshape(height, width)
        marks: tuple[Mark, ...] = ()
        if self.trace.level == "product":
            cell = Box(place.kernel_row, place.kernel_column, 1, 1)
            marks = (Mark(MarkKind.CELL, Role.WRITES, cell),)
        elif winner := self._winner_in_window(place):
            marks = (Mark(MarkKind.CELL, Role.WRITES, Box(*winner, 1, 1)),)
        return Grid(
            key="terms",
            plane=plane,
            title=self.trace.scene_words.terms,
            note=Message(""),
            view=view,
            written=written,
            marks=marks,
            pending=self._pending(place),
            role=Role.WRITES,
            state_key=(self.trace.level, arrived),
        )

    def _winner_in_window(self, place: Place) -> tuple[int, int] | None:
        """Return which cell of the window an output cell was taken from, if from one alone."""
        winner = self.trace.chosen(place.row, place.column, place.map)
        if winner is None:
            return None
        geometry = self.trace.geometry
        return (
            geometry.window_rows(place.row).index(winner[0]),
            geometry.window_columns(place.column).index(winner[1]),
        )

    def _pending(self, place: Place) -> tuple[tuple[str, ...], ...] | None:
        _, height, width = self.trace.term_shape
        if not self._convolves or height * width > MOST_PENDING or self.trace.level != "product":
            return None
        x = self.trace.read(
            self.trace.window(place.row, place.column, range(place.channel, place.channel + 1))
        )[:, :, 0]
        weights = self.trace.arrays["kernel"].values[:, :, place.channel, place.map]  # type: ignore[index]
        return tuple(
            tuple(f"{number(a)}×{number(b)}" for a, b in zip(row, weight_row, strict=True))
            for row, weight_row in zip(x.tolist(), weights.tolist(), strict=True)
        )

    # Output

    def _written_mask(self, feature_map: int, arrived: int) -> NDArray[np.bool_]:
        key = (feature_map, self.trace.level)
        if self._written is None or self._written[0] != key:
            rows, columns = self.trace.geometry.output_size
            region = Region(
                "output",
                (range(rows), range(columns), range(feature_map, feature_map + 1)),
            )
            self._written = (key, self.trace.written_at(region)[:, :, 0])
        return self._written[1] <= arrived

    def _output_title(self) -> Message:
        return Message("Feature map") if self._convolves else Message("Output")

    def _output_note(self, place: Place) -> Message:
        rows, columns = self.trace.geometry.output_size
        note = f"{rows} × {columns}"
        if self.trace.maps > 1:
            kind = "filter" if self._convolves else "channel"
            note += f", {kind} {place.map + 1} of {self.trace.maps}"
        return Message(note)

    def _output_marks(self, view: window_views.Views, fine: bool) -> list[Mark]:
        rows, columns = self.trace.geometry.output_size
        if fine:
            return [Mark(MarkKind.CELL, Role.WRITES, view.cell)]
        return [Mark(MarkKind.WINDOW, Role.WRITES, Box(0, 0, rows, columns))]

    def _output_grid(
        self, place: Place, arrived: int, view: window_views.Views, fine: bool, result: str
    ) -> Grid:
        counts_up = self.trace.level == "product" and not self.trace.scene_words.finishes
        return Grid(
            key="output",
            plane=self._output(place.map),
            title=self._output_title(),
            note=self._output_note(place),
            view=view.output,
            written=self._written_mask(place.map, arrived),
            marks=tuple(
                self._output_marks(view, fine) if fine or not view.output_enlarged else []
            ),
            result_text=result if counts_up else "",
            role=Role.WRITES,
            state_key=(self.trace.level, arrived),
        )

    def _overview_of_output(
        self, place: Place, arrived: int, view: window_views.Views, fine: bool
    ) -> Grid | None:
        if not view.output_enlarged:
            return None
        rows, columns = self.trace.geometry.output_size
        return Grid(
            key="output_overview",
            plane=self._output(place.map),
            title=self._output_title(),
            note=self._output_note(place),
            view=Box(0, 0, rows, columns),
            written=self._written_mask(place.map, arrived),
            marks=(
                Mark(MarkKind.VIEW, Role.WRITES, view.output),
                *self._output_marks(view, fine),
            ),
            role=Role.WRITES,
            state_key=(self.trace.level, arrived),
        )

    # Pointing

    def _pointed(self, grid: Grid, pointers: tuple[Pointer, ...], pinned: Pointer | None) -> Grid:
        """Return a grid with the marks of what is pointed at, its sources and its dependants."""
        marks = list(grid.marks)
        for pointer in pointers:
            regions = (
                *self.trace.sources(pointer.array, pointer.index),
                *self.trace.dependants(pointer.array, pointer.index),
            )
            for region in regions:
                if region.array == grid.plane.array:
                    marks += [
                        Mark(MarkKind.SOURCE, self.trace.arrays[region.array].role, box)
                        for box in grid.plane.boxes(region)
                    ]
            if pointer.array == grid.plane.array:
                at = grid.plane.position(pointer.index)
                if at is not None:
                    kind = MarkKind.PIN if pointer == pinned else MarkKind.HOVER
                    marks.append(Mark(kind, Role.READS, Box(at[0], at[1], 1, 1)))
        if len(marks) == len(grid.marks):
            return grid
        return replace(grid, marks=tuple(marks))

    def _edited(self, plane: Plane) -> frozenset[tuple[int, int]]:
        found = (plane.position(index) for index in self._state.edits.get(plane.array, ()))
        return frozenset(at for at in found if at is not None)

    def card(self, pointer: Pointer, arrived: int) -> Card:
        """Return what there is to say of a cell."""
        return card_of(self.trace, pointer, arrived)
