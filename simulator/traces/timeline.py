"""The timeline: which step is on view, and how far the picture has glided towards it.

It has no clock. A player calls ``tick`` with the seconds that have passed; a test calls it with
any number it likes.
"""

from __future__ import annotations

from dataclasses import dataclass

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)

SECONDS_PER_STEP = 0.8
"""How long a step is on view at speed 1."""

GLIDE_SECONDS = 0.18
"""How long the window takes from one step to the next."""

LINEAR_FROM = 4.0
"""From this speed on the glide fills the whole step and is linear: easing would stutter."""

CUT_FROM = 16.0
"""From this speed on steps are cut: nothing could be seen of a glide."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What the picture shows: ``step``, ``blend`` (0 to 1) of the way there from ``previous``."""

    previous: int
    step: int
    blend: float

    @property
    def arrived(self) -> int:
        """Return the step whose values are on view: they appear half-way, and never count up."""
        return self.step if self.blend >= 0.5 else self.previous


class Timeline:
    """Play, pause, step, seek, in both directions, over ``length`` steps."""

    def __init__(self, length: int) -> None:
        """Start at the first step, pausing.

        Raises:
            ValueError: ``length`` is not positive.
        """
        self.length = _checked(length)
        self.step = 0
        self.playing = False
        self.direction = 1
        self.loop = False
        self.reduced_motion = False
        self._speed = 1.0
        self._previous = 0
        # Both are fractions and not seconds, so that a change of speed moves nothing.
        self._glided = 1.0  # of the way from `_previous` to `step`
        self._waited = 0.0  # of the time that a step is on view while playing
        self._linear = False  # whether the present glide is linear; fixed where it starts

    @property
    def speed(self) -> float:
        """Return how many times faster than normal it plays."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        if speed not in SPEEDS:
            listed = ", ".join(f"{known:g}" for known in SPEEDS)
            raise ValueError(f"The speed is {speed:g}: choose one of {listed}.")
        self._speed = speed

    @property
    def moment(self) -> Moment:
        """Return what the picture shows now."""
        glided = 1.0 if self.reduced_motion else self._glided
        blend = glided if self._linear else glided * glided * (3 - 2 * glided)
        return Moment(self._previous, self.step, blend)

    @property
    def moving(self) -> bool:
        """Return whether time changes the picture, now or soon."""
        return self.playing or self.moment.blend < 1

    @property
    def at_first(self) -> bool:
        """Return whether the first step is on view."""
        return self.step == 0

    @property
    def at_last(self) -> bool:
        """Return whether the last step is on view."""
        return self.step == self.length - 1

    def play(self, direction: int = 1) -> None:
        """Play forwards (1) or backwards (-1); from the far end, start over."""
        direction = 1 if direction >= 0 else -1
        if self.playing and direction == self.direction:
            return
        self.direction = direction
        if self._at_end():
            self._cut(0 if direction > 0 else self.length - 1)
        self.playing = True
        self._waited = 0.0

    def pause(self) -> None:
        """Stop playing; a glide that has begun is finished."""
        self.playing = False

    def toggle(self) -> None:
        """Play if pausing, pause if playing."""
        if self.playing:
            self.pause()
        else:
            self.play()

    def forward(self) -> None:
        """Pause and go one step on."""
        self.pause()
        self._glide_to(min(self.step + 1, self.length - 1))

    def back(self) -> None:
        """Pause and go one step back."""
        self.pause()
        self._glide_to(max(self.step - 1, 0))

    def first(self) -> None:
        """Pause and go to the first step."""
        self.pause()
        self._cut(0)

    def last(self) -> None:
        """Pause and go to the last step."""
        self.pause()
        self._cut(self.length - 1)

    def seek(self, step: int) -> None:
        """Go to a step, still playing if it was; beyond either end means that end."""
        self._cut(min(max(step, 0), self.length - 1))
        self._waited = 0.0

    def resize(self, length: int, step: int) -> None:
        """Take another number of steps, as another level has, and go to ``step`` of them.

        Raises:
            ValueError: ``length`` is not positive.
        """
        self.length = _checked(length)
        self.seek(step)

    def tick(self, seconds: float) -> bool:
        """Let a finite time pass; return whether the picture changed, or playing has ended."""
        if seconds <= 0 or not self.moving:
            return False
        before = self.moment, self.playing
        duration = self._glide_duration()
        self._glided = min(1.0, self._glided + seconds / duration) if duration else 1.0
        if self.playing:
            passed, self._waited = divmod(self._waited + seconds / self._period, 1.0)
            if passed:
                self._advance(int(passed))
        return (self.moment, self.playing) != before

    def _advance(self, steps: int) -> None:
        """Go on by as many steps as have passed; the time over since counts for the last."""
        target = self.step + self.direction * steps
        if self.loop:
            target %= self.length
        else:
            target = min(max(target, 0), self.length - 1)
        duration = self._glide_duration()
        if steps == 1 and target == self.step + self.direction and duration:
            self._glide_to(target)
            self._glided = min(1.0, self._waited * self._period / duration)
        else:
            self._cut(target)
        if self._at_end() and not self.loop:
            self.pause()

    @property
    def _period(self) -> float:
        """How many seconds a step is on view while playing."""
        return SECONDS_PER_STEP / self._speed

    def _at_end(self) -> bool:
        return self.at_last if self.direction > 0 else self.at_first

    def _glide_duration(self) -> float:
        """Return how many seconds a glide takes; 0 where steps are cut."""
        if not self.playing or self._speed < LINEAR_FROM:
            return GLIDE_SECONDS
        return 0.0 if self._speed >= CUT_FROM else self._period

    def _glide_to(self, step: int) -> None:
        if step == self.step:
            return
        if step == self._previous and self._glided < 1:
            self._glided = 1 - self._glided  # turn round where the picture is
        else:
            self._glided = 0.0
            self._linear = self.playing and self._speed >= LINEAR_FROM
        self._previous, self.step = self.step, step

    def _cut(self, step: int) -> None:
        self._previous = self.step = step
        self._glided = 1.0


def _checked(length: int) -> int:
    if length < 1:
        raise ValueError(f"A timeline needs at least one step, not {length}.")
    return length
