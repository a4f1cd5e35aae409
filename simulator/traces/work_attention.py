"""Attention at work: queries, keys and values, scores, shares, and what they mix.

Vaswani et al. 2017, "Attention is all you need", section 3.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.layers import MultiHeadAttention
from simulator.traces.fold_part import FoldNames, FoldPart
from simulator.traces.folds import ADDED, Product
from simulator.traces.formula import Message
from simulator.traces.operands import Along, Operand
from simulator.traces.work import OUTPUT, Named, Work
from simulator.traces.work_ends import softmax_of
from simulator.traces.work_windows import told_product

Array = NDArray[Any]

QUERY = ("query_1", Message("Queries"))
KEY = ("key_1", Message("Keys"))
VALUE = ("value_1", Message("Values"))
SCORES = ("scores_1", Message("Scores"))
SHARES = ("shares_1", Message("Attention"))
HEADS = ("heads_1", Message("Mixed values"))
PROJECTED = (("query", QUERY), ("key", KEY), ("value", VALUE))
PROJECTION = r"\writes{q} = b + \sum_d \reads{x_{t,d}} \cdot \weights{w_{d,k}}"
SCORE = r"\writes{z_{t,s}} = \frac{1}{\sqrt{K}}\sum_k \reads{q_{t,k}} \cdot \weights{k_{s,k}}"
MIX = r"\writes{h_{t,v}} = \sum_s \reads{a_{t,s}} \cdot \weights{v_{s,v}}"
CLOSING = r"\writes{y_{t,o}} = b + \sum_{n,v} \reads{h_{t,v,n}} \cdot \weights{w_{v,n,o}}"


def attend(work: Work) -> None:
    """Add the parts of a MultiHeadAttention (T, D), (S, E): a map for each head."""
    layer = work.layer
    assert isinstance(layer, MultiHeadAttention)
    if layer.use_causal_mask:
        raise ValueError("No place sees those after it there, which can't be shown yet.")
    query, value, *key = range(len(work.inputs))
    places = {"query": query, "value": value, "key": key[0] if key else value}
    made = {}
    for name, named in PROJECTED:
        made[named[0]] = _project(work, name, named, places[name])
    q, k, v = (made[named[0]] for named in (QUERY, KEY, VALUE))
    scores = _heads_last(work.cache["scores"])
    whole = Along.whole(q.shape[1])
    _multiply(
        work,
        SCORES,
        (QUERY, q, (Along(0), whole, Along(2))),
        (KEY, k, (Along(1), whole, Along(2))),
        scores,
        Message("Scores: queries times keys"),
        SCORE,
        divisor=float(np.sqrt(layer.key_dim)),
    )
    shares = _heads_last(work.cache["attention"])
    softmax_of(work, SCORES, scores, shares, grouped={1}, made=SHARES)
    heads = _heads_last(work.cache["heads"])
    whole = Along.whole(shares.shape[1])
    _multiply(
        work,
        HEADS,
        (SHARES, shares, (Along(0), whole, Along(2))),
        (VALUE, v, (whole, Along(1), Along(2))),
        heads,
        Message("Values mixed by their shares"),
        MIX,
    )
    kernel = work.weights["closing_kernel_1"]
    work.give("closing_kernel_1", Message("Weights of the output"), kernel)
    whole, every = (Along.whole(length) for length in heads.shape[1:])
    _multiply(
        work,
        OUTPUT,
        (HEADS, heads, (Along(0), whole, every)),
        (("closing_kernel_1", Message("Weights")), kernel, (whole, every, Along(1))),
        work.output,
        Message("Output: the heads together"),
        CLOSING,
        bias="closing_bias_1",
        order=(2, 1, 0),
    )


def _project(work: Work, name: str, made: Named, place: int) -> Array:
    """Add what a query, key or value is made of, and return it (T, K, N)."""
    x = work.inputs[place]
    kernel, bias = f"{name}_kernel_1", f"{name}_bias_1"
    weights = work.weights[kernel]
    work.give(kernel, Message("Weights of the {made}", {"made": made[1]}), weights)
    values = _heads_last(work.cache[name])
    whole = Along.whole(x.shape[1])
    _multiply(
        work,
        made,
        (work.input_name(place), x, (Along(0), whole)),
        ((kernel, Message("Weights")), weights, (whole, Along(1), Along(2))),
        values,
        made[1],
        PROJECTION,
        bias=bias,
    )
    return values


def _heads_last(values: Array) -> Array:
    """Return an array (N, T, K) as one of several maps, (T, K, N)."""
    return np.ascontiguousarray(values.transpose(1, 2, 0))


def _multiply(
    work: Work,
    made: Named,
    first: tuple[Named, Array, tuple[Along, ...]],
    second: tuple[Named, Array, tuple[Along, ...]],
    values: Array,
    title: Message,
    symbols: str,
    *,
    divisor: float = 1.0,
    bias: str = "",
    order: Sequence[int] | None = None,
) -> None:
    """Add sums of products of two arrays; ``order`` is that of the terms along their axes."""
    operands = []
    for named, array, along in (first, second):
        own = None if order is None else [axis for axis in order if axis < array.ndim]
        operands.append((Operand(*named, array.shape, along, order=own), array))
    start: tuple[Operand, Array] | None = None
    if bias in work.weights:
        given = work.weights[bias]
        work.give(bias, Message("Bias of the {made}", {"made": made[1]}), given)
        along = (Along(1), Along(2)) if values.ndim == 3 else (Along(), Along(1))
        start = Operand(bias, Message("Bias"), given.shape, along), given
    count = operands[0][0].count
    work.refuse_terms(values.size, count)
    terms, running = f"{made[0]}_terms", f"{made[0]}_running"
    part = FoldPart(
        made[0],
        title,
        names=FoldNames(
            terms=terms,
            running=running,
            output=made[0],
            output_title=made[1],
            term=Message("Product"),
            terms_title=Message("Products"),
        ),
        operands=operands,
        # They lie as the weights do that they are products with.
        term_shape=(1, count) if second[2][0].length == 1 else (count, 1),
        combine=Product(r"\reads{x} \cdot \weights{w}"),
        told=told_product,
        fold=ADDED,
        symbols=symbols,
        values=values,
        start=start,
        divisor=divisor,
    )
    told = {made[0]: made[1], terms: Message("Product"), running: Message("Running sum")}
    work.add(part, station=made[1], **told)
