"""The colours of the interface, light and dark, and how an application takes them on.

The window is grey, and colour always means something: see ``reads``, ``weights``, ``writes`` and
``gradient``. Each of those stands on its own wash with a contrast of at least 4.5 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QToolTip

from simulator.gui import fonts, garbage, metrics, stylesheet

_KNOWN: dict[tuple[str, str], QColor] = {}
"""The colours that were asked for, by theme and token: reading "#rrggbb" takes longer."""


@dataclass(frozen=True, slots=True)
class Theme:
    """The tokens of one colour scheme; every colour is written ``"#rrggbb"``."""

    name: str
    dark: bool

    # Surfaces.
    window: str  # behind the lesson list
    stage: str
    panel: str  # bars, the right panel, and the fill of controls
    card: str  # what floats above the others
    well: str  # what is sunk: tracks, the ground of segments, disabled controls
    hover: str
    raised: str  # the chosen segment, on a well
    hairline: str
    border: str  # of controls and cards

    # Text and glyphs.
    ink1: str
    ink2: str
    ink3: str
    ghost: str  # disabled glyphs and unwritten marks, not for text that must be read

    # Roles in a step.
    reads: str
    reads_wash: str
    weights: str
    weights_wash: str
    writes: str
    writes_wash: str
    gradient: str  # always dashed
    gradient_wash: str

    # Gates of a recurrent cell: forget, input, candidate, output. Always with their letter.
    gate_f: str
    gate_f_text: str
    gate_f_wash: str
    gate_i: str
    gate_i_text: str
    gate_i_wash: str
    gate_g: str
    gate_g_text: str
    gate_g_wash: str
    gate_o: str
    gate_o_text: str
    gate_o_wash: str

    error: str
    error_wash: str

    branches: tuple[str, ...]  # runs of a training, each also labelled

    classes: tuple[str, ...]  # what a network tells apart: on points, boundaries and in legends

    # Stops of the colour maps, evenly spaced, interpolated in OKLab.
    map_signed: tuple[str, str, str, str, str]  # from most negative over zero to most positive
    map_nonnegative: tuple[str, str, str]  # from zero up

    def colour(self, token: str) -> QColor:
        """Return the colour of a token, such as ``"reads_wash"``.

        Raises ``ValueError`` if there is no such token.
        """
        known = _KNOWN.get((self.name, token))
        if known is None:
            value = getattr(self, token, None)
            if not isinstance(value, str) or not value.startswith("#"):
                raise ValueError(f"the theme has no colour named {token!r}")
            known = _KNOWN[self.name, token] = QColor(value)
        return QColor(known)  # whoever gets it may change it


LIGHT = Theme(
    name="light",
    dark=False,
    window="#f4f5f7",
    stage="#fafafb",
    panel="#ffffff",
    card="#ffffff",
    well="#eef0f3",
    hover="#eceef2",
    raised="#ffffff",
    hairline="#e2e5ea",
    border="#c5cbd4",
    ink1="#14181f",
    ink2="#434b58",
    ink3="#626c7b",
    ghost="#aeb6c2",
    reads="#0069a6",
    reads_wash="#e3f0f8",
    weights="#006b4a",
    weights_wash="#e0f2ec",
    writes="#b84500",
    writes_wash="#fcebdf",
    gradient="#a83f82",
    gradient_wash="#f7e7f0",
    gate_f="#e69f00",
    gate_f_text="#8a5a00",
    gate_f_wash="#fdf3de",
    gate_i="#56b4e9",
    gate_i_text="#1d6e9f",
    gate_i_wash="#e6f4fc",
    gate_g="#009e73",
    gate_g_text="#00724f",
    gate_g_wash="#e0f2ec",
    gate_o="#cc79a7",
    gate_o_text="#a8457f",
    gate_o_wash="#f9ebf3",
    error="#b3261e",
    error_wash="#fbe9e7",
    branches=("#434b58", "#0069a6", "#b84500", "#6a4fb3", "#00757a", "#8a5a2b"),
    classes=(
        "#0072b2",
        "#e07b00",
        "#008a5e",
        "#8b4fb3",
        "#c62839",
        "#7a4e22",
        "#56b4e9",
        "#cc5f97",
        "#7d8200",
        "#5b6675",
    ),
    map_signed=("#1f4e9c", "#8aa9dc", "#f3f3f1", "#e8a37f", "#b23a1e"),
    map_nonnegative=("#f3f3f1", "#e8a37f", "#b23a1e"),
)

DARK = Theme(
    name="dark",
    dark=True,
    window="#0b0e12",
    stage="#10141a",
    panel="#151a21",
    card="#1c222b",
    well="#1c222b",
    hover="#1f2630",
    raised="#2b333f",
    hairline="#262d37",
    border="#3d4652",
    ink1="#eef1f5",
    ink2="#b4bdc9",
    ink3="#8d97a5",
    ghost="#56606d",
    reads="#58aff0",
    reads_wash="#12293b",
    weights="#22b58c",
    weights_wash="#0f2d26",
    writes="#ff9248",
    writes_wash="#38220f",
    gradient="#f4badd",
    gradient_wash="#351f2d",
    gate_f="#f0b02e",
    gate_f_text="#f0b02e",
    gate_f_wash="#2f2612",
    gate_i="#8ad2fa",
    gate_i_text="#8ad2fa",
    gate_i_wash="#142b38",
    gate_g="#1faf86",
    gate_g_text="#2dc49a",
    gate_g_wash="#0f2d26",
    gate_o="#e8a3cc",
    gate_o_text="#e8a3cc",
    gate_o_wash="#351f2d",
    error="#ff8a80",
    error_wash="#3a1a1a",
    branches=("#b4bdc9", "#58aff0", "#ff9248", "#b9a6f5", "#4fc9c9", "#d0a87a"),
    classes=(
        "#58aff0",
        "#ff9f45",
        "#2fc493",
        "#b48df0",
        "#ff6b70",
        "#b98a5e",
        "#a8e0f0",
        "#f08cc0",
        "#c0c24a",
        "#95a1b0",
    ),
    map_signed=("#8cb9ff", "#3d62a3", "#1b2129", "#9e4c30", "#ffa682"),
    map_nonnegative=("#1b2129", "#9e4c30", "#ffa682"),
)


class _Taken:
    """The theme that the application has taken on; widgets read it as they paint."""

    theme = LIGHT
    styled: QApplication | None = None
    colours: ClassVar[dict[tuple[str, float], QColor]] = {}


def current() -> Theme:
    """Return the theme to paint with."""
    return _Taken.theme


def colour(token: str, strength: float = 1.0) -> QColor:
    """Return the colour of a token of the current theme, such as ``"reads_wash"``.

    ``strength`` is how much it covers what lies below it, from 0 to 1. The colour is kept, since
    a painting asks for hundreds, and must not be changed.
    """
    kept = _Taken.colours.get((token, strength))
    if kept is None:
        kept = _Taken.theme.colour(token)
        kept.setAlphaF(strength)
        _Taken.colours[token, strength] = kept
    return kept


def system_theme() -> Theme:
    """Return the theme of the desktop, light where Qt does not know it.

    An earlier ``apply`` may have overridden the desktop's scheme for this application; the
    override is dropped first, or Qt would tell us our own choice.
    """
    hints = QGuiApplication.styleHints()
    hints.unsetColorScheme()
    return DARK if hints.colorScheme() == Qt.ColorScheme.Dark else LIGHT


def apply(app: QApplication, theme: Theme) -> None:
    """Give the application a theme: style, palette, style sheet and font.

    It may be called again at any time; every widget repaints itself, its icons included.
    """
    if _Taken.styled is app and _Taken.theme is theme:
        return  # every widget would be polished anew, to look as it does
    fonts.load()
    _Taken.theme = theme
    _Taken.colours.clear()
    hints = QGuiApplication.styleHints()
    wanted = Qt.ColorScheme.Dark if theme.dark else Qt.ColorScheme.Light
    if hints.colorScheme() not in {wanted, Qt.ColorScheme.Unknown}:
        hints.setColorScheme(wanted)  # the frame that the desktop draws follows, where it can
    with garbage.kept():  # Qt goes through all widgets, and none of them may be deleted meanwhile
        if _Taken.styled is not app:
            app.setStyle("Fusion")
            _Taken.styled = app
        app.setFont(fonts.ui(metrics.CONTROL))
        app.setPalette(_palette(theme))
        app.setStyleSheet(stylesheet.build(theme))
    QToolTip.setFont(fonts.ui(metrics.CAPTION))


def _palette(theme: Theme) -> QPalette:
    """Return what the widgets of Qt that we do not paint ourselves take their colours from."""
    role = QPalette.ColorRole
    palette = QPalette()
    for which, token in (
        (role.Window, "panel"),
        (role.WindowText, "ink1"),
        (role.Base, "panel"),
        (role.AlternateBase, "well"),
        (role.Text, "ink1"),
        (role.PlaceholderText, "ink3"),
        (role.Button, "panel"),
        (role.ButtonText, "ink1"),
        (role.BrightText, "error"),
        (role.ToolTipBase, "ink1"),
        (role.ToolTipText, "panel"),
        (role.Highlight, "reads"),
        (role.HighlightedText, "panel"),
        (role.Accent, "reads"),
        (role.Link, "reads"),
        (role.LinkVisited, "reads"),
        (role.Light, "card"),
        (role.Midlight, "hover"),
        (role.Mid, "hairline"),
        (role.Dark, "border"),
        (role.Shadow, "border"),
    ):
        palette.setColor(which, theme.colour(token))
    for which in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, theme.colour("ghost"))
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, theme.colour("well"))
    palette.setColor(QPalette.ColorGroup.Disabled, role.Base, theme.colour("well"))
    return palette
