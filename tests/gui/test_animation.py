import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from simulator.gui.animation import EXACT_COLOURS, PALETTE, shot_count, shots, with_one_palette
from simulator.traces.timeline import GLIDE_SECONDS, SECONDS_PER_STEP, Timeline

RATES = range(5, 51)


@pytest.mark.parametrize("rate", RATES)
def test_every_rate_shows_each_step_as_long_as_the_window(rate):
    planned = shots(Timeline(10), range(3, 7), rate)
    assert len(planned) == shot_count(4, rate)
    assert all(shot.milliseconds % 10 == 0 and shot.milliseconds >= 20 for shot in planned)
    begins = np.cumsum([0, *(shot.milliseconds for shot in planned)])
    assert begins[-1] == round(1000 * SECONDS_PER_STEP * (3 + 2))
    rests = [at for at, shot in enumerate(planned) if shot.moment.blend == 1]
    assert [planned[at].moment.step for at in rests] == [3, 4, 5, 6]
    for number, at in enumerate(rests[1:], start=1):
        glided = begins[at] / 1000 - number * SECONDS_PER_STEP
        assert GLIDE_SECONDS - 0.01 <= glided < GLIDE_SECONDS + 1 / rate + 0.01


def test_a_glide_comes_closer_from_frame_to_frame():
    blends = [shot.moment.blend for shot in shots(Timeline(2), range(2), 50)]
    assert blends[0] == blends[-1] == 1
    assert blends[1:] == sorted(set(blends[1:]))
    assert len(blends) == 10


def test_one_step_is_one_frame():
    (shot,) = shots(Timeline(5), range(2, 3), 25)
    assert (shot.moment.step, shot.moment.blend, shot.milliseconds) == (2, 1, 1600)
    assert shot_count(1, 25) == 1


def image_of(colours: np.ndarray) -> Image.Image:
    return Image.fromarray(colours.astype(np.uint8))


@given(st.integers(0, 2**32 - 1), st.integers(1, PALETTE))
def test_as_many_colours_as_fit_are_all_exact(seed, count):
    rng = np.random.default_rng(seed)
    colours = rng.integers(0, 256, (count, 3))
    frames = [image_of(colours[rng.integers(0, count, (9, 7))]) for _ in range(3)]
    for frame, indexed in zip(frames, with_one_palette(frames), strict=True):
        assert indexed.mode == "P"
        assert np.array_equal(np.asarray(indexed.convert("RGB")), np.asarray(frame))


def test_of_too_many_colours_the_commonest_are_exact_and_the_others_near():
    rng = np.random.default_rng(1)
    flat = rng.integers(0, 256, (EXACT_COLOURS - 10, 3))
    rare = np.stack([rng.integers(0, 64, 3000), rng.integers(100, 164, 3000), np.zeros(3000)], 1)
    pixels = np.concatenate([np.repeat(flat, 60, axis=0), rare])[: 110 * 100]
    frame = image_of(pixels.reshape(110, 100, 3))
    (indexed,) = with_one_palette([frame])
    got, wanted = np.asarray(indexed.convert("RGB")).astype(int), np.asarray(frame).astype(int)
    off = np.abs(got - wanted).max(axis=2).ravel()
    assert off[: 60 * len(flat)].max() == 0
    assert 0 < off.max() <= 16


def test_every_pixel_gets_the_nearest_colour_of_the_palette():
    rng = np.random.default_rng(2)
    frames = [image_of(rng.integers(0, 256, (40, 50, 3))) for _ in range(2)]
    for frame, indexed in zip(frames, with_one_palette(frames), strict=True):
        palette = np.array(indexed.getpalette()).reshape(-1, 3)
        assert len(palette) <= PALETTE
        pixels = np.asarray(frame).reshape(-1, 1, 3).astype(int)
        distances = ((pixels - palette) ** 2).sum(axis=2)
        taken = np.asarray(indexed).ravel()
        assert np.array_equal(distances[np.arange(len(taken)), taken], distances.min(axis=1))
