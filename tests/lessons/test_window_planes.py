import numpy as np

from simulator.lessons.frame import ScaleKind
from tests.lessons.opened import LARGE_ROOM, choice, opened


def test_the_picture_has_its_white_whatever_was_typed():
    for settings, white in (({"range": "1"}, 1.0), ({}, 255.0), ({"picture": "impulse"}, 1.0)):
        session = opened("convolution", edits={"input": {(0, 0, 0): 9000.0}}, **settings)
        scale = session.frame(LARGE_ROOM).input.plane.scale
        assert (scale.kind, scale.limit) == (ScaleKind.PICTURE, white)
        assert session.scene.white == white


def test_pooled_pixels_are_pixels_unless_they_are_added_up():
    for kind, expected in (
        ("max", ScaleKind.PICTURE),
        ("average", ScaleKind.PICTURE),
        ("lp", ScaleKind.FROM_ZERO),
    ):
        session = opened("pooling", kind=kind, order=1.0)
        assert session.frame(LARGE_ROOM).output.plane.scale.kind is expected
    assert opened("pooling").frame(LARGE_ROOM).terms.plane.scale.kind is ScaleKind.PICTURE
    assert (
        opened("pooling", kind="lp").frame(LARGE_ROOM).terms.plane.scale.kind is ScaleKind.FROM_ZERO
    )


def test_maps_that_are_added_up_have_one_scale():
    session = opened("convolution", "layer", channels="3", preset=("random",))
    shown = choice(session.frame(LARGE_ROOM), "channel")
    scales = {grid.plane.scale for grid in shown.grids}
    assert len(scales) == 1
    largest = max(float(np.abs(grid.plane.values).max()) for grid in shown.grids)
    assert scales.pop().limit >= largest
    total = sum(grid.plane.values for grid in shown.grids)
    np.testing.assert_allclose(
        total, session.frame(LARGE_ROOM).output.plane.values, rtol=1e-4, atol=1e-2
    )
    assert shown.sum_of


def test_a_plane_is_made_once_for_all_frames():
    session = opened("convolution", channels="3", filters=2)
    first, second = session.frame(LARGE_ROOM), session.frame(LARGE_ROOM)
    assert first.input.plane is second.input.plane
    assert first.terms.plane is second.terms.plane
    assert choice(first, "map").grids[1].plane is choice(second, "map").grids[1].plane


def test_every_state_has_planes_of_its_own():
    session = opened("convolution")
    before = session.frame(LARGE_ROOM).input.plane
    assert session.apply(session.state.with_cells("input", {(0, 0, 0): 77.0}))
    after = session.frame(LARGE_ROOM).input.plane
    assert before.identity != after.identity
    assert after.values[0, 0] == 77
