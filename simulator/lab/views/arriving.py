"""What the loss of one sample sends back to the states of recurrent layers."""

from __future__ import annotations

from dataclasses import replace

from simulator.engine.layers.base import Array
from simulator.engine.steps import quiet, run_backward, run_forward
from simulator.lab.views.probe import Probe

Arriving = dict[str, tuple[Array, ...]]
"""By a recurrent layer's path, ∂L/∂h (T, U) of every step as the layers above give it, in the order
of reading, and ∂L/∂(end state) (U,) of each state but h."""


@quiet
def arriving(probe: Probe, sample: int) -> Arriving:
    """Of a held-out sample's loss, as in use: dropout is off. Nothing for one that isn't there."""
    if not 0 <= sample < len(probe.whole):
        return {}
    batch = probe.whole[sample : sample + 1]
    found: Arriving = {}
    context = probe.model.context(training=False, input_gradient=True)
    context = replace(context, arriving=found)
    goals = probe.run.trainer.goals
    _, forward = run_forward(probe.model, goals, batch, context)
    run_backward(probe.model, goals, batch, forward, context, everything=True)
    return {path: tuple(each[0] for each in arrays) for path, arrays in found.items()}
