"""The energies of a restricted Boltzmann machine as parts of its trace (Hinton 2012, eq. 1)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.rbm import BernoulliRBM
from simulator.traces.formula import Message
from simulator.traces.part import Part
from simulator.traces.rbm_telling import told_product, told_softplus
from simulator.traces.staged_formulas import NegativeProduct, NegativeSoftplus
from simulator.traces.sum_part import SumNames, SumPart

Array = NDArray[Any]

HIDDEN = Message("Hidden units")
SUMS = Message("Sums c + v W")
BIASES = Message("Energy of the visible biases")
ENERGY = Message("Energy E(v, h)")
FREE_ENERGY = Message("Free energy F(v)")


def energy_parts(
    machine: BernoulliRBM,
    source: str,
    title: Message,
    *,
    visible: Array,
    hidden: Array,
    sums: Array,
    visible_bias: Array,
) -> tuple[list[Part], dict[str, Message]]:
    """Return the parts for E(v, h) and F(v), and what their arrays are called.

    ``source`` and ``title`` name the visible units (R, C); ``hidden`` are the units and ``sums``
    the c + v W of the first Gibbs step, both in the layout of the hidden units.
    """
    biases = -(visible_bias * visible)
    begun = float(biases.sum())
    flat = visible.reshape(1, -1)
    softplus = NegativeSoftplus(r"\writes{t_j} = -\log(1 + e^{\reads{z_j}})")
    parts: list[Part] = [
        SumPart(
            "visible_energy",
            BIASES,
            names=SumNames(
                sources=(source, "visible_bias"),
                titles=(title, Message("Visible biases")),
                terms="visible_terms",
                terms_title=Message("Terms"),
                running="visible_terms_so_far",
                total="bias_energy",
                total_title=BIASES,
                symbols=r"\writes{E_b} = -\sum_i \reads{v_i} \cdot \weights{b_i}",
                term_word=Message("Term"),
            ),
            terms=biases,
            total=begun,
            formula=NegativeProduct(r"\writes{t_i} = -\reads{v_i} \cdot \weights{b_i}"),
            told=told_product,
        ),
        SumPart(
            "energy",
            Message("Energy"),
            names=SumNames(
                sources=("hidden_1", "up_1_sums"),
                titles=(HIDDEN, SUMS),
                terms="energy_terms",
                terms_title=Message("Terms"),
                running="energy_so_far",
                total="energy",
                total_title=ENERGY,
                start="bias_energy",
                symbols=(
                    r"\writes{E} = E_b - \sum_j \reads{h_j}"
                    r"\weights{(c_j + \sum_i v_i w_{i,j})}"
                ),
                term_word=Message("Term"),
            ),
            terms=-(hidden * sums),
            total=float(machine.energy(flat, hidden.reshape(1, -1))[0]),
            formula=NegativeProduct(r"\writes{t_j} = -\reads{h_j} \cdot \weights{z_j}"),
            told=told_product,
            begun=begun,
        ),
        SumPart(
            "free_energy",
            Message("Free energy"),
            names=SumNames(
                sources=("up_1_sums",),
                titles=(SUMS,),
                terms="free_energy_terms",
                terms_title=Message("Terms"),
                running="free_energy_so_far",
                total="free_energy",
                total_title=FREE_ENERGY,
                start="bias_energy",
                symbols=r"\writes{F} = E_b - \sum_j \log(1 + e^{\reads{z_j}})",
                term_word=Message("Term"),
            ),
            terms=np.ascontiguousarray(softplus.value(sums)),
            total=float(machine.free_energy(flat)[0]),
            formula=softplus,
            told=told_softplus,
            begun=begun,
        ),
    ]
    return parts, {
        "visible_terms": Message("Term of the energy"),
        "visible_terms_so_far": Message("Energy so far"),
        "bias_energy": BIASES,
        "energy_terms": Message("Term of the energy"),
        "energy_so_far": Message("Energy so far"),
        "energy": ENERGY,
        "free_energy_terms": Message("Term of the free energy"),
        "free_energy_so_far": Message("Free energy so far"),
        "free_energy": FREE_ENERGY,
    }
