"""Every action that has a key: what it is called, its keys, and what it does.

The shortcuts and the list of them under ``?`` are made from the same table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True, slots=True)
class Action:
    """One action. ``repeats`` while its key is held down."""

    title: str
    keys: tuple[str, ...]
    run: Callable[[], object]
    repeats: bool = False


def _tr(words: str) -> str:
    return QCoreApplication.translate("Action", words)


@dataclass(frozen=True, slots=True)
class Doings:
    """What the actions do: methods of a window, by name."""

    toggle: Callable[[], object]
    toggle_backwards: Callable[[], object]
    forward: Callable[[], object]
    back: Callable[[], object]
    first: Callable[[], object]
    last: Callable[[], object]
    faster: Callable[[], object]
    slower: Callable[[], object]
    loop: Callable[[], object]
    finer: Callable[[], object]
    coarser: Callable[[], object]
    next_map: Callable[[], object]
    previous_map: Callable[[], object]
    next_channel: Callable[[], object]
    previous_channel: Callable[[], object]
    pin_up: Callable[[], object]
    pin_down: Callable[[], object]
    pin_left: Callable[[], object]
    pin_right: Callable[[], object]
    pin_next: Callable[[], object]
    open_pinned: Callable[[], object]
    edit: Callable[[], object]
    free: Callable[[], object]
    draw: Callable[[], object]
    open_picture: Callable[[], object]
    paste_picture: Callable[[], object]
    save_picture: Callable[[], object]
    undo: Callable[[], object]
    redo: Callable[[], object]
    reset: Callable[[], object]
    theme: Callable[[], object]
    panel: Callable[[], object]
    help: Callable[[], object]
    full_screen: Callable[[], object]
    close: Callable[[], object]


def table(do: Doings) -> tuple[Action, ...]:
    """Return every action, in the order of the list that is shown."""
    return (
        Action(_tr("Play or pause"), ("Space",), do.toggle),
        Action(_tr("Play backwards"), ("Shift+Space",), do.toggle_backwards),
        Action(_tr("One step on"), ("Right",), do.forward, repeats=True),
        Action(_tr("One step back"), ("Left",), do.back, repeats=True),
        Action(_tr("To the first step"), ("Home",), do.first),
        Action(_tr("To the last step"), ("End",), do.last),
        Action(_tr("Faster"), ("+", "="), do.faster, repeats=True),
        Action(_tr("Slower"), ("-",), do.slower, repeats=True),
        Action(_tr("Loop"), ("L",), do.loop),
        Action(_tr("Coarser steps"), ("Up",), do.coarser),
        Action(_tr("Finer steps"), ("Down",), do.finer),
        Action(_tr("Next map"), ("PgDown",), do.next_map, repeats=True),
        Action(_tr("Previous map"), ("PgUp",), do.previous_map, repeats=True),
        Action(_tr("Next channel"), ("Ctrl+PgDown",), do.next_channel, repeats=True),
        Action(_tr("Previous channel"), ("Ctrl+PgUp",), do.previous_channel, repeats=True),
        Action(_tr("Pin the cell above"), ("Alt+Up",), do.pin_up, repeats=True),
        Action(_tr("Pin the cell below"), ("Alt+Down",), do.pin_down, repeats=True),
        Action(_tr("Pin the cell to the left"), ("Alt+Left",), do.pin_left, repeats=True),
        Action(_tr("Pin the cell to the right"), ("Alt+Right",), do.pin_right, repeats=True),
        Action(_tr("Pin a cell of the next array"), ("P",), do.pin_next),
        Action(_tr("Open the pinned cell's arithmetic"), ("Return", "Enter"), do.open_pinned),
        Action(_tr("Type over the pinned cell"), ("F2",), do.edit),
        Action(_tr("Free the pinned cell"), ("Esc",), do.free),
        Action(_tr("Draw on the picture"), ("D",), do.draw),
        Action(_tr("Open a picture"), ("Ctrl+O",), do.open_picture),
        Action(_tr("Paste a picture"), ("Ctrl+V",), do.paste_picture),
        Action(_tr("Save the stage as a picture"), ("Ctrl+S",), do.save_picture),
        Action(_tr("Undo"), ("Ctrl+Z",), do.undo, repeats=True),
        Action(_tr("Redo"), ("Ctrl+Shift+Z", "Ctrl+Y"), do.redo, repeats=True),
        Action(_tr("Start the lesson over"), ("Ctrl+R",), do.reset),
        Action(_tr("Light or dark"), ("Ctrl+T",), do.theme),
        Action(_tr("Show or hide the panel"), ("F9",), do.panel),
        Action(_tr("Full screen"), ("F11",), do.full_screen),
        Action(_tr("This list"), ("?", "F1"), do.help),
        Action(_tr("Close"), ("Ctrl+Q",), do.close),
    )


def connect(actions: tuple[Action, ...], window: QWidget) -> None:
    """Make the keys of all actions work in a window."""
    for action in actions:
        for keys in action.keys:
            shortcut = QShortcut(QKeySequence(keys), window)
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
            shortcut.setAutoRepeat(action.repeats)
            shortcut.activated.connect(action.run)
