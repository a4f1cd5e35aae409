"""What the functional API passes about: values that do not exist yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.engine.layers.base import Array, Layer, Shape


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One call of a layer: what it was given. A shared layer has several."""

    layer: Layer
    inputs: tuple[Tensor, ...]
    training: bool | None = None  # fixed by the call, whatever the model does


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """A value that does not exist yet: the output of a layer's call, in the functional API."""

    node: Node
    index: int  # which of the layer's outputs
    sample_shape: Shape  # without the batch
    name: str = field(default="")

    @property
    def shape(self) -> Shape:
        """As Keras shows it, with None for the batch."""
        return (None, *self.sample_shape)

    @property
    def dtype(self) -> str:
        """The type of its numbers."""
        return self.node.layer.dtype

    @property
    def ndim(self) -> int:
        """How many axes it has, the batch counted."""
        return len(self.sample_shape) + 1

    def __add__(self, other: Tensor) -> Tensor:
        return self._merged("Add", other)

    def __sub__(self, other: Tensor) -> Tensor:
        return self._merged("Subtract", other)

    def __mul__(self, other: Tensor) -> Tensor:
        return self._merged("Multiply", other)

    def _merged(self, kind: str, other: Tensor) -> Tensor:
        if not isinstance(other, Tensor):
            raise TypeError(
                f"Only layers' outputs can be combined with +, − and ×, not {type(other).__name__}."
            )
        # Imported here because merging layers are layers.
        from simulator.engine.layers import merging  # noqa: PLC0415

        layer: Layer = getattr(merging, kind)()
        result: Tensor = layer([self, other])
        return result

    def __array__(self, *_: Any, **__: Any) -> Array:
        raise TypeError(f"{self!r} has no values yet: make a Model of it, and call that on data.")

    def __repr__(self) -> str:
        return f"<Tensor shape={self.shape}, dtype={self.dtype}, from {self.node.layer.name}>"
