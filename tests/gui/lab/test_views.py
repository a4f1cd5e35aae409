"""The smaller views: their colours are those of the values, and bad sizes are refused."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QWidget

from simulator.gui import theme
from simulator.gui.lab import inks
from simulator.gui.lab.heat_views import ConfusionView, MapsView, PlaneView
from simulator.gui.lab.layer_views import HistogramsView, LayerBarsView
from simulator.gui.lab.mosaic import Mosaic
from simulator.gui.lab.titled_view import TitledView
from simulator.gui.stage.colours import pixels
from simulator.gui.widgets.painting import painting
from simulator.lab.presenting.pictures import Histogram, LayerBar, PlanePicture
from simulator.lessons.frame import Scale, ScaleKind
from tests.gui.lab.conftest import Lab

Place = Callable[..., QWidget]
Pixel = Callable[[QWidget, float, float], str]
SIGNED = Scale(ScaleKind.SIGNED, 1.0)


def _colour(scale: Scale, value: float) -> str:
    return QColor.fromRgba(int(pixels(theme.LIGHT, scale, np.array([[value]]))[0, 0])).name()


def test_counts_of_confusion_stand_in_their_rows(place: Place, pixel: Pixel) -> None:
    view = ConfusionView("Confusion")
    view.set_counts(np.array([[30, 0], [6, 12]]), ("a", "b"))
    place(view, width=222, height=246)
    room = view.room()
    side = (room.height() - 22) / 2
    scale = Scale(ScaleKind.FROM_ZERO, 30.0)
    for row, column, count in ((0, 0, 30), (0, 1, 0), (1, 0, 6), (1, 1, 12)):
        x, y = 22 + column * side + 4, room.y() + row * side + 4
        assert pixel(view, x, y) == _colour(scale, count)
    view.set_counts(np.eye(2), ("\n", "b"))
    assert view.labels() == ("↵", "b")
    with pytest.raises(ValueError, match="3 labels"):
        view.set_counts(np.zeros((2, 2)), ("a", "b", "c"))


def test_a_surface_is_drawn_from_the_bottom_up(place: Place, pixel: Pixel) -> None:
    view = PlaneView("Boundary")
    values = np.array([[-1.0, -1.0], [1.0, 1.0]])
    points = np.array([[0.0, 0.0], [5.0, 5.0]])
    told = np.array([-1.0, 1.0])
    line = np.array([[[-6.0, 0.0], [6.0, 0.0]]])
    view.set_picture(PlanePicture(values, SIGNED, (-6, 6, -6, 6), points, told, line))
    place(view, width=200, height=246)  # with room for the title and for what the colours mean
    square = view.square()
    assert square.width() == square.height() == 200
    scale = [pixel(view, x, square.bottom() + 13) for x in range(200)]
    assert scale.index(_colour(SIGNED, -1.0)) < scale.index(_colour(SIGNED, 1.0))
    assert pixel(view, 10, square.bottom() - 10) == _colour(SIGNED, -1.0)
    assert pixel(view, 10, square.top() + 10) == _colour(SIGNED, 1.0)
    middle = view.place(0.0, 0.0)
    assert (middle.x(), middle.y()) == (square.center().x(), square.center().y())
    assert pixel(view, middle.x(), middle.y()) == _colour(SIGNED, -1.0)
    view.set_picture(None)
    assert pixel(view, 10, square.bottom() - 10) != _colour(SIGNED, -1.0)


def test_each_place_has_the_colour_of_its_class_as_strong_as_it_is_sure(
    place: Place, pixel: Pixel
) -> None:
    view = PlaneView("Boundary")
    said, sure = np.array([[0, 3], [2, 1]]), np.array([[1.0, 1.0], [0.0, 1.0]])
    points, classes = np.array([[0.0, 5.0]]), np.array([1])
    names = ("blue", "orange", "green", "violet")
    view.set_picture(
        PlanePicture(
            *(sure, SIGNED, (-6, 6, -6, 6), points, classes),
            classes=classes,
            said=said,
            names=names,
        )
    )
    place(view, width=200, height=246)
    square = view.square()
    assert square.width() == 200, "the names of the classes stand below it"
    shades = inks.class_pixels(said, sure)
    assert pixel(view, 5, square.bottom() - 5) == QColor.fromRgba(int(shades[0, 0])).name()
    assert pixel(view, 195, square.bottom() - 5) == QColor.fromRgba(int(shades[0, 1])).name()
    assert pixel(view, 5, square.top() + 5) == theme.LIGHT.map_signed[2], "it is not sure at all"
    spot = view.place(0.0, 5.0)
    orange = theme.LIGHT.classes[1]
    assert pixel(view, spot.x(), spot.y()) == orange, "a point has its class's own colour"
    assert pixel(view, inks.SWATCH / 2, square.bottom() + 13) == theme.LIGHT.classes[0]


@pytest.mark.parametrize("of", [theme.LIGHT, theme.DARK])
def test_no_two_classes_have_colours_that_are_hard_to_tell_apart(of: theme.Theme) -> None:
    rgb = np.array([QColor(each).getRgb()[:3] for each in of.classes], float)
    apart = np.linalg.norm(rgb[:, None] - rgb, axis=-1)
    np.fill_diagonal(apart, np.inf)
    assert apart.min() > 55


def test_a_unit_that_stands_for_a_class_has_its_colour() -> None:
    maps = np.stack([np.ones((3, 3)), np.zeros((3, 3)), np.ones((3, 3))])
    mosaic = Mosaic(maps, SIGNED, classes=(0, 1, 2))
    image = mosaic.image()
    for row, strength in ((0, 1.0), (3, 0.0), (6, 1.0)):  # the maps stand below one another
        wanted = inks.class_pixels(np.array([[row // 3]]), np.array([[strength]]))
        assert image.pixel(1, row + 1) == int(wanted[0, 0])


def test_maps_can_be_shown_and_taken_back(place: Place, pixel: Pixel) -> None:
    view = MapsView("Filters")
    view.set_maps(np.full((1, 3, 3), 0.5), SIGNED)
    place(view, width=200, height=224)
    assert pixel(view, 100, 124) == _colour(SIGNED, 0.5)
    view.set_maps(None, None)
    assert pixel(view, 100, 124) != _colour(SIGNED, 0.5)


@pytest.mark.parametrize("chosen", [theme.LIGHT, theme.DARK], ids=lambda one: one.name)
def test_a_sample_about_zero_can_be_told_from_the_surface(
    place: Place, qapp: QApplication, chosen: theme.Theme, pixel: Pixel
) -> None:
    theme.apply(qapp, chosen)
    view = PlaneView("Surface")
    place(view, width=200, height=246)
    values, points = np.zeros((4, 4)), np.array([[0.0, 0.0]])
    view.set_picture(PlanePicture(values, SIGNED, (-6, 6, -6, 6), points, np.zeros(1)))
    spot = view.place(0.0, 0.0)
    ground = QColor(pixel(view, spot.x(), spot.y()))
    beside = [QColor(pixel(view, spot.x() + right, spot.y())) for right in (2, 3)]
    assert max(abs(each.lightness() - ground.lightness()) for each in beside) > 50


def test_a_histogram_is_as_high_as_its_counts(place: Place, pixel: Pixel) -> None:
    view = HistogramsView("Weights", "weights")
    view.set_histograms([Histogram("dense", np.array([10, 5]), "−1", "1")])
    place(view, width=150, height=160)
    room = view.room()
    top, bottom = room.y() + 18, room.bottom() - 18
    green = theme.LIGHT.weights
    assert pixel(view, 30, top + 3) == green
    assert pixel(view, 110, top + 3) != green
    assert pixel(view, 110, (top + bottom) / 2 + 4) == green
    view.set_histograms(
        [Histogram("dense", np.array([]), "", ""), Histogram("b", np.zeros(3), "", "")]
    )
    view.grab()


def test_a_warning_is_red(place: Place, colours: Callable[[QWidget], set[str]]) -> None:
    view = LayerBarsView("Gradient norm", "gradient")
    place(view, width=400, height=160)
    view.set_bars([LayerBar("conv", 0.5, "0.31")])
    shown = colours(view)
    assert theme.LIGHT.gradient in shown
    assert theme.LIGHT.error not in shown
    view.set_bars([LayerBar("conv", 0.5, "0.31", warned=True)])
    assert theme.LIGHT.error in colours(view)


def test_many_maps_are_painted_where_each_alone_would_be() -> None:
    rng = np.random.default_rng(3)
    maps = rng.normal(size=(5, 3, 4))
    mosaic = Mosaic(maps, Scale(ScaleKind.SIGNED, 2.0))
    for ratio in (1.0, 2.0):
        painted = QImage(round(90 * ratio), round(60 * ratio), QImage.Format.Format_ARGB32)
        painted.setDevicePixelRatio(ratio)
        painted.fill(Qt.GlobalColor.black)
        with painting(painted) as painter:
            places = mosaic.paint(painter, QRectF(4.5, 2, 80, 56), 2)
        assert len(places) == 5
        coloured = pixels(theme.current(), Scale(ScaleKind.SIGNED, 2.0), maps.reshape(-1, 4))
        for number, place in enumerate(places):
            for row, column in np.ndindex(3, 4):
                x = place.x() + (column + 0.5) * place.width() / 4
                y = place.y() + (row + 0.5) * place.height() / 3
                seen = painted.pixel(int(x * ratio), int(y * ratio))
                assert seen == coloured[number * 3 + row, column], (number, row, column)
        gap = places[0].right() + 1
        assert painted.pixelColor(int(gap * ratio), int(30 * ratio)) == Qt.GlobalColor.black


def test_a_view_that_draws_nothing_is_refused() -> None:
    with pytest.raises(TypeError, match="TitledView is abstract: it lacks paint_content"):
        TitledView("Empty")


def test_gradients_that_come_in_turn_are_drawn_beside_the_sample_of_before(
    open_lab: Callable[..., Lab],
) -> None:
    lab = open_lab()
    lab.train(2)
    views, document = lab.page.views, lab.document
    views.values.set_value("gradients")
    views.values.value_changed.emit("gradients")
    lab.turn(2)
    snapshot = document.snapshot
    assert snapshot is not None
    assert snapshot.sample_gradients is not None
    later = {name: 2 * slope for name, slope in snapshot.sample_gradients.items()}
    document.snapshot = replace(snapshot, sample_gradients=later)
    document.snapshot_changed.emit()
    drawn = {layer.name: layer.values for layer in views.network.layers()}
    np.testing.assert_array_equal(drawn["dense_1"], later["dense_1"])
