"""What can be on view of a training, and what of a snapshot each view needs."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.lab import Snapshot, View


@dataclass(frozen=True, slots=True)
class Offered:
    """A view that can be switched on: what it is called, and what of a snapshot it needs."""

    key: str
    title: str
    needs: frozenset[View]
    at_first: bool = False

    @property
    def view(self) -> View:
        """Return what of a snapshot it is drawn from, above all."""
        return next(iter(self.needs), "arrays")


OFFERED: tuple[Offered, ...] = (
    Offered("network", "Feature maps", frozenset({"sample"}), at_first=True),
    Offered("charts", "Loss and metrics", frozenset({"curves"}), at_first=True),
    Offered("samples", "Held-out samples", frozenset({"predictions"}), at_first=True),
    Offered("plane", "Decision boundary", frozenset({"surface"}), at_first=True),
    Offered("neurons", "Each neuron’s boundary", frozenset({"surface"})),
    Offered("confusion", "Confusion matrix", frozenset({"confusion"})),
    Offered("filters", "Weights of the layer", frozenset()),
    Offered("weights", "Histograms of weights", frozenset({"histograms"})),
    Offered("activations", "Histograms of outputs", frozenset({"histograms"})),
    Offered("gradients", "Histograms of gradients", frozenset({"histograms"})),
    Offered("norms", "Gradient norms", frozenset({"gradient_norms"})),
    Offered("ratios", "Update to weight", frozenset({"update_ratios"})),
    Offered("dead", "Dead units", frozenset({"dead_units"})),
)


def depends_on(key: str, snapshot: Snapshot, layer: str, training: object) -> tuple[object, ...]:
    """Return what a tile is drawn from: it is drawn anew when one of these is another object."""
    match key:
        case "network":
            # What is frozen changes by a command alone, after which all is looked at anew.
            return snapshot.sample, training
        case "samples":
            return snapshot.predictions, snapshot.standing
        case "plane":
            return snapshot.surface, training
        case "neurons":
            return snapshot.surface, layer
        case "filters":
            return (snapshot.arrays,)
        case "confusion":
            return (snapshot.confusion,)
        case "norms":
            return (snapshot.gradient_norms,)
        case "ratios":
            return (snapshot.update_ratios,)
        case "dead":
            return (snapshot.dead_units,)
        case _:
            return (snapshot.histograms,)
