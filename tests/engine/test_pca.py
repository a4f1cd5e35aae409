"""Principal components against scikit-learn's and against what defines them."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.pca import PCA, angles

VALUES = json.loads(
    (Path(__file__).parents[1] / "golden" / "values" / "decompositions.json").read_text("utf-8")
)
X = np.array(VALUES["x"])
few = settings(max_examples=25, deadline=None)


def test_components_are_those_of_scikit_learn():
    expected = VALUES["pca"]
    pca = PCA.of(X, 3)
    theirs = np.array(expected["components"])
    signs = np.sign((pca.components * theirs).sum(1))  # the sign of a direction is a convention
    np.testing.assert_allclose(pca.components, signs[:, None] * theirs, atol=1e-10)
    np.testing.assert_allclose(pca.variance, expected["variance"], rtol=1e-10)
    np.testing.assert_allclose(pca.encode(X), signs * np.array(expected["code"]), atol=1e-10)
    np.testing.assert_allclose(pca.decode(pca.encode(X)), expected["rebuilt"], atol=1e-10)


@given(st.integers(2, 9), st.integers(1, 6), st.data())
@few
def test_components_are_the_eigenvectors_of_the_covariance(samples, values, data):
    count = data.draw(st.integers(1, min(samples, values)))
    x = np.random.default_rng(samples * 10 + values).normal(size=(samples, values))
    pca = PCA.of(x, count)
    np.testing.assert_allclose(pca.components @ pca.components.T, np.eye(count), atol=1e-9)
    covariance = np.atleast_2d(np.cov(x.T))
    np.testing.assert_allclose(
        pca.components @ covariance, pca.variance[:, None] * pca.components, atol=1e-9
    )
    assert (np.diff(pca.variance) <= 1e-12).all()


def test_no_other_plane_of_the_same_size_is_nearer_to_the_data():
    pca = PCA.of(X, 2)
    best = np.square(pca.decode(pca.encode(X)) - X).sum()
    rng = np.random.default_rng(0)
    for _ in range(50):
        basis = np.linalg.qr(rng.normal(size=(5, 2)))[0].T
        centred = X - X.mean(0)
        assert np.square(centred @ basis.T @ basis - centred).sum() >= best


@pytest.mark.parametrize("degrees", [0.0, 1e-7, 0.5, 30.0, 60.0, 90.0])
def test_the_angle_between_two_lines(degrees):
    turned = np.radians(degrees)
    found = angles([[1.0, 0, 0]], [[3 * np.cos(turned), 3 * np.sin(turned), 0]])
    np.testing.assert_allclose(found, [degrees], rtol=1e-6, atol=1e-9)


def test_angles_rise_and_vanish_where_one_subspace_lies_in_the_other():
    plane = [[1.0, 0, 0, 0], [0, 1.0, 0, 0]]
    tilted = [[1.0, 0, 0, 0], [0, np.cos(0.3), np.sin(0.3), 0]]
    np.testing.assert_allclose(angles(plane, tilted), [0, np.degrees(0.3)], atol=1e-6)
    np.testing.assert_allclose(angles(plane, [[2.0, 5, 0, 0]]), [0], atol=1e-6)


@pytest.mark.parametrize(
    ("x", "count", "told"),
    [
        (np.zeros((1, 4)), 1, "give two samples or more"),
        (np.zeros(4), 1, "give two samples or more"),
        (np.zeros((3, 4)), 4, "4 components of 3 samples of 4 values: choose 1 to 3"),
        (np.zeros((3, 4)), 0, "0 components"),
    ],
)
def test_what_is_refused(x, count, told):
    with pytest.raises(ValueError, match=told):
        PCA.of(x, count)
