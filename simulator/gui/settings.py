"""What is remembered from one start to the next: window, theme, and how each lesson was left."""

from __future__ import annotations

import json
from pathlib import Path

import platformdirs
from PySide6.QtCore import QByteArray, QSettings

from simulator import APPLICATION


def config_folder() -> Path:
    """Return the folder that settings are kept in."""
    return platformdirs.user_config_path(APPLICATION, appauthor=False)


class Memory:
    """A few values in a file. What can't be read or written is simply not remembered."""

    def __init__(self) -> None:
        """Open the file, wherever this system keeps such files."""
        self._file = QSettings(str(config_folder() / "window.ini"), QSettings.Format.IniFormat)

    @property
    def geometry(self) -> QByteArray | None:
        """Return the window's place and size."""
        found = self._file.value("geometry")
        return found if isinstance(found, QByteArray) and not found.isEmpty() else None

    @property
    def lesson(self) -> str:
        """Return the id of the last lesson, or an empty string."""
        return str(self._file.value("lesson", ""))

    @property
    def theme(self) -> str:
        """Return "light", "dark", or an empty string for the desktop's."""
        return str(self._file.value("theme", ""))

    def settings_of(self, lesson: str) -> dict[str, object]:
        """Return the settings that a lesson was left with; empty where they can't be read."""
        try:
            found = json.loads(str(self._file.value(f"settings/{lesson}", "{}")))
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def folder_of(self, what: str) -> str:
        """Return where files of a kind were opened last, or an empty string."""
        return str(self._file.value(f"folders/{what}", ""))

    def keep_folder(self, what: str, folder: str) -> None:
        """Remember where files of a kind were opened."""
        self._file.setValue(f"folders/{what}", folder)

    def keep_window(self, geometry: QByteArray) -> None:
        """Remember the window's place and size."""
        self._file.setValue("geometry", geometry)

    def keep_theme(self, theme: str) -> None:
        """Remember the theme that the learner chose."""
        self._file.setValue("theme", theme)

    def keep_lesson(self, lesson: str, settings: dict[str, object]) -> None:
        """Remember a lesson and its settings."""
        self._file.setValue("lesson", lesson)
        self._file.setValue(f"settings/{lesson}", json.dumps(settings))

    def write(self) -> None:
        """Write to the file at once, and not at some later moment that may never come."""
        self._file.sync()
