"""The board of a training: what becomes of some pictures, the error's curve, and the map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from simulator.engine.backends.base import Backend
from simulator.lessons.board import (
    BoardFrame,
    BoardRow,
    Column,
    Curve,
    CurvePlot,
    Gallery,
    GridPanel,
    Handle,
    PointMap,
    Table,
)
from simulator.lessons.board_planes import BoardPlanes
from simulator.lessons.board_session import BoardScene, BoardSession
from simulator.lessons.compression_data import told_fitted
from simulator.lessons.course_controls import with_point
from simulator.lessons.course_learner import PARTS, CourseLearner, VariationalLearner
from simulator.lessons.draws_panel import draw_table, dream_gallery
from simulator.lessons.frame import Attention, Card, Pointer, Room, Scale, ScaleKind
from simulator.lessons.latent_map import latent_map
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.plain_card import plain_card
from simulator.lessons.training_courses import Course
from simulator.traces.course import CourseTrace
from simulator.traces.formula import Explanation, Message
from simulator.traces.model import Trace
from simulator.traces.numbers import count, number
from simulator.traces.region import Region
from simulator.traces.timeline import Moment
from simulator.traces.variational import VariationalTrace

SPEED = 32.0
FAST = 16.0
ERRORS = Scale(ScaleKind.FROM_ZERO, 0.5)
TITLES = {
    "original": Message("Input"),
    "target": Message("Target"),
    "point": Message("Code"),
    "code": Message("Code"),
    "reconstruction": Message("Rebuilt"),
    "error": Message("Squared error"),
    "decoded": Message("Decoded"),
    "loss": Message("Mean squared error"),
    "noise": Message("Draw ε"),
    "log_variance": Message("log σ²"),
    "sampled": Message("Drawn code z"),
    "divergence": Message("KL"),
    "dreamed": Message("Drawn from nothing"),
}


class CourseScene(BoardScene):
    """Makes the boards of one training."""

    def __init__(self, lesson: Lesson, trace: CourseTrace, state: LessonState) -> None:
        """Take a lesson's trace and the state it was made from."""
        assert isinstance(trace.learner, CourseLearner)
        self._trace = trace
        self._state = state
        self.plays_fast: Callable[[], bool] = lambda: False
        self.learner = trace.learner
        given = tuple(trace.arrays[name].values for name in ("original", "target"))
        assert all(isinstance(values, np.ndarray) for values in given)
        looked_at = tuple(np.asarray(values).tobytes() for values in given)
        learns = self._shown = (self.learner.serial, lesson.id, *looked_at)
        self._editable = frozenset(lesson.remakes)
        self._has_sliders = "point" in lesson.remakes
        same = ("original", "target", "code", "reconstruction", "error", "dreamed")
        self._planes = BoardPlanes(trace, dict.fromkeys(same, learns))
        self._denoises = trace.arrays["original"].values is not trace.arrays["target"].values

    @property
    def trace(self) -> CourseTrace:
        """The trace, at the level that steps are counted in."""
        return self._trace

    def set_level(self, level: str) -> None:
        """Count steps in another level."""
        self._trace = self._trace.at(level)

    @property
    def samples(self) -> int:
        """How many pictures are shown."""
        return self._trace.samples

    @property
    def grid_looked_at(self) -> str:
        """The array of the large grid."""
        return "decoded" if self._mapped else "reconstruction"

    @property
    def _mapped(self) -> bool:
        return self.learner.code_units == 2

    def first_index(self, step: int, attention: Attention) -> tuple[int, ...]:
        """Return the index of the first cell of the large grid."""
        if self._mapped:
            return (self._state_at(step, "map"), 0, 0)
        return (self._state_at(step, "samples"), attention.map, 0, 0)

    def _state_at(self, step: int, part: str = "told") -> int:
        """Return the state that a part of the picture shows: that of the step, or the last that it
        can show by now. While steps follow fast, the parts take turns, each a step behind the last.
        """
        if self.plays_fast():
            step = max(step - (step - PARTS.index(part)) % len(PARTS), 0)
        return min(self._trace.state_of(step), self.learner.seen(part))

    def place(self, step: int, attention: Attention) -> tuple[int, ...]:
        """Return where the picture of a step stands: its states, and the picture looked at."""
        return (*(self._state_at(step, part) for part in PARTS), attention.map)

    def explanation(self, step: int, attention: Attention) -> Explanation:
        """Return how far the pictures are off at a step."""
        del attention
        state = self._state_at(step)
        told = self.learner.kept(
            ("told", state, *self._shown), lambda: self._trace.at("batch").explain(state)
        )
        assert isinstance(told, Explanation)
        if self._state_at(step) < self._trace.state_of(step):
            ahead = Message("Training: the network has not come so far yet.")
            told = replace(told, sentence=ahead)
        return told

    def frame(self, moment: Moment, room: Room, attention: Attention) -> BoardFrame:
        """Return what to paint at a moment."""
        del room
        state, mapped, samples = (
            self._state_at(moment.arrived, part) for part in ("told", "map", "samples")
        )
        gallery = self.learner.kept(
            ("gallery", samples, self._mapped, *self._shown), lambda: self._gallery(samples)
        )
        begun = bool(self.learner.course.losses)
        curve = self.learner.kept(("curve", state, begun), lambda: self._curve(state))
        rows: tuple[BoardRow, ...]
        if isinstance(self._trace, VariationalTrace):
            decoded_and_curve = Column(((0.66, self._decoded(mapped)), (0.34, curve)))
            table, dreams = self._drawn(state)
            if self._mapped:
                rows = (
                    BoardRow(0.53, ((0.6, self._map(mapped)), (0.4, decoded_and_curve))),
                    BoardRow(
                        0.47, ((0.6, gallery), (0.4, Column(((0.46, table), (0.54, dreams)))))
                    ),
                )
            else:
                rows = (
                    BoardRow(0.56, ((0.66, gallery), (0.34, decoded_and_curve))),
                    BoardRow(0.44, ((0.6, table), (0.4, dreams))),
                )
        elif self._mapped:
            rows = (
                BoardRow(0.58, ((0.6, self._map(mapped)), (0.4, self._decoded(mapped)))),
                BoardRow(0.42, ((0.6, gallery), (0.4, curve))),
            )
        elif self._has_sliders:
            rows = (
                BoardRow(0.6, ((1.0, gallery),)),
                BoardRow(0.4, ((0.64, curve), (0.36, self._decoded(mapped)))),
            )
        else:
            rows = (
                BoardRow(0.62, ((1.0, gallery),)),
                BoardRow(0.38, ((1.0, curve),)),
            )
        return BoardFrame(self.explanation(moment.arrived, attention), rows)

    def _drawn(self, state: int) -> tuple[Table, Gallery]:
        """Return what is drawn for the first picture, and of nothing."""
        trace = self._trace
        assert isinstance(trace, VariationalTrace)
        assert isinstance(self.learner, VariationalLearner)
        first = self._state.settings["told_from"]
        assert isinstance(first, int)
        table = draw_table(trace, state, 0, self.learner.weight, first=first)
        return table, dream_gallery(trace, self._planes, state)

    def _map(self, state: int) -> PointMap:
        pictures = self.learner.pictures
        point = self._trace.read(Region.whole("point", self._trace.arrays["point"].shape))
        x, y = (float(value) for value in point.ravel())
        found = self.learner.kept(
            ("map", state),
            lambda: latent_map(
                self.learner.latents(state),
                pictures,
                lit=(0, 1),
                identity=(self.learner.serial, state),
            ),
        )
        assert isinstance(found, PointMap)
        return replace(found, handles=(Handle("point", x, y, strong=True),))

    def _decoded(self, state: int) -> GridPanel:
        rows, columns = self.learner.pictures.shape
        size = {"rows": rows, "columns": columns}
        grid = self._planes.grid(
            "decoded",
            "decoded",
            state,
            title="Decoded",
            note=Message("{rows} × {columns}, from 0 to 1", size),
            numbers=True,
        )
        return GridPanel(grid, outlined=True)

    def _gallery(self, state: int) -> Gallery:
        arrays: list[tuple[str, Message, tuple[int, ...]]] = [
            ("original", Message("Noisy") if self._denoises else Message("Original"), ())
        ]
        if self._denoises:
            arrays.append(("target", Message("Clean"), ()))
        else:
            arrays.append(("code", Message("Code"), (state,)))
        arrays += [
            (
                "reconstruction",
                Message("Restored") if self._denoises else Message("Rebuilt"),
                (state,),
            ),
            ("error", Message("Error²"), (state,)),
        ]
        beside = self._mapped or isinstance(self._trace, VariationalTrace)
        columns = min(self.samples, 6 if beside else 8)
        return Gallery(
            key="samples",
            title=Message("Some pictures"),
            note=Message("before and after"),
            rows=tuple(
                tuple(
                    replace(
                        self._planes.grid(
                            f"{name} {sample}",
                            name,
                            *before,
                            sample,
                            title=title,
                            picture=name not in ("code", "error"),
                            scale=ERRORS if name == "error" else None,
                        ),
                        editable=name in self._editable,
                    )
                    for sample in range(columns)
                )
                for name, title, before in arrays
            ),
            row_names=tuple(title for _, title, _ in arrays),
            captions=(),
            current=None,
        )

    def _curve(self, state: int) -> CurvePlot:
        losses = self.learner.course.losses[: max(state, 1)]
        updates = self.learner.updates_per_state
        done = self.learner.course.losses
        end = (self.learner.states - 1) * updates
        return CurvePlot(
            key="curve",
            title=Message("Error"),
            note=self._curve_note(state, end),
            curves=(
                Curve(
                    Message(""),
                    tuple(float((at + 1) * updates) for at in range(len(losses))),
                    tuple(losses),
                    place=1,
                ),
            ),
            end=float(end if done else 1),
            now=float(state * updates),
        )

    def _curve_note(self, state: int, end: int) -> Message:
        if isinstance(self.learner, VariationalLearner):
            told = {
                "weight": number(self.learner.weight),
                "value": number(self.learner.divergence(state)),
            }
            return Message("+ {weight} · KL, which is {value}", told)
        return Message("of each batch, over {updates} updates", {"updates": count(end)})

    def card(self, pointer: Pointer, arrived: int, *, pinned: bool) -> Card:
        """Return what there is to say of a cell."""
        return plain_card(self._trace, pointer, TITLES, arrived, pinned=pinned)

    def dragged(self, state: LessonState, key: str, x: float, y: float) -> LessonState | None:
        """Return the state once the code is dragged to a point."""
        if key != "point":
            return None
        return replace(state, settings=with_point(state.settings, np.array([x, y])))


class CourseSession(BoardSession):
    """An open lesson that watches a training."""

    def __init__(self, lesson: Lesson, backend: Backend, state: LessonState | None = None) -> None:
        """Open a lesson; see ``LessonSession``. A training has many short steps: it plays fast."""
        super().__init__(lesson, backend, state)
        self.timeline.speed = SPEED

    @property
    def scene(self) -> CourseScene:
        """What makes the pictures."""
        return self._scene

    def _plays_fast(self) -> bool:
        return self.timeline.playing and self.timeline.speed >= FAST

    def look_on(self) -> None:
        """Let the picture show more of a training that goes on elsewhere."""
        self._scene.learner.look_on()

    @property
    def fitted(self) -> str:
        """What became of the learner's own picture."""
        clean = self.trace.arrays["target"].values
        return told_fitted(self.state, clean[0]) if isinstance(clean, np.ndarray) else ""

    @property
    def courses(self) -> tuple[tuple[Course, int], ...]:
        """The training, and its last state."""
        learner = self._scene.learner
        return ((learner.course, learner.states - 1),)

    def _take(self, trace: Trace) -> None:
        assert isinstance(trace, CourseTrace)
        self._scene = CourseScene(self.lesson, trace, self.state)
        self._scene.plays_fast = self._plays_fast
