"""What is on view of a training: gradients of layers and weights, and a curve of every metric."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from simulator.formats.presets import PRESETS, Preset
from simulator.gui import theme
from simulator.gui.lab.chart_grid import ChartGrid
from simulator.gui.lab.heat_views import MapsView
from simulator.gui.lab.layer_views import HistogramsView
from simulator.lab import Target
from simulator.lab.presenting import networks
from simulator.lab.presenting.pictures import Drawn, Histogram
from simulator.lessons.frame import ScaleKind
from tests.gui.conftest import settle
from tests.gui.lab.conftest import SMALL, Lab

Open = Callable[..., Lab]
Place = Callable[..., QWidget]


def test_layers_show_the_gradients_by_their_outputs_when_that_is_chosen(
    open_lab: Open, colours: Callable[[QWidget], set[str]]
) -> None:
    lab = open_lab()
    lab.train(2)
    views = lab.page.views
    assert not any(layer.gradient for layer in views.network.layers())
    views.values.set_value("gradients")
    lab.turn(2)
    snapshot = lab.document.snapshot
    assert snapshot is not None
    assert snapshot.sample_gradients is not None
    shown = {layer.name: layer for layer in views.network.layers()}
    for name in ("flatten", "dense", "dense_1"):
        layer = shown[name]
        assert layer.gradient
        assert layer.scale is not None
        assert layer.scale.kind is ScaleKind.SIGNED
        np.testing.assert_array_equal(layer.values, snapshot.sample_gradients[name])
    assert np.abs(shown["dense"].values).max() > 0  # type: ignore[arg-type]
    picture = views.network.layers()[0]
    assert (picture.kind, picture.drawn, picture.gradient) == ("Sample 1", Drawn.PICTURE, True)
    assert "∂L/∂output" in views.verdict.text()
    assert theme.LIGHT.gradient in colours(views.network)
    before = shown["dense"].values
    lab.train(1)
    after = next(layer for layer in views.network.layers() if layer.name == "dense").values
    assert not np.array_equal(before, after)
    views.values.set_value("outputs")
    lab.turn(2)
    assert "sample_gradients" not in lab.document.wanted.views
    assert not any(layer.gradient for layer in views.network.layers())


def test_gradients_of_a_layers_weights_and_of_outputs_have_views(open_lab: Open) -> None:
    lab = open_lab()
    lab.document.choose_layer("dense")
    for key in ("slopes", "activation_gradients"):
        lab.page.knobs.on_view.toggles[key].set_value(True)
    lab.turn(2)
    snapshot = lab.document.snapshot
    assert snapshot is not None
    assert list(snapshot.gradients) == ["dense/kernel"]
    assert snapshot.arrays == {}
    slopes, counted = (lab.page.views.tiles[key] for key in ("slopes", "activation_gradients"))
    assert isinstance(slopes, MapsView)
    assert isinstance(counted, HistogramsView)
    lab.page.grab()
    assert [each.name for each in counted.histograms()] == [
        "flatten", "dense", "dropout", "dense_1"
    ]  # fmt: skip


def test_every_histogram_of_a_row_is_as_high_as_the_first(place: Place) -> None:
    view = HistogramsView("Weights", "weights")
    falling = [Histogram(name, np.array([10, 0]), "0", "1") for name in ("a", "b", "c")]
    view.set_histograms(falling)
    place(view, width=300, height=160)
    image = view.grab().toImage()
    green, top = QColor(theme.LIGHT.weights), int(view.room().y()) + 22
    filled = [image.pixelColor(x, top) == green for x in range(300)]
    starts = sum(now and not before for before, now in zip([False, *filled], filled, strict=False))
    assert starts == 3


@pytest.mark.parametrize("index", [0, 7])
def test_gradients_follow_the_sample(open_lab: Open, index: int) -> None:
    lab = open_lab()
    lab.page.views.values.set_value("gradients")
    lab.document.choose_sample(index)
    lab.turn(2)
    snapshot = lab.document.snapshot
    assert snapshot is not None
    assert snapshot.sample is not None
    assert snapshot.sample.index == index
    assert snapshot.sample_gradients is not None
    output, label = snapshot.sample.outputs["dense_1"], snapshot.sample.label
    expected = np.ones(10)  # the loss divides by the sum of the shares, as Keras does
    expected[label] -= 1 / output[label]
    np.testing.assert_allclose(snapshot.sample_gradients["dense_1"], expected, rtol=1e-4)


def _with_metrics(*names: str) -> Preset:
    program = SMALL.program
    return replace(SMALL, program=replace(program, compile=replace(program.compile, metrics=names)))


def test_every_metric_has_a_curve_on_both_data_and_a_switch(open_lab: Open) -> None:
    metrics = ("accuracy", "sparse_top_k_categorical_accuracy", "sparse_categorical_crossentropy")
    lab = open_lab(_with_metrics(*metrics))
    charts, toggles = lab.page.views.charts, lab.page.knobs.on_view.curves
    assert charts.names() == ("loss", *metrics), "also before the first epoch is over"
    assert tuple(toggles) == charts.names()
    lab.train(2 * lab.document.training.batches_per_epoch)  # type: ignore[union-attr]
    snapshot = lab.document.snapshot
    assert snapshot is not None
    assert snapshot.curves is not None
    for name in metrics:
        chart = charts.chart(name)
        assert chart.isVisible()
        faint, main = chart.picture().curves
        factor = 1.0 if name.endswith("entropy") else 100.0
        held_out, trained = (snapshot.curves[0, each].mean for each in (f"val_{name}", name))
        np.testing.assert_allclose(main.ys, factor * held_out, rtol=1e-6)
        np.testing.assert_allclose(faint.ys, factor * trained, rtol=1e-6)
        assert (main.faint, faint.faint) == (False, True)
    toggles["accuracy"].set_value(False)
    assert charts.chart("accuracy").isHidden()
    assert charts.on_view() == ("loss", *metrics[1:])
    lab.document.choose_preset(_with_metrics("accuracy"))
    lab.turn(3)
    assert charts.names() == ("loss", "accuracy")
    assert not lab.page.knobs.on_view.curves
    assert charts.on_view() == ("loss",), "it stays switched off"


def test_charts_share_rows_and_keep_their_least_size(place: Place) -> None:
    grid = ChartGrid()
    place(grid, width=660, height=400)
    grid.set_names(["loss", "a", "b", "c"])
    grid.resize(660, grid.minimumSizeHint().height())
    settle()
    tops = [grid.chart(name).y() for name in grid.names()]
    assert tops[0] == tops[1] < tops[2] == tops[3]
    assert all(grid.chart(name).height() >= 90 for name in grid.names())
    grid.set_upright(True)
    grid.show_chart("b", False)
    grid.show_chart("c", False)
    settle()
    assert grid.chart("loss").y() < grid.chart("a").y()
    assert grid.chart("loss").x() == grid.chart("a").x()


def test_sequences_are_plots_in_the_lab_in_the_data_and_in_twins(open_lab: Open) -> None:
    preset = replace(PRESETS["noisy-wave"], settings={"samples": 60})
    lab = open_lab(preset)
    lab.train(1)
    shown = lab.page.views.samples.sequences()
    snapshot = lab.document.snapshot
    assert snapshot is not None
    assert snapshot.predictions is not None
    assert len(shown) == len(snapshot.predictions.indices)
    before = shown[0].said[0].ys.copy()
    lab.train(3)
    assert not np.array_equal(lab.page.views.samples.sequences()[0].said[0].ys, before)
    lab.page.program.tabs.set_value("data")
    lab.turn(1)
    assert len(lab.page.program.data._samples.plots()) == 6
    lab.page.open_twins()
    twins = lab.page.twins
    assert twins is not None
    for _ in range(3):
        twins.document.one_batch()
        twins.document.loop.turn()
        twins.document.take_news()
    found = twins.samples.samples()
    assert found is not None
    assert found.sequences is not None
    one, other = found.sequences
    assert one[0].said[0].ys != other[0].said[0].ys
    lab.page.grab()


def test_every_number_of_every_weight_can_be_found_and_typed_over(open_lab: Open) -> None:
    lab = open_lab(replace(PRESETS["noisy-wave"], settings={"samples": 60}))
    section, document = lab.page.knobs.layer, lab.document
    document.choose_layer("gru")
    lab.turn(2)
    assert [section.which.itemData(row) for row in range(section.which.count())] == [
        "gru/kernel", "gru/recurrent_kernel", "gru/bias"
    ]  # fmt: skip
    section.which.set_value("gru/recurrent_kernel")
    section.place.value_changed.emit("3, 70")
    lab.turn(2)
    section.place.value_changed.emit("3, 72")
    assert "from 0, 0 to 23, 71" in section._fields[1].error()
    assert document.wanted.cell == ("gru/recurrent_kernel", (3, 70))
    experiment = document.loop.training
    assert experiment is not None
    weights = experiment.model.weights  # type: ignore[attr-defined]
    assert section.weight.value() == float(weights["gru/recurrent_kernel"][3, 70])
    before = document.snapshot
    section.weight.value_changed.emit(2.5)
    lab.turn(2)
    assert weights["gru/recurrent_kernel"][3, 70] == 2.5
    assert document.snapshot is not None
    assert before is not None
    assert document.snapshot.standing.loss != before.standing.loss  # type: ignore[union-attr]
    lab.train(2)
    assert section.weight.value() == float(weights["gru/recurrent_kernel"][3, 70]) != 2.5
    lab.page.knobs.on_view.toggles["filters"].set_value(True)
    section.which.set_value("gru/bias")
    lab.turn(2)
    filters = lab.page.views.tiles["filters"]
    assert isinstance(filters, MapsView)
    lab.page.grab()
    filters.cell_chosen.emit(0, 1, 5)
    assert document.wanted.cell == ("gru/bias", (1, 5))
    document.choose_layer("dense")
    lab.turn(2)
    assert document.wanted.cell == ("dense/kernel", (0, 0))


def test_a_filter_shows_the_channel_in_which_the_chosen_place_lies() -> None:
    kernel = np.arange(2 * 3 * 4 * 5, dtype=float).reshape(2, 3, 4, 5)
    found = networks.weight_maps(kernel, (0, 0, 2, 0))
    assert found is not None
    np.testing.assert_array_equal(found[0][4], kernel[:, :, 2, 4])
    assert networks.weight_index(kernel.shape, (4, 1, 2), (0, 0, 2, 0)) == (1, 2, 2, 4)
    row = networks.weight_maps(kernel[0, 0, 0])
    assert row is not None
    assert row[0].shape == (1, 1, 5)
    assert networks.weight_index((5,), (0, 0, 3)) == (3,)


def test_a_run_stops_at_any_number_that_is_good_enough(open_lab: Open) -> None:
    lab = open_lab()
    stop, document = lab.page.knobs.stop, lab.document
    assert stop.measure.value() == "val_accuracy"
    stop.target.set_value(5.0)
    assert document.goal.targets == (Target("val_accuracy", 0.05),)
    stop.measure.set_value("val_loss")
    assert document.goal.targets == (), "a value of one is none of another"
    stop.target.set_value(50.0)
    assert document.goal.targets == (Target("val_loss", 50.0, at_least=False),)
    document.toggle()
    lab.turn(30)
    assert document.snapshot is not None
    assert document.training is not None
    assert document.snapshot.step == document.training.batches_per_epoch
    assert not document.playing
    told = lab.page.controls._hint.text()
    assert told.startswith("val_loss is ")
    assert ": at most 50 was the aim." in told
    stop.measure.set_value("val_accuracy")
    refusals: list[str] = []
    stop.target.refused.connect(refusals.append)
    line = stop.target._edit
    line.selectAll()
    QTest.keyClicks(line, "500")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert len(refusals) == 1
    assert "100" in refusals[0], "more than all can't be right"
    assert document.goal.targets == ()
    document.choose_preset(replace(PRESETS["noisy-wave"], settings={"samples": 60}))
    lab.turn(3)
    assert document.goal.targets == ()
    assert (stop.measure.value(), stop.target.value()) == ("val_loss", 0.0)
