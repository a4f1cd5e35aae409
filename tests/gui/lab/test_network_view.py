"""The drawing of a network: where layers stand, in which colours, and what a click does."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.lab import mosaic, network_folding, network_layout
from simulator.gui.lab.mosaic import Mosaic
from simulator.gui.lab.network_view import NetworkView
from simulator.gui.stage.colours import pixels
from simulator.gui.widgets.painting import text_width
from simulator.lab.presenting.pictures import Drawn, LayerPicture
from simulator.lessons.frame import Scale, ScaleKind

Place = Callable[..., QWidget]
SIGNED = Scale(ScaleKind.SIGNED, 1.0)
BUTTON = Qt.MouseButton.LeftButton


def _network() -> tuple[LayerPicture, ...]:
    maps = np.linspace(-1, 1, 8 * 4 * 4, dtype=np.float32).reshape(8, 4, 4)
    return (
        LayerPicture("in", "Input", "4×4×1", drawn=Drawn.PICTURE, values=maps[0], scale=SIGNED),
        LayerPicture("conv", "Conv2D", "4×4×8", "80", ("in",), "relu", Drawn.MAPS, maps, SIGNED),
        LayerPicture(
            "flat", "Flatten", "128", "", ("conv",), "", Drawn.COLUMN, maps.ravel(), SIGNED
        ),
        LayerPicture(
            *("out", "Dense", "3", "387", ("flat",), "softmax", Drawn.BARS),
            np.array([0.1, 0.2, 0.7], np.float32),
            labels=("a", "b", "c"),
            truth=1,
            chosen=2,
        ),
    )


@pytest.mark.parametrize("chosen", [theme.LIGHT, theme.DARK], ids=lambda one: one.name)
def test_a_mosaic_has_the_colours_of_its_values(chosen: theme.Theme, qapp: object) -> None:
    theme.apply(qapp, chosen)  # type: ignore[arg-type]
    maps = np.linspace(-1, 1, 2 * 3 * 5, dtype=np.float32).reshape(2, 3, 5)
    made = Mosaic(maps, SIGNED).image()
    assert (made.width(), made.height()) == (5, 6)
    for number in range(2):
        expected = pixels(chosen, SIGNED, maps[number])
        found = [[made.pixel(x, 3 * number + y) for x in range(5)] for y in range(3)]
        assert found == expected.tolist()


def test_a_mosaic_of_colour_pictures_keeps_their_colours(qapp: object) -> None:
    red = np.zeros((2, 1, 1, 3), np.float32)
    red[1, 0, 0, 0] = 1.0
    made = Mosaic(red, Scale(ScaleKind.PICTURE, 1.0)).image()
    assert [made.pixelColor(0, y).name() for y in range(2)] == ["#000000", "#ff0000"]


def test_a_mosaic_needs_maps() -> None:
    with pytest.raises(ValueError, match="three axes"):
        Mosaic(np.zeros((4, 4)), SIGNED)


@given(
    st.integers(1, 40), st.integers(1, 12), st.integers(1, 30), st.integers(1, 30),
    st.integers(60, 600), st.integers(60, 400),
)  # fmt: skip
def test_maps_lie_inside_apart_and_undistorted(
    count: int, columns: int, rows: int, across: int, width: int, height: int
) -> None:
    room = QRectF(3, 5, width, height)
    places = mosaic.grid(room, count, columns, (rows, across))
    assert len(places) == count
    for index, one in enumerate(places):
        if one.isEmpty():
            continue
        assert room.adjusted(-1e-6, -1e-6, 1e-6, 1e-6).contains(one)
        assert one.width() * rows == pytest.approx(one.height() * across)
        assert not any(one.intersects(other) for other in places[:index])


def test_many_maps_make_a_full_grid() -> None:
    assert mosaic.best_columns(8, QSizeF(160, 90), (8, 8)) == 4
    assert mosaic.best_columns(1, QSizeF(160, 90), (8, 8)) == 1


def test_layers_go_from_left_to_right_and_branches_below_one_another() -> None:
    layers = (
        LayerPicture("a", "Input", "2"),
        LayerPicture("b", "Dense", "4", inputs=("a",)),
        LayerPicture("c", "Dense", "4", inputs=("a",)),
        LayerPicture("d", "Dense", "4", inputs=("c",)),
        LayerPicture("e", "Add", "4", inputs=("b", "d")),
    )
    assert network_layout.depths(layers) == {"a": 0, "b": 1, "c": 1, "d": 2, "e": 3}
    places = network_folding.arrange(layers, QSizeF(600, 300)).places
    assert places["b"].whole.x() == places["c"].whole.x()
    assert places["b"].whole.bottom() < places["c"].whole.top()
    lefts = [places[name].head.x() for name in "abde"]
    assert lefts == sorted(set(lefts))
    assert network_folding.needed_width(layers) <= 600


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Dense", "MaxPooling2D", "Conv2D", "BatchNormalization"]),
            st.sampled_from(["1", "128", "26×26×32", "any×224×224×64"]),
            st.sampled_from(["", "relu", "softmax"]),
            st.sampled_from([Drawn.BOX, Drawn.COLUMN]),
        ),
        min_size=1,
        max_size=9,
    ),
    st.integers(0, 900),
)
def test_a_shape_has_room_on_its_edge_and_ends_before_the_next_layer(
    rows: list[tuple[str, str, str, Drawn]], spare: int
) -> None:
    layers = [
        LayerPicture(f"l{n}", kind, shape, "", (f"l{n - 1}",) if n else (), activation, drawn)
        for n, (kind, shape, activation, drawn) in enumerate(rows)
    ]
    room = QSizeF(network_folding.needed_width(layers) + spare, 160)
    places = network_folding.arrange(layers, room).places
    mono = fonts.mono(metrics.CAPTION)
    for layer, after in zip(layers, [*layers[1:], None], strict=True):
        place = places[layer.name]
        edge = place.edge
        assert edge.width() >= text_width(mono, layer.shape) + network_layout.EDGE_ENDS
        assert edge.x() >= place.head.x() + text_width(mono, layer.activation)
        assert edge.top() >= place.head.y() + network_layout.TITLE
        assert edge.bottom() <= place.body.y() - 4  # where the outline of what is chosen is
        assert edge.bottom() <= place.body.top()
        if after is not None:
            assert place.body.x() < edge.right() < places[after.name].head.x()
        else:
            assert edge.right() <= room.width() + 1e-6


def test_an_edge_carries_the_shape_that_the_summary_tells(
    place: Place, colours: Callable[[QWidget], set[str]]
) -> None:
    view = NetworkView()
    view.set_layers(_network())
    place(view, width=560, height=160)
    edge = view.edge_of("in")
    assert view.place_of("in").x() <= edge.x() < edge.right() < view.place_of("conv").x()
    image = view.grab().toImage()
    ground = QColor(theme.LIGHT.stage)
    middle = range(int(edge.center().x()) - 10, int(edge.center().x()) + 10)
    written = [
        image.pixelColor(x, y) != ground
        for x in middle
        for y in range(int(edge.top()), int(edge.bottom()))
    ]
    assert sum(written) > 30


def test_layers_below_one_another_have_room_for_their_values() -> None:
    heads = [LayerPicture(f"h{n}", "Dense", "1", "9 params", ("in",)) for n in range(3)]
    layers = (LayerPicture("in", "Input", "2"), *heads)
    view = NetworkView()
    grown: list[int] = []
    view.height_changed.connect(lambda: grown.append(view.sizeHint().height()))
    view.set_layers(layers[:2])
    view.set_layers(layers)
    assert grown[0] < grown[1]
    places = network_folding.arrange(layers, QSizeF(400, grown[1] - 8)).places
    for name in ("h0", "h1", "h2"):
        place = places[name]
        assert place.body.height() >= network_layout.ROOMY.body
        assert place.foot.top() >= place.body.bottom()
    assert places["h0"].foot.bottom() < places["h1"].head.top()


def test_a_click_chooses_and_a_second_one_opens(place: Place) -> None:
    view = NetworkView()
    view.set_layers(_network())
    place(view, width=560, height=160)
    chosen: list[str] = []
    opened: list[str] = []
    view.chosen.connect(chosen.append)
    view.opened.connect(opened.append)
    spot = view.place_of("conv").center().toPoint()
    QTest.mouseClick(view, BUTTON, pos=spot)
    QTest.mouseClick(view, BUTTON, pos=spot)
    assert (chosen, view.current()) == (["conv"], "conv")
    QTest.mouseDClick(view, BUTTON, pos=spot)
    assert opened == ["conv"]
    QTest.mouseClick(view, BUTTON, pos=QPoint(559, 1))
    assert chosen == ["conv"]


def test_keys_go_from_layer_to_layer(place: Place) -> None:
    view = NetworkView()
    view.set_layers(_network())
    place(view, width=560, height=160)
    view.setFocus(Qt.FocusReason.TabFocusReason)
    opened: list[str] = []
    view.opened.connect(opened.append)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        QTest.keyClick(view, key)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert opened == ["conv"]


def test_a_wrong_answer_is_red_and_a_right_one_is_not(
    place: Place, colours: Callable[[QWidget], set[str]]
) -> None:
    view = NetworkView()
    view.set_layers(_network())
    place(view, width=560, height=160)
    red = QColor(theme.LIGHT.error).name()
    assert red in colours(view)
    *before, last = _network()
    right = replace(last, truth=2)
    view.set_layers((*before, right))
    assert red not in colours(view)
