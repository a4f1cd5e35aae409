"""Held-out samples as a row of pictures with what is said of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.lab.presenting import sequences
from simulator.lab.presenting.networks import scale_of
from simulator.lab.presenting.pictures import Array, SampleWords, SequencePicture
from simulator.lab.presenting.words import quoted
from simulator.lab.snapshot import Predictions, Standing
from simulator.lessons.frame import Scale
from simulator.traces.numbers import written

MOST_NUMBERS = 3
"""So many numbers that are told together are written out."""


@dataclass(frozen=True, slots=True)
class Source:
    """What samples are of: how they are looked at, empty if that isn't known, and of texts the
    characters in the order of their numbers.
    """

    view: str = ""
    vocabulary: tuple[str, ...] = ()


ANY = Source()


@dataclass(frozen=True, slots=True, eq=False)
class SamplesPicture:
    """Pictures (N, H, W) or (N, H, W, 3) on one scale, and words for each of them. Where pictures
    come out, too, ``answers`` has these.
    """

    caption: str
    pictures: Array
    scale: Scale
    words: tuple[SampleWords, ...]
    indices: tuple[int, ...]
    answers: Array | None = None
    sequences: tuple[SequencePicture, ...] | None = None


def samples(
    predictions: Predictions, standing: Standing | None, of: Source = ANY
) -> SamplesPicture:
    """Return the samples as they are shown; sequences have small plots in the place of pictures."""
    pictures = pictures_of(predictions.x)
    plots = sequences_of(predictions, of)
    words = tuple(sample_words(predictions, row) for row in range(len(predictions.indices)))
    return SamplesPicture(
        _caption(predictions, words, standing, plots),
        pictures,
        scale_of(pictures, picture=True),
        words,
        predictions.indices,
        _answers(predictions),
        plots,
    )


def title(standing: Standing | None) -> str:
    """Return what the samples are called."""
    held_out = standing is None or standing.held_out
    return "Held-out samples" if held_out else "Training samples"


def sequences_of(predictions: Predictions, of: Source) -> tuple[SequencePicture, ...] | None:
    """Return sequences as small plots; None for pictures and rows of numbers."""
    if of.view == "text":
        return sequences.texts(predictions.x, of.vocabulary)
    return sequences.predictions(predictions) if of.view in ("", "sequence") else None


def _answers(predictions: Predictions) -> Array | None:
    """Return the pictures that come out of a network that makes some as large as its input's."""
    output = predictions.output
    pictures = predictions.said is None and output.ndim == 4 and output.shape[3] in {1, 3}
    same = output.shape[1:3] == predictions.x.shape[1:3] if pictures else False
    return pictures_of(output) if same and len(output) else None


def pictures_of(x: Array) -> Array:
    """Return samples as pictures: a series is a strip of its values, a row of numbers one row."""
    if x.ndim == 4:
        return x[..., 0] if x.shape[3] != 3 else x
    if x.ndim == 3:
        return np.swapaxes(x, 1, 2)
    return x.reshape(len(x), 1, -1)


def sample_words(predictions: Predictions, row: int) -> SampleWords:
    """Return what is said of one of the samples."""
    if predictions.step_said is not None and predictions.step_label is not None:
        said_steps, true_steps = predictions.step_said[row], predictions.step_label[row]
        if predictions.step_counts is not None:
            counts = predictions.step_counts[row]
            said_steps, true_steps = said_steps[counts], true_steps[counts]
        right = int((said_steps == true_steps).sum())
        return SampleWords(
            f"{right:,} of {said_steps.size:,} right", "", 0.0, wrong=right < said_steps.size
        )
    if predictions.said is None or predictions.label is None:
        output, target = predictions.output[row].ravel(), predictions.target[row].ravel()
        if output.size == 1 == target.size:
            away = abs(float(output[0]) - float(target[0]))
            wanted = written(float(target[0]), 2)
            truth = f"is {wanted}" if away >= 0.005 else ""
            return SampleWords(written(float(output[0]), 2), "", 0.0, truth)
        if output.size == target.size <= MOST_NUMBERS:
            return SampleWords(_numbers(output), "", 0.0, f"is {_numbers(target)}")
        if predictions.x.ndim == 3 and output.size == target.size:
            away = np.abs(np.asarray(output, np.float64) - target).mean()
            return SampleWords(f"± {written(float(away), 2)}", "", 0.0)
        return SampleWords("", "", 0.0)
    said, label = int(predictions.said[row]), int(predictions.label[row])
    sure = 0.0 if predictions.confidence is None else float(predictions.confidence[row])
    return SampleWords(
        sequences.sign(predictions.classes[said]),
        "" if predictions.confidence is None else written(sure, 2),
        sure,
        "" if said == label else f"is {quoted(sequences.sign(predictions.classes[label]))}",
        wrong=said != label,
    )


def _numbers(values: Array) -> str:
    return ", ".join(written(float(each), 2) for each in values)


def _caption(
    predictions: Predictions,
    words: tuple[SampleWords, ...],
    standing: Standing | None,
    plots: tuple[SequencePicture, ...] | None,
) -> str:
    if not predictions.indices:
        return ""
    first, last = predictions.indices[0] + 1, predictions.indices[-1] + 1
    if standing is None:
        return f"{first:,} to {last:,}"
    caption = f"{first:,} to {last:,} of {standing.of:,}"
    if _answers(predictions) is not None:
        return f"{caption}; below each what comes out of it"
    if plots and plots[0].said:
        caption += "; blue: what goes in, orange: what is said"
    if standing.right is None or predictions.said is None:
        return caption
    wrong = sum(each.wrong for each in words)
    verb = "is" if wrong == 1 else "are"
    all_wrong = standing.count - standing.right
    seen = "all" if standing.count == standing.of else f"the first {standing.count:,}"
    return f"{caption}; {wrong} of these {len(words)} {verb} wrong, {all_wrong:,} of {seen}"
