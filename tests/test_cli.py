import io
import os
import re
import subprocess
import sys
import time
import types
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from simulator import __version__, cli, console, doctor
from simulator.cli import main
from simulator.doctor import Finding, Library
from simulator.engine.backends.base import Backend
from simulator.gui import render as render_module
from simulator.lessons.catalogue import LESSONS
from simulator.lessons.catalogue import lesson as find
from simulator.lessons.controls import IntegerControl
from simulator.lessons.entries import ENTRIES
from tests.data.picture_bytes import png

ROOT = Path(__file__).resolve().parent.parent
IDS = [entry.id for entry in ENTRIES]


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-W", "error", "-m", "simulator", *arguments]


def ran(*arguments: str, **surroundings: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        command(*arguments),
        cwd=ROOT,
        env={**os.environ, **surroundings},
        capture_output=True,
        text=True,
        check=False,
    )


def refusal(capsys: pytest.CaptureFixture[str], arguments: list[str], status: int = 2) -> str:
    """The one line that a command line is refused with."""
    assert main(arguments) == status
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("simulator: ")
    assert told.err.count("\n") == 1
    assert told.err.endswith("\n")
    return told.err.strip().removeprefix("simulator: ")


# Listing


def test_lessons_are_listed_one_a_line_with_the_id_first(capsys):
    assert main(["lessons"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == IDS
    for line, entry in zip(lines, ENTRIES, strict=True):
        assert line.split(maxsplit=1)[1].startswith(entry.title)
        assert line.endswith(entry.summary)
    columns = {
        line.index(entry.title[1:], len(entry.id))
        for line, entry in zip(lines, ENTRIES, strict=True)
    }
    assert len(columns) == 1
    assert len({line.index(entry.summary) for line, entry in zip(lines, ENTRIES, strict=True)}) == 1


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_a_lesson_tells_all_that_can_be_set(capsys, lesson):
    assert main(["lessons", lesson.id]) == 0
    out = capsys.readouterr().out
    assert all(len(line) <= cli.WIDEST for line in out.splitlines())
    words = " ".join(out.split())
    for control in lesson.controls:
        default = control.initial
        if isinstance(default, tuple):
            default = ",".join(default)
        default = f"{default:g}" if isinstance(default, float) else default
        if isinstance(control, IntegerControl):
            assert f"{control.minimum} to {control.maximum}" in control.bounds()
            told = f"{control.bounds()} (default {default})"
            assert re.search(rf"^  {control.name} +{re.escape(told)}$", out, re.MULTILINE)
        assert f"(default {default})" in words
        assert f"{control.label}: {control.help}" in words
    levels = out.partition("Levels")[2]
    trace = lesson.trace(lesson.initial_state(), Backend())
    for name in trace.levels:
        assert re.search(rf"^  {name} +.*\b{len(trace.at(name)):,} step", levels, re.MULTILINE)


def test_the_listed_defaults_are_what_is_rendered_without_a_setting(tmp_path, capsys):
    main(["lessons", "convolution"])
    text = capsys.readouterr().out.partition("Levels")[0]
    settings = re.findall(r"^  (\w+) .*?\(default ([^)]*)\)", text, re.MULTILINE | re.DOTALL)
    given = [word for name, value in settings for word in ("--set", f"{name}={value}")]
    assert len(settings) == len(find("convolution").controls)
    assert main(["render", "convolution", *given, "-o", str(tmp_path / "a.png")]) == 0
    assert main(["render", "convolution", "-o", str(tmp_path / "b.png")]) == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_a_narrow_terminal_gets_narrow_lines(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("COLUMNS", "60")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    assert main(["lessons", "convolution"]) == 0
    lines = terminal.getvalue().partition("Image")[2].splitlines()
    assert 50 < max(len(line) for line in lines) <= 60


def test_listing_needs_neither_qt_nor_numba_nor_time():
    script = (
        "import sys\n"
        "from simulator.cli import main\n"
        "main(['lessons'])\n"
        "print(*(name for name in ('PySide6', 'shiboken6', 'numba', 'numpy', 'PIL')"
        " if name in sys.modules))\n"
        "main(['lessons', 'convolution'])\n"
        "print(*(name for name in ('PySide6', 'shiboken6', 'numba') if name in sys.modules))\n"
    )
    lines = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert lines[len(IDS)] == ""
    assert lines[-1] == ""
    seconds = []
    for _ in range(3):
        begun = time.perf_counter()
        assert ran("lessons").returncode == 0
        seconds.append(time.perf_counter() - begun)
    assert min(seconds) < 1


def test_version_and_help_are_told(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"simulator {__version__}\n"
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    assert all(name in told for name in cli.COMMANDS)
    assert main(["render", "--help"]) == 0
    told = capsys.readouterr().out
    assert all(option in told for option in ("--set", "--steps", "--theme", "-o FILE", ".apng"))


def test_the_examples_of_the_help_work(tmp_path, monkeypatch, capsys):
    main(["render", "--help"])
    examples = re.findall(r"^  simulator (render .*)$", capsys.readouterr().out, re.MULTILINE)
    assert len(examples) == 3
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (64, 64), (200, 30, 90)).save("mine.jpg")
    for example in examples:
        words = example.split()
        assert main(words) == 0
        assert (tmp_path / words[-1]).stat().st_size > 1000


# The window


@pytest.fixture
def window(monkeypatch):
    opened = []
    app = types.ModuleType("simulator.gui.app")
    app.main = lambda lesson: opened.append(lesson) or 7
    monkeypatch.setitem(sys.modules, "simulator.gui.app", app)
    monkeypatch.setattr("simulator.gui.app", app, raising=False)
    return opened


@pytest.mark.parametrize("words", [[], ["run"]])
def test_the_window_opens(window, words):
    assert main(words) == 7
    assert window == [None]


def test_the_window_opens_with_a_lesson(window):
    assert main(["run", "pooling"]) == 7
    assert window == ["pooling"]


def test_without_a_display_it_says_so_in_one_line(window, monkeypatch, capsys):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    told = refusal(capsys, ["run", "pooling"], status=1)
    assert "no display" in told
    assert "simulator render pooling -o picture.png" in told
    assert window == []
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert main(["run"]) == 7


def test_without_a_display_qt_is_not_even_loaded():
    script = (
        "import sys\n"
        "from simulator.cli import main\n"
        "assert main([]) == 1\n"
        "print(*(name for name in sys.modules if name.startswith(('PySide6', 'numpy'))))\n"
    )
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    bare = {name: value for name, value in os.environ.items() if name not in names}
    told = subprocess.run(
        [sys.executable, "-c", "import sys; sys.platform = 'linux'\n" + script],
        cwd=ROOT,
        env=bare,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == ""
    assert told.stderr.count("\n") == 1


def test_libraries_that_the_window_lacks_are_named_before_qt_fails_over_them(
    window, monkeypatch, capsys
):
    asked = []

    def missing(*, window: bool) -> list[Library]:
        asked.append(window)
        return [Library("libxcb-cursor.so.0", "libxcb-cursor0")]

    monkeypatch.setattr(doctor, "missing_libraries", missing)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("QT_QPA_PLATFORM")
    told = refusal(capsys, ["run"], status=1)
    assert told.startswith("The window needs libxcb-cursor.so.0: install ")
    assert "libxcb-cursor0" in told
    assert (asked, window) == ([True], [])


@pytest.mark.parametrize("words", [["run"], ["render", "convolution", "-o", "a.png"]])
def test_a_qt_that_cannot_be_loaded_is_one_line(monkeypatch, capsys, tmp_path, words):
    monkeypatch.chdir(tmp_path)
    for name in ("simulator.gui.app", "simulator.gui.render"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delattr("simulator.gui.app", raising=False)
    assert "simulator doctor tells what is missing." in refusal(capsys, words, status=1)
    assert list(tmp_path.iterdir()) == []


# Refusals


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["rendr"],
            "no command rendr: choose one of run, lessons, render, train, doctor. Did you mean r",
        ),
        (["convolution"], "to open the lesson convolution, type: simulator run convolution"),
        (["run", "poolin"], "no lesson 'poolin'. Did you mean 'pooling'?"),
        (["lessons", "zebra"], "no lesson 'zebra'. Choose one of dense, layer-at-work,"),
        (["lessons", "pooling", "more"], "one word too many: more"),
        (["doctor", "--fix"], "simulator doctor has no option --fix."),
        (["render"], "LESSON, -o/--output"),
        (["--versio"], "simulator has no option --versio. Did you mean --version?"),
    ],
)
def test_a_wrong_command_is_refused(window, capsys, words, told):
    assert told in refusal(capsys, words)
    assert window == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["zebra", "-o", "a.png"], "There is no lesson 'zebra'."),
        (["convolution"], "-o/--output"),
        (["convolution", "-o"], "expected one argument"),
        (["convolution", "--stp", "3", "-o", "a.png"], "no option --stp. Did you mean --step?"),
        (["convolution", "--set", "-o", "a.png"], "--set: expected one argument"),
        (["convolution", "-o", "a.jpg"], "choose one of .png, .svg, .gif, .webp, .apng."),
        (["convolution", "-o", "a.webm"], "Did you mean .webp?"),
        (["convolution", "-o", "picture"], "the name has no ending"),
        (["convolution", "-o", ""], "this is a folder"),
        (["convolution", "-o", "folder.png"], "this is a folder"),
        (["convolution", "-o", "none/a.png"], "none does not exist: make it"),
        (["convolution", "-o", "file/a.png"], "file is not a folder"),
        (["convolution", "--set", "sze=3", "-o", "a.png"], "Did you mean size?"),
        (["convolution", "--set", "size", "-o", "a.png"], "write NAME=VALUE"),
        (["convolution", "--set", "size=0", "-o", "a.png"], "--set size=0: Size is 0"),
        (["convolution", "--set", "size=many", "-o", "a.png"], "--set size=many: Size is"),
        (["convolution", "--set", "bias=nan", "-o", "a.png"], "--set bias=nan: Bias is"),
        (["convolution", "--set", "padding=+-5", "-o", "a.png"], "number from 0 to 32"),
        (["convolution", "--set", "preset=blurr", "-o", "a.png"], "Did you mean 'blur'?"),
        (["convolution", "--set", "size=2", "-o", "a.png"], "--set kernel_size: A 3 × 3 kernel"),
        (["pooling", "--set", "padding=2", "-o", "a.png"], "--set padding: A padding of 2"),
        (["convolution", "--set", "picture=flowr", "-o", "a.png"], "Did you mean 'flower'?"),
        (["convolution", "--set", "picture=own", "-o", "a.png"], "give the path of your picture"),
        (["convolution", "--set", "picture=./no.png", "-o", "a.png"], "no file “no.png”"),
        (["convolution", "--set", "picture=text.png", "-o", "a.png"], "is a text file"),
        (["convolution", "--set", "picture=empty.png", "-o", "a.png"], "“empty.png” is empty"),
        (["convolution", "--set", "picture=cut.png", "-o", "a.png"], "“cut.png” is damaged"),
        (["convolution", "--set", "picture=huge.png", "-o", "a.png"], "50,000 × 50,000 pixels"),
        (["convolution", "--set", "picture=~nobody-here/a.png", "-o", "a.png"], "picture=~nobody"),
        (["convolution", "--level", "products", "-o", "a.png"], "Did you mean product?"),
        (["convolution", "--step", "0", "-o", "a.png"], "has 34,596 steps, counted from 1."),
        (["convolution", "--step", "-5", "-o", "a.png"], "has 34,596 steps, counted from 1."),
        (["convolution", "--step", "34,597", "-o", "a.png"], "has 34,596 steps"),
        (["convolution", "--level", "layer", "--step", "2", "-o", "a.png"], "has 1 step, counted"),
        (["convolution", "--step", "3.5", "-o", "a.png"], "--step '3.5': give a whole number."),
        (["convolution", "--step", "9" * 5000, "-o", "a.png"], "give a whole number."),
        (["convolution", "--steps", "1:5", "-o", "a.png"], "choose .apng, .gif or .webp"),
        (["convolution", "--steps", "1:5", "-o", "a.svg"], "choose .apng, .gif or .webp"),
        (["convolution", "--steps", "5", "-o", "a.gif"], "such as --steps 1:60"),
        (["convolution", "--steps", "5:1", "-o", "a.gif"], "turn them round"),
        (["convolution", "--steps", "-3:5", "-o", "a.gif"], "34,596 steps, counted from 1."),
        (["convolution", "--steps", "1:99999", "-o", "a.gif"], "34,596 steps, counted from 1."),
        (["convolution", "--steps", ":", "-o", "a.gif"], "34,596 steps make 172,976 frames"),
        (["convolution", "--step", "1", "--steps", "1:2", "-o", "a.gif"], "leave one of them out"),
        (["convolution", "--size", "319x240", "-o", "a.png"], "choose 320x240 to 7680x4320."),
        (["convolution", "--size", "8000x4320", "-o", "a.png"], "choose 320x240 to 7680x4320."),
        (["convolution", "--size", "large", "-o", "a.png"], "such as 776x664"),
        (["convolution", "--scale", "0.5", "-o", "a.png"], "choose a number from 1 to 4."),
        (["convolution", "--scale", "nan", "-o", "a.png"], "choose a number from 1 to 4."),
        (["convolution", "--size", "7680x4320", "--scale", "3", "-o", "a.png"], "299 million"),
        (["convolution", "--theme", "blue", "-o", "a.png"], "choose one of light, dark."),
        (["convolution", "--theme", "drak", "-o", "a.png"], "Did you mean dark?"),
        (["convolution", "--fps", "99", "-o", "a.gif"], "choose 5 to 50 pictures a second."),
        (["convolution", "--filter", "2", "-o", "a.png"], "--filter '2': there is only one"),
        (["pooling", "--filter", "1", "-o", "a.png"], "Pooling has no filters"),
        (["convolution", "--channel", "0", "-o", "a.png"], "--channel '0': there is only one"),
        (["pooling", "--set", "channels=3", "--channel", "4", "-o", "a.png"], "there are 3"),
    ],
)
def test_a_request_that_cannot_be_met_is_refused_in_one_line(
    tmp_path, monkeypatch, capsys, words, told
):
    monkeypatch.chdir(tmp_path)
    Path("folder.png").mkdir()
    Path("file").touch()
    Path("empty.png").touch()
    Path("text.png").write_text("Not a picture at all.\n")
    whole = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (50, 50), np.uint8)).save(
        whole, "PNG"
    )
    Path("cut.png").write_bytes(whole.getvalue()[:900])
    Path("huge.png").write_bytes(png(50_000, 50_000, b""))
    before = sorted(Path().iterdir())
    assert told in refusal(capsys, ["render", *words])
    assert sorted(Path().iterdir()) == before


@pytest.mark.skipif(
    not Path("/proc/self").exists(), reason="there is no folder that takes no files"
)
def test_a_folder_that_takes_no_files_is_refused(capsys):
    told = refusal(capsys, ["render", "convolution", "-o", "/proc/self/a.png"])
    assert "you may not write there" in told


def test_no_refusal_breaks_its_line(capsys):
    told = refusal(capsys, ["render", "convolution", "--set", "size=1\n2", "-o", "a.png"])
    assert told.startswith("--set size=1 2: ")


# Rendering


def test_a_picture_of_ones_own_is_loaded_and_what_was_changed_is_told(tmp_path, capsys):
    own = tmp_path / "mine.png"
    pixels = np.zeros((10, 30, 3), np.uint8)
    pixels[:, 10:20] = (0, 0, 250)
    Image.fromarray(pixels).save(own)
    file = tmp_path / "a.svg"
    words = ["--set", f"picture={own}", "--set", "size=4", "--set", "channels=3"]
    assert main(["render", "convolution", *words, "--channel", "3", "-o", str(file)]) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert (
        told.err == "simulator: mine.png: It is not square: the middle 10 × 10 pixels are used.\n"
    )
    svg = file.read_text(encoding="utf-8")
    assert svg.count(">250<") >= 16


def test_a_setting_without_a_meaning_is_told(tmp_path, capsys):
    file = tmp_path / "a.png"
    assert main(["render", "pooling", "--set", "order=3", "-o", str(file)]) == 0
    told = capsys.readouterr().err
    assert told == "simulator: --set order means nothing with the other settings.\n"
    assert main(["render", "pooling", "--set", "kind=lp", "--set", "order=3", "-o", str(file)]) == 0
    assert capsys.readouterr().err == ""


def test_the_last_of_a_setting_given_twice_counts(tmp_path):
    for name, words in (("a", ["size=5", "size=9"]), ("b", ["size=9"])):
        given = [word for setting in words for word in ("--set", setting)]
        assert main(["render", "convolution", *given, "-o", str(tmp_path / f"{name}.svg")]) == 0
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_rendering_needs_no_display_and_says_nothing(tmp_path):
    file = tmp_path / "a.png"
    done = ran("render", "pooling", "-o", str(file), QT_QPA_PLATFORM="xcb", DISPLAY="")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with Image.open(file) as image:
        assert image.size == (776, 664)


class FakeTerminal(io.StringIO):
    def isatty(self) -> bool:
        return True


GIF = ("--steps", "1:3", "--size", "320x240", "--fps", "5")


def test_a_long_animation_shows_a_bar_that_goes_away(tmp_path, monkeypatch):
    monkeypatch.setattr(console, "PATIENCE", 0)
    terminal = FakeTerminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert main(["render", "convolution", *GIF, "-o", str(tmp_path / "a.gif")]) == 0
    lines = terminal.getvalue().split("\r")
    assert lines[1] == "[##########....................] 1 of 3 frames"
    assert lines[3] == "[##############################] 3 of 3 frames"
    assert lines[4].strip() == lines[5] == ""
    assert len(lines[4]) == len(lines[3])


def test_a_short_animation_and_a_file_get_no_bar(tmp_path, monkeypatch, capsys):
    terminal = FakeTerminal()
    words = ["render", "convolution", *GIF, "-o", str(tmp_path / "a.gif")]
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", terminal)
        patch.setattr(console, "PATIENCE", 1000)
        assert main(words) == 0
    assert terminal.getvalue() == ""
    monkeypatch.setattr(console, "PATIENCE", 0)
    assert main(words) == 0
    assert capsys.readouterr().err == ""


def test_too_little_memory_is_told(tmp_path, monkeypatch, capsys):
    def full(*_):
        raise MemoryError

    monkeypatch.setattr(render_module, "encode", full)
    words = ["render", "convolution", "-o", str(tmp_path / "a.gif")]
    assert "not enough memory" in refusal(capsys, words, status=1)


# Being stopped


def test_ctrl_c_is_quiet_and_leaves_nothing(tmp_path, monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(render_module.HeadlessStage, "_paint", interrupted)
    assert main(["render", "convolution", "-o", str(tmp_path / "a.png")]) == 130
    assert capsys.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="another process can't be sent Ctrl+C there")
def test_ctrl_c_in_the_middle_of_an_animation_leaves_nothing(tmp_path):
    words = ("--steps", "1:100", "-o", str(tmp_path / "a.gif"))
    script = (
        "import os, signal, sys\n"
        "from simulator import cli\n"
        # A process of a shell's background inherits that Ctrl+C is ignored.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "cli.ProgressBar.__call__ = lambda self, done, total: "
        "done == 5 and os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.exit(cli.main(sys.argv[1:]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "render", "convolution", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="pipes break differently there")
def test_a_reader_that_stops_reading_is_no_fault():
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        command("lessons", "convolution"),
        cwd=ROOT,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to write to")
def test_a_full_disk_is_one_line():
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command("lessons"),
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, "simulator: No space left on device\n")


def test_an_old_console_gets_escapes_instead_of_a_failure():
    done = ran("lessons", "convolution", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert done.stderr == ""


# The machine


def test_doctor_prints_what_it_finds_and_its_status_tells_whether_all_is_well(monkeypatch, capsys):
    well = (Finding("Python", "3.13"), Finding("numpy", "2.4"))
    monkeypatch.setattr(doctor, "examine", lambda: well)
    assert main(["doctor"]) == 0
    assert capsys.readouterr().out == "Python  3.13\nnumpy   2.4\n\nAll is well.\n"
    ill = (*well, Finding("numba", "not installed", "numba is not installed: install it."))
    monkeypatch.setattr(doctor, "examine", lambda: ill)
    assert main(["doctor"]) == 1
    assert capsys.readouterr().out.endswith("\n\nnumba is not installed: install it.\n")
