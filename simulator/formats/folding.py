"""Long lines of Python folded after commas within brackets, so that a narrow column shows them."""

from __future__ import annotations

_INDENT = 4
_OPENING, _CLOSING = "([{", ")]}"


def folded(line: str, width: int) -> list[str]:
    """Return the lines that a line becomes of which none is longer than ``width``, where commas
    within brackets allow it; what goes on is indented by four more. A comment stays as it is.
    """
    indent = len(line) - len(line.lstrip())
    if len(line) <= width or line.lstrip().startswith("#"):
        return [line]
    return _folded(line.strip(), indent, width)


def _folded(told: str, indent: int, width: int) -> list[str]:
    """Fold what is told, without its indent."""
    place = None if indent + len(told) <= width else _place(told)
    if place is None:
        return [" " * indent + told]
    start, end = place
    *pieces, last = _pieces(told[start:end])
    lines = [" " * indent + told[:start]]
    between: str | None = ""
    for piece in (*pieces, last + told[end:]):
        joined = f"{lines[-1]}{between}{piece}"
        if len(joined) <= width and between is not None:
            lines[-1], between = joined, " "
        else:
            more = _folded(piece, indent + _INDENT, width)
            lines += more
            between = " " if len(more) == 1 else None  # after what is folded a line begins
    return lines


def _place(told: str) -> tuple[int, int] | None:
    """Return where to fold: within the outermost bracket that holds a comma, or is a call's."""
    levels = _brackets(told)
    for depth in sorted(levels):
        brackets = [(start, end) for start, end in levels[depth] if end > start]
        divided = [each for each in brackets if len(_pieces(told[slice(*each)])) > 1]
        calls = [each for each in brackets[:1] if told[: each[0] - 1][-1:].isidentifier()]
        if divided or calls:
            return (divided or calls)[0]
    return None


def _brackets(told: str) -> dict[int, list[tuple[int, int]]]:
    """Return where the content of each bracket begins and ends, by how deep it is."""
    found: dict[int, list[tuple[int, int]]] = {}
    starts: list[int] = []
    for place, sign, _ in _signs(told):
        if sign in _OPENING:
            starts.append(place + 1)
        elif sign in _CLOSING and starts:  # not that of the bracket around what is told
            start = starts.pop()
            found.setdefault(len(starts), []).append((start, place))
    return found


def _pieces(told: str) -> list[str]:
    """Divide what is told after the commas that are in no bracket."""
    pieces, start = [], 0
    for place, sign, depth in _signs(told):
        if sign == "," and depth == 0 and told[place + 1 :].strip():
            pieces.append(told[start : place + 1].strip())
            start = place + 1
    return [*pieces, told[start:].strip()]


def _signs(told: str) -> list[tuple[int, str, int]]:
    """Return each bracket and comma outside of strings: its place, and how deep it is after it."""
    found: list[tuple[int, str, int]] = []
    depth, quote, escaped = 0, "", False
    for place, sign in enumerate(told):
        if quote:
            if sign == quote and not escaped:
                quote = ""
            escaped = sign == "\\" and not escaped
        elif sign in "\"'":
            quote = sign
        elif sign in _OPENING or sign in _CLOSING or sign == ",":
            depth += (sign in _OPENING) - (sign in _CLOSING)
            found.append((place, sign, depth))
    return found
