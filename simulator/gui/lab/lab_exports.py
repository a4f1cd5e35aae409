"""What goes out of the lab for other programs: the Keras source, or a network with its weights."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from simulator.formats import exports
from simulator.gui.file_dialogs import FileDialogs
from simulator.gui.lab.lab_document import LabDocument
from simulator.gui.lab.training_news import Told
from simulator.lab import Experiment
from simulator.lab.exporting import export

ONNX_FILES = "ONNX (*.onnx)"
_EXPORTS = {"keras": "Keras", "pytorch": "PyTorch", "onnx": "ONNX"}


class LabExports(QObject):
    """Asks for names and has files written."""

    def __init__(self, document: LabDocument, dialogs: FileDialogs) -> None:
        """For the network of a document."""
        super().__init__(document)
        self._document = document
        self._dialogs = dialogs

    def ask_source(self) -> None:
        """Ask where to save the program as it stands."""
        self._dialogs.save_file(
            self.tr("Save the Keras program"),
            "network.py",
            [self.tr("Python") + " (*.py)"],
            lambda path: self.write_source(Path(path)),
        )

    def write_source(self, path: Path) -> None:
        """Save the program's source in a file."""
        source = self._document.state.source.encode("utf-8", "replace")
        try:
            exports.write(path, source)
        except exports.ExportError as error:
            self._document.told.emit(str(error), True, -1)
            return
        self._document.told.emit(self.tr("Saved as {0}.").format(path.name), False, -1)

    def ask(self, framework: str) -> None:
        """Ask where to save what another framework reads: a program with the weights beside it, or
        a file of ONNX.
        """
        title = self.tr("Export for {0}").format(_EXPORTS[framework])
        one_file = framework == "onnx"
        name = "network.onnx" if one_file else f"network_{framework}.py"
        filters = [ONNX_FILES if one_file else self.tr("Python") + " (*.py)"]
        self._dialogs.save_file(
            title, name, filters, lambda path: self.write(Path(path), framework)
        )

    def write(self, path: Path, framework: str) -> None:
        """Save what another framework reads of the network where it stands."""

        def job(experiment: Experiment) -> None:
            try:
                files, said = export(experiment, path, framework)
            except (ValueError, MemoryError) as error:  # it trains on all the same
                words = str(error) or self.tr("There is not enough memory to export it.")
                self._document.loop.tell(Told(words, error=True))
                return
            names = ", ".join(file.name for file in files)
            words = self.tr("Saved as {0}.").format(names)
            self._document.loop.tell(Told(f"{words} {said}".strip()))

        if self.can_be_done():
            self._document.loop.do(job)

    def can_be_done(self) -> bool:
        """Return whether there is a training; say so where there is none."""
        if self._document.training is None:
            words = self.tr("There is no network yet to export: mend the program first.")
            self._document.told.emit(words, True, -1)
        return self._document.training is not None
