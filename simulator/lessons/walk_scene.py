"""The board of the code: its map, what is decoded at a point, and a walk between two pictures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.lessons.board import (
    BoardFrame,
    BoardRow,
    Column,
    Gallery,
    GridPanel,
    Handle,
    Panel,
    PointMap,
)
from simulator.lessons.board_planes import BoardPlanes
from simulator.lessons.board_session import BoardScene, BoardSession
from simulator.lessons.compression_data import told_fitted
from simulator.lessons.course_controls import with_point
from simulator.lessons.course_learner import CourseLearner
from simulator.lessons.frame import Attention, Card, Pointer, Room, Scale, ScaleKind
from simulator.lessons.latent_map import latent_map, nearest
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.plain_card import plain_card
from simulator.traces.explored import ExploredTrace
from simulator.traces.formula import Explanation, Message
from simulator.traces.model import Trace
from simulator.traces.numbers import number
from simulator.traces.timeline import Moment

Array = NDArray[Any]

ERRORS = Scale(ScaleKind.FROM_ZERO, 0.5)
TITLES = {
    "first": Message("Code of A"),
    "last": Message("Code of B"),
    "codes": Message("Code"),
    "decoded": Message("Decoded"),
    "point": Message("Code"),
    "drawn": Message("Decoded"),
    "original": Message("Original"),
    "rebuilt": Message("Rebuilt"),
    "error": Message("Squared error"),
    "manifold": Message("Decoded"),
}


class WalkScene(BoardScene):
    """Makes the boards of one exploration."""

    def __init__(self, lesson: Lesson, trace: ExploredTrace, state: LessonState) -> None:
        """Take a lesson's trace and the state it was made from."""
        del lesson
        assert isinstance(trace.learner, CourseLearner)
        self._trace = trace
        self._state = state
        self._learner = trace.learner
        learns = (self._learner.serial, trace.state, trace.own)
        same = ("original", "rebuilt", "error", "manifold")
        shared: dict[str, tuple[object, ...]] = dict.fromkeys(same, learns)
        shared["decoded"] = (*learns, trace.ends)
        self._planes = BoardPlanes(trace, shared)

    @property
    def trace(self) -> ExploredTrace:
        """The trace."""
        return self._trace

    def set_level(self, level: str) -> None:
        """Count steps in another level: there is one."""
        self._trace = self._trace.at(level)

    @property
    def samples(self) -> int:
        """How many pictures can be looked at: one."""
        return 1

    @property
    def free(self) -> bool:
        """Whether the point is where the learner put it, and not on the line."""
        return self._state.settings["follow"] == "free"

    @property
    def grid_looked_at(self) -> str:
        """The array of the large grid."""
        return "drawn" if self.free else "decoded"

    def first_index(self, step: int, attention: Attention) -> tuple[int, ...]:
        """Return the index of the first cell of the large grid."""
        del attention
        return (0, 0) if self.free else (step, 0, 0)

    def place(self, step: int, attention: Attention) -> int:
        """Return where the picture of a step stands."""
        del attention
        return step

    def explanation(self, step: int, attention: Attention) -> Explanation:
        """Return the code of a step, or the one that the learner chose."""
        del attention
        return self._trace.explain_point() if self.free else self._trace.explain(step)

    def _code(self, step: int) -> Array:
        """Return the code (K,) that is decoded."""
        found: Array = self._trace.point if self.free else self._trace.codes[step]
        return found.ravel()

    def frame(self, moment: Moment, room: Room, attention: Attention) -> BoardFrame:
        """Return what to paint at a moment."""
        del room
        step = moment.arrived
        blend = moment.blend if moment.arrived == moment.step else 1.0
        beside = Column(((0.68, self._decoded(step)), (0.32, self._nearest(step))))
        return BoardFrame(
            self.explanation(step, attention),
            (
                BoardRow(0.8, ((0.61, self._left(step, moment, blend)), (0.39, beside))),
                BoardRow(0.2, ((1.0, self._kept_walk(step)),)),
            ),
        )

    def _left(self, step: int, moment: Moment, blend: float) -> Panel:
        if self._state.settings["look"] == "manifold" or self._learner.code_units != 2:
            return self._manifold()
        return self._map(step, moment, blend)

    def _map(self, step: int, moment: Moment, blend: float) -> PointMap:
        trace, pictures = self._trace, self._learner.pictures
        ends = trace.codes[0].ravel(), trace.codes[-1].ravel()
        point = self._code(step)
        if not self.free and blend < 1:
            point = (1 - blend) * self._code(moment.previous) + blend * self._code(moment.step)
        real = trace.ends[1:] if trace.own else trace.ends
        labels = tuple(int(pictures.labels[number_]) for number_ in real)
        handles = [
            Handle(key, float(end[0]), float(end[1]), label=letter)
            for key, letter, end in (("a", "A", ends[0]), ("b", "B", ends[1]))
        ]
        handles.append(Handle("point", float(point[0]), float(point[1]), strong=True))
        found = self._learner.kept(
            ("map", trace.state, labels),
            lambda: latent_map(
                self._learner.latents(trace.state),
                pictures,
                lit=labels,
                identity=(self._learner.serial, trace.state),
            ),
        )
        assert isinstance(found, PointMap)
        way = tuple((float(code.ravel()[0]), float(code.ravel()[1])) for code in trace.codes)
        return replace(found, handles=tuple(handles), way=way)

    def _manifold(self) -> Gallery:
        side = self._trace.side
        return Gallery(
            key="manifold",
            title=Message("What lies where"),
            note=Message("the first two numbers of the code across and up"),
            rows=tuple(
                tuple(
                    self._planes.grid(f"manifold {row} {column}", "manifold", row, column)
                    for column in range(side)
                )
                for row in range(side)
            ),
            row_names=(Message(""),) * side,
            captions=(),
        )

    def _decoded(self, step: int) -> GridPanel:
        rows, columns = self._learner.pictures.shape
        size = {"rows": rows, "columns": columns}
        note = Message("{rows} × {columns}, from 0 to 1", size)
        grid = (
            self._planes.grid("drawn", "drawn", title="Decoded", note=note, numbers=True)
            if self.free
            else self._planes.grid(
                "decoded", "decoded", step, title="Decoded", note=note, numbers=True
            )
        )
        return GridPanel(grid, outlined=True)

    def _nearest(self, step: int) -> Gallery:
        pictures, found = self._learner.pictures, self._nearest_to(self._code(step))
        own = found == len(pictures.labels)
        name = "" if own else pictures.classes[int(pictures.labels[found])]
        original, rebuilt, error = (
            self._planes.grid(f"near {array}", array, found, picture=scale is None, scale=scale)
            for array, scale in (("original", None), ("rebuilt", None), ("error", ERRORS))
        )
        loss = float(error.plane.values.mean())
        return Gallery(
            key="near",
            title=Message(
                "Nearest picture: yours" if own else "Nearest real picture: {name}", {"name": name}
            ),
            note=Message(""),
            rows=((original, rebuilt, error),),
            row_names=(Message(""),),
            captions=("original", "rebuilt", f"e² {number(loss)}"),
        )

    def _nearest_to(self, code: Array) -> int:
        """Return the number of the picture whose code is nearest; the learner's own comes last."""
        latents = self._learner.latents(self._trace.state)
        found = nearest(latents, code)
        if self._trace.own:
            own = self._trace.codes[0].ravel()
            if np.square(own - code).sum() <= np.square(latents[found] - code).sum():
                return len(latents)
        return found

    def _kept_walk(self, step: int) -> Gallery:
        current = None if self.free else step
        key = ("walk", self._trace.state, self._trace.ends, self._trace.own, current)
        found = self._learner.kept(key, lambda: self._walk(current))
        assert isinstance(found, Gallery)
        return found

    def _walk(self, current: int | None) -> Gallery:
        shares = self._trace.shares
        first = "yours" if self._trace.own else "A"
        captions = [first, *(number(share, 1) for share in shares[1:-1]), "B"]
        return Gallery(
            key="walk",
            title=Message("From your picture to B" if self._trace.own else "From A to B"),
            note=Message("a click goes there"),
            rows=(
                tuple(self._planes.grid(f"walk {at}", "decoded", at) for at in range(len(shares))),
            ),
            row_names=(Message(""),),
            captions=tuple(captions),
            current=current,
            picks="step",
        )

    def card(self, pointer: Pointer, arrived: int, *, pinned: bool) -> Card:
        """Return what there is to say of a cell."""
        return plain_card(self._trace, pointer, TITLES, arrived, pinned=pinned)

    def dragged(self, state: LessonState, key: str, x: float, y: float) -> LessonState | None:
        """Return the state once the point, or an end of the line, is dragged to a place."""
        point = np.array([x, y], dtype=np.float32)
        if key == "point" or (key == "a" and self._trace.own):  # a picture of one's own stays
            return replace(state, settings={**with_point(state.settings, point), "follow": "free"})
        name = {"a": "first", "b": "last"}.get(key)
        if name is None:
            return None
        found = nearest(self._learner.latents(self._trace.state), point)
        return replace(state, settings={**state.settings, name: found})


class WalkSession(BoardSession):
    """An open lesson that explores a code."""

    @property
    def fitted(self) -> str:
        """What became of the learner's own picture."""
        pictures = self.trace.arrays["original"].values
        if not self._scene.trace.own or not isinstance(pictures, np.ndarray):
            return ""
        return told_fitted(self.state, pictures[-1])

    @property
    def scene(self) -> WalkScene:
        """What makes the pictures."""
        return self._scene

    def _take(self, trace: Trace) -> None:
        assert isinstance(trace, ExploredTrace)
        self._scene = WalkScene(self.lesson, trace, self.state)
