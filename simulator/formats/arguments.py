"""The one table of arguments: for each kind of layer, optimizer, loss and the like, what it can be
given, with defaults, bounds, choices and help.

Cards are made from it, the reader of source checks with it, and a test compares it with the
engine's own signatures. Arguments stand in Keras's order, so that they can be given by position.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, TypeAlias

from simulator.formats.argument_types import (
    Argument,
    InnerLayer,
    InnerNetwork,
    near,
)
from simulator.formats.json_values import Json, SpecError
from simulator.formats.layer_arguments import (
    ACTIVATION,
    TRAINABLE,
    attention,
    axis,
    convolution,
    depthwise,
    embedding,
    leaky_relu,
    masking,
    merging_axis,
    noise,
    normalization,
    pooling,
    pooling_whole,
    recurrent,
    relu,
)
from simulator.formats.layer_arguments import dense as dense_arguments
from simulator.formats.layer_arguments import dropout as dropout_arguments
from simulator.formats.layer_arguments import vgg16 as vgg16_arguments
from simulator.formats.layer_arguments import wrapper as wrapper_arguments
from simulator.formats.shape_arguments import (
    flatten,
    permute,
    repeat,
    reshape,
    upsampling,
    zero_padding,
)

Family: TypeAlias = Literal[
    "Core", "Convolution", "Pooling", "Recurrent", "Shape", "Activation", "Regularization",
    "Normalization", "Merging", "Attention", "Wrapper", "Network",
]  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class LayerKind:
    """One kind of layer. `several` says that it reads more than one layer."""

    kind: str
    family: Family
    summary: str
    arguments: tuple[Argument, ...]
    several: bool = False

    def argument(self, name: str) -> Argument:
        """The argument of that name. Raises SpecError, with the nearest that there is."""
        for each in self.arguments:
            if each.name == name:
                return each
        names = tuple(each.name for each in self.arguments)
        raise SpecError(
            f"{self.kind} has no argument {name!r}: it has {', '.join(names)}.{near(name, names)}",
            argument=name,
        )

    def initial(self) -> dict[str, Json]:
        """The arguments that a new layer of this kind begins with."""
        return {each.name: each.start for each in self.arguments if each.needed}

    @property
    def has_initial(self) -> bool:
        """Whether a new layer of this kind can be made without being told anything."""
        return all(each.start is not None for each in self.arguments if each.needed)


START_NETWORK = {
    "name": "sequential",
    "sequential": True,
    "inputs": [{"name": "input_layer", "shape": None}],
    "layers": [
        {
            "kind": "Dense",
            "name": "dense",
            "arguments": {"units": 32, "activation": "relu"},
            "inputs": ["input_layer"],
        }
    ],
    "outputs": ["dense"],
}
"""A network of one layer, as `serialization` writes it."""


def _kinds() -> Iterator[LayerKind]:
    yield LayerKind("Dense", "Core", "Every unit reads every value.", dense_arguments())
    yield LayerKind("Activation", "Activation", "A function of each value.", (ACTIVATION,))
    yield LayerKind("ReLU", "Activation", "Negative values become 0.", relu())
    yield LayerKind("LeakyReLU", "Activation", "Negative values shrink.", leaky_relu())
    yield LayerKind("Softmax", "Activation", "Shares that add up to 1.", (axis(),))
    yield LayerKind("Embedding", "Core", "A vector for each whole number.", embedding())
    yield LayerKind("Masking", "Recurrent", "Steps without data are passed over.", masking())
    for kind, rank, told in (
        ("Conv1D", 1, "Filters that slide along time."),
        ("Conv2D", 2, "Filters that slide over an image."),
        ("Conv2DTranspose", 2, "A convolution turned round: images grow."),
    ):
        whole = convolution(rank, groups=kind != "Conv2DTranspose")
        yield LayerKind(kind, "Convolution", told, whole)
    yield LayerKind(
        "DepthwiseConv2D", "Convolution", "Filters for each channel by itself.", depthwise()
    )
    for kind, rank, told in (
        ("MaxPooling1D", 1, "The largest value of each stretch of time."),
        ("MaxPooling2D", 2, "The largest value of each window."),
        ("AveragePooling1D", 1, "The mean of each stretch of time."),
        ("AveragePooling2D", 2, "The mean of each window."),
        ("LpPooling2D", 2, "The p-norm of each window."),
        ("StochasticPooling2D", 2, "One value of each window, drawn by its size."),
    ):
        yield LayerKind(kind, "Pooling", told, pooling(kind, rank))
    for kind, told in (
        ("GlobalMaxPooling1D", "The largest value of each channel over all time."),
        ("GlobalMaxPooling2D", "The largest value of each channel."),
        ("GlobalAveragePooling1D", "The mean of each channel over all time."),
        ("GlobalAveragePooling2D", "The mean of each channel."),
    ):
        yield LayerKind(kind, "Pooling", told, pooling_whole())
    for kind, told in (
        ("SimpleRNN", "Reads a sequence and keeps a state."),
        ("LSTM", "A state with gates that keep and forget."),
        ("GRU", "A state with two gates."),
    ):
        yield LayerKind(kind, "Recurrent", told, recurrent(kind))
    yield LayerKind("Flatten", "Shape", "All values in one row.", flatten())
    yield LayerKind("Reshape", "Shape", "The same values in another shape.", reshape())
    yield LayerKind("Permute", "Shape", "Axes in another order.", permute())
    yield LayerKind("RepeatVector", "Shape", "The same vector at each step.", repeat())
    yield LayerKind("UpSampling2D", "Shape", "Rows and columns repeated.", upsampling())
    yield LayerKind("ZeroPadding2D", "Shape", "Zeros around an image.", zero_padding())
    yield LayerKind(
        "Dropout", "Regularization", "In training, some values are left out.", dropout_arguments()
    )
    yield LayerKind("GaussianNoise", "Regularization", "In training, noise is added.", noise())
    yield LayerKind(
        "BatchNormalization", "Normalization", "Mean 0 and spread 1 over the batch.",
        normalization("BatchNormalization"),
    )  # fmt: skip
    yield LayerKind(
        "LayerNormalization", "Normalization", "Mean 0 and spread 1 within a sample.",
        normalization("LayerNormalization"),
    )  # fmt: skip
    for kind, told in (
        ("Add", "The sum of its inputs."),
        ("Subtract", "The first input less the second."),
        ("Multiply", "The product of its inputs."),
        ("Average", "The mean of its inputs."),
        ("Maximum", "The larger value at each place."),
        ("Minimum", "The smaller value at each place."),
    ):
        yield LayerKind(kind, "Merging", told, (), several=True)
    yield LayerKind(
        "Concatenate", "Merging", "Its inputs side by side.", merging_axis(), several=True
    )
    yield LayerKind(
        "MultiHeadAttention", "Attention", "Each step looks at every other.", attention(),
        several=True,
    )  # fmt: skip
    cells = ("SimpleRNN", "LSTM", "GRU")
    inner = InnerLayer(
        name="layer", label="Layer", help="The recurrent layer to read with.", needed=True,
        start={"kind": "LSTM", "name": "lstm", "arguments": {"units": 32}}, kinds=cells,
    )  # fmt: skip
    yield LayerKind(
        "Bidirectional", "Wrapper", "Reads a sequence forwards and backwards.",
        wrapper_arguments(inner),
    )  # fmt: skip
    each_step = InnerLayer(
        name="layer", label="Layer", help="The layer for each step.", needed=True,
        start={"kind": "Dense", "name": "dense", "arguments": {"units": 1}},
    )  # fmt: skip
    yield LayerKind("TimeDistributed", "Wrapper", "The same layer at each step.", (each_step,))
    inside = InnerNetwork(
        name="network", label="Network", help="The layers inside.", needed=True,
        start=START_NETWORK,
    )  # fmt: skip
    yield LayerKind("Sequential", "Network", "A network as a layer.", (inside,))
    # What a functional one begins with depends on what it is to read: it is written as source.
    yield LayerKind(
        "Functional", "Network", "A network as a layer.", (replace(inside, start=None),)
    )
    yield LayerKind(
        "VGG16", "Network", "The 16 layers of Simonyan & Zisserman 2014.", vgg16_arguments()
    )


LAYERS: Mapping[str, LayerKind] = MappingProxyType(
    {
        each.kind: LayerKind(
            each.kind, each.family, each.summary, (*each.arguments, TRAINABLE), each.several
        )
        for each in _kinds()
    }
)
"""Every kind of layer by its name, in the order in which a gallery shows them."""

ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "AvgPool1D": "AveragePooling1D",
        "AvgPool2D": "AveragePooling2D",
        "Convolution1D": "Conv1D",
        "Convolution2D": "Conv2D",
        "Convolution2DTranspose": "Conv2DTranspose",
        "Deconvolution2D": "Conv2DTranspose",
        "GlobalAvgPool1D": "GlobalAveragePooling1D",
        "GlobalAvgPool2D": "GlobalAveragePooling2D",
        "GlobalMaxPool1D": "GlobalMaxPooling1D",
        "GlobalMaxPool2D": "GlobalMaxPooling2D",
        "MaxPool1D": "MaxPooling1D",
        "MaxPool2D": "MaxPooling2D",
        "CuDNNGRU": "GRU",
        "CuDNNLSTM": "LSTM",
    }
)
"""Other names under which Keras knows layers."""

OLDER_NAMES: Mapping[tuple[str, str], str] = MappingProxyType(
    {("LeakyReLU", "alpha"): "negative_slope"}
)
"""What older versions of Keras call an argument of a kind of layer, and what it is called now."""


def kind_of(name: str) -> LayerKind:
    """The kind of layer of that name or alias. Raises SpecError, with the nearest that there is."""
    found = LAYERS.get(ALIASES.get(name, name))
    if found is None:
        raise SpecError(f"There is no layer {name!r} here.{near(name, list(LAYERS))}")
    return found


def check(kind: str, given: Mapping[str, Json], layer: str = "") -> dict[str, Json]:
    """Return the given arguments, checked, those with their default value left out.

    Raises:
        SpecError: there is no such argument, a value is out of bounds, or one is missing. `layer`,
            the layer's name, and the argument's are told in the error.
    """
    found = kind_of(kind)
    result: dict[str, Json] = {}
    try:
        for name, value in given.items():
            argument = found.argument(OLDER_NAMES.get((found.kind, name), name))
            checked = argument.check(value)
            if argument.needed or checked != argument.default:
                result[argument.name] = checked
        for argument in found.arguments:
            if argument.needed and argument.name not in result:
                raise SpecError(
                    f"{argument.name} is missing: choose {argument.bounds()}.",
                    argument=argument.name,
                )
    except SpecError as error:
        owner = f"{layer} ({kind})" if layer else kind
        message = str(error)
        told = message if message.startswith(kind) else f"{owner}: {message}"
        raise SpecError(told, place=error.place, layer=layer, argument=error.argument) from error
    return result
