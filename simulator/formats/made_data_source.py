"""Expressions for made-up data as NumPy source."""

from __future__ import annotations

from simulator.formats import made_data
from simulator.formats.json_values import Json

_FUNCTIONS = {"abs": "abs", "neg": "negative", "not": "logical_not", "square": "square"}
_OPERATORS = {
    "add": "+", "sub": "-", "mul": "*", "div": "/", "floordiv": "//", "mod": "%", "pow": "**",
    "less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=", "equal": "==",
    "not_equal": "!=",
}  # fmt: skip


class Writer:
    """Writes expressions one after another; arrays that are drawn get a line of their own."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._drawn: dict[int, str] = {}

    def written(self, made: Json) -> str:
        """The source of an expression. Lines that it needs before it are added to `lines`."""
        if not isinstance(made, dict):
            return repr(made)
        op = made["op"]
        if op in made_data.DRAWS:
            return self._draw(made)
        of = [self.written(each) for each in made.get("of", ())]
        if op in _OPERATORS:
            return f"({of[0]} {_OPERATORS[op]} {of[1]})"
        if op in made_data.UNARY:
            return f"np.{_FUNCTIONS.get(op, op)}({of[0]})"
        if op in made_data.REDUCTIONS or op == "cumsum":
            return f"np.{op}({of[0]}, axis={made.get('axis')!r})"
        return self._other(op, made, of)

    def _other(self, op: str, made: Json, of: list[str]) -> str:
        if op == "reshape":
            return f"np.reshape({of[0]}, {tuple(made['shape'])!r})"
        if op == "cast":
            return f'({of[0]}).astype("{made["dtype"]}")'
        if op == "full":
            return f"np.full({tuple(made['shape'])!r}, {made['value']!r})"
        if op == "arange":
            return f"np.arange({made['start']!r}, {made['stop']!r}, {made['step']!r})"
        if op == "linspace":
            return f"np.linspace({made['start']!r}, {made['stop']!r}, {made['count']!r})"
        if op == "constant":
            return f"np.array({_listed(made['value'])})"
        if op == "one_hot":
            return f"keras.utils.to_categorical({of[0]}, {made['classes']})"
        if op == "index":
            return f"{of[0]}[{', '.join(_part(each) for each in made['index'])}]"
        if op == "windows":
            if not of[0].isidentifier():
                name = f"series_{len(self.lines)}"
                self.lines.append(f"{name} = {of[0]}")
                of = [name]
            last = made["start"] + made["step"] * made["count"]
            part = "i" if made["length"] is None else f"i : i + {made['length']}"
            places = f"range({made['start']}, {last}, {made['step']})"
            return f"np.array([{of[0]}[{part}] for i in {places}])"
        if op == "transpose":
            return f"np.transpose({of[0]}, {made.get('axes')!r})"
        if op in ("and", "or"):
            return f"np.logical_{op}({', '.join(of)})"
        if op in ("stack", "concatenate"):
            return f"np.{op}([{', '.join(of)}], axis={made.get('axis', 0)!r})"
        return f"np.{op}({', '.join(of)})"

    def _draw(self, made: Json) -> str:
        number = int(made.get("draw", 0))
        if number in self._drawn:
            return self._drawn[number]
        name = self._drawn[number] = f"drawn_{number}"
        if len(self._drawn) == 1:
            self.lines.append("rng = np.random.default_rng()")
        size = repr(tuple(made["shape"]))
        if made["op"] == "normal":
            call = f"normal({made.get('mean', 0.0)!r}, {made.get('stddev', 1.0)!r}, {size})"
        elif made["op"] == "uniform":
            call = f"uniform({made.get('low', 0.0)!r}, {made.get('high', 1.0)!r}, {size})"
        elif made["op"] == "permutation":
            call = f"permutation({made['shape'][0]})"
        else:
            call = f"integers({made.get('low', 0)!r}, {made['high']!r}, {size})"
        self.lines.append(f"{name} = rng.{call}")
        return name


def _listed(value: Json) -> str:
    if isinstance(value, tuple | list):
        return f"[{', '.join(_listed(each) for each in value)}]"
    return repr(value)


def _part(stored: Json) -> str:
    if isinstance(stored, tuple | list):
        start, stop, step = ("" if each is None else repr(each) for each in stored)
        return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"
    if stored is None:
        return "np.newaxis"
    return "..." if stored == "..." else repr(stored)
