"""What the lab raises."""

from __future__ import annotations


class LabError(ValueError):
    """What cannot be done with this run; one line for the learner, with what to do instead."""


class HistoryError(LabError):
    """A history that cannot be gone on with: it is damaged, another network's or a newer
    program's.
    """
