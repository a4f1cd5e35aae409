"""Moving pictures: when each frame is on view, and how GIF, WebP and APNG hold them. Knows no Qt.

A step is on view as long as in the window at speed 1: the window glides, and then it rests. A rest
is one frame with a long time, so that a file stays small.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from simulator.gui.render_options import FileType
from simulator.traces.timeline import SECONDS_PER_STEP, Moment, Timeline

LAST_SECONDS = 2 * SECONDS_PER_STEP
"""The last step is on view longer, so that one sees where the animation starts over."""

PALETTE = 255
"""Colours of a GIF; one of the 256 entries is left for what doesn't change."""
EXACT_COLOURS = 160
"""So many of the commonest colours, all flat ones among them, come out as they are."""
SAMPLES = 5
"""From so many frames, evenly spread, a GIF's colours are chosen."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A moment, and for how many milliseconds it is on view: whole hundredths of a second."""

    moment: Moment
    milliseconds: int


def shot_count(steps: int, frames_per_second: int) -> int:
    """Return how many shots ``shots`` takes of so many steps."""
    return 1 + (steps - 1) * _frames_per_glide(frames_per_second)


def _frames_per_glide(frames_per_second: int) -> int:
    timeline = Timeline(2)
    timeline.forward()
    return len(list(_glide(timeline, frames_per_second)))


def _glide(timeline: Timeline, frames_per_second: int) -> Iterator[Moment]:
    """Let a glide that has begun come to its end, frame by frame."""
    while timeline.moving:
        timeline.tick(1 / frames_per_second)
        yield timeline.moment


def shots(timeline: Timeline, steps: range, frames_per_second: int) -> list[Shot]:
    """Play ``steps`` (from 0) as the window does, and return what is on view, and how long."""
    timeline.seek(steps.start)
    starts = [(0.0, timeline.moment)]
    for at in range(1, len(steps)):
        timeline.forward()
        begun = at * SECONDS_PER_STEP
        starts += [
            (begun + number / frames_per_second, moment)
            for number, moment in enumerate(_glide(timeline, frames_per_second), start=1)
        ]
    end = (len(steps) - 1) * SECONDS_PER_STEP + LAST_SECONDS
    hundredths = [round(start * 100) for start, _ in starts] + [round(end * 100)]
    return [
        Shot(moment, 10 * (hundredths[at + 1] - hundredths[at]))
        for at, (_, moment) in enumerate(starts)
    ]


def encode(frames: Iterable[tuple[Image.Image, int]], file_type: FileType) -> bytes:
    """Return the file of RGB pictures of one size, each with its milliseconds on view.

    Pictures equal to the one before lengthen its time. A single picture doesn't move.
    """
    pictures: list[Image.Image] = []
    times: list[int] = []
    last = b""
    for picture, milliseconds in frames:
        pixels = picture.tobytes()
        if pictures and pixels == last:
            times[-1] += milliseconds
        else:
            pictures.append(picture)
            times.append(milliseconds)
            last = pixels
    stream = BytesIO()
    options: dict[str, Any] = {}
    if len(pictures) > 1:
        options = {"save_all": True, "duration": times, "loop": 0}
    if file_type is FileType.GIF:
        pictures = with_one_palette(pictures)
        pictures[0].save(stream, "GIF", append_images=pictures[1:], optimize=True, **options)
    elif file_type is FileType.WEBP:
        # Without key frames only what changes is kept, which is little: a tenth of the bytes.
        options |= {"lossless": True, "method": 4, "quality": 50, "kmin": 0, "kmax": 0}
        pictures[0].save(stream, "WEBP", append_images=pictures[1:], **options)
    else:
        pictures[0].save(stream, "PNG", append_images=pictures[1:], **options)
    return stream.getvalue()


# A GIF's 256 colours


def with_one_palette(pictures: list[Image.Image]) -> list[Image.Image]:
    """Return RGB pictures with the same ``PALETTE`` colours, so that nothing flickers.

    The commonest colours keep their exact values: flat areas and the steps of a colour map. The
    rest, edges of letters for the most part, is grouped by median cut. Nothing is dithered.
    """
    sampled = {round(at) for at in np.linspace(0, len(pictures) - 1, SAMPLES)}
    seen, counts = np.unique(
        np.concatenate([_keys(pictures[at]).ravel() for at in sorted(sampled)]),
        return_counts=True,
    )
    # A stable order, so that colours equally common don't change places from run to run.
    by_count = seen[np.lexsort((seen, -counts))]
    chosen = by_count[:EXACT_COLOURS] if len(by_count) > PALETTE else by_count
    if len(by_count) > PALETTE:
        rest = _colours(by_count[EXACT_COLOURS:])
        grouped = Image.fromarray(rest[np.newaxis].astype(np.uint8)).quantize(
            PALETTE - EXACT_COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
        )
        middle = np.array(grouped.getpalette(), dtype=np.uint8).reshape(-1, 3)
        chosen = np.concatenate([chosen, _keys(Image.fromarray(middle[np.newaxis])).ravel()])
    palette = _colours(chosen)
    entries = np.full(2**24, -1, dtype=np.int16)
    made = []
    for picture in pictures:
        keys = _keys(picture)
        unknown = np.unique(keys[entries[keys] < 0])
        entries[unknown] = _nearest_entries(_colours(unknown), palette)
        indexed = Image.fromarray(entries[keys].astype(np.uint8))
        indexed.putpalette(palette.astype(np.uint8).tobytes())
        made.append(indexed)
    return made


def _keys(picture: Image.Image) -> NDArray[np.uint32]:
    """Return the colours (H, W) of a picture as single numbers, 0xRRGGBB."""
    pixels = np.asarray(picture).astype(np.uint32)
    return np.asarray(pixels[..., 0] << 16 | pixels[..., 1] << 8 | pixels[..., 2], dtype=np.uint32)


def _colours(keys: NDArray[np.uint32]) -> NDArray[np.int32]:
    """Return colours 0xRRGGBB (N,) as red, green and blue (N, 3)."""
    return np.stack([keys >> 16, keys >> 8 & 255, keys & 255], axis=-1).astype(np.int32)


def _nearest_entries(colours: NDArray[np.int32], palette: NDArray[np.int32]) -> NDArray[np.int16]:
    """Return the index in ``palette`` (P, 3) of the colour nearest to each of ``colours`` (N, 3).

    Squared distances are compared as |p|² − 2 c·p, which differs from them by |c|² alone.
    """
    squares = (palette**2).sum(axis=1)
    return np.argmin(squares - 2 * colours @ palette.T, axis=1).astype(np.int16)
