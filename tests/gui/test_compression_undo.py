"""Lessons about compression: whatever a learner changes is undone and redone, bit for bit."""

from collections.abc import Callable, Iterator
from itertools import islice, pairwise

import numpy as np
import pytest

from simulator.data.pictures import LoadedPicture
from simulator.gui.document import Document
from simulator.lessons.board import BoardFrame, PointMap
from simulator.lessons.catalogue import lesson as find
from simulator.lessons.controls import ChoiceControl, Control, IntegerControl, RealControl, Value
from simulator.lessons.frame import Pointer, Room
from simulator.lessons.lesson import NOT_KEPT
from simulator.traces.region import Region
from simulator.traces.trials import TrialsTrace
from tests.gui.conftest import Clock
from tests.lessons.layers import grids

Open = Callable[..., Document]

ROOM = Room((16, 16), (16, 16))
SMALL: dict[str, dict[str, Value]] = {
    "autoencoder": {"epochs": 1, "hidden": 3},
    "watch-learning": {"epochs": 1, "variant": "dense"},
    "explore-code": {"epochs": 1, "variant": "dense"},
    "denoising": {"epochs": 1},
    "against-pca": {"epochs": 1},
    "boltzmann": {"epochs": 1},
    "machine-at-work": {"epochs": 1, "steps": 4, "hidden": 6},
    "rare-class": {"epochs": 1, "steps": 1, "hidden": 6, "own_epochs": 1},
    "learned-features": {"epochs": 1, "hidden": 6},
}
SHORT = {"epochs": 2, "own_epochs": 2, "steps": 2}
"""Other values that cost no long training."""


SLOW = ("rare-class", "learned-features")
"""Each of their steps trains classifiers: of the first, what they score is compared."""
BINARY = ("input", "particle", "rare", "shown")
"""Arrays of zeros and ones in lessons on Boltzmann machines; of others any number will do."""
OWN = LoadedPicture(
    pixels=np.random.default_rng(0).integers(0, 256, (9, 12, 3), dtype=np.uint8),
    title="mine.png",
    notices=(),
)
NOT_NOW = {"autoencoder": ("network",), "against-pca": ("picture",)}
"""Without a network from the lab the one can't be chosen; the other's components take a second."""


def other_values(control: Control, now: Value) -> Iterator[Value]:
    """Values that the control can take, other than the present one: a few of a choice's options."""
    if isinstance(control, ChoiceControl):
        others = (option.value for option in control.options if option.value not in NOT_KEPT)
        most = 1 if control.name == "picture" else 2
        yield from islice((value for value in others if value != now), most)
    elif isinstance(control, IntegerControl):
        assert isinstance(now, int)
        yield SHORT.get(control.name, now + 1 if now < control.maximum else now - 1)
    else:
        assert isinstance(control, RealControl)
        assert isinstance(now, float)
        yield round((control.minimum + now) / 2 + 0.25, 3)


def shown(document: Document, *, scores: bool = True) -> dict[str, bytes]:
    """Every number of the lesson at its first and its last step, and what is on view there; of
    trials the first one's ``scores``, if they are asked for.
    """
    trace = document.session.trace
    if document.lesson.id in SLOW:
        arrays = {name: array.values for name, array in trace.arrays.items()}
        kept = {n: each.tobytes() for n, each in arrays.items() if isinstance(each, np.ndarray)}
        assert isinstance(trace, TrialsTrace)
        return {**kept, "score": trace.score(0).tobytes()} if scores else kept
    ends = [0, document.timeline.length - 1]
    found = {}
    for name, array in trace.arrays.items():
        whole = [range(length) for length in array.shape]
        if array.given or isinstance(array.values, np.ndarray):
            parts = [tuple(whole)]
        else:  # computed when it is looked at
            steps = sorted({min(end, array.shape[0] - 1) for end in ends})
            parts = [(range(step, step + 1), *whole[1:]) for step in steps]
        found[name] = b"".join(trace.read(Region(name, part)).tobytes() for part in parts)
    document.last()
    frame = document.session.frame(ROOM)
    for grid in frame.grids if isinstance(frame, BoardFrame) else grids(frame):
        found[f"{grid.key} on view"] = np.ascontiguousarray(grid.plane.values).tobytes()
    document.first()
    return found


def edits(document: Document) -> Iterator[tuple[str, Callable[[], object]]]:
    """Every kind of edit that the lesson takes, by what it is called."""
    settings, lesson = document.state.settings, document.lesson
    for control in lesson.controls:
        if control.name in NOT_NOW.get(lesson.id, ()):
            continue
        for value in other_values(control, settings[control.name]):
            yield f"{control.name} = {value}", lambda n=control.name, v=value: document.change(n, v)
    frame = document.session.frame(ROOM)
    for name in lesson.remakes:
        array = document.session.trace.arrays.get(name)
        if array is None or array.values.dtype.kind != "f":
            continue
        first, last = (0,) * len(array.shape), tuple(length - 1 for length in array.shape)
        value = 1.0 - float(np.nan_to_num(array.values[last])) if name in BINARY else 0.3125
        yield f"cell of {name}", lambda n=name, i=last, v=value: document.edit_cells(n, {i: v})
        if name not in BINARY:
            pointer = Pointer(name, first)
            yield f"wheel over {name}", lambda p=pointer: document.turn_cell(p, 2, fine=True)
    if document.session.stroke((0, 0), (1, 1), erase=False):
        yield "stroke", lambda: stroke(document)
    for panel in frame.panels if isinstance(frame, BoardFrame) else ():
        for handle in panel.handles if isinstance(panel, PointMap) else ():
            left, right, low, high = panel.bounds
            to = left + 0.9 * (right - left), low + 0.8 * (high - low)
            yield f"handle {handle.key}", lambda k=handle.key, t=to: document.drag(k, *t)
    if lesson.takes_picture:
        yield "own picture", lambda: document.use_picture(OWN)
    yield "start over", document.reset


def stroke(document: Document) -> None:
    for start, end in pairwise([(0, 0), (2, 1), (3, 3)]):
        document.draw(start, end, erase=False)
    document.end_stroke()


@pytest.mark.parametrize("lesson", SMALL)
def test_every_edit_is_undone_and_redone_bit_for_bit(
    open_document: Open, clock: Clock, lesson: str
) -> None:
    document = open_document(lesson, **SMALL[lesson])
    stack = document.undo_stack
    before, first = document.state, shown(document)
    kinds = list(edits(document))
    assert len({name for name, _ in kinds}) == len(kinds) > len(document.lesson.controls)
    for at, (name, edit) in enumerate(kinds):
        scores = at % 4 == 0
        unchanged = {n: each for n, each in first.items() if scores or n != "score"}
        clock.now += 2.0
        edit()
        after = document.state
        assert after != before, name
        assert document.session.complaint is None, name
        assert (stack.index(), stack.count()) == (1, 1), name
        changed = shown(document, scores=scores)
        stack.undo()
        assert document.state == before, name
        assert shown(document, scores=scores) == unchanged, name
        stack.redo()
        assert document.state == after, name
        assert shown(document, scores=scores) == changed, name
        stack.undo()
        stack.clear()


@pytest.mark.parametrize("lesson", SMALL)
def test_edits_one_after_the_other_are_undone_in_their_order(
    open_document: Open, clock: Clock, lesson: str
) -> None:
    document = open_document(lesson, **SMALL[lesson])
    rng = np.random.default_rng(3)
    states = [document.state]
    kinds = [kind for kind in edits(document) if kind[0] != "start over"]
    for at in rng.permutation(len(kinds))[:6]:
        clock.now += 2.0
        kinds[at][1]()
        if document.state != states[-1]:
            states.append(document.state)
    assert len(states) > 3
    for state in reversed(states[:-1]):
        document.undo_stack.undo()
        assert document.state == state
    for state in states[1:]:
        document.undo_stack.redo()
        assert document.state == state


@pytest.mark.parametrize("lesson", [name for name in SMALL if not find(name).takes_picture])
def test_where_there_is_no_place_for_a_picture_nothing_is_to_be_undone(
    open_document: Open, lesson: str
) -> None:
    document = open_document(lesson, **SMALL[lesson])
    before, trace = document.state, document.session.trace
    assert "no place for a picture of yours" in document.use_picture(OWN)
    assert document.state is before
    assert document.session.trace is trace
    assert document.undo_stack.count() == 0
