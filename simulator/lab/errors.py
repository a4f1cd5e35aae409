"""What the lab raises."""

from __future__ import annotations


class LabError(ValueError):
    """What cannot be done with this run; one line for the learner, with what to do instead."""
