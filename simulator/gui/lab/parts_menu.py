"""The menu of what can be opened of a recurrent layer, and of layers within a layer."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QWidget

from simulator.gui.lab.lab_document import LabDocument
from simulator.lab.nested_layers import layers_within, placed
from simulator.lab.recurrent_lessons import Way, recurrent_parts
from simulator.lab.stacked import stack_title, stack_with


def open_arithmetic(document: LabDocument, button: QWidget) -> QMenu | None:
    """Open the layer that is chosen; of a recurrent one, or a network, what is picked in a menu.

    Return the menu, if there is one: it stands under ``button``.
    """
    if document.program is None:
        return None
    network = document.program.network
    parts = recurrent_parts(network.layer(document.layer))
    within = () if parts else layers_within(placed(network, document.layer))
    if not parts and not within:
        document.open_layer(document.layer)
        return None
    menu = QMenu(button)
    for each in within:
        action = menu.addAction(each.title)
        action.triggered.connect(partial(_open, document, each.path, Way.THERE))
    for part in parts:
        action = menu.addAction(part.title)
        action.triggered.connect(partial(_open, document, part.path, Way.THERE))
    for part in parts:
        stack = stack_with(network, part.path)
        if len(stack) > 1:
            action = menu.addAction(stack_title(stack))
            action.triggered.connect(partial(_open, document, part.path, Way.STACK))
    for part in parts:
        if not part.directions:
            action = menu.addAction(part.back_title)
            action.triggered.connect(partial(_open, document, part.path, Way.BACK))
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(button.mapToGlobal(QPoint(0, button.height())))
    return menu


def _open(document: LabDocument, path: str, way: Way, checked: bool = False) -> None:
    del checked
    document.open_layer(path, way)
