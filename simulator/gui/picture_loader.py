"""Reads the learner's pictures away from the window's thread: a large one takes seconds."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QThread, Signal

from simulator.data.pictures import LoadedPicture, PictureError, decode_picture, load_picture


class _Reading(QThread):
    loaded = Signal(object)
    refused = Signal(str)

    def __init__(self, read: Callable[[], LoadedPicture], parent: QObject) -> None:
        super().__init__(parent)
        self._read = read

    def run(self) -> None:
        try:
            self.loaded.emit(self._read())
        except PictureError as error:
            self.refused.emit(str(error))
        except MemoryError:
            self.refused.emit(
                self.tr("There is not enough memory for this picture: choose a smaller one.")
            )


class PictureLoader(QObject):
    """Reads one picture at a time; a later wish replaces one that is still being read."""

    loaded = Signal(object)
    refused = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        """Read nothing yet."""
        super().__init__(parent)
        self._readings: list[_Reading] = []

    def load_file(self, path: str) -> None:
        """Read a picture from a file."""
        self._start(lambda: load_picture(path))

    def load_bytes(self, data: bytes, title: str) -> None:
        """Read a picture from the bytes of a file."""
        self._start(lambda: decode_picture(data, title))

    def stop(self) -> None:
        """Wait for what is being read. Called as the window closes."""
        for reading in self._readings:
            reading.wait()

    def _start(self, read: Callable[[], LoadedPicture]) -> None:
        reading = _Reading(read, self)
        self._readings.append(reading)
        reading.loaded.connect(lambda picture: self._if_last(reading, self.loaded, picture))
        reading.refused.connect(lambda reason: self._if_last(reading, self.refused, reason))
        reading.finished.connect(lambda: self._finished(reading))
        reading.start()

    def _if_last(self, reading: _Reading, signal: object, value: object) -> None:
        if self._readings and self._readings[-1] is reading:
            signal.emit(value)  # type: ignore[attr-defined]

    def _finished(self, reading: _Reading) -> None:
        self._readings.remove(reading)
        reading.deleteLater()
