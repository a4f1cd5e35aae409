import numpy as np
import pytest
from hypothesis import given

from tests.lessons.opened import LARGE_ROOM, choice, opened, randomly, sessions


@given(sessions())
@randomly
def test_there_is_a_choice_where_there_is_more_than_one(session):
    trace, frame = session.trace, session.frame(LARGE_ROOM)
    found = {item.key: item for item in frame.choices}
    assert ("channel" in found) == (trace.term_shape[0] > 1)
    assert ("map" in found) == (trace.maps > 1)
    for item in found.values():
        assert len(item.names) == len(item.grids) == len({str(name) for name in item.names})
        assert [str(grid.title) for grid in item.grids] == [str(name) for name in item.names]
        assert 0 <= item.current < len(item.names)
        assert not any(grid.editable for grid in item.grids)
    if "map" in found:
        assert found["map"].current == frame.output.plane.fixed[2]
        assert found["map"].grids[found["map"].current].plane is frame.output.plane
    if "channel" in found:
        assert found["channel"].current == frame.input.plane.fixed[2]


@pytest.mark.parametrize(
    ("lesson", "settings", "key", "title", "names"),
    [
        ("convolution", {"filters": 2}, "map", "Feature maps", ["Filter 1", "Filter 2"]),
        (
            "convolution",
            {"channels": "3"},
            "channel",
            "Channel by channel",
            ["Red", "Green", "Blue"],
        ),
        ("pooling", {"channels": "3"}, "map", "Channels", ["Red", "Green", "Blue"]),
    ],
)
def test_choices_have_names(lesson, settings, key, title, names):
    item = choice(opened(lesson, **settings).frame(LARGE_ROOM), key)
    assert str(item.title) == title
    assert [str(name) for name in item.names] == names


def test_each_small_map_is_written_with_its_own_steps():
    session = opened("convolution", filters=3)
    trace = session.trace
    session.timeline.seek(trace.finest_of((1, 2, 1)) + 8)
    first, second, third = choice(session.frame(LARGE_ROOM), "map").grids
    assert first.written is None
    assert second.written is not None
    assert second.written.sum() == 2 * 4 + 2
    assert third.written is not None
    assert not third.written.any()


def test_a_channels_map_is_written_with_the_channels_last_product():
    session = opened("convolution", channels="3")
    trace = session.trace
    at = trace.finest_of((0, 0, 1, 1, 2, 2))
    for step, counts in ((at - 1, (2, 1, 1)), (at, (2, 2, 1)), (at + 9, (2, 2, 2))):
        session.timeline.seek(step)
        grids = choice(session.frame(LARGE_ROOM), "channel").grids
        assert tuple(int(np.count_nonzero(grid.written)) for grid in grids) == counts
