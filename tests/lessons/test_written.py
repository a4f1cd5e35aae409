import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.lessons.planes import Planes
from simulator.lessons.written import WrittenCells
from tests.lessons.opened import LEVELS, opened, randomly, sessions


def planes_of(trace):
    planes = Planes(trace)
    yield from (planes.plane("output", {2: index}) for index in range(trace.maps))
    depth = trace.term_shape[0]
    rows, columns = trace.geometry.output_size
    for place in ((0, 0, 0, 0), (trace.maps - 1, rows - 1, columns - 1, depth - 1)):
        fixed = dict(enumerate(place))
        yield planes.plane(trace.term_array, fixed, axes=(4, 5))
    if depth > 1:
        yield planes.plane("channel_maps", {2: 0, 3: depth - 1})


@given(sessions(), st.data())
@randomly
def test_the_masks_are_the_traces(session, data):
    written = WrittenCells()
    for plane in planes_of(session.trace):
        for _ in range(3):
            trace = session.trace.at(data.draw(st.sampled_from(LEVELS)))
            step = data.draw(st.integers(0, len(trace) - 1))
            mask, count = written.mask(trace, plane, step)
            expected = trace.written(plane.region, step).reshape(plane.values.shape)
            assert count == expected.sum()
            if mask is None:
                assert expected.all()
            else:
                np.testing.assert_array_equal(mask, expected)
                assert not mask.all()


@given(sessions())
@randomly
def test_as_many_cells_are_always_the_same_cells(session):
    """The images that a painter keeps rely on it."""
    written = WrittenCells()
    for plane in planes_of(session.trace):
        seen = {}
        for level in LEVELS:
            trace = session.trace.at(level)
            for step in np.unique(np.linspace(0, len(trace) - 1, 7).astype(int)):
                mask, count = written.mask(trace, plane, int(step))
                shown = np.ones(plane.values.shape, bool) if mask is None else mask
                np.testing.assert_array_equal(seen.setdefault(count, shown), shown)


def test_many_planes_are_asked_in_turn():
    trace = opened("convolution", size=6, filters=20, preset=("random",)).trace
    planes, written = Planes(trace), WrittenCells()
    for _ in range(2):
        for index in range(20):
            step = trace.finest_of((index, 1, 2))
            mask, count = written.mask(trace, planes.plane("output", {2: index}), step - 1)
            assert count == 4 + 2
            assert mask is not None
            assert mask[1, :].tolist() == [True, True, False, False]
