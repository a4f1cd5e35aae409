"""The engine against PyTorch on the same processor: `python benchmarks/engine.py`.

A step is forward, loss, backward and Adam on one batch. Both sides start from the same weights, and
before anything is timed their losses must agree over 20 steps (where only forward is timed, the
outputs must). PyTorch runs as fast as it is known to here: fused Adam, images channels-last,
recurrent layers of its own where it has them, one thread or two, whichever is faster. Denormals are
flushed on both sides. Ours is what anybody writes, `model.predict`, and `model.training` with as
many batches to an event as `model.fit` takes: what it does in a twentieth of a second. How blocks
are timed in turns stands in `blocks.py`.

The machine learns from the table what its processor can do at best: the rate of NumPy's matrix
product of 2048 × 2048 numbers. PyTorch and scikit-learn come with `pip install .[bench]`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from blocks import Timing, Way, alternate
from engine_networks import (
    NETWORKS,
    SPARSE,
    Network,
    any_size,
    operations,
    tensor,
    torch_loss,
    twin,
)
from machine import machine
from sklearn.neural_network import BernoulliRBM as ScikitRBM

from simulator.engine import BernoulliRBM, Sequential
from simulator.engine.training import BatchEnd, TrainingRun

STEPS_COMPARED = 20
EPSILON = 1e-7  # Adam's, and Keras's default
ENDLESS = 10**9  # epochs
GLANCE = 0.05  # seconds between two looks of the progress bar
RBM = "RBM 64-32, CD-1, batch 10, a sample"
RBM_SAMPLES = 1000


@dataclass(frozen=True)
class Row:
    """A line of a table."""

    name: str
    theirs: Timing
    threads: int | None  # PyTorch's, of that timing
    ours: Timing
    operations: int  # of a step
    required: float = 0.0
    wanted: float = 0.0

    @property
    def ratio(self) -> float:
        """How many times as fast ours is."""
        return self.theirs.seconds / self.ours.seconds


def training(model: Sequential, x: Any, y: Any, batch: int) -> TrainingRun:
    """A training without end, in the order of the data."""
    return model.training(x, y, batch_size=batch, epochs=ENDLESS, shuffle=False)


def events(run: TrainingRun) -> Iterator[BatchEnd]:
    """Its batches."""
    return (event for event in run if isinstance(event, BatchEnd))


class Torch:
    """PyTorch's side: a module, its optimizer, and the data in batches."""

    def __init__(self, network: Network, model: Sequential, x: Any, y: Any) -> None:
        self.module = twin(network, model)
        self.loss = torch_loss(network.loss)
        trained = [each for each in self.module.parameters() if each.requires_grad]
        self.optimizer = torch.optim.Adam(trained, lr=0.001, eps=EPSILON, fused=True)
        inputs, targets = tensor(x).split(network.batch), torch.from_numpy(y).split(network.batch)
        self.batches = itertools.cycle(list(zip(inputs, targets, strict=True)))

    def step(self) -> torch.Tensor:
        """One step of training; its loss."""
        x, y = next(self.batches)
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(self.module(x), y)
        loss.backward()
        self.optimizer.step()
        return loss

    def forward(self) -> torch.Tensor:
        """The outputs for one batch, before the last activation."""
        with torch.inference_mode():
            return self.module(next(self.batches)[0])


def compare_training(network: Network, model: Sequential, x: Any, y: Any) -> None:
    """Stops the benchmark unless both losses go the same way."""
    snapshot = model.snapshot()
    other = Torch(network, model, x, y)
    theirs = []
    for step in range(1, STEPS_COMPARED + 1):
        # Keras adds ε to the second moment's root before that is corrected for its start, PyTorch
        # after it; so written, both are the same.
        other.optimizer.param_groups[0]["eps"] = EPSILON / math.sqrt(1 - 0.999**step)
        theirs.append(float(other.step().detach()))
    batches = events(training(model, x, y, network.batch))
    ours = [event.loss for event in itertools.islice(batches, STEPS_COMPARED)]
    model.restore(snapshot)
    apart = np.max(np.abs(np.subtract(ours, theirs)) / np.abs(theirs))
    print(f"{network.name}: losses {apart:.1e} apart after {STEPS_COMPARED} steps", flush=True)
    if not apart < network.tolerance:
        raise SystemExit(f"{network.name}: the losses are {apart:.1e} apart after 20 steps.")


def compare_forward(network: Network, model: Sequential, x: Any, y: Any) -> None:
    """Stops the benchmark unless both give the same outputs."""
    logits = Torch(network, model, x, y).forward()
    theirs = torch.softmax(logits, -1).numpy()
    apart = np.max(np.abs(model.predict(x[: network.batch]) - theirs))
    if not apart < 1e-5:
        raise SystemExit(f"{network.name}: the outputs are {apart:.1e} apart.")


def measured(network: Network, options: argparse.Namespace) -> Row:
    """A network's row."""
    model = network.model()
    x, y = network.data()
    compare = compare_training if network.training else compare_forward
    compare(network, model, x, y)
    count = operations(network, model)
    own = (
        _training_way(network, model, x, y) if network.training else _forward_way(network, model, x)
    )
    ways = {"ours": own}
    for threads in options.threads:
        other = Torch(network, model, x, y)
        ways[str(threads)] = Way(
            _one(other.step if network.training else other.forward),
            lambda threads=threads: torch.set_num_threads(threads),
        )
    timings = alternate(ways, rounds=options.rounds, seconds=options.seconds)
    ours = timings.pop("ours")
    threads, theirs = min(timings.items(), key=lambda each: each[1].seconds)
    return Row(network.name, theirs, int(threads), ours, count, network.required, network.wanted)


def _one(call: Callable[[], object]) -> Callable[[], int]:
    def run() -> int:
        call()
        return 1

    return run


def _training_way(network: Network, model: Sequential, x: Any, y: Any) -> Way:
    run = training(model, x, y, network.batch)
    batches = events(run)
    next(batches)
    start = time.perf_counter()
    next(batches)
    run.steps_per_event = max(1, int(GLANCE / (time.perf_counter() - start)))
    return Way(lambda: len(next(batches).losses))


def _forward_way(network: Network, model: Sequential, x: Any) -> Way:
    parts = itertools.cycle(np.split(x, len(x) // network.batch))
    return Way(_one(lambda: model.predict(next(parts), batch_size=network.batch)))


def boltzmann(options: argparse.Namespace) -> Row:
    """The restricted Boltzmann machine's row: whole epochs, per sample."""
    rng = np.random.default_rng(7)
    data = (rng.random((RBM_SAMPLES, 64)) < 0.3).astype(np.float32)
    theirs = ScikitRBM(32, learning_rate=0.1, batch_size=10, n_iter=1, random_state=7)
    ours = BernoulliRBM(64, 32, seed=7)

    def fit_ours() -> int:
        ours.fit(data, epochs=1, batch_size=10)
        return RBM_SAMPLES

    def fit_theirs() -> int:
        theirs.fit(data)
        return RBM_SAMPLES

    ways = {"ours": Way(fit_ours), "theirs": Way(fit_theirs)}
    found = alternate(ways, rounds=options.rounds, seconds=options.seconds)
    # Three products each way, and two that tell data and chain apart.
    return Row(RBM, found["theirs"], None, found["ours"], 2 * 5 * 64 * 32, 8.0, 15.0)


def growth(options: argparse.Namespace) -> Iterator[tuple[str, list[Row]]]:
    """How both grow with the batch and with the picture."""
    pictures = NETWORKS[0]
    sizes = (1, 8, 16, 32, 64, 128, 256)
    yield (
        "Batch size, 28×28 CNN",
        [
            measured(replace(pictures, name=str(size), batch=size, batches=16), options)
            for size in sizes
        ],
    )
    wide = Network("", any_size, (28, 28, 3), 10, SPARSE, 0, 0, batch=4, batches=4)
    yield (
        "Picture size, Conv 32 3×3, max-pool 2, Conv 64 3×3, batch 4",
        [
            measured(replace(wide, name=f"{size}×{size}×3", input_shape=(size, size, 3)), options)
            for size in (28, 64, 128, 224)
        ],
    )


def peak() -> float:
    """Operations a second of NumPy's matrix product, at its best of ten."""
    a = np.random.default_rng(0).random((2048, 2048), np.float32)
    times = []
    for _ in range(10):
        start = time.perf_counter()
        a @ a
        times.append(time.perf_counter() - start)
    return 2 * 2048**3 / min(times)


def table(title: str, rows: list[Row], top: float) -> None:
    """Print a table in Markdown; µs a step."""
    print(f"\n{title}\n")
    print("| network | PyTorch (threads) | ours | ratio | required | wanted | GFLOP/s | of peak |")
    print("|---|---|---|---|---|---|---|---|")
    for row in rows:
        rate = row.operations / row.ours.seconds
        threads = "" if row.threads is None else f" ({row.threads})"
        goals = [f"{goal:g}" if goal else "" for goal in (row.required, row.wanted)]
        few = min(row.ours.kept, row.theirs.kept) < 3
        print(
            f"| {row.name}{' (disturbed)' if few else ''} | {shown(row.theirs)}{threads} | "
            f"{shown(row.ours)} | {row.ratio:.2f} | {goals[0]} | {goals[1]} | {rate / 1e9:.1f} | "
            f"{rate / top:.0%} |",
            flush=True,
        )


def shown(timing: Timing) -> str:
    """Microseconds with three digits or more."""
    microseconds = timing.seconds * 1e6
    return f"{microseconds:.0f}" if microseconds >= 100 else f"{microseconds:.3g}"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", help="parts of the names of the rows to make (all)")
    parser.add_argument("--rounds", type=int, default=11, help="blocks of each (11)")
    parser.add_argument("--seconds", type=float, default=0.15, help="of a block (0.15)")
    parser.add_argument("--threads", type=int, nargs="*", default=[1, 2], help="PyTorch's (1 2)")
    parser.add_argument("--growth", action="store_true", help="over batch and picture size as well")
    parser.add_argument("--json", type=Path, help="a file to write the rows to")
    options = parser.parse_args()
    torch.set_flush_denormal(True)
    top = peak()
    versions = ", ".join(f"{each} {version(each)}" for each in ("numpy", "torch", "scikit-learn"))
    print(f"{machine()}\n{versions}; sgemm peak {top / 1e9:.0f} GFLOP/s")

    def chosen(name: str) -> bool:
        return options.only is None or any(part in name for part in options.only)

    rows = [measured(network, options) for network in NETWORKS if chosen(network.name)]
    if chosen(RBM):
        rows.append(boltzmann(options))
    tables = [("Training step, µs (RBM: against scikit-learn)", rows)]
    if options.growth:
        tables += growth(options)
    for title, each in tables:
        table(title, each, top)
    if options.json is not None:
        found = {title: [asdict(row) for row in each] for title, each in tables}
        options.json.write_text(json.dumps(found, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
