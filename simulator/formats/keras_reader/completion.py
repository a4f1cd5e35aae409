"""What fragments leave out: the model's line, imports, compile and fit. All of it is told."""

from __future__ import annotations

import ast
from dataclasses import replace

from simulator.formats.json_values import Json
from simulator.formats.keras_reader import calls, compile_calls, models
from simulator.formats.keras_reader.messages import ReadError
from simulator.formats.keras_reader.state import State
from simulator.formats.keras_reader.values import ModelValue, ObjectValue, TensorValue
from simulator.formats.network import NetworkSpec
from simulator.formats.program import CompileSpec, DataSpec, FitSpec, OptimizerSpec
from simulator.formats.training_arguments import OPTIMIZERS

NO_MODEL = (
    "No network is made in this text.",
    "Paste the lines with the layers: Sequential([…]), model.add(…), or Input and Model.",
)
EPOCHS = 10


def chosen_model(tree: ast.Module, state: State) -> ModelValue | None:
    """The model that the program trains, or the last that it makes; None for an empty text.

    Raises ReadError if there is none.
    """
    trained = [model for model in state.models if model.fitted is not None]
    compiled = [model for model in state.models if model.compiled is not None]
    filled = [model for model in state.models if model.layers or not model.sequential]
    for candidates in (trained, compiled, filled):
        if candidates:
            if candidates is trained and len(trained) > 1:
                state.notice(
                    candidates[-1].node,
                    f"The program trains {len(trained)} networks: the last, "
                    f"{candidates[-1].name}, is taken.",
                    to_do="Paste the lines of one of the others alone to train that.",
                )
            return candidates[-1]
    found = assumed_model(state)
    if found is None and state.models and not state.problems:
        raise ReadError(
            state.models[-1].node, "The network has no layers.", "Add some: model.add(Dense(10))."
        )
    if found is None and tree.body and not state.problems:
        raise ReadError(state.saved, *(NO_MODEL if state.saved is None else calls.SAVED))
    return found


def assumed_model(state: State) -> ModelValue | None:
    """The model of a fragment that has layers and no line that makes a model of them."""
    if state.loose:
        model = ModelValue("sequential", state.loose[0].node, sequential=True)
        for layer in state.loose:
            models.add(layer.node, model, layer)
        state.notice(
            state.loose[0].node,
            "The line that makes the model is missing: a Sequential of these layers is assumed.",
            "completed",
        )
        state.loose = []
        state.models.append(model)
        return model
    tensors = [each for each in state.names.values() if isinstance(each, TensorValue)]
    if not tensors:
        return None
    last = max(tensors, key=lambda tensor: tensor.call.number)
    if last.call.layer.kind == "InputLayer":
        return None
    model = ModelValue("functional", last.call.layer.node, sequential=False, outputs=(last,))
    entries = [call for call in models.calls_of(model) if call.layer.kind == "InputLayer"]
    model.inputs = tuple(TensorValue(call) for call in entries)
    state.notice(
        last.call.layer.node,
        "The line that makes the model is missing: Model(inputs, outputs) from the inputs to this "
        "layer is assumed.",
        "completed",
    )
    state.models.append(model)
    return model


def tell_missing_imports(state: State) -> None:
    """One notice for all names whose imports are missing."""
    if not state.missing_imports or state.star_imported:
        return
    names = list(state.missing_imports)
    first = next(iter(state.missing_imports.values()))
    shown = ", ".join(names[:8]) + (" and others" if len(names) > 8 else "")
    state.notice(
        first, f"Imports are missing: {shown} are taken from Keras and NumPy."
        if len(names) > 1 else f"An import is missing: {shown} is taken from its library.",
        "completed",
    )  # fmt: skip


def compile_of(model: ModelValue, network: NetworkSpec, state: State) -> CompileSpec:
    """What `compile` was given; without it, what fits the last layer."""
    loss, metrics = _loss_for(network)
    if model.compiled is not None:
        if model.compiled.loss is None:
            state.notice(
                model.compile_node, f"The loss is not told: {loss} is taken, which suits the last "
                "layer.", "assumed", f'Write loss="{loss}", or another.',
            )  # fmt: skip
            model.compiled = replace(model.compiled, loss=loss)
        return compile_calls.fitted_to_outputs(model, network, state)
    optimizer, name = OptimizerSpec("Adam"), loss
    made = [each for each in state.names.values() if isinstance(each, ObjectValue)]
    for each in made:  # a loop of the program's own would use them
        if each.family == "optimizers" and each.class_name in OPTIMIZERS:
            optimizer = OptimizerSpec(each.class_name, each.config)
        elif each.family == "losses":
            loss, name = each.json, each.class_name
    state.notice(
        model.node, f"compile is missing: {optimizer.kind} and the loss {name} are assumed.",
        "completed", "Write model.compile(optimizer=…, loss=…).",
    )  # fmt: skip
    return CompileSpec(optimizer, loss, metrics)


def _loss_for(network: NetworkSpec) -> tuple[Json, tuple[Json, ...]]:
    last = network.layers[-1] if network.layers else None
    activation = last.arguments.get("activation") if last is not None else None
    if activation == "softmax" or (last is not None and last.kind == "Softmax"):
        return "sparse_categorical_crossentropy", ("accuracy",)
    if activation == "sigmoid" and last is not None and last.arguments.get("units") == 1:
        return "binary_crossentropy", ("accuracy",)
    return "mse", ()


def fit_of(model: ModelValue, state: State) -> tuple[FitSpec, DataSpec | None]:
    """What `fit` was given; without it, some epochs on the data that the learner chooses."""
    if model.fitted is not None:
        fit, data = model.fitted
        return fit, None if data is None else _by_layers(data, model)
    state.notice(
        model.node, f"fit is missing: {EPOCHS} epochs on the data that you choose are assumed.",
        "completed", "Write model.fit(x_train, y_train, epochs=…).",
    )  # fmt: skip
    return FitSpec(epochs=EPOCHS), None


def _by_layers(data: DataSpec, model: ModelValue) -> DataSpec:
    """Targets by the names of the layers that put out, where the program has other names."""
    layers = [each.call.layer.name for each in model.outputs]
    named = dict(zip(model.output_keys, layers, strict=False))

    def renamed(made: Json) -> Json:
        if not named or not isinstance(made, dict) or "op" in made:
            return made
        return {named.get(name, name): each for name, each in made.items()}

    return replace(data, y=renamed(data.y), y_validation=renamed(data.y_validation))


def begin_if_missing(name: ast.Name, method: str, state: State) -> None:
    """Make the model that a fragment's `model.add(…)` or `model.compile(…)` speaks of."""
    if name.id in state.names or method not in ("add", "compile", "fit", "summary", "evaluate"):
        return
    if method == "add":
        model = ModelValue(state.name_for("Sequential"), name, sequential=True)
        state.models.append(model)
        state.notice(
            name, f"The line that makes {name.id} is missing: {name.id} = Sequential() is assumed.",
            "completed",
        )  # fmt: skip
        state.names[name.id] = model
        return
    found = assumed_model(state) or (state.models[-1] if state.models else None)
    if found is None and method in ("compile", "fit") and not state.problems:
        raise ReadError(name, f"{name.id} is used but never made.", NO_MODEL[1])
    if found is not None:
        state.names[name.id] = found
