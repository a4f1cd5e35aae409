import pytest

from simulator.lessons.channels import channel_title, channel_word


@pytest.mark.parametrize(
    ("index", "depth", "title", "word"),
    [
        (0, 1, "Channel 1", "grey"),
        (0, 3, "Red", "red"),
        (1, 3, "Green", "green"),
        (2, 3, "Blue", "blue"),
        (0, 2, "Channel 1", "channel 1"),
        (7, 8, "Channel 8", "channel 8"),
    ],
)
def test_channels_have_names(index, depth, title, word):
    assert str(channel_title(index, depth)) == title
    assert str(channel_word(index, depth)) == word


@pytest.mark.parametrize("depth", [1, 3])
def test_maps_that_a_layer_made_have_no_colours(depth):
    assert str(channel_title(0, depth, picture=False)) == "Channel 1"
    assert str(channel_word(0, depth, picture=False)) == "channel 1"
