"""The board of a race: losses, gradients over time, and what each network answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulator.engine.backends.base import Backend
from simulator.lessons.board import BoardFrame, BoardRow, Curve, CurvePlot, Panel, Words
from simulator.lessons.board_session import BoardScene, BoardSession
from simulator.lessons.frame import Attention, Card, Pointer, Room
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.plain_card import plain_card
from simulator.lessons.race_course import EVERY, RaceLearner
from simulator.lessons.race_tasks import TEXT, WAVES, described
from simulator.lessons.training_courses import Course
from simulator.traces.formula import Explanation, Message
from simulator.traces.model import Trace
from simulator.traces.numbers import count
from simulator.traces.race import RaceTrace
from simulator.traces.timeline import Moment

SPEED = 16.0
SHOWN = 12
"""So many answers of each network are shown, where there is room."""
AHEAD = 24
"""Time steps that a network goes on by itself."""
SIGNS = 96
LINE = 24
MOST_NORM = 3.0
"""Longer gradients are drawn so long."""
TITLES = {
    "held": Message("Sequence"),
    "truth": Message("Answer"),
    "error": Message("Error"),
    "norm": Message("Length of the gradient"),
}


class RaceScene(BoardScene):
    """Makes the boards of one race."""

    def __init__(self, lesson: Lesson, trace: RaceTrace, state: LessonState) -> None:
        """Take a lesson's trace and the state it was made from."""
        del lesson
        assert isinstance(trace.racers, RaceLearner)
        self._trace = trace
        self.learner = trace.racers
        found = state.settings.get("temperature", 1.0)
        self._temperature = float(found) if isinstance(found, int | float) else 1.0

    @property
    def trace(self) -> RaceTrace:
        """The trace, at the level that steps are counted in."""
        return self._trace

    def set_level(self, level: str) -> None:
        """Count steps in another level."""
        self._trace = self._trace.at(level)

    @property
    def samples(self) -> int:
        """One sequence is looked at."""
        return 1

    @property
    def grid_looked_at(self) -> str:
        """The array whose cells can be pinned by keys."""
        return "norm"

    def first_index(self, step: int, attention: Attention) -> tuple[int, ...]:
        """Return the index of the first of them."""
        del attention
        return (self._state_at(step), 0, 0)

    def _state_at(self, step: int) -> int:
        """Return the state on view: that of the step, or the last that there is by now."""
        return min(step, self.learner.course.reached)

    def place(self, step: int, attention: Attention) -> int:
        """Return where the picture of a step stands: the state that is looked at."""
        del attention
        return self._state_at(step)

    def explanation(self, step: int, attention: Attention) -> Explanation:
        """Return the errors at a step."""
        del attention
        state = self._state_at(step)
        told = self._trace.explain(state)
        if state < step:
            words = Message("Training: the networks have not come so far yet.")
            told = replace(told, sentence=words)
        return told

    def frame(self, moment: Moment, room: Room, attention: Attention) -> BoardFrame:
        """Return what to paint at a moment."""
        del room
        state = self._state_at(moment.arrived)
        lanes = range(len(self.learner.names))
        share = 1 / len(lanes)
        # Waves are curves themselves; what one network writes is two lines.
        kind = self.learner.task.kind
        upper = {TEXT: 0.78 if len(lanes) == 1 else 0.68}.get(kind, 0.5 if kind in WAVES else 0.64)
        return BoardFrame(
            self.explanation(moment.arrived, attention),
            (
                BoardRow(upper, ((0.5, self._losses(state)), (0.5, self._norms(state)))),
                BoardRow(1 - upper, tuple((share, self._answers(lane, state)) for lane in lanes)),
            ),
        )

    def _losses(self, state: int) -> CurvePlot:
        course = self.learner.course
        curves = []
        for lane, name in enumerate(self.learner.names):
            losses = course.lanes[lane].losses[: max(state, 1)]
            x = tuple(float((at + 1) * EVERY) for at in range(len(losses)))
            curves.append(Curve(Message(name), x, tuple(losses), place=lane))
        end = float((len(self._trace) - 1) * EVERY)
        return CurvePlot(
            key="losses",
            title=Message("Loss"),
            note=Message("of each {every} updates", {"every": EVERY}),
            curves=tuple(curves),
            end=end,
            now=float(state * EVERY),
        )

    def _norms(self, state: int) -> CurvePlot:
        norms = np.minimum(self._trace.at_state("norm", state), MOST_NORM)
        times = tuple(float(at + 1) for at in range(norms.shape[1]))
        return CurvePlot(
            key="norms",
            title=Message("Gradient by time step"),
            note=Message("of the last answer, at each state"),
            curves=tuple(
                Curve(Message(name), times, tuple(norms[lane].tolist()), place=lane)
                for lane, name in enumerate(self.learner.names)
            ),
            end=float(len(times)),
            now=float(len(times)),
            reach=1.0,  # the length at the last step, which all others are told in
        )

    def _answers(self, lane: int, state: int) -> Panel:
        learner, task = self.learner, self.learner.task
        if task.kind in WAVES:
            return self._wave(lane, state)
        lines: list[tuple[Message, str]] = [self._standing(lane, state)]
        if task.kind == TEXT:
            line = LINE if len(learner.names) > 1 else LINE * 2
            text = learner.written(lane, state, SIGNS, self._temperature)
            lines += [
                (Message(""), text[at : at + line].replace(" ", "␣"))
                for at in range(0, SIGNS, line)
            ]
        else:
            answers = learner.answers(lane, state, task.held_x[:SHOWN])
            for at in range(SHOWN):
                asked, said = described(task, task.held_x[at], task.held_y[at], answers[at])
                lines.append((Message("{asked}", {"asked": asked}), said))
        return Words(f"answers {lane}", Message(learner.names[lane]), tuple(lines))

    def _standing(self, lane: int, state: int) -> tuple[Message, str]:
        error = float(self._trace.at_state("error", state)[lane])
        solved = self.learner.solved_after(lane, state)
        words = Message("error {error}", {"error": f"{error:.3f}"})
        return words, f"solved after {count(solved)}" if solved is not None else "not yet solved"

    def _wave(self, lane: int, state: int) -> CurvePlot:
        learner, task = self.learner, self.learner.task
        x, truth = task.held_x[0], task.held_y[0, :, 0]
        answer = learner.answers(lane, state, x[None])[0, :, 0]
        ahead = learner.forecast(lane, state, x, AHEAD)
        total = len(truth)
        times = tuple(float(at + 1) for at in range(total))
        later = tuple(float(total + at + 1) for at in range(AHEAD))
        _, standing = self._standing(lane, state)
        curves = (
            Curve(Message("truth"), times, tuple(truth.tolist()), place=0),
            Curve(Message("one step ahead"), times, tuple(answer.tolist()), place=1),
            Curve(
                Message("on its own answers"),
                (times[-1], *later),
                (float(answer[-1]), *np.clip(ahead, 0, 1.5).tolist()),
                place=2,
            ),
        )
        return CurvePlot(
            key=f"wave {lane}",
            title=Message(learner.names[lane]),
            note=Message("{standing}", {"standing": standing}),
            curves=curves,
            end=float(total + AHEAD),
            now=float(total),
        )

    def card(self, pointer: Pointer, arrived: int, *, pinned: bool) -> Card:
        """Return what there is to say of a number."""
        return plain_card(self._trace, pointer, TITLES, arrived, pinned=pinned)


class RaceSession(BoardSession):
    """An open lesson that watches a race."""

    def __init__(self, lesson: Lesson, backend: Backend, state: LessonState | None = None) -> None:
        """Open a lesson; see ``LessonSession``. A training has many short steps: it plays fast."""
        super().__init__(lesson, backend, state)
        self.timeline.speed = SPEED

    @property
    def scene(self) -> RaceScene:
        """What makes the pictures."""
        return self._scene

    @property
    def courses(self) -> tuple[tuple[Course, int], ...]:
        """The training, and its last state."""
        return ((self._scene.learner.course, len(self._scene.trace) - 1),)

    def _take(self, trace: Trace) -> None:
        assert isinstance(trace, RaceTrace)
        self._scene = RaceScene(self.lesson, trace, self.state)
