"""Lessons that go through a network, opened small and in states of a test's choice."""

from hypothesis import strategies as st

from simulator.engine.backends.base import Backend
from simulator.lessons.catalogue import lesson as find
from simulator.lessons.frame import Frame, Room
from simulator.lessons.layer_examples import EXAMPLES
from simulator.lessons.opening import open_lesson

BACKEND = Backend()
ROOM = Room((7, 7), (5, 5))
LEVELS = ("product", "unit", "layer", "whole")

autoencoder_settings = st.fixed_dictionaries(
    {
        "sample": st.integers(0, 299),
        "code": st.integers(1, 5),
        "hidden": st.sampled_from([0, 3, 4]),
        "variant": st.sampled_from(["dense", "tied", "convolutional"]),
        "filters": st.integers(1, 2),
        "activation": st.sampled_from(["tanh", "relu", "sigmoid"]),
        "epochs": st.sampled_from([0, 1]),
    }
)
boltzmann_settings = st.fixed_dictionaries(
    {
        "sample": st.integers(0, 299),
        "hidden": st.sampled_from([1, 4, 7]),
        "k": st.integers(1, 2),
        "start": st.sampled_from(["data", "persistent"]),
        "draws": st.integers(0, 99),
        "epochs": st.sampled_from([0, 1]),
    }
)
dense_settings = st.fixed_dictionaries(
    {
        "picture": st.sampled_from(["clouds", "circle", "digits"]),
        "pass": st.sampled_from(["forward", "backward"]),
        "sample": st.integers(0, 299),
        "hidden": st.sampled_from([0, 3, 6]),
        "activation": st.sampled_from(["tanh", "relu", "leaky_relu", "linear"]),
        "epochs": st.sampled_from([0, 1]),
    }
)
work_settings = st.fixed_dictionaries(
    {
        "layer": st.sampled_from([example.kind for example in EXAMPLES]),
        "seed": st.integers(0, 99),
    }
)
some_settings = st.one_of(
    st.tuples(st.just("layer-at-work"), work_settings),
    st.tuples(st.just("dense"), dense_settings),
    st.tuples(st.just("autoencoder"), autoencoder_settings),
    st.tuples(st.just("boltzmann"), boltzmann_settings),
)


def opened(lesson_id, level="product", step=0, *, edits=None, **changed):
    lesson = find(lesson_id)
    state = lesson.initial_state()
    known = {control.name for control in lesson.controls}
    for name, value in {"epochs": 1, **changed}.items():
        if name in known or name in changed:
            state = lesson.change(state, name, value)
    for name, cells in (edits or {}).items():
        state = state.with_cells(name, cells)
    session = open_lesson(lesson, BACKEND)
    assert session.apply(state), session.complaint
    session.set_level(level)
    session.timeline.seek(step)
    return session


@st.composite
def sessions(draw, levels=LEVELS):
    """A lesson in any state, at any step of some level."""
    lesson_id, chosen = draw(some_settings)
    session = opened(lesson_id, draw(st.sampled_from(levels)), **chosen)
    session.timeline.seek(draw(st.integers(0, session.timeline.length - 1)))
    return session


def grids(frame: Frame):
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
