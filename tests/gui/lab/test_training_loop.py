"""The training's loop: what a turn does, when it looks, what it tells, on a fake clock."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import pytest

from simulator.engine.training import BatchEnd, Diverged, EpochEnd, Event
from simulator.gui.lab.look_times import EARLY, FRAME
from simulator.gui.lab.training_loop import (
    LOOKING_SHARE,
    PATIENCE,
    SHOWING_SHARE,
    TrainingLoop,
)
from simulator.gui.lab.training_news import Told
from simulator.lab import Advice, Astray, Explanation, LabError, Silent, Snapshot, Stopped, Wanted


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class Fake:
    """A training of four batches an epoch that notes what is asked of it."""

    def __init__(self, clock: Clock, *, look_cost: float = 0.0) -> None:
        self.clock = clock
        self.look_cost = look_cost
        self.glanced = 0.0
        self.step = 0
        self.looked: list[tuple[int, Wanted]] = []
        self.sought: list[tuple[int, int]] = []
        self.ends: dict[int, Event] = {}
        self.on_seek: Callable[[], None] = lambda: None

    def run_for(
        self,
        *,
        seconds: float | None = None,
        batches: int | None = None,
        epochs: int | None = None,
    ) -> Sequence[Event]:
        assert (seconds is None) != (batches is None)
        if epochs is not None:
            batches = 4 * epochs - self.step % 4
            self.step += batches - 1
            seconds = None
        self.clock.now += 0.01 if seconds is None else seconds
        self.step += 1
        events: list[Event] = [BatchEnd(0, self.step, 0, 4, 1.0, {})]
        if self.step % 4 == 0:
            events.append(EpochEnd(self.step // 4, self.step, {}))
        if self.step in self.ends:
            events.append(self.ends[self.step])
        return events

    def snapshot(self, wanted: Wanted) -> Snapshot:
        self.clock.now += self.look_cost
        self.looked.append((self.step, wanted))
        snapshot: Any = ("snapshot", self.step)
        return snapshot  # type: ignore[no-any-return]

    def glance(self, wanted: Wanted, seconds: float) -> Snapshot:
        self.clock.now += seconds
        self.glanced += seconds
        self.looked.append((self.step, wanted))
        snapshot: Any = ("snapshot", self.step)
        return snapshot  # type: ignore[no-any-return]

    def go_to(
        self, step: int, branch: int | None = None, *, stop: Callable[[], bool] | None = None
    ) -> bool:
        assert branch is not None
        assert stop is not None
        self.sought.append((branch, step))
        self.on_seek()
        if stop():
            return False
        self.step = step
        return True

    def explain(self) -> Explanation:
        return Explanation(
            "It diverged after batch 3, in dense.",
            3,
            "dense",
            "weights",
            ("It grew.",),
            (Advice("Go slower."),),
            1,
        )


def _open(**options: float) -> tuple[TrainingLoop, Fake, Clock, list[int]]:
    clock = Clock()
    told: list[int] = []
    loop = TrainingLoop(lambda: told.append(1), clock=clock)
    fake = Fake(clock, **options)
    loop.open(lambda: fake)
    assert loop.turn()
    loop.take()
    told.clear()
    return loop, fake, clock, told


def test_opening_looks_and_trains_nothing() -> None:
    _, fake, _, _ = _open()
    first, whole = fake.looked
    assert first == (0, Wanted().at_first)
    assert whole == (0, Wanted())


@pytest.mark.parametrize("slow", [False, True])
def test_of_a_slow_network_what_comes_soon_is_shown_before_the_rest(slow: bool) -> None:
    clock = Clock()
    shown: list[object] = []
    loop = TrainingLoop(lambda: shown.append(loop.take().snapshot), clock=clock)
    fake = Fake(clock, look_cost=1.01 * PATIENCE if slow else 0.99 * PATIENCE)
    wanted = Wanted(frozenset(("curves", "standing", "sample", "histograms")), arrays=("a",))
    loop.want(wanted)
    loop.open(lambda: fake)
    assert loop.turn()
    soon, whole = (each for _, each in fake.looked)
    assert soon.all_views == {"curves", "sample"}
    assert whole == wanted
    assert shown.count(("snapshot", 0)) == (2 if slow else 1)


def test_one_batch_is_one_batch() -> None:
    loop, fake, _, _ = _open()
    loop.step()
    for _ in range(3):
        loop.turn()
    assert fake.step == 1
    assert loop.take().snapshot == ("snapshot", 1)
    assert loop.take().snapshot is None


def test_one_epoch_ends_with_it() -> None:
    loop, fake, _, _ = _open()
    loop.step()
    loop.turn()
    loop.play(to_epoch=True)
    assert loop.take().playing
    for _ in range(9):
        loop.turn()
    assert fake.step == 4
    assert not loop.take().playing


def test_it_plays_until_it_is_paused() -> None:
    loop, fake, _, _ = _open()
    loop.play()
    for _ in range(7):
        loop.turn()
    loop.pause()
    for _ in range(3):
        loop.turn()
    assert fake.step == 7
    assert loop.take().snapshot == ("snapshot", 7), "a pause looks at where it stands"


def test_it_looks_thirty_times_a_second_at_most() -> None:
    loop, fake, clock, _ = _open()
    fake.looked.clear()
    start = clock.now
    loop.play()
    while clock.now < start + 2:
        loop.turn()
        loop.take()
    assert 50 <= len(fake.looked) <= 2 / FRAME + 1


def test_looking_takes_its_share_and_no_more() -> None:
    loop, fake, clock, _ = _open(look_cost=0.05)
    start = clock.now
    loop.play()
    while clock.now < start + 10:
        loop.turn()
        loop.take()
    share = fake.glanced / (clock.now - start)
    assert 0.8 * LOOKING_SHARE < share <= LOOKING_SHARE * 1.05
    fake.looked.clear()
    loop.pause()
    paused = clock.now
    loop.turn()
    assert len(fake.looked) == 1
    assert clock.now - paused == pytest.approx(0.05), "where it rests, everything is looked at"


def test_what_nobody_took_is_not_looked_at_again() -> None:
    loop, fake, _, _ = _open()
    fake.looked.clear()
    loop.play()
    for _ in range(50):
        loop.turn()
    assert len(fake.looked) == 1
    loop.pause()
    loop.turn()
    assert len(fake.looked) == 2, "where it rests is looked at all the same"


def test_a_window_that_is_slow_to_show_is_shown_less() -> None:
    loop, fake, clock, _ = _open()
    fake.looked.clear()
    start = clock.now
    loop.play()
    while clock.now < start + 10:
        looked = len(fake.looked)
        loop.turn()
        if len(fake.looked) > looked:
            loop.take()
            loop.shown(0.06)
    assert len(fake.looked) * 0.06 / SHOWING_SHARE < 20, "the others are time to train"
    assert len(fake.looked) * 0.06 / SHOWING_SHARE > 8


def test_news_are_announced_once_until_they_are_taken() -> None:
    loop, _, _, told = _open()
    loop.play()
    for _ in range(50):
        loop.turn()
    assert told == [1]
    loop.take()
    for _ in range(50):
        loop.turn()
    assert told == [1, 1]


def test_the_speed_is_kept() -> None:
    loop, fake, clock, _ = _open()
    loop.set_speed(2.0)
    loop.play()
    start = clock.now
    while clock.now < start + 5:
        loop.turn()
        clock.now += 0.02
    assert 9 <= fake.step <= 11


def test_the_last_wish_of_a_scrub_counts() -> None:
    loop, fake, _, _ = _open()
    loop.play()
    loop.turn()
    for step in (5, 6, 7):
        loop.seek(0, step)
    loop.turn()
    assert fake.sought == [(0, 7)]
    assert loop.take().snapshot == ("snapshot", 7)
    assert not loop.take().playing
    fake.on_seek = lambda: loop.seek(1, 2) if len(fake.sought) < 3 else None
    loop.seek(0, 3)
    loop.turn()
    assert loop.take().snapshot is None, "on the way to one place another was asked for"
    loop.turn()
    assert loop.take().snapshot == ("snapshot", 2)


def test_jobs_are_done_in_order_between_batches_and_shown() -> None:
    loop, fake, _, _ = _open()
    done: list[tuple[str, int]] = []
    loop.play()
    loop.turn()
    loop.do(lambda training: done.append(("first", fake.step)))
    loop.do(lambda training: done.append(("second", fake.step)))
    fake.looked.clear()
    loop.turn()
    assert done == [("first", 1), ("second", 1)]
    assert len(fake.looked) == 1


def test_what_cannot_be_done_is_told_and_the_rest_is_done() -> None:
    loop, _, _, _ = _open()
    done: list[str] = []

    def refuse(training: object) -> None:
        raise LabError("There is no layer.")

    loop.do(refuse)
    loop.do(lambda training: done.append("second"))
    loop.turn()
    loop.turn()
    news = loop.take()
    assert news.told == (Told("There is no layer.", error=True),)
    assert done == ["second"]
    assert news.faults == ()


def test_a_fault_reaches_the_window_and_stops_the_training() -> None:
    loop, fake, _, _ = _open()

    def break_down(training: object) -> None:
        raise ZeroDivisionError("a fault")

    loop.play()
    loop.do(break_down)
    assert loop.turn(), "the thread lives on"
    news = loop.take()
    assert [str(fault) for fault in news.faults] == ["a fault"]
    assert not news.playing
    assert fake.step == 0


def test_a_network_that_cannot_be_made_is_told_of() -> None:
    clock = Clock()
    loop = TrainingLoop(clock=clock)

    def refuse() -> Fake:
        raise LabError("Too large.")

    loop.open(refuse)
    loop.turn()
    news = loop.take()
    assert str(news.refused) == "Too large."
    assert (news.opened, news.told, news.busy) == (None, (), False)
    loop.play()
    loop.turn()
    assert loop.take().snapshot is None


@pytest.mark.parametrize(
    ("end", "told"),
    [
        (Stopped(0, 3, "3 epochs are done."), Told("3 epochs are done.", over=True)),
        (
            Diverged(0, 3, 2, "dense", "weights", "It broke."),
            Told("It diverged after batch 3, in dense. It grew. Go slower.", True, 1),
        ),
        (
            Astray(0, 3, "dense", 99.0, 1.0, 9.0),
            Told("It diverged after batch 3, in dense. It grew. Go slower.", True, 1),
        ),
    ],
    ids=["stopped", "diverged", "astray"],
)
def test_it_stops_by_itself_and_says_why(end: Event, told: Told) -> None:
    loop, fake, _, _ = _open()
    fake.ends[3] = end
    loop.play()
    for _ in range(9):
        loop.turn()
    news = loop.take()
    assert (fake.step, news.told, news.playing) == (3, (told,), False)


def test_a_layer_that_dies_is_told_of_while_it_trains_on() -> None:
    loop, fake, _, _ = _open()
    fake.ends[3] = Silent(0, 3, "dense", "dead", ("dense",), "'dense' is dead.")
    loop.play()
    for _ in range(9):
        loop.turn()
    news = loop.take()
    assert fake.step > 3
    assert (news.told, news.playing) == ((Told("'dense' is dead."),), True)


def test_what_was_opened_is_described_once() -> None:
    loop, _, clock, _ = _open()
    other = Fake(clock)
    loop.open(lambda: other, lambda training: ("described", training))
    loop.turn()
    assert loop.take().opened == ("described", other)
    assert loop.take().opened is None


def test_another_training_takes_the_place_of_one() -> None:
    loop, fake, clock, _ = _open()
    loop.play()
    loop.turn()
    other = Fake(clock)
    loop.open(lambda: other)
    for _ in range(3):
        loop.turn()
    assert (fake.step, other.step) == (1, 0), "it waits to be played"
    assert loop.take().snapshot == ("snapshot", 0)


def test_once_closed_it_does_nothing() -> None:
    loop, fake, _, _ = _open()
    loop.play()
    loop.close()
    assert not loop.turn()
    assert fake.step == 0
    loop.run()


def test_looks_that_come_late_do_not_put_off_the_next() -> None:
    loop, fake, clock, _ = _open()
    fake.looked.clear()
    start = clock.now
    run_for = fake.run_for

    def overrun(**what: float) -> Sequence[Event]:
        clock.now += 0.004  # the last batch ends when it does
        return run_for(**what)  # type: ignore[arg-type]

    fake.run_for = overrun  # type: ignore[assignment]
    loop.play()
    while clock.now < start + 2:
        loop.turn()
        loop.take()
    assert len(fake.looked) >= 2 / FRAME - 2


def test_looks_that_a_long_one_held_up_are_made_up_for() -> None:
    loop, fake, clock, _ = _open()
    loop.play()
    at: list[float] = []

    def glance(wanted: Wanted, seconds: float) -> Snapshot:
        at.append(clock.now)
        clock.now += 0.07 if len(at) % 30 == 0 else 0.001
        return fake.snapshot(wanted)

    fake.glance = glance  # type: ignore[method-assign]
    start = clock.now
    while clock.now < start + 4:
        loop.turn()
        loop.take()
    gaps = [later - sooner for sooner, later in pairwise(at)]
    assert 4 / FRAME - 3 <= len(at) <= 4 / FRAME + 1
    assert min(gaps) >= FRAME / 2 - EARLY, "not all at once"
    assert sum(gap < 0.9 * FRAME - EARLY for gap in gaps) <= 4 * 4, "and the others in time"


def test_a_look_that_took_long_delays_no_other_but_leaves_them_less_time() -> None:
    loop, fake, clock, _ = _open()
    loop.play()
    given: list[float] = []
    taken = [0.5]

    def glance(wanted: Wanted, seconds: float) -> Snapshot:
        given.append(seconds)
        clock.now += taken.pop() if taken else 0.0
        return fake.snapshot(wanted)

    fake.glance = glance  # type: ignore[method-assign]
    start = clock.now
    while clock.now < start + 0.5 + 1:
        loop.turn()
        loop.take()
    assert len(given) >= 1 / FRAME - 2, "the numbers go on thirty times a second"
    assert given[2] == pytest.approx(given[0] / 2, rel=0.2), "views come more seldom"
    start = clock.now
    while clock.now < start + 0.1 / LOOKING_SHARE:
        loop.turn()
        loop.take()
    assert given[-1] == pytest.approx(FRAME * LOOKING_SHARE, rel=0.2), "until it is made up for"


def test_what_was_shown_while_nothing_was_trained_delays_nothing() -> None:
    loop, fake, clock, _ = _open()
    for _ in range(9):
        loop.shown(1.0)
    start = clock.now
    loop.play()
    fake.looked.clear()
    while clock.now < start + 0.5:
        loop.turn()
        loop.take()
    assert len(fake.looked) >= 0.5 / FRAME - 2


def test_the_window_does_not_stand_still_for_long_after_what_took_long_once() -> None:
    loop, fake, clock, _ = _open()
    loop.play()
    loop.turn()
    loop.take()
    loop.shown(0.0)
    loop.shown(5.0)
    start = clock.now
    fake.looked.clear()
    while not fake.looked:
        loop.turn()
        loop.take()
    assert clock.now - start < 1.2
