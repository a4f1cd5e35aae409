"""How the steps of a restricted Boltzmann machine are told."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.traces.cellwise_part import Telling
from simulator.traces.formula import Fact, Message, Piece, Tone
from simulator.traces.numbers import factor, number


def update_fact(rate: float, k: int, *, persistent: bool) -> Fact:
    """Return what an update does."""
    return Fact(
        "Update",
        rf"\Delta w_{{i,j}}={rate:g}("
        rf"\langle v_i h_j\rangle_0-\langle v_i h_j\rangle_{{{k}}})",
        Message(
            "The chain goes on where the last update left it: persistent contrastive divergence."
            if persistent
            else "The chain starts at the data and takes {steps}: contrastive divergence, CD-{k}.",
            {"steps": counted_steps(k), "k": k},
        ),
    )


def counted_steps(number_ofcounted_steps: int) -> Message:
    """Return how many Gibbs steps there are."""
    return Message(
        "1 Gibbs step" if number_ofcounted_steps == 1 else "{count} Gibbs steps",
        {"count": number_ofcounted_steps},
    )


def tell_flip(values: Sequence[float], result: float) -> tuple[tuple[Piece, ...], Message]:
    """Tell of a coin: its probability and its random number."""
    probability, draw = values
    on = draw < probability
    headline = (
        Piece(number(draw, 3), Tone.WEIGHTS),
        Piece("<" if on else "≥"),
        Piece(number(probability, 3), Tone.READS),
        Piece("→"),
        Piece(number(result), Tone.WRITES),
    )
    return headline, Message(
        "the random number is less than the probability: on."
        if on
        else "the random number isn’t less than the probability: off."
    )


def tell_outer(values: Sequence[float], result: float) -> tuple[tuple[Piece, ...], Message]:
    """Tell of a visible unit times a hidden one."""
    visible, hidden = values
    headline = (
        Piece(factor(visible), Tone.READS),
        Piece("×"),
        Piece(factor(hidden), Tone.WEIGHTS),
        Piece("="),
        Piece(number(result), Tone.WRITES),
    )
    return headline, Message("a visible unit times a hidden unit’s probability.")


def tell_move(rate: float) -> Telling:
    """Return what tells of a weight that is moved at a rate."""

    def tell(values: Sequence[float], result: float) -> tuple[tuple[Piece, ...], Message]:
        data, chain, weight = values
        headline = (
            Piece(number(weight)),
            Piece("+"),
            Piece(f"{rate:g}"),
            Piece("·", Tone.QUIET, glued=True),
            Piece("(", glued=True),
            Piece(number(data), Tone.READS, glued=True),
            Piece("−"),
            Piece(factor(chain), Tone.WEIGHTS),
            Piece(")", glued=True),
            Piece("≈"),
            Piece(number(result), Tone.WRITES),
        )
        told = (
            "the data say more than the chain: it grows."
            if data > chain
            else "the chain says more than the data: it shrinks."
        )
        return headline, Message(told if data != chain else "both say the same: it stays.")

    return tell


def told_product(values: Sequence[float]) -> tuple[Piece, ...]:
    """Tell of a term that is minus a product."""
    first, second = values
    return (
        Piece("−"),
        Piece(factor(first), Tone.READS, glued=True),
        Piece("·", Tone.QUIET, glued=True),
        Piece(factor(second), Tone.WEIGHTS, glued=True),
    )


def told_softplus(values: Sequence[float]) -> tuple[Piece, ...]:
    """Tell of a term that is minus a softplus."""
    return (
        Piece("−log(1 + e^"),
        Piece(factor(values[0]), Tone.READS, glued=True),
        Piece(")", glued=True),
    )
