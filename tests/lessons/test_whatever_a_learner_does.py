import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from simulator.lessons.frame import Pointer
from simulator.traces.region import Region
from tests.lessons.opened import (
    BACKEND,
    LEVELS,
    ROOM,
    change,
    convolution_settings,
    grids,
    opened,
    pooling_settings,
)


class Learner(RuleBasedStateMachine):
    """Does anything in any order; nothing may raise, and what is on view has to fit together."""

    @initialize(lesson=st.sampled_from(["convolution", "pooling"]))
    def open_lesson(self, lesson):
        self.session = opened(lesson)
        self.states = [self.session.state]

    @rule(data=st.data())
    def set(self, data):
        strategy = (
            convolution_settings if self.session.lesson.id == "convolution" else pooling_settings
        )
        name, value = data.draw(
            strategy.flatmap(lambda found: st.sampled_from(list(found.items())))
        )
        change(self.session, **{name: value})
        self.states.append(self.session.state)

    @rule(data=st.data())
    def undo(self, data):
        self.session.apply(data.draw(st.sampled_from(self.states)))

    @rule(level=st.sampled_from(LEVELS))
    def set_level(self, level):
        self.session.set_level(level)

    @rule(share=st.floats(0, 1))
    def seek(self, share):
        self.session.timeline.seek(round(share * (self.session.timeline.length - 1)))

    @rule(direction=st.sampled_from([1, -1]), seconds=st.floats(0.01, 3))
    def play(self, direction, seconds):
        self.session.timeline.play(direction)
        self.session.timeline.tick(seconds)

    @rule(index=st.integers(-1, 4))
    def pick_map(self, index):
        self.session.pick_map(index)

    @rule(index=st.integers(-1, 4))
    def pick_channel(self, index):
        self.session.pick_channel(index)

    @rule(data=st.data(), pins=st.booleans())
    def point(self, data, pins):
        grid = data.draw(st.sampled_from(grids(self.session.frame(ROOM))))
        row = data.draw(st.integers(0, grid.rows - 1))
        column = data.draw(st.integers(0, grid.columns - 1))
        pointer = Pointer(grid.plane.array, grid.plane.cell_index(row, column))
        if pins:
            self.session.pinned = pointer
        else:
            self.session.hovered = pointer

    @rule(value=st.floats(-10, 300, width=32), data=st.data())
    def edit(self, value, data):
        array = data.draw(st.sampled_from(["input", "kernel"]))
        if array in self.session.trace.arrays:
            shape = self.session.trace.arrays[array].shape
            index = tuple(data.draw(st.integers(0, length - 1)) for length in shape)
            self.session.apply(self.session.state.with_cells(array, {index: value}))
            self.states.append(self.session.state)

    @rule(down=st.integers(-1, 1), across=st.integers(-1, 1))
    def move_pin(self, down, across):
        self.session.move_pin(down, across)

    @rule()
    def pin_next(self):
        self.session.pin_next_array()

    @rule()
    def open_pinned(self):
        if self.session.pinned is not None:
            self.session.open(self.session.pinned)

    @invariant()
    def all_fits_together(self):
        session = self.session
        trace, timeline = session.trace, session.timeline
        assert timeline.length == len(trace)
        frame = session.frame(ROOM)
        step = timeline.moment.arrived
        for grid in grids(frame):
            assert (
                grid.plane.region.inside(trace.arrays[grid.plane.array].shape) == grid.plane.region
            )
            expected = trace.written(grid.plane.region, step)
            if grid.written is None:
                assert expected.all()
            else:
                np.testing.assert_array_equal(grid.written, expected.reshape(grid.written.shape))
        for pointer in (session.pinned, session.hovered):
            if pointer is not None:
                whole = Region.whole(pointer.array, trace.arrays[pointer.array].shape)
                assert pointer.index in whole
                assert str(session.card(pointer).title)
        if session.complaint is None:
            again = session.lesson.trace(session.state, BACKEND)
            for name in ("input", "output"):
                np.testing.assert_array_equal(again.arrays[name].values, trace.arrays[name].values)
        else:
            assert session.complaint.control in session.state.settings


TestLearner = Learner.TestCase
TestLearner.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
