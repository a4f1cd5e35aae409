"""Recurrent layers in plain NumPy; see `base` for the conventions.

B batch, T time, U units. These operations do what cannot be done before the previous step is known.
The product of the inputs with their kernel can: it comes in as `projected`, the bias included, and
the gradients of kernels and biases are sums over all steps of what comes out here.

`masks` is the recurrent dropout, (gates, B, U) or None: what each gate sees of the previous h.
`held` are gates that are held by hand: by the gate's name values (B, T, U) that stand in for what
its activation gives, NaN where the gate is free. What follows is computed from them; the sums that
would have made the gate are kept all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from simulator.engine.arrays import FloatArray
from simulator.engine.backends import checks
from simulator.engine.backends.windows import ieee_arithmetic
from simulator.engine.geometry import GeometryError

if TYPE_CHECKING:
    from simulator.engine.activations import Activation

Sequences = dict[str, FloatArray]
"""Named arrays of one pass over a sequence, each with batch and time first: (B, T, …)."""
Held = Mapping[str, FloatArray]
"""Values of gates that are held, (B, T, U) by the gate's name, NaN where it is free."""


class RecurrentReference:
    """The recurrent operations of a backend."""

    @ieee_arithmetic
    def simple_rnn(
        self,
        projected: FloatArray,
        hidden: FloatArray,
        recurrent_kernel: FloatArray,
        *,
        activation: Activation,
        masks: FloatArray | None = None,
    ) -> Sequences:
        """h_t = φ(projected_t + h_{t−1} · recurrent_kernel).

        projected (B, T, U), hidden (B, U) before the first step, recurrent_kernel (U, U); gives
        "pre_activation" and "h", both (B, T, U).
        """
        check_cell(projected, hidden, recurrent_kernel, gates=1)
        before, h = np.empty_like(projected), np.empty_like(projected)
        for t in range(projected.shape[1]):
            before[:, t] = projected[:, t] + gated_product(hidden, recurrent_kernel, masks)
            hidden = activation.value(before[:, t])
            h[:, t] = hidden
        return {"pre_activation": before, "h": h}

    @ieee_arithmetic
    def simple_rnn_gradient(
        self,
        output_gradient: FloatArray,
        sequences: Sequences,
        recurrent_kernel: FloatArray,
        *,
        activation: Activation,
        masks: FloatArray | None = None,
    ) -> tuple[FloatArray, FloatArray]:
        """Back through time, from ∂L/∂h (B, T, U) as the layers above and the end state give it.

        Gives ∂L/∂projected (B, T, U) and ∂L/∂hidden (B, U) of the state before the first step.
        """
        before, h = sequences["pre_activation"], sequences["h"]
        slopes = np.empty_like(before)
        carried = np.zeros_like(output_gradient[:, 0])
        for t in reversed(range(before.shape[1])):
            slopes[:, t] = activation.gradient(
                before[:, t], h[:, t], output_gradient[:, t] + carried
            )
            carried = gated_product_gradient(slopes[:, t], recurrent_kernel, masks)
        return slopes, carried

    @ieee_arithmetic
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
        """Long short-term memory (Hochreiter and Schmidhuber 1997; forget gate: Gers et al. 2000).

        a = projected_t + h_{t−1} · recurrent_kernel, in four parts for i, f, g, o;
        i = σ(a_i), f = σ(a_f), g = φ(a_g), o = σ(a_o); c_t = f ∗ c_{t−1} + i ∗ g; h_t = o ∗ φ(c_t).

        projected (B, T, 4U), hidden and cell (B, U), recurrent_kernel (U, 4U), σ the recurrent
        activation, φ the activation. Gives "i", "f", "g", "o", "c", "activated_c", "h", each
        (B, T, U), and "pre_activation" (B, T, 4U).
        """
        check_cell(projected, hidden, recurrent_kernel, gates=4)
        check_cell(projected, cell, recurrent_kernel, gates=4)
        steps = (*projected.shape[:2], hidden.shape[1])
        gate_at = holding(held, "ifgo", steps)
        before = np.empty_like(projected)
        i, f, g, o, c, activated, h = (np.empty(steps, projected.dtype) for _ in range(7))
        for t in range(projected.shape[1]):
            before[:, t] = projected[:, t] + gated_product(hidden, recurrent_kernel, masks)
            to_i, to_f, to_g, to_o = np.split(before[:, t], 4, axis=-1)
            i[:, t] = gate_at("i", t, recurrent_activation.value(to_i))
            f[:, t] = gate_at("f", t, recurrent_activation.value(to_f))
            g[:, t] = gate_at("g", t, activation.value(to_g))
            o[:, t] = gate_at("o", t, recurrent_activation.value(to_o))
            cell = f[:, t] * cell + i[:, t] * g[:, t]
            c[:, t] = cell
            activated[:, t] = activation.value(cell)
            hidden = o[:, t] * activated[:, t]
            h[:, t] = hidden
        return {
            "i": i, "f": f, "g": g, "o": o, "c": c, "activated_c": activated, "h": h,
            "pre_activation": before,
        }  # fmt: skip

    @ieee_arithmetic
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
        """Back through time, from ∂L/∂h (B, T, U) and ∂L/∂c (B, U) of the end state.

        `cell` is the state before the first step. Gives ∂L/∂projected (B, T, 4U), and ∂L/∂hidden
        and ∂L/∂cell (B, U) of the states before the first step.
        """
        i, f, g, o = (sequences[name] for name in "ifgo")
        c, activated = sequences["c"], sequences["activated_c"]
        before = sequences["pre_activation"]
        slopes = np.empty_like(before)
        carried = np.zeros_like(cell_gradient)
        for t in reversed(range(before.shape[1])):
            to_h = output_gradient[:, t] + carried
            to_c = cell_gradient + activation.gradient(c[:, t], activated[:, t], to_h * o[:, t])
            previous = c[:, t - 1] if t else cell
            parts = np.split(before[:, t], 4, axis=-1)
            slopes[:, t] = np.concatenate(
                [
                    recurrent_activation.gradient(parts[0], i[:, t], to_c * g[:, t]),
                    recurrent_activation.gradient(parts[1], f[:, t], to_c * previous),
                    activation.gradient(parts[2], g[:, t], to_c * i[:, t]),
                    recurrent_activation.gradient(parts[3], o[:, t], to_h * activated[:, t]),
                ],
                axis=-1,
            )
            cell_gradient = to_c * f[:, t]
            carried = gated_product_gradient(slopes[:, t], recurrent_kernel, masks)
        return slopes, carried, cell_gradient

    @ieee_arithmetic
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
        """The gated recurrent unit (Cho et al. 2014), in either of its two forms.

        z = σ(projected_z + h_{t−1} · R_z + b_z), r = σ(projected_r + h_{t−1} · R_r + b_r);
        reset after the product: m = h_{t−1} · R_g + b_g, g = φ(projected_g + r ∗ m);
        reset before it: m = (r ∗ h_{t−1}) · R_g + b_g, g = φ(projected_g + m);
        h_t = z ∗ h_{t−1} + (1 − z) ∗ g.

        projected (B, T, 3U), hidden (B, U), recurrent_kernel R (U, 3U), recurrent_bias b (3U,) or
        None, the parts in the order z, r, g. Gives "z", "r", "g", "recurrent" (m) and "h", each
        (B, T, U), and "pre_activation" (B, T, 3U).
        """
        check_cell(projected, hidden, recurrent_kernel, gates=3)
        U = hidden.shape[1]
        gates, candidate = recurrent_kernel[:, : 2 * U], recurrent_kernel[:, 2 * U :]
        bias = np.zeros(3 * U, projected.dtype) if recurrent_bias is None else recurrent_bias
        first, last = (None, None) if masks is None else (masks[:2], masks[2:])
        steps = (*projected.shape[:2], U)
        gate_at = holding(held, "zrg", steps)
        before = np.empty_like(projected)
        z, r, g, m, h = (np.empty(steps, projected.dtype) for _ in range(5))
        for t in range(projected.shape[1]):
            before[:, t, : 2 * U] = (
                projected[:, t, : 2 * U] + gated_product(hidden, gates, first) + bias[: 2 * U]
            )
            z[:, t] = gate_at("z", t, recurrent_activation.value(before[:, t, :U]))
            r[:, t] = gate_at("r", t, recurrent_activation.value(before[:, t, U : 2 * U]))
            if reset_after:
                m[:, t] = gated_product(hidden, candidate, last) + bias[2 * U :]
                before[:, t, 2 * U :] = projected[:, t, 2 * U :] + r[:, t] * m[:, t]
            else:
                m[:, t] = gated_product(r[:, t] * hidden, candidate, last) + bias[2 * U :]
                before[:, t, 2 * U :] = projected[:, t, 2 * U :] + m[:, t]
            g[:, t] = gate_at("g", t, activation.value(before[:, t, 2 * U :]))
            hidden = z[:, t] * hidden + (1 - z[:, t]) * g[:, t]
            h[:, t] = hidden
        return {"z": z, "r": r, "g": g, "recurrent": m, "h": h, "pre_activation": before}

    @ieee_arithmetic
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
        """Back through time, from ∂L/∂h (B, T, U) as the layers above and the end state give it.

        `hidden` is the state before the first step. Gives ∂L/∂projected and ∂L/∂(the products with
        the recurrent kernel), both (B, T, 3U), and ∂L/∂hidden (B, U).
        """
        U = hidden.shape[1]
        gates, candidate = recurrent_kernel[:, : 2 * U], recurrent_kernel[:, 2 * U :]
        first, last = (None, None) if masks is None else (masks[:2], masks[2:])
        z, r, g, m, h = (sequences[name] for name in ("z", "r", "g", "recurrent", "h"))
        before = sequences["pre_activation"]
        slopes, inner = np.empty_like(before), np.empty_like(before)
        carried = np.zeros_like(hidden)
        for t in reversed(range(before.shape[1])):
            previous = h[:, t - 1] if t else hidden
            to_z, to_r, to_g = np.split(before[:, t], 3, axis=-1)
            to_h = output_gradient[:, t] + carried
            slope_g = activation.gradient(to_g, g[:, t], to_h * (1 - z[:, t]))
            slope_z = recurrent_activation.gradient(to_z, z[:, t], to_h * (previous - g[:, t]))
            carried = to_h * z[:, t]
            if reset_after:
                inner_g: FloatArray = slope_g * r[:, t]
                slope_r = recurrent_activation.gradient(to_r, r[:, t], slope_g * m[:, t])
                carried = carried + gated_product_gradient(inner_g, candidate, last)
            else:
                inner_g = slope_g
                to_reset = gated_product_gradient(inner_g, candidate, last)
                slope_r = recurrent_activation.gradient(to_r, r[:, t], to_reset * previous)
                carried = carried + to_reset * r[:, t]
            slopes[:, t] = np.concatenate([slope_z, slope_r, slope_g], axis=-1)
            inner[:, t] = np.concatenate([slope_z, slope_r, inner_g], axis=-1)
            carried = carried + gated_product_gradient(inner[:, t, : 2 * U], gates, first)
        return slopes, inner, carried


def holding(
    held: Held | None, gates: str, steps: tuple[int, ...]
) -> Callable[[str, int, FloatArray], FloatArray]:
    """What gives a gate's values (B, U) at a time step: those that are held, else those given.

    Raises GeometryError where `held` names a gate that is not among `gates`, or has not the shape
    `steps`, (B, T, U).
    """
    for name, values in (held or {}).items():
        if name not in gates:
            raise GeometryError(
                f"There is no gate {name!r} to hold: there are {', '.join(gates) or 'none'}.",
                parameter="held",
            )
        if values.shape != steps:
            raise GeometryError(
                f"The values that gate {name!r} is held at have the shape "
                f"{' × '.join(map(str, values.shape))}: it must be {' × '.join(map(str, steps))}.",
                parameter="held",
            )

    def gate_at(name: str, t: int, values: FloatArray) -> FloatArray:
        if not held or name not in held:
            return values
        given = held[name][:, t]
        return np.where(np.isnan(given), values, given).astype(values.dtype)

    return gate_at


def gated_product(
    hidden: FloatArray, recurrent_kernel: FloatArray, masks: FloatArray | None
) -> FloatArray:
    """What h (B, U) adds to each gate: (B, gates · U), each gate's h masked by its own mask."""
    if masks is None:
        product: FloatArray = np.einsum("bu,uv->bv", hidden, recurrent_kernel)
        return product
    kernels = np.split(recurrent_kernel, len(masks), axis=-1)
    products = [
        np.einsum("bu,uv->bv", hidden * mask, kernel)
        for mask, kernel in zip(masks, kernels, strict=True)
    ]
    return np.concatenate(products, axis=-1)


def gated_product_gradient(
    slopes: FloatArray, recurrent_kernel: FloatArray, masks: FloatArray | None
) -> FloatArray:
    """∂L/∂h (B, U) through `gated_product`, from ∂L/∂product (B, gates · U)."""
    if masks is None:
        gradient: FloatArray = np.einsum("bv,uv->bu", slopes, recurrent_kernel)
        return gradient
    gradient = np.zeros_like(slopes, shape=(slopes.shape[0], recurrent_kernel.shape[0]))
    parts = np.split(slopes, len(masks), axis=-1)
    kernels = np.split(recurrent_kernel, len(masks), axis=-1)
    for mask, part, kernel in zip(masks, parts, kernels, strict=True):
        gradient += mask * np.einsum("bv,uv->bu", part, kernel)
    return gradient


def check_cell(
    projected: FloatArray, state: FloatArray, recurrent_kernel: FloatArray, *, gates: int
) -> None:
    """Refuse what does not fit: projected (B, T, gates · U), state (B, U), kernel (U, gates · U).

    Raises GeometryError for shapes and TypeError for types.
    """
    checks.dense(state, recurrent_kernel, None)
    checks.vectors("The projected input", projected)
    if projected.dtype != state.dtype:
        raise TypeError(
            f"The projected input holds {projected.dtype}, the state {state.dtype}: give one type."
        )
    units = state.shape[-1]
    if recurrent_kernel.shape[1] != gates * units:
        raise GeometryError(
            f"The recurrent kernel has {recurrent_kernel.shape[1]} columns: {gates} gates of "
            f"{units} units need {gates * units}.",
            parameter="channels",
        )
    if projected.ndim != 3 or projected.shape[::2] != (state.shape[0], gates * units):
        raise GeometryError(
            f"The projected input has the shape {' × '.join(map(str, projected.shape))}: it must "
            f"be {state.shape[0]} × steps × {gates * units}.",
            parameter="input",
        )
    if projected.shape[1] == 0:
        raise GeometryError("The sequence has no steps: it must have 1 or more.", parameter="input")
