"""What ``simulator render`` is asked for, in words, and what that comes to. Knows no Qt.

Everything that can be wrong with a request is found here, before a toolkit is loaded and before
anything is painted.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import Enum
from pathlib import Path

from simulator.data.pictures import PictureError, load_picture
from simulator.engine.backends import select
from simulator.lessons import catalogue
from simulator.lessons.controls import ChoiceControl, Control, ControlError
from simulator.lessons.frame import Pointer
from simulator.lessons.lesson import OWN_PICTURE, Lesson, LessonState
from simulator.lessons.session import LessonSession
from simulator.traces.numbers import count

SIZE = (776, 664)
"""The stage of a window of 1280 × 800."""
LEAST_SIZE, LARGEST_SIZE = (320, 240), (7680, 4320)
SCALES = (1.0, 4.0)
MOST_PIXELS = 4 * LARGEST_SIZE[0] * LARGEST_SIZE[1]
FRAMES_PER_SECOND = 25
FRAME_RATES = (5, 50)
THEMES = ("light", "dark")
STEPS_UNASKED = 24
"""An animation has so many steps if nobody says which."""


class RequestError(ValueError):
    """A request that can't be met; the text is one line: what was wrong, and what to do."""


class FileType(Enum):
    """What can be written, by the end of the file's name."""

    PNG = ".png"
    SVG = ".svg"
    GIF = ".gif"
    WEBP = ".webp"
    APNG = ".apng"

    @property
    def moves(self) -> bool:
        """Return whether one file can hold several steps."""
        return self in (FileType.GIF, FileType.WEBP, FileType.APNG)


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
    file_type = _file_type(request)
    file = _file(request.output)
    size, scale = _size(request.size), _real("--scale", request.scale, SCALES)
    _check_pixels(size, scale)
    theme = _one_of("--theme", request.theme or THEMES[0], THEMES)
    rate = FRAMES_PER_SECOND
    if request.fps is not None:
        rate = _whole("--fps", request.fps, FRAME_RATES, "pictures a second")
    state, notices = _state(lesson, request.settings)
    session = _session(lesson, state)
    if request.level is not None:
        session.set_level(_one_of("--level", request.level, tuple(session.trace.levels)))
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


# The file


def _file_type(request: Request) -> FileType:
    name = Path(request.output).name
    suffix = Path(request.output).suffix
    known = [kind.value for kind in FileType]
    if suffix.casefold() not in known:
        what = f"-o {name}: the name has no ending" if not suffix else f"-o {name}"
        raise RequestError(f"{what}: choose one of {', '.join(known)}.{_nearest(suffix, known)}")
    file_type = FileType(suffix.casefold())
    if request.step is not None and request.steps is not None:
        raise RequestError("--step is for one step and --steps for several: leave one of them out.")
    if request.steps is not None and not file_type.moves:
        raise RequestError(
            f"--steps needs a file that can move, and {file_type.value} holds one picture: "
            "choose .apng, .gif or .webp, or give one --step."
        )
    return file_type


def _file(output: str) -> Path:
    # Where a link points to is what gets replaced, so that the link stays one.
    file = Path(os.path.realpath(output))
    folder = file.parent
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise RequestError(f"-o {output}: the folder {folder} {what}: make it, or choose another.")
    if file.is_dir():
        raise RequestError(f"-o {output}: this is a folder: give the name of a file.")
    if file.exists() and not file.is_file():
        raise RequestError(f"-o {output}: this is a device or a pipe: give the name of a file.")
    if not os.access(folder, os.W_OK | os.X_OK) or (file.exists() and not os.access(file, os.W_OK)):
        raise RequestError(f"-o {output}: you may not write there: choose another place.")
    return file


# Numbers and names


def _nearest(text: str, possible: Iterable[str]) -> str:
    near = get_close_matches(text.casefold(), list(possible), n=1)
    return f" Did you mean {near[0]}?" if near else ""


def _one_of(option: str, text: str, possible: Sequence[str]) -> str:
    if text not in possible:
        raise RequestError(
            f"{option} {text}: choose one of {', '.join(possible)}.{_nearest(text, possible)}"
        )
    return text


def _number(option: str, text: str) -> int:
    """Return a whole number; commas between thousands are as welcome as they are in the window."""
    if not re.fullmatch(r"[+-]?(\d+|\d{1,3}(,\d{3})+)", text.strip(), re.ASCII):
        raise RequestError(f"{option} {text}: give a whole number.")
    # No count of anything here comes near so many digits, and Python refuses to read 5,000.
    return int(text.replace(",", "")) if len(text) < 40 else 10**40


def _whole(option: str, text: str, bounds: tuple[int, int], what: str) -> int:
    value = _number(option, text)
    least, most = bounds
    if not least <= value <= most:
        raise RequestError(f"{option} {text}: choose {count(least)} to {count(most)} {what}.")
    return value


def _real(option: str, text: str | None, bounds: tuple[float, float]) -> float:
    if text is None:
        return bounds[0]
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not bounds[0] <= value <= bounds[1]:
        raise RequestError(
            f"{option} {text}: choose a number from {bounds[0]:g} to {bounds[1]:g}."
        )
    return value


def _size(text: str | None) -> tuple[int, int]:
    if text is None:
        return SIZE
    found = re.fullmatch(r"(\d{1,9})\s*[xX×]\s*(\d{1,9})", text.strip(), re.ASCII)
    if not found:
        raise RequestError(
            f"--size {text}: give width and height in pixels, such as {SIZE[0]}x{SIZE[1]}."
        )
    width, height = int(found[1]), int(found[2])
    fits = zip((width, height), LEAST_SIZE, LARGEST_SIZE, strict=True)
    if not all(least <= length <= most for length, least, most in fits):
        raise RequestError(
            f"--size {text}: choose {'x'.join(map(str, LEAST_SIZE))} to "
            f"{'x'.join(map(str, LARGEST_SIZE))}."
        )
    return width, height


def _check_pixels(size: tuple[int, int], scale: float) -> None:
    if size[0] * size[1] * scale**2 > MOST_PIXELS:
        raise RequestError(
            f"--size {size[0]}x{size[1]} at --scale {scale:g} makes "
            f"{size[0] * size[1] * scale**2 / 1e6:,.0f} million pixels, and at most "
            f"{MOST_PIXELS / 1e6:,.0f} million can be painted: choose a smaller size or scale."
        )


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
        try:
            if _is_picture_file(control, text):
                state = _with_picture(state, name, text, notices)
            else:
                state = lesson.change(state, name, control.parse(text))
        except ControlError as error:
            raise RequestError(f"--set {setting}: {error}") from None
    for control in dict.fromkeys(asked):
        if not control.shown(state.settings):
            notices.append(f"--set {control.name} means nothing with the other settings.")
    return state, tuple(notices)


def _control(lesson: Lesson, name: str) -> Control:
    names = [control.name for control in lesson.controls]
    if name not in names:
        raise RequestError(
            f"--set {name}: {lesson.entry.title} has no such setting: choose one of "
            f"{', '.join(names)}.{_nearest(name, names)}"
        )
    return lesson.control(name)


def picture_names(control: Control) -> tuple[str, ...]:
    """Return the bundled pictures of a control that takes picture files too; of others, none."""
    if not isinstance(control, ChoiceControl):
        return ()
    values = tuple(option.value for option in control.options)
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
    session = LessonSession(lesson, select.create())
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
    if request.step is not None:
        at = _step(session, "--step", request.step)
        steps = range(at, at + 1)
    elif request.steps is not None:
        steps = _run_of_steps(session, request.steps)
    if steps is not None:
        session.timeline.seek(steps.start)
    else:
        _go_to_the_middle(session)
    _pick(session, request, steps)
    if steps is None:
        first = session.timeline.step
        steps = range(first, min(length, first + (STEPS_UNASKED if file_type.moves else 1)))
    return steps


def _go_to_the_middle(session: LessonSession) -> None:
    """Go to the step that finishes the cell in the middle of the output: it shows the most."""
    rows, columns, _ = session.trace.arrays["output"].shape
    session.open(Pointer("output", (rows // 2, columns // 2, 0)))


def _step(session: LessonSession, option: str, text: str) -> int:
    """Return a step, which the window counts from 1, counted from 0."""
    length = session.timeline.length
    value = _number(option, text)
    if not 1 <= value <= length:
        raise RequestError(
            f"{option} {text}: {session.lesson.entry.title} has {count(length)} "
            f"{'step' if length == 1 else 'steps'} at the level {session.trace.level}, "
            "counted from 1."
        )
    return value - 1


def _run_of_steps(session: LessonSession, text: str) -> range:
    first, colon, last = text.partition(":")
    if not colon or ":" in last:
        raise RequestError(f"--steps {text}: give the first and the last, such as --steps 1:60.")
    start = _step(session, "--steps", first) if first.strip() else 0
    stop = _step(session, "--steps", last) if last.strip() else session.timeline.length - 1
    if stop < start:
        raise RequestError(f"--steps {text}: the first comes after the last: turn them round.")
    return range(start, stop + 1)


def _pick(session: LessonSession, request: Request, steps: range | None) -> None:
    """Look at a filter and a channel. A step may say already which: then it must be the same."""
    filters = session.state.settings.get("filters")
    if request.filter is not None:
        if not isinstance(filters, int):
            raise RequestError(f"--filter: {session.lesson.entry.title} has no filters: leave it out.")
        session.pick_map(_which("--filter", request.filter, filters) - 1)
    if request.channel is not None:
        session.pick_channel(_which("--channel", request.channel, session.channels) - 1)
    if steps is not None and session.timeline.step != steps.start:
        given = "--step" if request.step is not None else "--steps"
        others = " and ".join(
            option
            for option, text in (("--filter", request.filter), ("--channel", request.channel))
            if text is not None
        )
        raise RequestError(
            f"{given} belongs to another part than {others} at the level {session.trace.level}: "
            f"leave {given} or {others} out."
        )


def _which(option: str, text: str, total: int) -> int:
    value = _number(option, text)
    if not 1 <= value <= total:
        there = "there is only one" if total == 1 else f"there are {total}"
        raise RequestError(f"{option} {text}: {there}, counted from 1.")
    return value
