"""A program as a description: a network, how it is trained, on what, and from which seed.

Optimizers, losses, metrics, initializers and the like are names, or objects as Keras writes them:
{"class_name": "L2", "config": {"l2": 0.01}}. The engine takes both as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.formats.argument_types import is_number, is_whole
from simulator.formats.json_values import Json, SpecError, frozen
from simulator.formats.network import NetworkSpec


def made(class_name: str, **config: Json) -> dict[str, Json]:
    """An object as Keras writes it."""
    return {"class_name": class_name, "config": config}


@dataclass(frozen=True, slots=True)
class OptimizerSpec:
    """`kind` is the name of a class in `simulator.engine.optimizers`; `arguments` those given."""

    kind: str = "Adam"
    arguments: Mapping[str, Json] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "arguments", frozen(self.arguments, "optimizer.arguments"))

    def with_argument(self, name: str, value: Json) -> OptimizerSpec:
        """The same optimizer with another value."""
        return OptimizerSpec(self.kind, {**self.arguments, name: value})


@dataclass(frozen=True, slots=True)
class CompileSpec:
    """What `compile` is given.

    `loss` is a name or an object, and `loss_weights` None or a number; or they are one of these for
    each output, in order or by name. `metrics` are names and objects; or lists of them for each
    output, in order or by name. `objectives` checks them.
    """

    optimizer: OptimizerSpec = OptimizerSpec()
    loss: Json = field(default="mse", hash=False)
    metrics: Json = field(default=(), hash=False)
    loss_weights: Json = field(default=None, hash=False)

    def __post_init__(self) -> None:
        metrics = self.metrics if isinstance(self.metrics, Mapping) else tuple(self.metrics)
        object.__setattr__(self, "loss", frozen(self.loss, "compile.loss"))
        object.__setattr__(self, "metrics", frozen(metrics, "compile.metrics"))
        object.__setattr__(self, "loss_weights", frozen(self.loss_weights, "compile.loss_weights"))


@dataclass(frozen=True, slots=True)
class FitSpec:
    """What `fit` is given.

    `validation` says that the program validates on data of its own (`validation_data`), which are
    the validation part of the chosen data set. `callbacks` are objects of classes in
    `simulator.engine.callbacks`.
    """

    epochs: int = 1
    batch_size: int = 32
    validation_split: float = 0.0
    validation: bool = False
    shuffle: bool = True
    class_weight: Mapping[str, float] = field(default_factory=dict, hash=False)
    callbacks: tuple[Json, ...] = field(default=(), hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "class_weight", frozen(self.class_weight, "fit.class_weight"))
        object.__setattr__(self, "callbacks", frozen(tuple(self.callbacks), "fit.callbacks"))
        for name in ("epochs", "batch_size"):
            value = getattr(self, name)
            if not is_whole(value) or value < 1:
                raise SpecError(
                    f"{name} is {value!r}: it must be a whole number of 1 or more.",
                    place=name,
                    argument=name,
                )
        split = self.validation_split
        if not is_number(split) or not 0 <= split < 1:
            raise SpecError(
                f"validation_split is {split!r}: it must be at least 0 and less than 1.",
                place="validation_split",
                argument="validation_split",
            )


@dataclass(frozen=True, slots=True)
class DataSpec:
    """What the program says of its data.

    Data that the program makes up itself are told by `x` and `y` (and `x_validation`,
    `y_validation`), expressions that `simulator.formats.made_data` computes, or one for each input
    or output, in order or by name. Where they are None the data are those that the learner chooses;
    `wanted` is then what the program asked for ("mnist", a file's name), if anything, and
    `variables` the names under which it uses them.
    """

    x: Json = field(default=None, hash=False)
    y: Json = field(default=None, hash=False)
    x_validation: Json = field(default=None, hash=False)
    y_validation: Json = field(default=None, hash=False)
    wanted: str = ""
    variables: tuple[str, ...] = ()
    one_hot: bool = False
    """Whether targets are rows of zeros and a one (`to_categorical`)."""
    classes: int | None = None
    itself: bool = False
    """Whether what goes in is what is to come out (`fit(x, x)`)."""

    def __post_init__(self) -> None:
        for name in ("x", "y", "x_validation", "y_validation"):
            object.__setattr__(self, name, frozen(getattr(self, name), f"data.{name}"))
        object.__setattr__(self, "variables", tuple(self.variables))

    @property
    def made_up(self) -> bool:
        """Whether the program itself makes what it trains on."""
        return self.x is not None and self.y is not None


@dataclass(frozen=True, slots=True)
class ProgramSpec:
    """All of a program. `seed` settles everything that is random about it."""

    network: NetworkSpec
    compile: CompileSpec = CompileSpec()
    fit: FitSpec = FitSpec()
    data: DataSpec | None = None
    seed: int = 0
