"""Which input cells a sliding window reads: the one place that knows stride, padding and dilation.

Rows and columns of the input count from 0; padding above the input has negative rows. Output cell o
of a window with stride s, dilation d and p cells of padding before the input reads, along each
axis, the input cells o·s − p, o·s − p + d, …, o·s − p + d·(k − 1). Cells outside the input are
padding.

The output size is O = ⌊(I + P − d·(k − 1) − 1) / s⌋ + 1 with P the padding of both sides together
(Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning", relationship 15).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import NamedTuple, TypeAlias

Pair: TypeAlias = tuple[int, int]
Padding: TypeAlias = "str | int | Sequence[int] | Sequence[Sequence[int]]"
"""What `convolution` and `pooling` take as padding: "valid" (none), "same" (the output is the
input's size divided by the stride, rounded up), a number of cells on every side, a pair (above and
below, left and right), or ((top, bottom), (left, right))."""


class GeometryError(ValueError):
    """Sizes that do not go together; the message is one line for the person at the screen.

    `parameter` names what caused it, so that a window can show the message beside that control:
    "kernel_size", "stride", "padding", "dilation", "channels", "input", "filters" or "order".
    `of_layer` is the message for a layer, whose padding is "valid" or "same" and no number.
    """

    def __init__(self, message: str, *, parameter: str, of_layer: str = "") -> None:
        super().__init__(message)
        self.parameter = parameter
        self.of_layer = of_layer or message


_NOWHERE = slice(0, 0)


class Overlap(NamedTuple):
    """The part of the output for which one cell of the window lies on the input.

    `output[output_rows, output_columns]` and `input[input_rows, input_columns]` have the same
    shape and belong together cell by cell.
    """

    row: int
    column: int
    output_rows: slice
    output_columns: slice
    input_rows: slice
    input_columns: slice


@dataclass(frozen=True, slots=True)
class WindowGeometry:
    """A window sliding over an input; sizes are (height, width) in cells.

    Make one with `convolution`, `pooling` or `whole`, which take what a person types and check it.
    """

    input_size: Pair
    kernel_size: Pair
    stride: Pair
    dilation: Pair
    padding: tuple[Pair, Pair]  # ((top, bottom), (left, right))
    output_size: Pair = field(init=False)

    def __post_init__(self) -> None:
        height, width = (
            (padded - effective) // stride + 1
            for padded, effective, stride in zip(
                self.padded_size, self.effective_kernel_size, self.stride, strict=True
            )
        )
        object.__setattr__(self, "output_size", (height, width))

    @classmethod
    def convolution(
        cls,
        input_size: Sequence[int],
        *,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] = 1,
        padding: Padding = "valid",
        dilation: int | Sequence[int] = 1,
    ) -> WindowGeometry:
        """The geometry of a convolution.

        Numbers stand for both axes, pairs for (vertical, horizontal). "same" is the rule of Keras
        and TensorFlow: the output has ⌈input / stride⌉ cells, and where the padding is odd, the
        extra cell lies at the bottom or on the right.

        Raises GeometryError for anything but whole numbers in range, and for a kernel that does
        not fit the padded input.
        """
        return cls._checked(
            input_size, kernel_size, stride, dilation, padding, window_name="kernel"
        )

    @classmethod
    def pooling(
        cls,
        input_size: Sequence[int],
        *,
        window: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        padding: Padding = "valid",
    ) -> WindowGeometry:
        """The geometry of a pooling layer; without a stride, windows lie side by side.

        Raises GeometryError as `convolution` does, and for a padding as large as the window, where
        some windows would see nothing but padding.
        """
        geometry = cls._checked(
            input_size,
            window,
            window if stride is None else stride,
            1,
            padding,
            window_name="pooling window",
        )
        for sides, length in zip(geometry.padding, geometry.kernel_size, strict=True):
            if max(sides) >= length:
                most = min(geometry.kernel_size) - 1
                raise GeometryError(
                    f"A padding of {max(sides)} leaves a {_size(geometry.kernel_size)} pooling "
                    "window with nothing but padding: choose "
                    f"{f'a padding of {most} or less' if most else 'no padding'}, or a larger "
                    "window.",
                    parameter="padding",
                )
        return geometry

    @classmethod
    def whole(cls, input_size: Sequence[int]) -> WindowGeometry:
        """The geometry of global pooling: one window, the whole input."""
        size = _input_size(input_size)
        return cls(size, size, size, (1, 1), ((0, 0), (0, 0)))

    @classmethod
    def _checked(
        cls,
        input_size: Sequence[int],
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int],
        dilation: int | Sequence[int],
        padding: Padding,
        *,
        window_name: str,
    ) -> WindowGeometry:
        checked_input = _input_size(input_size)
        checked_kernel = _positive_pair(
            kernel_size, name=f"{window_name} size", parameter="kernel_size"
        )
        checked_stride = _positive_pair(stride, name="stride", parameter="stride")
        checked_dilation = _positive_pair(dilation, name="dilation", parameter="dilation")
        checked_padding = _padding_sides(
            padding, checked_input, checked_kernel, checked_stride, checked_dilation
        )
        geometry = cls(
            checked_input, checked_kernel, checked_stride, checked_dilation, checked_padding
        )
        if min(geometry.output_size) < 1:
            message, ways = _does_not_fit(geometry, window_name)
            raise GeometryError(
                f"{message}: choose {_listed(ways)}.",
                parameter="kernel_size",
                of_layer=f"{message}: choose {_listed([*ways[:-1], 'the padding same'])}.",
            )
        return geometry

    @property
    def effective_kernel_size(self) -> Pair:
        """The cells from the window's first to its last: d·(k − 1) + 1 along each axis."""
        (kernel_height, kernel_width), (down, across) = self.kernel_size, self.dilation
        return (kernel_height - 1) * down + 1, (kernel_width - 1) * across + 1

    @property
    def padded_size(self) -> Pair:
        """The input's size with the padding of all four sides."""
        (height, width), ((top, bottom), (left, right)) = self.input_size, self.padding
        return height + top + bottom, width + left + right

    def window_rows(self, output_row: int) -> range:
        """The input rows that an output row reads, padding included: may start below 0 or end
        beyond the input.
        """
        return self._window(0, output_row)

    def window_columns(self, output_column: int) -> range:
        """The input columns that an output column reads, padding included."""
        return self._window(1, output_column)

    def rows_reading(self, input_row: int) -> tuple[int, ...]:
        """The output rows whose window reads this input row, ascending; none where stride or
        dilation skip it. Rows of the padding may be asked for too.
        """
        return self._reading(0, input_row)

    def columns_reading(self, input_column: int) -> tuple[int, ...]:
        """The output columns whose window reads this input column, ascending."""
        return self._reading(1, input_column)

    def overlaps(self) -> Iterator[Overlap]:
        """For each cell of the window, row by row, where it lies on the input and not on padding.

        Every sum over windows is a sum over these: `output[o] += input[i] · kernel[row, column]`.
        Cells of the window that never touch the input are left out.
        """
        for row in range(self.kernel_size[0]):
            output_rows, input_rows = self.overlap(0, row)
            for column in range(self.kernel_size[1]):
                output_columns, input_columns = self.overlap(1, column)
                if _NOWHERE not in (output_rows, output_columns):
                    yield Overlap(
                        row, column, output_rows, output_columns, input_rows, input_columns
                    )

    def overlap(self, axis: int, tap: int) -> tuple[slice, slice]:
        """Along one axis (0 down, 1 across), the outputs for which one line of the window lies on
        the input, and the inputs that it then meets; both empty if it only meets padding.
        """
        stride = self.stride[axis]
        offset = tap * self.dilation[axis] - self.padding[axis][0]
        first = max(0, -(offset // stride))
        stop = min(self.output_size[axis], (self.input_size[axis] - 1 - offset) // stride + 1)
        if stop <= first:
            return _NOWHERE, _NOWHERE
        start = first * stride + offset
        return slice(first, stop), slice(start, start + (stop - first - 1) * stride + 1, stride)

    def _window(self, axis: int, output: int) -> range:
        if not 0 <= output < self.output_size[axis]:
            raise IndexError(
                f"Output {('row', 'column')[axis]} {output} does not exist: "
                f"the output is {_size(self.output_size)}."
            )
        start = output * self.stride[axis] - self.padding[axis][0]
        return range(start, start + self.effective_kernel_size[axis], self.dilation[axis])

    def _reading(self, axis: int, position: int) -> tuple[int, ...]:
        stride, dilation = self.stride[axis], self.dilation[axis]
        readers = []
        for tap in reversed(range(self.kernel_size[axis])):
            output, remainder = divmod(position + self.padding[axis][0] - tap * dilation, stride)
            if remainder == 0 and 0 <= output < self.output_size[axis]:
                readers.append(output)
        return tuple(readers)


def _size(size: Pair) -> str:
    return f"{size[0]} × {size[1]}"


def _shown(value: object) -> str:
    return str(value) if isinstance(value, Real) else repr(value)


def _whole_pair(value: object, *, minimum: int) -> Pair | None:
    """A number for both axes, or a pair, as two integers; None if they are not whole numbers from
    the minimum on.
    """
    parts = tuple(value) if isinstance(value, tuple | list) else (value, value)
    numbers = [
        int(part)
        for part in parts
        if not isinstance(part, bool) and isinstance(part, Integral) and int(part) >= minimum
    ]
    return (numbers[0], numbers[1]) if len(parts) == len(numbers) == 2 else None


def _input_size(size: object) -> Pair:
    pair = _whole_pair(size, minimum=1) if isinstance(size, tuple | list) else None
    if pair is None:
        raise GeometryError(
            f"The input size is {_shown(size)}: it must be a height and a width, whole numbers of "
            "1 or more.",
            parameter="input",
        )
    return pair


def _positive_pair(value: object, *, name: str, parameter: str) -> Pair:
    pair = _whole_pair(value, minimum=1)
    if pair is None:
        raise GeometryError(
            f"The {name} is {_shown(value)}: it must be a whole number of 1 or more, or a pair of "
            "them.",
            parameter=parameter,
        )
    return pair


def _padding_sides(
    padding: object, input_size: Pair, kernel_size: Pair, stride: Pair, dilation: Pair
) -> tuple[Pair, Pair]:
    if isinstance(padding, str) and padding == "valid":
        return (0, 0), (0, 0)
    if isinstance(padding, str) and padding == "same":
        rows, columns = map(_same_padding, input_size, kernel_size, stride, dilation)
        return rows, columns
    sides = tuple(padding) if isinstance(padding, tuple | list) else (padding, padding)
    pairs = [pair for side in sides if (pair := _whole_pair(side, minimum=0)) is not None]
    if len(sides) == len(pairs) == 2:
        return pairs[0], pairs[1]
    raise GeometryError(
        f'The padding is {_shown(padding)}: it must be "valid", "same", a whole number of 0 or '
        "more, a pair of them, or ((top, bottom), (left, right)).",
        parameter="padding",
    )


def _same_padding(length: int, kernel: int, stride: int, dilation: int) -> Pair:
    output = -(-length // stride)
    total = max((output - 1) * stride + (kernel - 1) * dilation + 1 - length, 0)
    return total // 2, total - total // 2


def _listed(ways: list[str]) -> str:
    return f"{', '.join(ways[:-1])}, or {ways[-1]}"


def _does_not_fit(geometry: WindowGeometry, window_name: str) -> tuple[str, list[str]]:
    """Of a window larger than the padded input: what is too large, and every way out."""
    effective, padded = geometry.effective_kernel_size, geometry.padded_size
    message = f"A {_size(geometry.kernel_size)} {window_name}"
    if effective != geometry.kernel_size:
        down, across = geometry.dilation
        dilation = str(down) if down == across else _size(geometry.dilation)
        message += f" with dilation {dilation} spans {_size(effective)} cells and"
    message += f" does not fit the {_size(geometry.input_size)} input"
    if padded != geometry.input_size:
        message += f", {_size(padded)} with its padding"

    too_large = [axis for axis in (0, 1) if effective[axis] > padded[axis]]
    sizes = [(padded[axis] - 1) // geometry.dilation[axis] + 1 for axis in too_large]
    if geometry.kernel_size[0] == geometry.kernel_size[1]:
        ways = [f"a size of {min(sizes)} or less"]
    else:
        ways = [
            f"a {('height', 'width')[axis]} of {size} or less"
            for axis, size in zip(too_large, sizes, strict=True)
        ]
        ways = [" and ".join(ways)]
    dilations = [
        (padded[axis] - 1) // (geometry.kernel_size[axis] - 1) if geometry.dilation[axis] > 1 else 0
        for axis in too_large
    ]
    if min(dilations) >= 1:
        ways.append(f"a dilation of {min(dilations)} or less")
    enough = max(-((geometry.input_size[axis] - effective[axis]) // 2) for axis in too_large)
    ways.append(f"a padding of at least {enough}")
    return message, ways
