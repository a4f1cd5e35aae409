"""The trace of a restricted Boltzmann machine: up, flips, down, again; energies; one update.

Formulas and signs as in Hinton 2012, "A practical guide to training restricted Boltzmann machines".
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine import activations
from simulator.engine.rbm import BernoulliRBM, Contrast
from simulator.traces.cellwise_part import PAIR_AXES, CellwisePart, OuterPart
from simulator.traces.dense_names import DenseNames
from simulator.traces.dense_part import DensePart
from simulator.traces.formula import Message, Piece, Tone
from simulator.traces.model import Role, TraceArray, given
from simulator.traces.part import Part
from simulator.traces.rbm_energy import energy_parts
from simulator.traces.rbm_stations import stations, two_sided
from simulator.traces.rbm_telling import (
    counted_steps,
    tell_flip,
    tell_move,
    tell_outer,
    update_fact,
)
from simulator.traces.staged import StagedTrace, layout_of
from simulator.traces.staged_formulas import (
    Flipped,
    Moved,
    OuterProduct,
)

Array = NDArray[Any]

AXES = ("row", "column")
UP = r"\writes{p_j} = \sigma(c_j + \sum_i \reads{v_i} \cdot \weights{w_{i,j}})"
DOWN = r"\writes{p_i} = \sigma(b_i + \sum_j \reads{h_j} \cdot \weights{w_{i,j}})"
FLIP = r"\writes{s_i} = 1 \text{ if } \weights{u_i} < \reads{p_i} \text{, else } 0"


def rbm_trace(
    machine: BernoulliRBM,
    data: Array,
    contrast: Contrast,
    *,
    rate: float,
    start: Array | None = None,
) -> StagedTrace:
    """Return the trace of one contrast of a picture (R, C) and the update that follows from it.

    ``contrast`` is what the engine made of the picture as its one sample, with the chain starting
    at ``start`` (R, C) if it is persistent. ``rate`` is the learning rate of plain descent.
    """
    return _Builder(machine, data, contrast, rate=rate, start=start).trace()


class _Builder:
    """Collects the arrays and parts of a trace in their order."""

    def __init__(
        self,
        machine: BernoulliRBM,
        data: Array,
        contrast: Contrast,
        *,
        rate: float,
        start: Array | None,
    ) -> None:
        dtype = machine.weights["kernel"].dtype
        self.machine = machine
        self.contrast = contrast
        self.rate = rate
        self.picture = (int(data.shape[0]), int(data.shape[1]))
        self.hidden = layout_of(machine.hidden_units)
        # The hidden units' axes come first: at a hidden unit, its weights are a picture.
        self.kernel = np.ascontiguousarray(machine.weights["kernel"].T).reshape(
            *self.hidden, *self.picture
        )
        self.visible_bias = machine.weights["visible_bias"].reshape(self.picture)
        self.hidden_bias = machine.weights["hidden_bias"].reshape(self.hidden)
        self.arrays: list[TraceArray] = [
            given("input", AXES, Role.READS, data.astype(dtype)),
            given("kernel", PAIR_AXES, Role.WEIGHTS, self.kernel),
            given("visible_bias", AXES, Role.WEIGHTS, self.visible_bias),
            given("hidden_bias", AXES, Role.WEIGHTS, self.hidden_bias),
        ]
        self.titles: dict[str, Message] = {
            "input": Message("Data"),
            "kernel": Message("Weight"),
            "visible_bias": Message("Visible bias"),
            "hidden_bias": Message("Hidden bias"),
        }
        self.parts: list[Part] = []
        self.persistent = start is not None
        if start is not None:
            self.arrays.append(given("particle", AXES, Role.READS, start.astype(dtype)))
            self.titles["particle"] = Message("Where the last chain ended")

    def trace(self) -> StagedTrace:
        """Return the trace."""
        chain = self.contrast.chain
        if self.persistent:
            self._up("input", Message("Data"), "data", self.contrast.hidden_probabilities)
        source = "particle" if self.persistent else "input"
        for number_of_step, step in enumerate(chain, start=1):
            title = self.titles[source]
            self._up(source, title, f"up_{number_of_step}", step.hidden_probabilities)
            self._flip_hidden(number_of_step, step.hidden_draws, step.hidden)
            if number_of_step == 1:
                self._energies(source, title)
            self._down(number_of_step, step.visible_probabilities)
            self._flip_visible(number_of_step, step.visible_draws, step.visible)
            source = f"visible_{number_of_step}"
        self._up(source, self.titles[source], "last", self.contrast.chain_probabilities)
        self._update(source)
        inputs, units = self.machine.visible_units, self.machine.hidden_units
        return StagedTrace(
            self.arrays,
            self.parts,
            titles=self.titles,
            finest="Product",
            fact=update_fact(self.rate, len(chain), persistent=self.persistent),
            stations=stations(len(chain), persistent=self.persistent),
            two_sided=two_sided(len(chain), persistent=self.persistent),
            pictures=(
                "input",
                "particle",
                *(f"visible_{at + 1}" for at in range(len(chain))),
                *(f"down_{at + 1}_probabilities" for at in range(len(chain))),
            ),
            closing=(
                (Piece(str(inputs), Tone.READS), Piece("⇄"), Piece(str(units), Tone.WRITES)),
                Message(
                    "One update: {steps} and what data and chain disagree about.",
                    {"steps": counted_steps(len(chain))},
                ),
            ),
        )

    def _take(self, part: Part, **titles: Message) -> None:
        self.parts.append(part)
        self.titles |= titles

    def _up(self, source: str, source_title: Message, name: str, probabilities: Array) -> None:
        """Add the hidden units' probabilities, given visible units."""
        x = self._values(source)
        sums = self._hidden_sums(x)
        names = DenseNames(
            source=source,
            kernel="kernel",
            bias="hidden_bias",
            products=f"{name}_products",
            running=f"{name}_running",
            sums=f"{name}_sums",
            output=f"{name}_probabilities",
            symbols=UP,
            source_title=source_title,
            kernel_title=Message("Weights"),
            output_title=Message("Hidden probabilities"),
        )
        title = {
            "data": Message("Hidden probabilities of the data"),
            "last": Message("Hidden probabilities of the chain’s end"),
        }.get(name, Message("Up: hidden probabilities"))
        self._dense(name, title, names, x, self.hidden_bias, sums, probabilities, self.hidden)

    def _dense(
        self,
        name: str,
        title: Message,
        names: DenseNames,
        x: Array,
        bias: Array,
        sums: Array,
        probabilities: Array,
        shape: tuple[int, int],
    ) -> None:
        part = DensePart(
            name,
            title,
            names=names,
            x=x,
            kernel=self.kernel,
            bias=bias,
            sums=sums.reshape(shape),
            output=probabilities.reshape(shape),
            activation=activations.get("sigmoid"),
            function="σ",
            backwards=shape == self.hidden and x.shape == self.picture and bias is self.hidden_bias,
        )
        self._take(
            part,
            **{
                names.products: Message("Product"),
                names.running: Message("Running sum"),
                names.sums: Message("Sum"),
                names.output: names.output_title,
            },
        )

    def _values(self, name: str) -> Array:
        for array in (*self.arrays, *(each for part in self.parts for each in part.arrays)):
            if array.name == name:
                assert isinstance(array.values, np.ndarray)
                return array.values
        raise KeyError(name)

    def _hidden_sums(self, visible: Array) -> Array:
        """Return c + v W (H,) by the machine's own backend."""
        weights = self.machine.weights
        return self.machine.backend.dense(
            visible.reshape(1, -1), weights["kernel"], weights["hidden_bias"]
        )

    def _down(self, at: int, probabilities: Array) -> None:
        """Add the visible units' probabilities, given the hidden units of a step."""
        hidden = self._values(f"hidden_{at}")
        weights = self.machine.weights
        sums = (
            self.machine.backend.dense_input_gradient(hidden.reshape(1, -1), weights["kernel"])
            + weights["visible_bias"]
        )
        names = DenseNames(
            source=f"hidden_{at}",
            kernel="kernel",
            bias="visible_bias",
            products=f"down_{at}_products",
            running=f"down_{at}_running",
            sums=f"down_{at}_sums",
            output=f"down_{at}_probabilities",
            symbols=DOWN,
            source_title=Message("Hidden units"),
            kernel_title=Message("Weights"),
            output_title=Message("Visible probabilities"),
        )
        title = Message("Down: visible probabilities")
        self._dense(
            f"down_{at}", title, names, hidden, self.visible_bias, sums, probabilities, self.picture
        )

    def _flip_hidden(self, at: int, draws: Array, states: Array) -> None:
        self._flip(
            f"hidden_{at}",
            Message("Flip the hidden coins"),
            f"up_{at}_probabilities",
            Message("Hidden probabilities"),
            draws.reshape(self.hidden),
            states.reshape(self.hidden),
            Message("Hidden units"),
        )

    def _flip_visible(self, at: int, draws: Array, states: Array) -> None:
        self._flip(
            f"visible_{at}",
            Message("Flip the visible coins"),
            f"down_{at}_probabilities",
            Message("Visible probabilities"),
            draws.reshape(self.picture),
            states.reshape(self.picture),
            Message("Visible units after {steps}", {"steps": counted_steps(at)}),
        )

    def _flip(
        self,
        name: str,
        title: Message,
        probabilities: str,
        probabilities_title: Message,
        draws: Array,
        states: Array,
        states_title: Message,
    ) -> None:
        self.arrays.append(given(f"{name}_draws", AXES, Role.WEIGHTS, draws))
        self._take(
            CellwisePart(
                f"flip_{name}",
                title,
                sources=(
                    (probabilities, probabilities_title),
                    (f"{name}_draws", Message("Random numbers")),
                ),
                output=(name, states_title),
                values=states,
                formula=Flipped(FLIP),
                telling=tell_flip,
                node="u < p",
                rule=Message("A unit is on where its random number is less than its probability."),
            ),
            **{f"{name}_draws": Message("Random number"), name: states_title},
        )

    def _energies(self, source: str, title: Message) -> None:
        """Add the energy of the first step's units, and the free energy of the visible ones."""
        parts, titles = energy_parts(
            self.machine,
            source,
            title,
            visible=self._values(source),
            hidden=self._values("hidden_1"),
            sums=self._values("up_1_sums"),
            visible_bias=self.visible_bias,
        )
        self.parts += parts
        self.titles |= titles

    def _update(self, end: str) -> None:
        """Add the two outer products, and what they move."""
        before = "data_probabilities" if self.persistent else "up_1_probabilities"
        positive, negative = self.contrast.positive, self.contrast.negative
        for name, title, visible, hidden, statistics in (
            ("positive", Message("Data: v times h"), "input", before, positive),
            ("negative", Message("Chain: v times h"), end, "last_probabilities", negative),
        ):
            self._take(
                OuterPart(
                    name,
                    title,
                    sources=(
                        (visible, self.titles[visible]),
                        (hidden, Message("Hidden probabilities")),
                    ),
                    output=(name, title),
                    values=np.ascontiguousarray(statistics["kernel"].T).reshape(self.kernel.shape),
                    formula=OuterProduct(r"\writes{g_{i,j}} = \reads{v_i} \cdot \weights{h_j}"),
                    telling=tell_outer,
                    node="×",
                    rule=Message("Each visible unit times each hidden one: an outer product."),
                ),
                **{name: title},
            )
        self._move("kernel", ("positive", "negative"), Message("New weights"), self.kernel)
        self._move("visible_bias", ("input", end), Message("New visible biases"), self.visible_bias)
        self._move(
            "hidden_bias",
            (before, "last_probabilities"),
            Message("New hidden biases"),
            self.hidden_bias,
        )

    def _move(self, name: str, pair: tuple[str, str], title: Message, weights: Array) -> None:
        data, chain = pair
        formula = Moved(
            r"\writes{w'} = w + \eta(\reads{\langle vh\rangle} - "
            r"\weights{\langle v'h'\rangle})"
            if name == "kernel"
            else r"\writes{b'} = b + \eta(\reads{s} - \weights{s'})",
            self.rate,
        )
        moved = formula.value(self._values(data), self._values(chain), weights)
        self._take(
            CellwisePart(
                f"new_{name}",
                title,
                sources=(
                    (data, Message("Data: {what}", {"what": self.titles[data]}))
                    if name != "kernel"
                    else (data, self.titles[data]),
                    (chain, Message("Chain: {what}", {"what": self.titles[chain]}))
                    if name != "kernel"
                    else (chain, self.titles[chain]),
                    (name, self.titles[name]),
                ),
                output=(f"new_{name}", title),
                values=moved,
                formula=formula,
                telling=tell_move(self.rate),
                node="−",
                rule=Message("The learning rate times the difference is added to what was there."),
            ),
            **{f"new_{name}": title},
        )
