"""Sentences with words in the colours of their roles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from string import Formatter

from simulator.traces.formula import Message, Piece, Tone


@dataclass(frozen=True, slots=True)
class Toned:
    """Words that have a tone of their own within the message whose value they are."""

    words: Message
    tone: Tone

    def __str__(self) -> str:
        return str(self.words)


def runs(message: Message) -> tuple[Piece, ...]:
    """Return a message in runs of one tone each; the spaces between them are in the runs."""
    parts = (part for part in _parts(message, Tone.PLAIN) if part[0])
    return tuple(
        Piece("".join(text for text, _ in run), tone, glued=True)
        for tone, run in groupby(parts, key=itemgetter(1))
    )


def _parts(message: Message, tone: Tone) -> Iterator[tuple[str, Tone]]:
    for literal, name, spec, _ in Formatter().parse(message.template):
        yield literal, tone
        if name is None:
            continue
        value = message.values[name]
        if isinstance(value, Toned):
            yield from _parts(value.words, value.tone)
        elif isinstance(value, Message):
            yield from _parts(value, tone)
        else:
            yield format(value, spec or ""), tone
