"""Recurrent layers on the CPU: the products by tiles, all of a step's gates in one sweep.

For the activations that nearly all cells have (`KNOWN`), without recurrent dropout and with all
gates free; the reference computes the others.
"""
# ruff: noqa: D102 - What each operation computes is written in the reference, and only there.

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from simulator.engine import activations
from simulator.engine.arrays import FloatArray
from simulator.engine.backends import cpu_activate, cpu_cells
from simulator.engine.backends.base_recurrent import (
    Held,
    RecurrentReference,
    Sequences,
    check_cell,
)
from simulator.engine.backends.cpu_compile import Array, given

if TYPE_CHECKING:
    from simulator.engine.activations import Activation

KNOWN = {
    cpu_activate.LINEAR: activations.linear,
    cpu_activate.RELU: activations.relu,
    cpu_activate.SIGMOID: activations.sigmoid,
    cpu_activate.TANH: activations.tanh,
}
"""The activations that the kernels have, by the kernels' numbers for them."""


class CpuRecurrent(RecurrentReference):
    """The recurrent operations of `CpuBackend`."""

    def simple_rnn(
        self,
        projected: FloatArray,
        hidden: FloatArray,
        recurrent_kernel: FloatArray,
        *,
        activation: Activation,
        masks: FloatArray | None = None,
    ) -> Sequences:
        number = _number(activation)
        if number is None or masks is not None:
            return super().simple_rnn(
                projected, hidden, recurrent_kernel, activation=activation, masks=masks
            )
        check_cell(projected, hidden, recurrent_kernel, gates=1)
        before, h = np.empty_like(projected, order="C"), np.empty_like(projected, order="C")
        _call(
            cpu_cells.simple_rnn,
            (projected, hidden),
            recurrent_kernel,
            (number,),
            (before, h),
        )
        return {"pre_activation": before, "h": h}

    def simple_rnn_gradient(
        self,
        output_gradient: FloatArray,
        sequences: Sequences,
        recurrent_kernel: FloatArray,
        *,
        activation: Activation,
        masks: FloatArray | None = None,
    ) -> tuple[FloatArray, FloatArray]:
        number = _number(activation)
        if number is None or masks is not None:
            return super().simple_rnn_gradient(
                output_gradient, sequences, recurrent_kernel, activation=activation, masks=masks
            )
        h = sequences["h"]
        slopes = np.empty_like(h, order="C")
        carried = np.zeros_like(h, shape=h[:, 0].shape, order="C")
        _call(
            cpu_cells.simple_rnn_gradient,
            (output_gradient, h),
            recurrent_kernel.T,
            (number,),
            (slopes, carried),
        )
        return slopes, carried

    def lstm(
        self,
        projected: FloatArray,
        hidden: FloatArray,
        cell: FloatArray,
        recurrent_kernel: FloatArray,
        *,
        activation: Activation,
        recurrent_activation: Activation,
        masks: FloatArray | None = None,
        held: Held | None = None,
    ) -> Sequences:
        numbers = _number(activation), _number(recurrent_activation)
        if None in numbers or masks is not None or held:
            return super().lstm(
                projected,
                hidden,
                cell,
                recurrent_kernel,
                activation=activation,
                recurrent_activation=recurrent_activation,
                masks=masks,
                held=held,
            )
        check_cell(projected, hidden, recurrent_kernel, gates=4)
        check_cell(projected, cell, recurrent_kernel, gates=4)
        steps = (*projected.shape[:2], hidden.shape[1])
        names = ("i", "f", "g", "o", "c", "activated_c", "h")
        sequences = {name: np.empty(steps, projected.dtype) for name in names}
        before = np.empty_like(projected, order="C")
        _call(
            cpu_cells.lstm,
            (projected, hidden, cell),
            recurrent_kernel,
            numbers,
            (*sequences.values(), before),
        )
        return sequences | {"pre_activation": before}

    def lstm_gradient(
        self,
        output_gradient: FloatArray,
        cell_gradient: FloatArray,
        sequences: Sequences,
        cell: FloatArray,
        recurrent_kernel: FloatArray,
        *,
        activation: Activation,
        recurrent_activation: Activation,
        masks: FloatArray | None = None,
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        numbers = _number(activation), _number(recurrent_activation)
        if None in numbers or masks is not None:
            return super().lstm_gradient(
                output_gradient,
                cell_gradient,
                sequences,
                cell,
                recurrent_kernel,
                activation=activation,
                recurrent_activation=recurrent_activation,
                masks=masks,
            )
        before = sequences["pre_activation"]
        slopes = np.empty_like(before, order="C")
        carried = np.zeros_like(cell_gradient, order="C")
        to_cell = np.array(cell_gradient, order="C")
        kept = ("i", "f", "g", "o", "c", "activated_c")
        _call(
            cpu_cells.lstm_gradient,
            (output_gradient, cell, *(sequences[name] for name in kept)),
            recurrent_kernel.T,
            numbers,
            (slopes, carried, to_cell),
        )
        return slopes, carried, to_cell

    def gru(
        self,
        projected: FloatArray,
        hidden: FloatArray,
        recurrent_kernel: FloatArray,
        recurrent_bias: FloatArray | None,
        *,
        reset_after: bool,
        activation: Activation,
        recurrent_activation: Activation,
        masks: FloatArray | None = None,
        held: Held | None = None,
    ) -> Sequences:
        numbers = _number(activation), _number(recurrent_activation)
        if not reset_after or None in numbers or masks is not None or held:
            return super().gru(
                projected,
                hidden,
                recurrent_kernel,
                recurrent_bias,
                reset_after=reset_after,
                activation=activation,
                recurrent_activation=recurrent_activation,
                masks=masks,
                held=held,
            )
        check_cell(projected, hidden, recurrent_kernel, gates=3)
        steps = (*projected.shape[:2], hidden.shape[1])
        names = ("z", "r", "g", "recurrent", "h")
        sequences = {name: np.empty(steps, projected.dtype) for name in names}
        before = np.empty_like(projected, order="C")
        _call(
            cpu_cells.gru,
            (projected, hidden),
            recurrent_kernel,
            numbers,
            (*sequences.values(), before),
            initial=recurrent_bias,
        )
        return sequences | {"pre_activation": before}

    def gru_gradient(
        self,
        output_gradient: FloatArray,
        sequences: Sequences,
        hidden: FloatArray,
        recurrent_kernel: FloatArray,
        *,
        reset_after: bool,
        activation: Activation,
        recurrent_activation: Activation,
        masks: FloatArray | None = None,
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        numbers = _number(activation), _number(recurrent_activation)
        if not reset_after or None in numbers or masks is not None:
            return super().gru_gradient(
                output_gradient,
                sequences,
                hidden,
                recurrent_kernel,
                reset_after=reset_after,
                activation=activation,
                recurrent_activation=recurrent_activation,
                masks=masks,
            )
        before = sequences["pre_activation"]
        slopes, inner = np.empty_like(before, order="C"), np.empty_like(before, order="C")
        carried = np.zeros_like(hidden, order="C")
        kept = ("z", "r", "g", "recurrent", "h")
        _call(
            cpu_cells.gru_gradient,
            (output_gradient, hidden, *(sequences[name] for name in kept)),
            recurrent_kernel.T,
            numbers,
            (slopes, inner, carried),
        )
        return slopes, inner, carried


def _number(activation: Activation) -> int | None:
    """The kernels' number for an activation, or None where they do not have it."""
    return next((number for number, known in KNOWN.items() if known == activation), None)


def _call(
    kernel: Callable[..., None],
    inputs: tuple[Array, ...],
    weights: Array,
    numbers: tuple[int | None, ...],
    outputs: tuple[Array, ...],
    initial: Array | None = None,
) -> None:
    """Run a kernel, its arrays in the form that it was compiled for."""
    if initial is None:
        initial = np.empty(0, weights.dtype)
    kernel(*map(given, inputs), given(weights), given(initial), *numbers, *outputs)
