"""`simulator train`: a program, a preset or a project, trained without the window."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from io import StringIO
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from simulator import train
from simulator.cli import main
from simulator.data.datasets import make
from simulator.formats import project_file
from simulator.formats.keras_reader import read
from simulator.formats.presets import PRESETS
from simulator.interrupts import Interrupts
from simulator.lab import Experiment, Goal
from simulator.lab.projects import experiment_of, own_data, project_of, twins_of
from simulator.lab.twin_saving import save_twins
from tests.lab.test_twin_saving import made

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = """\
model = Sequential([Dense(6, activation="relu", input_shape=(2,)), Dense(1, activation="sigmoid")])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=2, batch_size=16, validation_data=(x_test, y_test))
"""


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(PROGRAM, encoding="utf-8")
    return str(path)


def refusal(capsys, words):
    assert main(["train", *words]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    line = told.err.splitlines()[-1]
    assert line.startswith("simulator: ")
    return line.removeprefix("simulator: ")


def test_a_program_is_trained_on_the_data_that_are_named(program, capsys):
    assert main(["train", program, "--data", "moons", "--set", "samples=60", "--epochs", "3"]) == 0
    told = capsys.readouterr()
    assert "Total params: 25 (100.00 B)" in told.out
    assert "Data: Moons, 48 to train, 12 to validate" in told.out
    assert "Epoch 3/3\n3/3 " in told.out
    assert "val_accuracy: " in told.out
    assert "3 epochs are done. 9 batches in" in told.out
    assert "mine.py, line 1: " in told.err  # what was completed


def test_a_dry_run_needs_no_data_where_the_network_says_what_goes_in(tmp_path, capsys):
    whole = tmp_path / "whole.py"
    whole.write_text("model = Sequential([Input((4,)), Dense(3, activation='softmax')])\n")
    assert main(["train", str(whole), "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert "Total params: 15" in told
    assert "Data: none are chosen. Choose some with --data NAME." in told

    open_input = tmp_path / "open.py"
    open_input.write_text("model = Sequential([Dense(3, activation='softmax')])\n")
    assert main(["train", str(open_input), "--dry-run"]) == 2
    refused = capsys.readouterr().err
    assert "The shape of the input 'input_layer' is not known yet" in refused
    assert "choose some with --data NAME" in refused

    assert main(["train", str(whole)]) == 2  # to train, it takes data
    assert "does not make its data itself" in capsys.readouterr().err


def test_data_that_suit_a_program_are_named(tmp_path, capsys):
    wave = tmp_path / "wave.py"
    wave.write_text("model = Sequential([LSTM(4, input_shape=(7, 1)), Dense(1)])\n")
    assert main(["train", str(wave)]) == 2
    told = capsys.readouterr().err.strip()
    words = told.partition(" What suits it: ")[2].split()
    assert words == ["--data", "sine", "--set", "length=7"]
    assert main(["train", str(wave), *words, "--set", "samples=60", "--epochs", "1"]) == 0


def test_a_dry_run_builds_and_trains_nothing(program, capsys, monkeypatch):
    monkeypatch.setattr(Experiment, "run_for", None)
    assert main(["train", program, "--data", "moons", "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert "Total params: 25" in out
    assert "Memory: about" in out
    assert "Epoch" not in out


# VGG16 takes half a gigabyte.
@pytest.mark.parametrize("name", sorted(name for name in PRESETS if "vgg" not in name))
def test_every_preset_can_be_built(name, capsys):
    assert main(["train", name, "--dry-run"]) == 0
    assert "Total params" in capsys.readouterr().out


@pytest.mark.parametrize(
    "name", sorted(p.name for p in (ROOT / "examples").glob("*.py") if "vgg" not in p.name)
)
def test_every_example_makes_its_own_data(name, capsys):
    assert main(["train", str(ROOT / "examples" / name), "--epochs", "1"]) == 0
    assert "samples that the program makes" in capsys.readouterr().out


def test_what_was_learned_is_kept_and_goes_on(program, tmp_path, capsys):
    place = tmp_path / "kept.simulator"
    words = [program, "--data", "moons", "--set", "samples=60", "--seed", "4"]
    assert main(["train", *words, "--epochs", "5", "--save", str(tmp_path / "whole")]) == 0
    assert main(["train", *words, "--epochs", "2", "--save", str(place)]) == 0
    assert f"Kept in {place}." in capsys.readouterr().out
    assert main(["train", str(place), "--epochs", "3", "--save", str(place)]) == 0
    assert "Epoch 5/5" in capsys.readouterr().out
    whole = project_file.load(tmp_path / "whole.simulator")
    kept = project_file.load(place)
    assert kept.source == PROGRAM
    assert set(kept.weights) == set(whole.weights)
    for name, weight in kept.weights.items():
        np.testing.assert_array_equal(weight, whole.weights[name])
    again = experiment_of(kept)
    assert again.timeline.step == 15
    again.go_to(4)
    again.go_to(15)
    for name, weight in again.model.weights.items():
        np.testing.assert_array_equal(weight, whole.weights[name])


def test_the_seed_settles_the_run(program, capsys):
    outs = []
    for seed in ("1", "1", "2"):
        main(["train", program, "--data", "moons", "--seed", seed])
        lines = capsys.readouterr().out.splitlines()
        told = [line.partition("/step - ")[2] for line in lines if "/step - " in line]
        assert "loss" in told[0]
        outs.append(told)
    assert outs[0] == outs[1] != outs[2]


def test_a_run_that_diverges_is_explained(tmp_path, capsys):
    path = tmp_path / "wild.py"
    path.write_text(
        "model = Sequential([Dense(6, activation='relu', input_shape=(2,)), Dense(1)])\n"
        "model.compile(optimizer=SGD(learning_rate=100), loss='mse')\n"
        "model.fit(x_train, y_train, epochs=20)\n"
    )
    assert main(["train", str(path), "--data", "plane", "--save", str(tmp_path / "a")]) == 0
    out = capsys.readouterr().out
    assert "Training diverged" in out
    assert "a tenth of the learning rate" in out
    assert "The weights are those of batch 0, when all was well." in out
    project = project_file.load(tmp_path / "a.simulator")
    assert all(np.isfinite(weight).all() for weight in project.weights.values())


def test_a_run_that_diverges_with_numbers_ends_where_it_does_in_the_window(tmp_path, capsys):
    path = tmp_path / "wild.py"
    path.write_text(
        "model = Sequential([Flatten(input_shape=(8, 8, 1)), Dense(8, activation='relu'), "
        "Dense(10, activation='softmax')])\n"
        "model.compile(optimizer=Adam(100.0), loss='sparse_categorical_crossentropy')\n"
        "model.fit(x_train, y_train, epochs=20, batch_size=16)\n"
    )
    place = str(tmp_path / "a")
    words = [str(path), "--data", "digits", "--set", "samples=200", "--save", place]
    assert main(["train", *words]) == 0
    out = capsys.readouterr().out
    assert "64 batches in" in out
    assert "It has diverged: after 64 batches the loss stays at" in out
    assert "a tenth of the learning rate" in out
    assert "The weights are those of batch 0, when all was well." in out


def test_a_layer_that_dies_is_told_of_and_training_goes_on(tmp_path, capsys):
    path = tmp_path / "dying.py"
    path.write_text(
        "model = Sequential([Dense(6, activation='relu', kernel_initializer='zeros', "
        "input_shape=(2,)), Dense(1, activation='sigmoid')])\n"
        "model.compile(optimizer='sgd', loss='binary_crossentropy')\n"
        "model.fit(x_train, y_train, epochs=8, batch_size=8)\n"
    )
    assert main(["train", str(path), "--data", "moons", "--set", "samples=100"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum("'dense' is dead: none of its units" in line for line in lines) == 1
    assert any(line.startswith("8 epochs are done. 80 batches in") for line in lines)


@pytest.mark.skipif(os.name == "nt", reason="another process can't be sent Ctrl+C there")
def test_ctrl_c_keeps_what_was_learned(program, tmp_path):
    script = (
        "import signal, sys\n"
        "from simulator import cli\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "sys.exit(cli.main(sys.argv[1:]))\n"
    )
    place = tmp_path / "kept.simulator"
    words = ["train", program, "--data", "moons", "--epochs", "1000000", "--save", str(place)]
    running = subprocess.Popen(
        [sys.executable, "-c", script, *words],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        while "Epoch 3/" not in (line := running.stdout.readline()):
            assert line, running.stderr.read()
        running.send_signal(signal.SIGINT)
        out, _ = running.communicate(timeout=280)
    finally:
        running.kill()
        running.wait()
    assert running.returncode == 130
    assert "Interrupted after batch" in out
    project = project_file.load(place)
    experiment = experiment_of(project)
    assert experiment.timeline.step > 0
    for name, weight in project.weights.items():
        np.testing.assert_array_equal(weight, experiment.model.weights[name])


def test_what_cannot_be_trained_is_told_in_a_line(program, tmp_path, capsys):
    assert "choose some with --data NAME, one of circle," in refusal(capsys, [program])
    assert "no data set" in refusal(capsys, [program, "--data", "moon"])
    assert "the network takes 2" in refusal(capsys, [program, "--data", "digits"])
    assert "preset spiral?" in refusal(capsys, ["spirals"])
    assert "from 1 on" in refusal(capsys, [program, "--data", "moons", "--epochs", "0"])
    assert "from 0 on" in refusal(capsys, [program, "--seed", "x"])
    assert "NAME=VALUE" in refusal(capsys, [program, "--data", "moons", "--set", "noise"])
    told = refusal(capsys, [program, "--data", "moons", "--set", "noises=1"])
    assert "Did you mean noise?" in told
    for large in ("9" * 5000, "1000000001"):
        assert "it may be 1,000,000,000 at most" in refusal(capsys, [program, "--epochs", large])
    assert "no folder" in refusal(capsys, [program, "--save", str(tmp_path / "no" / "a")])
    (tmp_path / "a.simulator").mkdir()
    assert "is a folder" in refusal(capsys, [program, "--save", str(tmp_path / "a")])
    for name in ("", ".", "/"):
        assert "the name of a file" in refusal(capsys, [program, "--save", name])
    if os.name != "nt":  # there it is no name at all
        assert "name too long" in refusal(capsys, [program, "--save", "x" * 5000])
        assert "name too long" in refusal(capsys, ["x" * 5000])
    wrong = tmp_path / "wrong.py"
    wrong.write_text("model = Sequential([Densee(3)])\nopen('x')\n")
    assert "wrong.py, line 1: " in refusal(capsys, [str(wrong)])
    wrong.write_text("print(1)\n")
    assert "wrong.py" in refusal(capsys, [str(wrong)])
    broken = tmp_path / "broken.simulator"
    broken.write_bytes(b"PK junk")
    assert "broken.simulator" in refusal(capsys, [str(broken)])
    assert "cannot be opened" in refusal(capsys, [str(tmp_path / "none.simulator")])


def test_a_project_with_a_damaged_history_is_refused_by_name(program, tmp_path, capsys):
    place = tmp_path / "kept.simulator"
    main(["train", program, "--data", "moons", "--save", str(place)])
    capsys.readouterr()
    project = project_file.load(place)
    history = {**project.history, "checkpoints": [None]}
    project_file.save(replace(project, history=history), place)
    told = refusal(capsys, [str(place)])
    assert told.startswith(
        "kept.simulator cannot be opened: The history is damaged at history.json: checkpoints[0]"
    )


def test_weights_that_do_not_fit_their_network_are_refused(program, tmp_path, capsys):
    place = tmp_path / "bare.simulator"
    main(["train", program, "--data", "moons", "--save", str(place)])
    project = replace(project_file.load(place), history=None, history_arrays={})
    name, last = "dense/kernel", "dense_1/bias"
    kernel = project.weights[name]
    for weights, told in (
        (
            {**project.weights, name: kernel.T},
            f"{name} is (6, 2) of float32, but must be (2, 6)",
        ),
        ({**project.weights, "odd": kernel}, "the network has no odd"),
        ({each: project.weights[each] for each in project.weights if each != last}, last),
        ({**project.weights, name: kernel > 0}, f"{name} is (2, 6) of bool"),
    ):
        project_file.save(replace(project, weights=weights), place)
        capsys.readouterr()
        refused = refusal(capsys, [str(place)])
        assert refused.startswith("bare.simulator cannot be opened: The weights are damaged: ")
        assert told in refused


def test_what_else_a_project_holds_stays_in_it(tmp_path, capsys):
    twins, kept, program, data = made()
    twins.run_for(batches=2)
    kept = replace(kept, saved=save_twins(twins))
    experiment = Experiment(program, data, backend="numpy")
    place = tmp_path / "twins.simulator"
    view = {"layer": "dense"}
    project_file.save(project_of(experiment, source="# typed", view=view, twins=kept), place)
    assert main(["train", str(place), "--epochs", "1", "--save", str(place)]) == 0
    project = project_file.load(place)
    assert (project.source, dict(project.view)) == ("# typed", view)
    assert twins_of(project).head == 2
    project_file.save(replace(project, twins={"version": 1}), place)
    capsys.readouterr()
    assert main(["train", str(place), "--epochs", "1", "--save", str(place)]) == 0
    assert "twins.simulator: The twins are damaged" in capsys.readouterr().err
    assert project_file.load(place).twins is None


def test_a_project_keeps_its_own_data(program, tmp_path, capsys):
    place = str(tmp_path / "kept.simulator")
    main(["train", program, "--data", "moons", "--save", place])
    capsys.readouterr()
    assert "leave out --data" in refusal(capsys, [place, "--data", "circle"])


def test_programs_with_data_of_their_own_become_projects():
    from simulator.formats import keras_reader  # noqa: PLC0415

    text = (ROOT / "examples" / "digits_cnn.py").read_text()
    program = keras_reader.read(text).program
    experiment = Experiment(program, arrays=own_data(program))
    experiment.run_for(batches=1)
    again = experiment_of(project_of(experiment, source=text, view={"tab": 1}))
    assert again.timeline.step == 1
    for own, other in zip(experiment.model.get_weights(), again.model.get_weights(), strict=True):
        np.testing.assert_array_equal(own, other)


def test_each_epoch_is_told_with_the_time_that_it_took():
    """Also where many of them are over before any is told."""
    ticks = count()
    program = read(PROGRAM).program
    data = make("circle", {"samples": 80})
    experiment = Experiment(program, data, backend="numpy", clock=lambda: float(next(ticks)))
    experiment.goal = Goal(3)
    out = StringIO()
    train._run(experiment, Interrupts(StringIO()), out)
    batches = experiment.timeline.run.batches
    lines = [line for line in out.getvalue().splitlines() if "/step" in line]
    assert len(lines) == 3
    for line in lines:  # by this clock each batch takes a second
        assert line.startswith(f"{batches}/{batches} - {batches}s - 1s/step")
