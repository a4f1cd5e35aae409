"""The networks that `engine.py` times, and for each its twin in PyTorch with the same weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from simulator.engine import Sequential, layers
from simulator.engine.layers import (
    GRU,
    LSTM,
    Conv2D,
    Dense,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
    SimpleRNN,
)
from simulator.engine.layers.recurrent import Recurrent

SEED = 7
SPARSE, ONE_HOT = "sparse_categorical_crossentropy", "categorical_crossentropy"
MSE, BINARY = "mean_squared_error", "binary_crossentropy"


@dataclass(frozen=True)
class Network:
    """A row of the table. `required` and `wanted` are how many times as fast as PyTorch."""

    name: str
    layers: Callable[[], list[layers.Layer]]
    input_shape: tuple[int, ...]
    outputs: int
    loss: str
    required: float
    wanted: float
    batch: int = 32
    batches: int = 64  # in the data, which are gone through again and again
    training: bool = True  # or forward alone
    # How far losses may be apart after 20 steps, as a share. Float32 alone parts two ways of adding
    # up the 64×64×3 network so far: PyTorch's own float32 is 4.5e-4 from its float64.
    tolerance: float = 1e-4

    def model(self) -> Sequential:
        """Ours, compiled with Adam."""
        first, *rest = self.layers()
        model = Sequential([layers.Input(self.input_shape), first, *rest], seed=SEED)
        model.compile(optimizer="adam", loss=self.loss)
        model.make_ready()
        return model

    def data(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Samples and targets, drawn from a seed."""
        rng = np.random.default_rng(SEED)
        count = self.batch * self.batches
        x = rng.random((count, *self.input_shape), np.float32)
        if self.loss == SPARSE:
            return x, rng.integers(0, self.outputs, count)
        if self.loss == ONE_HOT:
            return x, np.eye(self.outputs, dtype=np.float32)[rng.integers(0, self.outputs, count)]
        if self.outputs == self.input_shape[-1] > 1:  # an autoencoder
            return x, x
        if self.loss == BINARY:
            return x, rng.integers(0, 2, (count, self.outputs)).astype(np.float32)
        return x, rng.random((count, self.outputs), np.float32)


def pictures_28() -> list[layers.Layer]:
    """The 28×28 CNN."""
    return [
        Conv2D(32, 3, activation="relu"),
        MaxPooling2D(2),
        Flatten(),
        Dense(128, activation="relu"),
        Dense(10, activation="softmax"),
    ]


def pictures_64() -> list[layers.Layer]:
    """The 64×64×3 CNN."""
    return [
        Conv2D(32, 3, activation="relu"),
        MaxPooling2D(2),
        Conv2D(64, 3, activation="relu"),
        MaxPooling2D(2),
        Flatten(),
        Dense(128, activation="relu"),
        Dense(10, activation="softmax"),
    ]


def any_size() -> list[layers.Layer]:
    """A CNN whose work grows with the pixels alone."""
    return [
        Conv2D(32, 3, activation="relu"),
        MaxPooling2D(2),
        Conv2D(64, 3, activation="relu"),
        GlobalAveragePooling2D(),
        Dense(10, activation="softmax"),
    ]


def autoencoder() -> list[layers.Layer]:
    """784-128-32-128-784."""
    hidden = [Dense(units, activation="relu") for units in (128, 32, 128)]
    return [*hidden, Dense(784, activation="sigmoid")]


def digits() -> list[layers.Layer]:
    """The 8×8 digits."""
    convolution = Conv2D(8, 3, activation="relu")
    return [convolution, MaxPooling2D(2), Flatten(), Dense(10, activation="softmax")]


def tiny() -> list[layers.Layer]:
    """2-8-8-2."""
    hidden = [Dense(8, activation="tanh"), Dense(8, activation="tanh")]
    return [*hidden, Dense(2, activation="softmax")]


def vgg16() -> list[layers.Layer]:
    """VGG16 without its top, and the course's own top."""
    found: list[layers.Layer] = []
    for filters, depth in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        found += [Conv2D(filters, 3, padding="same", activation="relu") for _ in range(depth)]
        found.append(MaxPooling2D(2))
    top = [Dense(1024, activation="relu"), Dense(256, activation="relu")]
    return [*found, Flatten(), *top, Dense(10, activation="softmax")]


NETWORKS = (
    Network("28×28 CNN", pictures_28, (28, 28, 1), 10, ONE_HOT, 2.0, 3.0),
    Network("64×64×3 CNN", pictures_64, (64, 64, 3), 10, SPARSE, 1.8, 2.5,
            batches=20, tolerance=2e-3),
    Network("LSTM(128) on (10, 1)", lambda: [LSTM(128), Dense(1, activation="sigmoid")],
            (10, 1), 1, BINARY, 2.3, 3.0),
    Network("SimpleRNN(32) on (10, 8), batch 16",
            lambda: [SimpleRNN(32), Dense(1, activation="sigmoid")],
            (10, 8), 1, BINARY, 5.0, 10.0, batch=16),
    Network("LSTM(50, relu) on (10, 1)", lambda: [LSTM(50, activation="relu"), Dense(1)],
            (10, 1), 1, MSE, 3.0, 6.0),
    Network("GRU(64) on (20, 8)", lambda: [GRU(64), Dense(1)], (20, 8), 1, MSE, 3.0, 5.0),
    Network("autoencoder 784-128-32-128-784", autoencoder, (784,), 784, MSE, 2.0, 3.0),
    Network("8×8 digits CNN", digits, (8, 8, 1), 10, SPARSE, 20.0, 40.0),
    Network("2-8-8-2 tanh, batch 10", tiny, (2,), 2, SPARSE, 40.0, 100.0, batch=10, batches=200),
    Network("28×28 CNN, batch 1", pictures_28, (28, 28, 1), 10, ONE_HOT, 1.0, 2.0,
            batch=1),
    Network("28×28 CNN, batch 1, forward", pictures_28, (28, 28, 1), 10, ONE_HOT, 1.0, 2.0,
            batch=1, training=False),
    Network("VGG16 at 224×224, batch 1, forward", vgg16, (224, 224, 3), 10, SPARSE, 1.0, 2.0,
            batch=1, batches=1, training=False),
)  # fmt: skip


class _ChannelsLastFlatten(nn.Module):
    """In the order in which ours flattens, which is how channels-last tensors lie in memory."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, C, H, W) gives (B, H·W·C)."""
        return x.permute(0, 2, 3, 1).flatten(1)


class _LastState(nn.Module):
    """A recurrent module of PyTorch's own, of which only the last h goes on."""

    def __init__(self, module: nn.RNNBase) -> None:
        super().__init__()
        self.module = module

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, T, C) gives (B, U)."""
        states = self.module(x)[1]
        return (states[0] if isinstance(states, tuple) else states)[-1]


class _ReluLSTM(nn.Module):
    """PyTorch's own LSTM knows only tanh: step by step, the inputs of all steps multiplied at once
    and each step's product and sum in one call.
    """

    def __init__(self, layer: LSTM) -> None:
        super().__init__()
        kernel, recurrent, bias = layer.get_weights()
        self.kernel = nn.Parameter(torch.from_numpy(kernel))
        self.recurrent = nn.Parameter(torch.from_numpy(recurrent))
        self.bias = nn.Parameter(torch.from_numpy(bias))
        self.units = layer.units

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, T, C) gives (B, U)."""
        hidden = cell = x.new_zeros(len(x), self.units)
        for projected in (x @ self.kernel + self.bias).unbind(1):
            gates = torch.addmm(projected, hidden, self.recurrent)
            i, f, g, o = gates.chunk(4, 1)
            cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.relu(g)
            hidden = torch.sigmoid(o) * torch.relu(cell)
        return hidden


def twin(network: Network, model: Sequential) -> nn.Module:
    """The same network in PyTorch, with the same weights. A cross-entropy takes the last activation
    upon itself, as PyTorch's users do it.
    """
    parts: list[nn.Module] = []
    for layer in model.layers:
        parts += _modules(layer)
    if network.loss != MSE:
        parts.pop()
    return nn.Sequential(*parts).to(memory_format=torch.channels_last)


def _modules(layer: layers.Layer) -> Iterator[nn.Module]:
    if isinstance(layer, Dense | Conv2D):
        kernel = torch.from_numpy(layer.get_weights()[0])
        if isinstance(layer, Dense):
            module: nn.Module = nn.Linear(*kernel.shape)
            kernel = kernel.T
        else:
            height, width, channels, filters = kernel.shape
            module = nn.Conv2d(channels, filters, (height, width), padding=layer.padding)
            kernel = kernel.permute(3, 2, 0, 1)
        with torch.no_grad():
            module.weight.copy_(kernel)
            module.bias.copy_(torch.from_numpy(layer.get_weights()[1]))
        yield module
        activation = type(layer.activation).__name__
        if activation != "Linear":
            yield {"Relu": nn.ReLU, "Tanh": nn.Tanh, "Sigmoid": nn.Sigmoid, "Softmax": nn.Softmax}[
                activation
            ]()
    elif isinstance(layer, MaxPooling2D):
        yield nn.MaxPool2d(layer.pool_size)
    elif isinstance(layer, GlobalAveragePooling2D):
        yield nn.AdaptiveAvgPool2d(1)
        yield nn.Flatten()
    elif isinstance(layer, Flatten):
        yield _ChannelsLastFlatten()
    elif isinstance(layer, LSTM) and type(layer.activation).__name__ == "Relu":
        yield _ReluLSTM(layer)
    elif isinstance(layer, Recurrent):
        yield _LastState(_recurrent(layer))
    else:
        raise TypeError(f"{layer.described} has no twin in PyTorch here.")


def _recurrent(layer: Recurrent) -> nn.RNNBase:
    kernel, recurrent, bias = layer.get_weights()
    kinds = {SimpleRNN: nn.RNN, LSTM: nn.LSTM, GRU: nn.GRU}
    module = kinds[type(layer)](len(kernel), layer.units, batch_first=True)
    biases = list(bias) if bias.ndim == 2 else [bias, np.zeros_like(bias)]
    arrays = [kernel.T, recurrent.T, *biases]
    if isinstance(layer, GRU):  # Keras has z before r, PyTorch r before z
        arrays = [_swapped(each, layer.units) for each in arrays]
    with torch.no_grad():
        for parameter, array in zip(module.parameters(), arrays, strict=True):
            parameter.copy_(torch.from_numpy(np.ascontiguousarray(array)))
    if bias.ndim == 1:
        # Keras has one bias; a second that learns as well would double its steps.
        module.bias_hh_l0.requires_grad_(False)
    return module


def _swapped(array: np.ndarray[Any, Any], units: int) -> np.ndarray[Any, Any]:
    z, r, rest = np.split(array, [units, 2 * units])
    return np.concatenate([r, z, rest])


def tensor(x: np.ndarray[Any, Any]) -> torch.Tensor:
    """Samples as PyTorch takes them: images are channels-last in memory, by their strides."""
    found = torch.from_numpy(x)
    return found.permute(0, 3, 1, 2) if x.ndim == 4 else found


def torch_loss(name: str) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    """The same loss, from what went into the last activation."""
    if name in (SPARSE, ONE_HOT):
        return functional.cross_entropy
    return functional.mse_loss if name == MSE else functional.binary_cross_entropy_with_logits


def operations(network: Network, model: Sequential) -> int:
    """Multiplications and additions of one step, those of matrices and convolutions alone: each
    product forwards, and in training once more for each of its two gradients (the input's has none
    in the first layer).
    """
    total = 0
    for layer in model.layers:
        shape = layer.input_shape
        if isinstance(layer, Conv2D):
            places = int(np.prod(layer.output_shape(shape)[:2]))
            own = places * layer.kernel.size
        elif isinstance(layer, Dense):
            own = layer.kernel.size
        elif isinstance(layer, Recurrent):
            own = shape[0] * sum(weight.size for weight in layer.get_weights()[:2])
        else:
            continue
        directions = 3 if network.training else 1
        if network.training and layer is model.layers[0] and not isinstance(layer, Recurrent):
            directions = 2
        total += own * directions
    return 2 * network.batch * total
