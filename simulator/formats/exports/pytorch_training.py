"""Loss, metric, optimizer and the training loop of a PyTorch export."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from simulator.formats import objectives, training_arguments
from simulator.formats.exports.writing import ExportError
from simulator.formats.json_values import Json, SpecError
from simulator.formats.program import CompileSpec, OptimizerSpec


def loss_functions(spec: CompileSpec, outputs: Sequence[str]) -> str:
    """The source of `loss_of(y, target)`; with several outputs `y` and `target` are one for each.

    Raises ExportError for a loss that has no counterpart.
    """
    losses = _for_outputs(spec.loss, outputs, "loss")
    if len(outputs) == 1:
        return f"def loss_of(y, target):\n    {_loss(losses[0])}\n"
    weights = _for_outputs(spec.loss_weights, outputs, "loss_weights", 1.0)
    functions, terms = [], []
    for number, (given, weight) in enumerate(zip(losses, weights, strict=True)):
        if given is None:
            continue
        functions.append(f"def loss_{number}(y, target):\n    {_loss(given)}\n\n\n")
        factor = "" if weight in (None, 1) else f"{weight!r} * "
        terms.append(f"{factor}loss_{number}(y[{number}], target[{number}])")
    total = "\n        + ".join(terms)
    return "".join(functions) + f"def loss_of(y, target):\n    return (\n        {total}\n    )\n"


def _for_outputs(
    given: Json, outputs: Sequence[str], what: str, otherwise: Json = None
) -> tuple[Json, ...]:
    try:
        return objectives.for_outputs(given, outputs, otherwise)
    except SpecError as error:
        raise ExportError(f"{what}: {error}") from error


def _loss(given: Json) -> str:
    name = given if isinstance(given, str) else given["class_name"]
    config = {} if isinstance(given, str) else given.get("config", {})
    kind = training_arguments.kind_named(training_arguments.LOSSES, name, "loss").kind
    logits = config.get("from_logits", False)
    if config.get("label_smoothing") or config.get("ignore_class") is not None:
        raise ExportError(
            f"The loss {kind} with these arguments cannot be exported: leave them out."
        )
    return "\n    ".join(_LOSSES[kind](logits, config))


def _sparse(logits: bool, config: Mapping[str, Json]) -> list[str]:
    del config
    total = "y" if logits else "torch.log(y.clamp(1e-7, 1 - 1e-7))"
    function = "cross_entropy" if logits else "nll_loss"
    return [f"scores = {total}.flatten(0, -2)",
            f"return F.{function}(scores, target.long().flatten())"]  # fmt: skip


def _categorical(logits: bool, config: Mapping[str, Json]) -> list[str]:
    del config
    if logits:
        return ["return -(target * torch.log_softmax(y, -1)).sum(-1).mean()"]
    return ["y = y / y.sum(-1, keepdim=True)",
            "return -(target * torch.log(y.clamp(1e-7, 1 - 1e-7))).sum(-1).mean()"]  # fmt: skip


def _binary(logits: bool, config: Mapping[str, Json]) -> list[str]:
    del config
    if logits:
        return ["return F.binary_cross_entropy_with_logits(y, target.to(y.dtype).view_as(y))"]
    return ["return F.binary_cross_entropy(y.clamp(1e-7, 1 - 1e-7), target.to(y.dtype).view_as(y))"]


def _plain(expression: str) -> list[str]:
    return ["target = target.to(y.dtype).view_as(y)", f"return {expression}"]


_LOSSES: Mapping[str, Callable[[bool, Mapping[str, Json]], list[str]]] = {
    "MeanSquaredError": lambda _, __: _plain("F.mse_loss(y, target)"),
    "MeanAbsoluteError": lambda _, __: _plain("F.l1_loss(y, target)"),
    "Huber": lambda _, config: _plain(
        f"F.huber_loss(y, target, delta={config.get('delta', 1.0)!r})"
    ),
    "BinaryCrossentropy": _binary,
    "CategoricalCrossentropy": _categorical,
    "SparseCategoricalCrossentropy": _sparse,
    "KLDivergence": lambda _, __: [
        "y, target = y.clamp(1e-7, 1), target.clamp(1e-7, 1)",
        "return (target * torch.log(target / y)).sum(-1).mean()",
    ],
    "Hinge": lambda _, __: [
        "target = torch.where(target == 0, -1.0, target.to(y.dtype)).view_as(y)",
        "return torch.relu(1 - target * y).mean()",
    ],
}


def right_function(spec: CompileSpec, outputs: Sequence[str]) -> str:
    """The source of `right(y, target)`, the share of right answers of the first output that tells
    classes apart; "" where there is none.
    """
    for number, given in enumerate(_for_outputs(spec.loss, outputs, "loss")):
        told = _right(given)
        if told:
            own = f"    y, target = y[{number}], target[{number}]\n" if len(outputs) > 1 else ""
            return f"def right(y, target):\n{own}    {told}\n"
    return ""


def _right(given: Json) -> str:
    if given is None:
        return ""
    name = given if isinstance(given, str) else dict(given).get("class_name", "")
    kind = training_arguments.kind_named(training_arguments.LOSSES, name, "loss").kind
    if kind == "BinaryCrossentropy":
        logits = not isinstance(given, str) and given.get("config", {}).get("from_logits")
        border = 0.0 if logits else 0.5
        return f"return ((y > {border}) == (target.view_as(y) > 0.5)).float().mean()"
    if kind == "SparseCategoricalCrossentropy":
        return "return (y.argmax(-1).flatten() == target.long().flatten()).float().mean()"
    if kind == "CategoricalCrossentropy":
        return "return (y.argmax(-1) == target.argmax(-1)).float().mean()"
    return ""


def optimizer(spec: OptimizerSpec) -> tuple[str, list[str]]:
    """The call that makes the optimizer for `parameters`, and notes about what is left out."""
    given = spec.arguments
    table = training_arguments.OPTIMIZERS[spec.kind]
    notes = []

    def of(name: str) -> Json:
        return given.get(name, table.argument(name).default)

    rate = of("learning_rate")
    if isinstance(rate, Mapping):
        notes.append(f"{rate['class_name']} is left out: the learning rate stays as it begins.")
        rate = rate["config"].get("initial_learning_rate", rate["config"].get("values", [0.001])[0])
    options = [f"lr={rate!r}"]
    if spec.kind in ("Adam", "AdamW", "Nadam"):
        options.append(f"betas=({of('beta_1')!r}, {of('beta_2')!r})")
        options.append(f"eps={of('epsilon')!r}")
    if spec.kind == "Nadam":
        options.append("momentum_decay=1.0")  # Keras's schedule of the momentum
    if spec.kind in ("Adam", "AdamW") and of("amsgrad"):
        options.append("amsgrad=True")
    if spec.kind == "SGD":
        options.append(f"momentum={of('momentum')!r}")
        if of("nesterov") and of("momentum"):
            options.append("nesterov=True")
    if spec.kind == "RMSprop":
        options += [f"alpha={of('rho')!r}", f"eps={of('epsilon')!r}",
                    f"momentum={of('momentum')!r}", f"centered={of('centered')!r}"]  # fmt: skip
    if spec.kind == "Adagrad":
        options += [f"initial_accumulator_value={of('initial_accumulator_value')!r}",
                    f"eps={of('epsilon')!r}"]  # fmt: skip
    if spec.kind == "AdamW":
        options.append(f"weight_decay={of('weight_decay')!r}")
    left = [name for name in ("use_ema", "gradient_accumulation_steps") if given.get(name)]
    if spec.kind != "AdamW" and given.get("weight_decay"):
        left.append("weight_decay")
    notes += [f"{name} of the optimizer is left out." for name in left]
    kind = {"Nadam": "NAdam"}.get(spec.kind, spec.kind)
    return f"torch.optim.{kind}(parameters, {', '.join(options)})", notes


def clipping(spec: OptimizerSpec) -> str:
    """The line that clips gradients before a step, or ""."""
    if spec.arguments.get("clipvalue"):
        return f"nn.utils.clip_grad_value_(parameters, {spec.arguments['clipvalue']!r})"
    if spec.arguments.get("global_clipnorm"):
        return f"nn.utils.clip_grad_norm_(parameters, {spec.arguments['global_clipnorm']!r})"
    if spec.arguments.get("clipnorm"):
        norm = spec.arguments["clipnorm"]
        return f"for each in parameters: nn.utils.clip_grad_norm_([each], {norm!r})"
    return ""
