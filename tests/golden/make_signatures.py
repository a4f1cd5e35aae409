"""Write down what Keras's classes and methods take: names of arguments, in order, and defaults.

    /tmp/golden/bin/python tests/golden/make_signatures.py

in the environment that make_golden.py describes; writes tests/golden/values/signatures.json, for
everything that the engine has under the same name.
"""

from __future__ import annotations

import inspect
import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "torch"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.golden import signatures  # noqa: E402 - the path is set above


def main() -> None:
    found: dict[str, Any] = {"made_with": keras.__version__}
    for module, names in signatures.CLASSES.items():
        owner: Any = keras
        for part in module.split("."):
            owner = getattr(owner, part)
        for name in names:
            taken = inspect.signature(getattr(owner, name).__init__).parameters
            found[f"{module}.{name}"] = signatures.described(list(taken.values())[1:])
    for name in signatures.METHODS:
        taken = inspect.signature(getattr(keras.Model, name)).parameters
        found[f"Model.{name}"] = signatures.described(list(taken.values())[1:])
    text = json.dumps(found, indent=1)
    (Path(__file__).parent / "values" / "signatures.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
