"""The decision boundary: lines and points lie where the plane says that they do."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QWidget

from simulator.gui import theme
from simulator.gui.lab.heat_views import PlaneView
from simulator.lab.presenting.pictures import PlanePicture
from simulator.lessons.frame import Scale, ScaleKind

Place = Callable[..., QWidget]


def test_a_border_and_points_lie_where_the_plane_says(
    place: Place, pixel: Callable[..., str]
) -> None:
    border = np.array([[[0.5, -1.0], [0.5, 0.0]], [[0.5, 0.0], [-1.0, 2.0]]])
    picture = PlanePicture(
        np.zeros((4, 4)),
        Scale(ScaleKind.FROM_ZERO, 1.0),
        (-1.0, 1.0, -2.0, 2.0),
        np.array([[-0.5, 1.0]]),
        np.array([1.0]),
        border=border,
        classes=np.array([1]),
        said=np.zeros((4, 4), np.int64),
    )
    view = PlaneView("Decision boundary")
    view.set_picture(picture)
    place(view, width=300, height=260)
    QApplication.processEvents()
    square = view.square()
    spot = view.place(0.5, -1.0)
    assert (spot.x(), spot.y()) == pytest.approx(
        (square.x() + 0.75 * square.width(), square.bottom() - 0.25 * square.height())
    )
    assert view.at(spot) == pytest.approx((0.5, -1.0))

    def darkest(x: float, y: float) -> int:
        at = view.place(x, y)
        return min(QColor(pixel(view, at.x() + away, at.y())).lightness() for away in (-1, 0, 1))

    for x, y in ((0.5, -0.9), (0.5, -0.1), (-0.25, 1.0)):  # on the lines, and beside them
        assert darkest(x, y) < 170
        assert darkest(x + 0.2, y) > 200
    point = view.place(-0.5, 1.0)
    fill, wanted = QColor(pixel(view, point.x(), point.y())), QColor(theme.LIGHT.classes[1])
    assert abs(fill.red() - wanted.red()) + abs(fill.blue() - wanted.blue()) < 30
