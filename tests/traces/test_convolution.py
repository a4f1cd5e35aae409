"""Convolution traces with numbers worked out by hand."""

import gc
import weakref

import numpy as np
import pytest

from simulator.engine.geometry import GeometryError, WindowGeometry
from simulator.traces.convolution import ConvolutionTrace
from simulator.traces.formula import TermState, Tone
from simulator.traces.model import Role
from simulator.traces.region import Region
from simulator.traces.timeline import Timeline
from tests.traces import invariants
from tests.traces.told import plain_text

SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32)
PICTURE = np.array(
    [[10, 10, 50, 50], [10, 10, 50, 50], [10, 20, 50, 60], [10, 20, 50, 70]], np.float32
)


def convolve(x, kernel, *, bias=0.0, backend, **options):
    """The trace of one channel and one filter."""
    x, kernel = np.asarray(x, np.float32), np.asarray(kernel, np.float32)
    geometry = WindowGeometry.convolution(x.shape, kernel_size=kernel.shape, **options)
    return ConvolutionTrace(
        x[:, :, None],
        kernel[:, :, None, None],
        np.array([bias], np.float32),
        geometry=geometry,
        backend=backend,
    )


@pytest.fixture
def sobel(backend):
    return convolve(PICTURE, SOBEL, bias=3, backend=backend)


def running(trace, row, column):
    region = trace.terms("running_sum", range(1), range(row, row + 1), range(column, column + 1))
    return trace.read(region).ravel().tolist()


def test_the_running_sums_of_a_sobel_filter(sobel):
    assert sobel.arrays["output"].values[..., 0].tolist() == [[163, 163], [163, 173]]
    assert running(sobel, 0, 0) == [-7, -7, 43, 23, 23, 123, 113, 113, 163]
    assert running(sobel, 1, 1) == [-7, -7, 43, 3, 3, 123, 103, 103, 173]
    invariants.check(sobel, np.array([[[163.0], [163.0]], [[163.0], [173.0]]]))


def test_a_product_is_told_in_full(sobel):
    told = sobel.explain(5)
    assert plain_text(told.headline) == "50 × 2 = 100"
    assert [piece.tone for piece in told.headline[:3]] == [Tone.READS, Tone.PLAIN, Tone.WEIGHTS]
    assert str(told.sentence) == "Product 6 of 9 for output cell (0, 0). The sum so far is 123."
    assert str(told.caption) == "6 of 9 terms, b = 3"
    assert (told.relation, told.result.text) == ("=", "123")
    assert [plain_text(term.pieces) for term in told.terms] == [
        "10·(−1)",
        "10·0",
        "50·1",
        "10·(−2)",
        "10·0",
        "50·2",
        "10·(−1)",
        "20·0",
        "50·1",
    ]
    assert [term.state for term in told.terms].count(TermState.DONE) == 5
    assert plain_text(told.where) == "r = 0 c = 0 i = 1 j = 2"
    assert (told.progress, str(told.progress_caption)) == ((6, 9), "product 6 of 9")
    assert (told.columns, told.separator, told.elided) == (3, "+", (0, 0))
    step = sobel.step(5)
    assert str(step.title) == "Product 6 of 9 for output cell (0, 0)"
    assert step.reads[:2] == (Region.cell("input", 1, 2, 0), Region.cell("kernel", 1, 2, 0, 0))


def test_the_last_product_tells_the_sum(sobel):
    told = sobel.explain(35)
    assert plain_text(told.headline) == "70 × 1 = 70"
    assert str(told.sentence) == "Product 9 of 9 for output cell (1, 1). The sum is 173."
    assert told.result.text == "173"
    assert [write.target.array for write in sobel.step(35).writes] == [
        "products",
        "running_sum",
        "channel_maps",
        "output",
    ]


def test_a_cell_a_map_and_the_layer_are_told(sobel):
    cell = sobel.at("cell").explain(3)
    assert plain_text(cell.headline) == "170 + 3 = 173"
    assert str(cell.sentence) == (
        "The products of output cell (1, 1) add up to 170, and the bias is 3."
    )
    assert (cell.progress, str(cell.progress_caption)) == ((2, 2), "cell 2 of 2 in row 1")
    assert str(sobel.at("cell").step(3).title) == "All 9 products for output cell (1, 1)"
    mapped = sobel.at("map").explain(0)
    assert plain_text(mapped.headline) == "4 × 4 → 2 × 2"
    assert str(mapped.sentence) == "Feature map 1 of 1: 4 output cells with 9 terms each."
    layer = sobel.at("layer").explain(0)
    assert plain_text(layer.headline) == "4 × 4 × 1 → 2 × 2 × 1"
    assert str(layer.sentence) == "The whole layer: 4 output cells from 36 terms."


def test_rounded_figures_are_called_so(backend):
    trace = convolve([[1 / 3, 2 / 3]], [[1 / 3, 2]], bias=0.1, backend=backend)
    first, last = trace.explain(0), trace.explain(1)
    assert plain_text(first.headline) == "0.3333 × 0.3333 ≈ 0.1111"
    assert str(first.sentence).endswith("The sum so far is about 0.2111.")
    assert (first.relation, first.result.text) == ("≈", "0.2111")
    assert plain_text(last.headline) == "0.6667 × 2 ≈ 1.333"
    assert str(last.caption) == "2 of 2 terms, b = 0.1"
    assert plain_text(trace.at("cell").explain(0).headline) == "1.444 + 0.1 = 1.544"
    third = convolve([[1]], [[1]], bias=1 / 3, backend=backend)
    assert str(third.explain(0).caption) == "1 of 1 terms, b ≈ 0.3333"


def test_filters_are_named_where_there_are_several(backend):
    geometry = WindowGeometry.convolution((2, 3), kernel_size=2)
    rng = np.random.default_rng(0)
    trace = ConvolutionTrace(
        rng.integers(0, 9, (2, 3, 2)).astype(np.float32),
        rng.integers(-2, 3, (2, 2, 2, 3)).astype(np.float32),
        np.zeros(3, np.float32),
        geometry=geometry,
        backend=backend,
    )
    index = trace.finest_of((2, 0, 1, 1, 0, 1))
    assert str(trace.step(index).title) == "Product 6 of 8 for output cell (0, 1) of filter 3"
    assert plain_text(trace.explain(index).where) == "r = 0 c = 1 f = 2 d = 1 i = 0 j = 1"
    assert str(trace.at("map").step(2).title) == "Feature map 3 of 3"
    # The first channel's map of a cell is there once its last product is.
    done = trace.finest_of((2, 0, 1, 0, 1, 1))
    cell = Region.cell("channel_maps", 0, 1, 2, 0)
    assert not trace.written(cell, done - 1).any()
    assert trace.written(cell, done).all()


def test_dilation_reads_with_gaps(backend):
    x = np.arange(49).reshape(7, 7)
    trace = convolve(x, SOBEL, dilation=(2, 3), backend=backend)
    assert trace.geometry.output_size == (3, 1)
    place = trace.place(trace.finest_of((0, 1, 0, 0, 2, 1)))
    assert trace.input_cell(place, 0) == Region.cell("input", 5, 3, 0)
    assert trace.window(1, 0, range(1)).axes[:2] == (range(1, 6, 2), range(0, 7, 3))
    assert trace.sources("output", (1, 0, 0))[0] == trace.window(1, 0, range(1))
    assert trace.dependants("input", (5, 3, 0)) == (Region("output", ((1,), (0,), range(1))),)
    assert not trace.dependants("input", (5, 1, 0))[0].size
    assert r"x_{r+2i,c+3j}" in trace.symbols


def test_same_padding_puts_the_odd_cell_last(backend):
    trace = convolve(PICTURE, np.ones((2, 2)), padding="same", backend=backend)
    assert trace.geometry.padding == ((0, 1), (0, 1))
    assert trace.arrays["output"].values[3, 3, 0] == 70
    corner = trace.window(3, 3, range(1))
    assert trace.arrays["input"].outside(corner)[..., 0].tolist() == [[False, True], [True, True]]
    assert trace.read(corner)[..., 0].tolist() == [[70, 0], [0, 0]]
    told = trace.explain(len(trace) - 1)
    assert plain_text(told.headline) == "0 × 1 = 0"
    assert str(trace.size_fact().remark) == (
        "2P counts both sides: 0 above and 1 below. "
        "This is what “same” adds: the output is as large as the input."
    )


def test_one_cell_by_one_weight(backend):
    trace = convolve([[4]], [[-3]], bias=1, backend=backend)
    assert [len(trace.at(level)) for level in trace.levels] == [1, 1, 1, 1]
    assert plain_text(trace.explain(0).headline) == "4 × (−3) = −12"
    assert str(trace.at("cell").step(0).title) == "Product 1 of 1 for output cell (0, 0)"
    assert str(trace.at("cell").explain(0).sentence) == (
        "The product of output cell (0, 0) is −12, and the bias is 1."
    )
    assert str(trace.at("map").explain(0).sentence) == (
        "Feature map 1 of 1. Output cells: 1. Terms in each: 1."
    )
    invariants.check(trace, np.array([[[-11.0]]]))


@pytest.mark.parametrize(
    ("size", "kernel", "options", "output"),
    [
        ((3, 4), (3, 4), {}, (1, 1)),  # a kernel as large as the image
        ((7, 7), (2, 2), {"stride": 3}, (2, 2)),  # a stride beyond the kernel: cells are skipped
        ((2, 2), (1, 2), {"padding": 3}, (8, 7)),  # padding beyond the kernel
        ((1, 5), (3, 1), {"padding": ((2, 1), (0, 2)), "stride": (1, 4)}, (2, 2)),
    ],
)
def test_odd_shapes(backend, size, kernel, options, output):
    rng = np.random.default_rng(1)
    x = rng.integers(-5, 6, size).astype(np.float32)
    weights = rng.integers(-5, 6, kernel).astype(np.float32)
    trace = convolve(x, weights, bias=2, backend=backend, **options)
    assert trace.geometry.output_size == output
    expected = np.empty((*output, 1))
    for row, column in np.ndindex(output):
        window = trace.read(trace.window(row, column, range(1)))[..., 0]
        expected[row, column, 0] = (window * weights).sum() + 2
    invariants.check(trace, expected)


def test_a_cell_that_no_window_reads_has_no_dependants(backend):
    trace = convolve(np.ones((7, 7)), np.ones((2, 2)), stride=3, backend=backend)
    assert trace.dependants("input", (2, 2, 0))[0].size == 0
    assert list(trace.dependants("input", (3, 4, 0))[0].cells()) == [(1, 1, 0)]


def test_many_terms_are_told_in_part(backend):
    trace = convolve(np.ones((6, 12)), np.ones((5, 11)), backend=backend)
    assert trace.terms_per_cell == 55
    for index in range(55):
        told = trace.explain(index)
        assert len(told.terms) <= 27
        assert told.columns == 9
        assert told.elided[0] % 9 == 0
        assert told.terms[index - told.elided[0]].state is TermState.CURRENT
    assert trace.at("cell").explain(0).elided == (0, 28)


def test_a_kernel_one_cell_wide_and_many_channels_deep_is_told_in_rows_of_three(backend):
    trace = ConvolutionTrace(
        np.ones((1, 1, 32), np.float32),
        np.ones((1, 1, 32, 1), np.float32),
        np.zeros(1, np.float32),
        geometry=WindowGeometry.convolution((1, 1), kernel_size=1),
        backend=backend,
    )
    told = trace.explain(30)
    assert told.columns == 3
    assert len(told.terms) == 26
    assert told.elided == (6, 0)


def test_levels_change_without_losing_the_place(sobel):
    cells = sobel.at("cell")
    timeline = Timeline(len(sobel))
    timeline.seek(20)
    timeline.resize(len(cells), cells.containing(sobel.last_finest(timeline.step)))
    assert timeline.step == 2
    timeline.resize(len(sobel), sobel.containing(cells.last_finest(timeline.step)))
    assert timeline.step == 26  # the last product of that cell: what was there still is
    assert sobel.step_computing((1, 0, 0)) == 26
    assert cells.step_computing((1, 0, 0)) == 2
    assert cells.arrays is sobel.arrays


def test_the_middle_stands_for_a_whole_map(sobel):
    place = sobel.at("map").focus(0)
    assert (place.row, place.column, place.number) == (1, 1, 8)


def test_there_is_no_step_beyond_the_last(sobel):
    for index in (-1, 36):
        with pytest.raises(IndexError, match=f"step {index} of a trace with 36 steps"):
            sobel.step(index)


def test_reading_outside_an_array_without_padding_is_refused(sobel):
    with pytest.raises(IndexError, match="reaches outside output"):
        sobel.read(Region.cell("output", 2, 0, 0))
    assert sobel.arrays["input"].read(Region.cell("input", -1, 9, 0)).item() == 0


def test_shapes_that_do_not_go_together_are_refused(backend):
    with pytest.raises(GeometryError) as caught:
        ConvolutionTrace(
            np.ones((4, 4, 2), np.float32),
            np.ones((3, 3, 3, 1), np.float32),
            np.zeros(1, np.float32),
            geometry=WindowGeometry.convolution((4, 4), kernel_size=3),
            backend=backend,
        )
    assert caught.value.parameter == "channels"


def test_roles_give_every_array_its_colour(sobel):
    roles = {name: array.role for name, array in sobel.arrays.items()}
    assert roles["input"] is Role.READS
    assert roles["kernel"] is roles["bias"] is Role.WEIGHTS
    assert roles["products"] is roles["running_sum"] is roles["output"] is Role.WRITES


def test_a_trace_let_go_frees_its_arrays_at_once(backend):
    """A learner who drags a slider makes thirty traces a second: none may wait for a collection."""
    trace = convolve(PICTURE, SOBEL, backend=backend)
    trace.at("cell").explain(2)
    output = weakref.ref(trace.arrays["output"].values)
    gc.disable()
    try:
        del trace
        assert output() is None
    finally:
        gc.enable()
