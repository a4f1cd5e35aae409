"""A trainer's programs: one for each size of batch, made when first needed."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.engine import memory
from simulator.engine.arrays import Array, FloatArray
from simulator.engine.backends.program import Chain, NotCompiled, Program, Source
from simulator.engine.data import Data
from simulator.engine.layers.regularizing import Dropout
from simulator.engine.regularizers import L1L2
from simulator.engine.updates import clipping_of, kind_of, numbers_of, slots_of

if TYPE_CHECKING:
    from simulator.engine.backends.base import Backend
    from simulator.engine.layers.base import Context
    from simulator.engine.network import Network
    from simulator.engine.steps import Trainer

_KEPT = 4
"""Programs that a network keeps of a kind: for whole batches and a rest, of two sources."""


class Programs:
    """Runs steps by programs as long as the network, the optimizer and the data allow it."""

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._made: dict[tuple[object, ...], tuple[Chain, Program] | None] = {}
        self._slots: dict[str, FloatArray] = {}
        """The optimizer's arrays that the programs know, by their names in its state."""
        self._source: tuple[Data, Source] | None = None
        layers = trainer.model.graph.layers
        self._droppers = [layer for layer in layers if isinstance(layer, Dropout)]
        self._penalties: dict[str, FloatArray] = {}
        """ℓ₁ and ℓ₂ of each regularizer, where programs read them."""

    def run(
        self, data: Data, order: Array, context: Context
    ) -> tuple[list[float], FloatArray, bool] | None:
        """Losses and outputs of the batches that were done, and whether a loss broke after them.

        None, with nothing done, where there is no program: the layers have to do it.
        """
        found = self.program(data, order.shape[1], context.backend)
        if found is None:
            return None
        chain, program, source = found
        losses: list[float] = []
        outputs: list[FloatArray] = []
        optimizer = self._trainer.optimizer
        most = program.capacity
        for start in range(0, len(order), most):
            part = order[start : start + most]
            state = context.rng.bit_generator.state if self._droppers else None
            masks = self._masks(chain, len(part), context)
            numbers = numbers_of(optimizer, len(part), chain.dtype)
            values, given = program.run(
                source, part, numbers, masks, threads=context.backend.threads
            )
            losses += values.tolist()
            broke = not np.isfinite(losses[-1])
            if broke:
                losses.pop()
            optimizer.count_steps(len(losses) - start)
            outputs.append(given.copy())
            if broke:
                if state is not None:  # as if the steps that were not done had drawn nothing
                    context.rng.bit_generator.state = state
                    self._masks(chain, len(losses) - start, context)
                break
        return losses, outputs[0] if len(outputs) == 1 else np.concatenate(outputs), broke

    def size(self, batch: int, backend: Backend, *, weighted: bool) -> int | None:
        """The bytes that a program for batches of that size takes; None where there is none."""
        from simulator.engine.chains import chain_of  # noqa: PLC0415 - layers import backends first

        trainer = self._trainer
        if len(trainer.goals) != 1:
            return None
        try:
            penalties = {name: self._penalties[name] for name in self._read_penalties()}
            return backend.program_size(
                chain_of(trainer, batch, weighted=weighted, penalties=penalties, bare=True)
            )
        except NotCompiled:
            return None

    def program(
        self, data: Data, batch: int, backend: Backend
    ) -> tuple[Chain, Program, Source] | None:
        """The one for batches of that size, made when it is first asked for, with all the samples;
        None where there is none.
        """
        trainer = self._trainer
        if len(data.x) != 1 or len(data.y) != 1 or len(trainer.goals) != 1:
            return None
        weighted = data.weight[0] is not None
        try:
            key = (
                batch,
                weighted,
                backend,
                kind_of(trainer.optimizer),
                clipping_of(trainer.optimizer)[0],
                bool(trainer.optimizer.weight_decay),
                self._read_penalties(),
                tuple(layer.rate > 0 for layer in self._droppers),
            )
            if self._stale():
                self._made.clear()
            if key not in self._made:
                self._made[key] = self._make(batch, backend, weighted=weighted)
                _forget_oldest(self._made)
            made = self._made[key]
            if made is None:
                return None
            return *made, self._source_of(data, made[0])
        except NotCompiled:
            return None

    def _make(
        self, batch: int, backend: Backend, *, weighted: bool
    ) -> tuple[Chain, Program] | None:
        from simulator.engine.chains import chain_of  # noqa: PLC0415 - as above

        made = None
        try:
            penalties = {name: self._penalties[name] for name in self._read_penalties()}
            chain = chain_of(self._trainer, batch, weighted=weighted, penalties=penalties)
            made = chain, backend.program(chain)
        except NotCompiled:
            pass
        # Kept where there is no program as well, or it would be sought for every batch anew.
        self._slots = self._slots_known()
        return made

    @property
    def slots(self) -> list[FloatArray]:
        """The optimizer's arrays that programs change."""
        return list(self._slots.values())

    def _read_penalties(self) -> tuple[str, ...]:
        """Read the regularizers as they are now; they can be changed between any two steps. Gives
        the names of the weights and layers that have one. Raises NotCompiled for those of a user's
        own.
        """
        found = []
        for layer in self._trainer.model.graph.layers:
            own = {f"{layer.name}/{name}": each for name, each in layer.regularizers.items()}
            for name, regularizer in [*own.items(), (layer.name, layer.activity_regularizer)]:
                if regularizer is None or (name in own and name not in self._trainer.parameters):
                    continue  # frozen
                if not isinstance(regularizer, L1L2):
                    raise NotCompiled("a regularizer of another kind")
                strengths = self._penalties.setdefault(name, np.zeros(2))
                strengths[:] = regularizer.l1, regularizer.l2
                found.append(name)
        return tuple(found)

    def _stale(self) -> bool:
        """Whether the optimizer's arrays are others than those that the programs know."""
        state = self._trainer.optimizer.state
        return any(state.get(name) is not slot for name, slot in self._slots.items())

    def _slots_known(self) -> dict[str, FloatArray]:
        trainer = self._trainer
        known = {
            id(slot)
            for name, weights in trainer.parameters.items()
            for slot in slots_of(trainer.optimizer, name, weights)
        }
        return {name: each for name, each in trainer.optimizer.state.items() if id(each) in known}

    def _source_of(self, data: Data, chain: Chain) -> Source:
        from simulator.engine.chains import source_of  # noqa: PLC0415 - as above

        if self._source is None or self._source[0] is not data:
            self._source = data, source_of(data, chain)
        return self._source[1]

    def _masks(self, chain: Chain, steps: int, context: Context) -> Sequence[FloatArray]:
        """What the dropout layers draw, in the order in which they would draw it themselves."""
        layers = [layer for layer in self._droppers if layer.rate]
        if not layers:
            return []
        shapes = chain.mask_shapes
        number = np.dtype(chain.dtype).type
        masks = [np.empty((steps, chain.batch, *shape), number) for shape in shapes]
        for step in range(steps):
            for layer, mask in zip(layers, masks, strict=True):
                mask[step] = layer.draw(mask[step].shape, mask.dtype, context.for_layer(layer))
        return masks


class Predictions:
    """A network's outputs by compiled programs, one for each size of batch."""

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], Program | None] = {}
        self._busy = Lock()

    def __deepcopy__(self, memo: object) -> Predictions:
        """A copied network makes programs of its own: they know arrays by their addresses."""
        return Predictions()

    def outputs(self, network: Network, x: Array, batch: int) -> FloatArray | None:
        """The outputs for all samples, in batches; None where there is no program.

        Raises NetworkTooLarge before a program is made that would not fit in memory.
        """
        rest = len(x) % batch
        whole = len(x) - rest
        found = []
        with self._busy:
            for part, size in ((x[:whole], batch), (x[whole:], rest)):
                if len(part):
                    program = self._program(network, size)
                    if program is None:
                        return None
                    found.append(program.outputs(part, threads=network.backend.threads))
        return found[0] if len(found) == 1 else np.concatenate(found)

    def size(self, network: Network, batch: int) -> int | None:
        """The bytes that the program for batches of that size takes; None where there is none."""
        from simulator.engine.chains import forward_chain  # noqa: PLC0415 - as above

        try:
            chain = forward_chain(network.graph, network.dtype, batch)
            return network.backend.program_size(chain)
        except NotCompiled:
            return None

    def _program(self, network: Network, batch: int) -> Program | None:
        from simulator.engine.chains import forward_chain  # noqa: PLC0415 - as above

        graph, backend = network.graph, network.backend
        key = (graph, network.dtype, batch, backend)
        if key not in self._made:
            try:
                chain = forward_chain(graph, network.dtype, batch)
                memory.refuse_program(network, backend.program_size(chain), batch)
                made = backend.program(chain)
            except NotCompiled:
                made = None
            self._made[key] = made
            _forget_oldest(self._made)
        return self._made[key]


def _forget_oldest(made: dict[tuple[object, ...], Any]) -> None:
    """Keep the latest programs alone: each holds what its layers compute."""
    while len(made) > _KEPT:
        del made[next(iter(made))]
