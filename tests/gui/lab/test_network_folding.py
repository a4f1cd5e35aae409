"""A network in rows: it fits, it is read from row to row, and what goes past layers shows."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QLineF, QPoint, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.lab import network_folding, network_layout
from simulator.gui.lab.network_folding import Wire
from simulator.gui.lab.network_view import NetworkView
from simulator.gui.stage.colours import pixels
from simulator.gui.widgets.painting import text_width
from simulator.lab.presenting.pictures import Drawn, LayerPicture
from simulator.lessons.frame import Scale, ScaleKind
from simulator.traces.timeline import GLIDE_SECONDS
from tests.gui.conftest import Clock

Place = Callable[..., QWidget]


def _chain(count: int) -> tuple[LayerPicture, ...]:
    """Layers one after another, as of a deep network of convolutions."""
    return tuple(
        LayerPicture(
            *(f"l{n}", "Conv2D", "26×26×32", "9,248 params"),
            inputs=(f"l{n - 1}",) if n else (),
            activation="relu",
        )
        for n in range(count)
    )


def _residual(blocks: int) -> tuple[LayerPicture, ...]:
    """Two layers and a sum with what goes past them, again and again."""
    layers = [LayerPicture("in", "Input", "32×32×3")]
    for block in range(blocks):
        past = layers[-1].name
        first, second = f"a{block}", f"b{block}"
        layers += [
            LayerPicture(first, "Conv2D", "32×32×16", "448 params", (past,), "relu"),
            LayerPicture(second, "Conv2D", "32×32×16", "448 params", (first,)),
            LayerPicture(f"sum{block}", "Add", "32×32×16", inputs=(second, past)),
        ]
    return tuple(layers)


def _names(rows: Sequence[Sequence[Sequence[LayerPicture]]]) -> list[list[str]]:
    return [[layer.name for column in row for layer in column] for row in rows]


def _lines(wire: Wire) -> list[QLineF]:
    return [QLineF(*pair) for pair in zip(wire.points, wire.points[1:], strict=False)]


def _meets(line: QLineF, rect: QRectF) -> bool:
    box = QRectF(line.p1(), line.p2()).normalized().adjusted(-0.1, -0.1, 0.1, 0.1)
    return box.intersects(rect)


def test_a_network_that_fits_stands_in_one_row() -> None:
    layers = _chain(4)
    width = network_folding.needed_width(layers)
    assert _names(network_folding.rows_of(layers, width)) == [["l0", "l1", "l2", "l3"]]
    drawing = network_folding.arrange(layers, QSizeF(width, 160))
    assert drawing.wires == ()
    assert drawing.wedges == (("l0", "l1"), ("l1", "l2"), ("l2", "l3"))


def test_one_that_does_not_stands_in_rows_of_about_the_same_length() -> None:
    layers = _chain(8)
    rows = _names(network_folding.rows_of(layers, 600))
    assert rows == [["l0", "l1", "l2", "l3"], ["l4", "l5", "l6", "l7"]]
    assert network_folding.needed_height(layers, 600) > network_folding.needed_height(layers, 2000)


@pytest.mark.usefixtures("qapp")
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Dense", "MaxPooling2D", "Conv2D", "GlobalAveragePooling2D"]),
            st.sampled_from(["1", "128", "26×26×32", "any×224×224×64"]),
            st.sampled_from(["", "relu", "softmax"]),
            st.sampled_from([Drawn.BOX, Drawn.COLUMN, Drawn.BARS]),
        ),
        min_size=1,
        max_size=24,
    ),
    st.integers(220, 1400),
    st.sets(st.tuples(st.integers(0, 23), st.integers(0, 23)), max_size=4),
)
def test_all_layers_are_inside_apart_and_legible_in_any_width(
    kinds: list[tuple[str, str, str, Drawn]], width: int, past: set[tuple[int, int]]
) -> None:
    layers = [
        LayerPicture(
            *(f"l{n}", kind, shape, "9,248 params"),
            inputs=tuple(
                f"l{m}" for m in range(n) if m == n - 1 or (m, n) in past
            ),  # and of some what goes past others
            activation=activation,
            drawn=drawn,
        )
        for n, (kind, shape, activation, drawn) in enumerate(kinds)
    ]
    room = QSizeF(width, network_folding.needed_height(layers, width))
    drawing = network_folding.arrange(layers, room)
    area = QRectF(QPointF(), room).adjusted(-0.01, -0.01, 0.01, 0.01)
    mono = fonts.mono(metrics.CAPTION)
    strong = fonts.ui(metrics.TITLE, metrics.SEMIBOLD)
    wholes = []
    for layer in layers:
        place = drawing.places[layer.name]
        assert place.body.height() >= 26 - 0.01
        assert place.edge.width() >= text_width(mono, layer.shape) + network_layout.EDGE_ENDS - 0.01
        assert place.head.width() >= text_width(strong, layer.kind)
        if width >= network_folding.least_width(layers):
            assert area.contains(place.whole.united(place.foot).united(place.edge))
        whole = place.whole.united(place.foot)
        assert not any(whole.intersects(other) for other in wholes)
        wholes.append(whole)
    joined = {*drawing.wedges, *((wire.source, wire.target) for wire in drawing.wires)}
    assert joined == {(name, layer.name) for layer in layers for name in layer.inputs}


@pytest.mark.parametrize("width", [2400, 900, 600, 420])
def test_what_goes_past_layers_is_a_line_around_them(width: int) -> None:
    layers = _residual(4)
    room = QSizeF(width, network_folding.needed_height(layers, width))
    drawing = network_folding.arrange(layers, room)
    wired = {(wire.source, wire.target) for wire in drawing.wires}
    assert {("in", "sum0"), ("sum0", "sum1"), ("sum1", "sum2"), ("sum2", "sum3")} <= wired
    for wire in drawing.wires:
        start, target = drawing.places[wire.source], drawing.places[wire.target]
        assert wire.points[0].y() == pytest.approx(start.edge.center().y(), abs=1)
        assert start.edge.x() < wire.points[0].x() <= start.edge.right()
        end = wire.points[-1]
        assert target.body.top() <= end.y() <= target.body.bottom()
        assert 0 < target.body.left() - end.x() < network_layout.TIGHT_GAP
        for line in _lines(wire):
            assert line.dx() == pytest.approx(0) or line.dy() == pytest.approx(0)
            for place in drawing.places.values():
                assert not _meets(line, place.body.adjusted(0, 0, -1, 0))
                assert not _meets(line, place.foot.adjusted(0, 0, -1, 0))


def test_an_output_halfway_stands_with_the_last_and_seems_to_go_nowhere() -> None:
    layers = (
        LayerPicture("in", "Input", "4"),
        LayerPicture("a", "Dense", "4", inputs=("in",)),
        LayerPicture("b", "Dense", "4", inputs=("a",)),
        LayerPicture("first", "Dense", "2", inputs=("b",)),
        LayerPicture("second", "Dense", "2", inputs=("a",)),
    )
    room = QSizeF(600, network_folding.needed_height(layers, 600))
    drawing = network_folding.arrange(layers, room)
    first, second = (drawing.places[name] for name in ("first", "second"))
    assert first.head.x() == second.head.x()
    assert ("b", "first") in drawing.wedges
    assert [(wire.source, wire.target) for wire in drawing.wires] == [("a", "second")]


def test_lines_from_different_layers_have_lanes_of_their_own() -> None:
    layers = (
        LayerPicture("a", "Input", "4"),
        LayerPicture("b", "Dense", "4", inputs=("a",)),
        LayerPicture("c", "Dense", "4", inputs=("b",)),
        LayerPicture("d", "Add", "4", inputs=("c", "a")),
        LayerPicture("e", "Add", "4", inputs=("d", "b")),
    )
    drawing = network_folding.arrange(layers, QSizeF(700, 200))
    lanes = {wire.source: max(point.y() for point in wire.points) for wire in drawing.wires}
    assert lanes.keys() == {"a", "b"}
    assert abs(lanes["a"] - lanes["b"]) > 4
    assert max(lanes.values()) < 200


def test_the_drawing_shows_what_goes_past_layers(
    place: Place, colours: Callable[[QWidget], set[str]]
) -> None:
    clock = Clock()
    view = NetworkView(clock=clock)
    view.set_layers(_chain(3))
    place(view, width=560, height=160)
    line = QColor(theme.LIGHT.ghost).name()
    assert line not in colours(view)
    *before, last = _chain(3)
    past = LayerPicture(last.name, "Add", last.shape, inputs=("l0", "l1"))
    view.set_layers((*before, past))
    clock.now += GLIDE_SECONDS + 0.01
    view.tick()
    assert line in colours(view)


def test_every_layer_of_a_long_network_can_be_clicked_without_scrolling(place: Place) -> None:
    view = NetworkView()
    layers = _chain(20)
    view.set_layers(layers)
    place(view, width=604, height=view.needed_height(604))
    chosen: list[str] = []
    view.chosen.connect(chosen.append)
    for layer in layers:
        spot = view.place_of(layer.name).center().toPoint()
        assert view.rect().contains(spot)
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=spot)
    assert chosen == [layer.name for layer in layers]


def test_layers_glide_to_their_new_places(place: Place) -> None:
    clock = Clock()
    view = NetworkView(clock=clock)
    view.set_layers(_chain(6))
    place(view, width=604, height=240)
    assert not view.gliding
    before = view.drawn_at("l5")
    view.set_layers((*_chain(6), *_chain(8)[6:]))
    after = view.place_of("l5")
    assert view.gliding
    assert view.drawn_at("l5") == before
    assert after != before
    clock.now += GLIDE_SECONDS / 2
    view.tick()
    between = view.drawn_at("l5")
    assert between.center() == (before.center() + after.center()) / 2
    # The body that holds it gives it the height it needs now: it goes on its way from there.
    view.resize(604, 260)
    assert view.gliding
    assert view.drawn_at("l5") == between
    clock.now += GLIDE_SECONDS + 0.01
    view.tick()
    assert not view.gliding
    assert view.drawn_at("l5") == view.place_of("l5")


def test_a_new_layer_comes_once_the_others_have_made_room(
    place: Place, colours: Callable[[QWidget], set[str]]
) -> None:
    clock = Clock()
    view = NetworkView(clock=clock)
    view.set_layers(_chain(3))
    place(view, width=604, height=180)
    values = np.full((4, 4), 1.0, np.float32)
    scale = Scale(ScaleKind.SIGNED, 1.0)
    new = LayerPicture("new", "Conv2D", "4×4×1", "", ("l2",), "", Drawn.PICTURE, values, scale)
    view.set_layers((*_chain(3), new))
    fill = QColor.fromRgba(int(pixels(theme.LIGHT, scale, values)[0, 0])).name()
    assert fill not in colours(view)
    clock.now += GLIDE_SECONDS + 0.01
    view.tick()
    assert fill in colours(view)


def test_another_network_is_there_at_once(place: Place) -> None:
    view = NetworkView(clock=Clock())
    view.set_layers(_chain(8))
    place(view, width=604, height=240)
    view.set_layers(_chain(3))  # five of the names are gone
    assert not view.gliding


def test_a_window_that_changes_its_size_moves_layers_at_once(place: Place) -> None:
    view = NetworkView(clock=Clock())
    view.set_layers(_chain(6))
    place(view, width=604, height=240)
    view.resize(900, 240)
    assert not view.gliding
    assert view.drawn_at("l5") == view.place_of("l5")
    assert view.place_of("l5").contains(QPoint(880, 20))
