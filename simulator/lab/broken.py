"""Weights that a training has made no numbers of."""

from __future__ import annotations

import numpy as np

from simulator.lab.errors import LabError
from simulator.lab.experiment import Experiment


def refuse_broken(experiment: Experiment, start: str) -> None:
    """Refuse a layer, or what it holds, whose weights a training has made no numbers of."""
    for name, weight in experiment.model.weights.items():
        if name.startswith(start) and not np.isfinite(weight).all():
            raise LabError(
                f"{name!r} holds no numbers any more, and there is nothing to show of it: go back "
                "to where the training was well."
            )
