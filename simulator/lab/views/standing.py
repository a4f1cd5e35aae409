"""How well the network does: loss and metrics, the confusion matrix, and single samples."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from simulator.engine.compilation import Scores
from simulator.engine.layers.base import Array
from simulator.engine.metrics import confusion_matrix
from simulator.lab.snapshot import Confusion, Predictions, SamplePass, Standing
from simulator.lab.views.probe import Probe, said

MOST_CLASSES = 1000
"""Of a confusion matrix: it has the square of that many numbers."""


def standing(probe: Probe) -> Standing:
    """Loss and metrics over held-out data; of several outputs those of the first come first, and
    their own losses last.
    """
    # The metrics count an epoch of training just now: these are others of the same kind.
    scores = Scores(copy.deepcopy(probe.run.trainer.goals))
    scores.reset()
    scores.add_losses([probe.loss], [probe.output_losses], len(probe.data))
    scores.add_outputs(probe.outputs, probe.data, probe.masks)
    found = {name: value for name, value in scores.result().items() if name != "loss"}
    if scores.output_losses:
        losses = {f"{goal.port.name}_loss" for goal in scores.goals}
        first = f"{scores.goals[0].port.name}_"
        order = sorted(found, key=lambda name: (name in losses, not name.startswith(first)))
        found = {name: found[name] for name in order}
    right, count = None, len(probe.data)
    if probe.labels is not None:
        correct = _counted(probe.said_of(probe.output) == probe.labels, _counts(probe))
        right, count = int(correct.sum()), int(correct.size)
    known = {name: float(value) for name, value in found.items() if np.ndim(value) == 0}
    ports = [goal.port.name for goal in scores.goals]
    return Standing(
        probe.loss,
        known,
        right,
        count,
        len(probe.whole),
        probe.held_out,
        _of_outputs(known, ports) if scores.output_losses else (),
        probe.output,
    )


def _of_outputs(metrics: Mapping[str, float], ports: Sequence[str]) -> tuple[str, ...]:
    """For each output its first metric, or else its loss."""
    found: dict[str, str] = {}
    for name in metrics:  # an output's own loss comes after all metrics
        owners = [port for port in ports if name.startswith(f"{port}_")]
        if owners:
            found.setdefault(max(owners, key=len), name)
    return tuple(found[port] for port in ports if port in found)


def _counts(probe: Probe) -> npt.NDArray[np.bool_] | None:
    """Which steps (N, T) of the chosen output are no filling; None where all count."""
    mask = probe.masks[probe.output] if probe.masks else None
    same = probe.labels is not None and mask is not None and mask.shape == probe.labels.shape
    return mask if same else None


def _counted(values: Array, counts: npt.NDArray[np.bool_] | None) -> Array:
    return values.ravel() if counts is None else values[counts]


def confusion(probe: Probe, classes: Sequence[str]) -> Confusion | None:
    """None where the network tells nothing apart, or so many classes that nobody could see."""
    count = max(probe.outputs[probe.output].shape[-1], 2)
    if probe.labels is None or count > MOST_CLASSES:
        return None
    counts = _counts(probe)
    answers = _counted(probe.said_of(probe.output), counts)
    matrix = confusion_matrix(_counted(probe.labels, counts), answers, count)
    return Confusion(
        matrix.astype(np.int64),
        names_of(classes, count),
        steps=probe.labels.ndim > 1,
        filling=counts is not None and not counts.all(),
    )


def names_of(classes: Sequence[str], count: int) -> tuple[str, ...]:
    """A name for each class, its number where it has none."""
    return tuple(classes[each] if each < len(classes) else str(each) for each in range(count))


def predictions(probe: Probe, samples: Sequence[int], classes: Sequence[str]) -> Predictions:
    """What the network says of some held-out samples."""
    chosen = [index for index in samples if 0 <= index < len(probe.whole)]
    data = probe.whole[np.array(chosen, np.intp)]
    empty = not chosen
    number = probe.output
    output = probe.outputs[number][:0] if empty else probe.outputs_for(data.x)[number]
    label = decided = confidence = step_label = step_said = step_counts = None
    if probe.labels is not None and (probe.labels.ndim == 1):
        label = _label(data.y[number])
        decided = said(output, probe.threshold)
        confidence = _confidence(output, decided)
    elif probe.labels is not None and probe.labels.ndim == 2 and output.ndim == 3:
        step_label = probe.classes_in(data.y[number], number)
        step_said = said(output, probe.threshold)
        step_counts = None if empty else probe.mask_for(data)
    return Predictions(
        tuple(chosen),
        data.x[0].copy(),
        data.y[number].copy(),
        output.copy(),
        label,
        decided,
        confidence,
        names_of(classes, max(output.shape[-1], 2)) if label is not None else (),
        step_label,
        step_said,
        step_counts,
    )


def sample_pass(probe: Probe, index: int) -> SamplePass | None:
    """A held-out sample's way through the network; None if there is no such sample."""
    if not 0 <= index < len(probe.whole):
        return None
    data = probe.whole[index : index + 1]
    context = probe.model.context(training=False)
    run = probe.model.graph.forward(data.x, context)
    outputs: dict[str, Array] = {
        tensor.node.layer.name: array[0].copy()
        for tensor, array in zip(probe.model.graph.inputs, data.x, strict=True)
    }
    arrays: dict[str, Array] = {}
    for step, cache in zip(probe.model.graph.steps, run.caches, strict=True):
        for name, array in cache.items():
            path, _, last = name.rpartition("/")
            if last.startswith(("input", "updates:")) or not _of_samples(array):
                continue
            if last == "output":
                outputs[f"{step.key}/{path}" if path else step.key] = array[0].copy()
            else:
                arrays[f"{step.key}/{name}"] = array[0].copy()
    label = decided = None
    if probe.labels is not None and probe.labels.ndim == 1:
        label = int(_label(data.y[probe.output])[0])
        final = run.values[probe.model.graph.output_numbers[probe.output]]
        decided = int(said(final, probe.threshold)[0])
    target = data.y[probe.output][0].copy()
    return SamplePass(index, data.x[0][0].copy(), target, outputs, arrays, label, decided)


def _of_samples(array: Array) -> bool:
    return array.ndim > 0 and len(array) == 1


def _label(y: Array) -> Array:
    if y.ndim > 1 and y.shape[-1] > 1:
        y = y.argmax(axis=-1)
    return y.reshape(len(y)).astype(np.int64)


def _confidence(output: Array, decided: Array) -> Array | None:
    """The probability of the class that was said; None for outputs that are none."""
    if not ((output >= 0) & (output <= 1)).all():
        return None
    if output.shape[-1] == 1:
        yes = output[:, 0]
        return np.where(decided == 1, yes, 1 - yes)
    return np.take_along_axis(output, decided[:, np.newaxis], axis=-1)[:, 0]
