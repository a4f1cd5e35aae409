"""Coverage-guided fuzzing of what reads other people's files: Keras source, and projects.

    python tests/fuzz/fuzz_readers.py source  --seconds 600
    python tests/fuzz/fuzz_readers.py project --seconds 600 --found /tmp/found

It needs atheris (`pip install -e .[fuzz]`), which there is for Linux. What is found is an input
that brings out any other exception than the reader's own, a remark about a place that is not there,
or an attempt to run, import, open or start anything. It is written to the folder `--found`, and
`… source FILE` runs that file again. The tests with hypothesis hold the same in every run of the
tests; this goes on from there, guided by which lines are reached.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import atheris

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

with atheris.instrument_imports(
    include=["simulator.formats", "simulator.lab.saving", "simulator.lab.twin_saving"]
):
    from simulator.data.datasets import DataError, Recipe
    from simulator.formats import project_file
    from simulator.formats.json_values import SpecError
    from simulator.formats.keras_reader import library, read
    from simulator.formats.project import Project, ProjectError
    from simulator.lab import Experiment, KeptTwins, LabError, Twins
    from simulator.lab.projects import project_of, twins_of
    from simulator.lab.saving import Saved
    from simulator.lab.twin_knobs import knobs
    from simulator.lab.twin_saving import restore_twins, save_twins

from tests.formats.notes import NOTES  # noqa: E402
from tests.formats.test_keras_reader_fuzz import assert_sound  # noqa: E402
from tests.lab.programs import moons  # noqa: E402

HARMLESS = ("compile", "object.__getattr__", "marshal", "sys._getframe", "builtins.id", "cpython")
"""Events of Python's that the parser and the fuzzer itself cause."""
WATCHING = [False]


class HasRunError(BaseException):
    """A pasted program made Python do something."""


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if not WATCHING[0] or event.startswith(HARMLESS):
        return
    if event == "open" and arguments[0] == "<unknown>":
        return  # the parser looks for the line of an error in a file that is none
    if event == "import" and arguments[0] == "faulthandler":
        return  # the fuzzer's own alarm, where the machine was busy with other things
    WATCHING[0] = False
    raise HasRunError(f"{event} {arguments!r:.200}")


def fuzz_source(data: bytes) -> None:
    """Any text gives a reading with remarks at places that are there, and nothing is run."""
    text = data.decode("utf-8", "replace")
    WATCHING[0] = True
    try:
        reading = read(text)
    finally:
        WATCHING[0] = False
    assert_sound(reading)


def source_seeds() -> dict[str, bytes]:
    """The programs of the tests."""
    return {name.replace(" ", "-"): note.source.encode() for name, note in NOTES.items()}


PARTS = (
    "project.json", "history.json", "weights.safetensors", "history.safetensors", "twins.json",
    "twins.safetensors",
)  # fmt: skip


def _project() -> Project:
    program, dataset = moons(samples=40)
    experiment = Experiment(program, dataset, backend="numpy")
    experiment.run_for(batches=3)
    experiment.go_to(1)
    experiment.run_for(batches=1)
    knob = next(each for each in knobs(program) if each.key == "learning_rate")
    second = knob.change(0.5)
    twins = Twins(program, second, dataset, backend="numpy")
    twins.run_for(batches=2)
    data = dataset.recipe.to_json()
    kept = KeptTwins(knob.key, 0.5, second, data, save_twins(twins))
    view = {"layer": "hidden"}
    return project_of(experiment, source="model = Sequential()", view=view, twins=kept)


def _open_twins(project: Project) -> None:
    program, dataset = moons(samples=40)
    kept = twins_of(project)
    if kept is not None and kept.found_in(program, dataset.recipe.to_json()) is not None:
        twins = Twins(program, kept.second, dataset, backend="numpy")
        restore_twins(twins, kept.saved)
        twins.run_for(batches=1)


def project_fuzzer() -> tuple[Callable[[bytes], None], dict[str, bytes]]:
    """A fuzzer of one part of a project at a time, or of the whole file, and where it starts.

    The first byte says which: a zip has checksums, and damage without new ones would never come
    further than them.
    """
    whole = _project()
    content = project_file.to_bytes(whole)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in PARTS}

    def fuzz(data: bytes) -> None:
        if not data:
            return
        chosen = data[0] % (len(PARTS) + 1)
        file = data[1:]
        if chosen < len(PARTS):
            buffer = io.BytesIO()
            with zipfile.ZipFile(buffer, "w") as archive:
                for name, part in parts.items():
                    archive.writestr(name, data[1:] if name == PARTS[chosen] else part)
            file = buffer.getvalue()
        WATCHING[0] = True
        try:
            project = project_file.from_bytes(file)
        except ProjectError as error:
            assert str(error).startswith("project cannot be opened: ")  # noqa: PT017
            return
        finally:
            WATCHING[0] = False
        try:
            if project.recipe is not None:
                Recipe.from_json(project.recipe)
            if project.history is not None and project.program == whole.program:
                fresh = Experiment(*moons(samples=40), backend="numpy")
                fresh.resume(Saved(dict(project.history), dict(project.history_arrays)))
                fresh.run_for(batches=1)
            if chosen in (PARTS.index("twins.json"), PARTS.index("twins.safetensors")):
                _open_twins(project)
        except (LabError, DataError, SpecError):
            return

    seeds = {name: bytes([number]) + parts[name] for number, name in enumerate(PARTS)}
    return fuzz, {**seeds, "whole": bytes([len(PARTS)]) + content}


def words() -> str:
    """A dictionary for the fuzzer: names of Keras, and signs that copying damages."""
    names = sorted({*library.BARE, "model.add(", "input_shape=", "return_sequences=True", "“", "ﬁ"})
    return "\n".join(
        '"' + "".join(f"\\x{byte:02x}" for byte in name.encode()) + '"' for name in names
    )


def main() -> None:
    """Run the fuzzer until the time is over or something is found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reader", choices=("source", "project"))
    parser.add_argument(
        "again", nargs="?", type=Path, help="run this input again, and nothing else"
    )
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--found", type=Path, default=Path("found"), help="where inputs are kept")
    options = parser.parse_args()
    fuzz, seeds = (fuzz_source, source_seeds()) if options.reader == "source" else project_fuzzer()
    sys.addaudithook(_watch)
    if options.again is not None:
        fuzz(options.again.read_bytes())
        return
    options.found.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        start = Path(folder) / "start"
        start.mkdir()
        for name, seed in seeds.items():
            (start / name).write_bytes(seed)
            fuzz(seed)  # what is loaded late is loaded now, and a start must be good
        dictionary = Path(folder) / "words"
        dictionary.write_text(words())
        atheris.Setup(
            [
                sys.argv[0],
                f"-max_total_time={options.seconds}",
                f"-seed={options.seed}",
                f"-dict={dictionary}",
                f"-artifact_prefix={options.found}/",
                "-timeout=300",
                "-rss_limit_mb=4096",
                "-max_len=8192",
                "-print_final_stats=1",
                str(start),
            ],
            fuzz,
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main()
