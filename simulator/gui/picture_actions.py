"""Where a picture can come from: a file, the clipboard, the mouse; and where the stage can go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, QStandardPaths, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu

from simulator.gui import icons
from simulator.gui.file_dialogs import FileDialogs

if TYPE_CHECKING:
    from simulator.data.pictures import LoadedPicture
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
        pictures = QStandardPaths.StandardLocation.PicturesLocation
        first = QStandardPaths.writableLocation(pictures)
        self._dialogs = FileDialogs(window, "pictures", first=first)

    @property
    def _page(self) -> LessonPage | None:
        return self._window.page

    def show_menu(self) -> None:
        """Offer every way to get a picture in."""
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for words, icon, keys, run in (
            (self.tr("Open a picture…"), "folder-open", "Ctrl+O", self.open_file),
            (self.tr("Paste a picture"), "clipboard-paste", "Ctrl+V", self.paste),
            (self.tr("Draw on the picture"), "pencil", "D", self.toggle_drawing),
            (self.tr("Save the stage…"), "download", "Ctrl+S", self.save_stage),
        ):
            action = QAction(icons.icon(icon), f"{words}\t{keys}", menu)
            action.triggered.connect(run)
            menu.addAction(action)
        menu.popup(self._window.bar.menu_corner(menu.sizeHint().width()))

    def open_file(self) -> None:
        """Ask for a file and load it."""
        if self._page is None:
            return
        filters = [self.tr("Pictures") + " (*.png *.jpg *.jpeg *.bmp *.webp *.gif)"]
        self._dialogs.open_file(self.tr("Open a picture"), filters, self.load)

    def load(self, path: str) -> None:
        """Load a picture from a file."""
        self._reader().load_file(path)

    def paste(self) -> None:
        """Take the picture on the clipboard, or the picture file that was copied."""
        if self._page is None:
            return
        held = _held()
        urls = [] if held is None else held.urls()
        files = [url.toLocalFile() for url in urls if url.isLocalFile()]
        image = QGuiApplication.clipboard().image()
        if files:
            self.load(files[0])
        elif not image.isNull():
            self._reader().load_image(image, self.tr("From the clipboard"))
        else:
            self._page.tell(
                self.tr("There is no picture on the clipboard: copy one first."), error=True
            )

    def toggle_drawing(self) -> None:
        """Let the mouse draw on the input, or point again."""
        if self._page is None:
            return
        drawing = not self._page.stage.drawing
        self._page.stage.set_drawing(drawing)
        if drawing:
            self._page.tell(
                self.tr("Draw on the input with the mouse; the right button erases. D ends it.")
            )
        else:
            self._page.hush()

    def save_stage(self) -> None:
        """Ask for a file and write the stage into it as a picture."""
        if self._page is None:
            return
        self._dialogs.save_file(self.tr("Save the stage"), "stage.png", ["PNG (*.png)"], self.save)

    def save(self, path: str) -> None:
        """Write the stage into a file as a picture."""
        if self._page is None:
            return
        file = Path(path)
        if file.suffix.lower() != ".png":
            file = file.with_name(file.name + ".png")
        if self._page.stage.grab().save(str(file)):
            self._page.tell(self.tr("Saved as {0}.").format(file))
        else:
            self._page.tell(
                self.tr("{0} can’t be written: choose another folder.").format(file), error=True
            )

    def forget(self) -> None:
        """Use no picture that is still being read: the lesson it was meant for goes."""
        if self._loader is not None:
            self._loader.forget()

    def stop(self) -> None:
        """Use nothing more, and wait for what is being read."""
        if self._loader is not None:
            self._loader.stop()

    def _reader(self) -> PictureLoader:
        if self._loader is None:
            from simulator.gui.picture_loader import PictureLoader  # noqa: PLC0415 - it is heavy

            self._loader = PictureLoader(self)
            self._loader.loaded.connect(self._loaded)
            self._loader.refused.connect(self._refused)
        return self._loader

    def _loaded(self, picture: LoadedPicture) -> None:
        if self._page is None:
            return
        refusal = self._page.document.use_picture(picture)
        if refusal:
            self._page.tell(refusal, error=True)
            return
        notices = [*picture.notices, self._page.document.session.fitted]
        if any(notices):
            self._page.tell(" ".join(filter(None, notices)))
        else:
            self._page.hush()

    def _refused(self, reason: str) -> None:
        if self._page is not None:
            self._page.tell(reason, error=True)


def _held() -> QMimeData | None:
    """Return what the clipboard holds: None where it is empty, whatever Qt's annotations say."""
    return QGuiApplication.clipboard().mimeData()
