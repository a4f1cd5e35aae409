"""Make values/onnx.npz: networks that PyTorch has written as ONNX, with inputs and outputs.

Runs where PyTorch and onnx are installed (for the networks marked "new", onnxscript too):

    /tmp/golden/bin/python tests/golden/make_onnx.py
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn


class Steps(nn.Module):
    """A recurrent layer, and a linear one on its last output, its last state or on all outputs."""

    def __init__(self, kind: Any, of: str = "last", **options: Any) -> None:
        super().__init__()
        self.recurrent = kind(3, 4, batch_first=True, **options)
        self.linear = nn.Linear(8 if options.get("bidirectional") else 4, 2)
        self.of = of

    def forward(self, x):
        """x (B, T, 3)."""
        y, state = self.recurrent(x)
        if self.of == "last":
            y = y[:, -1]
        if self.of == "state":
            y = state[0][-1]
        return self.linear(y)


class Residual(nn.Module):
    """A skip connection, and a view for the flattening."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3, padding=1)
        self.second = nn.Conv2d(4, 4, 3, padding=1)
        self.linear = nn.Linear(4 * 5 * 6, 3)

    def forward(self, x):
        """x (B, 3, 5, 6)."""
        y = torch.relu(self.first(x))
        y = torch.relu(self.second(y) + y)
        return self.linear(y.view(y.size(0), -1))


def networks() -> dict[str, tuple[nn.Module, tuple[int, ...], dict[str, Any]]]:
    """Each network with the shape of its input, and how it is exported."""
    named = {"input_names": ["x"], "dynamo": False}
    any_batch = {**named, "dynamic_axes": {"x": {0: "batch"}}}
    new = {"dynamo": True, "external_data": False}
    new_any_batch = {**new, "dynamic_shapes": ({0: torch.export.Dim.DYNAMIC},)}
    dense = nn.Sequential(
        nn.Linear(5, 7), nn.GELU(), nn.LayerNorm(7), nn.Dropout(0.2), nn.Linear(7, 3),
        nn.Softmax(-1),
    )  # fmt: skip
    pictures = nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 4, 3, stride=2, padding=1), nn.BatchNorm2d(4), nn.ReLU(),
        nn.MaxPool2d(3, 2, 1), nn.Flatten(), nn.Linear(4 * 2 * 2, 6),
    )  # fmt: skip
    by_channel = nn.Sequential(
        nn.Conv2d(3, 6, 3, groups=3, padding=1), nn.SiLU(), nn.AvgPool2d(2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 2),
    )  # fmt: skip
    in_the_way = nn.Sequential(
        nn.Conv2d(2, 3, 3), nn.Flatten(), nn.BatchNorm1d(48), nn.Linear(48, 2)
    )
    growing = nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1), nn.LeakyReLU(0.1), nn.Upsample(scale_factor=2),
        nn.ConvTranspose2d(6, 2, 4, 2, 1), nn.ReLU6(),
    )  # fmt: skip
    time = nn.Sequential(
        nn.Conv1d(3, 6, 3, padding=1), nn.ELU(), nn.MaxPool1d(2), nn.Flatten(), nn.Linear(18, 2)
    )
    letters = nn.Sequential(nn.Embedding(9, 4), nn.Flatten(), nn.Linear(20, 2))
    return {
        "dense": (dense, (2, 5), any_batch),
        "dense, gelu in parts": (dense, (2, 5), {**named, "opset_version": 17}),
        "pictures": (pictures, (2, 3, 11, 15), any_batch),
        "pictures, new": (pictures, (2, 3, 11, 15), new),
        "by channel": (by_channel, (2, 3, 8, 8), named),
        "flattened in the way": (in_the_way, (2, 2, 6, 6), named),
        "growing": (growing, (2, 3, 4, 4), named),
        "time": (time, (2, 3, 6), any_batch),
        "letters": (letters, (2, 5), named),
        "residual": (Residual(), (2, 3, 5, 6), any_batch),
        "lstm": (Steps(nn.LSTM), (2, 6, 3), any_batch),
        "lstm, new": (Steps(nn.LSTM, "all"), (2, 6, 3), new),
        "lstm, state": (Steps(nn.LSTM, "state"), (2, 6, 3), named),
        "gru": (Steps(nn.GRU), (2, 6, 3), named),
        "rnn": (Steps(nn.RNN, nonlinearity="relu"), (2, 6, 3), named),
        "both ways": (Steps(nn.LSTM, "all", bidirectional=True), (2, 6, 3), any_batch),
        "lstm, new, any batch": (Steps(nn.LSTM), (2, 6, 3), new_any_batch),
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    torch.manual_seed(0)
    found: dict[str, np.ndarray] = {}
    for name, (network, shape, options) in networks().items():
        network.eval()
        for value in network.state_dict().values():
            if value.is_floating_point():
                value.add_(0.05 * torch.rand_like(value))
        x = torch.randint(0, 9, shape) if name == "letters" else torch.randn(shape)
        buffer = io.BytesIO()
        torch.onnx.export(network, (x,), buffer, verbose=False, **options)
        found[f"{name}/file"] = np.frombuffer(buffer.getvalue(), np.uint8)
        found[f"{name}/x"] = x.numpy()
        found[f"{name}/y"] = network(x).detach().numpy()
    np.savez_compressed(Path(__file__).parent / "values" / "onnx.npz", **found)
