"""The places and classes of points, against the geometry that names them."""

import numpy as np
import pytest

from simulator.data.datasets import DataError, make


def whole(identity, **settings):
    """All points of both parts, noise 0 unless told otherwise."""
    made = make(identity, settings, seed=3)
    return np.concatenate([made.x, made.x_val]), np.concatenate([made.y, made.y_val])


def test_the_circle_has_a_disc_and_a_ring_with_a_gap():
    x, y = whole("circle", samples=2000)
    radius = np.hypot(*x.T)
    assert (radius[y == 0] <= 2.5).all()
    assert ((radius[y == 1] >= 3.5 - 1e-5) & (radius[y == 1] <= 5 + 1e-5)).all()
    assert radius[y == 0].max() > 2.4
    assert radius[y == 0].min() < 0.1


def test_exclusive_or_goes_by_the_signs():
    x, y = whole("exclusive-or", samples=2000)
    assert ((x[:, 0] * x[:, 1] < 0) == (y == 1)).all()
    assert (np.abs(x) >= 0.3 - 1e-6).all()
    quarter = 2 * (x[:, 0] > 0) + (x[:, 1] > 0)
    assert np.bincount(quarter).min() > 400


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_every_spiral_arm_turns_as_its_radius_grows(classes):
    x, y = whole("spiral", samples=600, classes=classes)
    radius = np.hypot(*x.T)
    # How far along its arm a point is gives its angle, which gives its class.
    angle = np.arctan2(x[:, 0], x[:, 1])
    arm = (angle - 1.75 * 2 * np.pi * radius / 5) / (2 * np.pi / classes)
    assert np.allclose(np.round(arm), arm, atol=1e-3)
    assert ((np.round(arm).astype(int) % classes) == y).all()
    assert radius.min() == pytest.approx(0.2)
    assert radius.max() == pytest.approx(5)


def test_the_moons_are_half_circles_of_radius_three():
    x, y = whole("moons", samples=2000)
    outer, inner = x[y == 0] - [-1.5, -0.75], x[y == 1] - [1.5, 0.75]
    assert np.hypot(*outer.T) == pytest.approx(3, abs=1e-5)
    assert np.hypot(*inner.T) == pytest.approx(3, abs=1e-5)
    assert (outer[:, 1] >= -1e-5).all()
    assert (inner[:, 1] <= 1e-5).all()


@pytest.mark.parametrize("classes", [2, 3, 6])
def test_blobs_are_nearest_to_their_own_centre(classes):
    x, y = whole("blobs", samples=3000, classes=classes)
    centres = np.stack([x[y == label].mean(axis=0) for label in range(classes)])
    nearest = np.argmin(np.linalg.norm(x[:, np.newaxis] - centres, axis=2), axis=1)
    assert (nearest == y).mean() > 0.98
    assert x[y == 0].std(axis=0) == pytest.approx([0.7, 0.7], rel=0.1)
    assert centres[0] == pytest.approx([2, 2] if classes < 4 else [8**0.5, 8**0.5], abs=0.1)


def test_the_plane_rises_along_the_diagonal():
    x, y = whole("plane", samples=500)
    assert y[:, 0] == pytest.approx(x.sum(axis=1) / 10, abs=1e-6)


def test_the_hills_have_their_heights_where_they_stand():
    x, y = whole("gaussian", samples=5000)
    for centre, sign in (((-4, 2.5), 1), ((0, 2.5), -1), ((0, -2.5), 1), ((4, -2.5), -1)):
        distance = np.hypot(*(x - centre).T)
        near = distance < 1
        assert y[near, 0] == pytest.approx(sign * (1 - distance[near] / 2), abs=1e-5)
    far = np.abs(x[:, 1]) > 4.6
    assert (y[far] == 0).all()


def test_noise_moves_the_same_points_and_keeps_their_classes():
    still, labels = whole("moons", samples=4000)
    moved, same = whole("moons", samples=4000, noise=0.2)
    further, _ = whole("moons", samples=4000, noise=0.4)
    assert (labels == same).all()
    assert (moved - still).std() == pytest.approx(1, rel=0.05)
    assert further - still == pytest.approx(2 * (moved - still), abs=1e-4)


def test_drawn_points_are_the_learners_own():
    points = [[0.5, -1.0, 2], [1, 2, 0], [-6, 6, 1], [0, 0, 0], [3, 3, 2]]
    x, y = whole("drawn-points", points=points)
    assert sorted(
        [*map(float, row), int(label)] for row, label in zip(x, y, strict=True)
    ) == sorted(points)


@pytest.mark.parametrize(
    ("points", "told"),
    [
        ([[0, 0, 0]], "has 1 sample"),
        ([], "has 0 samples"),
        ([[0, 0, 0], [7, 0, 1]], "point 2 is [7, 0, 1]"),
        ([[0, float("nan"), 0]], "point 1"),
        ([[0, 0, 6]], "a class from 0 to 5"),
        ([[0, 0, 0.5]], "point 1"),
        ([[0, 0]], "point 1"),
        ([["0", 0, 1]], "point 1"),
        ([[True, 0, 1]], "point 1"),
        ("here", "Points is here"),
        ([[0, 0, 0]] * 5001, "5,001 points"),
    ],
)
def test_points_that_cannot_be_are_refused_by_number(points, told):
    with pytest.raises(DataError) as caught:
        make("drawn-points", {"points": points})
    assert told in str(caught.value)
