"""The controls and the array of an image, shared by the lessons that look at one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.data import pictures
from simulator.lessons.controls import ChoiceControl, Control, IntegerControl, Option, Settings
from simulator.lessons.lesson import FROM_LAB, OWN_PICTURE, LessonState
from simulator.traces.formula import Message

LARGEST_IMAGE = 224
SECTION = "Image"
NOT_BUNDLED = (OWN_PICTURE, FROM_LAB)
"""Values of the picture control that no bundled picture has."""


def _option(entry: pictures.Picture) -> Option:
    # "Digit 3" and "Test pattern" say what they are, "Flower" does not.
    named = entry.kind in (pictures.Kind.PHOTOGRAPH, pictures.Kind.TEXTURE)
    return Option(entry.id, f"{entry.kind.value}: {entry.title}" if named else entry.title)


PICTURE = ChoiceControl(
    name="picture",
    label="Picture",
    section=SECTION,
    options=(
        *(_option(entry) for entry in pictures.PICTURES),
        Option(OWN_PICTURE, "Your own picture…"),
        Option(FROM_LAB, "From the lab", opened=True),
    ),
    default="flower",
    help="A photograph, a digit, a pattern, or your own picture (open, paste or draw).",
)


def _is_a_picture(settings: Settings) -> bool:
    """Return whether the picture can be made in any size: what a layer reads is as it is."""
    return PICTURE.of(settings) != FROM_LAB


CHANNELS = ChoiceControl(
    name="channels",
    label="Channels",
    section=SECTION,
    options=(Option("1", "Grey"), Option("3", "RGB")),
    default="1",
    segmented=True,
    causes=("channels",),
    shown=_is_a_picture,
    help="One channel, or red, green and blue.",
)
RANGE = ChoiceControl(
    name="range",
    label="Range",
    section=SECTION,
    options=(Option("255", "0–255"), Option("1", "0–1")),
    default="255",
    segmented=True,
    beside_previous=True,
    shown=_is_a_picture,
    help="Whole numbers as in a file, or divided by 255 as networks like them.",
)
SIZE = IntegerControl(
    name="size",
    label="Size",
    section=SECTION,
    default=64,
    minimum=1,
    maximum=LARGEST_IMAGE,
    causes=("input",),
    shown=_is_a_picture,
    help="Rows and columns that the picture is scaled to.",
)

IMAGE_CONTROLS: tuple[Control, ...] = (PICTURE, CHANNELS, RANGE, SIZE)
IMAGE_SETTINGS = frozenset(control.name for control in IMAGE_CONTROLS)
"""The settings that make the input anew."""


def image_array(state: LessonState) -> NDArray[Any]:
    """Return the picture (size, size, channels) float32 that the settings ask for."""
    settings = state.settings
    size, channels = SIZE.of(settings), int(CHANNELS.of(settings))
    chosen = PICTURE.of(settings)
    if chosen == FROM_LAB and (came := state.came("input")) is not None:
        return came
    if chosen == OWN_PICTURE and state.own_picture is not None:
        values = pictures.fit(state.own_picture, size=size, channels=channels)
    else:
        bundled = "blank" if chosen in NOT_BUNDLED else chosen
        values = pictures.picture(bundled, size=size, channels=channels)
    return values if RANGE.of(settings) == "255" else values / np.float32(_peak(chosen))


def white(settings: Settings) -> float:
    """Return the value of the picture that is white: of the impulse, its 1."""
    chosen = PICTURE.of(settings)
    return 1.0 if chosen == FROM_LAB or RANGE.of(settings) == "1" else float(_peak(chosen))


def is_picture(state: LessonState) -> bool:
    """Return whether a picture is read, and no maps that another layer made."""
    from_lab = PICTURE.of(state.settings) == FROM_LAB
    return not (from_lab and state.opened is not None and state.opened.maps)


def picture_title(state: LessonState) -> Message:
    """Return the name of the picture that is looked at."""
    chosen = PICTURE.of(state.settings)
    if chosen == FROM_LAB and state.opened is not None:
        return Message("{title}", {"title": state.opened.title})
    if chosen not in NOT_BUNDLED:
        return Message(pictures.entry(chosen).title)
    if state.own_picture is None:
        return Message("Your drawing")
    return Message("{title}", {"title": state.own_picture.title})


def _peak(chosen: str) -> int:
    return 255 if chosen in NOT_BUNDLED else pictures.entry(chosen).peak
