"""The command line: opens the window, or lists, renders and checks without one.

What is heavy is imported by the command that needs it, so that the others answer at once.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import textwrap
from collections.abc import Sequence
from difflib import get_close_matches
from shutil import get_terminal_size
from typing import TYPE_CHECKING, NoReturn

from simulator import __version__, doctor
from simulator.command_options import (
    PROGRAM,
    RENDER_EXAMPLES,
    TRAIN_EXAMPLES,
    add_render_options,
    add_train_options,
)
from simulator.console import ProgressBar
from simulator.lessons import entries

if TYPE_CHECKING:
    from simulator.lessons.controls import Control
    from simulator.lessons.lesson import Lesson

COMMANDS = ("run", "lessons", "render", "train", "doctor")
WIDEST = 100
"""Columns that a list takes at most."""
NO_BREAK = "\N{NO-BREAK SPACE}"

USER_ERROR, FAULT, INTERRUPTED, PIPE_CLOSED = 2, 1, 130, 141


class CommandError(Exception):
    """A command that can't be carried out; the text is one line for the person who typed it."""

    def __init__(self, message: str, status: int = USER_ERROR) -> None:
        super().__init__(message)
        self.status = status


TRACEBACK = "SIMULATOR_TRACEBACK"
"""The variable of the environment that asks for Python's account of a fault."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command line (by default this process's own) and return its exit status.

    0: done. 1: the machine lacks something. 2: the line asks for what can't be. 130: interrupted.
    """
    # NumPy's linear algebra on one thread, before it is loaded: its threads wait in loops that take
    # the cores from the window and from the compiled kernels, which have threads of their own.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if hasattr(sys.stdout, "reconfigure"):  # a console that knows no "×" shows an escape for it
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        status = _carry_out(list(sys.argv[1:] if arguments is None else arguments))
        if sys.stdout is not None:
            sys.stdout.flush()
    except CommandError as error:
        _complain(str(error))
        return error.status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read the output has seen enough
        _let_go_of_output()
        return PIPE_CLOSED
    except OSError as error:
        _let_go_of_output()
        _complain(error.strerror or str(error))
        return FAULT
    except MemoryError:
        _complain("There is not enough memory for this: ask for a smaller size.")
        return FAULT
    except Exception as error:  # a fault of ours: the user gets a line, who looks for it the rest
        if os.environ.get(TRACEBACK):
            raise
        fault = f"{type(error).__name__}: {error}"
        _complain(f"This is a fault in the program ({fault}). {TRACEBACK}=1 shows where.")
        return FAULT
    return status


def _complain(message: str) -> None:
    print(f"{PROGRAM}: {' '.join(message.split())}", file=sys.stderr)


def _let_go_of_output() -> None:
    """Drop what can't be written, or Python would fail on it once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _carry_out(arguments: list[str]) -> int:
    first = next((word for word in arguments if not word.startswith("-")), None)
    if first is not None and first not in COMMANDS:
        raise CommandError(_no_such_command(first))
    try:
        options, unknown = _parser().parse_known_args(_glued(arguments))
    except SystemExit as left:  # after --help or --version
        return int(left.code or 0)
    if unknown:
        raise CommandError(_no_such_option(unknown[0], options.parser))
    commands = {"lessons": _lessons, "render": _render, "train": _train, "doctor": _doctor}
    return commands.get(options.command, _run)(options)


# Reading the line


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without repeating the usage."""

    def error(self, message: str) -> NoReturn:
        raise CommandError(f"{message} (see {self.prog} --help)")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=PROGRAM,
        description="Watch deep learning happen one arithmetic step at a time.",
        epilog=f"{PROGRAM} COMMAND --help tells more of a command; without one the window opens.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    parser.set_defaults(parser=parser, lesson=None)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")

    def command(name: str, told: str, epilog: str = "") -> argparse.ArgumentParser:
        made = commands.add_parser(
            name,
            help=told,
            description=told[0].upper() + told[1:] + ".",
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            epilog=epilog,
        )
        made.set_defaults(parser=made)
        return made

    run = command("run", "open the window")
    run.add_argument("lesson", metavar="LESSON", nargs="?", help="the lesson to open, or lab")
    lessons = command("lessons", "list the lessons, or all that can be set in one")
    lessons.add_argument("lesson", metavar="LESSON", nargs="?", help="tell of this lesson alone")
    add_render_options(command("render", "paint a lesson into a file", RENDER_EXAMPLES))
    add_train_options(command("train", "train a network without the window", TRAIN_EXAMPLES))
    command("doctor", "tell what this machine has, and what is missing")
    return parser


def _glued(arguments: list[str]) -> list[str]:
    """Return the line with values like -3:5 joined to their option, or they'd be taken for one."""
    made: list[str] = []
    for word in arguments:
        if made and re.fullmatch(r"--[a-z]+", made[-1]) and re.match(r"-\d", word):
            made[-1] += f"={word}"
        else:
            made.append(word)
    return made


def _no_such_command(word: str) -> str:
    if word in (entry.id for entry in entries.ENTRIES):
        return f"to open the lesson {word}, type: {PROGRAM} run {word}"
    near = get_close_matches(word, COMMANDS, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"there is no command {word}: choose one of {', '.join(COMMANDS)}.{hint}"


def _no_such_option(word: str, parser: argparse.ArgumentParser) -> str:
    if not word.startswith("-"):
        return f"there is one word too many: {word} (see {parser.prog} --help)"
    option = word.partition("=")[0]
    there = re.findall(r"--[a-z]+", parser.format_help())
    near = get_close_matches(option, there, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"See {parser.prog} --help."
    return f"{parser.prog} has no option {option}. {hint}"


def _checked(lesson_id: str) -> str:
    """Return the id of a lesson that there is."""
    if lesson_id not in (entry.id for entry in entries.ENTRIES):
        from simulator.lessons import catalogue  # noqa: PLC0415 - it loads NumPy

        try:
            return catalogue.lesson(lesson_id).id
        except catalogue.UnknownLessonError as error:
            raise CommandError(str(error)) from None
    return lesson_id


# The window


def _run(options: argparse.Namespace) -> int:
    lesson = options.lesson if options.lesson in (None, entries.LAB) else _checked(options.lesson)
    if not doctor.has_display():
        raise CommandError(
            "There is no display to open a window on. Pictures need none: "
            f"{PROGRAM} render {lesson or entries.ENTRIES[0].id} -o picture.png",
            FAULT,
        )
    missing = doctor.missing_libraries(window=not os.environ.get("QT_QPA_PLATFORM"))
    if missing:
        names = ", ".join(library.soname for library in missing)
        raise CommandError(f"The window needs {names}: {doctor.how_to_install(missing)}", FAULT)
    try:
        from simulator.gui import app  # noqa: PLC0415 - it loads Qt
    except ImportError as error:
        raise _not_loadable(error) from error
    return app.main(lesson)


def _not_loadable(error: ImportError) -> CommandError:
    return CommandError(f"{error}: {PROGRAM} doctor tells what is missing.", FAULT)


# Lessons


def _lessons(options: argparse.Namespace) -> int:
    if options.lesson is None:
        columns = [(entry.id, entry.title, entry.summary) for entry in entries.ENTRIES]
        widths = [max(len(cell) for cell in column) for column in zip(*columns, strict=True)]
        for identity, title, summary in columns:
            print(f"{identity:{widths[0]}}  {title:{widths[1]}}  {summary}")
        return 0
    from simulator.lessons import catalogue  # noqa: PLC0415 - it loads NumPy

    _tell(catalogue.lesson(_checked(options.lesson)))
    return 0


def _tell(lesson: Lesson) -> None:
    """Print all that can be set in a lesson."""
    entry = lesson.entry
    print(f"{entry.title}. {entry.summary}\n")
    print(f"Settings: {PROGRAM} render {entry.id} --set NAME=VALUE")
    name_width = max(len(control.name) for control in lesson.controls)
    section = ""
    for control in lesson.controls:
        if control.section != section:
            section = control.section
            print(f"\n{section}")
        _print_item(
            control.name, name_width, f"{_possible(control)} (default{NO_BREAK}{_default(control)})"
        )
        _print_item("", name_width, f"{control.label}: {control.help}" if control.help else "")
    print("\nLevels: --level NAME")
    from simulator.engine.backends.base import Backend  # noqa: PLC0415 - it loads NumPy

    trace = lesson.trace(lesson.initial_state(), Backend())
    for name, level in trace.levels.items():
        steps = len(trace.at(name))
        told = f"{level.label}, {steps:,} {'step' if steps == 1 else 'steps'} with the defaults"
        _print_item(name, name_width, told)


def _print_item(name: str, name_width: int, text: str) -> None:
    if not text:
        return
    width = WIDEST
    if sys.stdout is not None and sys.stdout.isatty():
        width = min(WIDEST, max(get_terminal_size().columns, 2 * name_width + 4))
    indent = " " * (name_width + 4)
    lines = textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent)
    lines[0] = f"  {name:{name_width}}  {lines[0].lstrip()}"
    print("\n".join(lines).replace(NO_BREAK, " "))


def _possible(control: Control) -> str:
    from simulator.gui.render_request import picture_names  # noqa: PLC0415 - it loads NumPy
    from simulator.lessons.controls import ChoiceControl  # noqa: PLC0415

    if bundled := picture_names(control):
        return f"one of {', '.join(bundled)}, or the path of a picture"
    if isinstance(control, ChoiceControl) and control.each_of:
        return f"{control.bounds()}, with commas between: one for each of the {control.each_of}"
    return control.bounds()


def _default(control: Control) -> str:
    initial = control.initial
    if isinstance(initial, float):
        return f"{initial:g}"
    return ",".join(initial) if isinstance(initial, tuple) else str(initial)


# Pictures


def _render(options: argparse.Namespace) -> int:
    from simulator.gui.render_options import RequestError  # noqa: PLC0415 - it loads NumPy
    from simulator.gui.render_request import Request, order  # noqa: PLC0415

    request = Request(
        **{
            name: value
            for name, value in vars(options).items()
            if name not in ("command", "parser")
        }
    )
    bar = ProgressBar(sys.stderr)
    try:
        ordered = order(request)
        from simulator.gui.render import render  # noqa: PLC0415 - it loads Qt

        render(ordered, bar)
    except RequestError as error:
        raise CommandError(str(error)) from None
    except ImportError as error:
        raise _not_loadable(error) from error
    except MemoryError as error:
        raise CommandError(
            "There is not enough memory for this: choose a smaller --size or --scale, or fewer "
            "--steps.",
            FAULT,
        ) from error
    finally:
        bar.close()
    for notice in ordered.notices:
        _complain(notice)
    return 0


# Training


def _train(options: argparse.Namespace) -> int:
    from simulator import train  # noqa: PLC0415 - it loads NumPy and the engine

    try:
        return train.train(train.Order.of(options), sys.stdout, sys.stderr)
    except train.OrderError as error:
        raise CommandError(str(error)) from None


# The machine


def _doctor(_: argparse.Namespace) -> int:
    findings = doctor.examine()
    print("\n".join(doctor.report(findings)))
    return FAULT if any(finding.problem for finding in findings) else 0
