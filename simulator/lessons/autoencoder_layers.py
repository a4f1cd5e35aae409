"""The layers of the autoencoders that lessons train, by the name of their variant."""

from __future__ import annotations

from simulator.engine.layers import Conv2D, Dense, Flatten, Layer, Reshape
from simulator.engine.layers.tied import TiedDense

DENSE, DEEP, CONVOLUTIONAL, LINEAR = "dense", "deep", "convolutional", "linear"
TIED, VARIATIONAL = "tied", "variational"


def layers_of(
    variant: str, coding: Dense, *, pixels: int, shape: tuple[int, int], activation: str
) -> list[Layer]:
    """Return the layers of an autoencoder around the one that makes the code."""
    if variant == CONVOLUTIONAL:
        rows, columns = shape
        return [
            Conv2D(8, 3, strides=2, padding="same", activation=activation, name="convolution_1"),
            Conv2D(16, 3, strides=2, padding="same", activation=activation, name="convolution_2"),
            Flatten(name="row"),
            coding,
            Dense(rows * columns * 4, activation, name="plan"),
            Reshape((rows, columns, 4), name="planes"),
            Conv2D(1, 3, padding="same", activation="sigmoid", name="convolution_3"),
            Flatten(name="picture"),
        ]
    if variant == LINEAR:
        return [coding, Dense(pixels, name="picture")]
    units = (48,) if variant == DENSE else (96, 32)
    if pixels > 256:
        units = (128,) if variant == DENSE else (128, 32)
    encoder = [
        Dense(count, activation, name=f"encoder_{at}") for at, count in enumerate(units, start=1)
    ]
    if variant == TIED:
        turned = [coding, *reversed(encoder)]
        return [
            *encoder,
            coding,
            *(
                TiedDense(source, activation, name=f"decoder_{at}")
                for at, source in enumerate(turned[:-1], start=1)
            ),
            TiedDense(turned[-1], "sigmoid", name="picture"),
        ]
    decoder: list[Layer] = [
        Dense(count, activation, name=f"decoder_{at}")
        for at, count in enumerate(reversed(units), start=1)
    ]
    return [
        *encoder,
        coding,
        *decoder,
        Dense(pixels, "sigmoid", name="picture"),
    ]
