"""Starts the app: a window first, everything heavy after it."""

from __future__ import annotations

import signal
import sys
from functools import partial
from types import TracebackType

from PySide6.QtCore import QThread, QTimer
from PySide6.QtWidgets import QApplication

from simulator.gui import theme
from simulator.gui.main_window import NAME, MainWindow
from simulator.gui.settings import Memory


def main(lesson: str | None = None) -> int:
    """Open the window, with ``lesson`` in it if given; return the exit status."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName(NAME)
    app.setDesktopFileName("deep-learning-simulator")
    memory = Memory()
    chosen = {"light": theme.LIGHT, "dark": theme.DARK}.get(memory.theme)
    theme.apply(app, chosen or theme.system_theme())
    window = MainWindow(memory, lesson)
    _follow_system(app, window, memory)
    sys.excepthook = partial(_report, window)
    breath = _close_on_interrupt(window)
    window.show()
    window.start()
    status = app.exec()
    breath.stop()
    return status


def _follow_system(app: QApplication, window: MainWindow, memory: Memory) -> None:
    """Go along when the desktop turns dark or light, unless the learner has chosen."""

    def changed() -> None:
        if not memory.theme:
            window.take_theme(theme.system_theme())

    app.styleHints().colorSchemeChanged.connect(changed)


def _close_on_interrupt(window: MainWindow) -> QTimer:
    """Let Ctrl+C in the terminal close the window like its own button; a second one kills.

    Python gets to see a signal only when Qt calls it, so the timer that is returned has to run.
    """

    def close(number: int, frame: object) -> None:
        del frame
        signal.signal(number, signal.SIG_DFL)
        # Python may take the signal in the midst of painting: the window closes after that.
        QTimer.singleShot(0, window.close)

    signal.signal(signal.SIGINT, close)
    breath = QTimer()
    breath.timeout.connect(lambda: None)
    breath.start(200)
    return breath


def _report(
    window: MainWindow,
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
) -> None:
    """Tell the learner of a fault in a sentence, and the terminal in full, and go on."""
    sys.__excepthook__(kind, error, trace)
    if QThread.currentThread() == window.thread():
        words = window.tr("Something went wrong ({0}). What was on view is still there.")
        window.tell(words.format(f"{kind.__name__}: {error}"), error=True)
