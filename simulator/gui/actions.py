"""Every action that has a key: what it is called, its keys, and what it does.

The shortcuts and the list of them under ``?`` are made from the same table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeySequence, QShortcut

from simulator.gui.widgets.lesson_list import SEARCH_KEYS

if TYPE_CHECKING:
    from simulator.gui.document import Document
    from simulator.gui.lab.lab_document import LabDocument
    from simulator.gui.lab.lab_page import LabPage
    from simulator.gui.lab.twin_document import TwinDocument
    from simulator.gui.main_window import MainWindow


@dataclass(frozen=True, slots=True)
class Action:
    """One action. ``repeats`` while its key is held down.

    ``run`` is None where a widget answers to the key by itself, and only the list tells of it.
    """

    title: str
    keys: tuple[str, ...]
    run: Callable[[], object] | None
    repeats: bool = False


def _tr(words: str) -> str:
    return QCoreApplication.translate("Action", words)


def table(window: MainWindow) -> tuple[Action, ...]:
    """Return every action of a window, in the order of the list that is shown."""

    def document(act: Callable[[Document], object]) -> Callable[[], object]:
        """Return what does something to the open lesson, if there is one."""

        def run() -> None:
            if window.page is not None:
                act(window.page.document)

        return run

    def either(
        act: Callable[[Document], object], in_lab: Callable[[LabDocument | TwinDocument], object]
    ) -> Callable[[], object]:
        """Return what does one thing to a lesson and another to the lab, or to its twins."""

        def run() -> None:
            if window.page is not None:
                act(window.page.document)
            elif window.lab.driven is not None:
                in_lab(window.lab.driven)

        return run

    def files(
        with_picture: Callable[[], object], in_lab: Callable[[LabPage], object]
    ) -> Callable[[], object]:
        """Return what does something with a file: a picture, or a project of the lab."""

        def run() -> None:
            if window.lab.shown and window.lab.page is not None:
                in_lab(window.lab.page)
            else:
                with_picture()

        return run

    pictures = window.pictures
    return (
        Action(
            _tr("Play or pause"),
            ("Space",),
            either(lambda it: it.toggle(), lambda lab: lab.toggle()),
        ),
        Action(_tr("Play backwards"), ("Shift+Space",), document(lambda it: it.toggle_backwards())),
        Action(
            _tr("One step or batch on"),
            ("Right",),
            either(lambda it: it.forward(), lambda lab: lab.move(1)),
            repeats=True,
        ),
        Action(
            _tr("One step or batch back"),
            ("Left",),
            either(lambda it: it.back(), lambda lab: lab.move(-1)),
            repeats=True,
        ),
        Action(
            _tr("To the first step"),
            ("Home",),
            either(lambda it: it.first(), lambda lab: lab.first()),
        ),
        Action(
            _tr("To the last step"), ("End",), either(lambda it: it.last(), lambda lab: lab.last())
        ),
        Action(_tr("Faster"), ("+", "="), document(lambda it: it.change_speed(1)), repeats=True),
        Action(_tr("Slower"), ("-",), document(lambda it: it.change_speed(-1)), repeats=True),
        Action(_tr("Loop"), ("L",), document(lambda it: it.toggle_loop())),
        Action(_tr("Coarser steps"), ("Up",), document(lambda it: it.change_level(1))),
        Action(_tr("Finer steps"), ("Down",), document(lambda it: it.change_level(-1))),
        Action(
            _tr("Next map"), ("PgDown",), document(lambda it: it.pick_next("map", 1)), repeats=True
        ),
        Action(
            _tr("Previous map"),
            ("PgUp",),
            document(lambda it: it.pick_next("map", -1)),
            repeats=True,
        ),
        Action(
            _tr("Next channel"),
            ("Ctrl+PgDown",),
            document(lambda it: it.pick_next("channel", 1)),
            repeats=True,
        ),
        Action(
            _tr("Previous channel"),
            ("Ctrl+PgUp",),
            document(lambda it: it.pick_next("channel", -1)),
            repeats=True,
        ),
        Action(
            _tr("Pin the cell above"),
            ("Alt+Up",),
            document(lambda it: it.move_pin(-1, 0)),
            repeats=True,
        ),
        Action(
            _tr("Pin the cell below"),
            ("Alt+Down",),
            document(lambda it: it.move_pin(1, 0)),
            repeats=True,
        ),
        Action(
            _tr("Pin the cell to the left"),
            ("Alt+Left",),
            document(lambda it: it.move_pin(0, -1)),
            repeats=True,
        ),
        Action(
            _tr("Pin the cell to the right"),
            ("Alt+Right",),
            document(lambda it: it.move_pin(0, 1)),
            repeats=True,
        ),
        Action(
            _tr("Pin a cell of the next array"), ("P",), document(lambda it: it.pin_next_array())
        ),
        Action(
            _tr("Open the pinned cell’s arithmetic"),
            ("Return", "Enter"),
            document(lambda it: it.open_pinned()),
        ),
        Action(_tr("Type over the pinned cell"), ("F2",), window.edit_pinned),
        Action(_tr("Free the pinned cell; back to the stage"), ("Esc",), window.step_out),
        Action(_tr("Draw on the picture"), ("D",), pictures.toggle_drawing),
        Action(
            _tr("Open a picture or a project"),
            ("Ctrl+O",),
            files(pictures.open_file, lambda lab: lab.files.open()),
        ),
        Action(_tr("Paste a picture"), ("Ctrl+V",), pictures.paste),
        Action(
            _tr("Save the stage as a picture, or the project"),
            ("Ctrl+S",),
            files(pictures.save_stage, lambda lab: lab.files.save()),
        ),
        Action(_tr("Undo"), ("Ctrl+Z",), window.undo, repeats=True),
        Action(
            _tr("Redo"),
            ("Ctrl+Shift+Z", "Ctrl+Y"),
            window.redo,
            repeats=True,
        ),
        Action(
            _tr("Start over"),
            ("Ctrl+R",),
            either(lambda it: it.reset(), lambda lab: lab.begin_anew()),
        ),
        Action(_tr("Find a lesson"), (SEARCH_KEYS,), None),
        Action(_tr("Light or dark"), ("Ctrl+T",), window.toggle_theme),
        Action(_tr("Show or hide the panel"), ("F9",), window.toggle_panel),
        Action(_tr("Full screen"), ("F11",), window.toggle_full_screen),
        Action(_tr("This list"), ("?", "F1"), window.show_shortcuts),
        Action(_tr("Close"), ("Ctrl+Q",), window.close),
    )


def connect(actions: tuple[Action, ...], window: MainWindow) -> None:
    """Make the keys of all actions work in a window."""
    for action in actions:
        if action.run is None:
            continue
        for keys in action.keys:
            shortcut = QShortcut(QKeySequence(keys), window)
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
            shortcut.setAutoRepeat(action.repeats)
            shortcut.activated.connect(action.run)
