"""Names of layers, and errors for names that nobody knows, with the nearest that somebody does."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches

_MOST_SHOWN = 60

_given: Counter[str] = Counter()


def unique(kind: str) -> str:
    """A name as Keras gives it, in the order of creation: dense, dense_1, dense_2 and so on."""
    base = snake_case(kind)
    number = _given[base]
    _given[base] += 1
    return f"{base}_{number}" if number else base


def reset() -> None:
    """Start the numbering of names anew (`keras.utils.clear_session`)."""
    _given.clear()


def snake_case(name: str) -> str:
    """MaxPooling2D → max_pooling2d, LSTM → lstm, as Keras writes them."""
    name = re.sub(r"\W+", "", name)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def shown(value: object) -> str:
    """A value as it may stand in a message: short, and in one line."""
    try:
        text = repr(value)
    except Exception:  # whatever a stranger's __repr__ does
        text = f"a {type(value).__name__}"
    line = " ".join(text.split())
    return line if len(line) <= _MOST_SHOWN else f"{line[: _MOST_SHOWN - 1]}…"


def hint(name: object, valid: Iterable[str]) -> str:
    """`: did you mean 'relu'?`, or the whole choice where nothing comes near."""
    choice = list(valid)
    lowered = {each.lower(): each for each in reversed(choice)}
    near = get_close_matches(str(name).lower(), lowered, n=1, cutoff=0.6)
    if near:
        return f": did you mean {lowered[near[0]]!r}?"
    return f": choose one of {', '.join(choice)}." if choice else "."


def unknown(kind: str, name: object, valid: Iterable[str]) -> ValueError:
    """The error for an unknown activation, loss, optimizer…: raise what this returns."""
    return ValueError(f"There is no {kind} {shown(name)}{hint(name, valid)}")


def unexpected(owner: str, arguments: Iterable[str], valid: Iterable[str]) -> TypeError:
    """The error for arguments that a constructor or method does not have."""
    first = next(iter(arguments))
    return TypeError(f"{owner} got an unexpected argument {first!r}{hint(first, valid)}")


def one_of(owner: str, argument: str, value: object, valid: Iterable[str]) -> str:
    """The value, if it is among the valid ones; ValueError with the nearest otherwise."""
    choice = list(valid)
    if isinstance(value, str) and value in choice:
        return value
    raise ValueError(f"{owner}: {argument} is {shown(value)}{hint(value, choice)}")
