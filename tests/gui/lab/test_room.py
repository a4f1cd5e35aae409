"""At the least size of the window nothing of the lab is cut, and no words lie over others."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from simulator.formats.presets import PRESETS
from simulator.gui import fonts, metrics
from simulator.gui.lab import (
    chart_ground,
    class_bars,
    heat_views,
    layer_views,
    summary_table,
    titled_view,
)
from simulator.gui.lab.gallery import Gallery, _Card
from simulator.gui.lab.heat_views import ConfusionView, MapsView
from simulator.gui.lab.knobs import WIDTH as KNOBS
from simulator.gui.lab.layer_views import HistogramsView, LayerBarsView
from simulator.gui.lab.offered_views import OFFERED
from simulator.gui.lab.program_panel import WIDTH as COLUMN
from simulator.gui.lab.samples_view import SamplesView
from simulator.gui.lab.slider import Slider
from simulator.gui.lab.source_editor import SourceEditor
from simulator.gui.lab.summary_table import SummaryTable
from simulator.gui.lab.training_bar import TrainingBar
from simulator.gui.lab.twin_samples_view import TwinSamplesView
from simulator.gui.widgets.painting import painting, text_width
from simulator.gui.widgets.text import Text
from simulator.lab.presenting.pictures import (
    ChartPicture,
    Curve,
    Drawn,
    Histogram,
    Lane,
    LayerBar,
    LayerPicture,
    SampleWords,
    SummaryRow,
)
from simulator.lab.presenting.twins import TwinSamples
from simulator.lessons.frame import Scale, ScaleKind
from tests.gui.conftest import settle
from tests.gui.lab.conftest import Lab

Open = Callable[..., Lab]
Place = Callable[..., QWidget]
NAMES = ("pentagon", "triangle", "crescent", "disc")
FROM_ZERO = Scale(ScaleKind.FROM_ZERO, 1.0)


def _words(name: str) -> SampleWords:
    return SampleWords(name, "0.46", 0.46, "is triangle", wrong=True)


def test_the_lines_of_a_preset_are_wholly_in_view(place: Place) -> None:
    editor = SourceEditor()
    editor.set_source("\n".join(["x" * 44] * 40))  # so many that they are scrolled through
    place(editor, width=COLUMN, height=240)
    settle()
    assert editor.verticalScrollBar().isVisible()
    assert not editor.horizontalScrollBar().isVisible()


def test_a_card_of_the_gallery_shows_all_of_its_summary(place: Place) -> None:
    gallery = Gallery()
    place(gallery, width=COLUMN, height=400)
    settle()
    cards = gallery.findChildren(_Card)
    assert len(cards) == len(PRESETS)
    for card in cards:
        words = card.findChild(Text)
        assert words is not None
        assert words.height() >= words.heightForWidth(words.width())
        assert card.rect().contains(words.geometry())


def test_points_are_drawn_with_all_tools_in_view(open_lab: Open) -> None:
    lab = open_lab(PRESETS["circle"])
    lab.page.program.tabs.set_value("data")
    lab.turn(2)
    settle()
    data = lab.page.program.data
    window = data.viewport().rect()
    for tool in (data.editor.plane, data.editor.classes, data.editor.eraser, data.editor.clear):
        corner = tool.mapTo(data.viewport(), QPoint(0, 0))
        assert window.contains(QRect(corner, tool.size())), tool.accessibleName()


def test_what_twins_say_of_a_sample_ends_before_the_next(place: Place) -> None:
    view = TwinSamplesView()
    place(view, width=880, height=240)
    pictures = np.zeros((4, 8, 8))
    words = tuple(_words(name) for name in NAMES)
    disputed = (True,) * 4
    shown = TwinSamples("", pictures, FROM_ZERO, (words, words), None, (0, 1, 2, 3), disputed)
    before = view.fitting()
    view.set_samples(shown)
    assert view.fitting() < before
    strong = fonts.ui(metrics.BODY, metrics.SEMIBOLD)
    sure = text_width(fonts.mono(metrics.TEXT_LEAST), "0.46")
    longest = max(text_width(strong, name) for name in NAMES)
    assert view.line_of(0, 0).width() >= longest + sure
    for one, following in pairwise(range(4)):
        assert view.line_of(one, 0).right() < view.line_of(following, 0).left()
    assert view.line_of(3, 2).right() <= view.width()


@pytest.mark.parametrize("width", [420, 596, 604, 900])
def test_the_last_sample_has_room_for_its_words(place: Place, width: int) -> None:
    view = SamplesView()
    place(view, width=width, height=120)
    view.set_samples("", "", np.zeros((4, 8, 8)), FROM_ZERO, [_words(name) for name in NAMES])
    last = view.place_of(view.fitting() - 1).left()
    strong = fonts.ui(metrics.BODY, metrics.SEMIBOLD)
    needed = text_width(strong, "pentagon") + text_width(fonts.mono(metrics.TEXT_LEAST), "0.46")
    assert last + needed <= width


def test_a_long_name_of_a_slider_takes_two_lines(place: Place) -> None:
    short = Slider("lstm: dropout", (0.0, 0.5), value=0.0)
    long = Slider("bidirectional/backward_lstm: recurrent dropout", (0.0, 0.5), value=0.0)
    for slider in (short, long):
        place(slider, width=KNOBS - 2 * metrics.GUTTER)
        settle()
    assert short.lines() == ("lstm: dropout",)
    assert long.lines() == ("bidirectional/backward_lstm:", "recurrent dropout")
    assert long.sizeHint().height() > short.sizeHint().height()


@pytest.mark.parametrize("best", range(0, 541, 30))
@pytest.mark.parametrize("end", [60, 300, 540])
def test_the_flag_at_the_best_point_is_not_on_the_name(place: Place, best: int, end: int) -> None:
    bar = TrainingBar()
    place(bar, width=660)
    best = min(best, end)
    bar.set_axis(540, {}, "epoch")
    bar.set_lanes((Lane("first run", 0, end, planned=540, best=best),), 0, end, "batch")
    bar.grab()
    name = bar.name_spots()[0]
    assert bar.rect().contains(name.toAlignedRect())
    flag = bar.flag_room(0, best)
    assert not flag.intersects(name.adjusted(0, 4, 0, -4))
    assert flag.right() <= bar.width()


def test_a_name_stands_beside_the_line_of_the_moment(place: Place) -> None:
    bar = TrainingBar()
    place(bar, width=660)
    bar.set_axis(540, {}, "epoch")
    lanes = (Lane("lr 0.003", 0, 200), Lane("lr 0.1", 100, 220, 0, "from batch 100", colour=1))
    bar.set_lanes(lanes, 1, 220, "batch 220")
    bar.grab()
    name = bar.name_spots()[0]
    assert not name.left() <= bar.x_of(220) <= name.right()


@pytest.mark.parametrize("step", [540, 520, 300, 30])
@pytest.mark.parametrize("current", [1, 2])
def test_names_of_branches_that_end_at_the_edge_are_whole(
    place: Place, step: int, current: int
) -> None:
    bar = TrainingBar()
    place(bar, width=660)
    bar.set_axis(540, {}, "epoch")
    lanes = (
        Lane("first run", 0, 120),
        Lane("from batch 20", 20, 540, 0, colour=1, best=530),
        Lane("from batch 30", 30, 540, 0, colour=2),
    )
    bar.set_lanes(lanes, current, step, f"batch {step}")
    bar.grab()
    spots = bar.name_spots()
    assert spots.keys() == {0, 1, 2}
    for lane, spot in spots.items():
        assert bar.rect().contains(spot.toAlignedRect())
        assert not spot.left() <= bar.x_of(step) <= spot.right()
        for other in range(3):  # no other branch's line goes through it
            if other != lane:
                assert not spot.top() + 4 <= bar.y_of(other) <= spot.bottom() - 4
    flag = bar.flag_room(1, 530)
    assert not flag.intersects(spots[1].adjusted(0, 4, 0, -4))


def test_the_branch_on_view_is_always_named() -> None:
    xs = np.array([0.0, 1.0])
    names = ("first run", "from batch 100", "from batch 200", "a branch with a name of its own")
    for current in range(4):
        curves = (
            Curve("", xs, xs, current, faint=True),
            *(Curve(name, xs, xs, number) for number, name in enumerate(names)),
        )
        picture = ChartPicture("Loss", "", curves, (0, 1), (0, 1))
        assert chart_ground.named(picture, 2000) == chart_ground.legend(picture)
        for width in (140, 290):
            shown = chart_ground.named(picture, width)
            assert (names[current], current) in shown
            assert len(shown) < 4
    three = ChartPicture("Loss", "", curves[:4], (0, 1), (0, 1))
    assert len(chart_ground.named(three, 290)) == 3


@pytest.mark.parametrize(
    "preset",
    ["digits-cnn", "spiral", "plane", "autoencoder", "adding-lstm", "delayed-copy", "name-styles"],
)
def test_the_first_views_of_a_preset_need_no_scrolling(open_lab: Open, preset: str) -> None:
    lab = open_lab(PRESETS[preset])
    lab.turn(3)
    settle()
    assert lab.page.views.verticalScrollBar().maximum() == 0
    network = lab.page.views.network
    assert network.visibleRegion().boundingRect().width() >= network.minimumSizeHint().width()


def test_an_error_is_told_once_at_the_control_and_scrolled_to(
    open_lab: Open, tmp_path: Path
) -> None:
    lab = open_lab()
    broken = tmp_path / "broken.csv"
    broken.write_text("a,b\n1,2,3\n")
    lab.page.program.tabs.set_value("data")
    lab.document.choose_data("own-table", {"path": str(broken)}, 0)
    lab.turn(3)
    settle()
    data = lab.page.program.data
    row = data.control("path").row
    assert "broken.csv" in str(lab.document.problem)
    assert lab.page.program.told() == "", "it stands at the control"
    assert "can’t be trained yet" in lab.page.controls._hint.text()
    corner = row.mapTo(data.viewport(), QPoint(0, 0))
    assert data.viewport().rect().contains(QRect(corner, row.size()))
    lab.page.program.tabs.set_value("keras")
    assert "broken.csv" in lab.page.program.told()


@pytest.mark.parametrize(
    "ends", [("−0.00520", "0.00273"), ("−5.7e−16", "1.000"), ("0", "1"), ("−10.5", "12.25")]
)
def test_the_ends_of_histograms_do_not_touch(place: Place, ends: tuple[str, str]) -> None:
    view = HistogramsView("", "weights")
    one = Histogram("lstm/recurrent_kernel", np.array([1, 2]), *ends)
    for width in (140, 290, 600):
        view.set_histograms([one] * 4)
        place(view, width=width, height=200)
        wide = text_width(fonts.mono(metrics.TEXT_LEAST), "".join(ends))
        assert view.place_of(0).width() > wide or width < wide
        assert not view.place_of(0).intersects(view.place_of(1))


@pytest.mark.parametrize("shape", [(2, 128), (128, 1), (32, 32), (300, 4)])
def test_a_single_map_is_never_a_hair(place: Place, shape: tuple[int, int]) -> None:
    view = MapsView("Weights")
    place(view, width=290, height=190)
    chosen: list[tuple[int, int, int]] = []
    view.cell_chosen.connect(lambda *cell: chosen.append(cell))
    view.set_maps(np.zeros((1, *shape)), FROM_ZERO)
    view.grab()
    (spot,) = view.places()
    assert view.room().contains(spot)
    assert min(spot.width(), spot.height()) >= 14
    QTest.mouseClick(
        view, Qt.MouseButton.LeftButton, pos=spot.bottomRight().toPoint() - QPoint(2, 2)
    )
    ((_, row, column),) = chosen
    assert row >= 0.97 * (shape[0] - 1)
    assert column >= 0.97 * (shape[1] - 1)


class _Written:
    """Notes what is written, and in how much room."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *modules: object) -> None:
        self.lines: list[tuple[str, QRectF, QFont]] = []
        for module in modules:
            monkeypatch.setattr(module, "text", self._write)

    def _write(
        self, painter: object, rect: QRectF, words: str, *, font: QFont, **_: object
    ) -> None:
        del painter
        if words:
            self.lines.append((words, QRectF(rect), font))

    def rooms(self, words: str) -> list[QRectF]:
        return [rect for each, rect, _ in self.lines if each == words]

    def cut(self) -> list[str]:
        return [
            words for words, rect, font in self.lines if text_width(font, words) > rect.width() + 1
        ]


@pytest.mark.parametrize(
    "rows",
    [
        (("GlobalAveragePooling2D", "512", "0"), ("Conv2D", "32 × 32 × 16", "2,320")),
        (("LayerNormalization", "224 × 224 × 64", "128"), ("Dense", "25,088", "102,760,448")),
        (("Dense", "10", "170"),),
    ],
    ids=len,
)
def test_the_summary_cuts_no_layer_no_shape_and_no_count(
    place: Place, rows: tuple[tuple[str, str, str], ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = _Written(monkeypatch, summary_table)
    table = SummaryTable()
    table.set_rows([SummaryRow(str(n), *row) for n, row in enumerate(rows)])
    place(table, width=339, height=(len(rows) + 1) * 22)
    table.grab()
    assert written.cut() == []
    for row in rows:
        kind, shape, count = (written.rooms(words)[-1] for words in row)
        assert kind.right() < shape.left()
        assert shape.right() < count.left()


def test_a_caption_leaves_the_title_its_room(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    written = _Written(monkeypatch, titled_view)
    view = MapsView("Gradients of its weights")
    view.set_caption("bidirectional/forward_lstm/kernel")
    place(view, width=270, height=190)
    view.grab()
    caption = written.rooms("bidirectional/forward_lstm/kernel")[-1]
    title = text_width(fonts.ui(metrics.TITLE, metrics.SEMIBOLD), "Gradients of its weights")
    assert caption.left() > title
    assert caption.right() == 270


def test_histograms_below_one_another_ask_for_their_height(place: Place) -> None:
    names = [f"bidirectional/{way}_lstm/{part}" for way in ("forward", "backward")
             for part in ("kernel", "recurrent_kernel")]  # fmt: skip
    view = HistogramsView("Histograms of weights", "weights")
    place(view, width=270, height=190)
    view.set_histograms([Histogram(name, np.array([1, 2]), "−0.4", "0.4") for name in names])
    view.resize(270, view.minimumSizeHint().height())
    assert view.height() > 190
    places = [view.place_of(number) for number in range(4)]
    for above, below in pairwise(places):
        assert above.bottom() <= below.top() + 0.01
        assert above.height() >= 18 + 18 + 20  # its name, its ends, and bars to be seen


@pytest.mark.parametrize("count", [2, 8, 25])
def test_bars_of_layers_are_a_line_apart(
    place: Place, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = _Written(monkeypatch, layer_views)
    view = LayerBarsView("Gradient norm", "gradient")
    place(view, width=270, height=30)
    view.set_bars([LayerBar(f"a_long_layer_{n}", 0.5, f"{n}.25") for n in range(count)])
    view.resize(270, view.minimumSizeHint().height())
    view.grab()
    tops = sorted(rect.top() for words, rect, _ in written.lines if words.startswith("a_long"))
    assert len(tops) == count
    assert min(np.diff(tops)) >= 15
    assert written.cut() == []


@pytest.mark.parametrize(
    "labels",
    [
        ("northern", "southern", "eastern"),
        ("disc", "ring", "square", "triangle", "pentagon", "star", "cross", "heart", "crescent"),
        tuple(map(str, range(10))),
    ],
    ids=len,
)
def test_every_class_of_a_confusion_is_named_at_both_sides(
    place: Place, labels: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = _Written(monkeypatch, heat_views)
    view = ConfusionView("Confusion")
    place(view, width=270, height=190)
    view.set_counts(np.eye(len(labels), dtype=np.int64), labels)
    view.resize(270, max(190, view.minimumSizeHint().height()))
    view.grab()
    assert [len(written.rooms(label)) for label in labels] == [2] * len(labels)
    assert written.cut() == []


def test_what_is_said_and_what_is_right_can_be_read_in_a_low_row(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = _Written(monkeypatch, class_bars)
    letters = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    for said, true in ((0, 1), (24, 25), (3, 3), (2, 20)):
        written.lines.clear()
        values = np.linspace(0.01, 0.05, 26, dtype=np.float32)
        layer = LayerPicture(
            *("out", "Dense", "26", "", (), "softmax", Drawn.BARS, values),
            labels=letters,
            truth=true,
            chosen=said,
        )
        picture = QPixmap(120, 37)
        with painting(picture) as painter:
            class_bars.paint_bars(painter, QRectF(0, 0, 120, 37), layer)
        for wanted in {said, true}:
            (name,) = written.rooms(letters[wanted])
            assert 0 <= name.center().y() <= 37
        middles = sorted({rect.center().y() for _, rect, _ in written.lines})
        assert len(middles) == len({said, true})
        assert all(below - above >= 11 - 0.01 for above, below in pairwise(middles))


def test_sequences_fill_the_row(open_lab: Open) -> None:
    lab = open_lab(PRESETS["noisy-wave"])
    samples = lab.page.views.samples
    last = samples.place_of(samples.fitting() - 1)
    assert samples.width() - 10 <= last.right() <= samples.width()
    before = samples.fitting()
    lab.page.resize(1500, 756)
    lab.turn()
    last = samples.place_of(samples.fitting() - 1)
    assert samples.fitting() > before
    assert samples.width() - 10 <= last.right() <= samples.width()


def test_a_long_network_is_in_view_whole_at_the_least_window(
    open_lab: Callable[..., Lab],
) -> None:
    names = ("typed-letters", "coloured-shapes", "convolutional-autoencoder", "digits-cnn")
    for name in names:
        lab = open_lab(PRESETS[name])
        lab.train(1)
        views = lab.page.views
        assert views.widget().width() == views.viewport().width()
        assert views.verticalScrollBar().maximum() == 0
        network = views.network
        seen = network.mapTo(views.viewport(), QPoint())
        assert views.viewport().rect().contains(QRect(seen, network.size()))
        for layer in network.layers():
            assert QRectF(network.rect()).contains(network.place_of(layer.name))


def test_the_longest_name_of_a_loss_is_wholly_in_view(open_lab: Open) -> None:
    lab = open_lab()
    loss = lab.page.knobs.loss
    loss.set_value("sparse_categorical_crossentropy")
    lab.turn(2)
    room = loss.width() - loss._around_text()
    font = loss.closed_font(room)
    assert text_width(font, loss.currentText()) <= room
    assert font.pixelSize() < loss.text_font("mse").pixelSize()
    loss.set_value("mse")
    assert loss.closed_font(room) == loss.text_font("mse")


def test_a_caption_leaves_its_title_alone(place: Place) -> None:
    view = MapsView("Gradients of its weights")
    place(view, width=220, height=80)
    plain = view.grab().toImage()
    view.set_caption("choose a layer with weights")
    told = view.grab().toImage()
    end = round(text_width(fonts.ui(metrics.TITLE, metrics.SEMIBOLD), "Gradients of its weights"))
    assert all(
        plain.pixelColor(x, y) == told.pixelColor(x, y) for x in range(end) for y in range(18)
    )
    assert any(
        plain.pixelColor(x, y) != told.pixelColor(x, y) for x in range(end, 220) for y in range(18)
    )


@pytest.mark.parametrize(("width", "height"), [(1224, 756), (1860, 1036)])
@pytest.mark.parametrize("all_views", [False, True], ids=["first", "all"])
def test_a_boundary_is_large_and_leaves_the_rest_to_the_charts(
    open_lab: Open, width: int, height: int, all_views: bool
) -> None:
    lab = open_lab(PRESETS["moons"], width=width, height=height)
    views = lab.page.views
    if all_views:
        for each in OFFERED:
            views.show_view(each.key, True)
    lab.turn(2)
    square = views.plane.square()
    assert square.width() == square.height()
    assert square.width() >= min(0.3 * views.viewport().width(), 256)
    assert views.plane.width() - square.width() <= 60
    charts = views.charts.geometry()
    assert charts.left() > views.plane.geometry().right()
    assert charts.right() >= views.widget().width() - 40
