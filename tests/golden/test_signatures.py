"""Classes and methods take Keras's arguments, by name, with Keras's defaults."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pytest

from simulator import engine
from simulator.engine import Model
from tests.golden.signatures import described

VALUES = Path(__file__).parent / "values" / "signatures.json"
SIGNATURES: dict[str, Any] = json.loads(VALUES.read_text())
# Limits on weights, numbers of fewer bits, and what Keras needs for its own backends.
LEFT_OUT = {
    "kernel_constraint", "bias_constraint", "recurrent_constraint", "depthwise_constraint",
    "embeddings_constraint", "beta_constraint", "gamma_constraint", "lora_rank", "lora_alpha",
    "quantization_config", "renorm", "renorm_clipping", "renorm_momentum", "synchronized",
    "output_padding", "use_cudnn", "attention_axes", "sliding_window", "flash_attention",
    "use_gate", "loss_scale_factor", "input_axes", "output_axes", "ignore_class",
}  # fmt: skip
LEFT_OUT_OF = {
    "layers.Bidirectional": {"weights"},
    "Model.fit": {"steps_per_epoch", "validation_steps"},
    "Model.evaluate": {"steps", "callbacks"},
    "Model.predict": {"steps", "callbacks"},
    "Model.summary": {"positions", "expand_nested", "show_trainable", "layer_range"},
}
# Keras draws a bar here, too; pooling of one axis has a default in its older versions.
OTHER = {("Model.evaluate", "verbose"), ("Model.predict", "verbose"), ("Model.evaluate", "x")}


def taken(owner: Any) -> dict[str, Any]:
    """Arguments and defaults, those that are handed on to base classes included."""
    if not isinstance(owner, type):
        return dict(described(inspect.signature(owner).parameters.values()))
    found: dict[str, Any] = {}
    for each in owner.__mro__:
        if each is object or "__init__" not in vars(each):
            continue
        parameters = list(inspect.signature(vars(each)["__init__"]).parameters.values())[1:]
        found = dict(described(parameters)) | found
        if not any(every.kind is every.VAR_KEYWORD for every in parameters):
            break
    return found


def plain(default: Any) -> Any:
    """(2, 2) is 2."""
    pair = isinstance(default, list | tuple) and len(default) == 2 and default[0] == default[1]
    return default[0] if pair else default


@pytest.mark.parametrize("name", [name for name in SIGNATURES if name != "made_with"])
def test_arguments_and_defaults_are_kerass(name: str) -> None:
    owner: Any = engine
    for part in name.split("."):
        owner = getattr(owner, part)
    own = taken(owner)
    if name == "Model.fit":
        own = taken(Model.training) | own
    if name == "Model.compile":
        own |= {"run_eagerly": False, "steps_per_execution": 1, "jit_compile": "auto",
                "auto_scale_loss": True}  # fmt: skip
        for ignored in ("run_eagerly", "steps_per_execution", "jit_compile", "auto_scale_loss"):
            Model(*[engine.Input((1,))] * 2).compile("sgd", **{ignored: own[ignored]})
    missing = {argument for argument, _ in SIGNATURES[name]} - set(own)
    assert missing <= LEFT_OUT | LEFT_OUT_OF.get(name, set())
    for argument, default in SIGNATURES[name]:
        generous = default == "needed" and own.get(argument) != "needed"  # what may be left out
        named = argument == "name" and name.startswith("losses.")  # the class's own
        if argument in own and not generous and not named and (name, argument) not in OTHER:
            assert plain(own[argument]) == plain(default), argument
