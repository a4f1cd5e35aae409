"""What the training's thread does, one turn at a time: commands, then training, then a look.

It knows nothing of Qt, and a test drives it with a clock of its own. Whatever the window asks for
is put into a queue, and what came of it is taken out again: the latest snapshot alone, at most 30
times a second, and all that there is to tell.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from threading import Condition
from time import perf_counter
from typing import Generic, TypeVar

from simulator.engine.training import Diverged, EpochEnd
from simulator.gui.lab.look_times import EARLY, FRAME, LookTimes
from simulator.gui.lab.training_news import News, Told, Training
from simulator.lab import Astray, Silent, Stopped, View, Wanted

PATIENCE = 0.2
"""Seconds that a first look may take without a part of it being shown before the whole."""
LOOKING_SHARE = 0.02
"""The part of the time that may go into looking while it trains at full speed."""
SAVED = 0.1
"""Seconds of looking that are saved up, or owed, at most."""
SLOW_SHARE = 0.5
"""The same where there is time between two batches."""
LONGEST = 0.25
"""Seconds between two looks for which there is time to look; more is not saved up."""
SHOWING_SHARE = 0.1
"""The part of the time that showing may take: the window shares Python's lock with it."""
SHOWN_AHEAD, SHOWN_BEHIND = 0.05, 0.1
"""Seconds of showing that are saved up, or owed, at most: no long pause for what came once."""
SLICE = 1 / 60
"""Seconds of training in one turn at least; commands get theirs after ``FRAME`` at most."""
FULL_SPEED = float("inf")

Driven = TypeVar("Driven", bound=Training)


class TrainingLoop(Generic[Driven]):
    """Commands in, news out. ``turn`` is the thread's, everything else any thread's."""

    def __init__(
        self,
        told: Callable[[], None] = lambda: None,
        *,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        """``told`` is called, in the thread's midst, when there is news and none was waiting."""
        self._announced = told
        self._clock = clock
        self._wake = Condition()
        self._jobs: deque[Callable[[Driven], object]] = deque()
        self._make: Callable[[], Driven] | None = None
        self._describe: Callable[[Driven], object] = id
        self._training: Driven | None = None
        self._target: tuple[int, int] | None = None
        self._wanted = Wanted()
        self._playing = self._until_epoch = False
        self._batches = 0  # still to be trained one by one, while paused
        self._speed = FULL_SPEED
        self._look_again = False
        self._looks = LookTimes()
        self._last_look = 0.0
        self._owed = 0.0  # seconds of looking beyond what was given for it
        self._owed_showing = 0.0  # likewise of showing
        self._last_shown = 0.0
        self._shown: dict[View, float] = {}  # what showing took, which the training wasn't told yet
        self._next_batch = 0.0
        self._closed = False
        self._busy = False
        self._snapshot: object | None = None
        self._told: list[Told] = []
        self._opened: object | None = None
        self._refused: Exception | None = None
        self._faults: list[BaseException] = []
        self._given: list[object] = []
        self._waiting = False  # whether there is news that nobody has taken
        self._moved = False  # whether it was trained with a batch since the last look

    # For the window

    def open(
        self,
        make: Callable[[], Driven],
        describe: Callable[[Driven], object] = id,
    ) -> None:
        """Drive another training, which ``make`` makes in the thread; ``describe`` tells of it."""
        with self._wake:
            self._make, self._describe = make, describe
            self._opened = self._refused = None
            self._playing = self._until_epoch = False
            self._batches = 0
            self._target = None
            self._jobs.clear()
            self._snapshot = None
            self._wake.notify()

    def play(self, *, to_epoch: bool = False) -> None:
        """Train on, to the end of the epoch or until it is paused."""
        with self._wake:
            self._playing, self._until_epoch = True, to_epoch
            self._target = None
            self._wake.notify()

    def pause(self) -> None:
        """Train no further."""
        with self._wake:
            self._playing = self._until_epoch = False
            self._batches = 0
            self._look_again = True
            self._wake.notify()

    def step(self) -> None:
        """Train with one batch."""
        with self._wake:
            self._playing = False
            self._batches += 1
            self._wake.notify()

    def set_speed(self, batches_per_second: float) -> None:
        """Train with no more batches in a second."""
        with self._wake:
            self._speed = batches_per_second
            self._next_batch = 0.0
            self._wake.notify()

    def want(self, wanted: Wanted) -> None:
        """Look at other things from now on."""
        with self._wake:
            if wanted != self._wanted:
                self._wanted = wanted
                self._look_again = True
                self._wake.notify()

    def seek(self, branch: int, step: int) -> None:
        """Go to a step of a branch; the last wish counts."""
        with self._wake:
            self._playing = self._until_epoch = False
            self._batches = 0
            self._target = branch, step
            self._wake.notify()

    def do(self, job: Callable[[Driven], object]) -> None:
        """Have something done with the training, between two batches."""
        with self._wake:
            self._jobs.append(job)
            self._wake.notify()

    def tell(self, told: Told) -> None:
        """Add to the news, from a job for instance."""
        with self._wake:
            self._told.append(told)
        self._announce()

    def give(self, found: object) -> None:
        """Add what a job found to the news."""
        with self._wake:
            self._given.append(found)
        self._announce()

    def close(self) -> None:
        """Do nothing more; the present turn ends soon."""
        with self._wake:
            self._closed = True
            self._playing = False
            self._wake.notify()

    @property
    def playing(self) -> bool:
        """Return whether it trains on until it is paused."""
        return self._playing

    @property
    def training(self) -> Driven | None:
        """Return what it drives, for one who has ended its thread."""
        return self._training

    @property
    def waiting(self) -> bool:
        """Return whether there is news that nobody has taken."""
        return self._waiting

    def take(self) -> News:
        """Return what is new."""
        with self._wake:
            self._waiting = False
            news = News(
                *(self._snapshot, tuple(self._told), self._playing, self._busy),
                *(self._opened, self._refused, tuple(self._faults), tuple(self._given)),
            )
            self._given.clear()
            self._snapshot = self._opened = self._refused = None
            self._told.clear()
            self._faults.clear()
            return news

    def shown(self, seconds: float, costs: Mapping[View, float] | None = None) -> None:
        """Say how long it took to show a snapshot, and each view of it: after one that took more
        than its part of the time the next comes later; what is shown of a pause does not count.
        """
        with self._wake:
            now = self._clock()
            taken = seconds if self._playing else 0.0
            owed = self._owed_showing + taken - SHOWING_SHARE * (now - self._last_shown)
            self._owed_showing = min(max(owed, -SHOWN_AHEAD), SHOWN_BEHIND)
            self._last_shown = now
            self._looks.put_off(now + max(self._owed_showing, 0.0) / SHOWING_SHARE)
            self._shown.update(costs or {})

    # For the thread

    def run(self) -> None:
        """Take turns until it is closed."""
        while self.turn():
            with self._wake:
                if self._idle():
                    self._wake.wait()
                elif (rest := self._rest()) > 0:
                    self._wake.wait(rest)

    def turn(self) -> bool:
        """Do what was asked for, train a little, and look; False once it is closed."""
        with self._wake:
            if self._closed:
                return False
            make, self._make = self._make, None
            describe = self._describe
            jobs = list(self._jobs)
            self._jobs.clear()
        try:
            if make is not None:
                self._open(make, describe)
            if self._training is not None:
                self._turn(self._training, jobs)
        except (ValueError, MemoryError) as error:  # what can't be done, in a sentence
            self._stop(Told(str(error), error=True))
        except Exception as error:
            self._stop(None)
            self._add_fault(error)
        finally:
            self._set_busy(False)
        return not self._closed

    def _open(self, make: Callable[[], Driven], describe: Callable[[Driven], object]) -> None:
        self._training = None
        self._set_busy(True)
        try:
            training = make()
            opened = describe(training)
        except (ValueError, MemoryError) as error:
            with self._wake:
                if self._make is None:  # else nobody wants it any more
                    self._refused = error
                self._playing = False
                self._look_again = False
            return
        with self._wake:
            self._training = training
            if self._make is None:
                self._opened = opened
            self._look_again = True
            wanted = self._wanted.at_first
        started = self._clock()  # all that is wanted of a deep network may take a minute
        snapshot = training.snapshot(wanted)
        if self._clock() - started > PATIENCE:
            self._publish(snapshot)

    def _turn(self, training: Driven, jobs: Sequence[Callable[[Driven], object]]) -> None:
        for index, job in enumerate(jobs):
            try:
                job(training)
            except BaseException:
                with self._wake:  # the others are still to be done
                    self._jobs.extendleft(reversed(jobs[index + 1 :]))
                    self._look_again = True
                raise
            self._look_again = True
        with self._wake:
            target, self._target = self._target, None
        if target is not None and self._go(training, *target):
            self._look_again = True
        if self._due_batch():
            self._train(training)
        due = self._moved and self._clock() >= self._looks.next - EARLY and self._snapshot is None
        if self._look_again or due:
            self._look(training)

    def _train(self, training: Driven) -> None:
        if self._batches or self._speed < FULL_SPEED:
            events = training.run_for(batches=1)
            self._next_batch = self._clock() + (0 if self._batches else 1 / self._speed)
        else:
            # Up to the next look in one go: each turn costs, and commands wait no longer than that.
            seconds = max(self._looks.next - self._clock(), SLICE)
            events = training.run_for(
                seconds=min(seconds, FRAME), epochs=1 if self._until_epoch else None
            )
        self._moved = True
        with self._wake:
            if self._batches:
                self._batches -= 1
                self._look_again = self._batches == 0
        for event in events:
            if isinstance(event, Diverged | Astray):
                self._stop(Told.of(training.explain()))
            elif isinstance(event, Silent):
                self.tell(Told(event.text))
            elif isinstance(event, Stopped):
                self._stop(Told(event.text, over=True))
            elif isinstance(event, EpochEnd) and self._until_epoch:
                self._stop(None)

    def _look(self, training: Driven) -> None:
        with self._wake:
            wanted, whole = self._wanted, self._look_again or not self._playing
            self._look_again = False
            costs, self._shown = self._shown, {}
        if costs:
            training.note_shown(costs)
        started = self._clock()
        self._looks.look(started)
        if whole:
            snapshot = training.snapshot(wanted)
        else:
            # Looking takes its part of the time. What is owed is no pause: views wait longer for
            # their turn, but the cheap ones come.
            share = LOOKING_SHARE if self._speed == FULL_SPEED else SLOW_SHARE
            given = min(started - self._last_look, LONGEST) * share
            snapshot = training.glance(wanted, max(given - max(self._owed, 0.0), given / 2))
            owed = self._owed + self._clock() - started - given
            self._owed = min(max(owed, -SAVED), SAVED)
        self._last_look = started
        self._moved = False
        self._publish(snapshot)

    def _publish(self, snapshot: object) -> None:
        with self._wake:
            if self._make is None:
                self._snapshot = snapshot
        self._announce()

    def _idle(self) -> bool:
        waiting = self._make is not None or self._jobs or self._target is not None
        going = self._training is not None and (self._playing or self._batches)
        return not (self._closed or waiting or going or self._look_again)

    def _rest(self) -> float:
        """Return how long to wait before the next batch."""
        urgent = self._closed or self._make is not None or self._jobs or self._target is not None
        if urgent or self._batches or self._look_again or self._speed == FULL_SPEED:
            return 0.0
        return self._next_batch - self._clock()

    def _due_batch(self) -> bool:
        with self._wake:
            due = self._speed == FULL_SPEED or self._clock() >= self._next_batch
            return self._batches > 0 or (self._playing and due)

    def _go(self, training: Driven, branch: int, step: int) -> bool:
        return training.go_to(step, branch, stop=self._newer_target)

    def _newer_target(self) -> bool:
        return self._target is not None or self._make is not None or self._closed

    def _stop(self, told: Told | None) -> None:
        with self._wake:
            self._playing = self._until_epoch = False
            self._batches = 0
            self._look_again = self._training is not None and not self._closed
            if told is not None:
                self._told.append(told)
        self._announce()

    def _add_fault(self, fault: BaseException) -> None:
        with self._wake:
            self._faults.append(fault)
            self._look_again = False  # or it would be met again and again
        self._announce()

    def _set_busy(self, busy: bool) -> None:
        if busy != self._busy:
            with self._wake:
                self._busy = busy
            self._announce()

    def _announce(self) -> None:
        with self._wake:
            if self._waiting:
                return
            self._waiting = True
        self._announced()
