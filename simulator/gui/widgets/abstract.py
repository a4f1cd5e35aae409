"""Widgets that are only made to be built upon: Qt's own types would let them be made as such."""

from __future__ import annotations

from abc import ABCMeta
from typing import Any

from PySide6.QtWidgets import QWidget

_QtType: Any = type(QWidget)


class AbstractWidget(ABCMeta, _QtType):
    """The metaclass of a widget with abstract methods, which refuses to make one of it.

    ``ABCMeta`` alone does not: the check is in ``object.__new__``, which Qt's objects don't use.
    """

    def __call__(cls, *arguments: Any, **named: Any) -> Any:
        """Raise TypeError where a method is still abstract."""
        if cls.__abstractmethods__:
            lacking = ", ".join(sorted(cls.__abstractmethods__))
            raise TypeError(f"{cls.__name__} is abstract: it lacks {lacking}")
        return super().__call__(*arguments, **named)
