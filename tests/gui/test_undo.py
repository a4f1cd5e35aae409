"""Two hundred edits of every kind at random: all of them can be undone, and redone, exactly."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.data.pictures import LoadedPicture
from simulator.gui.document import Document
from simulator.gui.lesson_page import LessonPage
from simulator.lessons.controls import (
    ChoiceControl,
    Control,
    IntegerControl,
    PaddingControl,
    RealControl,
    Value,
)
from simulator.lessons.frame import Pointer
from simulator.lessons.lesson import OWN_PICTURE
from tests.gui.conftest import Clock, settle

Open = Callable[..., Document]

EDITS = 200


def _some_value(control: Control, rng: np.random.Generator) -> Value:
    """A value that the control can take; sizes stay small, or the test would take long."""
    if isinstance(control, IntegerControl):
        most = {"size": 7, "kernel_size": 9, "window": 9, "filters": 4, "stride": 4}
        return int(rng.integers(control.minimum, most.get(control.name, control.maximum) + 1))
    if isinstance(control, RealControl):
        return float(np.round(rng.uniform(max(control.minimum, -5), min(control.maximum, 5)), 2))
    if isinstance(control, PaddingControl):
        return ("valid", "same", int(rng.integers(0, 4)))[rng.integers(3)]
    assert isinstance(control, ChoiceControl)
    options = [option.value for option in control.options if option.value != OWN_PICTURE]
    if control.each_of:
        return tuple(str(rng.choice(options)) for _ in range(rng.integers(1, 5)))
    return str(rng.choice(options))


def _some_cell(document: Document, rng: np.random.Generator) -> Pointer:
    arrays = document.session.trace.arrays
    name = str(rng.choice([name for name in ("input", "kernel") if name in arrays]))
    return Pointer(name, tuple(int(rng.integers(length)) for length in arrays[name].shape))


def _edit(document: Document, rng: np.random.Generator) -> None:
    kind = rng.integers(10)
    if kind < 4:
        control = document.lesson.controls[rng.integers(len(document.lesson.controls))]
        assert document.change(control.name, _some_value(control, rng)) == ""
    elif kind < 6:
        pointer = _some_cell(document, rng)
        document.turn_cell(pointer, int(rng.integers(-3, 4)), fine=bool(rng.integers(2)))
    elif kind < 8:
        pointer = _some_cell(document, rng)
        document.edit_cells(pointer.array, {pointer.index: float(rng.normal(0, 100))})
    elif kind == 8:
        height, width, _ = document.session.trace.arrays["input"].shape
        ends = [(int(rng.integers(height)), int(rng.integers(width))) for _ in range(4)]
        for start, end in itertools.pairwise(ends):
            document.draw(start, end, erase=bool(rng.integers(2)))
        document.end_stroke()
    elif rng.integers(4):
        pixels = rng.integers(0, 256, (6, 6, 3), dtype=np.uint8)
        document.use_picture(LoadedPicture(pixels=pixels, title="mine.png", notices=()))
    else:
        document.reset()


def _shown(document: Document) -> dict[str, NDArray[np.float32]]:
    arrays = document.session.trace.arrays
    names = [name for name in ("input", "kernel", "bias", "output") if name in arrays]
    return {name: np.array(arrays[name].values) for name in names}


def _same(one: dict[str, NDArray[np.float32]], other: dict[str, NDArray[np.float32]]) -> bool:
    return one.keys() == other.keys() and all(
        values.dtype == other[name].dtype and values.tobytes() == other[name].tobytes()
        for name, values in one.items()
    )


@pytest.mark.parametrize("lesson", ["convolution", "pooling"])
@pytest.mark.parametrize("seed", [2, 3, 4])
def test_everything_is_undone_and_redone_bit_for_bit(
    open_document: Open, clock: Clock, lesson: str, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    document = open_document(lesson, size=8)
    stack = document.undo_stack
    states = {0: document.state}
    shown = {0: _shown(document)}
    complaints = 0
    for _ in range(EDITS):
        clock.now += float(rng.choice([0.1, 2.0]))
        before = stack.index()
        _edit(document, rng)
        if stack.index() < before:
            states = {at: state for at, state in states.items() if at <= stack.index()}
        states[stack.index()] = document.state
        if document.session.complaint is None:
            shown[stack.index()] = _shown(document)
        else:
            shown.pop(stack.index(), None)
            complaints += 1
    assert complaints, "sizes that don't fit belong among the edits"
    assert stack.count() > EDITS / 2
    for direction in (stack.undo, stack.redo):
        moves = stack.index() if direction == stack.undo else stack.count()
        for _ in range(moves):
            direction()
            at = stack.index()
            assert document.state == states[at]
            if document.session.complaint is None:
                assert _same(_shown(document), shown[at])
            else:
                assert at not in shown
    assert stack.index() == stack.count()


@pytest.mark.parametrize("lesson", ["convolution", "pooling"])
def test_the_whole_page_follows_any_edit(
    open_page: Callable[..., LessonPage], clock: Clock, lesson: str
) -> None:
    rng = np.random.default_rng(5)
    page = open_page(lesson, size=8)
    document = page.document
    first = page.stage.grab().toImage()
    shown = {name: one.widget.value() for name, one in page.panel.bindings.items()}  # type: ignore[attr-defined]
    for _ in range(EDITS // 3):
        clock.now += 2.0
        _edit(document, rng)
        moved = rng.integers(4)
        if moved == 0:
            document.seek(int(rng.integers(document.timeline.length)))
        elif moved == 1:
            document.set_level(str(rng.choice(list(document.session.trace.levels))))
        elif moved == 2:
            document.pick(str(rng.choice(["map", "channel"])), int(rng.integers(4)))
        else:
            document.pin(_some_cell(document, rng))
        page.grab()
        for name, binding in page.panel.bindings.items():
            complaint = document.session.complaint
            blamed = complaint is not None and complaint.control == name
            assert bool(binding.row.error()) == blamed
    while document.undo_stack.canUndo():
        document.undo_stack.undo()
    document.free()
    document.set_level("product")
    document.first()
    document.pick("channel", 0)
    document.first()
    settle()
    assert page.stage.grab().toImage() == first
    for name, one in page.panel.bindings.items():
        assert one.widget.value() == shown[name]  # type: ignore[attr-defined]
