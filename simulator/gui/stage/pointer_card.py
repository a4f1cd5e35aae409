"""The card that says of the cell that is pointed at where its value comes from."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QWidget

from simulator.gui.document import Document
from simulator.gui.widgets.hover_card import HoverCard
from simulator.gui.widgets.text import Part
from simulator.lessons.frame import Card, Pointer
from simulator.lessons.toned import runs
from simulator.traces.formula import Piece, Tone


class PointerCard:
    """Keeps a hover card beside the cell that is pointed at, or else pinned."""

    def __init__(self, document: Document, stage: QWidget) -> None:
        """Belong to a stage."""
        self._document = document
        self._card = HoverCard(parent=stage)
        self._told: tuple[Pointer, Card] | None = None

    def follow(self, cell: QRectF | None, foot: float, bare: QRectF | None) -> None:
        """Tell of ``cell``, or vanish where there is none.

        The card stands below ``foot``, where the grids end: beside the cell it would cover the
        very cells that light up with it. Where it fits into ``bare``, on which nothing is painted
        as yet, it stands there.
        """
        session = self._document.session
        pointer = session.hovered or session.pinned
        if pointer is None or cell is None or self._document.timeline.playing:
            if self._card.isVisible():
                self._card.hide()
            self._told = None
            return
        told = session.card(pointer)
        if self._told != (pointer, told):
            self._told = (pointer, told)
            self._card.set_content(
                str(told.title),
                told.value,
                role=told.role.value,
                rows=[[_part(piece) for piece in runs(line)] for line in told.lines],
                hint=str(told.hint),
            )
        middle = cell.center().toPoint()
        if bare is not None and self._card.show_within(middle, bare.toAlignedRect()):
            return
        free = cell.united(QRectF(cell.left(), cell.top(), cell.width(), foot - cell.top()))
        self._card.show_at(middle, free.toAlignedRect(), below=True)


def _part(piece: Piece) -> Part:
    ink = "" if piece.tone in (Tone.PLAIN, Tone.QUIET) else piece.tone.value
    return Part(piece.text, ink=ink, bold=bool(ink))
