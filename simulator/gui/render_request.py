"""What ``simulator render`` is asked for, in words, and what that comes to. Knows no Qt.

Everything that can be wrong with a request is found here, before a toolkit is loaded and before
anything is painted.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from simulator.data.pictures import PictureError, load_picture
from simulator.engine.backends import select
from simulator.gui import render_options
from simulator.gui.render_options import THEMES, FileType, RequestError
from simulator.lessons import catalogue
from simulator.lessons.controls import ChoiceControl, Control, ControlError, Value
from simulator.lessons.lesson import OWN_PICTURE, Lesson, LessonState
from simulator.lessons.opening import open_lesson
from simulator.lessons.session import LessonSession

STEPS_UNASKED = 24
"""An animation has so many steps if nobody says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The words of a command line, as they were typed; None where nothing was said."""

    lesson: str
    output: str
    settings: Sequence[str] = ()
    level: str | None = None
    step: str | None = None
    steps: str | None = None
    size: str | None = None
    scale: str | None = None
    theme: str | None = None
    filter: str | None = None
    channel: str | None = None
    fps: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to paint, and where it goes.

    ``session`` stands at the first of ``steps``, which count from 0. ``size`` is in logical
    pixels, ``scale`` says how many pixels each becomes along an axis. ``notices`` are sentences
    to be told beside a picture that could be made.
    """

    session: LessonSession
    steps: range
    file: Path
    file_type: FileType
    size: tuple[int, int]
    scale: float
    theme: str
    frames_per_second: int
    notices: tuple[str, ...]


def order(request: Request) -> Order:
    """Return what a request comes to.

    Raises:
        RequestError: it can't be met.
    """
    try:
        lesson = catalogue.lesson(request.lesson)
    except catalogue.UnknownLessonError as error:
        raise RequestError(str(error)) from None
    file = render_options.file(request.output)
    file_type = _file_type(request)
    size, scale = render_options.canvas(request.size, request.scale)
    theme = render_options.one_of("--theme", request.theme or THEMES[0], THEMES)
    rate = render_options.frame_rate(request.fps)
    state, notices = _state(lesson, request.settings)
    session = _session(lesson, state)
    if request.level is not None:
        levels = tuple(session.trace.levels)
        session.set_level(render_options.one_of("--level", request.level, levels))
    steps = _go(session, request, file_type)
    return Order(
        session=session,
        steps=steps,
        file=file,
        file_type=file_type,
        size=size,
        scale=scale,
        theme=theme,
        frames_per_second=rate,
        notices=notices,
    )


def _file_type(request: Request) -> FileType:
    file_type = render_options.file_type(request.output)
    if request.step is not None and request.steps is not None:
        raise RequestError("--step is for one step and --steps for several: leave one of them out.")
    if request.steps is not None and not file_type.moves:
        raise RequestError(
            f"--steps needs a file that can move, and {file_type.value} holds one picture: "
            "choose .apng, .gif or .webp, or give one --step."
        )
    return file_type


# The state of the lesson


def _state(lesson: Lesson, settings: Sequence[str]) -> tuple[LessonState, tuple[str, ...]]:
    """Return the state that the settings make, and what there is to say of them."""
    state = lesson.initial_state()
    notices: list[str] = []
    asked: list[Control] = []
    for setting in settings:
        name, equals, text = setting.partition("=")
        name = name.strip()
        if not equals:
            raise RequestError(f"--set {setting}: write NAME=VALUE, such as --set size=32.")
        control = _control(lesson, name)
        asked.append(control)
        if _is_picture_file(control, text):
            state = _with_picture(state, name, text, notices)
        else:
            state = lesson.change(state, name, _value(control, setting, text))
    idle = (control for control in dict.fromkeys(asked) if not control.shown(state.settings))
    notices += [f"--set {control.name} means nothing with the other settings." for control in idle]
    return state, tuple(notices)


def _value(control: Control, setting: str, text: str) -> Value:
    try:
        return control.parse(text)
    except ControlError as error:
        raise RequestError(f"--set {setting}: {error}") from None
    except ValueError:  # what looks like a number, and is none
        raise RequestError(f"--set {setting}: choose {control.bounds()}.") from None


def _control(lesson: Lesson, name: str) -> Control:
    names = [control.name for control in lesson.controls]
    if name not in names:
        raise RequestError(
            f"--set {name}: {lesson.entry.title} has no such setting: choose one of "
            f"{', '.join(names)}.{render_options.nearest(name, names)}"
        )
    return lesson.control(name)


def picture_names(control: Control) -> tuple[str, ...]:
    """Return the bundled pictures of a control that takes picture files too; of others, none."""
    if not isinstance(control, ChoiceControl):
        return ()
    values = tuple(option.value for option in control.offered())
    if OWN_PICTURE not in values:
        return ()
    return tuple(value for value in values if value != OWN_PICTURE)


def _is_picture_file(control: Control, text: str) -> bool:
    """Tell a file from the name of a bundled picture, which wins where both are there."""
    bundled = picture_names(control)
    if not bundled or text in bundled:
        return False
    if text == OWN_PICTURE:
        raise RequestError(f"--set {control.name}={text}: give the path of your picture instead.")
    like_a_path = "/" in text or os.sep in text or "." in text
    return bool(text) and (like_a_path or os.path.lexists(text))


def _with_picture(state: LessonState, name: str, file: str, notices: list[str]) -> LessonState:
    try:
        loaded = load_picture(Path(file).expanduser())
    except (PictureError, RuntimeError) as error:  # RuntimeError: "~" of nobody known
        raise RequestError(f"--set {name}={file}: {error}") from None
    notices.extend(f"{loaded.title}: {notice}" for notice in loaded.notices)
    return replace(state, settings={**state.settings, name: OWN_PICTURE}, own_picture=loaded)


def _session(lesson: Lesson, state: LessonState) -> LessonSession:
    session = open_lesson(lesson, select.create())
    if not session.apply(state):
        assert session.complaint is not None
        blamed = session.complaint.control
        where = f"--set {blamed}: " if blamed else ""
        raise RequestError(f"{where}{session.complaint.message}")
    return session


# Where in the lesson


def _go(session: LessonSession, request: Request, file_type: FileType) -> range:
    """Bring a session to the first step asked for; return all of them."""
    length = session.timeline.length
    steps = None
    of = f"{session.lesson.entry.title} at the level {session.trace.level}"
    if request.step is not None:
        at = render_options.step("--step", request.step, length, of=of)
        steps = range(at, at + 1)
    elif request.steps is not None:
        steps = render_options.run_of_steps(request.steps, length, of=of)
    if steps is not None:
        session.timeline.seek(steps.start)
    else:
        session.go_to_the_middle()
    _pick(session, request, steps)
    if steps is None:
        first = session.timeline.step
        steps = range(first, min(length, first + (STEPS_UNASKED if file_type.moves else 1)))
    return steps


def _pick(session: LessonSession, request: Request, steps: range | None) -> None:
    """Look at a filter and a channel. A step may say already which: then it must be the same."""
    filters = session.state.settings.get("filters")
    if request.filter is not None:
        if not isinstance(filters, int):
            title = session.lesson.entry.title
            raise RequestError(
                f"--filter '{request.filter}': {title} has no filters: leave it out."
            )
        session.pick("map", render_options.which("--filter", request.filter, filters))
    if request.channel is not None:
        channels = session.how_many("channel")
        session.pick("channel", render_options.which("--channel", request.channel, channels))
    if steps is not None and session.timeline.step != steps.start:
        given = "--step" if request.step is not None else "--steps"
        picked = {"--filter": request.filter, "--channel": request.channel}
        others = " and ".join(option for option, text in picked.items() if text is not None)
        raise RequestError(
            f"{given} belongs to another part than {others} at the level {session.trace.level}: "
            f"leave {given} or {others} out."
        )
