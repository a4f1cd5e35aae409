"""What recurrent layers keep, step by step, of a sample: hidden states, cells and gates."""

from __future__ import annotations

from simulator.lab.presenting.networks import scale_of
from simulator.lab.presenting.pictures import StateMap
from simulator.lab.snapshot import SamplePass
from simulator.lessons.frame import Scale, ScaleKind

_KEPT = {
    "h": "hidden state",
    "c": "cell state",
    "f": "forget gate",
    "i": "input gate",
    "z": "update gate",
    "r": "reset gate",
    "g": "candidate",
    "o": "output gate",
}
_ARROWS = {"forward": "→", "backward": "←"}
_GATES = frozenset("fizro")
"""Between 0 and 1, whatever the sample: they are coloured on that scale."""


def layers(sample: SamplePass) -> tuple[str, ...]:
    """Return the names of the layers that keep states, in the order of the network."""
    names = (name.split("/") for name in sample.arrays)
    return tuple(dict.fromkeys(parts[0] for parts in names if parts[-1] == "h"))


def states(sample: SamplePass, layer: str) -> tuple[StateMap, ...]:
    """Return what a layer keeps, as maps (U, T): units from the top down, time to the right. Of
    two directions the second one is read from its end.
    """
    made = []
    for prefix in dict.fromkeys(name.rpartition("/")[0] for name in sample.arrays):
        if prefix.partition("/")[0] != layer:
            continue
        direction = _ARROWS.get(prefix.partition("/")[2].partition("_")[0], "")
        for key, words in _KEPT.items():
            values = sample.arrays.get(f"{prefix}/{key}")
            if values is not None and values.ndim == 2:
                name = f"{direction} {words}" if direction else words
                scale = Scale(ScaleKind.FROM_ZERO, 1.0) if key in _GATES else scale_of(values)
                made.append(StateMap(name[:1].upper() + name[1:], values.T, scale))
    return tuple(made)
