"""The boards on which classifiers are compared: with drawn samples, and on learned features."""

from __future__ import annotations

from dataclasses import replace
from typing import Generic, TypeVar

from simulator.lessons.board import (
    BoardFrame,
    BoardRow,
    Column,
    Curve,
    CurvePlot,
    Gallery,
    GridPanel,
    Words,
)
from simulator.lessons.board_planes import BoardPlanes
from simulator.lessons.board_session import BoardScene, BoardSession
from simulator.lessons.frame import Attention, Card, Pointer, Room, Scale, ScaleKind
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.plain_card import plain_card
from simulator.traces.balanced import BalancedTrace
from simulator.traces.featured import FeaturedTrace
from simulator.traces.formula import Explanation, Message
from simulator.traces.model import Trace
from simulator.traces.numbers import count
from simulator.traces.region import Region
from simulator.traces.timeline import Moment
from simulator.traces.trials import TrialsTrace

TITLES = {
    "held": Message("Held-out picture"),
    "labels": Message("Label"),
    "score": Message("Score"),
    "rare": Message("Real picture"),
    "start": Message("Start of a chain"),
    "hidden_draws": Message("Random number"),
    "visible_draws": Message("Random number"),
    "visible": Message("Drawn picture"),
    "shown": Message("Picture"),
    "hidden": Message("Hidden probability"),
    "answer": Message("Probability"),
}
MOST_REAL, MOST_DRAWN, ACROSS = 12, 32, 8
PROBABILITY = Scale(ScaleKind.FROM_ZERO, 1.0)

AnyTrials = TypeVar("AnyTrials", bound=TrialsTrace)


def percent(value: float) -> str:
    """Return a share as it is told."""
    return f"{100 * value:.1f}%"


class TrialsScene(BoardScene, Generic[AnyTrials]):
    """Makes the boards of some trials."""

    def __init__(self, lesson: Lesson, trace: AnyTrials, state: LessonState) -> None:
        """Take a lesson's trace."""
        del lesson, state
        self._trace = trace
        self._planes = BoardPlanes(trace)

    @property
    def trace(self) -> AnyTrials:
        """The trace."""
        return self._trace

    def set_level(self, level: str) -> None:
        """Count steps in another level: there is one."""
        self._trace = self._trace.at(level)

    def place(self, step: int, attention: Attention) -> tuple[int, int]:
        """Return where the picture of a step stands."""
        return step, attention.map

    def explanation(self, step: int, attention: Attention) -> Explanation:
        """Return what came out of a step's trial."""
        del attention
        return self._trace.explain(step)

    def card(self, pointer: Pointer, arrived: int, *, pinned: bool) -> Card:
        """Return what there is to say of a cell."""
        return plain_card(self._trace, pointer, TITLES, arrived, pinned=pinned)


class BalanceScene(TrialsScene[BalancedTrace]):
    """Real pictures of a rare class, those that a machine drew, and what they are good for."""

    @property
    def samples(self) -> int:
        """How many pictures can be looked at: all at once."""
        return 1

    @property
    def grid_looked_at(self) -> str:
        """The array whose cells can be pinned by keys."""
        return "rare"

    def first_index(self, step: int, attention: Attention) -> tuple[int, ...]:
        """Return the index of the first cell of the first real picture."""
        del step, attention
        return (0, 0, 0)

    def frame(self, moment: Moment, room: Room, attention: Attention) -> BoardFrame:
        """Return what to paint at a moment."""
        del room
        step = moment.arrived
        return BoardFrame(
            self.explanation(step, attention),
            (
                BoardRow(0.56, ((0.3, self._real()), (0.7, self._drawn(step)))),
                BoardRow(
                    0.44,
                    ((0.54, self._recall(step)), (0.46, self._scores(step))),
                ),
            ),
        )

    def _real(self) -> Gallery:
        shown = min(self._trace.arrays["rare"].shape[0], MOST_REAL)
        across = 2 if shown <= MOST_REAL // 2 else 3
        return Gallery(
            key="rare",
            title=Message("The few real ones"),
            note=Message(""),
            rows=tuple(
                tuple(
                    replace(self._planes.grid(f"rare {at}", "rare", at), editable=True)
                    for at in range(first, min(first + across, shown))
                )
                for first in range(0, shown, across)
            ),
            row_names=(Message(""),) * -(-shown // across),
            captions=(),
        )

    def _drawn(self, step: int) -> Gallery:
        extra = self._trace.arrays["start"].shape[0]
        shown = min(extra, MOST_DRAWN)
        return Gallery(
            key="drawn",
            title=Message("Drawn by the machine"),
            note=Message("{shown} of {extra}", {"shown": count(shown), "extra": count(extra)}),
            rows=tuple(
                tuple(
                    self._planes.grid(f"drawn {at}", "visible", step, at)
                    for at in range(first, min(first + ACROSS, shown))
                )
                for first in range(0, shown, ACROSS)
            ),
            row_names=(Message(""),) * -(-shown // ACROSS),
            captions=(),
        )

    def _recall(self, step: int) -> CurvePlot:
        scores = [self._trace.score(at)[:, 0] for at in range(step + 1)]
        steps = tuple(float(at + 1) for at in range(step + 1))
        end = float(self._trace.total)
        before, copies = (float(value) for value in scores[0][:2])
        return CurvePlot(
            key="recall",
            title=Message("Share of rare ones found"),
            note=Message("by Gibbs steps"),
            curves=(
                Curve(Message("before"), (0.0, end), (before, before), 0),
                Curve(Message("with copies"), (0.0, end), (copies, copies), 1),
                Curve(
                    Message("with samples"),
                    steps,
                    tuple(float(each[2]) for each in scores),
                    2,
                ),
            ),
            end=end,
            now=float(step + 1),
        )

    def _scores(self, step: int) -> Words:
        return Words(
            key="scores",
            title=Message("Recall · precision · accuracy"),
            lines=tuple(
                (Message(lane), " · ".join(percent(float(each)) for each in scores))
                for lane, scores in zip(
                    self._trace.trials.lanes, self._trace.score(step), strict=True
                )
            ),
        )


class FeaturesScene(TrialsScene[FeaturedTrace]):
    """A picture, its hidden units, and what two classifiers make of it."""

    @property
    def samples(self) -> int:
        """How many pictures can be looked at."""
        return int(self._trace.arrays["shown"].shape[0])

    @property
    def grid_looked_at(self) -> str:
        """The array of the large grid."""
        return "shown"

    def first_index(self, step: int, attention: Attention) -> tuple[int, ...]:
        """Return the index of the first cell of the picture looked at."""
        del step
        return (attention.map, 0, 0)

    def frame(self, moment: Moment, room: Room, attention: Attention) -> BoardFrame:
        """Return what to paint at a moment."""
        del room
        step, sample = moment.arrived, attention.map
        picture = self._planes.grid("shown", "shown", sample, title="Pixels", numbers=True)
        hidden = self._planes.grid(
            "hidden", "hidden", sample, title="Hidden units", numbers=True, scale=PROBABILITY
        )
        return BoardFrame(
            self.explanation(step, attention),
            (
                BoardRow(
                    0.5,
                    (
                        (0.33, GridPanel(replace(picture, editable=True))),
                        (0.33, GridPanel(hidden, outlined=True)),
                        (0.34, self._errors(step)),
                    ),
                ),
                BoardRow(
                    0.5,
                    (
                        (
                            0.6,
                            Column(
                                (
                                    (0.5, self._answers(step, sample)),
                                    (0.5, self._pictures(sample)),
                                )
                            ),
                        ),
                        (0.4, self._table(step)),
                    ),
                ),
            ),
        )

    def _answers(self, step: int, sample: int) -> Gallery:
        lanes = self._trace.trials.lanes
        classes = range(self._trace.classifiers.classes)
        label = int(self._trace.read(Region.cell("labels", sample)).item())
        return Gallery(
            key="answers",
            title=Message("Answers"),
            note=Message("it is a {label}", {"label": label}),
            rows=tuple(
                tuple(
                    self._planes.grid(
                        f"answer {lane} {digit}",
                        "answer",
                        *(step, sample, lane, digit),
                        numbers=True,
                        scale=PROBABILITY,
                    )
                    for digit in classes
                )
                for lane in range(len(lanes))
            ),
            row_names=tuple(Message(lane) for lane in lanes),
            captions=tuple(str(digit) for digit in classes),
            current=label,
        )

    def _pictures(self, sample: int) -> Gallery:
        return Gallery(
            key="pictures",
            title=Message("Held-out pictures"),
            note=Message("click one"),
            rows=(
                tuple(
                    self._planes.grid(f"picture {at}", "shown", at) for at in range(self.samples)
                ),
            ),
            row_names=(Message(""),),
            captions=(),
            current=sample,
            picks="sample",
        )

    def _errors(self, step: int) -> CurvePlot:
        sizes = tuple(float(size) for size in self._trace.classifiers.sizes[: step + 1])
        scores = [self._trace.score(at)[:, 0] for at in range(step + 1)]
        return CurvePlot(
            key="errors",
            title=Message("Share of wrong answers"),
            note=Message("by labels"),
            curves=tuple(
                Curve(
                    Message(name.lower()),
                    sizes,
                    tuple(1 - float(each[lane]) for each in scores),
                    lane + 1,
                )
                for lane, name in enumerate(self._trace.trials.lanes)
            ),
            end=float(self._trace.classifiers.sizes[-1]),
            now=sizes[-1],
        )

    def _table(self, step: int) -> Words:
        lines = []
        for at, size in enumerate(self._trace.classifiers.sizes):
            told = "·"
            if at <= step:
                pixels, hidden = (percent(float(each)) for each in self._trace.score(at)[:, 0])
                told = f"{pixels} · {hidden}"
            lines.append((Message("{size} labels", {"size": count(size)}), told))
        return Words(
            key="table",
            title=Message("Right answers: pixels · hidden units"),
            lines=tuple(lines),
        )


class BalanceSession(BoardSession):
    """An open lesson that balances a rare class."""

    @property
    def scene(self) -> BalanceScene:
        """What makes the pictures."""
        return self._scene

    def _take(self, trace: Trace) -> None:
        assert isinstance(trace, BalancedTrace)
        self._scene = BalanceScene(self.lesson, trace, self.state)


class FeaturesSession(BoardSession):
    """An open lesson that compares features with pixels."""

    @property
    def scene(self) -> FeaturesScene:
        """What makes the pictures."""
        return self._scene

    def _take(self, trace: Trace) -> None:
        assert isinstance(trace, FeaturedTrace)
        self._scene = FeaturesScene(self.lesson, trace, self.state)
