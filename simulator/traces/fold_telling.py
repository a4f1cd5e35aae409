"""How it is told what terms come to, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.traces.folds import ADDED, Itself
from simulator.traces.formula import Explanation, Message, Piece, Term, Tone
from simulator.traces.numbers import equation_sign, factor, number, relation, stated
from simulator.traces.part import capitalised
from simulator.traces.region import Region
from simulator.traces.told_terms import state_of, terms_around

if TYPE_CHECKING:
    from simulator.traces.fold_part import FoldPart


def tell_fold(part: FoldPart, unit: int, at: int, *, whole: bool) -> Explanation:
    """Return the arithmetic of one term, or of the unit."""
    ends = whole or at == part.count
    current = part.count - 1 if ends else at
    width = part.term_shape[1]
    numbers, columns = terms_around(0 if whole else current, part.count, width=width)
    columns = min(columns, 3)
    result = _number(part, part.result(unit, part.count if ends else at))
    so_far = _number(part, part.term(part.names.running, unit, current))
    index = part.index_of(unit)
    letters = zip(("r", "c", "f"), index, strict=False)
    return Explanation(
        headline=_ended(part, so_far, result) if ends else _headline(part, unit, at),
        sentence=_sentence(part, unit, at, so_far, result, ends=ends),
        symbols=part.symbols,
        where=tuple(Piece(f"{letter} = {each}", Tone.WRITES) for letter, each in letters),
        terms=tuple(
            Term(pieces, state_of(each, current, whole=ends))
            for each, pieces in zip(numbers, part.told_terms(unit, numbers), strict=True)
        ),
        columns=columns,
        separator=part.fold.sign,
        elided=(numbers.start, part.count - numbers.stop),
        caption=_caption(part, unit, current),
        relation=_relation(part, so_far, result, ends=ends),
        result=Piece(number(result), Tone.WRITES),
        progress=(min(at, part.count) + 1, part.steps_per_unit),
        progress_caption=Message(
            "step {done} of {total}",
            {"done": min(at, part.count) + 1, "total": part.steps_per_unit},
        ),
    )


def _number(part: FoldPart, region: Region) -> float:
    return float(part.read(region).item())


def _divides(part: FoldPart) -> bool:
    return part.divisor != 1


def _relation(part: FoldPart, so_far: float, result: float, *, ends: bool) -> str:
    if ends and _divides(part):
        return f"÷ {number(part.divisor)} ="
    return relation((so_far, number(so_far)), (result, number(result)))


def _caption(part: FoldPart, unit: int, current: int) -> Message:
    done = {"done": current + 1, "total": part.count}
    if part.start is None:
        return Message("{done} of {total} terms", done)
    (start,) = part.begun(unit)
    begun = _number(part, start)
    sign = relation((begun, number(begun)))
    return Message(
        "{done} of {total} terms, b {sign} {bias}",
        {**done, "sign": sign, "bias": number(begun)},
    )


def _headline(part: FoldPart, unit: int, at: int) -> tuple[Piece, ...]:
    (values,) = part.values_of(unit, range(at, at + 1))
    term = _number(part, part.term(part.names.terms, unit, at))
    if isinstance(part.combine, Itself):
        return _taken(part, unit, at, term)
    shown = [(value, number(value)) for value in (*values, term)]
    return (*part.told(values), Piece(relation(*shown)), Piece(number(term)))


def _taken(part: FoldPart, unit: int, at: int, term: float) -> tuple[Piece, ...]:
    """Return what comes of a number that is taken as it is, and of those before it."""
    if at == 0:
        return (Piece(number(term), Tone.READS), Piece("→"), Piece(number(term)))
    before = _number(part, part.term(part.names.running, unit, at - 1))
    after = _number(part, part.term(part.names.running, unit, at))
    sign = relation(*((value, number(value)) for value in (before, term, after)))
    first, second = Piece(number(before), Tone.WRITES), Piece(factor(term), Tone.READS)
    if part.fold is ADDED:
        pieces = [first, Piece("+"), second]
    else:
        pieces = [
            Piece(f"{part.fold.node}("),
            Piece(first.text, first.tone, glued=True),
            Piece(",", glued=True),
            Piece(number(term), Tone.READS),
            Piece(")", glued=True),
        ]
    return (*pieces, Piece(sign), Piece(number(after), Tone.WRITES))


def _ended(part: FoldPart, so_far: float, result: float) -> tuple[Piece, ...]:
    shown = number(so_far), number(result)
    if not _divides(part):
        return (Piece(part.fold.node), Piece("="), Piece(shown[1], Tone.WRITES))
    divisor = number(part.divisor)
    return (
        Piece(factor(so_far), Tone.READS),
        Piece("÷"),
        Piece(divisor),
        Piece(equation_sign(shown[0], "÷", divisor, shown[1])),
        Piece(shown[1], Tone.WRITES),
    )


def _sentence(
    part: FoldPart, unit: int, at: int, so_far: float, result: float, *, ends: bool
) -> Message:
    told = {"count": part.count, "sum": stated(so_far)}
    if not ends:
        step = Message(part.fold.step, told)
        return Message("{step}. {told}", {"step": part.step_title(unit, at), "told": step})
    name = capitalised(part.unit_name(unit))
    begun = "all {count} terms and the bias add up to {sum}."
    words = part.fold.whole if part.start is None else begun
    sentences = [Message("{unit}:", {"unit": name}), Message(words, told)]
    if _divides(part):
        divided = {"divisor": number(part.divisor), "result": stated(result)}
        sentences.append(Message("Divided by {divisor} that is {result}.", divided))
    return Message.joined(sentences)
