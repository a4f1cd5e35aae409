"""The models under the name that Keras programs import them from."""

from __future__ import annotations

from simulator.engine.model import Model
from simulator.engine.sequential import Sequential

__all__ = ["Model", "Sequential"]
