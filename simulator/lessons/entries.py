"""The list of lessons as the window shows it at once: this module imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """What a list says of a lesson."""

    id: str
    title: str
    group: str
    icon: str
    summary: str


CONVOLUTION = Entry(
    id="convolution",
    title="Convolution",
    group="Images",
    icon="scan",
    summary="A kernel slides over a picture, one multiplication at a time.",
)
POOLING = Entry(
    id="pooling",
    title="Pooling",
    group="Images",
    icon="shrink",
    summary="A window shrinks a picture and keeps what matters.",
)

AUTOENCODER = Entry(
    id="autoencoder",
    title="Autoencoder",
    group="Compression",
    icon="hourglass",
    summary="A picture is squeezed into a few numbers and drawn again from them.",
)
BOLTZMANN = Entry(
    id="boltzmann",
    title="Boltzmann machine",
    group="Compression",
    icon="dices",
    summary="Units flip coins, dream up pictures, and learn from the difference.",
)

ENTRIES = (CONVOLUTION, POOLING, AUTOENCODER, BOLTZMANN)
"""Every lesson, in the order of the list."""
