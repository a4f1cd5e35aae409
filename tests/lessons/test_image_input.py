import numpy as np
import pytest

from simulator.data import pictures
from simulator.data.pictures import LoadedPicture
from simulator.lessons.image_input import PICTURE, image_array, picture_title, white
from simulator.lessons.lesson import OWN_PICTURE, LessonState
from tests.lessons.opened import state_of


def own(title="mine.png", side=20):
    rng = np.random.default_rng(3)
    return LoadedPicture(rng.integers(0, 256, (side, side + 6, 3), dtype=np.uint8), title, ())


def with_own(loaded, **settings):
    return LessonState(
        state_of("convolution", picture=OWN_PICTURE, **settings).settings, {}, loaded
    )


@pytest.mark.parametrize("picture", [entry.id for entry in pictures.PICTURES])
@pytest.mark.parametrize("channels", ["1", "3"])
def test_the_input_is_the_picture(picture, channels):
    state = state_of("convolution", picture=picture, size=9, channels=channels)
    values = image_array(state)
    expected = pictures.picture(picture, size=9, channels=int(channels))
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values, expected)
    assert values.max() <= white(state.settings)


@pytest.mark.parametrize("picture", ["flower", "digit_0", "blank", "impulse"])
def test_from_0_to_1_white_is_1(picture):
    whole = state_of("convolution", picture=picture)
    parts = state_of("convolution", picture=picture, range="1")
    np.testing.assert_allclose(
        image_array(parts) * white(whole.settings), image_array(whole), rtol=1e-6
    )
    assert image_array(parts).dtype == np.float32
    assert white(parts.settings) == 1


def test_the_white_of_the_impulse_is_its_1():
    assert white(state_of("convolution", picture="impulse").settings) == 1
    assert white(state_of("convolution", picture="blank").settings) == 255


@pytest.mark.parametrize("size", [1, 7, 224])
@pytest.mark.parametrize("channels", ["1", "3"])
def test_an_own_picture_is_fitted(size, channels):
    loaded = own()
    state = with_own(loaded, size=size, channels=channels)
    np.testing.assert_array_equal(
        image_array(state), pictures.fit(loaded, size=size, channels=int(channels))
    )
    parts = with_own(loaded, size=size, channels=channels, range="1")
    np.testing.assert_allclose(image_array(parts), image_array(state) / 255, rtol=1e-6)
    assert white(state.settings) == 255


def test_before_there_is_an_own_picture_there_is_a_blank_to_draw_on():
    state = state_of("convolution", picture=OWN_PICTURE)
    assert not image_array(state).any()
    assert str(picture_title(state)) == "Your drawing"
    assert white(state.settings) == 255


def test_pictures_have_titles():
    assert str(picture_title(state_of("convolution", picture="cat"))) == "Cat"
    # A file may be called anything, a template's field too.
    for title in ("mine.png", "{row}.png", "a{}b{0}.png", "}{"):
        assert str(picture_title(with_own(own(title)))) == title


def test_options_say_what_kind_of_picture_they_are():
    labels = [option.label for option in PICTURE.offered()]
    assert labels[0] == "Photograph: Flower"
    assert "Texture: Bricks" in labels
    assert "Digit 3" in labels
    assert len(set(labels)) == len(labels) == len(pictures.PICTURES) + 1
