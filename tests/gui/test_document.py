"""What a document tells, and that whatever is done to it can be undone."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.data.pictures import LoadedPicture
from simulator.engine.backends.base import Backend
from simulator.gui.commands import ChangeState
from simulator.gui.document import BURST_SECONDS, Document
from simulator.lessons.frame import Pointer
from simulator.lessons.lesson import OWN_PICTURE
from tests.gui.conftest import FRAME, Clock, Heard

Open = Callable[..., Document]
SEED = 20


def _own_picture(rng: np.random.Generator) -> LoadedPicture:
    pixels = rng.integers(0, 256, (9, 7, 3), dtype=np.uint8)
    return LoadedPicture(pixels=pixels, title="mine.png", notices=())


def _values(document: Document) -> dict[str, NDArray[np.float32]]:
    arrays = document.session.trace.arrays
    return {name: np.array(arrays[name].values) for name in ("input", "output") if name in arrays}


# What is told


def test_a_step_is_told_when_its_values_come_on_view(open_document: Open) -> None:
    document = open_document(size=6)
    heard = Heard(document)
    document.forward()
    assert heard.take() == {"view": 1}, "the glide has begun, and nothing has arrived"
    document.tick(0.05)
    assert heard.take() == {"view": 1}
    document.tick(0.05)
    assert document.timeline.moment.arrived == 1
    assert heard.take() == {"step": 1, "view": 1}
    document.tick(0.5)
    assert heard.take() == {"view": 1}
    document.tick(0.5)
    assert heard.take() == {}, "nothing moves any more"


def test_without_motion_a_step_is_told_at_once(open_document: Open) -> None:
    document = open_document(size=6)
    document.timeline.reduced_motion = True
    heard = Heard(document)
    document.forward()
    assert heard.take() == {"step": 1, "view": 1}


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (lambda it: it.first(), {}),
        (lambda it: it.back(), {}),
        (lambda it: it.seek(0), {}),
        (lambda it: it.pause(), {}),
        (lambda it: it.last(), {"step": 1, "view": 1}),
        (lambda it: it.seek(5), {"step": 1, "view": 1}),
        (lambda it: it.play(), {"play": 1, "view": 1}),
        (lambda it: it.set_speed(1.0), {}),
        (lambda it: it.set_speed(4.0), {"play": 1}),
        (lambda it: it.change_speed(-1), {"play": 1}),
        (lambda it: it.set_loop(False), {}),
        (lambda it: it.toggle_loop(), {"play": 1}),
        (lambda it: it.set_level("product"), {}),
        (lambda it: it.change_level(-1), {}),
        (lambda it: it.set_level("cell"), {"step": 1, "view": 1}),
        (lambda it: it.pick("map", 0), {}),
        (lambda it: it.pick("map", 1), {"step": 1, "view": 1}),
        (lambda it: it.pick_next("map", -1), {}),
        (lambda it: it.pick("channel", 2), {"step": 1, "view": 1}),
        (lambda it: it.hover(None), {}),
        (lambda it: it.hover(Pointer("input", (0, 0, 0))), {"view": 1}),
        (lambda it: it.pin(None), {}),
        (lambda it: it.pin(Pointer("input", (0, 0, 0))), {"view": 1}),
        (lambda it: it.free(), {}),
        (lambda it: it.open_pinned(), {}),
        (lambda it: it.move_pin(1, 0), {"view": 1}),
        (lambda it: it.pin_next_array(), {"view": 1}),
        (lambda it: it.change("stride", 1), {}),
        (lambda it: it.change("stride", 99), {}),
        (lambda it: it.change("stride", 2), {"state": 1, "step": 1, "view": 1}),
        (lambda it: it.change("kernel_size", 9), {"state": 1}),
        (lambda it: it.change("picture", OWN_PICTURE), {"state": 1}),
        (lambda it: it.edit_cells("input", {}), {}),
        (lambda it: it.edit_cells("input", {(0, 0, 0): 7.0}), {"state": 1, "step": 1, "view": 1}),
        (lambda it: it.draw((0, 0), (1, 1), erase=False), {"step": 1, "view": 1}),
        (lambda it: it.end_stroke(), {}),
        (lambda it: it.use_backend(Backend()), {"step": 1, "view": 1}),
        (lambda it: it.tick(1.0), {}),
    ],
)
def test_every_call_tells_what_it_changed_and_no_more(
    open_document: Open, act: Callable[[Document], object], told: dict[str, int]
) -> None:
    document = open_document(size=6, channels="3", filters=2)
    heard = Heard(document)
    act(document)
    assert heard.take() == told


def test_starting_over_from_the_beginning_is_no_edit(open_document: Open) -> None:
    document = open_document()
    heard = Heard(document)
    document.reset()
    assert heard.take() == {}
    assert document.undo_stack.count() == 0


@pytest.mark.parametrize("level", ["product", "cell"])
def test_playing_tells_each_step_once(open_document: Open, level: str) -> None:
    document = open_document(size=5)
    document.set_level(level)
    steps = document.timeline.length
    heard = Heard(document)
    arrived = [document.timeline.moment.arrived]
    document.step_changed.connect(lambda: arrived.append(document.timeline.moment.arrived))
    document.play()
    while document.timeline.moving:
        document.tick(FRAME)
    assert arrived == list(range(steps))
    counts = heard.take()
    assert counts["step"] == steps - 1
    assert counts["play"] == 2, "it began, and it ended"
    assert "state" not in counts


def test_backwards_it_stops_at_the_first_step(open_document: Open) -> None:
    document = open_document(size=4)
    document.last()
    arrived: list[int] = []
    document.step_changed.connect(lambda: arrived.append(document.timeline.moment.arrived))
    document.play(-1)
    while document.timeline.moving:
        document.tick(FRAME)
    assert arrived == list(range(document.timeline.length - 2, -1, -1))
    assert not document.timeline.playing


def test_the_same_key_pauses_and_the_other_turns_round(open_document: Open) -> None:
    document = open_document(size=6)
    timeline = document.timeline
    document.seek(40)
    document.toggle()
    assert (timeline.playing, timeline.direction) == (True, 1)
    document.toggle_backwards()
    assert (timeline.playing, timeline.direction) == (True, -1)
    document.toggle_backwards()
    assert not timeline.playing
    document.toggle_backwards()
    document.toggle()
    assert not timeline.playing, "the space bar always pauses what plays"
    document.toggle()
    assert (timeline.playing, timeline.direction) == (True, 1)


def test_speed_and_level_end_where_there_is_no_next(open_document: Open) -> None:
    document = open_document(size=6)
    for _ in range(20):
        document.change_speed(1)
    assert document.timeline.speed == 64
    for _ in range(20):
        document.change_speed(-1)
    assert document.timeline.speed == 0.25
    seen = [document.session.trace.level]
    for _ in range(5):
        document.change_level(1)
        seen.append(document.session.trace.level)
    assert seen == ["product", "cell", "map", "layer", "layer", "layer"]


# Edits, and undoing them


def test_a_setting_is_changed_undone_and_redone(open_document: Open) -> None:
    document = open_document(size=8)
    before = document.state
    output = _values(document)["output"]
    assert document.change("kernel_size", 5) == ""
    assert document.state.settings["kernel_size"] == 5
    assert document.session.trace.geometry.output_size == (4, 4)
    document.undo_stack.undo()
    assert document.state == before
    np.testing.assert_array_equal(_values(document)["output"], output)
    document.undo_stack.redo()
    assert document.session.trace.geometry.output_size == (4, 4)


def test_what_can_not_be_taken_is_refused_with_the_bounds(open_document: Open) -> None:
    document = open_document()
    reason = document.change("stride", 17)
    assert "17" in reason
    assert "1 to 16" in reason
    assert document.undo_stack.count() == 0


def test_sizes_that_do_not_fit_keep_what_is_on_view(open_document: Open) -> None:
    document = open_document(size=5)
    shown, trace = document.state, document.session.trace
    document.change("kernel_size", 7)
    complaint = document.session.complaint
    assert complaint is not None
    assert complaint.control == "kernel_size"
    assert "7 × 7" in complaint.message
    assert document.session.trace is trace
    assert document.state.settings["kernel_size"] == 7
    assert document.shown_state is shown, "what is remembered must be possible to open again"
    document.undo_stack.undo()
    assert document.session.complaint is None
    assert document.state == shown


def test_scrolling_over_a_cell_is_undone_at_once(open_document: Open, clock: Clock) -> None:
    document = open_document(size=6)
    pointer = Pointer("kernel", (0, 0, 0, 0))
    kernel = document.session.trace.arrays["kernel"]
    assert kernel.values[pointer.index] == -1  # type: ignore[index]
    for _ in range(5):
        document.turn_cell(pointer, 1, fine=False)
        clock.now += BURST_SECONDS / 2
    assert document.session.trace.arrays["kernel"].values[pointer.index] == 4  # type: ignore[index]
    assert document.undo_stack.count() == 1
    document.undo_stack.undo()
    assert document.state.edits == {}
    document.undo_stack.redo()
    assert document.state.edits == {"kernel": {(0, 0, 0, 0): 4.0}}


def test_after_a_pause_scrolling_is_another_edit(open_document: Open, clock: Clock) -> None:
    document = open_document(size=6)
    pointer = Pointer("kernel", (0, 0, 0, 0))
    document.turn_cell(pointer, 1, fine=False)
    clock.now += BURST_SECONDS * 1.01
    document.turn_cell(pointer, 1, fine=False)
    assert document.undo_stack.count() == 2
    document.undo_stack.undo()
    assert document.state.edits == {"kernel": {(0, 0, 0, 0): 0.0}}


def test_another_cell_is_another_edit(open_document: Open) -> None:
    document = open_document(size=6)
    document.turn_cell(Pointer("kernel", (0, 0, 0, 0)), 1, fine=False)
    document.turn_cell(Pointer("kernel", (0, 1, 0, 0)), 1, fine=False)
    assert document.undo_stack.count() == 2


def test_what_is_stepped_there_and_back_leaves_nothing_to_undo(open_document: Open) -> None:
    document = open_document(size=6)
    document.change("stride", 2)
    document.change("stride", 3)
    assert document.undo_stack.count() == 1
    document.change("stride", 1)
    assert document.undo_stack.count() == 0
    assert not document.undo_stack.canUndo()


def test_typed_edits_are_undone_one_by_one(open_document: Open) -> None:
    document = open_document(size=6)
    for value in (1.0, 2.0, 3.0):
        document.edit_cells("input", {(0, 0, 0): value})
    assert document.undo_stack.count() == 3
    document.undo_stack.undo()
    assert document.state.edits == {"input": {(0, 0, 0): 2.0}}


def test_commands_of_another_kind_do_not_merge(open_document: Open) -> None:
    document = open_document(size=6)
    state = document.state
    one = ChangeState("a", state, state, lambda _: None, ("setting", "stride"))
    other = ChangeState("b", state, state, lambda _: None, ("setting", "padding"))
    plain = ChangeState("c", state, state, lambda _: None)
    assert not one.mergeWith(other)
    assert plain.id() == -1
    assert one.id() == other.id() != -1


def test_a_stroke_is_one_edit(open_document: Open) -> None:
    document = open_document(size=8)
    before, values = document.state, _values(document)
    document.draw((1, 1), (1, 1), erase=False)
    document.draw((1, 1), (4, 5), erase=False)
    document.draw((4, 5), (6, 5), erase=False)
    shown = _values(document)["input"]
    assert document.undo_stack.count() == 0, "it is still being drawn"
    assert shown[1, 1, 0] == shown[4, 5, 0] == shown[6, 5, 0] == 255
    document.end_stroke()
    assert document.undo_stack.count() == 1
    np.testing.assert_array_equal(_values(document)["input"], shown)
    document.undo_stack.undo()
    assert document.state == before
    np.testing.assert_array_equal(_values(document)["input"], values["input"])
    document.undo_stack.redo()
    np.testing.assert_array_equal(_values(document)["input"], shown)


def test_undoing_in_the_midst_of_a_stroke_forgets_the_stroke(open_document: Open) -> None:
    document = open_document(size=8)
    document.change("stride", 2)
    document.draw((1, 1), (2, 2), erase=False)
    document.undo_stack.undo()
    assert document.state.edits == {}
    document.end_stroke()
    assert document.undo_stack.count() == 1
    assert document.undo_stack.index() == 0


def test_ones_own_picture_is_asked_for_and_put_in(open_document: Open) -> None:
    document = open_document(size=7)
    wanted: list[object] = []
    document.own_picture_wanted.connect(lambda: wanted.append(document.state.settings["picture"]))
    assert document.change("picture", OWN_PICTURE) == ""
    assert wanted == ["flower"], "until there is one, nothing has changed"
    assert document.undo_stack.count() == 0
    document.edit_cells("input", {(0, 0, 0): 1.0})
    loaded = _own_picture(np.random.default_rng(SEED))
    document.use_picture(loaded)
    assert document.state.settings["picture"] == OWN_PICTURE
    assert document.state.own_picture is loaded
    assert document.state.edits == {}
    middle = loaded.pixels[1:8].astype(np.float32) @ [0.299, 0.587, 0.114]
    np.testing.assert_allclose(_values(document)["input"][:, :, 0], middle, atol=1)
    document.change("picture", "pagoda")
    document.change("picture", OWN_PICTURE)
    assert len(wanted) == 1, "there is one by now"
    assert document.state.own_picture is loaded
    while document.undo_stack.canUndo():
        document.undo_stack.undo()
    assert document.state.settings["picture"] == "flower"
    assert document.state.own_picture is None


def test_the_oldest_edits_are_forgotten(open_document: Open, clock: Clock) -> None:
    document = open_document(size=3)
    for at in range(320):
        document.edit_cells("input", {(0, 0, 0): float(at)})
    assert document.undo_stack.count() == 300


def test_a_coarse_level_tells_of_the_cell_that_is_pinned(open_document: Open) -> None:
    document = open_document(size=6)
    document.set_level("map")
    heard = Heard(document)
    document.pin(Pointer("output", (0, 3, 0)))
    assert heard.take() == {"step": 1, "view": 1}, "the arithmetic is now that cell's"
    assert document.session.explanation().where[1].text == "c = 3"
    document.pin(Pointer("input", (0, 0, 0)))
    assert heard.take() == {"step": 1, "view": 1}
    document.pin(Pointer("input", (1, 0, 0)))
    assert heard.take() == {"view": 1}


def test_the_next_map_is_told_when_it_comes_on_view(open_document: Open) -> None:
    document = open_document(size=6, filters=2)
    document.set_level("map")
    heard = Heard(document)
    document.forward()
    assert heard.take() == {"view": 1}
    document.tick(1.0)
    assert heard.take() == {"step": 1, "view": 1}
