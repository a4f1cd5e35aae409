"""Convolutions of 3 × 3 whose weights stay as they are, as the machine runs them, by Winograd.

What becomes of the kernel is kept from call to call with a fingerprint of the weights that it was
made from: to read them all takes far less time than to turn them. The inputs of some rows of tiles
are turned by the part that needs them, and meet the kernel in 16 products (see `cpu_winograd`).

Sizes: B batch; H, W, C the input; top, left its padding; OH, OW the output before pooling; PH, PW
after it; F filters.
"""
# ruff: noqa: ARG001 - All handlers take the same.

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.engine.backends.cpu_activate import activate
from simulator.engine.backends.cpu_compile import Array, inlined
from simulator.engine.backends.cpu_intrinsics import array_at, copy_bytes, size_of
from simulator.engine.backends.cpu_machine import FIRST, arguments_of, handler
from simulator.engine.backends.cpu_tiles import sweep
from simulator.engine.backends.cpu_winograd import turn_inputs, turn_kernel, turn_outputs

PANEL = 32
"""Filters side by side in a tile."""
PRODUCTS = 16
_APART = 16  # numbers between two products, lest their lines fall upon the same places of the cache
_FACTOR = 0x5851F42D4C957F2D  # odd, so that no weight's bits get lost (Knuth's MMIX)


@inlined
def _fingerprint(numbers: Array, found: int) -> int:
    """The bits of all numbers, taken as whole numbers of 64 bits, mixed into one."""
    a, b, c, d = found, found + 1, found + 2, found + 3
    for n in range(0, numbers.size // 4 * 4, 4):
        a = a * _FACTOR + numbers[n]
        b = b * _FACTOR + numbers[n + 1]
        c = c * _FACTOR + numbers[n + 2]
        d = d * _FACTOR + numbers[n + 3]
    for n in range(numbers.size // 4 * 4, numbers.size):
        a = a * _FACTOR + numbers[n]
    for each in (b, c, d):
        a = (a ^ (a >> 29)) * _FACTOR + each
    return a


@handler
def prepare(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """Turn the weights of some channels, if they are others than those that were turned last.

    Arguments: kernel (3, 3, C, F), turned (panels, 16, C, PANEL), fingerprints (parts,) of int64;
    C, F, channels of a part.
    """
    if step:
        return 0  # within a call nobody changes them
    kernel_at, turned_at, known_at, channels, filters, count = arguments_of(operation)[
        FIRST : FIRST + 6
    ]
    size = size_of(like)
    first = part * count
    count = min(count, channels - first)
    found = 1
    for tap in range(9):
        line = kernel_at + (tap * channels + first) * filters * size
        found = _fingerprint(array_at(line, count * filters * size // 8, np.int64(0)), found)
    known = array_at(known_at, part + 1, np.int64(0))
    if known[part] == found:
        return 0
    kernel = array_at(kernel_at, 9 * channels * filters, like)
    panels = (filters + PANEL - 1) // PANEL
    turned = array_at(turned_at, panels * PRODUCTS * channels * PANEL, like)
    for c in range(first, first + count):
        for panel in range(panels):
            turn_kernel(
                kernel,
                c * filters + panel * PANEL,
                (3 * channels * filters, channels * filters),
                turned,
                (panel * PRODUCTS * channels + c) * PANEL,
                channels * PANEL,
                min(PANEL, filters - panel * PANEL),
            )
    known[part] = found
    return 0


@handler
def forward(operation: int, part: int, step: int, scratch: int, like: Any) -> int:
    """Some rows of tiles, of one sample and some filters.

    Arguments: x (B, H, W, C), turned kernel, bias (F,) or 0, y (B, PH, PW, F); B, H, W, C, top,
    left, OH, OW, F, whether the largest of each 2 × 2 outputs is all that is wanted; groups of rows
    that a sample has, panels of a part, activation.
    """
    given = arguments_of(operation)
    x_at, turned_at, bias_at, y_at = given[FIRST : FIRST + 4]
    batch, height, width, channels, top, left = given[FIRST + 4 : FIRST + 10]
    out_height, out_width, filters, pooled = given[FIRST + 10 : FIRST + 14]
    groups, of_range, activation = given[FIRST + 14 : FIRST + 17]
    size = size_of(like)
    places = batch * groups
    number, place = part // places, part % places
    sample, group = place // groups, place % groups
    if pooled:
        out_height, out_width = out_height // 2, out_width // 2  # of tiles, and of y
        down, across = out_height, out_width
    else:
        down, across = (out_height + 1) // 2, (out_width + 1) // 2
    first, end = group * down // groups, (group + 1) * down // groups
    tiles = (end - first) * across
    # The input's rows, with zeros around.
    line = (2 * across + 2) * channels
    padded = array_at(scratch, (2 * (end - first) + 2) * line, like)
    padded[:] = 0
    inside = min(width, 2 * across + 2 - left) * channels
    for r in range(2 * (end - first) + 2):
        row = 2 * first - top + r
        if 0 <= row < height:
            copy_bytes(
                scratch + (r * line + left * channels) * size,
                x_at + ((sample * height + row) * width) * channels * size,
                inside * size,
            )
    turned_inputs = array_at(scratch + padded.nbytes, PRODUCTS * (tiles * channels + _APART), like)
    apart = tiles * channels + _APART
    for t in range(tiles):
        corner = t // across * 2 * line + t % across * 2 * channels
        turn_inputs(padded, corner, (line, channels), turned_inputs, t * channels, apart, channels)
    space_at = scratch + padded.nbytes + turned_inputs.nbytes
    begin = number * of_range
    width = min(filters, (begin + of_range) * PANEL) - begin * PANEL
    sums_apart = tiles * width + _APART
    sums = array_at(space_at, PRODUCTS * sums_apart, like)
    panels = (filters + PANEL - 1) // PANEL
    turned = array_at(turned_at, panels * PRODUCTS * channels * PANEL, like)
    # One product after another: its inputs are read by all panels, and then no more.
    for product in range(PRODUCTS):
        for panel in range((width + PANEL - 1) // PANEL):
            here = ((begin + panel) * PRODUCTS + product) * channels * PANEL
            column = panel * PANEL
            sweep(
                tiles, turned_inputs, (product * apart, channels, 0, 0, 1),
                turned, (here, 0, 0, PANEL), (1, 1, channels),
                sums, (0, 0, 0), sums, (product * sums_apart + column, width),
                min(PANEL, width - column),
            )  # fmt: skip
    bias = array_at(bias_at, filters, like)
    cells = 1 if pooled else 2
    rows = min(cells * end, out_height) - cells * first
    start = (sample * out_height + cells * first) * out_width
    y = array_at(y_at + start * filters * size, rows * out_width * filters, like)
    for t in range(tiles):
        i, j = t // across * cells, t % across * cells
        counts = (0, 0) if pooled else (rows - i, out_width - j)
        turn_outputs(
            sums, t * width, sums_apart, bias, (begin * PANEL, bias_at),
            y, (i * out_width + j) * filters + begin * PANEL, (out_width * filters, filters),
            counts, width,
        )  # fmt: skip
    if width == filters:
        activate(y, activation)
    else:
        for n in range(rows * out_width):
            at = n * filters + begin * PANEL
            activate(y[at : at + width], activation)
    return 0
