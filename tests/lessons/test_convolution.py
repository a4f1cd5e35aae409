import numpy as np
import pytest
from hypothesis import given

from simulator.engine.geometry import GeometryError
from simulator.lessons.catalogue import lesson as find
from simulator.lessons.convolution import noticed, presets, weights_name
from simulator.traces.region import Region
from tests.engine import naive
from tests.lessons.opened import BACKEND, convolution_settings, randomly, state_of

LESSON = find("convolution")


def values(trace, name):
    return trace.read(Region.whole(name, trace.arrays[name].shape))


def output_of(kernel, **settings):
    """The map of a kernel that was typed, over a picture that keeps its size."""
    state = state_of("convolution", padding="same", **settings)
    cells = {(*index, 0, 0): value for index, value in np.ndenumerate(np.array(kernel, float))}
    trace = LESSON.trace(state.with_cells("kernel", cells), BACKEND)
    return values(trace, "input")[..., 0], values(trace, "output")[..., 0]


@given(convolution_settings)
@randomly
def test_the_output_is_that_of_a_naive_loop(settings):
    state = state_of("convolution", **settings)
    try:
        trace = LESSON.trace(state, BACKEND)
    except GeometryError:
        return
    x, kernel, bias = (values(trace, name) for name in ("input", "kernel", "bias"))
    assert x.shape == (settings["size"], settings["size"], int(settings["channels"]))
    assert kernel.shape[3] == len(bias) == settings["filters"]
    assert set(bias.tolist()) == {settings["bias"]}
    expected = naive.convolution2d(x[None], kernel, bias, trace.geometry)[0]
    np.testing.assert_allclose(values(trace, "output"), expected, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize(
    ("settings", "parameter", "told"),
    [
        (
            {"size": 5, "kernel_size": 7},
            "kernel_size",
            "A 7 × 7 kernel does not fit the 5 × 5 input: choose a size of 5 or less, or a padding "
            "of at least 1.",
        ),
        (
            {"size": 10, "dilation": 8},
            "kernel_size",
            "A 3 × 3 kernel with dilation 8 spans 17 × 17 cells and does not fit the 10 × 10 "
            "input: choose a size of 2 or less, a dilation of 4 or less, or a padding of at least "
            "4.",
        ),
    ],
)
def test_a_kernel_that_does_not_fit_says_what_would(settings, parameter, told):
    with pytest.raises(GeometryError) as refused:
        LESSON.trace(state_of("convolution", **settings), BACKEND)
    assert str(refused.value) == told
    assert refused.value.parameter == parameter


@pytest.mark.parametrize(
    ("settings", "output"),
    [
        ({"size": 1, "kernel_size": 1}, (1, 1)),
        ({"size": 1, "padding": "same"}, (1, 1)),
        ({"size": 4, "kernel_size": 4}, (1, 1)),
        ({"size": 7, "kernel_size": 2, "stride": 5}, (2, 2)),
        ({"size": 3, "kernel_size": 2, "padding": 5}, (12, 12)),
        ({"size": 16, "kernel_size": 15, "dilation": 8, "padding": "same"}, (16, 16)),
        ({"size": 224, "channels": "3", "filters": 32, "stride": 2}, (111, 111)),
    ],
)
def test_every_size_that_can_be_set_has_its_map(settings, output):
    trace = LESSON.trace(state_of("convolution", **settings), BACKEND)
    assert trace.geometry.output_size == output
    assert np.isfinite(values(trace, "output")).all()


def test_each_filter_has_a_preset():
    settings = state_of("convolution", filters=3, preset=("blur",)).settings
    assert presets(settings) == ("blur", "sharpen", "emboss")
    assert presets({**settings, "filters": 1, "preset": ("emboss", "blur")}) == ("emboss",)


def test_a_kernel_is_called_by_its_preset_until_it_is_edited():
    state = state_of("convolution", filters=2)
    assert [str(weights_name(state, index)) for index in range(2)] == ["Sobel x", "Sobel y"]
    edited = state.with_cells("kernel", {(1, 1, 0, 1): 4.0})
    assert [str(weights_name(edited, index)) for index in range(2)] == ["Sobel x", "edited"]
    assert [noticed(edited, index) for index in range(2)] == ["sobel_x", ""]


def test_the_seed_has_a_meaning_while_a_filter_is_random():
    seed = LESSON.control("seed")
    assert not seed.shown(state_of("convolution", preset=("blur", "random")).settings)
    assert seed.shown(state_of("convolution", preset=("blur", "random"), filters=2).settings)


# What the words beside the stage claim


def test_identity_is_the_picture_and_moves_it():
    for shape, shifted in (
        ([[0, 0, 0], [0, 1, 0], [0, 0, 0]], 0),
        ([[0] * 3, [0, 0, 1], [0] * 3], 1),
    ):
        x, y = output_of(shape)
        np.testing.assert_array_equal(y[:, : 6 - shifted], x[:, shifted:])


@pytest.mark.parametrize(("preset", "turn"), [("sobel_x", 0), ("sobel_y", 1)])
def test_sobel_is_positive_from_dark_to_bright(preset, turn):
    state = state_of("convolution", picture="blank", preset=(preset,))
    bright = {
        ((row, column, 0) if not turn else (column, row, 0)): 100.0
        for row in range(6)
        for column in (2, 3)
    }
    y = values(LESSON.trace(state.with_cells("input", bright), BACKEND), "output")[..., 0]
    across = y[1] if not turn else y[:, 1]
    np.testing.assert_array_equal(across, [400, 400, -400, -400])
    np.testing.assert_array_equal(
        values(
            LESSON.trace(state_of("convolution", picture="blank", preset=(preset,)), BACKEND),
            "output",
        ),
        0,
    )


def test_laplacian_is_negative_on_a_bright_cell():
    state = state_of("convolution", picture="blank", preset=("laplacian",))
    y = values(LESSON.trace(state.with_cells("input", {(2, 2, 0): 10.0}), BACKEND), "output")
    assert y[1, 1, 0] == -80
    assert y[0, 0, 0] == 10


def test_emboss_brightens_what_rises_to_the_lower_right():
    rising = {(row, column, 0): 5.0 * (row + column) for row in range(6) for column in range(6)}
    state = state_of("convolution", picture="blank", preset=("emboss",))
    trace = LESSON.trace(state.with_cells("input", rising), BACKEND)
    assert (values(trace, "output")[..., 0] > values(trace, "input")[1:-1, 1:-1, 0]).all()


@pytest.mark.parametrize("preset", ["blur", "sharpen", "emboss"])
def test_even_areas_keep_their_value(preset):
    even = {(row, column, 0): 90.0 for row in range(6) for column in range(6)}
    state = state_of("convolution", picture="blank", preset=(preset,))
    y = values(LESSON.trace(state.with_cells("input", even), BACKEND), "output")
    np.testing.assert_allclose(y, 90, rtol=1e-6)
