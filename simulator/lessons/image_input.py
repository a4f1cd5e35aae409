"""The controls and the array of an image, shared by the lessons that look at one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.data import pictures
from simulator.lessons.controls import ChoiceControl, Control, IntegerControl, Option
from simulator.lessons.lesson import OWN_PICTURE, LessonState, integer

LARGEST_IMAGE = 224

IMAGE_SETTINGS = frozenset({"picture", "size", "channels", "range"})
"""The settings that make the input anew."""


def image_controls(*, picture: str, size: int) -> tuple[Control, ...]:
    """Return the controls of the image, with a lesson's own defaults."""
    return (
        ChoiceControl(
            name="picture",
            label="Picture",
            section="Image",
            options=(
                *(Option(item.id, item.title, item.kind.value) for item in pictures.PICTURES),
                Option(OWN_PICTURE, "Your own picture…", "Yours"),
            ),
            default=picture,
            help="A photograph, a digit, a pattern, or your own picture (open, paste or draw).",
        ),
        ChoiceControl(
            name="channels",
            label="Channels",
            section="Image",
            options=(Option("1", "Grey"), Option("3", "RGB")),
            default="1",
            segmented=True,
            causes=("channels",),
            help="One channel, or red, green and blue.",
        ),
        ChoiceControl(
            name="range",
            label="Range",
            section="Image",
            options=(Option("255", "0–255"), Option("1", "0–1")),
            default="255",
            segmented=True,
            beside_previous=True,
            help="Whole numbers as in a file, or divided by 255 as networks like them.",
        ),
        IntegerControl(
            name="size",
            label="Size",
            section="Image",
            default=size,
            minimum=1,
            maximum=LARGEST_IMAGE,
            causes=("input",),
            help="Rows and columns that the picture is scaled to.",
        ),
    )


def image_array(state: LessonState) -> NDArray[Any]:
    """Return the picture (size, size, channels) float32 that the settings ask for."""
    settings = state.settings
    size, channels = integer(settings, "size"), int(str(settings["channels"]))
    if settings["picture"] == OWN_PICTURE and state.own_picture is not None:
        values = pictures.fit(state.own_picture, size=size, channels=channels)
    else:
        chosen = str(settings["picture"])
        values = pictures.picture(
            "blank" if chosen == OWN_PICTURE else chosen, size=size, channels=channels
        )
    if settings["range"] != "1":
        return values
    known = [item.peak for item in pictures.PICTURES if item.id == settings["picture"]]
    return values / np.float32(known[0] if known else 255)


def picture_title(state: LessonState) -> str:
    """Return the name of the picture that is looked at."""
    chosen = state.settings["picture"]
    if chosen == OWN_PICTURE:
        return state.own_picture.title if state.own_picture is not None else "Your drawing"
    return next(item.title for item in pictures.PICTURES if item.id == chosen)
