"""What a learner does with the data of a document: each an undoable edit, or told why not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from simulator.data import datasets
from simulator.data.datasets import DataError, Role
from simulator.data.datasets.points import DRAWN_ID
from simulator.gui.lab.lab_document import LabDocument
from simulator.lab.adapting import adapted, suited
from simulator.lab.errors import LabError
from simulator.lab.presenting.strokes import Point

MOST_SOURCE = 2**20
"""Bytes of a program."""


def open_file(document: LabDocument, path: str) -> str:
    """Learn from a file or a folder of the learner's; return why that can't be, or nothing."""
    try:
        document.choose_recipe(datasets.for_file(Path(path)))
    except DataError as error:
        return str(error)
    return ""


def choose_role(document: LabDocument, name: str, role: Role) -> str:
    """Use a column or an array for something else; return why that can't be, or nothing."""
    known = document.data
    if known is None:
        return ""
    try:
        document.choose_recipe(datasets.with_role(document.state.recipe, known.parts, name, role))
    except DataError as error:
        return str(error)
    return ""


def draw(document: LabDocument, points: Sequence[Point]) -> None:
    """Learn from points drawn by hand; training goes on with them where it stood."""
    before, playing = document.state.recipe, document.playing
    settings = {"points": [list(point) for point in points]}
    if "train_share" in before.settings:
        settings["train_share"] = before.settings["train_share"]
    document.choose_recipe(datasets.recipe(DRAWN_ID, settings, before.seed), goes_on=True)
    if playing:
        document.loop.play()


def take_suggested(document: LabDocument) -> None:
    """Learn from the data that suit the network."""
    if document.suggestion is not None:
        document.choose_recipe(document.suggestion.recipe)


def fit_network(document: LabDocument) -> str:
    """Change the program so that it takes the data, or put a small one for them in its place;
    return why that can't be, or nothing.
    """
    known, program = document.data, document.program
    if known is None or known.dataset is None or program is None:
        return ""
    told = ""
    try:
        after = adapted(program, known.dataset)
    except LabError as error:
        try:
            after = suited(known.dataset, program.seed)
        except LabError as none:
            return str(none)
        words = document.tr(
            "{0} So a small network for these data takes its place; undo leads back."
        )
        told = words.format(error)
    document.change_program(document.tr("fit to the data"), after)
    if told:  # an edit takes back what was said before it
        document.told.emit(told, False, -1)
    return ""


def read_program(document: LabDocument, path: str) -> str:
    """Put the source in a file in the place of the program; return why that can't be, or nothing.
    What stands in it is read, and never run.
    """
    place = Path(path)
    try:
        if place.stat().st_size > MOST_SOURCE:
            return document.tr("{0} is too long to be a program.").format(place.name)
        source = place.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return document.tr("{0} is no text in UTF-8: save it as such.").format(place.name)
    except OSError as error:
        return document.tr("{0} can’t be read: {1}.").format(place.name, error.strerror or error)
    document.edit_source(source)
    return ""
