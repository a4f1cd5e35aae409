r"""The formulas of convolution and pooling as LaTeX, with a geometry's indices and sizes put in.

``\reads{..}``, ``\weights{..}`` and ``\writes{..}`` mark what a step reads, weighs with and writes.
"""

from __future__ import annotations

from simulator.engine.geometry import WindowGeometry

OUTPUT = r"\writes{y_{r,c}}"
ONLY_OUTPUT = r"\writes{y}"  # of global pooling: its rows and columns have no index


def convolution_symbols(geometry: WindowGeometry, channels: int) -> str:
    """Return the formula of an output cell of a convolution."""
    rows, columns = index_expressions(geometry)
    depth = rf"\sum_{{d=0}}^{{{channels - 1}}}" if channels > 1 else ""
    channel = ",d" if channels > 1 else ""
    return (
        rf"{OUTPUT} = b + {depth}{window_sums(geometry)} "
        rf"\reads{{x_{{{rows},{columns}{channel}}}}} \cdot \weights{{k_{{i,j{channel}}}}}"
    )


def window_input(geometry: WindowGeometry) -> str:
    """Return the input cell that cell (i, j) of a window reads."""
    rows, columns = index_expressions(geometry)
    return rf"\reads{{x_{{{rows},{columns}}}}}"


def window_sums(geometry: WindowGeometry) -> str:
    """Return the signs of the sums over the cells of a window."""
    height, width = geometry.kernel_size
    return rf"\sum_{{i=0}}^{{{height - 1}}}\sum_{{j=0}}^{{{width - 1}}}"


def index_expressions(geometry: WindowGeometry) -> tuple[str, str]:
    """Return the row and the column of the input cell that cell (i, j) of window (r, c) reads."""
    rows, columns = (
        index_expression(
            name,
            stride=geometry.stride[axis],
            offset=offset,
            dilation=geometry.dilation[axis],
            padding=geometry.padding[axis][0],
        )
        for axis, (name, offset) in enumerate((("r", "i"), ("c", "j")))
    )
    return rows, columns


def index_expression(name: str, *, stride: int, offset: str, dilation: int, padding: int) -> str:
    """Return an input index, such as ``2r+3i-1``."""
    first = name if stride == 1 else f"{stride}{name}"
    second = offset if dilation == 1 else f"{dilation}{offset}"
    return f"{first}+{second}" + (f"-{padding}" if padding else "")


def pooled_output(geometry: WindowGeometry) -> str:
    """Return an output cell of a pooling; one window over the whole input needs no indices."""
    return ONLY_OUTPUT if covers_all(geometry) else OUTPUT


def pooled_input(geometry: WindowGeometry) -> str:
    """Return the input cell that cell (i, j) of a window reads."""
    return r"\reads{x_{i,j}}" if covers_all(geometry) else window_input(geometry)


def covers_all(geometry: WindowGeometry) -> bool:
    """Return whether there is one window, which is the whole input."""
    return geometry == WindowGeometry.whole(geometry.input_size)
