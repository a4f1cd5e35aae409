"""What a learner does with branches: each an undoable edit, or told why not."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QMenu, QWidget

from simulator.gui import icons
from simulator.gui.commands import ChangeState
from simulator.gui.lab.lab_document import LabDocument
from simulator.lab import Branch, Experiment
from simulator.lab.snapshot import BranchInfo


def rename(document: LabDocument, number: int, name: str) -> None:
    """Give a branch another name; an empty one changes nothing."""
    branch = _branch(document, number)
    after = " ".join(name.split())
    if branch is None or not after or after == branch.name:
        return

    def apply(wanted: str) -> None:
        def job(experiment: Experiment) -> None:
            if number in {each.number for each in experiment.timeline.branches}:
                experiment.timeline.branches.rename(number, wanted)

        document.loop.do(job)

    document.undo_stack.push(ChangeState(_tr("name of a branch"), branch.name, after, apply))


def why_it_stays(document: LabDocument, number: int) -> str:
    """Return why a branch can't be removed; empty where it can."""
    branch = _branch(document, number)
    if branch is None or document.snapshot is None:
        return _tr("There is no such branch.")
    if branch.parent is None:
        return _tr("All branches come from the first run: it stays.")
    children = [each.name for each in document.snapshot.branches if each.parent == number]
    if children:
        return _tr("Remove first what came from it: {0}.").format(", ".join(children))
    return ""


def remove(document: LabDocument, number: int) -> str:
    """Remove a branch, with what it trained; return why that can't be, or nothing.

    Whoever looks at it is taken to where it came off, and by undo back again.
    """
    refusal = why_it_stays(document, number)
    branch, shown = _branch(document, number), document.snapshot
    if refusal or branch is None or shown is None:
        return refusal
    stood = shown.step if shown.branch == number else None
    kept: list[tuple[Experiment, Branch]] = []

    def apply(there: bool) -> None:
        def take_away(experiment: Experiment) -> None:
            timeline = experiment.timeline
            gone = timeline.branches[number]
            if timeline.branch is gone and gone.parent is not None:
                experiment.go_to(gone.start, gone.parent.number)
            timeline.remove(number)
            kept[:] = [(experiment, gone)]

        def put_back(experiment: Experiment) -> None:
            # Another training may have come in its place, one that never had this branch.
            if kept and kept[0][0] is experiment:
                experiment.timeline.put_back(kept[0][1])
                if stood is not None:
                    document.loop.seek(number, stood)

        document.loop.do(put_back if there else take_away)

    words = _tr("removal of {0}").format(branch.name)
    document.undo_stack.push(ChangeState(words, True, False, apply))
    return ""


def _branch(document: LabDocument, number: int) -> BranchInfo | None:
    branches = () if document.snapshot is None else document.snapshot.branches
    return next((each for each in branches if each.number == number), None)


def _tr(words: str) -> str:
    return QCoreApplication.translate("BranchEdits", words)


def menu(
    document: LabDocument, number: int, name: str, rename: Callable[[], object], parent: QWidget
) -> QMenu:
    """Return a menu that renames a branch, by ``rename``, or removes it; it goes when it closes."""
    made = QMenu(parent)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    renaming = made.addAction(icons.icon("pencil"), _tr("Rename {0}").format(name))
    renaming.triggered.connect(lambda _=False: rename())
    removing = made.addAction(icons.icon("trash-2"), _tr("Remove {0}").format(name))
    removing.triggered.connect(lambda _=False: remove(document, number))
    refusal = why_it_stays(document, number)
    removing.setEnabled(not refusal)
    if refusal:
        made.addAction(refusal).setEnabled(False)
    return made
