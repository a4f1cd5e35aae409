"""Which arrays of a Boltzmann machine's trace are its layers at each part of it."""

from __future__ import annotations

from simulator.traces.formula import Message

PRIME = "\N{PRIME}"


def stations(steps: int, *, persistent: bool) -> tuple[tuple[str, Message], ...]:
    """Return the chain's units and their probabilities, with a stroke for each Gibbs step."""
    found = [("input", Message("v"))]
    if persistent:
        found.append(("particle", Message("chain")))
    for at in range(1, steps + 1):
        before, after = PRIME * (at - 1), PRIME * at
        found += [
            (f"up_{at}_probabilities", Message("p(h{stroke})", {"stroke": before})),
            (f"hidden_{at}", Message("h{stroke}", {"stroke": before})),
            (f"down_{at}_probabilities", Message("p(v{stroke})", {"stroke": after})),
            (f"visible_{at}", Message("v{stroke}", {"stroke": after})),
        ]
    last = Message("p(h{stroke})", {"stroke": PRIME * steps})
    return (*found, ("last_probabilities", last))


def two_sided(steps: int, *, persistent: bool) -> dict[str, tuple[str, str]]:
    """Return the visible and the hidden units that each part works on."""
    source = "particle" if persistent else "input"
    found = {"data": ("input", "data_probabilities")}
    for at in range(1, steps + 1):
        hidden = f"hidden_{at}"
        found |= {
            f"up_{at}": (source, f"up_{at}_probabilities"),
            f"flip_{hidden}": (source, hidden),
            f"down_{at}": (f"down_{at}_probabilities", hidden),
            f"flip_visible_{at}": (f"visible_{at}", hidden),
        }
        if at == 1:
            energies = ("visible_energy", "energy", "free_energy")
            found |= dict.fromkeys(energies, (source, hidden))
        source = f"visible_{at}"
    end = (source, "last_probabilities")
    data = ("input", "data_probabilities" if persistent else "up_1_probabilities")
    updates = ("negative", "new_kernel", "new_visible_bias", "new_hidden_bias")
    return {**found, "last": end, "positive": data, **dict.fromkeys(updates, end)}
