"""Sequences as small plots: what goes in step by step, what is right, and what the network says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.lab.presenting.pictures import Array, SequenceLine, SequencePicture
from simulator.lab.snapshot import Predictions

MOST_CHANNELS = 3
"""Lines of what goes in; of more there would be a tangle."""
MOST_AHEAD = 64
"""Numbers that follow a sequence."""
_INKS = ("reads", "ink3", "ghost")
_TRUTH, _SAID = "ink1", "writes"
_UPPER, _LOWER = (0.56, 1.0), (0.0, 0.44)
"""Where the input and the classes of all steps stand, above one another."""
_WHOLE = (0.0, 1.0)
_END = "\n"
_SIGNS = str.maketrans({_END: "↵", " ": "·"})


def texts(x: Array, vocabulary: Sequence[str]) -> tuple[SequencePicture, ...] | None:
    """Return texts, characters or words by number (N, T) or one-hot (N, T, V); None for anything
    else. Words stand apart; what fills texts of words up is no word.
    """
    if not vocabulary or x.ndim not in (2, 3):
        return None
    if x.ndim == 3 and x.shape[2] != len(vocabulary):
        return None
    numbers = x.argmax(axis=2) if x.ndim == 3 else x.astype(np.int64)
    told = [
        [vocabulary[number] for number in row if 0 <= number < len(vocabulary)]
        for row in numbers.tolist()
    ]
    if max(map(len, vocabulary)) > 1:
        return tuple(SequencePicture(text=" ".join(filter(None, words))) for words in told)
    found = ["".join(characters) for characters in told]
    # Line ends between letters are part of a text; where all stand first, they fill texts up.
    filled = all(_END not in text.lstrip(_END) for text in found)
    return tuple(
        SequencePicture(
            text=text.translate(_SIGNS),
            filling=len(text) - len(text.lstrip(_END)) if filled else 0,
        )
        for text in found
    )


def sign(name: str) -> str:
    """Return a class's name, with a sign for a character that can't be seen."""
    return name.translate(_SIGNS) if len(name) == 1 else name


def inputs(x: Array) -> tuple[SequencePicture, ...] | None:
    """Return sequences (N, T, C) as lines; None for what is none."""
    if not _is_sequence(x):
        return None
    channels = _channels(x)
    low, high = _range([channels])
    places = _places(x.shape[1], x.shape[1] - 1)
    return tuple(SequencePicture(_lines(each, places, low, high, _WHOLE)) for each in channels)


def predictions(seen: Predictions) -> tuple[SequencePicture, ...] | None:
    """Return sequences with what is right and what the network says: of each time step its class
    or its number, or the numbers that follow. None for what are no sequences.
    """
    if not _is_sequence(seen.x):
        return None
    if seen.step_label is not None and seen.step_said is not None:
        return _with_classes(seen, seen.step_label, seen.step_said)
    target, output = seen.target, seen.output
    if seen.label is None and target.shape == output.shape:
        if target.ndim == 3 and target.shape[1] == seen.x.shape[1]:
            return _with_steps(seen, target[..., 0], output[..., 0])
        if target.ndim == 2 and target.shape[1] <= MOST_AHEAD:
            return _with_next(seen, target, output)
    return inputs(seen.x)


def _is_sequence(x: Array) -> bool:
    return x.ndim == 3 and x.dtype.kind == "f" and x.shape[1] > 1 and len(x) > 0


def _channels(x: Array) -> Array:
    """(N, T, C): a few channels of numbers, or the symbol of each step of one-hot rows."""
    rows = x.shape[2] > 2 and ((x == 0) | (x == 1)).all() and (x.sum(axis=2) == 1).all()
    if rows:
        return np.asarray(x.argmax(axis=2)[..., np.newaxis], np.float64)
    return np.asarray(x[..., :MOST_CHANNELS], np.float64)


def _range(arrays: Sequence[Array]) -> tuple[float, float]:
    """The least and the largest finite number in some arrays, a little apart."""
    finite = [each[np.isfinite(each)] for each in arrays]
    low = min((float(each.min()) for each in finite if each.size), default=0.0)
    high = max((float(each.max()) for each in finite if each.size), default=1.0)
    return low, high if high > low else low + 1.0


def _places(count: int, last: float, first: int = 0) -> Array:
    return np.arange(first, first + count) / max(last, 1)


def _lines(
    channels: Array, places: Array, low: float, high: float, lane: tuple[float, float]
) -> tuple[SequenceLine, ...]:
    """The channels (T, C) of one sequence."""
    return tuple(
        SequenceLine(
            places,
            _heights(channels[:, each], low, high, lane),
            _INKS[each],
            bool((channels[:, each] == np.rint(channels[:, each])).all()),
        )
        for each in reversed(range(channels.shape[1]))
    )


def _heights(values: Array, low: float, high: float, lane: tuple[float, float]) -> Array:
    """Where numbers stand in a lane; those beyond its ends stand at them."""
    share = np.clip((np.asarray(values, np.float64) - low) / (high - low), 0, 1)
    return lane[0] + share * (lane[1] - lane[0])


def _with_classes(seen: Predictions, label: Array, said: Array) -> tuple[SequencePicture, ...]:
    channels = _channels(seen.x)
    steps = seen.x.shape[1]
    places = _places(steps, steps - 1)
    low, high = _range([channels])
    most = float(max(label.max(), said.max(), 1))
    return tuple(
        SequencePicture(
            (
                *_lines(channels[row], places, low, high, _UPPER),
                SequenceLine(places, _heights(label[row], 0, most, _LOWER), _TRUTH, True),
            ),
            (SequenceLine(places, _heights(said[row], 0, most, _LOWER), _SAID, True),),
        )
        for row in range(len(seen.x))
    )


def _with_steps(seen: Predictions, target: Array, output: Array) -> tuple[SequencePicture, ...]:
    """Numbers of each step; where they are those of the next step they stand there."""
    channels, steps = _channels(seen.x), seen.x.shape[1]
    ahead = int(np.allclose(target[:, :-1], channels[:, 1:, 0], atol=1e-6))
    last = steps - 1 + ahead
    low, high = _range([channels, target])
    inside, told = _places(steps, last), _places(steps, last, ahead)
    return tuple(
        SequencePicture(
            (
                *_lines(channels[row], inside, low, high, _WHOLE),
                SequenceLine(told, _heights(target[row], low, high, _WHOLE), _TRUTH),
            ),
            (SequenceLine(told, _heights(output[row], low, high, _WHOLE), _SAID),),
        )
        for row in range(len(seen.x))
    )


def _with_next(seen: Predictions, target: Array, output: Array) -> tuple[SequencePicture, ...]:
    """The numbers that follow, or one that is told of the whole sequence."""
    channels, steps, many = _channels(seen.x), seen.x.shape[1], target.shape[1]
    last = steps - 1 + max(many, steps // 12)  # one number, too, has a place that can be seen
    low, high = _range([channels, target])
    inside = _places(steps, last)
    told = np.array([1.0]) if many == 1 else _places(many, last, steps)
    return tuple(
        SequencePicture(
            (
                *_lines(channels[row], inside, low, high, _WHOLE),
                SequenceLine(
                    told, _heights(target[row], low, high, _WHOLE), _TRUTH, dotted=many == 1
                ),
            ),
            (
                SequenceLine(
                    told, _heights(output[row], low, high, _WHOLE), _SAID, dotted=many == 1
                ),
            ),
            float(inside[-1]),
        )
        for row in range(len(seen.x))
    )
