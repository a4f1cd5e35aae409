"""The numbers: operations forwards and backwards, layers, models and their training.

Names, arguments, defaults and weights are Keras 3's: a Keras program runs with `simulator.engine`
in the place of `keras`. Importing this package imports none of it, and neither Numba nor a window
toolkit; what is used is loaded when it is first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.engine import (
        activations,
        callbacks,
        initializers,
        layers,
        losses,
        metrics,
        models,
        optimizers,
        regularizers,
        utils,
    )
    from simulator.engine.layers.inputs import Input
    from simulator.engine.model import Model
    from simulator.engine.rbm import BernoulliRBM
    from simulator.engine.sequential import Sequential

__all__ = [
    "BernoulliRBM",
    "Input",
    "Model",
    "Sequential",
    "activations",
    "callbacks",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "optimizers",
    "regularizers",
    "utils",
]

_CLASSES = {
    "BernoulliRBM": "rbm",
    "Input": "layers.inputs",
    "Model": "model",
    "Sequential": "sequential",
}


def __getattr__(name: str) -> Any:
    if name in _CLASSES:
        return getattr(importlib.import_module(f"{__name__}.{_CLASSES[name]}"), name)
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
