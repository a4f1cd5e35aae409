"""How a trace of a sliding window calls its parts, in phrases that can be translated."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.traces.formula import Message
from simulator.traces.places import Place


@dataclass(frozen=True, slots=True)
class Wording:
    """The names of a trace's parts.

    Cells are called by their indices, which count from 0; terms and maps are numbered from 1.
    """

    finest: str  # the label of the finest level
    term: str  # with {number}, {total} and {cell}
    terms: str  # with {total} and {cell}
    term_progress: str  # with {done} and {total}
    cell: str  # with {row} and {column}
    cell_of_map: str  # with {row}, {column} and {map}
    map: str  # with {map} and {maps}
    map_index: str  # the letter of a map's index in the formula

    def name_of_term(self, place: Place, *, terms: int, maps: int) -> Message:
        """Return how the term at a place, one of ``terms`` of its cell, is called."""
        cell = self.name_of_cell(place, maps=maps)
        return Message(self.term, {"number": place.number + 1, "total": terms, "cell": cell})

    def name_of_terms(self, place: Place, *, terms: int, maps: int) -> Message:
        """Return how all the terms of the cell at a place are called."""
        if terms == 1:
            return self.name_of_term(place, terms=terms, maps=maps)
        return Message(self.terms, {"total": terms, "cell": self.name_of_cell(place, maps=maps)})

    def name_of_cell(self, place: Place, *, maps: int) -> Message:
        """Return how an output cell is called: with its map if there are several."""
        template = self.cell if maps == 1 else self.cell_of_map
        return Message(template, {"row": place.row, "column": place.column, "map": place.map + 1})

    def name_of_map(self, index: int, *, maps: int) -> Message:
        """Return how a map is called."""
        return Message(self.map, {"map": index + 1, "maps": maps})


@dataclass(frozen=True, slots=True)
class SceneWords:
    """What a picture of a trace writes beside its arrays."""

    sign: str  # between the terms and the result, such as Σ or max
    rule: Message  # one sentence: what becomes of a window's cells
    terms: Message  # what the terms of a cell are called
    running: Message  # what the running value is called
    accumulates: bool = True
    """Whether the running value moves by each term; otherwise it is the best of them so far."""
    finishes: bool = False
    """Whether the output is made from the last running value in one more step: mean, root, draw."""
    terms_are_inputs: bool = False
    """Whether the terms are the input's values themselves, to be shown like them."""
