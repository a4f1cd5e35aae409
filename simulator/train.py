"""Training without the window: what the lab does, from a program, a project or a preset."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TextIO, cast

from simulator.data.datasets import DATASETS, DataError, Dataset, Recipe, entry, make
from simulator.engine.memory import readable
from simulator.engine.progress import Progress
from simulator.engine.training import BatchEnd, Diverged, EpochBegin, EpochEnd, Event
from simulator.formats import keras_reader, onnx_reader, project_file
from simulator.formats.building import build
from simulator.formats.presets import PRESETS
from simulator.formats.program import ProgramSpec
from simulator.formats.project import Arrays, Project
from simulator.formats.replacing import PlaceError, try_place
from simulator.interrupts import INTERRUPTED, Interrupts, interrupts
from simulator.keeping import Lasting, NotKeptError, keep
from simulator.lab import Astray, Experiment, Goal, Silent, Stopped, estimate
from simulator.lab.binding import as_read
from simulator.lab.projects import experiment_of, own_data, project_of, twins_of
from simulator.lab.saving import MOST_BYTES
from simulator.lab.start import Start
from simulator.lab.suggesting import suggested

LARGEST_SOURCE = 2**20
LARGEST_NUMBER = 10**9
NO_MEMORY = "There is not enough memory for this training: take smaller batches, or fewer units."
ELSEWHERE = 1
"""The exit status where what was learned is kept, but not in the file that was named."""


class OrderError(Exception):
    """What cannot be trained; one line for the person who typed it."""


class NoDataError(OrderError):
    """There is a program, and no data to train it on."""

    def __init__(self, file: str, program: ProgramSpec) -> None:
        super().__init__(
            f"{file} does not make its data itself: choose some with --data NAME, one of "
            f"{', '.join(DATASETS)}."
        )
        self.program = program


@dataclass(frozen=True, slots=True)
class Order:
    """What the command line asks for."""

    file: str
    data: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    epochs: int | None = None
    seed: int | None = None
    save: Path | None = None
    dry_run: bool = False

    @staticmethod
    def of(options: argparse.Namespace) -> Order:
        """From the parsed words. Raises OrderError."""
        settings = {}
        for each in options.settings:
            name, sign, value = each.partition("=")
            if not sign:
                raise OrderError(f"--set {each}: write NAME=VALUE")
            settings[name.strip()] = value
        return Order(
            options.file,
            options.data,
            settings,
            _whole("--epochs", options.epochs, 1),
            _whole("--seed", options.seed, 0),
            None if options.save is None else _place(options.save),
            options.dry_run,
        )


def train(order: Order, out: TextIO, err: TextIO) -> int:
    """Carry an order out and return the exit status: 130 where it was interrupted.

    Raises OrderError.
    """
    with interrupts(err) as asked:
        try:
            experiment, kept = _experiment(order, err)
            if order.save is not None:
                out = cast("TextIO", Lasting(out))
            experiment.model.summary(print_fn=lambda text: out.write(text + "\n"))
            _tell_data(experiment, out)
        except NoDataError as error:
            if not order.dry_run:
                raise OrderError(f"{error}{_suggestion(error.program)}") from error
            return _summarize(error, out)
        except (ValueError, MemoryError) as error:
            raise OrderError(str(error) or NO_MEMORY) from error
        except KeyboardInterrupt:
            err.write("Interrupted before the training began: there is nothing to keep.\n")
            return asked.status or INTERRUPTED
        if order.dry_run:
            return 0
        fault = _trained(experiment, asked, out)
        with asked.patient("What was learned is being kept."):
            wanted = _keep(order, experiment, kept, out, err)
    if isinstance(fault, ValueError | MemoryError):
        raise OrderError(str(fault) or NO_MEMORY) from fault
    if fault is not None:
        raise fault
    if order.save is None and asked:
        out.write("Nothing is kept without --save FILE.\n")
    return asked.status if asked else 0 if wanted else ELSEWHERE


def _trained(experiment: Experiment, asked: Interrupts, out: TextIO) -> Exception | None:
    """Train to the end, as far as that comes, and tell of it; return what went wrong, so that what
    was learned before is kept first.
    """
    last, fault = None, None
    with asked.patient("The batch under way is being finished."), suppress(KeyboardInterrupt):
        try:
            last = _run(experiment, asked, out)
        except Exception as error:
            fault = error
    with asked.patient("The way back is being gone."), suppress(KeyboardInterrupt):
        _tell_end(experiment, last, out)
    return fault


def _keep(
    order: Order, experiment: Experiment, kept: Mapping[str, Any], out: TextIO, err: TextIO
) -> bool:
    """Keep what was learned, if that is asked for; whether it is where it was to be.

    Raises OrderError where it could be kept nowhere.
    """
    if order.save is None:
        return True

    def made(most_bytes: int | None) -> Project:
        most = MOST_BYTES if most_bytes is None else most_bytes
        return project_of(experiment, most_bytes=most, **kept)

    try:
        place = keep(made, order.save, err)
    except NotKeptError as error:
        raise OrderError(str(error)) from error
    except KeyboardInterrupt:
        err.write("Broken off while it was being kept: nothing new was kept.\n")
        return True
    out.write(f"Kept in {place}.\n")
    return place == order.save


# What to train


def _experiment(order: Order, err: TextIO) -> tuple[Experiment, dict[str, Any]]:
    """Return what is trained, and what else its project keeps."""
    path = Path(order.file)
    if path.suffix == project_file.SUFFIX:
        return _from_project(order, project_file.load(path), path.name, err)
    if path.suffix == onnx_reader.SUFFIX:
        project = onnx_reader.load(path)
        return _with_data(order, _adapted(project.program, order), None, project.weights), {}
    if order.file in PRESETS and not path.exists():
        preset = PRESETS[order.file]
        recipe = Recipe(preset.dataset, preset.settings, preset.data_seed)
        program, source = preset.program, ""
    else:
        source = _source(path)
        recipe = None
        program = _read(order, source, err)
    return _with_data(order, _adapted(program, order), recipe), {"source": source}


def _with_data(
    order: Order, program: ProgramSpec, recipe: Recipe | None, weights: Arrays | None = None
) -> Experiment:
    arrays = None if order.data is not None else own_data(program)
    start = None if weights is None else Start(weights, own=True)
    if arrays is not None:
        return Experiment(program, arrays=arrays, start=start)
    if order.data is None and recipe is None:
        raise NoDataError(order.file, program)
    return Experiment(program, _dataset(order, recipe), start=start)


def _from_project(
    order: Order, project: Project, name: str, err: TextIO
) -> tuple[Experiment, dict[str, Any]]:
    if order.data is not None or order.seed is not None or order.settings:
        raise OrderError(
            "A project goes on with its own data and seed: leave out --data, --set and --seed."
        )
    try:
        experiment = experiment_of(project)
    except ValueError as error:
        raise OrderError(f"{name} cannot be opened: {error}") from error
    over = int(experiment.timeline.branch.epoch_at(experiment.timeline.step))
    more = experiment.program.fit.epochs if order.epochs is None else order.epochs
    experiment.goal = Goal(over + more)
    kept: dict[str, Any] = {"source": project.source, "view": project.view, "twins": None}
    try:
        kept["twins"] = twins_of(project)
    except ValueError as error:  # the rest is good
        err.write(f"{name}: {error}\n")
    return experiment, kept


def _adapted(program: ProgramSpec, order: Order) -> ProgramSpec:
    if order.epochs is not None:
        program = replace(program, fit=replace(program.fit, epochs=order.epochs))
    return program if order.seed is None else replace(program, seed=order.seed)


def _source(path: Path) -> str:
    try:
        there = path.exists()
    except OSError as error:
        raise OrderError(f"{path} cannot be read: {error.strerror or error}.") from error
    if not there:
        near = get_close_matches(str(path), PRESETS, n=1)
        hint = f" Did you mean the preset {near[0]}?" if near else ""
        raise OrderError(f"There is no file {path}, and no preset of that name.{hint}")
    try:
        if path.stat().st_size > LARGEST_SOURCE:
            raise OrderError(f"{path} is too large to be a program: it may have 1 MiB.")
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise OrderError(f"{path} cannot be read: {error.strerror or error}.") from error


def _read(order: Order, source: str, err: TextIO) -> ProgramSpec:
    data = None if order.data is None else _dataset(order, None)
    given = {"num_classes": len(data.classes)} if data is not None and data.classes else {}
    reading = keras_reader.read(source, given)
    if data is not None and reading.program is not None:  # how they go in hangs on what reads them
        shape = as_read(data, reading.program.network).input_shape
        reading = keras_reader.read(source, {**given, "input_shape": shape})
    if reading.program is None:
        if not reading.problems:
            raise OrderError(f"{order.file} has no network: write one, such as Sequential([…]).")
        first, *others = reading.problems
        more = f" (and {len(others)} more problems)" if others else ""
        raise OrderError(
            f"{order.file}, line {first.line}: {first.text} {first.to_do}".rstrip() + more
        )
    for notice in reading.notices:
        err.write(f"{order.file}, line {notice.line}: {' '.join(notice.text.split())}\n")
    return reading.program


def _dataset(order: Order, recipe: Recipe | None) -> Dataset:
    if order.data is not None or recipe is None:
        recipe = Recipe(str(order.data), {}, 0)
    known = {setting.name: setting for setting in entry(recipe.id).settings}
    settings = dict(recipe.settings)
    for name, text in order.settings.items():
        settings[name] = known[name].parse(text) if name in known else text
    return make(recipe.id, settings, recipe.seed)


def _whole(option: str, text: str | None, least: int) -> int | None:
    if text is None:
        return None
    digits = text.strip().lstrip("0") or "0"
    if not text.strip().isdecimal() or (len(digits) <= 10 and int(digits) < least):
        raise OrderError(f"{option} {text}: it must be a whole number from {least} on")
    if len(digits) > 10 or int(digits) > LARGEST_NUMBER:
        raise OrderError(f"{option} {text:.40}: it may be {LARGEST_NUMBER:,} at most")
    return int(text)


def _place(text: str) -> Path:
    path = Path(text)
    if not path.name:
        raise OrderError(f"--save {text}: give the name of a file")
    path = project_file.named(path)
    try:
        try_place(path)
    except PlaceError as error:
        raise OrderError(f"--save: {error}") from error
    return path


# Telling


def _suggestion(program: ProgramSpec) -> str:
    """Return the words of an order that would do, or nothing."""
    try:
        found = suggested(program)
    except (ValueError, MemoryError):  # what is wrong with the network is told with data
        found = None
    if found is None:
        return ""
    usual = {each.name: each.initial for each in entry(found.recipe.id).settings}
    given = (
        f" --set {name}={value}"
        for name, value in found.recipe.settings.items()
        if value != usual[name]
    )
    return f" What suits it: --data {found.recipe.id}{''.join(given)}"


def _summarize(without: NoDataError, out: TextIO) -> int:
    """Tell of a network that says itself what shape goes in; data are still to be chosen."""
    try:
        model = build(without.program.network, without.program.seed)
        needed = estimate(without.program)
    except (ValueError, MemoryError) as error:
        raise OrderError(f"{error} {without}") from error
    model.summary(print_fn=lambda text: out.write(text + "\n"))
    out.write("Data: none are chosen. Choose some with --data NAME.\n")
    out.write(f"Memory: about {readable(needed.total - needed.past)} without data\n")
    return 0


def _tell_data(experiment: Experiment, out: TextIO) -> None:
    dataset = experiment.dataset
    if dataset is None or experiment.stood_in:
        count = len(experiment.timeline.run.data)
        made = "that stand in" if experiment.stood_in else "that the program makes"
        out.write(f"Data: {count:,} samples {made}\n")
    else:
        out.write(f"Data: {dataset.title}, {dataset.split}\n")
    for told in experiment.told:
        out.write(f"{told}\n")
    needed = estimate(experiment.program, dataset)
    out.write(f"Memory: about {readable(needed.total - needed.past)}\n")


def _run(experiment: Experiment, interrupted: Interrupts, out: TextIO) -> Event | None:
    goal, line = experiment.goal.epochs or 0, experiment.timeline
    # Many epochs may be over before any of them is told: what each took is what training took.
    moment = 0.0
    progress = Progress(goal, out, bar=out.isatty(), clock=lambda: moment)
    while not interrupted:
        before = line.busy
        events = experiment.run_for(seconds=0.1, epochs=1, stop=lambda: bool(interrupted))
        moment = line.busy
        for event in events:
            match event:
                case EpochBegin():
                    moment = before
                    progress.epoch_begin(event.epoch, event.batches)
                    moment = line.busy
                case BatchEnd():
                    progress.batch_end(event.batch, event.logs)
                case EpochEnd():
                    progress.epoch_end(event.logs)
                case Silent():
                    progress.note(event.text)
        if experiment.halted is not None:
            return experiment.halted
    return None


def _tell_end(experiment: Experiment, last: Event | None, out: TextIO) -> None:
    line = experiment.timeline
    if last is None:
        out.write(f"\nInterrupted after batch {line.step:,}.\n")
    elif isinstance(last, Stopped):
        out.write(f"{last.text} ")
    speed = experiment.samples_per_second
    out.write(f"{line.trained_steps:,} batches in {line.busy:.1f} s; at the end {speed:,.0f} ")
    out.write("samples a second.\n")
    if isinstance(last, Diverged | Astray):
        told = experiment.explain()
        out.write(f"{last.message if isinstance(last, Diverged) else told.headline}\n")
        out.writelines(f"- {each}\n" for each in told.why)
        out.write("What to try:\n")
        out.writelines(f"- {each.text}\n" for each in told.advice)
        experiment.go_to(told.last_good)
        out.write(f"The weights are those of batch {told.last_good:,}, when all was well.\n")
    if isinstance(last, Stopped) and last.best_step is not None:
        experiment.go_to(last.best_step)
        out.write(f"The weights are those of batch {last.best_step:,}, the best.\n")


__all__ = ["DataError", "Order", "OrderError", "train"]
