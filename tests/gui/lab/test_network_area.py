"""However deep a network is, the charts stay in view with it; its height goes as its layers do."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from simulator.formats.network import LayerSpec, sequential
from simulator.formats.presets import Preset
from simulator.gui.lab.network_area import NetworkArea
from simulator.gui.lab.network_layout import CLOSE
from simulator.gui.lab.network_view import NetworkView
from simulator.lab.presenting.pictures import LayerPicture
from simulator.traces.timeline import GLIDE_SECONDS
from tests.gui.conftest import Clock, settle
from tests.gui.lab.conftest import SMALL, Lab

Open = Callable[..., Lab]
Place = Callable[..., QWidget]


def _deep(blocks: int) -> Preset:
    """So many times a convolution with what often follows it, and a layer that answers."""
    layers: list[LayerSpec] = []
    for block in range(blocks):
        layers += [
            LayerSpec(
                "Conv2D",
                f"conv{block}",
                {"filters": 4, "kernel_size": (3, 3), "padding": "same", "activation": "relu"},
            ),
            LayerSpec("BatchNormalization", f"norm{block}"),
            LayerSpec("Dropout", f"drop{block}", {"rate": 0.1}),
        ]
    layers += [
        LayerSpec("Flatten", "flatten"),
        LayerSpec("Dense", "dense", {"units": 10, "activation": "softmax"}),
    ]
    return replace(
        SMALL, program=replace(SMALL.program, network=sequential(layers, shape=(8, 8, 1)))
    )


def _seen(lab: Lab, widget: QWidget) -> QRect:
    views = lab.page.views
    return QRect(widget.mapTo(views.viewport(), QPoint()), widget.size())


@pytest.mark.parametrize("blocks", [5, 14])
def test_a_deep_network_leaves_the_charts_in_view(open_lab: Open, blocks: int) -> None:
    lab = open_lab(_deep(blocks))
    lab.train(1)
    views = lab.page.views
    window = views.viewport().rect()
    assert window.contains(_seen(lab, views.charts))
    for name in views.charts.names():
        assert views.charts.chart(name).height() >= 150
    area = views.network.parentWidget().parentWidget()
    assert isinstance(area, NetworkArea)
    assert window.contains(_seen(lab, area))
    assert views.widget().width() == views.viewport().width()
    whole = area.verticalScrollBar().maximum() == 0
    assert whole == (blocks == 5)
    for layer in views.network.layers():  # seventeen of them are all in view, and apart
        assert QRectF(views.network.rect()).contains(views.network.place_of(layer.name))


def test_without_charts_the_network_has_their_room(open_lab: Open) -> None:
    lab = open_lab(_deep(14))
    views = lab.page.views
    before = views.network.parentWidget().height()
    views.show_view("charts", False)
    views.show_view("samples", False)
    settle()
    assert views.network.parentWidget().height() > before + 150


def test_the_chosen_layer_is_scrolled_to(open_lab: Open) -> None:
    lab = open_lab(_deep(14))
    network = lab.page.views.network
    window = QRectF(network.parentWidget().rect())
    for name in ("dense", "conv0", "norm7"):
        lab.document.choose_layer(name)
        settle()
        seen = network.place_of(name).translated(QPointF(network.pos()))
        assert window.contains(seen), name


def test_its_height_goes_with_the_layers_that_make_room(place: Place) -> None:
    clock = Clock()
    view = NetworkView(clock=clock)
    area = NetworkArea(view)
    view.set_layers(_chain(4))
    place(area, width=604, height=160)
    area.limit(160, 160)
    settle()
    view.set_layers(_chain(5))
    assert view.gliding
    area.limit(240, 240)
    area.glide(160, 240)
    heights = []
    for _ in range(5):
        settle()
        heights.append(area.height())
        clock.now += GLIDE_SECONDS / 4
        view.tick()
    settle()
    assert heights[0] == 160
    assert heights == sorted(heights)
    assert 165 < heights[2] < 235
    assert not view.gliding
    assert area.height() == 240
    # Meanwhile the drawing was as high as it is in the end: layers had one way to go.
    assert view.height() == 240


def test_a_layer_that_comes_moves_the_charts_by_and_by(open_lab: Open, clock: Clock) -> None:
    lab = open_lab(_deep(3))
    lab.train(1)
    network, charts = lab.page.views.network, lab.page.views.charts
    area = network.parentWidget().parentWidget()
    before = area.height()
    program = lab.document.program
    assert program is not None
    lab.document.change_program("more", replace(program, network=_deep(4).program.network))
    lab.turn(2)
    tops = []
    while network.gliding and len(tops) < 40:
        settle()
        tops.append(charts.mapTo(lab.page, QPoint()).y())
        clock.now += GLIDE_SECONDS / 8
        network.tick()
    settle()
    tops.append(charts.mapTo(lab.page, QPoint()).y())
    assert area.height() > before
    assert 5 < len(tops) < 40
    assert tops == sorted(tops)
    whole = tops[-1] - tops[0]
    assert max(below - above for above, below in pairwise(tops)) < whole / 2


def test_the_wheel_goes_through_the_rows_first(place: Place) -> None:
    view = NetworkView()
    area = NetworkArea(view)
    view.set_layers(_chain(30))
    place(area, width=604, height=200)
    assert view.height() == view.needed_height(view.width(), CLOSE)
    spot = QPointF(area.mapTo(area.window(), QPoint(300, 100)))
    QTest.wheelEvent(area.window().windowHandle(), spot, QPoint(0, -240))
    settle()
    assert area.verticalScrollBar().value() > 0


def _chain(count: int) -> tuple[LayerPicture, ...]:
    return tuple(
        LayerPicture(
            *(f"l{n}", "Conv2D", "26×26×32", "9,248 params"),
            inputs=(f"l{n - 1}",) if n else (),
            activation="relu",
        )
        for n in range(count)
    )
