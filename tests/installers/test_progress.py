"""Commands run behind one line, and how their failure is told."""

import sys

import pytest

from installers.progress import CommandError, SetupError, run_quietly


def test_a_success_shows_its_title_alone(capfd: pytest.CaptureFixture[str]) -> None:
    run_quietly([sys.executable, "-c", "print('chatter')"], "Working")
    assert capfd.readouterr() == ("", "Working …\n")


def test_a_failure_shows_the_last_telling_lines() -> None:
    script = (
        "import sys\nfor n in range(40): print('line', n)\n"
        "print('  ERROR: the cause\\n\\nhint: see above')\nsys.exit(3)"
    )
    with pytest.raises(CommandError) as failure:
        run_quietly([sys.executable, "-c", script], "Working")
    assert failure.value.output[-3:] == ("line 39", "ERROR: the cause", "hint: see above")
    _, said = str(failure.value).split(" failed (exit 3):\n")
    assert [line.strip() for line in said.splitlines()] == [
        *("line 36", "line 37", "line 38", "line 39"),
        "ERROR: the cause",
    ]


def test_a_command_that_is_not_there_is_named() -> None:
    with pytest.raises(SetupError, match=r"^no-such-program can't be started: No such file"):
        run_quietly(["no-such-program"], "Working")


def test_a_terminal_sees_one_moving_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "20")
    run_quietly([sys.executable, "-c", "print('a long line of chatter')"], "Working")
    shown = capsys.readouterr().err
    assert shown == "Working\r\x1b[KWorking: a long lin\r\x1b[KWorking: done\n"
