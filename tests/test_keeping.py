"""What `simulator train` learned is kept, whatever becomes of disk, reader and keyboard."""

import os
import signal
from io import StringIO
from pathlib import Path

import numpy as np
import pytest

from simulator import keeping, train
from simulator.cli import main
from simulator.engine.ahead import Ahead
from simulator.engine.steps import Trainer
from simulator.formats import project_file
from simulator.formats.project import ProjectError
from simulator.lab.projects import experiment_of
from tests.test_train import PROGRAM

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals and folders differ there")


@pytest.fixture(autouse=True)
def spare(tmp_path, monkeypatch):
    """The folder for what can't be kept where it was to be."""
    folder = tmp_path / "data" / "recovered"
    monkeypatch.setattr(keeping, "recovery_folder", lambda: folder)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield folder
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(PROGRAM, encoding="utf-8")
    return str(path)


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "there"
    folder.mkdir()
    return folder / "kept.simulator"


def words(program, place, *more):
    return ["train", program, "--data", "moons", "--set", "samples=60", "--save", str(place), *more]


def after_training(monkeypatch, change):
    """Have something happen once the training is over."""
    run = train._run

    def running(*given):
        last = run(*given)
        change()
        return last

    monkeypatch.setattr(train, "_run", running)


def pressed(times):
    for _ in range(times):
        signal.raise_signal(signal.SIGINT)


def in_the_midst(monkeypatch, act):
    """Have something happen once batches have changed the weights, before anybody knows of it."""
    for owner, name in ((Trainer, "advance"), (Ahead, "run")):
        whole = getattr(owner, name)

        def doing(self, *given, whole=whole):
            done = whole(self, *given)
            if done is not None:
                act()
            return done

        monkeypatch.setattr(owner, name, doing)


def weights_at(path):
    """The weights of a file, and what the network had at that step."""
    project = project_file.load(path)
    experiment = experiment_of(project)
    step = experiment.timeline.step
    experiment.go_to(0)
    experiment.go_to(step)
    return step, project.weights, experiment.model.weights


def test_a_folder_that_goes_while_it_trains(program, place, spare, monkeypatch, capsys):
    after_training(monkeypatch, place.parent.rmdir)
    for name in ("kept", "kept 2"):
        place.parent.mkdir(exist_ok=True)
        assert main(words(program, place)) == train.ELSEWHERE
        told = capsys.readouterr()
        found = spare / f"{name}.simulator"
        assert f"there is no folder {place.parent}" in told.err
        assert f"Kept in {found}." in told.out
        assert experiment_of(project_file.load(found)).timeline.step == 6


def test_a_disk_that_is_full(program, place, spare, monkeypatch, capsys):
    main(words(program, place))
    before = place.read_bytes()
    save = project_file.save

    def full(project, path):
        if spare not in Path(path).parents:
            raise ProjectError(f"{path} cannot be written: No space left on device.")
        save(project, path)

    monkeypatch.setattr(project_file, "save", full)
    assert main(words(program, place, "--epochs", "1")) == train.ELSEWHERE
    assert "No space left on device" in capsys.readouterr().err
    assert place.read_bytes() == before
    assert experiment_of(project_file.load(spare / "kept.simulator")).timeline.step == 3


def test_where_no_place_is_left_a_terminal_is_asked(tmp_path, monkeypatch):
    save = project_file.save
    other = tmp_path / "stick"
    other.mkdir()

    def full(project, path):
        if Path(path).parent != other:
            raise ProjectError(f"{path} cannot be written: No space left on device.")
        save(project, path)

    monkeypatch.setattr(project_file, "save", full)
    project = project_file.from_bytes(SMALL)
    err = StringIO()
    answers = StringIO(f"{tmp_path / 'no'}\n{other / 'mine'}\n")
    place = keeping.keep(lambda _: project, tmp_path / "a.simulator", err, answers)
    assert place == other / "mine.simulator"
    assert project_file.load(place).program == project.program
    assert err.getvalue().count("Where else?") == 2
    assert f"{tmp_path / 'no.simulator'} cannot be written" in err.getvalue()
    for answers in (StringIO("\n"), StringIO(""), None):
        with pytest.raises(keeping.NotKeptError, match=r"could not be kept\. .*No space left"):
            keeping.keep(lambda _: project, tmp_path / "a.simulator", err, answers)


def test_where_memory_is_short_the_past_is_left_out(tmp_path):
    project = project_file.from_bytes(SMALL)
    asked = []

    def make(most_bytes):
        asked.append(most_bytes)
        if most_bytes is None:
            raise MemoryError
        return project

    place = tmp_path / "a.simulator"
    assert keeping.keep(make, place, StringIO()) == place
    assert asked == [None, 0]


@pytest.mark.parametrize("mode", [0o444])
def test_what_can_not_be_written_is_refused_before_the_training(
    program, place, mode, monkeypatch, capsys
):
    place.write_bytes(b"mine")
    place.chmod(mode)
    monkeypatch.setattr(train, "_experiment", None)
    assert main(words(program, place)) == 2
    assert "kept.simulator cannot be written: it is write-protected" in capsys.readouterr().err
    assert place.read_bytes() == b"mine"
    assert list(place.parent.iterdir()) == [place]


def test_ctrl_c_while_it_is_built(program, place, monkeypatch, capsys):
    monkeypatch.setattr(train, "_experiment", lambda *_: pressed(1))
    assert main(words(program, place)) == 130
    told = capsys.readouterr()
    assert told.err == "Interrupted before the training began: there is nothing to keep.\n"
    assert not place.exists()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("call", [1, 4])
@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_in_the_midst_of_a_batch(program, place, call, times, monkeypatch, capsys):
    """Pressed once the batch is finished; pressed twice what it did is let go."""
    calls = []

    def act():
        calls.append(1)
        if len(calls) == call:
            pressed(times)

    in_the_midst(monkeypatch, act)
    assert main(words(program, place, "--epochs", "1000000")) == 130
    monkeypatch.undo()
    told = capsys.readouterr()
    assert "The batch under way is being finished. Ctrl+C once more breaks it off." in told.err
    assert "Interrupted after batch" in told.out
    assert f"Kept in {place}." in told.out
    step, kept, trained = weights_at(place)
    if (call, times) == (1, 2):
        assert step == 0
    else:
        assert step > 0
    for name, weight in kept.items():
        np.testing.assert_array_equal(weight, trained[name])


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_while_it_is_being_kept(program, place, times, monkeypatch, capsys):
    main(words(program, place, "--epochs", "1"))
    before = place.read_bytes()
    fsync = os.fsync

    def slow(number):
        pressed(times)
        fsync(number)

    monkeypatch.setattr(os, "fsync", slow)
    assert main(words(program, place, "--epochs", "2")) == 130
    told = capsys.readouterr()
    assert "What was learned is being kept. Ctrl+C once more breaks it off." in told.err
    assert list(place.parent.iterdir()) == [place]
    if times == 1:
        assert f"Kept in {place}." in told.out
        assert experiment_of(project_file.load(place)).timeline.step == 6
    else:
        assert "nothing new was kept" in told.err
        assert place.read_bytes() == before


def test_what_ends_programs_is_no_reason_to_lose_anything(program, place, monkeypatch):
    calls = []

    def act():
        calls.append(1)
        if len(calls) == 1:
            signal.raise_signal(signal.SIGTERM)

    in_the_midst(monkeypatch, act)
    assert main(words(program, place)) == 128 + signal.SIGTERM
    assert weights_at(place)[0] > 0
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_signal_that_is_ignored_stays_so(program, place, monkeypatch):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    after_training(monkeypatch, lambda: pressed(3))
    assert main(words(program, place)) == 0
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("odd")])
def test_what_fails_in_the_midst_of_training(program, place, error, monkeypatch, capsys):
    calls = []

    def act():
        calls.append(1)
        if len(calls) == 4:
            raise error

    in_the_midst(monkeypatch, act)
    assert main(words(program, place, "--epochs", "1000000")) in (1, 2)
    monkeypatch.undo()
    told = capsys.readouterr()
    assert ("not enough memory" in told.err) == isinstance(error, MemoryError)
    assert f"Kept in {place}." in told.out
    step, kept, trained = weights_at(place)
    assert step > 0
    for name, weight in kept.items():
        np.testing.assert_array_equal(weight, trained[name])


class Closed(StringIO):
    """A pipe of which somebody reads the beginning."""

    def write(self, text):
        if self.tell() > 600:
            raise BrokenPipeError
        return super().write(text)


def test_a_reader_that_goes_ends_no_training_that_is_to_be_kept(program, place):
    options = {"data": "moons", "settings": {"samples": "60"}, "epochs": 40}
    order = train.Order(program, **options, save=place)
    out = Closed()
    assert train.train(order, out, StringIO()) == 0
    assert "Epoch 40" not in out.getvalue()
    assert weights_at(place)[0] == 120
    with pytest.raises(BrokenPipeError):
        train.train(train.Order(program, **options), Closed(), StringIO())


def _small():
    from simulator.formats.presets import PRESETS  # noqa: PLC0415
    from simulator.formats.project import Project  # noqa: PLC0415

    return project_file.to_bytes(Project(PRESETS["circle"].program))


SMALL = _small()
