"""Names that copying has taken apart: `input shape=`, `Max Pooling2D`, "binary crossentropy"."""

from __future__ import annotations

import re
from functools import cache

from simulator.formats import arguments, training_arguments
from simulator.formats.keras_reader.scanning import Line, scan
from simulator.formats.layer_arguments import ACTIVATIONS, INITIALIZERS, REGULARIZERS

FIT_ARGUMENTS = (
    "batch_size", "validation_split", "validation_data", "class_weight", "sample_weight",
    "validation_batch_size", "initial_epoch", "steps_per_epoch",
)  # fmt: skip
MORE_ARGUMENTS = (
    "input_shape", "batch_input_shape", "loss_weights", "num_classes", "include_top",
    "random_state", "test_size", "batch_shape", "weights", "run_eagerly",
)  # fmt: skip
METHODS = (
    "add", "compile", "fit", "evaluate", "summary", "predict", "set_seed", "to_categorical",
    "load_data", "train_test_split", "random_normal", "default_rng", "expand_dims", "astype",
    "reshape", "get_layer",
)  # fmt: skip
NAMES_TOLD = "Names that were taken apart by spaces put together, such as input_shape"
TEXTS_TOLD = "Names in quotes that were taken apart put together"


def mend_names(lines: list[Line]) -> None:
    """Put names together that only spaces keep from being known ones."""
    triple = ""
    for line in lines:
        segments, triple = scan(line.text, triple)
        for segment in segments:
            mended = segment.text
            if segment.kind == "code":
                mended = _mended_code(segment.text)
            elif segment.kind == "text":
                mended = _known_texts().get(_squeezed(segment.text), segment.text)
            if mended != segment.text:
                line.note(NAMES_TOLD if segment.kind == "code" else TEXTS_TOLD)
                segment.text = mended
        line.text = "".join(segment.written() for segment in segments)


def known_name(text: str) -> str | None:
    """The known name that a broken one spells: "activa" + "tion" → "activation"."""
    every = _known_texts() | {_squeezed(each): each for each in (*_keywords(), *_classes())}
    return every.get(_squeezed(text))


def _mended_code(code: str) -> str:
    code = _keyword_pattern().sub(lambda found: _joined(found[0]), code)
    code = _class_pattern().sub(lambda found: found[0].replace(" ", ""), code)
    code = re.sub(
        r"\b([xXyY]) +(train|test|val|valid|validation)\b(?=\s*[,)=.\[/])", r"\1_\2", code
    )
    return re.sub(r"\b(train|test|val) +(images|labels|data|x|y)\b(?=\s*[,)=.\[/])", r"\1_\2", code)


def _joined(found: str) -> str:
    """`input shape =` as `input_shape =`."""
    name = found.rstrip("=").rstrip()
    parts = re.split(r"[ _]+", name)
    return "_".join(part for part in parts if part) + found[len(name) :]


@cache
def _keywords() -> tuple[str, ...]:
    found = {each.name for kind in arguments.LAYERS.values() for each in kind.arguments}
    for family in (
        training_arguments.OPTIMIZERS, training_arguments.SCHEDULES, training_arguments.LOSSES,
        training_arguments.METRICS, training_arguments.CALLBACKS,
    ):  # fmt: skip
        found |= {each.name for kind in family.values() for each in kind.arguments}
    found |= {*FIT_ARGUMENTS, *MORE_ARGUMENTS}
    return tuple(sorted(found, key=len, reverse=True))


@cache
def _classes() -> tuple[str, ...]:
    return (
        *arguments.LAYERS, *arguments.ALIASES, *training_arguments.OPTIMIZERS,
        *training_arguments.LOSSES, *training_arguments.CALLBACKS,
    )  # fmt: skip


@cache
def _keyword_pattern() -> re.Pattern[str]:
    """A keyword with a space, and perhaps an underscore, where its underscore was."""
    spelled = ("(?: *_ *| +)".join(name.split("_")) for name in _keywords() if "_" in name)
    return re.compile(rf"(?<![\w.])(?:{'|'.join(spelled)})\s*=(?!=)")


@cache
def _class_pattern() -> re.Pattern[str]:
    """A class's name with spaces where it has a capital or a digit, before a "(" or a ","."""
    spelled = []
    for name in sorted(_classes(), key=len, reverse=True):
        parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]+|\d+|[a-z]+", name)
        if len(parts) > 1 and "".join(parts) == name:
            spelled.append(" ?".join(parts))
    return re.compile(rf"(?<![\w])(?:{'|'.join(spelled)})\b(?=\s*[(,\n]|\s*$)")


@cache
def _known_texts() -> dict[str, str]:
    """Names that stand in quotes, by their letters alone."""
    names = {*ACTIVATIONS, *INITIALIZERS, *REGULARIZERS, "valid", "same", "causal", "accuracy"}
    for family in (training_arguments.LOSSES, training_arguments.METRICS):
        names |= {name for kind in family.values() for name in kind.names if "_" in name}
    names |= {"val_loss", "val_accuracy", "imagenet"}
    return {_squeezed(name): name for name in names}


def _squeezed(text: str) -> str:
    """Texts that differ from a known name by more than spaces, hyphens and underscores stay."""
    return re.sub(r"[ _\-\n]", "", text) if len(text) < 60 else text
