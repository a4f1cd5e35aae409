"""Starts the app: a window first, everything heavy after it."""

from __future__ import annotations

import signal
import sys

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

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
    _report_exceptions(window)
    # Ctrl+C in the terminal closes the window like its own button; Qt has to come up for air for it.
    signal.signal(signal.SIGINT, lambda *_: window.close())
    breath = QTimer()
    breath.timeout.connect(lambda: None)
    breath.start(200)
    window.show()
    window.start()
    return app.exec()


def _follow_system(app: QApplication, window: MainWindow, memory: Memory) -> None:
    """Go along when the desktop turns dark or light, unless the learner has chosen."""

    def changed() -> None:
        if not memory.theme:
            window.take_theme(theme.system_theme())

    app.styleHints().colorSchemeChanged.connect(changed)


def _report_exceptions(window: MainWindow) -> None:
    """Tell the learner of a fault in a sentence, and the terminal in full, and go on."""

    def report(kind: type[BaseException], error: BaseException, trace: object) -> None:
        sys.__excepthook__(kind, error, trace)  # type: ignore[arg-type]
        if window.page is not None:
            window.page.tell(
                window.tr("Something went wrong ({0}). What was on view is still there.").format(
                    error
                ),
                error=True,
            )
        else:
            QMessageBox.critical(window, NAME, str(error))

    sys.excepthook = report
