import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from simulator import resources
from simulator.data.digits import digits
from simulator.data.pictures import PICTURES, Kind, PictureError, entry, grey, picture

IDS = [found.id for found in PICTURES]
STORED = [f.id for f in PICTURES if f.kind in {Kind.PHOTOGRAPH, Kind.TEXTURE}]


def test_the_catalogue_has_what_a_lesson_offers():
    assert len(set(IDS)) == len(IDS)
    assert IDS[0] == "flower"
    assert len(STORED) >= 6
    assert [f.id for f in PICTURES if f.kind is Kind.DIGIT] == [f"digit_{n}" for n in range(10)]
    assert [f.id for f in PICTURES if f.kind is Kind.PATTERN] == ["pattern", "impulse", "blank"]


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [1, 2, 7, 64, 224])
def test_every_picture_comes_in_whole_numbers_up_to_its_peak(name, channels, size):
    values = picture(name, size=size, channels=channels)
    assert values.shape == (size, size, channels)
    assert values.dtype == np.float32
    assert (values == np.rint(values)).all()
    assert values.min() >= 0
    assert values.max() <= entry(name).peak


@pytest.mark.parametrize("name", IDS)
def test_the_grey_picture_is_the_luma_of_the_colour_one(name):
    colour = picture(name, size=28, channels=3).astype(np.uint8)
    np.testing.assert_array_equal(picture(name, size=28, channels=1)[..., 0], grey(colour))


@pytest.mark.parametrize("name", IDS)
def test_the_caller_may_change_what_it_got(name):
    first = picture(name, size=32, channels=1)
    kept = first.copy()
    first[:] = 7
    np.testing.assert_array_equal(picture(name, size=32, channels=1), kept)


@pytest.mark.parametrize("name", STORED)
def test_a_photograph_at_its_own_size_is_the_file(name):
    with Image.open(resources.path(f"pictures/{name}.png")) as image:
        stored = np.asarray(image.convert("RGB"))
    assert stored.shape == (224, 224, 3)
    np.testing.assert_array_equal(picture(name, size=224, channels=3), stored)


@pytest.mark.parametrize("name", STORED)
def test_a_photograph_has_edges_and_contrast_at_64(name):
    x = picture(name, size=64, channels=1)[..., 0]
    assert x.std() > 20
    sobel = (x[:-2, 2:] + 2 * x[1:-1, 2:] + x[2:, 2:]) - (
        x[:-2, :-2] + 2 * x[1:-1, :-2] + x[2:, :-2]
    )
    assert np.abs(sobel).max() > 200


def test_the_flower_is_a_bright_disc_on_a_dark_ground():
    x = picture("flower", size=64, channels=1)[..., 0]
    rows, columns = np.indices((64, 64))
    from_middle = np.hypot(rows - 31.5, columns - 31.5)
    assert x[from_middle < 24].mean() > 120
    assert x[:32][from_middle[:32] > 36].mean() < 30
    reach = np.flatnonzero((x[:48] > 90).any(axis=0))
    assert 1 <= reach[0] <= 6
    assert 57 <= reach[-1] <= 62


def test_a_vertical_edge_of_the_flower_in_numbers():
    window = picture("flower", size=64, channels=1)[26:29, 6:9, 0]
    assert window.tolist() == [[157, 156, 204], [118, 175, 178], [144, 179, 172]]
    assert (window * [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]).sum() == 195


@pytest.mark.parametrize("number", range(10))
def test_a_digit_is_a_sample_of_its_class(number):
    values = picture(f"digit_{number}", size=8, channels=1)[..., 0]
    counts = np.rint(values * 16 / 255).astype(np.uint8)
    same = (digits().images == counts).all(axis=(1, 2))
    assert digits().labels[same].tolist() == [number]
    assert values.max() == 255  # sixteen of sixteen points inked


def test_a_digit_repeats_its_cells_where_the_size_is_a_multiple():
    small = picture("digit_3", size=8, channels=3)
    np.testing.assert_array_equal(
        picture("digit_3", size=64, channels=3), np.kron(small, np.ones((8, 8, 1)))
    )


def test_the_impulse_is_one_in_the_middle():
    assert entry("impulse").peak == 1
    for size, channels in ((5, 1), (6, 3), (1, 1)):
        expected = np.zeros((size, size, channels))
        expected[size // 2, size // 2] = 1
        np.testing.assert_array_equal(picture("impulse", size=size, channels=channels), expected)


def test_the_blank_picture_is_zero():
    assert not picture("blank", size=11, channels=3).any()


def test_the_quarters_of_the_test_pattern():
    colour = picture("pattern", size=64, channels=3)
    ramp = colour[:32, :32]
    assert (ramp == ramp[:1, :, :1]).all()
    np.testing.assert_array_equal(ramp[0, :, 0], np.rint(np.arange(32) * 255 / 31))
    disc = colour[:32, 32:]
    orange = (disc == (255, 160, 0)).all(axis=2)
    assert orange[15, 15]
    assert ((disc == (0, 40, 120)).all(axis=2) == ~orange).all()
    assert abs(orange.sum() - np.pi * 11.2**2) < 12
    np.testing.assert_array_equal(orange, orange.T)
    bars = picture("pattern", size=64, channels=1)[32:, :32, 0]
    assert bars[0, ::4].tolist() == [255, 226, 179, 150, 105, 76, 29, 0]
    assert (bars == np.repeat(bars[:1, ::4], 4, axis=1)).all()
    checker = colour[32:, 32:, 0]
    for row in range(32):
        for column in range(32):
            assert checker[row, column] == (255 if (row // 4 + column // 4) % 2 == 0 else 0)


@given(st.integers(1, 40))
def test_the_test_pattern_is_drawn_at_every_size(size):
    assert picture("pattern", size=size, channels=3).shape == (size, size, 3)


@pytest.mark.parametrize(
    ("wrong", "nearest"),
    [("flowr", "flower"), ("Cat", "cat"), ("digit 3", "digit_3"), ("brick", "bricks")],
)
def test_an_unknown_picture_names_the_nearest(wrong, nearest):
    with pytest.raises(PictureError) as caught:
        picture(wrong, size=8, channels=1)
    assert str(caught.value) == f"There is no picture “{wrong}”. Did you mean “{nearest}”?"


def test_an_unknown_picture_is_named_on_one_line():
    with pytest.raises(PictureError, match="There is no picture “a b”"):
        entry("a\nb")


@pytest.mark.parametrize("wrong", ["", "?", "zzzzzzzzzzz"])
def test_a_picture_like_no_other_is_refused_as_well(wrong):
    with pytest.raises(PictureError, match=re.escape(f"There is no picture “{wrong}”")):
        entry(wrong)


@pytest.mark.parametrize("name", ["flower", "pattern", "blank"])
@pytest.mark.parametrize("size", [0, -1, 1025, 10**9])
def test_a_size_that_cannot_be_is_refused_before_anything_is_drawn(name, size):
    with pytest.raises(PictureError, match="Choose a size from 1 to 1024"):
        picture(name, size=size, channels=1)


def test_every_picture_is_credited_as_the_licences_say():
    licences = resources.path("LICENSES.md").read_text(encoding="utf-8")
    for found in PICTURES:
        if found.kind is not Kind.PATTERN:
            author, licence = found.credit.rsplit(", ", 1)
            assert author.split(",")[0] in licences
            assert licence in licences
    for file in resources.path("pictures").iterdir():
        assert f"`{file.name}`" in licences


def test_pillow_and_qt_stay_unloaded_until_a_picture_is_wanted():
    script = (
        "import sys\n"
        "from simulator.data.pictures import picture\n"
        "picture('pattern', size=64, channels=3), picture('digit_4', size=16, channels=1)\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('PIL', 'PySide6')])\n"
    )
    root = Path(__file__).parents[2]
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "[]\n"
