"""Every operation in plain NumPy: the specification that the faster backends are tested against.

Shapes: B batch, H and W the input's height and width, C channels, F filters, kh and kw the window's
height and width, OH and OW the output's height and width. Images are (B, H, W, C), kernels
(kh, kw, C, F), as in Keras.

Types: float32 gives float32, float64 gives float64; a mixture raises TypeError. Arrays whose shapes
do not fit each other or the geometry raise GeometryError.

Padding is never read. A convolution leaves its products out (they would be 0 for every finite
weight), pooling does not count it, so no value outside the input ever wins or waters down a mean.

Sums run in one fixed order, so the same call gives the same bits every time.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from simulator.engine.backends.base_boltzmann import BoltzmannReference
from simulator.engine.backends.base_convolution import ConvolutionReference
from simulator.engine.backends.base_dense import DenseReference
from simulator.engine.backends.base_depthwise import DepthwiseReference
from simulator.engine.backends.base_embedding import EmbeddingReference
from simulator.engine.backends.base_recurrent import RecurrentReference
from simulator.engine.backends.base_stochastic_pooling import StochasticPoolingReference
from simulator.engine.backends.program import Chain, NotCompiled, Program


class Backend(
    ConvolutionReference,
    DepthwiseReference,
    StochasticPoolingReference,
    BoltzmannReference,
    DenseReference,
    RecurrentReference,
    EmbeddingReference,
):
    """The reference: readable rather than fast. A subclass overrides what it speeds up."""

    name = "numpy"
    threads = 1
    """How many threads a program may use; what it computes does not depend on that."""
    programs_ready = False
    """Whether the kernels of programs were compiled beforehand: then a program starts at once."""

    def flushing_denormals(self) -> AbstractContextManager[None]:
        """Within it, numbers too small for full precision count as 0 on this thread, if the backend
        knows how: a network whose gradients fade away would be several times as slow. The
        reference leaves arithmetic as it is.
        """
        return nullcontext()

    def program(self, chain: Chain) -> Program:
        """A program that does whole training steps of a chain by itself.

        Raises NotCompiled for what it cannot do; the reference leaves everything to the layers.
        """
        del chain
        raise NotCompiled("a chain: this backend goes from layer to layer")

    def in_turn(self, turns: Sequence[tuple[Program, slice]]) -> bool:
        """Run these steps of loaded programs, of which each is done by one thread `alone`, one turn
        after another in a single call. False if it stopped early, at a loss that is not finite.
        """
        raise NotCompiled(f"{len(turns)} turns: this backend goes from layer to layer")

    def program_size(self, chain: Chain) -> int:
        """The bytes that such a program would take, told without taking them. What the chain's
        parameters keep is not counted, and may be missing.

        Raises NotCompiled as `program` does.
        """
        del chain
        raise NotCompiled("a chain: this backend goes from layer to layer")
