"""Random geometries small enough that every step of their traces can be checked."""

from math import prod

from hypothesis import settings
from hypothesis import strategies as st

from simulator.engine.geometry import WindowGeometry
from tests.engine import geometries as any_size

MOST_TERMS = 250

randomly = settings(max_examples=30, deadline=None)
seeds = any_size.seeds


def terms(geometry: WindowGeometry) -> int:
    """The terms of one map of one channel."""
    return prod(geometry.output_size) * prod(geometry.kernel_size)


def small(geometry: WindowGeometry) -> bool:
    return terms(geometry) <= MOST_TERMS


def maps(geometry: WindowGeometry, already: int = 1) -> st.SearchStrategy[int]:
    """How many channels or filters leave the trace small."""
    return st.integers(1, min(3, MOST_TERMS // (terms(geometry) * already)))


@st.composite
def convolutions(draw):
    """A geometry, the channels of its input and its filters."""
    geometry = draw(any_size.convolutions(largest_kernel=3).filter(small))
    channels = draw(maps(geometry))
    return geometry, channels, draw(maps(geometry, channels))


@st.composite
def poolings(draw):
    """A geometry of pooling and the channels of its input."""
    geometry = draw(any_size.poolings().filter(small))
    return geometry, draw(maps(geometry))
