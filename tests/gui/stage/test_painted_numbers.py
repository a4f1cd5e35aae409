"""The numbers painted in the cells are the engine's, at every step and level."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

from simulator.engine.backends.base import Backend
from simulator.engine.geometry import WindowGeometry
from simulator.gui.lesson_page import LessonPage
from simulator.gui.stage import numbers_painter
from simulator.gui.stage.stage import Stage
from simulator.lessons.controls import Settings, Value
from simulator.lessons.frame import Grid
from tests.gui.stage.conftest import Painted

Open = Callable[..., LessonPage]
Array = NDArray[np.float32]


def _agrees(text: str, value: float) -> bool:
    """Whether a text is a value, rounded to as many digits as it has."""
    plain = text.replace("\N{MINUS SIGN}", "-")
    mantissa, _, exponent = plain.partition("e")
    digits = len(mantissa.partition(".")[2]) - int(exponent or 0)
    return abs(float(plain) - value) <= 0.5000001 * 10.0**-digits


def _cells(stage: Stage, grid: Grid) -> dict[tuple[int, int], QRectF]:
    """The whole cells of a grid that are on view."""
    area = stage.grid_rect(grid.key)
    assert area is not None
    found = {}
    for row in range(grid.rows):
        for column in range(grid.columns):
            rect = stage.cell_rect(grid.key, row, column)
            assert rect is not None
            if area.adjusted(-0.5, -0.5, 0.5, 0.5).contains(rect):
                found[row, column] = rect
    return found


def _check(stage: Stage, painted: Painted, grid: Grid, values: Array, written: Array) -> int:
    """Compare every cell of a grid on view; return how many numbers there were.

    In cells too small for the longest number of a grid none is painted, but for the one of the
    cell under way, which is in type of its own size.
    """
    count = 0
    cells = _cells(stage, grid)
    side = min(min(rect.width(), rect.height()) for rect in cells.values())
    readable = numbers_painter.fitting_size(grid.plane.longest, side) is not None
    for (row, column), rect in cells.items():
        text = painted.text_in(rect)
        if text is None:
            assert not (readable and written[row, column]), f"{grid.key} ({row}, {column}) is empty"
        elif written[row, column]:
            assert _agrees(text, float(values[row, column])), (grid.key, row, column, text)
            count += 1
        else:
            assert "×" in text, f"{grid.key} ({row}, {column}) shows {text} too early"
    return count


def _whole(settings: Settings, name: str) -> int:
    value = settings[name]
    assert isinstance(value, int)
    return value


SETTINGS: list[dict[str, Value]] = [
    {"size": 7},
    {"size": 7, "range": "1", "preset": ("sharpen",)},
    {"size": 6, "kernel_size": 2, "stride": 2, "bias": -3.25, "preset": ("blur",)},
    {"size": 6, "padding": "same", "preset": ("random",), "range": "1"},
    {"size": 7, "dilation": 2, "padding": 1},
    {"size": 6, "channels": "3", "filters": 2, "preset": ("emboss", "random")},
    {"size": 40, "padding": 2},
]


@pytest.mark.parametrize("settings", SETTINGS, ids="-".join)
@pytest.mark.parametrize("level", ["product", "cell", "map", "layer"])
def test_convolution(
    open_page: Open, painted: Painted, settings: dict[str, Value], level: str
) -> None:
    page = open_page("convolution", **settings)
    document = page.document
    arrays = document.lesson.arrays(document.state)
    x, kernel, bias = arrays["input"], arrays["kernel"], arrays["bias"]
    state = document.state.settings
    padding = state["padding"]
    assert isinstance(padding, int | str)
    geometry = WindowGeometry.convolution(
        (x.shape[0], x.shape[1]),
        kernel_size=_whole(state, "kernel_size"),
        stride=_whole(state, "stride"),
        dilation=_whole(state, "dilation"),
        padding=padding,
    )
    output = Backend().convolution2d(x[None], kernel, bias, geometry=geometry)[0]
    padded = np.pad(x, (*geometry.padding, (0, 0)))
    document.set_level(level)
    size, stride, dilation = kernel.shape[0], geometry.stride[0], geometry.dilation[0]
    rows, columns = geometry.output_size
    rng = np.random.default_rng(5)
    length = document.timeline.length
    numbers = 0
    for step in {0, length - 1, *rng.integers(0, length, 3).tolist()}:
        document.seek(int(step))
        painted.look(page.stage)
        frame = page.stage.frame()
        place = document.session.place
        d = place.channel
        whole = np.ones(x.shape[:2], bool)
        numbers += _check(page.stage, painted, frame.input, x[:, :, d], whole)
        assert frame.weights is not None
        weights = kernel[:, :, d, place.map]
        numbers += _check(page.stage, painted, frame.weights, weights, np.ones_like(weights))
        r, c = place.row * stride, place.column * stride
        window = padded[
            r : r + dilation * (size - 1) + 1 : dilation,
            c : c + dilation * (size - 1) + 1 : dilation,
            d,
        ]
        done = place.number + 1 if level == "product" else size * size * x.shape[2]
        order = np.arange(size * size).reshape(size, size) + d * size * size
        terms = window * weights
        numbers += _check(page.stage, painted, frame.terms, terms, order < done)
        # The output: a cell under way shows its sum so far.
        expected = output[:, :, place.map].copy()
        number = np.arange(rows * columns).reshape(rows, columns) + place.map * rows * columns
        cell = number[place.row, place.column]
        written = number <= (cell if level in ("product", "cell") else number.max())
        if level == "product":
            products = [
                padded[
                    r + i * dilation : r + i * dilation + 1,
                    c + j * dilation : c + j * dilation + 1,
                    channel,
                ].item()
                * kernel[i, j, channel, place.map].item()
                for channel in range(x.shape[2])
                for i in range(size)
                for j in range(size)
            ]
            finished = place.number + 1 == len(products)
            so_far = float(sum(products[: place.number + 1])) + float(bias[place.map])
            if not finished:
                expected[place.row, place.column] = so_far
        numbers += _check(page.stage, painted, frame.output, expected, written)
    assert numbers > 3


def _pooled(kind: str, x: Array, geometry: WindowGeometry) -> Array:
    backend = Backend()
    if kind == "max":
        return backend.max_pooling2d(x[None], geometry=geometry)[0][0]
    if kind == "average":
        return backend.average_pooling2d(x[None], geometry=geometry)[0]
    if kind == "lp":
        return backend.lp_pooling2d(x[None], order=2.0, geometry=geometry)[0]
    return backend.stochastic_pooling2d_expected(x[None], geometry=geometry)[0]


@pytest.mark.parametrize("kind", ["max", "average", "lp", "stochastic_inference"])
@pytest.mark.parametrize("channels", ["1", "3"])
@pytest.mark.parametrize("level", ["product", "cell"])
def test_pooling(open_page: Open, painted: Painted, kind: str, channels: str, level: str) -> None:
    page = open_page("pooling", size=7, kind=kind, channels=channels, window=3, stride=2, padding=1)
    document = page.document
    document.set_level(level)
    x = document.lesson.arrays(document.state)["input"]
    geometry = WindowGeometry.pooling(x.shape[:2], window=3, stride=2, padding=1)
    output = _pooled(kind, x, geometry)
    rows, columns = geometry.output_size
    length = document.timeline.length
    steps_of_cell = length // (rows * columns * x.shape[2])
    numbers = 0
    for step in (0, length // 2, length - 1):
        last = (step // steps_of_cell + 1) * steps_of_cell - 1
        document.seek(last)
        painted.look(page.stage)
        frame = page.stage.frame()
        place = document.session.place
        channel = place.map
        whole = np.ones(x.shape[:2], bool)
        numbers += _check(page.stage, painted, frame.input, x[:, :, channel], whole)
        number = np.arange(rows * columns).reshape(rows, columns)
        written = number <= number[place.row, place.column]
        numbers += _check(page.stage, painted, frame.output, output[:, :, channel], written)
    assert numbers > 3


def test_what_is_compared_can_differ() -> None:
    assert _agrees("\N{MINUS SIGN}12.3", -12.34)
    assert not _agrees("\N{MINUS SIGN}12.3", 12.34)
    assert not _agrees("12.3", 12.36)
    assert _agrees("1.2e7", 12_340_000)
    assert not _agrees("1.2e7", 12_960_000)
