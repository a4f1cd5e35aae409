"""Lessons opened in a state of the test's choice, and random states of them."""

from dataclasses import replace

from hypothesis import assume, settings
from hypothesis import strategies as st

from simulator.engine.backends.base import Backend
from simulator.engine.geometry import GeometryError
from simulator.lessons.catalogue import lesson as find
from simulator.lessons.frame import Choice, Frame, Grid, Room
from simulator.lessons.lesson import LessonState
from simulator.lessons.opening import open_lesson
from simulator.lessons.session import LessonSession
from simulator.traces.pooling import POOLING_KINDS

BACKEND = Backend()
LEVELS = ("product", "cell", "map", "layer")
ROOM = Room((7, 7), (5, 5))
LARGE_ROOM = Room((60, 60), (60, 60))

unhurried = settings(deadline=None)  # a machine at work on something else fails no test
randomly = settings(unhurried, max_examples=40)
rooms = st.builds(
    Room,
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
)


def state_of(lesson_id, **changed) -> LessonState:
    """A lesson's beginning, on a picture of 6 × 6 cells, with some settings changed."""
    state = find(lesson_id).initial_state()
    for name, value in {"size": 6, **changed}.items():
        state = find(lesson_id).change(state, name, value)
    return state


def opened(lesson_id, level="product", step=0, *, edits=None, **changed) -> LessonSession:
    state = replace(state_of(lesson_id, **changed), edits=edits or {})
    session = open_lesson(find(lesson_id), BACKEND)
    assert session.apply(state), session.complaint
    session.set_level(level)
    session.timeline.seek(step)
    return session


def change(session, **settings):
    state = session.state
    for name, value in settings.items():
        state = session.lesson.change(state, name, value)
    return session.apply(state)


def cell_of(session):
    place = session.place
    return place.map, place.row, place.column


def term_of(session):
    place = session.place
    return place.channel, place.kernel_row, place.kernel_column


def at(session, *place):
    session.timeline.seek(session.trace.containing(session.trace.finest_of(place)))
    return session


def grids(frame: Frame) -> list[Grid]:
    """Every grid of a frame, small ones last."""
    main = (
        frame.input,
        frame.input_overview,
        frame.weights,
        frame.terms,
        frame.output,
        frame.output_overview,
    )
    return [grid for grid in main if grid is not None] + [
        grid for choice in frame.choices for grid in choice.grids
    ]


def choice(frame: Frame, key: str) -> Choice:
    return next(choice for choice in frame.choices if choice.key == key)


pictures = st.sampled_from(["flower", "digit_3", "pattern", "impulse", "blank", "gravel"])
paddings = st.one_of(st.sampled_from(["valid", "same"]), st.integers(0, 3))
images = {
    "picture": pictures,
    "size": st.integers(1, 8),
    "channels": st.sampled_from(["1", "3"]),
    "range": st.sampled_from(["255", "1"]),
    "padding": paddings,
    "seed": st.integers(0, 5),
}
presets = st.sampled_from(["sobel_x", "sobel_y", "laplacian", "blur", "emboss", "random"])
convolution_settings = st.fixed_dictionaries(
    {
        **images,
        "preset": st.lists(presets, min_size=1, max_size=3).map(tuple),
        "kernel_size": st.integers(1, 4),
        "stride": st.integers(1, 5),
        "dilation": st.integers(1, 3),
        "filters": st.integers(1, 3),
        "bias": st.sampled_from([0.0, -1.5, 40.0]),
    }
)
pooling_settings = st.fixed_dictionaries(
    {
        **images,
        "kind": st.sampled_from([kind.id for kind in POOLING_KINDS]),
        "window": st.integers(1, 4),
        "stride": st.integers(1, 5),
        "order": st.sampled_from([1.0, 2.0, 3.5]),
    }
)
some_settings = st.one_of(
    st.tuples(st.just("convolution"), convolution_settings),
    st.tuples(st.just("pooling"), pooling_settings),
)
"""A lesson's id and settings of it, which need not go together."""


@st.composite
def sessions(draw, levels=LEVELS):
    """A lesson in any state that can be shown, at any step of some level."""
    lesson_id, chosen = draw(some_settings)
    try:
        session = opened(lesson_id, draw(st.sampled_from(levels)), **chosen)
    except (GeometryError, AssertionError):
        assume(False)
    session.timeline.seek(draw(st.integers(0, session.timeline.length - 1)))
    return session
