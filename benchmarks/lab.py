"""The training lab without its window: `python benchmarks/lab.py [PART…]`.

learn     presets from several seeds: what they reach on held-out data, and how long it takes
adding    the adding problem at length 50, by an LSTM and by a SimpleRNN, from several seeds
scrub     going to random past batches of a long run of the 28 × 28 CNN, its views included
share     throughput while the network is looked at 30 times a second, beside nobody looking
memory    what a long run takes once its checkpoints fill their budget
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from machine import machine

from simulator.data.datasets import make
from simulator.formats.presets import PRESETS, Preset
from simulator.lab import BATCH_LOSS, VIEWS, Experiment, Goal, Target, Wanted

SEEDS = (1, 2, 3, 4, 5)
STEPS = 5000
PLACES = 200
FRAME = 1 / 30
LOOKING_SHARE = 0.08  # of the time, as in the window
SCRUBBED = frozenset({"curves", "standing", "predictions", "sample"})
CNN = "digits-cnn-28"


def prepared(preset: Preset, *, seed: int = 1, **settings: object) -> Experiment:
    """A preset's experiment, from another seed and with other data."""
    data = make(preset.dataset, {**preset.settings, **settings}, preset.data_seed)
    return Experiment(replace(preset.program, seed=seed), data)


def best(experiment: Experiment, name: str, lowest: bool) -> tuple[float, float]:
    """The best and the last of a series."""
    values = experiment.timeline.curve(name).mean
    return float(values.min() if lowest else values.max()), float(values[-1])


def learn() -> None:
    """Presets that are to reach an accuracy."""
    print("| preset | wanted | seed | reached after | in | at the end |")
    print("|---|---|---|---|---|---|")
    for name, wanted, settings in (
        ("digits-cnn", 0.97, {}),
        ("spiral", 0.99, {"noise": 0.0}),
    ):
        for seed in SEEDS:
            experiment = prepared(PRESETS[name], seed=seed, **settings)
            whole = experiment.goal
            experiment.goal = Goal(whole.epochs, (Target("val_accuracy", wanted),))
            begun = time.perf_counter()
            first = experiment.run_for()[-1]
            taken = time.perf_counter() - begun
            values = experiment.timeline.curve("val_accuracy").mean
            there = f"{first.epoch + 1} epochs" if values[-1] >= wanted else "not"
            experiment.goal = whole
            if first.epoch + 1 < (whole.epochs or 0):
                experiment.run_for()
            last = experiment.timeline.curve("val_accuracy").mean[-1]
            print(f"| {name} | {wanted:.0%} | {seed} | {there} | {taken:.1f} s | {last:.2%} |")


def adding() -> None:
    """The adding problem: mean squared error on held-out data; always answering 1 has 0.167."""
    print("| seed | LSTM | SimpleRNN | LSTM, last | SimpleRNN, last |")
    print("|---|---|---|---|---|")
    for seed in SEEDS:
        found = []
        for name in ("adding-lstm", "adding-rnn"):
            experiment = prepared(PRESETS[name], seed=seed)
            experiment.run_for()
            found.append(best(experiment, "val_loss", lowest=True))
        print(
            f"| {seed} | {found[0][0]:.4f} | {found[1][0]:.4f} | {found[0][1]:.4f} | "
            f"{found[1][1]:.4f} |"
        )


def cnn() -> Experiment:
    """The course's network for digits of 28 × 28, 693,962 weights, on real digits."""
    preset = next(each for each in PRESETS.values() if each.settings.get("size") == "28")
    experiment = prepared(preset)
    experiment.goal = Goal()
    return experiment


def scrub() -> None:
    """From one random batch to another."""
    experiment = cnn()
    begun = time.perf_counter()
    experiment.run_for(batches=STEPS)
    taken = time.perf_counter() - begun
    kept = experiment.timeline.checkpoints
    gap = int(np.diff(kept.steps(0)).max())
    print(f"{STEPS:,} batches of {experiment.model.count_params():,} weights in {taken:.0f} s, ")
    print(f"{len(kept)} checkpoints, {kept.nbytes / 2**20:.0f} MiB, at most {gap} batches apart")
    rng = np.random.default_rng(0)
    times = []
    for step in rng.integers(0, STEPS + 1, PLACES):
        begun, processor = time.perf_counter(), time.process_time()
        experiment.go_to(int(step))
        moved = time.perf_counter()
        experiment.snapshot(Wanted(SCRUBBED))
        ended = time.perf_counter()
        times.append((moved - begun, ended - begun, time.process_time() - processor))
    names = ("replayed", "with its views", "processor time of all threads")
    for column, name in enumerate(names):
        low, high, most = np.percentile(np.array(times)[:, column] * 1000, [50, 95, 100])
        print(f"{name}: median {low:.0f} ms, 95th percentile {high:.0f} ms, most {most:.0f} ms")


def share() -> None:
    """Samples a second, in turns with and without looks."""
    for name in ("spiral", "digits-cnn", CNN):
        experiment = cnn() if name == CNN else prepared(PRESETS[name])
        experiment.goal = Goal()
        experiment.run_for(seconds=3)
        views = frozenset(VIEWS)
        speeds: Mapping[bool, list[float]] = {False: [], True: []}
        for _ in range(5):
            for looking in (False, True):
                first, next_look = experiment.timeline.trained, 0.0
                begun = now = time.perf_counter()
                while now - begun < 2:
                    if looking and now >= next_look:
                        seconds = experiment.snapshot(Wanted(views)).seconds
                        next_look = now + max(FRAME, seconds / LOOKING_SHARE)
                    experiment.run_for(seconds=max(next_look - now, 0) if looking else FRAME)
                    now = time.perf_counter()
                trained = experiment.timeline.trained - first
                speeds[looking].append(trained / (now - begun))
        alone, seen = (float(np.median(speeds[each])) for each in (False, True))
        print(f"{name}: {alone:,.0f} samples a second, with all views on {seen / alone:.0%} of it")


def memory() -> None:
    """Bytes that Python holds, at a tenth of a run and at its end."""
    experiment = Experiment(PRESETS["digits-cnn"].program, make("digits"), budget=8 * 2**20)
    experiment.goal = Goal()
    tracemalloc.start()
    held = []
    for _ in range(10):
        experiment.run_for(batches=4000)
        experiment.snapshot(Wanted(SCRUBBED))
        held.append(tracemalloc.get_traced_memory()[0] / 2**20)
    tracemalloc.stop()
    points = len(experiment.timeline.curve(BATCH_LOSS))
    print(f"{experiment.timeline.step:,} batches, {points:,} points of the loss")
    print("MiB held after each tenth:", " ".join(f"{each:.1f}" for each in held))


PARTS: Mapping[str, Callable[[], None]] = {
    "learn": learn, "adding": adding, "scrub": scrub, "share": share, "memory": memory,
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the parts that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    chosen = parser.parse_args(arguments).parts or list(PARTS)
    unknown = [part for part in chosen if part not in PARTS]
    if unknown:
        parser.error(f"there is no part {unknown[0]}: {', '.join(PARTS)}")
    print(machine())
    for part in chosen:
        print(f"\n{part}")
        PARTS[part]()


if __name__ == "__main__":
    main()
