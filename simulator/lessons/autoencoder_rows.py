"""The layers of the autoencoders that the lesson which goes through one trains by itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from simulator.engine.backends.base import Backend
from simulator.lessons.autoencoder_layers import CONVOLUTIONAL, TIED
from simulator.lessons.own_network import OwnLayer, network
from simulator.traces.laid_layers import LaidLayer, lay_out

Shape = tuple[int, ...]


CODE = "code"


def dense_row(
    code: int, hidden: int, activation: str, pixels: int, *, tied: bool
) -> tuple[OwnLayer, ...]:
    """Return dense layers around a linear code; with ``tied``, the decoder has no own weights."""
    coding = OwnLayer("Dense", CODE, {"units": code})
    bent, last = {"activation": activation}, {"activation": "sigmoid"}
    around = {"units": hidden, **bent}
    encoder = [OwnLayer("Dense", "encoder", around)] if hidden else []
    if tied:
        decoder = [OwnLayer("TiedDense", "decoder", bent, source=2)] if hidden else []
        return (*encoder, coding, *decoder, OwnLayer("TiedDense", "picture", last, source=1))
    decoder = [OwnLayer("Dense", "decoder", around)] if hidden else []
    return (*encoder, coding, *decoder, OwnLayer("Dense", "picture", {"units": pixels, **last}))


def convolutional_row(
    code: int, filters: int, activation: str, shape: tuple[int, int]
) -> tuple[OwnLayer, ...]:
    """Return a convolution and a pooling, a linear code, and the way back to a picture (R, C)."""
    rows, columns = shape[0] // 2, shape[1] // 2
    window, bent = {"kernel_size": 3, "padding": "same"}, {"activation": activation}
    return (
        OwnLayer("Conv2D", "convolution", {"filters": filters, **window, **bent}),
        OwnLayer("MaxPooling2D", "pooling", {"pool_size": 2}),
        OwnLayer("Flatten", "row"),
        OwnLayer("Dense", CODE, {"units": code}),
        OwnLayer("Dense", "plan", {"units": rows * columns * filters, **bent}),
        OwnLayer("Reshape", "maps", {"target_shape": (rows, columns, filters)}),
        OwnLayer("UpSampling2D", "upsampling", {"size": 2}),
        OwnLayer("Conv2D", "picture", {"filters": 1, **window, "activation": "sigmoid"}),
        OwnLayer("Flatten", "flat"),
    )


def row_of(
    variant: str, *, code: int, hidden: int, filters: int, activation: str, shape: tuple[int, int]
) -> tuple[tuple[str, ...], Shape, int]:
    """Return the layers told as JSON, the shape of a sample, and which of them makes the code."""
    pixels = shape[0] * shape[1]
    sample: Shape = (*shape, 1) if variant == CONVOLUTIONAL else (pixels,)
    layers = (
        convolutional_row(code, filters, activation, shape)
        if variant == CONVOLUTIONAL
        else dense_row(code, hidden, activation, pixels, tied=variant == TIED)
    )
    told = tuple(map(str, layers))
    names = [each.layer.name for each in laid_out(told, sample, shape)]
    return told, sample, names.index(CODE) + 1


@lru_cache(maxsize=12)
def laid_out(
    layers: tuple[str, ...], sample: Shape, picture: tuple[int, int]
) -> Sequence[LaidLayer]:
    """Return how layers told as JSON are laid out. Their weights mean nothing."""
    return tuple(lay_out(network(layers, sample, backend=Backend()), picture))
