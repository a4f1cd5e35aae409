"""Colours can be told apart, and an application changes its theme while it runs."""

import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF, QIcon, QImage, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from simulator.gui import fonts, icons, metrics, theme
from simulator.gui.theme import DARK, LIGHT, Theme

ROOT = Path(__file__).resolve().parents[2]
THEMES = pytest.mark.parametrize("chosen", [LIGHT, DARK], ids=lambda one: one.name)

INKS = ("ink1", "ink2", "ink3")
SURFACES = ("window", "stage", "panel", "card", "well", "hover")
ROLES = ("reads", "weights", "writes", "gradient", "error")
GATES = ("gate_f", "gate_i", "gate_g", "gate_o")


def _luminance(colour: str) -> float:
    """WCAG 2.2's relative luminance."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in QColor(colour).getRgbF()[:3]
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_contrast_is_that_of_the_standard() -> None:
    assert _contrast("#000000", "#ffffff") == pytest.approx(21)
    assert _contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@THEMES
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("ink", INKS)
def test_text_can_be_read_on_every_surface(chosen: Theme, ink: str, surface: str) -> None:
    assert _contrast(getattr(chosen, ink), getattr(chosen, surface)) >= 4.5


@THEMES
@pytest.mark.parametrize("role", ROLES)
def test_a_role_can_be_read_on_its_wash_and_on_panels(chosen: Theme, role: str) -> None:
    for ground in (f"{role}_wash", "stage", "panel", "card"):
        assert _contrast(getattr(chosen, role), getattr(chosen, ground)) >= 4.5, ground
    assert _contrast(chosen.ink1, getattr(chosen, f"{role}_wash")) >= 7


@THEMES
@pytest.mark.parametrize("gate", GATES)
def test_a_gates_letter_can_be_read_on_its_wash(chosen: Theme, gate: str) -> None:
    assert _contrast(getattr(chosen, f"{gate}_text"), getattr(chosen, f"{gate}_wash")) >= 4.5


@THEMES
def test_branches_can_be_read_on_the_stage(chosen: Theme) -> None:
    assert all(_contrast(branch, chosen.stage) >= 4.5 for branch in chosen.branches)


@THEMES
def test_every_token_is_a_colour(chosen: Theme) -> None:
    for field in fields(chosen):
        value = getattr(chosen, field.name)
        for colour in value if isinstance(value, tuple) else (value,):
            if field.name not in {"name", "dark"}:
                assert QColor(colour).name() == colour, field.name


@THEMES
def test_the_map_from_zero_up_is_half_of_the_signed_one(chosen: Theme) -> None:
    assert chosen.map_signed[2:] == chosen.map_nonnegative


def test_a_wrong_token_is_told() -> None:
    for wrong in ("inkk", "name", "branches"):
        with pytest.raises(ValueError, match=wrong):
            LIGHT.colour(wrong)


def test_where_the_desktop_has_no_scheme_it_is_light(qapp: QApplication) -> None:
    assert QApplication.styleHints().colorScheme() == Qt.ColorScheme.Unknown
    theme.apply(qapp, DARK)
    assert theme.system_theme() is LIGHT


def test_a_theme_is_taken_on_live(qtbot: QtBot, qapp: QApplication) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    line = QLineEdit(window)
    line.resize(200, 28)
    window.show()
    for chosen in (LIGHT, DARK, LIGHT):
        theme.apply(qapp, chosen)
        assert theme.current() is chosen
        ground = qapp.palette().color(QPalette.ColorRole.Window)
        assert ground.name() == chosen.panel
        assert line.grab().toImage().pixelColor(100, 14).name() == chosen.panel
        assert line.grab().toImage().pixelColor(100, 0).name() == chosen.border


def _inks(picture: QImage) -> set[str]:
    """The colours of those pixels that are wholly covered."""
    return {
        picture.pixelColor(x, y).name()
        for x in range(picture.width())
        for y in range(picture.height())
        if picture.pixelColor(x, y).alpha() == 255
    }


def test_an_icon_follows_the_theme(qapp: QApplication) -> None:
    icon = icons.icon("plus", "ink1")
    for chosen in (LIGHT, DARK):
        theme.apply(qapp, chosen)
        normal = icon.pixmap(QSize(48, 48)).toImage()
        disabled = icon.pixmap(QSize(48, 48), QIcon.Mode.Disabled).toImage()
        assert _inks(normal) == {chosen.ink1}
        assert _inks(disabled) == {chosen.ghost}


def test_an_icon_has_a_pixel_for_each_of_the_screens(qapp: QApplication) -> None:
    picture = icons.icon("plus").pixmap(QSize(16, 16), 2.5)
    assert picture.size() == QSize(40, 40)
    assert picture.devicePixelRatio() == 2.5


def test_an_unknown_icon_is_told_before_it_is_painted(qapp: QApplication) -> None:
    with pytest.raises(FileNotFoundError, match="no-such-icon"):
        icons.icon("no-such-icon")


def test_the_window_has_an_icon(qapp: QApplication) -> None:
    sizes = {size.width() for size in icons.app_icon().availableSizes()}
    assert {16, 32, 256} <= sizes
    assert len(_inks(icons.app_icon().pixmap(64, 64).toImage())) > 2


def test_the_bundled_fonts_are_the_ones_in_use(qapp: QApplication) -> None:
    assert {"Inter", "JetBrains Mono", "STIX Two Math", "DejaVu Sans"} <= set(fonts.load())
    assert QFontInfo(fonts.ui(metrics.BODY)).family() == "Inter"
    assert QFontInfo(fonts.mono(metrics.HEADLINE, metrics.MEDIUM)).family() == "JetBrains Mono"
    assert QFontInfo(fonts.math(15)).family() == "STIX Two Text"
    assert fonts.math(15, italic=True).italic()
    assert not fonts.math(15).italic()


@pytest.mark.parametrize("size", [10.5, 11.5, 12.5, 13, 22])
def test_half_a_pixel_of_size_counts_in_the_width(qapp: QApplication, size: float) -> None:
    words = "Product 6 of 9 for output cell (26, 6)"
    asked = QFontMetricsF(fonts.ui(size)).horizontalAdvance(words)
    at_twenty = QFontMetricsF(fonts.ui(20)).horizontalAdvance(words)
    assert asked == pytest.approx(at_twenty * size / 20, rel=0.01)


def test_digits_are_of_one_width(qapp: QApplication) -> None:
    for font in (fonts.ui(12.5), fonts.ui(12.5, metrics.SEMIBOLD), fonts.mono(12.5)):
        widths = {QFontMetricsF(font).horizontalAdvance(digit) for digit in "0123456789"}
        assert max(widths) - min(widths) < 0.01


def test_code_is_set_without_ligatures(qapp: QApplication) -> None:
    def drawn(words: str) -> QImage:
        picture = QImage(60, 30, QImage.Format.Format_RGB32)
        picture.fill(Qt.GlobalColor.white)
        painter = QPainter(picture)
        painter.setFont(fonts.mono(20))
        painter.drawText(5, 22, words)
        painter.end()
        return picture

    joined, hyphen, angle = drawn("->"), drawn("- "), drawn(" >")
    for y in range(30):
        for x in range(60):
            apart = min(hyphen.pixelColor(x, y).red(), angle.pixelColor(x, y).red())
            assert joined.pixelColor(x, y).red() == apart


def test_text_too_small_to_read_is_refused(qapp: QApplication) -> None:
    with pytest.raises(ValueError, match="9 px"):
        fonts.ui(9)


def test_the_kit_loads_nothing_heavy() -> None:
    script = (
        "import sys, simulator.gui.theme, simulator.gui.widgets\n"
        "heavy = ('numpy', 'numba', 'PIL', 'ziamath', 'simulator.engine')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"
