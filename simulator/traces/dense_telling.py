"""How the steps of a dense layer are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.traces.formula import Message, Piece, Tone
from simulator.traces.numbers import equation_sign, exact, factor, number, stated
from simulator.traces.part import capitalised

if TYPE_CHECKING:
    from simulator.traces.dense_part import DensePart


def tell_product(
    part: DensePart, unit: int, at: int, so_far: float
) -> tuple[tuple[Piece, ...], Message]:
    """Return headline and sentence of one product."""
    ((x, weight),) = part.factors(unit, [at])
    product = x * weight
    texts = factor(x), factor(weight), number(product)
    headline = (
        Piece(texts[0], Tone.READS),
        Piece("×"),
        Piece(texts[1], Tone.WEIGHTS),
        Piece(equation_sign(texts[0], "×", texts[1], texts[2])),
        Piece(texts[2]),
    )
    return headline, Message(
        "{step}. The sum so far is {sum}.",
        {"step": part.step_title(unit, at), "sum": stated(so_far)},
    )


def tell_activation(part: DensePart, unit: int) -> tuple[tuple[Piece, ...], Message]:
    """Return headline and sentence of a unit whose sum is there."""
    z = float(part.read(part.cell(part.names.sums, unit)).item())
    y = float(part.read(part.cell(part.names.output, unit)).item())
    if part.function == "linear":
        return tell_sum(part, unit, z)
    sign = "=" if exact(z, number(z)) and exact(y, number(y)) else "≈"
    headline = (
        Piece(f"{part.function}(", Tone.PLAIN),
        Piece(number(z), Tone.READS, glued=True),
        Piece(")", Tone.PLAIN, glued=True),
        Piece(sign),
        Piece(number(y), Tone.WRITES),
    )
    return headline, Message(
        "{unit}: its {inputs} products and its bias add up to {sum}, and {function} makes "
        "{output} of it.",
        {
            "unit": capitalised(part.unit_name(unit)),
            "inputs": part.inputs,
            "sum": stated(z),
            "function": part.function,
            "output": stated(y),
        },
    )


def tell_sum(part: DensePart, unit: int, total: float) -> tuple[tuple[Piece, ...], Message]:
    """Return headline and sentence of a sum that goes on as it is."""
    bias = part.bias_of(unit)
    if bias is None:
        alone = (Piece("Σ"), Piece("≈"), Piece(number(total), Tone.WRITES))
        return alone, Message(
            "{unit}: its {inputs} products add up to {products}.",
            {
                "unit": capitalised(part.unit_name(unit)),
                "inputs": part.inputs,
                "products": stated(total),
            },
        )
    texts = number(total - bias), factor(bias), number(total)
    headline = (
        Piece(texts[0], Tone.READS),
        Piece("+"),
        Piece(texts[1], Tone.WEIGHTS),
        Piece(equation_sign(texts[0], "+", texts[1], texts[2])),
        Piece(texts[2], Tone.WRITES),
    )
    return headline, Message(
        "{unit}: its {inputs} products add up to {products}, and the bias is {bias}.",
        {
            "unit": capitalised(part.unit_name(unit)),
            "inputs": part.inputs,
            "products": stated(total - bias),
            "bias": stated(bias),
        },
    )
