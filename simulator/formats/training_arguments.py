"""What optimizers, learning-rate schedules, losses, metrics and callbacks can be given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from simulator.formats.argument_types import (
    Argument,
    Choice,
    Numbers,
    Real,
    Text,
    Truth,
    Whole,
    near,
)
from simulator.formats.json_values import Json, SpecError


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """One optimizer, loss, metric, schedule or callback. `names` are all that Keras knows it by."""

    kind: str
    title: str
    summary: str
    arguments: tuple[Argument, ...] = ()
    names: tuple[str, ...] = ()

    def argument(self, name: str) -> Argument:
        """The argument of that name. Raises SpecError, with the nearest that there is."""
        for each in self.arguments:
            if each.name == name:
                return each
        names = tuple(each.name for each in self.arguments)
        raise SpecError(
            f"{self.kind} has no argument {name!r}"
            f"{': it has ' + ', '.join(names) if names else ''}.{near(name, names)}",
            argument=name,
        )

    def check(self, given: Mapping[str, Json]) -> dict[str, Json]:
        """Return the arguments, checked, those with their default left out. Raises SpecError."""
        result: dict[str, Json] = {}
        for name, value in given.items():
            argument = self.argument(name)
            try:
                checked = argument.check(value)
            except SpecError as error:
                raise SpecError(f"{self.kind}: {error}", argument=name) from error
            if argument.needed or checked != argument.default:
                result[name] = checked
        for argument in self.arguments:
            if argument.needed and argument.name not in result:
                raise SpecError(
                    f"{self.kind}: {argument.name} is missing: choose {argument.bounds()}.",
                    argument=argument.name,
                )
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate(Argument):
    """A learning rate: a number, or a schedule {"class_name": …, "config": …}."""

    def _checked(self, value: Json) -> Json:
        if isinstance(value, dict):
            return checked(SCHEDULES, value, "schedule")
        return LEARNING_RATE.check(value)

    def bounds(self) -> str:
        """The number's bounds."""
        return f"{LEARNING_RATE.bounds()}, or a schedule"


LEARNING_RATE = Real(
    name="learning_rate", label="Learning rate", help="How far each step goes.", default=0.001,
    maximum=100.0, live=True,
)  # fmt: skip
_CLIPS = tuple(
    Real(name=name, label=label, help=told, maximum=1e6, optional=True, more=True, live=True)
    for name, label, told in (
        ("weight_decay", "Weight decay", "How fast weights shrink by themselves."),
        ("clipnorm", "Clip norm", "The longest gradient of one weight array."),
        ("clipvalue", "Clip value", "The largest number in a gradient."),
        ("global_clipnorm", "Clip norm of all", "The longest gradient of all weights together."),
    )
)
_AVERAGED: tuple[Argument, ...] = (
    Truth(name="use_ema", label="Averaged weights", default=False, more=True,
          help="Whether training ends with the weights' moving average."),
    Real(name="ema_momentum", label="Average's momentum", default=0.99, more=True,
         help="How slowly the average follows."),
    Whole(name="ema_overwrite_frequency", label="Average put in every", optional=True, more=True,
          help="Steps after which weights become their average; None: at the end."),
    Whole(name="gradient_accumulation_steps", label="Batches a step", optional=True, more=True,
          minimum=2, maximum=100_000, help="Gradients of so many batches make one step."),
)  # fmt: skip


def _share(name: str, default: float, told: str) -> Real:
    return Real(name=name, label=name.replace("_", " ").capitalize(), help=told, default=default,
                maximum=1.0, below=True, more=True)  # fmt: skip


def _optimizer(kind: str, summary: str, *own: Argument, rate: float = 0.001) -> Kind:
    learning_rate = Rate(
        name="learning_rate", label="Learning rate", help="How far each step goes.", default=rate,
        live=True,
    )  # fmt: skip
    mine = {each.name for each in own}
    common = (each for each in (*_CLIPS, *_AVERAGED) if each.name not in mine)
    return Kind(kind, kind, summary, (learning_rate, *own, *common), (kind.lower(),))


_EPSILON = Real(
    name="epsilon", label="Epsilon", help="Keeps a quotient finite.", default=1e-7, maximum=1.0,
    more=True,
)  # fmt: skip
_BETAS = (
    _share("beta_1", 0.9, "How slowly the mean gradient follows."),
    _share("beta_2", 0.999, "How slowly the mean square follows."),
)
_AMSGRAD = Truth(name="amsgrad", label="AMSGrad", default=False, more=True,
                 help="Whether the largest mean square so far counts.")  # fmt: skip


def _momentum(default: float = 0.0) -> Real:
    return Real(name="momentum", label="Momentum", default=default, maximum=1.0, below=True,
                help="How much of the last step goes on.", live=True)  # fmt: skip


OPTIMIZERS: Mapping[str, Kind] = MappingProxyType(
    {
        each.kind: each
        for each in (
            _optimizer("SGD", "Straight down the gradient.", _momentum(),
                       Truth(name="nesterov", label="Nesterov", default=False, more=True,
                             help="Whether the gradient is taken ahead."), rate=0.01),
            _optimizer("RMSprop", "Steps scaled by recent gradients.",
                       _share("rho", 0.9, "How slowly the mean square follows."), _momentum(),
                       _EPSILON,
                       Truth(name="centered", label="Centered", default=False, more=True,
                             help="Whether the variance is used.")),
            _optimizer("Adam", "Momentum and scaled steps together.", *_BETAS, _EPSILON, _AMSGRAD),
            _optimizer("AdamW", "Adam, with weights that shrink by themselves.",
                       Real(name="weight_decay", label="Weight decay", default=0.004, maximum=1.0,
                            help="How fast weights shrink by themselves.", live=True),
                       *_BETAS, _EPSILON, _AMSGRAD),
            _optimizer("Adagrad", "Steps scaled by all gradients so far.",
                       Real(name="initial_accumulator_value", label="Start", default=0.1,
                            maximum=1e3, help="The sum of squares to begin with.", more=True),
                       _EPSILON),
            _optimizer("Nadam", "Adam with Nesterov's momentum.", *_BETAS, _EPSILON),
        )
    }
)  # fmt: skip
"""Every optimizer by the name of its class."""


def _number(name: str, default: float | None = None, maximum: float = 1e9) -> Real:
    return Real(name=name, label=name.replace("_", " ").capitalize(), help="",
                default=default, needed=default is None, start=0.01, maximum=maximum)  # fmt: skip


def _steps(name: str) -> Whole:
    return Whole(name=name, label=name.replace("_", " ").capitalize(), help="In batches.",
                 needed=True, start=1000, maximum=10**9)  # fmt: skip


_STAIRCASE = Truth(name="staircase", label="Staircase", default=False, help="In whole steps.")
_FIRST = _number("initial_learning_rate", maximum=100.0)

SCHEDULES: Mapping[str, Kind] = MappingProxyType(
    {
        each.kind: each
        for each in (
            Kind("ExponentialDecay", "Exponential decay", "rate · decay^(step / steps)",
                 (_FIRST, _steps("decay_steps"), _number("decay_rate"), _STAIRCASE)),
            Kind("InverseTimeDecay", "Inverse time decay", "rate / (1 + decay · step / steps)",
                 (_FIRST, _steps("decay_steps"), _number("decay_rate"), _STAIRCASE)),
            Kind("PiecewiseConstantDecay", "Piecewise constant", "One rate after another.",
                 (Numbers(name="boundaries", label="Boundaries", help="In batches.", needed=True,
                          start=(1000,)),
                  Numbers(name="values", label="Values", help="One more than boundaries.",
                          needed=True, start=(0.01, 0.001)))),
            Kind("PolynomialDecay", "Polynomial decay", "From one rate to another.",
                 (_FIRST, _steps("decay_steps"), _number("end_learning_rate", 1e-4),
                  _number("power", 1.0), Truth(name="cycle", label="Cycle", default=False,
                                               help="Whether it begins anew."))),
            Kind("CosineDecay", "Cosine decay", "Half a cosine.",
                 (_FIRST, _steps("decay_steps"), _number("alpha", 0.0),
                  Real(name="warmup_target", label="Warm-up target", help="", optional=True,
                       maximum=100.0),
                  Whole(name="warmup_steps", label="Warm-up steps", help="", default=0, minimum=0,
                        maximum=10**9))),
            Kind("CosineDecayRestarts", "Cosine decay with restarts", "Cosines in a row.",
                 (_FIRST, _steps("first_decay_steps"), _number("t_mul", 2.0),
                  _number("m_mul", 1.0), _number("alpha", 0.0))),
        )
    }
)  # fmt: skip
"""Every learning-rate schedule by the name of its class."""

_LOGITS = Truth(
    name="from_logits", label="From logits", default=False,
    help="Whether outputs are sums that no sigmoid or softmax has turned into probabilities.",
)  # fmt: skip
_AXIS = Whole(name="axis", label="Axis", help="", default=-1, minimum=-8, maximum=8, more=True)
_SMOOTHING = Real(name="label_smoothing", label="Label smoothing", default=0.0,
                  help="How far targets are drawn to the middle.")  # fmt: skip
_REDUCTION = Choice(
    name="reduction", label="Reduction", default="sum_over_batch_size", more=True, optional=True,
    options=("sum_over_batch_size", "sum", "mean"), help="How a batch's losses become one number.",
)  # fmt: skip
_NAME = Text(name="name", label="Name", help="", optional=True, more=True)

LOSSES: Mapping[str, Kind] = MappingProxyType(
    {
        each.kind: each
        for each in (
            Kind("MeanSquaredError", "Mean squared error", "For numbers.", (_REDUCTION, _NAME),
                 ("mse", "MSE", "mean_squared_error")),
            Kind("MeanAbsoluteError", "Mean absolute error", "For numbers with outliers.",
                 (_REDUCTION, _NAME), ("mae", "MAE", "mean_absolute_error")),
            Kind("Huber", "Huber", "Squares near 0, absolute values far away.",
                 (Real(name="delta", label="Delta", help="Where the one becomes the other.",
                       default=1.0, maximum=1e6), _REDUCTION, _NAME), ("huber", "huber_loss")),
            Kind("BinaryCrossentropy", "Binary cross-entropy", "For yes or no.",
                 (_LOGITS, _SMOOTHING, _AXIS, _REDUCTION, _NAME),
                 ("binary_crossentropy", "bce", "BCE")),
            Kind("CategoricalCrossentropy", "Categorical cross-entropy",
                 "For classes, as rows of zeros and a one.",
                 (_LOGITS, _SMOOTHING, _AXIS, _REDUCTION, _NAME), ("categorical_crossentropy",)),
            Kind("SparseCategoricalCrossentropy", "Sparse categorical cross-entropy",
                 "For classes, as whole numbers.",
                 (_LOGITS, Whole(name="ignore_class", label="Ignored class", help="",
                                 optional=True, minimum=-1, more=True), _AXIS, _REDUCTION, _NAME),
                 ("sparse_categorical_crossentropy",)),
            Kind("KLDivergence", "Kullback–Leibler divergence", "Between distributions.",
                 (_REDUCTION, _NAME),
                 ("kl_divergence", "kld", "KLD", "kullback_leibler_divergence")),
            Kind("Hinge", "Hinge", "For targets of −1 and 1.", (_REDUCTION, _NAME), ("hinge",)),
        )
    }
)  # fmt: skip
"""Every loss by the name of its class."""

_TOP = Whole(name="k", label="k", help="Among how many of the best.", default=5, maximum=100_000)
_THRESHOLDS = Real(name="thresholds", label="Threshold", help="From where on it is a yes.",
                   optional=True)  # fmt: skip

METRICS: Mapping[str, Kind] = MappingProxyType(
    {
        each.kind: each
        for each in (
            Kind("Accuracy", "Accuracy", "The share of right answers.", (_NAME,),
                 ("accuracy", "acc")),
            Kind("BinaryAccuracy", "Binary accuracy", "Of yes or no.",
                 (_NAME, Real(name="threshold", label="Threshold", help="From where on it is yes.",
                              default=0.5)), ("binary_accuracy",)),
            Kind("CategoricalAccuracy", "Categorical accuracy", "", (_NAME,),
                 ("categorical_accuracy",)),
            Kind("SparseCategoricalAccuracy", "Sparse categorical accuracy", "", (_NAME,),
                 ("sparse_categorical_accuracy",)),
            Kind("TopKCategoricalAccuracy", "Among the best k", "", (_TOP, _NAME),
                 ("top_k_categorical_accuracy",)),
            Kind("SparseTopKCategoricalAccuracy", "Among the best k, sparse", "", (_TOP, _NAME),
                 ("sparse_top_k_categorical_accuracy",)),
            Kind("MeanSquaredError", "Mean squared error", "", (_NAME,),
                 ("mse", "MSE", "mean_squared_error")),
            Kind("RootMeanSquaredError", "Root of the mean squared error", "", (_NAME,),
                 ("root_mean_squared_error",)),
            Kind("MeanAbsoluteError", "Mean absolute error", "", (_NAME,),
                 ("mae", "MAE", "mean_absolute_error")),
            Kind("Precision", "Precision", "Of what was called yes, how much is.",
                 (_THRESHOLDS, _NAME), ("precision",)),
            Kind("Recall", "Recall", "Of what is yes, how much was found.", (_THRESHOLDS, _NAME),
                 ("recall",)),
            Kind("AUC", "Area under the curve", "How well yes is told from no at any threshold.",
                 (Whole(name="num_thresholds", label="Thresholds", help="Along the curve.",
                        default=200, minimum=2, maximum=10_000),
                  Choice(name="curve", label="Curve", help="ROC, or precision and recall.",
                         default="ROC", options=("ROC", "PR")),
                  Choice(name="summation_method", label="Sums", help="", default="interpolation",
                         options=("interpolation", "minoring", "majoring"), more=True),
                  _NAME, _LOGITS), ("auc", "AUC")),
            Kind("BinaryCrossentropy", "Binary cross-entropy", "", (_NAME, _LOGITS),
                 ("binary_crossentropy", "bce", "BCE")),
            Kind("CategoricalCrossentropy", "Categorical cross-entropy", "", (_NAME, _LOGITS),
                 ("categorical_crossentropy",)),
            Kind("SparseCategoricalCrossentropy", "Sparse categorical cross-entropy", "",
                 (_NAME, _LOGITS), ("sparse_categorical_crossentropy",)),
            Kind("KLDivergence", "Kullback–Leibler divergence", "", (_NAME,), ("kl_divergence",)),
            Kind("Hinge", "Hinge", "", (_NAME,), ("hinge",)),
        )
    }
)  # fmt: skip
"""Every metric by the name of its class."""

_MONITOR = Text(name="monitor", label="Watched", help="A loss or metric.", default="val_loss")
_MODE = Choice(name="mode", label="Mode", help="", default="auto", options=("auto", "min", "max"),
               more=True)  # fmt: skip
_VERBOSE = Whole(name="verbose", label="Verbose", help="", default=0, minimum=0, maximum=2,
                 more=True)  # fmt: skip


def _patience(default: int) -> Whole:
    return Whole(name="patience", label="Patience", help="So many epochs without improvement.",
                 default=default, minimum=0, maximum=100_000)  # fmt: skip


CALLBACKS: Mapping[str, Kind] = MappingProxyType(
    {
        each.kind: each
        for each in (
            Kind("EarlyStopping", "Early stopping", "Ends training that no longer improves.",
                 (_MONITOR, _number("min_delta", 0.0), _patience(0), _VERBOSE, _MODE,
                  Real(name="baseline", label="Baseline", help="To be reached.", optional=True,
                       minimum=-1e9, maximum=1e9),
                  Truth(name="restore_best_weights", label="Restore the best weights",
                        help="", default=False),
                  Whole(name="start_from_epoch", label="From epoch", help="", default=0,
                        minimum=0))),
            Kind("ReduceLROnPlateau", "Reduce on plateau",
                 "Makes the learning rate smaller when nothing improves.",
                 (_MONITOR, _share("factor", 0.1, "What the rate is multiplied with."),
                  _patience(10), _VERBOSE, _MODE, _number("min_delta", 1e-4),
                  Whole(name="cooldown", label="Cooldown", help="", default=0, minimum=0),
                  _number("min_lr", 0.0))),
        )
    }
)  # fmt: skip
"""Every callback that can be told in a description."""


def kind_named(kinds: Mapping[str, Kind], name: str, what: str) -> Kind:
    """The kind of that class name or other name. Raises SpecError, with the nearest."""
    for kind in kinds.values():
        if name == kind.kind or name in kind.names or name.lower() == kind.kind.lower():
            return kind
    every = [each for kind in kinds.values() for each in (*kind.names, kind.kind)]
    raise SpecError(
        f"There is no {what} {name!r} here: choose one of {', '.join(kinds)}.{near(name, every)}"
    )


def checked(kinds: Mapping[str, Kind], value: Json, what: str) -> Json:
    """Return a name or an object {"class_name": …, "config": …}, checked. Raises SpecError."""
    if isinstance(value, str):
        kind_named(kinds, value, what)
        return value
    if not isinstance(value, Mapping) or not isinstance(value.get("class_name"), str):
        raise SpecError(f"The {what} is {value!r}: give a name, such as {next(iter(kinds))!r}.")
    kind = kind_named(kinds, value["class_name"], what)
    config: Any = value.get("config", {})
    if not isinstance(config, Mapping):
        raise SpecError(f"The {what} {kind.kind} has the config {config!r}: give an object.")
    return {"class_name": kind.kind, "config": kind.check(config)}
