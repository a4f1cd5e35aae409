"""Told arithmetic as plain text."""

from collections.abc import Iterable

from simulator.traces.formula import Piece


def plain_text(pieces: Iterable[Piece]) -> str:
    return "".join(piece.text if piece.glued else f" {piece.text}" for piece in pieces).lstrip()
