"""The board on which a CNN and an RNN read the same picture."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from simulator.lessons.board import BoardFrame, BoardRow, Column, GridPanel, Turns, Words
from simulator.lessons.cell_strands import CellSight
from simulator.lessons.frame import (
    Attention,
    Box,
    Grid,
    Mark,
    MarkKind,
    Pointer,
    Room,
    Scale,
    ScaleKind,
)
from simulator.lessons.recurrence_scene import RecurrenceScene, page
from simulator.lessons.recurrent_session import RecurrentSession
from simulator.traces.dot_equation import Dot
from simulator.traces.formula import Message
from simulator.traces.model import Role
from simulator.traces.recurrence import RecurrentPlace
from simulator.traces.region import Region
from simulator.traces.timeline import Moment
from simulator.traces.window_sum import WindowSum

GREY = Scale(ScaleKind.PICTURE, 1.0)
STATES = Scale(ScaleKind.SIGNED, 1.0)
SHOWN = 16
"""So many weights into a unit are on view at once, and so many units at least."""
FEW = 8
"""So many biases and first states are on view at once."""
CNN = (
    ("reads", "a window, anywhere"),
    ("input", "a grid: pictures"),
    ("sees at once", "its window"),
    ("order", "none: all at once"),
    ("same weights", "at every place"),
    ("used for", "what is in a picture"),
)
RNN = (
    ("reads", "a row after the other"),
    ("input", "a sequence, any length"),
    ("sees at once", "a row and its memory"),
    ("order", "first to last"),
    ("same weights", "at every step"),
    ("used for", "text, speech, series"),
)


class TwoReadersScene(RecurrenceScene):
    """Makes boards of a picture that is read twice."""

    def time_of(self, place: RecurrentPlace) -> int:
        """Return the row that is looked at."""
        return place.time

    def extents(self, step: int, attention: Attention) -> Hashable:
        """Return nothing: a board lays itself out."""
        del step, attention
        return ()

    def frame(self, moment: Moment, room: Room, attention: Attention) -> BoardFrame:
        """Return what to paint at a moment."""
        del room
        place = self.place(moment.arrived, attention)
        whole = range(0)
        unit = place.unit if place.segment == 1 else 0
        sight = CellSight(
            place=place,
            time=place.time,
            unit=unit,
            arrived=moment.arrived,
            attention=attention,
            steps=whole,
            units=page(unit, self.units, max(SHOWN, self.length)),
            values=whole,
        )
        return BoardFrame(
            self.explanation(moment.arrived, attention),
            (
                BoardRow(0.5, self._side_by_side(*self._convolution(sight))),
                BoardRow(0.5, self._side_by_side(*self._recurrence(unit, sight))),
            ),
        )

    @staticmethod
    def _side_by_side(
        read: Column, made: Column | GridPanel, told: Column
    ) -> tuple[tuple[float, Column | GridPanel], ...]:
        return (0.28, read), (0.34, made), (0.38, told)

    def _convolution(self, sight: CellSight) -> tuple[Column, GridPanel, Column]:
        """Return what the CNN reads, what it makes of it, and what is told of it."""
        picture = self._picture("cnn", "Picture", self._window(sight), sight)
        bias = self._weights("conv_bias", "Bias", None, sight)
        kernel = self._weights("conv_kernel", "Kernel", None, sight)
        return (
            Column(((0.8, picture), (0.2, bias))),
            self._made("feature", "Feature map", sight),
            Column(((0.64, _words("cnn", "CNN: convolution", CNN)), (0.36, kernel))),
        )

    def _recurrence(self, unit: int, sight: CellSight) -> tuple[Column, Column, Column]:
        """Return what the RNN reads, what it makes of it, and what is told of it."""
        rows = self._picture("rnn", "Rows", self._row(sight), sight)
        before = self._weights("initial_h", "Before row 1", None, sight)
        states = self._made("h", "States", sight)
        biases = self._weights("bias", "Biases", None, sight)
        words = _words("rnn", "RNN: row by row", RNN)
        kernel = self._weights("kernel", "W", unit, sight)
        recurrent = self._weights("recurrent_kernel", "U", unit, sight)
        return (
            Column(((0.8, rows), (0.2, before))),
            Column(((0.8, states), (0.2, biases))),
            Column(((0.64, words), (0.18, kernel), (0.18, recurrent))),
        )

    def _fine(self) -> bool:
        return self._trace.level in ("product", "unit")

    def _window(self, sight: CellSight) -> tuple[Mark, ...]:
        """Return the window of the cell that is made, or of the row of them."""
        equation, place = self._trace.equation_at(sight.place), sight.place
        if place.segment != 0 or self._trace.level == "sequence":
            return ()
        convolution = self._trace.segments[0].equations[0]
        assert isinstance(convolution, WindowSum)
        width = convolution.units
        units = range(place.unit, place.unit + 1) if self._fine() else range(width)
        region = convolution.window(range(place.time, place.time + 1), units)
        rows, columns = region.axes
        marks = [
            Mark(
                MarkKind.WINDOW,
                Role.READS,
                Box(rows[0], columns[0], len(rows), len(columns)),
            )
        ]
        if equation is convolution and place.move < convolution.terms and self._fine():
            read, _ = convolution.factors(place.time, place.unit, place.move)
            row, column = read.first()
            marks.append(Mark(MarkKind.CELL, Role.READS, Box(row, column, 1, 1)))
        return tuple(marks)

    def _row(self, sight: CellSight) -> tuple[Mark, ...]:
        """Return the row that is read."""
        if sight.place.segment != 1 or self._trace.level == "sequence":
            return ()
        columns = self._trace.arrays["x"].shape[1]
        return (Mark(MarkKind.WINDOW, Role.READS, Box(sight.time, 0, 1, columns)),)

    def _picture(
        self, key: str, title: str, marks: tuple[Mark, ...], sight: CellSight
    ) -> GridPanel:
        rows, columns = self._trace.arrays["x"].shape
        grid = self._strands.grid(
            f"picture {key}",
            "x",
            Box(0, 0, rows, columns),
            sight,
            upright=False,
            scale=GREY,
            editable=True,
        )
        size = Message("{rows} × {columns}", {"rows": rows, "columns": columns})
        grid = replace(grid, title=Message(title), note=size, marks=(*marks, *grid.marks))
        return GridPanel(grid)

    def _weights(self, name: str, title: str, unit: int | None, sight: CellSight) -> GridPanel:
        """Return weights or first states: those of the units on view, or as a row into a unit."""
        rows, columns = self._trace.arrays[name].shape
        current = self._weight_used(name, unit, sight)
        if unit is not None:
            shown = page(0 if current is None else current[1], rows, SHOWN)
            box, note = Box(unit, shown.start, 1, len(shown)), "into unit {unit}"
            if len(shown) < rows:
                note += ", {first}–{last} of {rows}"
        else:
            shown = page(sight.unit, columns, FEW) if rows == 1 else range(columns)
            box = Box(0, shown.start, rows, len(shown))
            note = "{first}–{last} of {columns}" if len(shown) < columns else ""
        role = Role.READS if name == "initial_h" else Role.WEIGHTS
        grid = self._strands.grid(
            f"given {name}",
            name,
            box,
            sight,
            upright=unit is not None,
            role=role,
            editable=True,
            current=current,
        )
        counted = {"first": shown.start + 1, "last": shown.stop, "rows": rows, "columns": columns}
        told = Message(note, {"unit": (unit or 0) + 1, **counted}) if note else Message("")
        return GridPanel(replace(grid, title=Message(title), note=told))

    def _weight_used(self, name: str, unit: int | None, sight: CellSight) -> tuple[int, int] | None:
        """Return the weight of the product that is made, where it is on view."""
        place, equation = sight.place, self._trace.equation_at(sight.place)
        if self._trace.level != "product" or not isinstance(equation, Dot | WindowSum):
            return None
        if place.move >= equation.terms:
            return None
        for region in equation.factors(place.time, place.unit, place.move):
            if region.array == name:
                row, column = region.first()
                return (row, column) if unit is None else (unit, row)
        return None

    def _made(self, name: str, title: str, sight: CellSight) -> GridPanel:
        rows, columns = self._trace.arrays[name].shape
        shown = sight.units if name == "h" else range(columns)
        region = Region.whole(name, (rows, columns))
        grid: Grid = self._strands.grid(
            name,
            name,
            Box(0, shown.start, rows, len(shown)),
            sight,
            upright=False,
            role=Role.WRITES,
            scale=STATES if name == "h" else None,
        )
        here = sight.place.segment == (1 if name == "h" else 0)
        marks = grid.marks
        if here and self._trace.level != "sequence":
            box = Box(sight.time, shown.start, 1, len(shown))
            if self._fine():
                box = Box(sight.time, sight.place.unit, 1, 1)
            marks = (Mark(MarkKind.WINDOW, Role.WRITES, box), *marks)
        note, turns = "{rows} × {columns}", None
        if len(shown) < columns:
            note, turns = "{first}–{last} of {columns}", Turns(sight.unit, columns, len(shown))
        counted = {"first": shown.start + 1, "last": shown.stop}
        return GridPanel(
            replace(
                grid,
                title=Message(title),
                note=Message(note, {"rows": rows, "columns": columns, **counted}),
                written=self._trace.written(region, sight.arrived),
                state_key=(sight.arrived, self._trace.level),
                marks=marks,
            ),
            turns=turns,
        )


class TwoReadersSession(RecurrentSession):
    """An open lesson in which a picture is read twice."""

    scene_kind = TwoReadersScene

    def pick(self, key: str, index: int) -> None:
        """Look at another unit of the RNN, also while the CNN is gone through."""
        if key == "map" and self.place.segment == 0:
            units = self.scene.units
            self.open(Pointer("h", (0, min(max(index, 0), units - 1))))
        else:
            super().pick(key, index)

    def go_to_the_middle(self) -> None:
        """Go to a cell in the middle of the feature map."""
        rows, columns = self.trace.arrays["map"].shape
        self.open(Pointer("map", (rows // 2, columns // 2)))

    def pin_next_array(self) -> None:
        """Pin a cell of the next array on view."""
        place = self.place
        ring = []
        for name in ("feature", "h", "x"):
            shape = self.trace.arrays[name].shape
            ring.append(
                Pointer(name, (min(place.time, shape[0] - 1), min(place.unit, shape[1] - 1)))
            )
        arrays = [pointer.array for pointer in ring]
        at = arrays.index(self.pinned.array) if self.pinned and self.pinned.array in arrays else -1
        self.pinned = ring[(at + 1) % len(ring)]


def _words(key: str, title: str, lines: tuple[tuple[str, str], ...]) -> Words:
    return Words(key, Message(title), tuple((Message(name), value) for name, value in lines))
