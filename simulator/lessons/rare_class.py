"""The lesson in which a Boltzmann machine draws more samples of a class that is rare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.rbm import BernoulliRBM
from simulator.lessons import entries, rare_trials
from simulator.lessons.boltzmann import DRAWS, EPOCHS, HIDDEN, SEED
from simulator.lessons.compression_data import refuse_grey
from simulator.lessons.controls import IntegerControl, Settings
from simulator.lessons.labelled_digits import labelled_digits
from simulator.lessons.lesson import Lesson, LessonState
from simulator.traces.balanced import BalancedTrace
from simulator.traces.formula import Fact, Message
from simulator.traces.numbers import count

Array = NDArray[Any]

DIGIT = IntegerControl(
    name="digit",
    label="Rare digit",
    section="Data",
    default=8,
    minimum=0,
    maximum=9,
    help="The class that there are only a few pictures of.",
)
KEPT = IntegerControl(
    name="kept",
    label="Real ones",
    section="Data",
    default=5,
    minimum=1,
    maximum=50,
    help="How many pictures of it there are; of each other digit there are about 100.",
)
UNITS = replace(HIDDEN, default=64)
WALK = IntegerControl(
    name="steps",
    label="Gibbs steps",
    section="Machine",
    default=10,
    minimum=1,
    maximum=30,
    help="How far the chains go. After each step a classifier learns with what they show.",
)
CHANCE = replace(DRAWS, section="Machine")
LEARNED = replace(
    EPOCHS, default=30, help="How often the machine has seen all pictures that are learned from."
)
OWN = IntegerControl(
    name="own_epochs",
    label="On rare ones",
    section="Training",
    default=100,
    minimum=0,
    maximum=300,
    help="Epochs after that with the rare pictures alone.",
)
LAST = replace(SEED, help="Which pictures are held out, and what is drawn in training.")


def arrays(state: LessonState) -> dict[str, Array]:
    """Return the few real pictures (n, R, C) of the rare class."""
    settings = state.settings
    return {"rare": rare_trials.real(DIGIT.of(settings), KEPT.of(settings), LAST.of(settings))}


def build(given: Mapping[str, Array], settings: Settings, backend: Backend) -> BalancedTrace:
    """Return the trace; raises ``StateError`` for a picture that isn't of zeros and ones."""
    rare = given["rare"]
    refuse_grey("rare picture", rare)
    digit, seed = DIGIT.of(settings), LAST.of(settings)
    weights = rare_trials.machine_weights(
        digit,
        KEPT.of(settings),
        UNITS.of(settings),
        LEARNED.of(settings),
        OWN.of(settings),
        seed,
    )
    machine = BernoulliRBM(rare[0].size, UNITS.of(settings), backend=backend)
    for name, weight in machine.weights.items():
        weight[...] = weights[name]
    extra = rare_trials.missing(digit, len(rare), seed)
    held = labelled_digits(seed)
    return BalancedTrace(
        machine,
        rare,
        rare_trials.RareTrials(digit, rare, seed=seed, backend=backend),
        held.held_x,
        held.held_y,
        extra=extra,
        steps=WALK.of(settings),
        seed=CHANCE.of(settings),
        fact=Fact(
            "Training set",
            rf"{len(rare)}\ \text{{real}} + {extra}\ \text{{drawn}}",
            Message(
                "Recall and precision of the rare digit and accuracy of all, on {held} held-out "
                "pictures, {rare} of them rare.",
                {
                    "held": count(len(held.held_x)),
                    "rare": count(int((held.held_y == digit).sum())),
                },
            ),
        ),
    )


def noticed(state: LessonState, _: int) -> str:
    """Return what suits the settings."""
    return "own" if OWN.of(state.settings) else "all"


LESSON = Lesson(
    entry=entries.RARE_CLASS,
    controls=(DIGIT, KEPT, UNITS, WALK, CHANCE, LEARNED, OWN, LAST),
    remakes={"rare": frozenset({"digit", "kept", "seed"})},
    arrays=arrays,
    build=build,
    scene="balance",
    text="rare_class",
    noticed=noticed,
)
