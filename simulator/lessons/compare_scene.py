"""The board of a comparison with PCA: reconstructions, errors, the angle, and three maps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulator.lessons.board import (
    BoardFrame,
    BoardRow,
    Column,
    Curve,
    CurvePlot,
    Gallery,
    Panel,
    PointMap,
    Words,
)
from simulator.lessons.board_planes import BoardPlanes
from simulator.lessons.compression_data import pca_of
from simulator.lessons.course_learner import CourseLearner
from simulator.lessons.course_scene import TITLES, CourseScene, CourseSession
from simulator.lessons.frame import Attention, Card, Pointer, Room
from simulator.lessons.latent_map import latent_map
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.plain_card import plain_card
from simulator.lessons.training_courses import Course
from simulator.traces.compared import ComparedTrace
from simulator.traces.formula import Message
from simulator.traces.model import Trace
from simulator.traces.numbers import count, number
from simulator.traces.timeline import Moment

ROWS = (
    ("original", Message("Original")),
    ("pca", Message("PCA")),
    ("reconstruction", Message("Linear")),
    ("other", Message("Non-linear")),
)


class CompareScene(CourseScene):
    """Makes the boards of one comparison."""

    def __init__(self, lesson: Lesson, trace: ComparedTrace, state: LessonState) -> None:
        """Take a lesson's trace and the state it was made from."""
        super().__init__(lesson, trace, state)
        assert isinstance(trace.other, CourseLearner)
        self.other = trace.other
        learns = (self.other.serial, *self._shown)
        self._planes = BoardPlanes(trace, dict.fromkeys((name for name, _ in ROWS), learns))
        pictures = self.learner.pictures
        self._pca = pca_of(pictures, self.learner.code_units)
        self._pca_code = self._pca.encode(pictures.flat)
        made = self._pca.decode(self._pca_code)
        self._pca_error = float(np.square(made - pictures.flat).mean())

    @property
    def grid_looked_at(self) -> str:
        """The array of the pictures that can be pinned first."""
        return "reconstruction"

    def first_index(self, step: int, attention: Attention) -> tuple[int, ...]:
        """Return the index of the first cell of a picture."""
        return (self._state_at(step), attention.map, 0, 0)

    def frame(self, moment: Moment, room: Room, attention: Attention) -> BoardFrame:
        """Return what to paint at a moment."""
        del room
        state = self._state_at(moment.arrived)
        for learner in (self.learner, self.other):
            learner.course.after(state)  # the curves go as far as both have come
        curve, words = self._error_curve(state), self._words(state)
        beside: Panel | Column = words
        below: tuple[tuple[float, Panel], ...] = ((1.0, curve),)
        if self.learner.code_units == 2:
            linear, other = self.learner.latents(state), self.other.latents(state)
            beside = Column(((0.42, words), (0.58, curve)))
            below = (
                (1.0, self._plain_map("pca", Message("PCA"), self._pca_code, 0)),
                (1.0, self._plain_map("linear", Message("Linear"), linear, state)),
                (1.0, self._plain_map("other", Message("Non-linear"), other, state)),
            )
        return BoardFrame(
            self.explanation(moment.arrived, attention),
            (
                BoardRow(0.56, ((0.7, self._rows(state)), (0.3, beside))),
                BoardRow(0.44, below),
            ),
        )

    def _rows(self, state: int) -> Gallery:
        return Gallery(
            key="samples",
            title=Message("Some pictures"),
            note=Message("drawn again from a code of {units}", {"units": self.learner.code_units}),
            rows=tuple(
                tuple(
                    replace(
                        self._planes.grid(
                            f"{name} {sample}",
                            name,
                            *((state,) if name in ("reconstruction", "other") else ()),
                            sample,
                            title=title,
                        ),
                        editable=name in self._editable,
                    )
                    for sample in range(min(self.samples, 6))
                )
                for name, title in ROWS
            ),
            row_names=tuple(title for _, title in ROWS),
            captions=(),
        )

    def _words(self, state: int) -> Words:
        angle = self._trace.angle(state) if isinstance(self._trace, ComparedTrace) else 0.0
        return Words(
            key="words",
            title=Message("Mean squared error, all pictures"),
            lines=(
                (Message("PCA"), number(self._pca_error)),
                (Message("Linear autoencoder"), number(self.learner.error(state))),
                (Message("Non-linear autoencoder"), number(self.other.error(state))),
                (Message("Angle to PCA"), f"{number(angle, 1)}°"),
            ),
        )

    def _plain_map(self, key: str, title: Message, code: np.ndarray, state: int) -> PointMap:
        return latent_map(
            code,
            self.learner.pictures,
            lit=(0, 1),
            identity=(key, self.learner.serial, self.other.serial, state),
            key=key,
            title=title,
            note=Message("latent map"),
        )

    def _error_curve(self, state: int) -> CurvePlot:
        updates = self.learner.updates_per_state
        end = (self.learner.states - 1) * updates
        losses = [learner.course.losses[:state] for learner in (self.learner, self.other)]
        xs = [tuple(float((at + 1) * updates) for at in range(len(each))) for each in losses]
        return CurvePlot(
            key="curve",
            title=Message("Error"),
            note=Message("over {updates} updates", {"updates": count(end)}),
            curves=(
                Curve(Message("PCA"), (0.0, float(end)), (self._pca_error, self._pca_error), 0),
                Curve(Message("linear"), xs[0], losses[0], 1),
                Curve(Message("non-linear"), xs[1], losses[1], 2),
            ),
            end=float(end),
            now=float(state * updates),
        )

    def _state_at(self, step: int, part: str = "told") -> int:
        """Return the state on view: as far as both have come by now."""
        return min(super()._state_at(step, part), self.other.seen(part))

    def card(self, pointer: Pointer, arrived: int, *, pinned: bool) -> Card:
        """Return what there is to say of a cell."""
        titles = {**TITLES, **dict(ROWS), "angle": Message("Angle to PCA")}
        return plain_card(self._trace, pointer, titles, arrived, pinned=pinned)


class CompareSession(CourseSession):
    """An open lesson that compares autoencoders with PCA."""

    @property
    def scene(self) -> CompareScene:
        """What makes the pictures."""
        return self._compared

    def look_on(self) -> None:
        """Let the picture show more of trainings that go on elsewhere."""
        for learner in (self._compared.learner, self._compared.other):
            learner.look_on()

    @property
    def courses(self) -> tuple[tuple[Course, int], ...]:
        """Both trainings, and their last state."""
        return tuple(
            (learner.course, learner.states - 1)
            for learner in (self._compared.learner, self._compared.other)
        )

    def _take(self, trace: Trace) -> None:
        assert isinstance(trace, ComparedTrace)
        self._compared = CompareScene(self.lesson, trace, self.state)
        self._compared.plays_fast = self._plays_fast
