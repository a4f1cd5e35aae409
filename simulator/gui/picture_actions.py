"""Where a picture can come from: a file, the clipboard, the mouse; and where the stage can go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice, QObject
from PySide6.QtGui import QAction, QCursor, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu

from simulator.gui import icons

if TYPE_CHECKING:
    from simulator.gui.lesson_page import LessonPage
    from simulator.gui.main_window import MainWindow
    from simulator.gui.picture_loader import PictureLoader


class PictureActions(QObject):
    """Opens, pastes, draws and saves for the lesson that is open in a window."""

    def __init__(self, window: MainWindow) -> None:
        """Serve ``window``."""
        super().__init__(window)
        self._window = window
        self._loader: PictureLoader | None = None
        self._drawing = False

    @property
    def _page(self) -> LessonPage | None:
        return self._window.page

    def show_menu(self) -> None:
        """Offer every way to get a picture in."""
        menu = QMenu(self._window)
        for words, icon, keys, run in (
            (self.tr("Open a picture…"), "folder-open", "Ctrl+O", self.open_file),
            (self.tr("Paste a picture"), "clipboard-paste", "Ctrl+V", self.paste),
            (self.tr("Draw on the picture"), "pencil", "D", self.toggle_drawing),
            (self.tr("Save the stage…"), "download", "Ctrl+S", self.save_stage),
        ):
            action = QAction(icons.icon(icon), f"{words}\t{keys}", menu)
            action.triggered.connect(run)
            menu.addAction(action)
        menu.exec(QCursor.pos())
        menu.deleteLater()

    def open_file(self) -> None:
        """Ask for a file and load it."""
        if self._page is None:
            return
        chosen, _ = QFileDialog.getOpenFileName(
            self._window,
            self.tr("Open a picture"),
            "",
            self.tr("Pictures") + " (*.png *.jpg *.jpeg *.bmp *.webp *.gif);;"
            + self.tr("All files") + " (*)",
        )
        if chosen:
            self.load(chosen)

    def load(self, path: str) -> None:
        """Load a picture from a file."""
        self._reader().load_file(path)

    def paste(self) -> None:
        """Take the picture on the clipboard, or the picture file that was copied."""
        if self._page is None:
            return
        held = QGuiApplication.clipboard().mimeData()
        files = [url.toLocalFile() for url in held.urls() if url.isLocalFile()]
        image = QGuiApplication.clipboard().image()
        if files:
            self.load(files[0])
        elif not image.isNull():
            buffer = QBuffer()
            buffer.open(QIODevice.OpenModeFlag.WriteOnly)
            image.save(buffer, "PNG")
            self._reader().load_bytes(bytes(buffer.data().data()), self.tr("From the clipboard"))
        else:
            self._page.tell(
                self.tr("There is no picture on the clipboard: copy one first."), error=True
            )

    def toggle_drawing(self) -> None:
        """Let the mouse draw on the input, or point again."""
        if self._page is None:
            return
        self._drawing = not self._page.stage.drawing
        self._page.stage.set_drawing(self._drawing)
        if self._drawing:
            self._page.tell(
                self.tr("Draw on the input with the mouse; the right button erases. D ends it.")
            )
        else:
            self._page.hush()

    def save_stage(self) -> None:
        """Ask for a file and write the stage into it as a picture."""
        if self._page is None:
            return
        chosen, _ = QFileDialog.getSaveFileName(
            self._window, self.tr("Save the stage"), "stage.png", "PNG (*.png)"
        )
        if not chosen:
            return
        path = chosen if Path(chosen).suffix.lower() == ".png" else chosen + ".png"
        if self._page.stage.grab().save(path, "PNG"):
            self._page.tell(self.tr("Saved as {0}.").format(path))
        else:
            self._page.tell(
                self.tr("{0} can't be written: choose another folder.").format(path), error=True
            )

    def stop(self) -> None:
        """Wait for what is being read."""
        if self._loader is not None:
            self._loader.stop()

    def _reader(self) -> PictureLoader:
        if self._loader is None:
            from simulator.gui.picture_loader import PictureLoader

            self._loader = PictureLoader(self)
            self._loader.loaded.connect(self._loaded)
            self._loader.refused.connect(self._refused)
        return self._loader

    def _loaded(self, picture: object) -> None:
        if self._page is not None:
            self._page.document.use_picture(picture)  # type: ignore[arg-type]
            notices = picture.notices  # type: ignore[attr-defined]
            if notices:
                self._page.tell(" ".join(notices))
            else:
                self._page.hush()

    def _refused(self, reason: str) -> None:
        if self._page is not None:
            self._page.tell(reason, error=True)
