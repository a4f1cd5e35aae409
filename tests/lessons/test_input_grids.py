import pytest

from simulator.lessons.frame import Box
from tests.lessons.opened import LARGE_ROOM, ROOM, opened


@pytest.mark.parametrize(
    ("lesson", "settings", "note"),
    [
        ("convolution", {}, "6 × 6, grey"),
        ("convolution", {"channels": "3"}, "6 × 6, red"),
        ("pooling", {"size": 1, "window": 1}, "1 × 1, grey"),
        ("pooling", {"channels": "3"}, "6 × 6, red"),
    ],
)
def test_the_input_says_its_size_and_channel(lesson, settings, note):
    assert str(opened(lesson, **settings).frame(LARGE_ROOM).input.note) == note


@pytest.mark.parametrize(("channels", "note"), [("1", "20 × 20, grey"), ("3", "20 × 20, RGB")])
def test_the_overview_shows_all_of_it_in_its_colours(channels, note):
    frame = opened("convolution", size=20, channels=channels, padding=3).frame(ROOM)
    overview = frame.input_overview
    assert overview is not None
    assert str(overview.note) == note
    assert overview.view == Box(-3, -3, 26, 26)
    assert overview.padding == frame.input.padding == (3, 3, 3, 3)
    assert overview.plane.values.shape == ((20, 20, 3) if channels == "3" else (20, 20))


def test_the_channel_goes_with_the_step():
    session = opened("convolution", channels="3")
    notes = []
    for channel in range(3):
        session.timeline.seek(channel * 9)
        notes.append(str(session.frame(LARGE_ROOM).input.note).split(", ")[1])
    assert notes == ["red", "green", "blue"]


@pytest.mark.parametrize(
    ("lesson", "settings", "padding", "text"),
    [
        ("convolution", {}, (0, 0, 0, 0), "0"),
        ("convolution", {"padding": 4}, (4, 4, 4, 4), "0"),
        ("convolution", {"padding": "same", "kernel_size": 4}, (1, 1, 2, 2), "0"),
        # No window reaches the last column of it.
        ("convolution", {"padding": 1, "stride": 4}, (1, 1, 0, 0), "0"),
        ("pooling", {"padding": 1}, (1, 1, 1, 1), ""),
    ],
)
def test_padding_is_counted_as_far_as_windows_reach(lesson, settings, padding, text):
    grid = opened(lesson, **settings).frame(LARGE_ROOM).input
    assert grid.padding == padding
    assert grid.text(-1, 0) == text
