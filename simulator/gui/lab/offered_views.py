"""What can be on view of a training, what each view needs of a snapshot, and where it fits."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.gui.lab.shelf import Opened
from simulator.lab import Snapshot, View
from simulator.lab.presenting.networks import is_recurrent


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
    Offered("network", "Values in the network", frozenset({"sample"}), at_first=True),
    Offered("charts", "Loss and metrics", frozenset({"curves"}), at_first=True),
    Offered("samples", "Samples", frozenset({"predictions"}), at_first=True),
    Offered("plane", "Boundary or surface", frozenset({"surface"}), at_first=True),
    Offered("neurons", "Each neuron’s own", frozenset({"surface"}), at_first=True),
    Offered("states", "Hidden states over time", frozenset({"sample"}), at_first=True),
    Offered("confusion", "Confusion matrix", frozenset({"confusion"})),
    Offered("filters", "Weights of the layer", frozenset()),
    Offered("slopes", "Gradients of its weights", frozenset()),
    Offered("weights", "Histograms of weights", frozenset({"histograms"})),
    Offered("activations", "Histograms of outputs", frozenset({"histograms"})),
    Offered("gradients", "Weights’ gradients", frozenset({"histograms"})),
    Offered("activation_gradients", "Outputs’ gradients", frozenset({"histograms"})),
    Offered("norms", "Gradient norms", frozenset({"gradient_norms"})),
    Offered("ratios", "Update to weight", frozenset({"update_ratios"})),
    Offered("dead", "Dead units", frozenset({"dead_units"})),
    Offered("pace", "Samples a second", frozenset(), at_first=True),
)


def is_plane(training: Opened | None) -> bool:
    """Return whether samples are points in the plane that go in whole, so that there are boundaries
    of them.
    """
    if training is None or training.dataset is None:
        return False
    return training.dataset.view == "points2d" and len(training.network.inputs) == 1


def fits(key: str, training: Opened | None) -> bool:
    """Return whether there is something to see in a view of this training."""
    if training is None:
        return key not in {"plane", "neurons", "states"}
    match key:
        case "plane" | "neurons":
            return is_plane(training)
        case "samples":
            return not is_plane(training)
        case "states":
            return is_recurrent(training.network)
        case "confusion":
            # Of data that a program makes up it is not known what they tell apart.
            return training.dataset is None or any(training.classes)
        case _:
            return True


def depends_on(key: str, snapshot: Snapshot, layer: str, training: object) -> tuple[object, ...]:
    """Return what a tile is drawn from: it is drawn anew when one of these is another object."""
    match key:
        case "network":
            # What is frozen changes by a command alone, after which all is looked at anew.
            return snapshot.sample, snapshot.sample_gradients, snapshot.surface, training
        case "samples":
            return snapshot.predictions, snapshot.standing
        case "plane":
            return snapshot.surface, training
        case "states":
            return snapshot.sample, layer
        case "filters":
            return (snapshot.arrays,)
        case "slopes":
            return (snapshot.gradients,)
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
