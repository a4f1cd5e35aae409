"""What is drawn of a training says what the training computed: shapes, curves, lanes, words."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.data import datasets
from simulator.engine.backends.base import Backend
from simulator.formats.building import build, compile_model, facts
from simulator.formats.json_values import SpecError
from simulator.formats.network import LayerSpec, NetworkSpec, sequential
from simulator.formats.program import CompileSpec, FitSpec, OptimizerSpec, ProgramSpec
from simulator.lab import VIEWS, Experiment, SetLearningRate, Snapshot, Timeline, Wanted, look
from simulator.lab.adapting import suited
from simulator.lab.presenting import (
    axes,
    charts,
    lanes,
    layers,
    networks,
    planes,
    samples,
    states,
    words,
)
from simulator.lab.presenting.pictures import Drawn
from simulator.lab.snapshot import Predictions, SamplePass
from simulator.lessons.frame import ScaleKind

CLASSES = tuple("0123456789")
DIGITS = sequential(
    [
        LayerSpec("Conv2D", "conv", {"filters": 4, "kernel_size": 3, "activation": "relu"}),
        LayerSpec("MaxPooling2D", "pool"),
        LayerSpec("Flatten", "flat"),
        LayerSpec("Dense", "dense", {"units": 10, "activation": "softmax"}),
    ],
    shape=(8, 8, 1),
)


@lru_cache(maxsize=1)
def _digits() -> Snapshot:
    """Two epochs, a branch off the first, and half an epoch there."""
    data = datasets.make("digits", {}, seed=7)
    model = build(DIGITS, 1)
    compile_model(
        model,
        CompileSpec(
            OptimizerSpec("SGD", {"learning_rate": 0.1}),
            "sparse_categorical_crossentropy",
            ("accuracy",),
        ),
    )
    x, y = data.x[:320], data.y[:320]
    held_out = data.x_val[:100], data.y_val[:100]
    run = model.training(x, y, batch_size=32, epochs=100, validation_data=held_out)
    line = Timeline(model, run)
    for _ in range(20):
        line.advance()
    line.go_to(10)
    line.do(SetLearningRate(0.3))
    for _ in range(5):
        line.advance()
    return look(line, Wanted(frozenset(VIEWS), sample=3, samples=(0, 1, 2, 3)), classes=CLASSES)


def test_the_table_is_that_of_the_network() -> None:
    found = facts(DIGITS)
    rows = networks.summary(DIGITS, found)
    assert [(row.kind, row.shape, row.parameters) for row in rows] == [
        ("Input", "8 × 8 × 1", "0"),
        ("Conv2D", "6 × 6 × 4", "40"),
        ("MaxPooling2D", "3 × 3 × 4", "0"),
        ("Flatten", "36", "0"),
        ("Dense", "10", "370"),
    ]
    assert networks.total(found, 32)[0] == "410"


def test_a_card_is_told_what_does_not_fit() -> None:
    wrong = DIGITS.with_argument("conv", "kernel_size", 9)
    with pytest.raises(SpecError) as raised:
        facts(wrong)
    told = networks.cards(wrong, None, raised.value)
    assert "9" in told["conv"].error
    assert told["dense"].error == ""
    assert networks.cards(DIGITS, facts(DIGITS), None)["pool"].shape == "3 × 3 × 4"


def test_the_drawing_has_the_very_values_of_the_sample() -> None:
    sample = _digits().sample
    assert sample is not None
    found = networks.drawing(DIGITS, facts(DIGITS), sample, CLASSES, frozenset({"conv"}))
    kinds = [layer.drawn for layer in found]
    assert kinds == [Drawn.PICTURE, Drawn.MAPS, Drawn.MAPS, Drawn.COLUMN, Drawn.BARS]
    picture, conv, _, _, bars = found
    assert picture.kind == "Sample 4"
    assert picture.values is not None
    assert picture.values.tolist() == sample.x[..., 0].tolist()
    assert conv.values is not None
    assert conv.scale is not None
    assert conv.frozen
    assert conv.scale.kind is ScaleKind.FROM_ZERO
    for number in range(4):
        assert conv.values[number].tolist() == sample.outputs["conv"][..., number].tolist()
    assert bars.values is sample.outputs["dense"]
    assert (bars.truth, bars.chosen) == (sample.label, sample.said)
    assert (conv.shape, conv.activation, bars.inputs) == ("6×6×4", "relu", ("flat",))
    right, wrong = replace(sample, said=3, label=3), replace(sample, said=3, label=5)
    assert networks.verdict(right, CLASSES) == "Says 3, and that is right."
    assert networks.verdict(wrong, CLASSES) == "Says 3, but it is 5."
    assert networks.verdict(replace(sample, said=0, label=1), ("\n", "b")) == (
        "Says “↵”, but it is “b”."
    )
    assert networks.verdict(replace(sample, said=0, label=1), ("a", "b")) == (
        "Says “a”, but it is “b”."
    )


def test_without_a_sample_layers_are_boxes() -> None:
    found = networks.drawing(DIGITS, facts(DIGITS), None)
    assert {layer.drawn for layer in found} == {Drawn.BOX}
    assert found[-1].parameters == "370 params"


def test_a_branched_network_is_drawn_with_all_it_reads() -> None:
    layers_ = (
        LayerSpec("Dense", "a", {"units": 3}, ("input_layer",)),
        LayerSpec("Dense", "b", {"units": 3}, ("input_layer",)),
        LayerSpec("Add", "sum", {}, ("a", "b")),
    )
    network = NetworkSpec("two", DIGITS.with_input_shape((2,)).inputs, layers_, ("sum",), False)
    found = networks.drawing(network, facts(network), None)
    assert found[-1].inputs == ("a", "b")


def test_curves_are_those_of_the_branches_by_epoch() -> None:
    snapshot = _digits()
    assert snapshot.curves is not None
    chart = charts.loss_chart(snapshot, 4)
    main = [curve for curve in chart.curves if not curve.faint]
    assert main[0].xs.tolist() == [1.0, 2.0]
    assert main[0].ys.tolist() == snapshot.curves[0, "val_loss"].mean.tolist()
    assert main[0].end == words.figure(float(main[0].ys[-1]))
    faint = [curve for curve in chart.curves if curve.faint]
    assert [curve.branch for curve in faint] == [1], "of the branch on view alone"
    assert faint[0].xs == pytest.approx([1.1, 1.2, 1.3, 1.4, 1.5])
    assert chart.x_range == (0.0, 4.0)
    assert chart.cursor == pytest.approx(1.5)
    assert max(main[0].ys) <= chart.y_range[1]


def test_a_share_is_told_in_percent() -> None:
    snapshot = _digits()
    assert snapshot.curves is not None
    assert charts.metric_names(snapshot) == ("accuracy",)
    chart = charts.metric_chart(snapshot, "accuracy", 4)
    accuracy = snapshot.curves[0, "val_accuracy"].mean
    main = next(each for each in chart.curves if not each.faint)
    assert main.ys.tolist() == (100 * accuracy).tolist()
    assert chart.y_range == (0.0, 100.0)
    assert main.end == f"{100 * accuracy[-1]:.1f} %"
    assert not any(each.faint for each in chart.curves), "the branch on view ended no epoch"
    every = charts.metric_chart(snapshot, "accuracy", 4, every_branch=True)
    (thin,) = (each for each in every.curves if each.faint)
    training = snapshot.curves[0, "accuracy"].mean
    assert thin.ys.tolist() == (100 * training).tolist(), "on the training data"
    assert thin.end == ""


def test_lanes_are_the_branches() -> None:
    bar = lanes.bar(_digits(), 4, 10)
    first, second = bar.lanes
    assert (first.start, first.end, first.parent, first.planned) == (0, 20, None, 0)
    assert (second.start, second.end, second.parent, second.planned) == (10, 15, 0, 40)
    assert (second.name, second.origin) == ("lr 0.3", "from batch 10")
    assert (bar.lane, bar.batch, bar.moment, bar.batches) == (1, 15, "batch 15", 40)
    assert bar.marks == {0: "0", 10: "1", 20: "2", 30: "3", 40: "4"}
    assert lanes.told(_digits(), 4, 10) == "Batch 15 of 40, epoch 2 of 4"


def test_samples_are_told_as_they_were_predicted() -> None:
    snapshot = _digits()
    assert snapshot.predictions is not None
    assert snapshot.standing is not None
    shown = samples.samples(snapshot.predictions, snapshot.standing)
    assert shown.pictures.tolist() == snapshot.predictions.x[..., 0].tolist()
    assert snapshot.predictions.said is not None
    assert snapshot.predictions.label is not None
    for row, told in enumerate(shown.words):
        said, label = snapshot.predictions.said[row], snapshot.predictions.label[row]
        assert (told.said, told.wrong) == (str(said), said != label)
    wrong = sum(told.wrong for told in shown.words)
    assert f"; {wrong} of these 4 " in shown.caption
    assert shown.caption.startswith("1 to 4 of 100")


def test_bars_of_layers_are_in_order_and_within_bounds() -> None:
    snapshot = _digits()
    assert snapshot.gradient_norms is not None
    assert snapshot.update_ratios is not None
    assert snapshot.dead_units is not None
    assert snapshot.histograms is not None
    assert [bar.name for bar in layers.norms(snapshot.gradient_norms)] == ["conv", "dense"]
    ratios = layers.ratios({"a": 1e-3, "b": 0.0, "c": 1e9, "d": 1e-1})
    assert [bar.share for bar in ratios] == pytest.approx([0.5, 0.0, 1.0, 5 / 6])
    assert [bar.warned for bar in ratios] == [False, True, True, False]
    assert layers.dead(snapshot.dead_units)[0].words.endswith("of 4")
    weights = layers.histograms(snapshot.histograms.weights, weights=True)
    assert [each.name for each in weights] == ["conv", "dense"]
    assert weights[0].counts.sum() == 36


def test_half_way_between_two_classes_is_the_middle_of_the_colours() -> None:
    data = datasets.make("circle", {}, seed=1)
    network = sequential(
        [LayerSpec("Dense", "dense", {"units": 1, "activation": "sigmoid"})], shape=(2,)
    )
    model = build(network, 1)
    compile_model(model, CompileSpec(OptimizerSpec(), "binary_crossentropy"))
    run = model.training(data.x, data.y.astype(np.float32)[:, None], batch_size=8, epochs=1)
    wanted = Wanted(frozenset({"surface"}), resolution=5)
    snapshot = look(Timeline(model, run), wanted, classes=data.classes or ())
    assert snapshot.surface is not None
    picture = planes.plane(snapshot.surface)
    assert planes.caption(snapshot.surface, data) == "Circle"
    output = snapshot.surface.output
    assert picture.values == pytest.approx(np.abs(2 * output - 1), abs=1e-6)
    assert picture.said is not None
    assert (picture.said == (output > 0.5)).all()
    assert picture.classes is not None
    assert picture.classes[:20].tolist() == data.y[:20].tolist()
    assert picture.names == data.classes
    assert picture.points is not None
    assert picture.points[:3].tolist() == data.x[:3].tolist()
    units = planes.neurons(snapshot.surface, "dense")
    assert units is not None
    assert units.classes == (1,), "one output tells of the second class"
    assert units.maps == pytest.approx(output[np.newaxis, ::-1], abs=1e-6)
    assert planes.neurons(snapshot.surface, "none") is None


@pytest.mark.parametrize("targets", ["high", "high;wide"])
def test_colours_of_numbers_are_those_of_the_output_on_view(tmp_path: Path, targets: str) -> None:
    """Each output has its own column; one that has them all shows the first, and says so."""
    rng = np.random.default_rng(3)
    count = len(targets.split(";"))
    lines = [",".join(f"{each:.4f}" for each in rng.normal(size=2 + count)) for _ in range(40)]
    path = tmp_path / "trees.csv"
    path.write_text(f"a,b,{targets.replace(';', ',')}\n" + "\n".join(lines))
    data = datasets.make("own-table", {"path": str(path), "target": targets})
    network = sequential([LayerSpec("Dense", "dense", {"units": count})], shape=(2,))
    program = ProgramSpec(network, CompileSpec(OptimizerSpec(), "mse"), FitSpec(), seed=1)
    experiment = Experiment(program, data, backend=Backend())
    surface = experiment.snapshot(Wanted(frozenset({"surface"}), resolution=4)).surface
    assert surface is not None
    assert planes.plane(surface).point_values == pytest.approx(data.y[:, 0])
    colour = {1: "", 2: "; colour: high"}[count]
    assert planes.caption(surface, data) == f"{data.title}{colour}"


def test_a_second_output_colours_the_points_by_its_own_target(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    lines = [
        f"{rng.normal():.3f},{rng.normal():.3f},{('elm', 'oak', 'yew')[at % 3]},{rng.normal():.3f}"
        for at in range(40)
    ]
    path = tmp_path / "trees.csv"
    path.write_text("a,b,kind,high\n" + "\n".join(lines))
    data = datasets.make("own-table", {"path": str(path), "target": "kind;high"})
    experiment = Experiment(suited(data), data, backend=Backend())
    wanted = Wanted(frozenset({"surface"}), resolution=4)
    kinds = experiment.snapshot(wanted).surface
    high = experiment.snapshot(replace(wanted, output=1)).surface
    assert kinds is not None
    assert high is not None
    first = planes.plane(kinds)
    assert first.names == ("elm", "oak", "yew")
    assert first.classes is not None
    assert first.classes.tolist() == data.y.tolist()
    second = planes.plane(high)
    assert second.classes is None
    assert second.point_values == pytest.approx(data.further_y[0].y[:, 0])


@given(st.floats(1e-6, 1e9), st.integers(1, 12))
def test_round_numbers_divide_an_axis(high: float, most: int) -> None:
    found = axes.ticks(0.0, high, most)
    assert 1 <= len(found) <= most + 1
    assert len(set(found.values())) == len(found)
    assert max(found) <= high * (1 + 1e-6)
    assert axes.round_up(high, most) >= high * (1 - 1e-9)


def test_large_numbers_on_an_axis_are_short() -> None:
    assert list(axes.ticks(0.0, 6e9).values()) == ["0", "2e9", "4e9", "6e9"]
    assert list(axes.ticks(0.0, 1.5e6).values()) == ["0", "5e5", "1e6", "1.5e6"]
    assert list(axes.ticks(0.0, 80_000).values())[-1] == "80,000"


def test_figures_have_three_digits() -> None:
    told = {
        0.22412: "0.224", 2.301: "2.30", 12.34: "12.3", 1234.6: "1235", 0.0123: "0.0123",
        1.5e-5: "1.5e−5", float("nan"): "NaN", 0.0: "0", 0.5: "0.500",
        0.09999998: "0.100", -0.9999: "−1.00",
    }  # fmt: skip
    for value, text in told.items():
        assert words.figure(value) == text
    assert words.metric("accuracy", 0.9277) == "92.8 %"
    assert words.metric("val_mae", 0.5) == "0.500"
    assert words.shape((None, 8)) == "any × 8"


def test_with_several_classes_the_winner_is_said_and_its_units_are_the_shares() -> None:
    data = datasets.make("blobs", {"classes": 3}, seed=1)
    network = sequential(
        [LayerSpec("Dense", "dense", {"units": 3, "activation": "softmax"})], shape=(2,)
    )
    model = build(network, 1)
    compile_model(model, CompileSpec(OptimizerSpec(), "sparse_categorical_crossentropy"))
    run = model.training(data.x, data.y, batch_size=8, epochs=1)
    surface = look(Timeline(model, run), Wanted(frozenset({"surface"}), resolution=6)).surface
    assert surface is not None
    picture = planes.plane(surface)
    assert picture.said is not None
    assert picture.said.tolist() == surface.output.argmax(axis=-1).tolist()
    winner = surface.output.max(axis=-1)
    assert picture.values == pytest.approx((3 * winner - 1) / 2, abs=1e-5)
    units = planes.neurons(surface, "dense")
    assert units is not None
    assert units.classes == (0, 1, 2)
    assert units.maps == pytest.approx(np.moveaxis(surface.output, -1, 0)[:, ::-1], abs=1e-6)
    assert planes.units(surface).keys() == {"dense"}
    other = planes.difference(surface, surface)
    assert other is not None
    assert not other.values.any(), "they agree everywhere"


def test_a_recurrent_layer_keeps_states_with_time_to_the_right() -> None:
    arrays = {
        "lstm/h": np.arange(12.0).reshape(4, 3),
        "lstm/f": np.full((4, 3), 0.5),
        "lstm/initial_h": np.zeros(3),
        "both/forward_gru/h": np.ones((4, 2)),
        "dense/pre_activation": np.zeros(5),
    }
    sample = SamplePass(0, np.zeros((4, 1)), np.zeros(1), {}, arrays, None, None)
    assert states.layers(sample) == ("lstm", "both")
    hidden, forget = states.states(sample, "lstm")
    assert (hidden.name, forget.name) == ("Hidden state", "Forget gate")
    assert hidden.values.tolist() == arrays["lstm/h"].T.tolist()
    assert forget.scale.limit == 1.0
    assert [each.name for each in states.states(sample, "both")] == ["→ hidden state"]
    assert states.states(sample, "dense") == ()


def test_of_an_autoencoder_the_pictures_that_come_out_are_shown() -> None:
    x = np.linspace(0, 1, 2 * 9, dtype=np.float32).reshape(2, 3, 3, 1)
    made = Predictions((0, 1), x, x, 1 - x, None, None, None, ())
    shown = samples.samples(made, None)
    assert shown.answers is not None
    assert shown.answers.tolist() == (1 - x)[..., 0].tolist()
    numbers_ = Predictions((0, 1), x, x[:, 0, :1, 0], x[:, 0, :1, 0], None, None, None, ())
    assert samples.samples(numbers_, None).answers is None
