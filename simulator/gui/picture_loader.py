"""Reads the learner's pictures away from the window's thread: a large one takes seconds.

What runs in that thread uses nothing of Qt but the signal that brings its outcome back.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from PIL import Image
from PySide6.QtCore import QObject, QThread, Signal
from PySide6.QtGui import QImage

from simulator.data.pictures import LoadedPicture, PictureError, decode_picture, load_picture
from simulator.gui import garbage


class _Reading(QThread):
    """Reads one picture; ``number`` tells which wish it answers."""

    read = Signal(int, object)
    failed = Signal(int, object)

    def __init__(
        self, number: int, work: Callable[[], LoadedPicture], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._number = number
        self._work = work

    def run(self) -> None:
        with garbage.kept():
            try:
                self.read.emit(self._number, self._work())
            except Exception as error:  # whatever a decoder may raise, nothing ends in silence
                self.failed.emit(self._number, error)


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
        plain = image.convertToFormat(QImage.Format.Format_RGBA8888)
        size, stride = (plain.width(), plain.height()), plain.bytesPerLine()
        pixels = bytes(plain.constBits())
        self._start(lambda: decode_picture(_file(pixels, size, stride), title))

    def forget(self) -> None:
        """Answer no wish any more that has not been answered yet."""
        self._latest += 1

    def stop(self) -> None:
        """Answer nothing more, and wait for what is being read."""
        self.forget()
        for reading in self.findChildren(_Reading):
            reading.wait()

    def _start(self, work: Callable[[], LoadedPicture]) -> None:
        self.forget()
        reading = _Reading(self._latest, work, self)
        reading.read.connect(self._read)
        reading.failed.connect(self._failed)
        reading.finished.connect(reading.deleteLater)
        reading.start()

    def _read(self, number: int, picture: LoadedPicture) -> None:
        if number == self._latest:
            self.loaded.emit(picture)

    def _failed(self, number: int, error: Exception) -> None:
        if number != self._latest:
            return
        if isinstance(error, PictureError):
            self.refused.emit(str(error))
        elif isinstance(error, MemoryError):
            words = self.tr("There is not enough memory for this picture. Choose a smaller one.")
            self.refused.emit(words)
        else:
            words = self.tr("This picture can’t be read ({0}). Choose another one.")
            self.refused.emit(words.format(f"{type(error).__name__}: {error}"))


def _file(pixels: bytes, size: tuple[int, int], stride: int) -> bytes:
    """Return the file of a picture, red green blue alpha, hardly compressed: it is read at once."""
    stream = BytesIO()
    image = Image.frombuffer("RGBA", size, pixels, "raw", "RGBA", stride, 1)
    image.save(stream, "PNG", compress_level=1)
    return stream.getvalue()
