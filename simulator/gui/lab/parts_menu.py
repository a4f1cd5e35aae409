"""The menu of the recurrent layers within a layer, to open one of them in its lesson."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QWidget

from simulator.gui.lab.lab_document import LabDocument
from simulator.lab.recurrent_lessons import recurrent_parts


def open_arithmetic(document: LabDocument, button: QWidget) -> QMenu | None:
    """Open the layer that is chosen; of one that holds several, the one picked in a menu.

    Return the menu, if there is one: it stands under ``button``.
    """
    if document.program is None:
        return None
    parts = recurrent_parts(document.program.network.layer(document.layer))
    if len(parts) < 2:
        document.open_layer(document.layer)
        return None
    menu = QMenu(button)
    for part in parts:
        action = menu.addAction(part.title)
        action.triggered.connect(partial(_open, document, part.path))
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(button.mapToGlobal(QPoint(0, button.height())))
    return menu


def _open(document: LabDocument, path: str, checked: bool = False) -> None:
    del checked
    document.open_layer(path)
