"""The style sheet for those widgets of Qt that the simulator does not paint itself."""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

from simulator.gui import metrics

if TYPE_CHECKING:
    from simulator.gui.theme import Theme

_SHEET = Template("""
QLineEdit, QPlainTextEdit {
    background: $panel; color: $ink1;
    border: ${hair}px solid $border; border-radius: ${control}px;
    padding: 0 ${pad}px; min-height: ${inner}px;
    selection-background-color: $reads; selection-color: $panel;
}
QLineEdit:hover, QPlainTextEdit:hover { border-color: $ghost; }
QLineEdit:disabled, QPlainTextEdit:disabled {
    background: $well; color: $ghost; border-color: $hairline;
}
QLineEdit[bare="true"] {
    background: transparent; border: none; border-radius: 0; padding: 0; min-height: 0;
}
QToolTip {
    background: $ink1; color: $panel; border: none; padding: 0 2px;
}
QComboBox { combobox-popup: 0; }
QComboBox QAbstractItemView {
    background: $panel; border: ${hair}px solid $border; padding: ${grid}px 0;
}
QMenu {
    background: $panel; color: $ink1;
    border: ${hair}px solid $border; padding: ${grid}px;
}
QMenu::item { padding: 6px 24px 6px ${pad}px; border-radius: ${highlight}px; }
QMenu::item:selected { background: $hover; }
QMenu::item:disabled { color: $ghost; }
QMenu::icon { padding-left: ${pad}px; }
QMenu::separator { height: ${hair}px; background: $hairline; margin: ${grid}px 0; }
QScrollArea { background: transparent; border: none; }
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: ${bar}px; }
QScrollBar:horizontal { height: ${bar}px; }
QScrollBar::handle { background: $border; border-radius: 2px; margin: 2px; }
QScrollBar::handle:vertical { min-height: ${row}px; }
QScrollBar::handle:horizontal { min-width: ${row}px; }
QScrollBar::handle:hover, QScrollBar::handle:pressed { background: $ink3; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: $hairline; }
""")


def build(theme: Theme) -> str:
    """Return the style sheet in the colours of a theme."""
    return _SHEET.substitute(
        panel=theme.panel,
        well=theme.well,
        hover=theme.hover,
        hairline=theme.hairline,
        border=theme.border,
        ghost=theme.ghost,
        ink1=theme.ink1,
        ink3=theme.ink3,
        reads=theme.reads,
        hair=metrics.HAIRLINE,
        control=metrics.RADIUS_CONTROL,
        highlight=metrics.RADIUS_HIGHLIGHT,
        grid=metrics.GRID,
        pad=2 * metrics.GRID,
        row=metrics.ROW,
        inner=metrics.ROW - 2 * metrics.HAIRLINE,
        bar=2 * metrics.GRID,
    )
