"""Names that nobody has, in three styles: text for models that write one character at a time.

Each style has its own syllables and endings, so that there is something to learn: which letters
follow each other, how a name begins and ends, and what tells one style from another. All of it was
made up for this project.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Style:
    """A name is 1 to 3 syllables, each an onset and a nucleus, and an ending."""

    name: str
    onsets: tuple[str, ...]
    nuclei: tuple[str, ...]
    endings: tuple[str, ...]


def _style(name: str, onsets: str, nuclei: str, endings: str) -> Style:
    return Style(name, tuple(onsets.split()), tuple(nuclei.split()), tuple(endings.split()))


STYLES = (
    _style(
        "northern",
        "b br d f g gr h hj j k kn r s sk st t th tr v",
        "a e i o u y ei au",
        "gard grim heim lund mund nar rik sen stein vald vik rid hild run frid",
    ),
    _style(
        "southern",
        "b c d f g l m n p r s t v z gi ch tr pr",
        "a e i o ia io ua",
        "ella etta ina ino illo ardo ando enzo essa ora aro one osa ita",
    ),
    _style(
        "eastern",
        "b d g k m n r s sh t w y z ky ry ts h",
        "a i u e o",
        "ko ki mi shi ro ta no ru ka na to ri suke maru",
    ),
)


def invented_name(style: Style, generator: np.random.Generator) -> str:
    """Return one name in small letters, 3 to 17 of them."""
    syllables = generator.choice(3, p=(0.45, 0.45, 0.1)) + 1
    parts = [
        choices[generator.integers(len(choices))]
        for _ in range(syllables)
        for choices in (style.onsets, style.nuclei)
    ]
    ending = style.endings[generator.integers(len(style.endings))]
    if parts[-1][-1] == ending[0]:  # no letter twice across the joint
        ending = ending[1:]
    return "".join([*parts, ending])
