"""How a name, a class, a configuration or an instance becomes the object that it stands for."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Self, TypeVar

from simulator.engine import arguments, names

T = TypeVar("T")

_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


class Configurable:
    """What refuses keyword arguments that it does not have, with the nearest that it has."""

    def __new__(cls, *_: Any, **given: Any) -> Self:
        """Raises TypeError before the constructor would, and says what was probably meant."""
        owner: Any = cls
        valid = argument_names(owner)
        unknown = [name for name in given if name not in valid]
        if unknown:
            raise names.unexpected(cls.__name__, unknown, valid)
        return super().__new__(cls)

    def __post_init__(self) -> None:
        """Of dataclasses: raises ValueError where a field that is a number holds none."""
        arguments.check_fields(self)


@lru_cache(maxsize=256)
def argument_names(owner: type) -> tuple[str, ...]:
    """What its constructor can be given by name, and what that hands on to its base's."""
    found: list[str] = []
    for each in owner.__mro__:
        if "__init__" not in vars(each):
            continue
        parameters = list(inspect.signature(vars(each)["__init__"]).parameters.values())[1:]
        found += [every.name for every in parameters if every.kind in _NAMED]
        if not any(every.kind is inspect.Parameter.VAR_KEYWORD for every in parameters):
            break
    return tuple(dict.fromkeys(found))


def find(
    kind: str, base: type[Any], makers: Mapping[str, Callable[..., T]], identifier: object
) -> T:
    """The object of the given kind for a name, an instance, a class, or Keras's dictionary
    {"class_name": …, "config": {…}}.

    Raises ValueError for an unknown name, with the nearest known one, and TypeError for anything
    that is not of this kind.
    """
    if isinstance(identifier, base):
        instance: T = identifier
        return instance
    if isinstance(identifier, type) and issubclass(identifier, base):
        made: T = identifier()
        return made
    if isinstance(identifier, str):
        return maker(kind, makers, identifier)()
    if isinstance(identifier, Mapping) and "class_name" in identifier:
        config = dict(identifier.get("config", {}))
        return maker(kind, makers, identifier["class_name"])(**config)
    raise TypeError(
        f"{identifier!r} is no {kind}: give a name such as {next(iter(makers))!r}, or an object "
        f"of the class {base.__name__}."
    )


def maker(kind: str, makers: Mapping[str, Callable[..., T]], name: object) -> Callable[..., T]:
    """What makes the object of that name; ValueError with the nearest name where there is none."""
    if isinstance(name, str) and name in makers:
        return makers[name]
    raise names.unknown(kind, name, makers)


def aliases(classes: list[type[T]], **more: type[T]) -> dict[str, type[T]]:
    """Each class under its name and its name in snake case, as in Keras, and under more names."""
    found = {names.snake_case(each.__name__): each for each in classes}
    found |= {each.__name__: each for each in classes}
    return found | more
