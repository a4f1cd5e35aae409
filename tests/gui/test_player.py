"""The player: time passes for a lesson while there is something to move, and else not at all."""

from collections.abc import Callable

import pytest

from simulator.gui.document import Document
from simulator.gui.player import LONGEST_TICK, Player
from simulator.traces.timeline import GLIDE_SECONDS, SECONDS_PER_STEP
from tests.gui.conftest import FRAME, Clock

Open = Callable[..., Document]


@pytest.fixture
def start(open_document: Open, clock: Clock) -> Callable[..., tuple[Document, Player]]:
    def opened(**settings: int) -> tuple[Document, Player]:
        document = open_document(size=6, **settings)
        return document, Player(document, document, clock=clock)

    return opened


Start = Callable[..., tuple[Document, Player]]


def _pass(player: Player, clock: Clock, seconds: float) -> None:
    """Let time pass frame by frame, as the timer does."""
    end = clock.now + seconds
    while clock.now < end - 1e-9:
        clock.now = min(clock.now + FRAME, end)
        player.tick()


def test_it_rests_until_something_moves(start: Start, clock: Clock) -> None:
    document, player = start()
    assert not player.ticking
    document.change("stride", 2)
    document.set_speed(4.0)
    document.seek(3)
    assert not player.ticking, "none of this takes time"
    document.forward()
    assert player.ticking
    _pass(player, clock, GLIDE_SECONDS)
    assert not player.ticking
    assert document.timeline.moment.blend == 1


def test_the_time_before_it_began_does_not_count(start: Start, clock: Clock) -> None:
    document, player = start()
    clock.now += 100
    document.forward()
    clock.now += GLIDE_SECONDS / 2
    player.tick()
    assert document.timeline.moment.blend == pytest.approx(0.5)


def test_it_plays_a_step_in_its_time(start: Start, clock: Clock) -> None:
    document, player = start()
    document.play()
    _pass(player, clock, SECONDS_PER_STEP * 3 + GLIDE_SECONDS + 0.01)
    assert document.timeline.moment.arrived == 3
    document.pause()
    _pass(player, clock, 5)
    assert document.timeline.step == 3
    assert not player.ticking


@pytest.mark.parametrize("speed", [0.25, 1.0, 8.0, 64.0])
def test_speed_multiplies_the_steps(start: Start, clock: Clock, speed: float) -> None:
    document, player = start()
    document.set_speed(speed)
    document.play()
    _pass(player, clock, 10 * SECONDS_PER_STEP / speed + FRAME)
    assert document.timeline.step == pytest.approx(10, abs=1 + FRAME * speed / SECONDS_PER_STEP)


def test_after_a_hiccup_it_goes_on_from_where_it_was(start: Start, clock: Clock) -> None:
    document, player = start()
    document.set_speed(4.0)
    document.play()
    clock.now += 60
    player.tick()
    assert document.timeline.step == int(LONGEST_TICK * 4 / SECONDS_PER_STEP)


def test_it_stops_at_the_end(start: Start, clock: Clock) -> None:
    document, player = start()
    document.seek(document.timeline.length - 3)
    document.play()
    _pass(player, clock, SECONDS_PER_STEP * 4)
    assert document.timeline.at_last
    assert not document.timeline.playing
    assert not player.ticking


def test_in_a_loop_it_starts_over(start: Start, clock: Clock) -> None:
    document, player = start()
    document.set_loop(True)
    document.seek(document.timeline.length - 1)
    document.play(-1)
    document.play(1)
    _pass(player, clock, SECONDS_PER_STEP * 2 + 0.01)
    assert document.timeline.step in (1, 2)
    assert document.timeline.playing


def test_another_level_plays_its_own_steps(start: Start, clock: Clock) -> None:
    document, player = start()
    document.set_level("cell")
    document.play()
    _pass(player, clock, SECONDS_PER_STEP * 2 + GLIDE_SECONDS + 0.01)
    assert document.timeline.moment.arrived == 2
    place = document.session.place
    assert (place.row, place.column) == (0, 2)


def test_once_stopped_it_never_ticks_again(start: Start) -> None:
    document, player = start()
    document.play()
    player.stop()
    assert not player.ticking
    document.pause()
    document.play()
    document.forward()
    assert not player.ticking
