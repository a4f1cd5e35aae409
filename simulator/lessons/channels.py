"""What the channels of a picture are called."""

from __future__ import annotations

from simulator.traces.formula import Message

COLOURS = 3
"""So many channels are red, green and blue."""
MOST_MAPS = 64
"""So many channels, or maps, can still be told from each other and picked beside a picture."""
_TITLES = (Message("Red"), Message("Green"), Message("Blue"))
_WORDS = (Message("red"), Message("green"), Message("blue"))


def channel_title(index: int, depth: int, *, picture: bool = True) -> Message:
    """Return what one of ``depth`` channels, of a picture or of what another layer made, is called
    at the beginning of a line.
    """
    if picture and depth == COLOURS:
        return _TITLES[index]
    return Message("Channel {number}", {"number": index + 1})


def channel_word(index: int, depth: int, *, picture: bool = True) -> Message:
    """Return what it is called within a line."""
    if picture and depth == 1:
        return Message("grey")
    if picture and depth == COLOURS:
        return _WORDS[index]
    return Message("channel {number}", {"number": index + 1})
