import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.traces.timeline import GLIDE_SECONDS, SECONDS_PER_STEP, SPEEDS, Timeline

FRAME = 1 / 60


def playing(length=10, *, speed=1.0, step=0, direction=1, loop=False):
    timeline = Timeline(length)
    timeline.speed = speed
    timeline.seek(step)
    timeline.loop = loop
    timeline.play(direction)
    return timeline


def picture(timeline):
    """Where the window stands, as a number: 2.4 is two fifths of the way from step 2 to 3."""
    moment = timeline.moment
    return moment.previous + (moment.step - moment.previous) * moment.blend


def test_it_starts_at_the_first_step_and_stands_still():
    timeline = Timeline(5)
    assert (timeline.moment.step, timeline.moment.blend) == (0, 1)
    assert not timeline.playing
    assert not timeline.moving
    assert not timeline.tick(1.0)


@pytest.mark.parametrize("length", [0, -1])
def test_it_needs_a_step(length):
    with pytest.raises(ValueError, match=f"at least one step, not {length}"):
        Timeline(length)
    with pytest.raises(ValueError, match="at least one step"):
        Timeline(3).resize(length, 0)


def test_a_step_forward_glides():
    timeline = Timeline(5)
    timeline.forward()
    assert timeline.step == 1
    assert timeline.moment.arrived == 0
    assert picture(timeline) == 0
    assert timeline.tick(GLIDE_SECONDS / 4)
    assert picture(timeline) == pytest.approx(0.15625)  # eased: 3/4² − 2/4³
    assert timeline.tick(GLIDE_SECONDS / 4)
    assert picture(timeline) == pytest.approx(0.5)
    assert timeline.moment.arrived == 1
    assert timeline.tick(1.0)
    assert picture(timeline) == 1
    assert not timeline.moving
    assert not timeline.tick(1.0)


def test_the_glide_only_goes_forward():
    timeline = Timeline(5)
    timeline.forward()
    seen = []
    while timeline.tick(GLIDE_SECONDS / 23):
        seen.append(picture(timeline))
    assert seen == sorted(seen)
    assert len(set(seen)) == len(seen)


def test_playing_waits_glides_and_stops_at_the_last_step():
    timeline = playing(3)
    assert not timeline.tick(SECONDS_PER_STEP * 0.99)  # nothing to paint while it waits
    assert timeline.step == 0
    assert timeline.tick(SECONDS_PER_STEP * 0.02)
    assert timeline.step == 1
    assert 0 < timeline.moment.blend < 0.01
    assert timeline.tick(SECONDS_PER_STEP)
    assert timeline.step == 2
    assert not timeline.playing
    assert timeline.moving  # the last glide is finished
    timeline.tick(GLIDE_SECONDS)
    assert not timeline.moving


def test_time_left_over_counts_for_the_next_step():
    timeline = playing(100)
    timeline.tick(SECONDS_PER_STEP * 1.25)
    assert timeline.step == 1
    assert timeline.moment.blend == 1  # a quarter of 0.8 s is more than the glide
    timeline.tick(SECONDS_PER_STEP * 0.75)
    assert timeline.step == 2
    assert timeline.moment.blend == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("speed", SPEEDS)
@pytest.mark.parametrize("direction", [1, -1])
def test_a_second_is_as_many_steps_as_the_speed_says(speed, direction):
    start = 50_000
    timeline = playing(100_000, speed=speed, step=start, direction=direction)
    for _ in range(1000):
        timeline.tick(0.1)
    # A rounding error may leave the last step a hair's breadth away.
    steps = 100 * speed / SECONDS_PER_STEP
    assert abs(timeline.step - start) in (int(steps), int(steps) - 1)
    assert (timeline.step > start) == (direction > 0)


def test_there_is_no_drift_over_many_ticks():
    timeline = playing(10**9, speed=1.0)
    ticks = 100_000
    for _ in range(ticks):
        timeline.tick(FRAME)
    timeline.tick(SECONDS_PER_STEP / 3)  # well away from the border between two steps
    assert timeline.step == int((ticks * FRAME + SECONDS_PER_STEP / 3) / SECONDS_PER_STEP)


@pytest.mark.parametrize("seconds", [1e3, 1e9, 1e15])
def test_any_finite_time_may_pass_at_once(seconds):
    timeline = playing(7, speed=64)
    assert timeline.tick(seconds)
    assert timeline.at_last
    assert not timeline.playing
    looping = playing(7, speed=64, loop=True)
    looping.tick(seconds)
    assert 0 <= looping.step < 7
    assert looping.playing


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_no_time_changes_nothing(seconds):
    timeline = playing()
    assert not timeline.tick(seconds)
    assert timeline.step == 0


def test_several_steps_in_one_tick_are_cut():
    timeline = playing(100)
    timeline.tick(SECONDS_PER_STEP * 3.1)
    assert timeline.step == 3
    assert timeline.moment.blend == 1


@pytest.mark.parametrize("speed", [4.0, 8.0])
def test_at_speed_the_glide_is_linear_and_never_rests(speed):
    timeline = playing(1000, speed=speed)
    period = SECONDS_PER_STEP / speed
    timeline.tick(period)  # the first step has been on view
    for number in range(1, 40):
        timeline.tick(period / 8)
        assert picture(timeline) == pytest.approx(number / 8)


@pytest.mark.parametrize("speed", [16.0, 32.0, 64.0])
def test_from_sixteen_on_there_is_no_glide(speed):
    timeline = playing(1000, speed=speed)
    for _ in range(50):
        timeline.tick(0.011)
        assert timeline.moment.blend == 1


def test_reduced_motion_cuts():
    timeline = Timeline(10)
    timeline.reduced_motion = True
    timeline.forward()
    assert picture(timeline) == 1
    assert not timeline.moving
    timeline.play()
    for _ in range(100):
        timeline.tick(FRAME)
        assert timeline.moment.blend == 1


def test_reduced_motion_ends_a_glide_that_has_begun():
    timeline = Timeline(10)
    timeline.forward()
    timeline.tick(GLIDE_SECONDS / 3)
    timeline.reduced_motion = True
    assert picture(timeline) == 1


def test_backwards_is_forwards_in_a_mirror():
    there, back = playing(6), playing(6, step=5, direction=-1)
    for _ in range(400):
        assert there.tick(FRAME) == back.tick(FRAME)
        assert picture(there) == pytest.approx(5 - picture(back))
    assert there.at_last
    assert back.at_first


def test_a_loop_goes_round_both_ways():
    timeline = playing(4, step=2, loop=True)
    timeline.tick(SECONDS_PER_STEP)
    assert timeline.step == 3
    timeline.tick(SECONDS_PER_STEP)
    assert timeline.step == 0
    assert timeline.moment.blend == 1  # back to the first is a cut
    timeline.tick(SECONDS_PER_STEP * 9)
    assert timeline.step == 9 % 4
    timeline.play(-1)
    timeline.tick(SECONDS_PER_STEP * 2)
    assert timeline.step == 3
    assert timeline.playing


def test_a_loop_of_two_steps_glides_there_and_cuts_back():
    timeline = playing(2, loop=True)
    timeline.tick(SECONDS_PER_STEP)
    assert timeline.moment.previous == 0
    timeline.tick(SECONDS_PER_STEP)
    assert (timeline.moment.previous, timeline.moment.step) == (0, 0)


def test_a_loop_of_one_step_stays():
    timeline = playing(1, loop=True)
    timeline.tick(100.0)
    assert timeline.step == 0
    assert timeline.playing


def test_one_step_without_a_loop_ends_at_once():
    timeline = playing(1)
    assert timeline.tick(SECONDS_PER_STEP)  # playing has ended, and the player has to know
    assert not timeline.playing


def test_ending_a_loop_at_the_end_stops_there():
    timeline = playing(3, step=1, loop=True)
    timeline.tick(SECONDS_PER_STEP)
    timeline.loop = False
    assert timeline.tick(SECONDS_PER_STEP)
    assert timeline.at_last
    assert not timeline.playing


def test_play_from_the_end_starts_over():
    timeline = playing(3, step=2)
    assert timeline.at_first
    assert timeline.playing
    timeline = playing(3, step=0, direction=-1)
    assert timeline.at_last


def test_playing_again_does_not_start_the_wait_again():
    timeline = playing(10)
    timeline.tick(SECONDS_PER_STEP * 0.9)
    timeline.play()
    timeline.tick(SECONDS_PER_STEP * 0.2)
    assert timeline.step == 1


def test_turning_round_while_playing():
    timeline = playing(10, step=5)
    timeline.tick(SECONDS_PER_STEP * 1.5)
    timeline.play(-1)
    timeline.tick(SECONDS_PER_STEP * 1.5)
    assert timeline.step == 5
    assert timeline.playing


def test_toggle():
    timeline = Timeline(5)
    timeline.toggle()
    assert timeline.playing
    timeline.toggle()
    assert not timeline.playing


@pytest.mark.parametrize("speed", SPEEDS)
@pytest.mark.parametrize("change", ["pause", *SPEEDS])
def test_pausing_or_another_speed_never_moves_the_picture_back(speed, change):
    timeline = playing(1000, speed=speed)
    timeline.tick(SECONDS_PER_STEP / speed)
    timeline.tick(0.03)
    before = picture(timeline)
    if change == "pause":
        timeline.pause()
    else:
        timeline.speed = change
    assert picture(timeline) == before
    for _ in range(60):
        timeline.tick(FRAME)
        assert picture(timeline) >= before
        before = picture(timeline)
    assert timeline.playing or picture(timeline) == timeline.step


def test_faster_does_not_make_up_for_the_time_it_was_slow():
    timeline = playing(1000, speed=0.25)
    timeline.tick(SECONDS_PER_STEP / 0.25 * 0.9)
    timeline.speed = 64
    timeline.tick(SECONDS_PER_STEP / 64 * 0.2)
    assert timeline.step == 1


def test_a_glide_goes_on_after_pause():
    timeline = playing(100, speed=8)
    timeline.tick(SECONDS_PER_STEP / 8 * 1.5)
    timeline.pause()
    assert picture(timeline) == pytest.approx(0.5)
    timeline.tick(1.0)
    assert picture(timeline) == 1
    assert timeline.step == 1


def test_stepping_back_within_a_glide_turns_round_where_the_picture_is():
    timeline = Timeline(9)
    timeline.seek(4)
    timeline.forward()
    timeline.tick(GLIDE_SECONDS * 0.3)
    before = picture(timeline)
    timeline.back()
    assert timeline.step == 4
    assert picture(timeline) == pytest.approx(before)
    timeline.tick(GLIDE_SECONDS * 0.31)
    assert picture(timeline) == 4


def test_stepping_beyond_the_ends_changes_nothing():
    timeline = Timeline(2)
    timeline.back()
    assert not timeline.moving
    timeline.forward()
    timeline.tick(GLIDE_SECONDS / 2)
    before = picture(timeline)
    timeline.forward()
    assert picture(timeline) == before  # the glide to the last step goes on
    assert timeline.step == 1


def test_stepping_pauses():
    for move in (Timeline.forward, Timeline.back, Timeline.first, Timeline.last):
        timeline = playing(10, step=4)
        move(timeline)
        assert not timeline.playing


def test_first_and_last_are_cuts():
    timeline = Timeline(10)
    timeline.last()
    assert (timeline.step, timeline.moment.blend) == (9, 1)
    timeline.first()
    assert (timeline.step, timeline.moment.blend) == (0, 1)


def test_seek_goes_on_playing_and_keeps_to_the_ends():
    timeline = playing(10)
    timeline.tick(SECONDS_PER_STEP * 0.9)
    timeline.seek(5)
    assert timeline.playing
    timeline.tick(SECONDS_PER_STEP * 0.9)  # step 5 is on view for its whole time
    assert timeline.step == 5
    timeline.seek(99)
    assert timeline.step == 9
    timeline.seek(-3)
    assert timeline.step == 0


def test_another_level_goes_on_where_it_was():
    timeline = playing(90, step=40)
    timeline.resize(10, 4)
    assert (timeline.length, timeline.step) == (10, 4)
    assert timeline.playing
    timeline.resize(3, 7)
    assert timeline.step == 2


def test_an_unknown_speed_is_refused():
    timeline = Timeline(5)
    with pytest.raises(ValueError, match=r"speed is 3: choose one of 0\.25, 0\.5, 1, 2"):
        timeline.speed = 3
    assert timeline.speed == 1


actions = st.sampled_from(
    ("play", "play back", "pause", "forward", "back", "first", "last", "seek", "faster", "slower")
)


@given(
    st.integers(1, 6),
    st.booleans(),
    st.lists(st.tuples(actions, st.floats(0, 3)), max_size=30),
)
def test_whatever_is_pressed_the_picture_stays_on_the_line(length, loop, presses):
    timeline = Timeline(length)
    timeline.loop = loop
    for action, seconds in presses:
        match action:
            case "play":
                timeline.play()
            case "play back":
                timeline.play(-1)
            case "seek":
                timeline.seek(int(seconds * 3))
            case "faster" | "slower":
                index = SPEEDS.index(timeline.speed) + (1 if action == "faster" else -1)
                timeline.speed = SPEEDS[min(max(index, 0), len(SPEEDS) - 1)]
            case _:
                getattr(timeline, action)()
        before = timeline.moment, timeline.playing
        changed = timeline.tick(seconds)
        assert changed == ((timeline.moment, timeline.playing) != before)
        assert 0 <= timeline.moment.blend <= 1
        assert 0 <= picture(timeline) <= length - 1
        assert 0 <= timeline.step < length
        assert abs(timeline.moment.step - timeline.moment.previous) <= 1
    timeline.pause()
    timeline.tick(GLIDE_SECONDS)
    assert picture(timeline) == timeline.step
    assert not timeline.moving
