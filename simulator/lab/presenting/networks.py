"""A network as it is drawn, as a table, and as cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from simulator.formats.building import LayerFacts, NetworkFacts
from simulator.formats.json_values import SpecError
from simulator.formats.network import LayerSpec, NetworkSpec, base_name
from simulator.lab.presenting import sequences, words
from simulator.lab.presenting.pictures import (
    Array,
    CardWords,
    Drawn,
    LayerPicture,
    SummaryRow,
    UnitMaps,
)
from simulator.lab.snapshot import SamplePass
from simulator.lessons.frame import Scale, ScaleKind

MOST_MAPS = 32
"""Of one layer; more would be too small to see."""
MOST_BARS = 26
_RECURRENT = frozenset({"SimpleRNN", "LSTM", "GRU", "Bidirectional"})
_NO_ACTIVATION = ("", "linear", "None")


def is_recurrent(network: NetworkSpec) -> bool:
    """Return whether a layer keeps states from one time step to the next."""
    return any(each.kind in _RECURRENT for each in network.layers)


def summary(network: NetworkSpec, facts: NetworkFacts) -> tuple[SummaryRow, ...]:
    """Return the rows of the table, inputs first."""
    rows = [
        SummaryRow(each.name, "Input", words.shape(each.shape or ()), "0")
        for each in network.inputs
    ]
    for spec, fact in zip(network.layers, facts.layers, strict=True):
        rows.append(SummaryRow(spec.name, spec.kind, _shapes(fact.output_shapes), _count(fact)))
    return tuple(rows)


def total(facts: NetworkFacts, batch_size: int) -> tuple[str, str]:
    """Return the number of parameters, and about what training takes of memory, in words."""
    return f"{facts.parameters:,}", f"about {words.size(facts.training_bytes(batch_size))}"


def cards(
    network: NetworkSpec, facts: NetworkFacts | None, problem: SpecError | None
) -> dict[str, CardWords]:
    """Return what the cards say of shapes and of what doesn't fit, by layer."""
    made: dict[str, CardWords] = {}
    for index, layer in enumerate(network.layers):
        wrong = problem is not None and problem.layer == layer.name
        error = str(problem) if wrong else ""
        blamed = problem.argument if problem is not None and wrong else ""
        reads = "" if network.sequential else ", ".join(layer.inputs)
        if facts is None:
            made[layer.name] = CardWords(error=error, blamed=blamed, reads=reads)
        else:
            fact = facts.layers[index]
            shape, count = _shapes(fact.output_shapes), _count(fact)
            made[layer.name] = CardWords(shape, count, error, blamed, reads)
    return made


def drawing(
    network: NetworkSpec,
    facts: NetworkFacts,
    sample: SamplePass | None,
    classes: Sequence[str] = (),
    frozen: frozenset[str] = frozenset(),
    *,
    units: Mapping[str, UnitMaps] | None = None,
    coloured: bool = False,
    gradients: Mapping[str, Array] | None = None,
    output: int = 0,
) -> tuple[LayerPicture, ...]:
    """Return all layers as they are drawn, with a sample on its way through if there is one.

    Of layers in ``units`` it is what each unit says all over the plane. With ``coloured`` the bars
    of the classes have the classes' colours. With ``gradients`` each layer shows those in the place
    of its outputs. ``output`` is the number of that which tells the classes apart.
    """
    if gradients is not None:
        return _back(network, facts, sample, gradients, frozen)
    outputs: Mapping[str, Array] = {} if sample is None else sample.outputs
    last = base_name(network.outputs[min(output, len(network.outputs) - 1)])
    made = []
    for each in network.inputs:
        told = "Input" if sample is None else f"Sample {sample.index + 1}"
        values = outputs.get(each.name)
        if values is None and sample is not None and len(network.inputs) == 1:
            values = sample.x
        drawn, shown, scale, left_out = _values(values, picture=True)
        made.append(
            LayerPicture(
                *(each.name, told, words.shape(each.shape or (), "×")),
                drawn=drawn,
                values=shown,
                scale=scale,
                left_out=left_out,
            )
        )
    for spec, fact in zip(network.layers, facts.layers, strict=True):
        inputs = tuple(dict.fromkeys(base_name(source) for source in spec.inputs))
        common = (
            *(spec.name, spec.kind, _shapes(fact.output_shapes, "×")),
            *(_parameter_words(fact.parameters), inputs, _activation(spec)),
        )
        values = outputs.get(spec.name)
        is_frozen = spec.name in frozen or not spec.trainable
        maps = (units or {}).get(spec.name)
        if maps is not None:
            made.append(
                LayerPicture(
                    *(*common, Drawn.MAPS, maps.maps, maps.scale, maps.left_out),
                    frozen=is_frozen,
                    classes=maps.classes,
                )
            )
            continue
        if values is not None and spec.name == last and _are_shares(values, classes):
            made.append(_bars(common, values, sample, classes, is_frozen, coloured))
            continue
        # What is to be a picture is drawn like one.
        picture = sample is not None and spec.name == last and sample.target.ndim == 3
        drawn, shown, scale, left_out = _values(values, picture=picture)
        made.append(
            LayerPicture(
                *common, drawn=drawn, values=shown, scale=scale, left_out=left_out, frozen=is_frozen
            )
        )
    return tuple(made)


def _back(
    network: NetworkSpec,
    facts: NetworkFacts,
    sample: SamplePass | None,
    gradients: Mapping[str, Array],
    frozen: frozenset[str],
) -> tuple[LayerPicture, ...]:
    """Return all layers with the gradient by each one's output, each on a scale of its own."""
    inputs = {each.name for each in network.inputs}
    told = "Input" if sample is None else f"Sample {sample.index + 1}"
    made = []
    for each in drawing(network, facts, None, frozen=frozen):
        slope = gradients.get(each.name)
        drawn, shown, scale, left_out = _values(slope)
        if slope is not None and slope.ndim == 3 and slope.shape[2] == 1:
            drawn, shown = Drawn.PICTURE, slope[..., 0]
        if scale is not None:  # a gradient that is nowhere below zero has two directions, too
            scale = replace(scale, kind=ScaleKind.SIGNED)
        made.append(
            replace(
                each,
                kind=told if each.name in inputs else each.kind,
                drawn=drawn,
                values=shown,
                scale=scale,
                left_out=left_out,
                gradient=slope is not None,
            )
        )
    return tuple(made)


def _parameter_words(count: int) -> str:
    """Return how many parameters a layer has, as it is drawn; of none nothing is said."""
    if not count:
        return ""
    return f"{words.compact(count)} param{'' if count == 1 else 's'}"


def verdict(sample: SamplePass | None, classes: Sequence[str]) -> str:
    """Return in a sentence what the network says of the sample, and whether that is right."""
    if sample is None or sample.said is None or sample.label is None:
        return ""
    said, label = (
        words.quoted(sequences.sign(classes[each]) if each < len(classes) else str(each))
        for each in (sample.said, sample.label)
    )
    if sample.said == sample.label:
        return f"Says {said}, and that is right."
    return f"Says {said}, but it is {label}."


def _bars(
    common: tuple[str, str, str, str, tuple[str, ...], str],
    values: Array,
    sample: SamplePass | None,
    classes: Sequence[str],
    frozen: bool,
    coloured: bool,
) -> LayerPicture:
    labels = tuple(classes[: len(values)]) if len(values) > 1 else tuple(classes[1:2])
    single = len(values) == 1
    return LayerPicture(
        *common,
        Drawn.BARS,
        values,
        labels=labels if len(labels) == len(values) else (),
        # One output tells of the second class alone: whether it is right shows in the sentence.
        truth=None if sample is None or single else sample.label,
        chosen=0 if single else None if sample is None else sample.said,
        frozen=frozen,
        classes=() if not coloured else (1,) if single else tuple(range(len(values))),
    )


def _are_shares(values: Array, classes: Sequence[str]) -> bool:
    few = values.ndim == 1 and len(values) <= MOST_BARS
    return few and bool(classes) and bool(((values >= 0) & (values <= 1)).all())


def _values(
    values: Array | None, *, picture: bool = False
) -> tuple[Drawn, Array | None, Scale | None, int]:
    """Return how a layer's output is drawn: maps (H, W, C), states (T, U), a row (U,)."""
    if values is None or not values.size:
        return Drawn.BOX, None, None, 0
    if values.ndim == 3 and picture and values.shape[2] in {1, 3}:
        shown = values[..., 0] if values.shape[2] == 1 else values
        return Drawn.PICTURE, shown, scale_of(values, picture=True), 0
    if values.ndim == 3:
        maps = np.moveaxis(values, -1, 0)
        left_out = max(len(maps) - MOST_MAPS, 0)
        return Drawn.MAPS, maps[:MOST_MAPS], scale_of(values), left_out
    if values.ndim == 2:
        return Drawn.MAPS, values.T[None], scale_of(values), 0
    if values.ndim == 1:
        return Drawn.COLUMN, values, scale_of(values), 0
    return Drawn.BOX, None, None, 0


def scale_of(values: Array, *, picture: bool = False) -> Scale:
    """Return the scale on which all of these values can be told apart."""
    finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    limit = float(np.abs(finite).max()) if finite.size else 0.0
    if picture and finite.size and float(finite.min()) >= 0:
        return Scale(ScaleKind.PICTURE, limit or 1.0)
    signed = bool(finite.size) and float(finite.min()) < 0
    return Scale(ScaleKind.SIGNED if signed else ScaleKind.FROM_ZERO, limit or 1.0)


def _activation(spec: LayerSpec) -> str:
    activation = words.named(spec.arguments.get("activation", ""))
    return "" if activation in _NO_ACTIVATION else activation


def _shapes(shapes: Sequence[Sequence[int | None]], times: str = " × ") -> str:
    return ", ".join(words.shape(each, times) for each in shapes)


def _count(fact: LayerFacts) -> str:
    return f"{fact.parameters:,}"


def weight_maps(kernel: Array, index: Sequence[int] = ()) -> tuple[Array, Scale] | None:
    """Return a weight as maps: of a convolution's kernel a map for each filter, of the channel in
    which the place ``index`` lies; of a dense layer's one map (in, out), of a bias one row; None
    for what has no such form.
    """
    if kernel.ndim == 4:
        maps = np.moveaxis(kernel[:, :, _channel(index), :], -1, 0)
    elif kernel.ndim == 3:
        maps = np.moveaxis(kernel, -1, 0)
    elif kernel.ndim == 2:
        maps = kernel[None]
    elif kernel.ndim == 1 and kernel.size:
        maps = kernel[None, None]
    else:
        return None
    return maps[:MOST_MAPS], scale_of(kernel)


def _channel(index: Sequence[int]) -> int:
    return index[2] if len(index) == 4 else 0


def weight_index(
    shape: Sequence[int], place: tuple[int, int, int], index: Sequence[int] = ()
) -> tuple[int, ...]:
    """Return the index in a weight of a cell (map, row, column) of its ``weight_maps``."""
    number, row, column = place
    if len(shape) == 4:
        return row, column, _channel(index), number
    if len(shape) == 3:
        return row, column, number
    return (column,) if len(shape) == 1 else (row, column)
