"""A chart: its points lie where its axes say, and what is written at the ends can be read."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from simulator.gui import theme
from simulator.gui.lab import chart as charts
from simulator.gui.lab.chart import Chart
from simulator.lab.presenting.pictures import ChartPicture, Curve

Place = Callable[..., QWidget]


def _picture(*curves: Curve) -> ChartPicture:
    return ChartPicture(
        "Loss", "held out", curves, (0, 10), (0, 2), {0: "0", 10: "10"}, {0: "0", 2: "2"}, "epoch"
    )


def _curve(height: float, branch: int = 0, end: str = "") -> Curve:
    return Curve("loss", np.linspace(0, 8, 50), np.full(50, height), branch, end=end)


def test_a_curve_lies_where_the_axes_say(place: Place, pixel: Callable[..., str]) -> None:
    chart = Chart(_picture(_curve(1.0, branch=1)))
    place(chart, width=300, height=200)
    QApplication.processEvents()
    spot = chart.place(4.0, 1.0)
    area = chart.area()
    assert spot.x() == pytest.approx(area.x() + 0.4 * area.width())
    blue = QColor(theme.LIGHT.branches[1])
    near = [QColor(pixel(chart, spot.x(), spot.y() + away)) for away in (-2, -1, 0, 1, 2)]
    assert min(abs(one.red() - blue.red()) + abs(one.blue() - blue.blue()) for one in near) < 120
    assert QColor(pixel(chart, spot.x(), spot.y() - 20)).lightness() > 230


def test_curves_come_and_go(place: Place) -> None:
    chart = Chart(_picture(_curve(1.0), _curve(0.5, 1)))
    place(chart, width=300, height=200)
    chart.set_picture(_picture())
    assert chart.picture().curves == ()
    chart.set_picture(_picture(_curve(1.0), _curve(0.5, 1), _curve(0.2, 2)))
    chart.set_picture(replace(chart.picture(), cursor=4.0))
    gaps = Curve("a", np.array([0.0, 1.0, 2.0]), np.array([np.nan, 1.0, np.inf]))
    chart.set_picture(_picture(gaps, Curve("none", np.array([]), np.array([]), end="0")))
    chart.grab()


def test_a_cursor_stands_at_its_moment(place: Place, pixel: Callable[..., str]) -> None:
    chart = Chart(replace(_picture(), cursor=5.0))
    place(chart, width=300, height=200)
    x = round(chart.place(5.0, 0).x())
    assert pixel(chart, x, chart.area().center().y()) == theme.LIGHT.ink1


def test_both_themes_have_their_own_curves(
    place: Place, qapp: QApplication, colours: Callable[[QWidget], set[str]]
) -> None:
    chart = Chart(_picture(_curve(1.0, 2, end="1.00")))
    host = place(chart, width=300, height=200)
    theme.apply(qapp, theme.DARK)
    QApplication.processEvents()
    assert host.isVisible()
    assert theme.DARK.branches[2] in colours(chart)
    theme.apply(qapp, theme.LIGHT)
    assert theme.LIGHT.branches[2] in colours(chart)


def test_what_is_written_at_the_ends_is_moved_apart() -> None:
    rows = charts._apart([100.0, 101.0, 99.0], 0, 200)
    assert sorted(rows) == pytest.approx([99, 115, 131])
    assert rows[2] < rows[0] < rows[1]
    squeezed = charts._apart([199.0, 198.0, 200.0], 0, 200)
    assert max(squeezed) == 200
    assert np.diff(sorted(squeezed)).min() >= 15.9
    assert charts._apart([], 0, 10) == []


def test_the_numbers_of_the_axis_have_the_room_they_need(place: Place) -> None:
    chart = Chart(_picture())
    place(chart)
    narrow = chart.area().x()
    ticks = {0.0: "0.000", 0.125: "0.125"}
    chart.set_picture(replace(_picture(), y_range=(0.0, 0.2), y_ticks=ticks))
    assert chart.area().x() > narrow


def _grown(points: int, moved: float = 0.0) -> ChartPicture:
    """Two curves with so many points, the last of which lie a little off."""
    xs = np.linspace(0, 9, 60)[:points]
    curves = []
    for branch, (height, faint) in enumerate(((1.5, True), (0.6, False))):
        ys = height + 0.3 * np.sin(3 * xs + branch)
        ys[-1] += moved
        curves.append(Curve("", xs, ys, 0, faint, end=f"{ys[-1]:.2f}" if not faint else ""))
    return replace(_picture(*curves), cursor=float(xs[-1]))


def test_a_chart_that_grew_looks_like_one_that_was_drawn_at_once(place: Place) -> None:
    grown = Chart(_grown(2))
    place(grown, width=300, height=200)
    for points in range(2, 61):
        for moved in (0.2, 0.0):
            grown.set_picture(_grown(points, moved))
            QApplication.processEvents()
    at_once = Chart(_grown(60))
    place(at_once, width=300, height=200)
    assert grown.grab().toImage() == at_once.grab().toImage()


def test_what_has_grown_alone_is_painted(place: Place) -> None:
    painted: list[QRect] = []

    class Watched(Chart):
        def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
            painted.append(event.rect())
            super().paintEvent(event)

    chart = Watched(_grown(30))
    place(chart, width=300, height=200)
    chart.grab()
    QApplication.processEvents()
    painted.clear()
    chart.set_picture(_grown(30))
    QApplication.processEvents()
    assert not painted, "nothing has changed"
    chart.set_picture(_grown(31))
    QApplication.processEvents()
    assert painted
    assert max(rect.width() for rect in painted) < 100
    painted.clear()
    chart.set_picture(replace(_grown(32), x_range=(0, 20)))
    QApplication.processEvents()
    assert painted[-1].width() == 300, "on another scale all of it is"
