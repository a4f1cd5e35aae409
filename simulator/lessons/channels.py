"""What the channels of a picture are called."""

from __future__ import annotations

from simulator.traces.formula import Message

COLOURS = 3
"""So many channels are red, green and blue."""
MOST_MAPS = 64
"""So many channels, or maps, can still be told from each other and picked beside a picture."""
_TITLES = (Message("Red"), Message("Green"), Message("Blue"))
_WORDS = (Message("red"), Message("green"), Message("blue"))


def channel_title(index: int, depth: int) -> Message:
    """Return what one of ``depth`` channels is called at the beginning of a line."""
    if depth == COLOURS:
        return _TITLES[index]
    return Message("Channel {number}", {"number": index + 1})


def channel_word(index: int, depth: int) -> Message:
    """Return what one of ``depth`` channels is called within a line."""
    if depth == 1:
        return Message("grey")
    if depth == COLOURS:
        return _WORDS[index]
    return Message("channel {number}", {"number": index + 1})
