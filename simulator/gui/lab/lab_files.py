"""Projects of the lab as files: saved and opened.

What is written comes from the training, so the thread that trains writes it, between two batches.
Of a program that can't be trained yet its source is kept, and which data are meant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from simulator.formats import onnx_reader, project_file
from simulator.formats.json_values import Json
from simulator.formats.project import Project, ProjectError
from simulator.gui.file_dialogs import FileDialogs
from simulator.gui.lab.lab_copies import LabCopies
from simulator.gui.lab.lab_document import LabDocument
from simulator.gui.lab.lab_exports import ONNX_FILES, LabExports
from simulator.lab import Experiment, KeptTwins
from simulator.lab.projects import project_of, twins_of

RECIPE = "recipe"
"""The part of a project that says which data it learns from, among those that may be lost."""


@dataclass(frozen=True, slots=True, eq=False)
class _Opening:
    """A project that is being opened: what of it is lost, and what is said once it is there.
    ``mend`` says that what turns out to be damaged is to be left out.
    """

    project: Project
    name: str
    lost: tuple[str, ...] = ()
    said: str = ""
    mend: bool = False


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
    is empty without a file. ``damaged(words)`` tells of a file of which a part may be whole.
    """

    named = Signal(str)
    damaged = Signal(str)
    _written = Signal(object, str, str)
    """A path, and what there is to say, or why it could not be written; from any thread."""

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
        self._dialogs = FileDialogs(window, "projects")
        self._path: Path | None = None
        self._stamp: tuple[int, ...] = ()  # of the file, as it was read or written here
        # The same of the project that was open before the one that is being opened.
        self._before: tuple[Path | None, tuple[int, ...]] = None, ()
        self._later: Callable[[], None] | None = None
        self._opening: _Opening | None = None
        self._whole: Path | None = None  # of which what is whole may be opened
        self.copies = LabCopies(document, self)
        self.exports = LabExports(document, self._dialogs)
        document.opened.connect(self._write_later)
        document.opened.connect(self._tell_opened)
        document.not_opened.connect(self._take_back)
        document.program_changed.connect(self._write_later)
        self._written.connect(self._take_written)

    @property
    def path(self) -> Path | None:
        """Return the project's file, if it has one."""
        return self._path

    @property
    def has_name(self) -> bool:
        """Return whether the project has a file."""
        return self._path is not None

    # Saving

    def save(self) -> None:
        """Save the project where it was saved last, or ask where."""
        if self._path is None:
            self.save_as()
        elif self._stamp != (stamp := _stamp(self._path)) and stamp:
            words = self.tr(
                "{0} was changed by another program since it was opened or saved here. Give "
                "another name, or the same one to replace it."
            )
            self._document.told.emit(words.format(self._path.name), True, -1)
            self.save_as()
        else:
            self.write(self._path)

    def save_as(self) -> None:
        """Ask where to save the project."""
        name = f"network{project_file.SUFFIX}" if self._path is None else self._path.name
        self._dialogs.save_file(
            self.tr("Save the project"),
            name,
            [self._project_filter()],
            lambda path: self.write(Path(path)),
        )

    def write(self, path: Path) -> None:
        """Save the project in a file, which is its own from then on."""
        self._dialogs.remember(str(path))
        self._write(path, self.tr("Saved as {0}.").format(path.name))

    def _take_written(self, path: Path, said: str, refusal: str) -> None:
        if refusal:
            self._document.told.emit(refusal, True, -1)
            return
        self._path, self._stamp = path, _stamp(path)
        self.named.emit(path.stem)
        self._document.told.emit(said, False, -1)

    def _write(self, path: Path, said: str) -> None:
        """Write all of a training once there is one, or the mere program if there can't be any."""
        document = self._document
        if document.training is None and document.problem is None:
            self._later = lambda: self._write(path, said)  # it is being made
            return
        self._later = None

        def use(project: Project) -> None:
            project_file.save(project, path)
            self._written.emit(path, said, "")

        def refused(why: str) -> None:
            self._written.emit(path, "", why)

        untrained = self.untrained()
        if untrained is None:
            if self.exports.can_be_done():
                self.have_made(use, refused)
            return
        try:
            project_file.save(untrained, path)
        except (ProjectError, MemoryError) as error:
            refused(_words(error))
            return
        words = self.tr(
            "{0} It holds the program as it stands and which data are meant: there is no training "
            "to keep until the program is mended."
        )
        self._written.emit(path, words.format(said), "")

    def _write_later(self) -> None:
        if self._later is not None:
            self._later()

    def untrained(self) -> Project | None:
        """Return what is to be kept of a program that has no training; None where there is one, or
        no program either.
        """
        document, state = self._document, self._document.state
        if document.training is not None or state.program is None:
            return None
        return Project(state.program, state.source, state.recipe.to_json(), view=self._view())

    def twins_step(self) -> int:
        """Return how far twins were trained; 0 where there are none."""
        return self._twins.twins_step()

    def _view(self) -> dict[str, Json]:
        """Return what is to be kept of what is on view."""
        wanted = self._document.wanted
        own: dict[str, Json] = {
            "layer": self._document.layer, "sample": wanted.sample, "output": wanted.output
        }  # fmt: skip
        return {**own, **self._views.what_is_on_view()}

    def have_made(self, use: Callable[[Project], None], refused: Callable[[str], None]) -> None:
        """Have a project made of what is open, and something done with it, in the training's
        thread; it trains on, also where that can't be, and ``refused`` is told why.
        """
        document, source = self._document, self._document.state.source
        view = self._view()

        def job(experiment: Experiment, twins: KeptTwins | None) -> None:
            try:
                use(project_of(experiment, source=source, view=view, twins=twins))
            except (ValueError, MemoryError) as error:
                refused(_words(error))

        self._twins.with_twins(
            lambda twins: document.loop.do(lambda experiment: job(experiment, twins))
        )

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
            self.tr("Import a network"), [ONNX_FILES], lambda path: self.read_onnx(Path(path))
        )

    def read_onnx(self, path: Path) -> bool:
        """Import a network; where that can't be, say why, and leave what is open as it is."""
        if not self._open(lambda: onnx_reader.load(path), path):
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

    def open_what_is_whole(self) -> None:
        """Open what is whole of the file that was told to be damaged."""
        path, self._whole = self._whole, None
        if path is None:
            return
        try:
            project, lost = project_file.salvage(path)
        except ProjectError as error:
            self._document.told.emit(str(error), True, -1)
            return
        said = self.tr("This is what is whole of {0}; undo leads back.").format(path.name)
        if self.open_whole(project, path.name, lost, said):
            # The file stays as it is: saving asks where.
            self._before, self._path = (self._path, self._stamp), None
            self.named.emit("")

    def open_whole(self, project: Project, name: str, lost: tuple[str, ...], said: str) -> bool:
        """Put what is whole of a project in the place of what is open; whether that could be
        begun. ``said`` is told once it is there.
        """
        try:
            twins_of(project)
        except ValueError:
            project, lost = replace(project, twins=None), (*lost, project_file.TWINS)
        opening = _Opening(project, name, lost, said, mend=True)
        if self._begin(opening, report=project.recipe is None):
            return True
        project = replace(project, recipe=None, history=None, history_arrays={})
        return self._begin(replace(opening, project=project, lost=(*lost, RECIPE)))

    def _read(self, path: Path) -> bool:
        if not self._open(lambda: project_file.load(path), path):
            return False
        self._before = self._path, self._stamp
        self._path, self._stamp = path, _stamp(path)
        self._dialogs.remember(str(path))
        self.named.emit(path.stem)
        return True

    def _open(self, load: Callable[[], Project], path: Path) -> bool:
        """Put what is loaded in the place of what is open, or say why that can't be."""
        try:
            project = load()
        except (ProjectError, onnx_reader.OnnxError) as error:  # they name the file
            self._tell_damage(path, str(error))
            return False
        return self._begin(_Opening(project, path.name))

    def _begin(self, opening: _Opening, *, report: bool = True) -> bool:
        """Open a project; whether it is one. If not, say so if it is to be reported."""
        try:
            self._document.open_project(opening.project, opening.name)
        except ValueError as error:
            if report:
                words = self.tr("{0} can’t be opened: {1}").format(opening.name, error)
                self._document.told.emit(words, True, -1)
            return False
        self._opening = opening
        return True

    def _tell_damage(self, path: Path, words: str) -> None:
        """Say what is wrong with a file, and offer what is whole of it."""
        try:
            project_file.salvage(path)
        except ProjectError:
            self._document.told.emit(words, True, -1)
            return
        self._whole = path
        self.damaged.emit(words)

    def _tell_opened(self) -> None:
        """Say what there is to say of a project that is open now."""
        opening, self._opening = self._opening, None
        if opening is None or not opening.said:
            return
        names = {
            project_file.WEIGHTS: self.tr("the weights"),
            project_file.HISTORY: self.tr("the branches, curves and past batches"),
            project_file.HISTORY_ARRAYS: self.tr("the branches, curves and past batches"),
            project_file.TWINS: self.tr("the twins"),
            project_file.TWINS_ARRAYS: self.tr("the twins"),
            RECIPE: self.tr("which data it learned from"),
        }
        lost = dict.fromkeys(names[each] for each in opening.lost)
        words = opening.said
        if lost:
            words += self.tr(" It is damaged, and this is lost: {0}.").format(", ".join(lost))
        self._document.told.emit(words, False, -1)

    def _take_back(self, words: str) -> None:
        """Be the project again that was open before one that turned out to be damaged, or go on
        without what is damaged of it.
        """
        opening, self._opening = self._opening, None
        self._later = None
        if opening is not None and opening.mend:
            project, lost = opening.project, opening.lost
            if project.history is not None:
                project = replace(project, history=None, history_arrays={})
                lost = (*lost, project_file.HISTORY)
            else:
                project, lost = replace(project, weights={}), (*lost, project_file.WEIGHTS)
            self._begin(replace(opening, project=project, lost=lost))
            return
        damaged = self._path
        self._path, self._stamp = self._before
        self.named.emit("" if self._path is None else self._path.stem)
        if damaged is None:
            self._document.told.emit(words, True, -1)
        else:
            self._tell_damage(damaged, words)

    def _project_filter(self) -> str:
        return self.tr("Projects") + f" (*{project_file.SUFFIX})"


def _stamp(path: Path) -> tuple[int, ...]:
    """Return what is another one once somebody has written the file; empty without a file."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino


def _words(error: Exception) -> str:
    return str(error) or "There is not enough memory to write it."
