"""Projects of the lab as files: saved, opened, exported as code, and kept against a crash.

What is written comes from the training, so the thread that trains writes it, between two batches; a
copy against a crash is only put together there, and written while the training goes on.
Of a program that can't be trained yet its source is kept, and which data are meant.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import platformdirs
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from simulator import APPLICATION
from simulator.formats import onnx_reader, project_file
from simulator.formats.json_values import Json
from simulator.formats.program import ProgramSpec
from simulator.formats.project import Project, ProjectError
from simulator.formats.project_autosave import Autosave, left_behind
from simulator.gui.file_dialogs import FileDialogs
from simulator.gui.lab.lab_document import LabDocument
from simulator.gui.lab.training_news import Told
from simulator.lab import Experiment, KeptTwins
from simulator.lab.exporting import export
from simulator.lab.projects import project_of

AUTOSAVE_MS = 60_000
_ONNX_FILES = "ONNX (*.onnx)"
_EXPORTS = {"keras": "Keras", "pytorch": "PyTorch", "onnx": "ONNX"}


def autosave_folder() -> Path:
    """Return where what is open is kept against a crash."""
    return platformdirs.user_data_path(APPLICATION, appauthor=False) / "autosave"


class TwinsOnView(Protocol):
    """Where the twins are that belong to a project: on view, or kept."""

    def with_twins(self, use: Callable[[KeptTwins | None], object]) -> None:
        """Have something done with them, in any thread."""
        ...

    def twins_step(self) -> int:
        """Return how far they were trained; 0 where there are none."""
        ...


class Views(Protocol):
    """What is on view."""

    def what_is_on_view(self) -> dict[str, Json]:
        """Return which views are on, to be kept with the project."""
        ...


class LabFiles(QObject):
    """Asks for names and has files written and read; ``named(name)`` is the open project's, which
    is empty without a file.
    """

    named = Signal(str)

    def __init__(
        self,
        document: LabDocument,
        window: QWidget,
        twins: TwinsOnView,
        views: Views,
    ) -> None:
        """For the project of a document, the twins beside it, and what is on view of it."""
        super().__init__(document)
        self._document = document
        self._twins = twins
        self._views = views
        self._first = document.state
        self._dialogs = FileDialogs(window, "projects")
        self._path: Path | None = None
        self._kept: tuple[object, ...] = ()
        self._later: Callable[[], None] | None = None
        self.copies: Autosave | None = None
        """Against a crash; None until there is something to keep."""
        self._timer = QTimer(self)
        self._timer.setInterval(AUTOSAVE_MS)
        self._timer.timeout.connect(self.autosave)
        self._timer.start()
        self._before: Path | None = None  # whose project was open before the one that is opened
        document.opened.connect(self._write_later)
        document.not_opened.connect(self._take_back)
        document.program_changed.connect(self._write_later)

    @property
    def has_name(self) -> bool:
        """Return whether the project has a file."""
        return self._path is not None

    # Saving

    def save(self) -> None:
        """Save the project where it was saved last, or ask where."""
        if self._path is None:
            self.save_as()
        else:
            self.write(self._path)

    def save_as(self) -> None:
        """Ask where to save the project."""
        self._dialogs.save_file(
            self.tr("Save the project"),
            f"network{project_file.SUFFIX}",
            [self._project_filter()],
            lambda path: self.write(Path(path)),
        )

    def write(self, path: Path) -> None:
        """Save the project in a file."""
        self._path = path
        self._dialogs.remember(str(path))
        self._write(path, self.tr("Saved as {0}.").format(path.name))
        self.named.emit(path.stem)

    def autosave(self) -> None:
        """Keep what there is against a crash, if it is new."""
        document = self._document
        state, snapshot, twins = document.state, document.snapshot, self._twins.twins_step()
        trained = snapshot is not None and snapshot.step > 0
        if not trained and not twins and state == self._first:
            return
        place = None if snapshot is None else (snapshot.branch, snapshot.step)
        now = (state, place, twins)
        if now == self._kept or state.program is None:
            return
        self._kept = now
        original = self._path
        try:
            copies = self.copies = self.copies or Autosave(autosave_folder())
            if document.training is None:
                copies.save(self._untrained(state.program), original)
                return
        except ProjectError as error:
            self._timer.stop()
            document.told.emit(str(error), True, -1)
            return
        self._have_made(
            lambda project: copies.save_aside(project, original, failed=self._no_copy), ""
        )

    def _no_copy(self, error: ProjectError) -> None:
        """Say, from whatever thread, that no copy can be kept; the training goes on."""
        self._document.loop.tell(Told(str(error), error=True))

    def stop_autosave(self) -> None:
        """Keep no more copies from now on."""
        self._timer.stop()

    def forget_autosave(self) -> None:
        """Let go of what was kept: the lab was closed as it should be."""
        self.stop_autosave()
        if self.copies is not None:
            self.copies.close()
            self.copies = None

    def export_source(self) -> None:
        """Ask where to save the program as it stands."""
        self._dialogs.save_file(
            self.tr("Save the Keras program"),
            "network.py",
            [self.tr("Python") + " (*.py)"],
            lambda path: self.write_source(Path(path)),
        )

    def write_source(self, path: Path) -> None:
        """Save the program's source in a file."""
        try:
            path.write_text(self._document.state.source, encoding="utf-8")
        except OSError as error:
            words = self.tr("{0} can’t be written: {1}.").format(path.name, error.strerror)
            self._document.told.emit(words, True, -1)
            return
        self._document.told.emit(self.tr("Saved as {0}.").format(path.name), False, -1)

    def export(self, framework: str) -> None:
        """Ask where to save what another framework reads: a program with the weights beside it, or
        a file of ONNX.
        """
        title = self.tr("Export for {0}").format(_EXPORTS[framework])
        one_file = framework == "onnx"
        name = "network.onnx" if one_file else f"network_{framework}.py"
        filters = [_ONNX_FILES if one_file else self.tr("Python") + " (*.py)"]
        self._dialogs.save_file(
            title, name, filters, lambda path: self.write_export(Path(path), framework)
        )

    def write_export(self, path: Path, framework: str) -> None:
        """Save what another framework reads of the network where it stands."""

        def write(experiment: Experiment) -> None:
            files, said = export(experiment, path, framework)
            names = ", ".join(file.name for file in files)
            words = self.tr("Saved as {0}.").format(names)
            self._document.loop.tell(Told(f"{words} {said}".strip()))

        self._have_done(write)

    def _write(self, path: Path, said: str) -> None:
        """Write all of a training once there is one, or the mere program if there can't be any."""
        document = self._document
        program = document.program
        if document.training is None and document.problem is None:
            self._later = lambda: self._write(path, said)  # it is being made
            return
        self._later = None
        if document.training is not None or program is None:
            self._have_made(lambda project: project_file.save(project, path), said)
            return
        try:
            project_file.save(self._untrained(program), path)
        except ProjectError as error:
            document.told.emit(str(error), True, -1)
            return
        words = self.tr(
            "{0} It holds the program as it stands and which data are meant: there is no training "
            "to keep until the program is mended."
        )
        document.told.emit(words.format(said), False, -1)

    def _write_later(self) -> None:
        if self._later is not None:
            self._later()

    def _untrained(self, program: ProgramSpec) -> Project:
        """Return what is to be kept of a program that has no training."""
        state = self._document.state
        return Project(program, state.source, state.recipe.to_json(), view=self._view())

    def _view(self) -> dict[str, Json]:
        """Return what is to be kept of what is on view."""
        wanted = self._document.wanted
        own: dict[str, Json] = {
            "layer": self._document.layer, "sample": wanted.sample, "output": wanted.output
        }  # fmt: skip
        return {**own, **self._views.what_is_on_view()}

    def _have_made(self, use: Callable[[Project], None], said: str) -> None:
        """Have a project made of what is open, and something done with it."""
        document, source = self._document, self._document.state.source
        view = self._view()

        def job(experiment: Experiment, twins: KeptTwins | None) -> None:
            use(project_of(experiment, source=source, view=view, twins=twins))
            if said:
                document.loop.tell(Told(said))

        if self._can_be_done():
            self._twins.with_twins(
                lambda twins: document.loop.do(lambda experiment: job(experiment, twins))
            )

    def _have_done(self, job: Callable[[Experiment], None]) -> None:
        """Have something done in the training's thread."""
        if self._can_be_done():
            self._document.loop.do(job)

    def _can_be_done(self) -> bool:
        """Return whether there is a training; say so where there is none."""
        if self._document.training is None:
            words = self.tr("There is no network yet to export: mend the program first.")
            self._document.told.emit(words, True, -1)
        return self._document.training is not None

    # Opening

    def open(self) -> None:
        """Ask for a project and open it."""
        filters = [self._project_filter()]
        self._dialogs.open_file(
            self.tr("Open a project"), filters, lambda path: self.read(Path(path))
        )

    def import_onnx(self) -> None:
        """Ask for a network of another program, and put it in the place of what is open."""
        self._dialogs.open_file(
            self.tr("Import a network"), [_ONNX_FILES], lambda path: self.read_onnx(Path(path))
        )

    def read_onnx(self, path: Path) -> bool:
        """Import a network; where that can't be, say why, and leave what is open as it is."""
        if not self._open(lambda: onnx_reader.load(path), path.name):
            return False
        self._path = None  # the file is not the project's: saving asks where
        self._dialogs.remember(str(path))
        words = self.tr(
            "{0} is here with its weights. Choose data for it; “Start over” draws new weights."
        ).format(path.name)
        self._document.told.emit(words, False, -1)
        return True

    def read(self, path: Path) -> bool:
        """Open a project, or a network of ONNX; where that can't be, say why, and leave what is
        open as it is.
        """
        return self.read_onnx(path) if path.suffix == onnx_reader.SUFFIX else self._read(path)

    def offer_recovery(self) -> None:
        """Open what was left behind by a crash, if there is something, undoably."""
        for left in left_behind(autosave_folder())[:1]:
            if self._open(left.load, (left.original or left.path).name):
                words = self.tr(
                    "The lab was not closed as it should have been. This is what it had; "
                    "undo leads back."
                )
                self._document.told.emit(words, False, -1)
            left.discard()

    def _read(self, path: Path) -> bool:
        if not self._open(lambda: project_file.load(path), path.name):
            return False
        self._before, self._path = self._path, path
        self._dialogs.remember(str(path))
        self.named.emit(path.stem)
        return True

    def _open(self, load: Callable[[], Project], name: str) -> bool:
        """Put what is loaded in the place of what is open, or say why that can't be."""
        try:
            project = load()
        except (ProjectError, onnx_reader.OnnxError) as error:  # they name the file
            self._document.told.emit(str(error), True, -1)
            return False
        try:
            self._document.open_project(project, name)
        except ValueError as error:
            words = self.tr("{0} can’t be opened: {1}").format(name, error)
            self._document.told.emit(words, True, -1)
            return False
        return True

    def _take_back(self) -> None:
        """Be the project again that was open before one that turned out to be damaged."""
        self._path = self._before
        self._later = None
        self.named.emit("" if self._path is None else self._path.stem)

    def _project_filter(self) -> str:
        return self.tr("Projects") + f" (*{project_file.SUFFIX})"
