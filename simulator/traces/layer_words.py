"""What the layers of an autoencoder, and what they give, are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from simulator.engine.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Conv2DTranspose,
    Dense,
    Flatten,
    Layer,
    MaxPooling2D,
    Permute,
    Reshape,
    UpSampling2D,
    ZeroPadding2D,
)
from simulator.engine.layers.tied import TiedDense
from simulator.traces.cell_telling import Moving
from simulator.traces.formula import Message
from simulator.traces.laid_layers import LaidLayer

_KINDS: tuple[tuple[type[Layer] | tuple[type[Layer], ...], str, str], ...] = (
    ((Dense, TiedDense), "Dense layer", "Dense"),
    (Conv2DTranspose, "Transposed convolution", "Transp."),
    (Conv2D, "Convolution", "Conv"),
    (MaxPooling2D, "Max pooling", "Pool"),
    (AveragePooling2D, "Average pooling", "Pool"),
    (UpSampling2D, "Upsampling", "Up"),
    (ZeroPadding2D, "Zero padding", "Pad"),
    (Flatten, "Flattening", "Row"),
    (Reshape, "Reshaping", "Maps"),
    (Permute, "Permuting", "Turned"),
    (BatchNormalization, "Batch normalization", "Norm"),
    (Layer, "Activation", "Act."),
)
MOVES: tuple[tuple[type[Layer], Moving], ...] = (
    (
        Flatten,
        Moving(
            Message("All maps in one row: cell after cell, and of each cell map after map."),
            Message("Nothing goes here."),
        ),
    ),
    (
        Reshape,
        Moving(
            Message("The same numbers in the same order, as maps: nothing is computed."),
            Message("Nothing goes here."),
        ),
    ),
    (
        Permute,
        Moving(Message("The same numbers along other axes."), Message("Nothing goes here.")),
    ),
    (
        UpSampling2D,
        Moving(
            Message("Each cell is repeated: the picture grows, and nothing is learned here."),
            Message("Nothing goes here."),
        ),
    ),
    (
        ZeroPadding2D,
        Moving(
            Message("Zeros are put around the picture."),
            Message("This cell lies around the picture: it is 0."),
        ),
    ),
    (
        Conv2DTranspose,
        Moving(
            Message("The cells are moved apart, with zeros between and around them."),
            Message("This cell lies between the cells of the input, or around them: it is 0."),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class LayerWords:
    """What a layer is called, what it gives, and that in short."""

    title: Message
    output: Message
    label: Message


def words_of(layers: Sequence[LaidLayer], code: int) -> list[LayerWords]:
    """Return what the layers are called, the one that makes the code being number ``code``.

    Where all are dense they are the encoder's and the decoder's, else each has its kind's name.
    """
    if all(isinstance(each.layer, Dense | TiedDense) for each in layers):
        return [_dense_words(each.number, code, len(layers)) for each in layers]
    kinds = [_kind(each.layer) for each in layers]
    counts, seen = Counter(label for _, label in kinds), Counter[str]()
    found = []
    for each, (title, label) in zip(layers, kinds, strict=True):
        seen[label] += 1
        template = "{kind} {number}" if counts[label] > 1 else "{kind}"
        name, short = (
            Message(template, {"kind": Message(kind), "number": seen[label]})
            for kind in (title, label)
        )
        if each.number == len(layers):
            found.append(LayerWords(name, Message("Reconstruction"), Message("Output")))
        elif each.number == code:
            found.append(LayerWords(name, Message("Code"), Message("Code")))
        else:
            found.append(LayerWords(name, name, short))
    return found


def named_words(layers: Sequence[LaidLayer]) -> list[LayerWords]:
    """Return what the layers are called by their kinds and their own names."""
    kinds = [_kind(each.layer) for each in layers]
    counts, seen = Counter(label for _, label in kinds), Counter[str]()
    found = []
    for each, (title, label) in zip(layers, kinds, strict=True):
        seen[label] += 1
        name = Message("{kind} “{name}”", {"kind": Message(title), "name": each.layer.name})
        output = Message("Output of “{name}”", {"name": each.layer.name})
        numbered = Message(
            "{kind} {number}" if counts[label] > 1 else "{kind}",
            {"kind": Message(label), "number": seen[label]},
        )
        last = each.number == len(layers)
        found.append(LayerWords(name, output, Message("Output") if last else numbered))
    return found


def moving_of(layer: Layer) -> Moving:
    """Return how it is told where a layer moves its numbers."""
    return next(words for kind, words in MOVES if isinstance(layer, kind))


def _kind(layer: Layer) -> tuple[str, str]:
    return next((title, label) for kind, title, label in _KINDS if isinstance(layer, kind))


def _dense_words(at: int, code: int, layers: int) -> LayerWords:
    if at == layers:
        return LayerWords(
            Message("Decoder, last layer"), Message("Reconstruction"), Message("Output")
        )
    if at == code:
        return LayerWords(Message("Encoder, last layer"), Message("Code"), Message("Code"))
    side, number = ("Encoder", at) if at < code else ("Decoder", at - code)
    numbered = {"number": number}
    return LayerWords(
        Message(side + ", layer {number}", numbered),
        Message(side + " {number}", numbered),
        Message(side[:3] + ". {number}", numbered),
    )
