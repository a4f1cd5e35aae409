"""What is said and shown of data before they are used."""

from __future__ import annotations

from simulator.data.datasets import Preview
from simulator.lab.presenting import sequences, words
from simulator.lab.presenting.networks import scale_of
from simulator.lab.presenting.pictures import Array, SequencePicture
from simulator.lab.presenting.samples import pictures_of
from simulator.lessons.frame import Scale

MOST_SAMPLES = 20
_FEW = 12


def pictures(preview: Preview) -> tuple[Array, Scale] | None:
    """Return a few samples as pictures (N, H, W) or (N, H, W, 3), or None of points."""
    if preview.view == "points2d" or not len(preview.x):
        return None
    shown = pictures_of(preview.x[:MOST_SAMPLES])
    return shown, scale_of(shown, picture=preview.view == "image")


def plots(preview: Preview) -> tuple[SequencePicture, ...] | None:
    """Return a few sequences as small plots, or texts; None of anything else."""
    x = preview.x[:MOST_SAMPLES]
    if preview.view == "text":
        return sequences.texts(x, preview.vocabulary)
    return sequences.inputs(x) if preview.view == "sequence" else None


def facts(preview: Preview) -> tuple[str, ...]:
    """Return a line each for the split, the shapes, the classes, the columns and the scaling."""
    told = [
        preview.split,
        f"A sample: {words.shape(preview.input_shape)}. A target: {_target(preview)}.",
    ]
    if preview.classes is not None and preview.counts is not None:
        pairs = zip(preview.classes[:_FEW], preview.counts, strict=False)
        named = ", ".join(f"{name} ({count:,})" for name, count in pairs)
        more = ", …" if len(preview.classes) > _FEW else ""
        told.append(f"Classes, with their samples: {named}{more}.")
    columns = "; ".join(
        f"{each.name} ({each.told})" if each.told else each.name for each in preview.columns[:_FEW]
    )
    if columns:
        told.append(f"Columns: {columns}.")
    if preview.scaling:
        told.append(f"Scaling: {preview.scaling}")
    return (*told, *preview.notices)


def _target(preview: Preview) -> str:
    if preview.task in {"binary", "classification"}:
        return "a class" if not preview.target_shape else "a class for each step"
    return words.shape(preview.target_shape)
