"""Loss and metrics of data that are not trained with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from simulator.engine.compilation import Scores
from simulator.engine.data import Data
from simulator.engine.layers.base import Array
from simulator.engine.steps import penalty, quiet, run_forward

if TYPE_CHECKING:
    from simulator.engine.model import Model

_AT_ONCE = 1 << 18
"""Numbers that a network gives: what is worked out of them takes some times as much."""


@quiet
def evaluate(model: Model, scores: Scores, data: Data, batch_size: int) -> None:
    """Loss and metrics over data that is not trained with."""
    scores.reset()
    context = model.context(training=False)
    costly = any(layer.activity_regularizer for layer in model.graph.layers)
    # What the outputs cost can be told afterwards, what other layers give is gone by then.
    compiled = None if costly else model.compiled_outputs(data.x, batch_size)
    if compiled is not None:
        judge(model, scores, data, compiled, batch_size)
        return
    for start in range(0, len(data), batch_size):
        batch = data[start : start + batch_size]
        scores.add(run_forward(model, scores.goals, batch, context)[0], batch)


def judge(model: Model, scores: Scores, data: Data, outputs: Array, batch_size: int) -> None:
    """Take in what the only output gives for all the data, which count in batches."""
    goal, added = scores.goals[0], penalty(model.graph.layers)
    many = batch_size * max(1, _AT_ONCE // (batch_size * outputs[0].size))
    for start in range(0, len(data), many):
        some = data[start : start + many]
        given = outputs[start : start + many]
        own = [0.0] * -(-len(some) // batch_size)
        if goal.loss is not None:
            own = goal.loss.of_batches(some.y[0], given, some.weight[0], batch_size)
        losses = [goal.loss_weight * each + added for each in own]
        whole, rest = divmod(len(some), batch_size)
        scores.add_losses(losses[:whole], (), batch_size)
        scores.add_losses(losses[whole:], (), rest)
        if scores.reads_outputs:
            scores.add_outputs((given,), some)


def judge_each(
    scores: Scores, data: Data, outputs: Sequence[Array], batch_size: int, prefix: str = ""
) -> list[dict[str, float]]:
    """What `judge` comes to for each of several outputs for all the data, by names that begin with
    the prefix, where no regularizer adds to the loss. What was counted before stays.
    """
    goal, count, each = scores.goals[0], len(outputs), len(data)
    output = np.stack(outputs)
    losses: list[list[float]] = [[] for _ in outputs]
    whole = each - each % batch_size
    for part, size in ((slice(0, whole), batch_size), (slice(whole, each), each - whole)):
        if goal.loss is None or part.start == part.stop:
            continue
        some = data.targets(np.tile(np.arange(part.start, part.stop), count))
        given = output[:, part].reshape(-1, *output.shape[2:])
        own = np.array(goal.loss.of_batches(some.y[0], given, some.weight[0], size))
        for found, more in zip(losses, own.reshape(count, -1).tolist(), strict=True):
            found.extend(more)
    flat, everything = output.reshape(-1, *output.shape[2:]), np.tile(np.arange(each), count)
    return scores.of_each(losses, batch_size, flat, data.targets(everything), prefix)
