"""Reads the learner's pictures away from the window's thread: a large one takes seconds."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QThread, Signal
from PySide6.QtGui import QImage, QImageWriter

from simulator.data.pictures import LoadedPicture, PictureError, decode_picture, load_picture


class _Reading(QThread):
    """Reads one picture; ``number`` tells which wish it answers."""

    loaded = Signal(int, object)
    refused = Signal(int, str)

    def __init__(
        self, number: int, read: Callable[[], LoadedPicture], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._number = number
        self._read = read

    def run(self) -> None:
        try:
            self.loaded.emit(self._number, self._read())
        except PictureError as error:
            self.refused.emit(self._number, str(error))
        except MemoryError:
            reason = self.tr("There is not enough memory for this picture. Choose a smaller one.")
            self.refused.emit(self._number, reason)
        except Exception as error:  # no decoder's fault may end in silence
            reason = self.tr("This picture can’t be read ({0}). Choose another one.")
            self.refused.emit(self._number, reason.format(f"{type(error).__name__}: {error}"))


class PictureLoader(QObject):
    """Answers one wish for a picture at a time: a later one replaces one still being read."""

    loaded = Signal(object)
    refused = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        """Read nothing yet."""
        super().__init__(parent)
        self._latest = 0

    def load_file(self, path: str) -> None:
        """Read a picture from a file."""
        self._start(lambda: load_picture(path))

    def load_image(self, image: QImage, title: str) -> None:
        """Take a picture from the clipboard; ``title`` is what to call it."""
        self._start(lambda: decode_picture(_png(image), title))

    def forget(self) -> None:
        """Answer no wish any more that has not been answered yet."""
        self._latest += 1

    def stop(self) -> None:
        """Answer nothing more, and wait for what is being read."""
        self.forget()
        for reading in self.findChildren(_Reading):
            reading.wait()

    def _start(self, read: Callable[[], LoadedPicture]) -> None:
        self.forget()
        reading = _Reading(self._latest, read, self)
        reading.loaded.connect(self._loaded)
        reading.refused.connect(self._refused)
        reading.finished.connect(reading.deleteLater)
        reading.start()

    def _loaded(self, number: int, picture: LoadedPicture) -> None:
        if number == self._latest:
            self.loaded.emit(picture)

    def _refused(self, number: int, reason: str) -> None:
        if number == self._latest:
            self.refused.emit(reason)


def _png(image: QImage) -> bytes:
    """Return the file of an image, compressed little: it is read again at once."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"png"))
    writer.setCompression(1)
    if not writer.write(image):
        raise PictureError(f"The clipboard’s picture can’t be read: {writer.errorString()}.")
    return bytes(buffer.data().data())
