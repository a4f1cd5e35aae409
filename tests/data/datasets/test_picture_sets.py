"""Digits, typed characters and shapes: what is in the pictures, not only their sizes."""

import numpy as np
import pytest

from simulator.data.datasets import DataError, make
from simulator.data.datasets.handwriting import enlarged
from simulator.data.datasets.shapes import SHAPES
from simulator.data.datasets.typed import FONTS
from simulator.data.digits import digits

STILL = {"rotation": 0.0, "scale": 0.0, "shear": 0.0, "shift": 0.0}


def both(made):
    labels = np.concatenate([made.labels, made.labels_val])
    return np.concatenate([made.x, made.x_val]), labels


def test_the_digits_are_the_published_ones():
    x, labels = both(make("digits"))
    stored = digits()
    assert x.shape == (1797, 8, 8, 1)
    read = sorted((row.tobytes(), label) for row, label in zip(x, labels.tolist(), strict=True))
    expected = (stored.images / np.float32(16)).astype(np.float32)
    pairs = zip(expected[..., np.newaxis], stored.labels.tolist(), strict=True)
    assert read == sorted((row.tobytes(), label) for row, label in pairs)


def test_fewer_digits_are_drawn_without_repeats():
    x, _ = both(make("digits", {"samples": 900}))
    assert len({row.tobytes() for row in x}) > 890  # the source itself repeats a few


def test_enlarging_keeps_even_fields_slopes_and_the_mean():
    even = np.full((2, 8, 8), 0.3, np.float32)
    assert enlarged(even, 28) == pytest.approx(0.3, abs=1e-6)
    slope = np.broadcast_to((np.arange(8) + 0.5) / 8, (1, 8, 8)).astype(np.float32)
    inner = slice(5, 23)  # where no border is within reach
    expected = (np.arange(28) + 0.5) / 28
    assert enlarged(slope, 28)[0, :, inner] == pytest.approx(
        np.broadcast_to(expected[inner], (28, 18)), abs=1e-6
    )
    x, labels = both(make("digits", {"size": "28"}))
    small, same = both(make("digits"))
    assert (labels == same).all()
    assert x.mean(axis=(1, 2, 3)) == pytest.approx(small.mean(axis=(1, 2, 3)), abs=0.02)


def test_enlarging_is_keys_convolution():
    x = np.random.default_rng(0).random((1, 8, 8)).astype(np.float32) * 0.2 + 0.4

    def keys(distance):
        d = abs(distance)
        if d <= 1:
            return 1.5 * d**3 - 2.5 * d**2 + 1
        return -0.5 * d**3 + 2.5 * d**2 - 4 * d + 2 if d < 2 else 0.0

    for row, column in ((0, 0), (13, 9), (27, 4)):
        y, z = (row + 0.5) * 8 / 28 - 0.5, (column + 0.5) * 8 / 28 - 0.5
        expected = sum(
            keys(y - i) * keys(z - j) * x[0, min(max(i, 0), 7), min(max(j, 0), 7)]
            for i in range(-4, 12)
            for j in range(-4, 12)
        )
        assert enlarged(x, 28)[0, row, column] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("identity", ["typed-digits", "typed-letters"])
@pytest.mark.parametrize("size", [12, 28, 61, 128])
def test_a_character_that_is_left_alone_is_the_same_each_time(identity, size):
    made = make(identity, {"samples": 78, "size": size, "font": "DejaVuSans", **STILL})
    x, labels = both(made)
    assert x.shape == (78, size, size, 1)
    kinds = {(label, row.tobytes()) for label, row in zip(labels.tolist(), x, strict=True)}
    assert len(kinds) == len(made.classes)
    assert 0 == x.min() < 0.9 < x.max() <= 1
    rows, columns = x[..., 0].max(axis=0).max(axis=1), x[..., 0].max(axis=0).max(axis=0)
    assert np.flatnonzero(rows > 0.3).mean() == pytest.approx((size - 1) / 2, abs=0.5 + 0.01 * size)
    assert np.flatnonzero(columns > 0.3).mean() == pytest.approx(
        (size - 1) / 2, abs=0.5 + 0.01 * size
    )
    assert rows[0] == rows[-1] == columns[0] == columns[-1] == 0


def test_every_font_draws_its_own_digits():
    seen = {}
    for font in FONTS:
        x, labels = both(make("typed-digits", {"samples": 10, "font": font, **STILL}))
        seen[font] = x[np.argsort(labels)].tobytes()
    assert len(set(seen.values())) == len(FONTS)


def test_small_letters_and_capitals_have_their_settings():
    capital = make("typed-letters", {"samples": 26, "font": "DejaVuSans", **STILL})
    small = make("typed-letters", {"samples": 26, "font": "DejaVuSans", "case": "small", **STILL})
    assert "".join(capital.classes) == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert "".join(small.classes) == "abcdefghijklmnopqrstuvwxyz"
    both_cases = {"samples": 2600, "font": "DejaVuSans", "case": "both", **STILL}
    x, _ = both(make("typed-letters", both_cases))
    forms = {row.tobytes() for row in x}
    assert forms == {row.tobytes() for row in (*both(capital)[0], *both(small)[0])}


def moments(picture):
    """Mean place (x, y) and covariance of the ink."""
    height, width = picture.shape
    y, x = np.mgrid[:height, :width] + 0.5
    weight = picture / picture.sum()
    centre = np.array([(weight * x).sum(), (weight * y).sum()])
    offsets = np.stack([x - centre[0], y - centre[1]])
    return centre, np.einsum("hw,ihw,jhw->ij", weight, offsets, offsets)


def test_the_affine_changes_are_those_told():
    """A 1 that is changed has the moments of the still one, put through a matrix in bounds."""
    still = {"samples": 200, "size": 56, "font": "DejaVuSans", **STILL}
    x, labels = both(make("typed-digits", still))
    centre, covariance = moments(x[labels == 1][0][..., 0])
    long_way = np.linalg.eigh(covariance)[1][:, 1]

    def changed(**settings):
        pictures, classes = both(make("typed-digits", {**still, **settings}, seed=8))
        return [moments(picture[..., 0]) for picture in pictures[classes == 1]]

    shifts = np.array([found[0] - centre for found in changed(shift=0.1)])
    assert np.abs(shifts).max() == pytest.approx(5.6, abs=0.8)
    scales = [
        np.sqrt(np.linalg.det(found[1] @ np.linalg.inv(covariance))) for found in changed(scale=0.2)
    ]
    assert 0.62 < min(scales) < 0.8
    assert 1.25 < max(scales) < 1.47
    turned = [np.linalg.eigh(found[1])[1][:, 1] @ long_way for found in changed(rotation=30.0)]
    angles = np.rad2deg(np.arccos(np.clip(np.abs(turned), 0, 1)))
    assert 20 < angles.max() < 30.5


@pytest.mark.parametrize("size", [16, 32, 100])
def test_a_shape_has_two_colours_that_stand_out(size):
    made = make("shapes", {"samples": 60, "size": size})
    x, labels = both(made)
    assert made.classes == tuple(SHAPES)
    assert len(made.classes) == 10
    assert x.shape == (60, size, size, 3)
    for picture in x:
        ground = picture[0, 0]
        assert (picture[-1, -1] == ground).all()
        distance = np.linalg.norm(picture - ground, axis=2)
        ink = picture[np.unravel_index(distance.argmax(), distance.shape)]
        # Every cell is a mixture of the two.
        share = ((picture - ground) @ (ink - ground)) / ((ink - ground) @ (ink - ground))
        mixed = ground + share[..., np.newaxis] * (ink - ground)
        assert np.abs(picture - mixed).max() < 0.01
        assert abs((ink - ground) @ [0.299, 0.587, 0.114]) > 0.3
    assert (np.bincount(labels) == 6).all()


def test_shapes_cover_the_area_of_their_outlines():
    made = make("shapes", {"samples": 10, "size": 200, "rotation": 0.0, "scale": 0.0, "shift": 0.0})
    x, labels = both(made)
    area = {}
    for picture, label in zip(x, labels, strict=True):
        distance = np.linalg.norm(picture - picture[0, 0], axis=2)
        area[made.classes[label]] = (distance / distance.max()).mean() / (np.pi * 0.32**2)
    expected = {
        "disc": 1.0,
        "ring": 1 - 0.55**2,
        "square": 2 / np.pi,
        "triangle": 3 * np.sqrt(3) / 4 / np.pi,
        "pentagon": 2.5 * np.sin(np.deg2rad(72)) / np.pi,
        "star": 10 * 0.5 * 0.42 * np.sin(np.deg2rad(36)) / np.pi,
        "cross": 2 / np.pi,
        "arrow": (0.75 * 0.9 + 0.6) / np.pi,
    }
    for name, share in expected.items():
        assert area[name] == pytest.approx(share, rel=0.04), name


@pytest.mark.parametrize(
    ("scaling", "low", "high"), [("unit", 0, 1), ("byte", 0, 255), ("symmetric", -1, 1)]
)
def test_the_scaling_is_the_one_told(scaling, low, high):
    plain, _ = both(make("typed-digits", {"samples": 50}))
    x, _ = both(make("typed-digits", {"samples": 50, "scaling": scaling}))
    assert x == pytest.approx(low + plain * (high - low), abs=1e-4)


def test_an_autoencoder_is_asked_for_its_input_or_for_the_clean_one():
    settings = {"samples": 50, "noise": 0.3, "noise_kind": "salt-pepper"}
    itself = make("typed-digits", {**settings, "targets": "itself"}, seed=3)
    clean = make("typed-digits", {**settings, "targets": "clean"}, seed=3)
    still = make("typed-digits", {"samples": 50}, seed=3)
    assert itself.y is itself.x
    assert itself.task == clean.task == "autoencoder"
    assert (clean.x == itself.x).all()
    assert (clean.y == still.x).all()
    assert (clean.x != clean.y).mean() > 0.1
    assert (clean.labels == still.y).all()


def test_each_kind_of_noise_does_what_it_is_called():
    def noisy(kind):
        settings = {"samples": 200, "targets": "clean", "noise": 0.25, "noise_kind": kind}
        made = make("shapes", settings)
        return made.x, made.y

    x, clean = noisy("normal")
    middle = (clean > 0.45) & (clean < 0.55)  # far from both ends, which cut the noise off
    assert (x - clean)[middle].std() == pytest.approx(0.25, rel=0.08)
    assert 0 <= x.min() <= x.max() <= 1
    x, clean = noisy("blank")
    wiped = (x != clean).any(axis=3)
    assert wiped.mean() == pytest.approx(0.25, abs=0.01)
    assert (x[wiped] == 0).all()
    x, clean = noisy("salt-pepper")
    hit = (x != clean).any(axis=3)
    assert hit.mean() == pytest.approx(0.25, abs=0.01)
    assert ((x[hit] == 0).all(axis=1) | (x[hit] == 1).all(axis=1)).all()
    assert x[hit].mean() == pytest.approx(0.5, abs=0.02)


def test_large_pictures_are_refused_by_their_memory():
    with pytest.raises(DataError, match=r"Coloured shapes would take .* GiB of memory"):
        make("shapes", {"samples": 20_000, "size": 224})


def test_fewer_shapes_are_the_first_ones():
    all_of_them = make("shapes", {"samples": 20, "size": 16, "train_share": 0.5})
    assert all_of_them.classes == tuple(SHAPES)
    two = make("shapes", {"samples": 20, "size": 16, "classes": 2, "train_share": 0.5})
    assert two.classes == ("disc", "ring")
    assert two.task == "binary"
    assert np.bincount(np.concatenate([two.y, two.y_val])).tolist() == [10, 10]
