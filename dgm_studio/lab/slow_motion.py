"""Slow motion: the run's next beat, done for real while a tracer looks, told in stages of pictures and formulas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.core.reports import Beat, Motion, MotionStage, Plate, Report
from dgm_studio.families.tracer import Descent, Tracer, Weight
from dgm_studio.lab.motion_plates import (
    arrays_of,
    bars,
    buffer_plate,
    call_plates,
    curve,
    histogram,
    plain,
    tensor_plate,
)
from dgm_studio.lab.run import Run

TENSORS = 10
"""Parameter tensors with a picture of their own; of more the first and the last halves, the ends of the networks."""

STEPS = "Adam divides by the gradient's own size, so that most steps are at most about one learning rate η long."
CURVE = 300
"""Last losses beside the present one."""


def slow_motion(run: Run, beats: Iterator[Beat | Report | None]) -> tuple[Beat | Report, ...]:
    """The next of `beats`, the same bit for bit as untraced, and the Motion that tells what happened in it.

    Where nothing is descended (counts, EM) the stages are those there are: data, value, update.
    """
    if run.model.takes != "points":
        raise Refused(f"Slow motion draws points, not {run.model.takes}. Train step by step instead.")
    tracer = Tracer()
    with tracer.watching(run.fit):
        beat = next(beats)
    assert isinstance(beat, Beat)  # a run's clock yields nothing else
    card, descent = run.model.card, tracer.descent
    stages = [
        _forward(run, tracer, card, learns=descent is not None),
        _loss(run, tracer, card, beat, descent is not None),
    ]
    if descent is not None:
        stages += [_gradient(descent), _update(descent)]
    else:
        stages.append(_fitted(tracer, card))
    return beat, Motion(beat.step, beat.name, beat.next, tuple(stages))


def _forward(run: Run, tracer: Tracer, card: Card, *, learns: bool) -> MotionStage:
    ground = run.fit.points
    plates: list[Plate] = []
    drawn = tracer.points if tracer.points is not None else tracer.noted.get("batch")
    if drawn is not None or not learns:
        batch = ground if drawn is None else drawn
        title, note = (
            ("Batch", f"{len(batch):,} points") if drawn is not None else ("Data", f"all {len(batch):,} points")
        )
        plates.append(arrays_of(title, batch, note, ground if drawn is not None else None))
    outcome = tracer.noted.get("outcome")
    if outcome is not None:
        plates.append(arrays_of("Where the batch ends up", outcome, f"{len(outcome):,} points", None, "sample"))
    plates += call_plates(tracer.calls, tracer.noted.get("miss"))[: 3 if outcome is None else 1]
    facts = [("Batch", f"{len(drawn):,} of {len(ground):,} points")] if drawn is not None else []
    for name in dict.fromkeys(call.name for call in tracer.calls):
        own = [call for call in tracer.calls if call.name == name]
        shape = f"{_shape(own[0].given)} → {_shape(own[0].answer)}"
        facts.append((name, shape + (f", {len(own)} times" if len(own) > 1 else "")))
    if not learns:
        caption = "The beat looks at the data. This family has no gradient: it counts, or solves for its numbers."
        return MotionStage("Data", card.formula, caption, tuple(facts[:6]), tuple(plates))
    several = "networks" if len({call.name for call in tracer.calls}) > 1 else "network"
    caption = (
        f"A batch of data goes through the {several}; what comes out is compared in the next stage."
        if drawn is not None
        else f"No data are drawn in this beat: the {several} met noise, or what the model itself has made."
    )
    return MotionStage("Forward", card.formula, caption, tuple(facts[:6]), tuple(plates))


def _loss(run: Run, tracer: Tracer, card: Card, beat: Beat, learns: bool) -> MotionStage:
    plates: list[Plate] = []
    for name, values in tracer.noted.items():
        if name in ("miss", "outcome", "batch"):
            continue
        each = values.flatten(1).mean(1) if name == "losses" and values.ndim > 1 else values.flatten()
        title = "Loss of each example" if name == "losses" else f"{_capital(name)} of each example"
        plates.append(histogram(title, each, f"mean {float(each.mean()):.4g}", "What the batch's mean is made of."))
    named = next(iter(beat.values), "")
    if named:
        steps, scalars = run.loss_arrays()[named]
        note = f"now {scalars[-1]:.4g}"
        plates.append(curve(_capital(named), steps[-CURVE:], scalars[-CURVE:], note))
    facts = tuple((name, f"{value:.5g}") for name, value in beat.values.items())
    if not learns:
        caption = "How good the fit was when the beat looked at the data." if facts else "This beat measures nothing."
        return MotionStage("Value", card.formula, caption, facts, tuple(plates))
    formula = _formula(card, beat.name, run.fit.training)
    value = f"{tracer.losses[-1]:.5g}" if tracer.losses else ""
    caption = f"One number says how wrong the batch's answers are: L = {value}. Everything after comes from it."
    return MotionStage("Loss", formula, caption, facts, tuple(plates))


def _gradient(descent: Descent) -> MotionStage:
    weights = descent.weights
    norms = [_norm(weight.gradient) for weight in weights]
    whole, clipped = _whole([w.gradient for w in weights]), _whole([w.clipped for w in weights])
    shown, left = _chosen(weights)
    plates = [_norms("Gradient norm of each tensor", weights, norms)]
    plates += [_plate(weights, weight, weight.gradient, "|g|") for weight in shown]
    formula = "g = ∂L/∂w"
    facts = [("Norm of the whole gradient |g|", f"{whole:.4g}")]
    if descent.clip > 0:
        formula += f",   g ← g · min(1, {descent.clip:g} / |g|)"
        facts.append(("Clipped at", f"{descent.clip:g}" if whole > descent.clip else f"{descent.clip:g}, not reached"))
        facts.append(("Norm after clipping", f"{clipped:.4g}"))
    most = max(weights, key=lambda one: float(one.gradient.abs().max()))
    facts.append(("Steepest weight", f"{float(most.gradient.abs().max()):.3g} in {most.name}"))
    facts.append(("Tensors", f"{len(weights)}" + (f", {left} of them not pictured" if left else "")))
    caption = (
        "The loss is followed back through the network: each weight learns how steeply L rises with it. "
        "Green: L rises with the weight, red: it falls."
    )
    return MotionStage("Gradient", formula, caption, tuple(facts), tuple(plates))


def _update(descent: Descent) -> MotionStage:
    weights = descent.weights
    before, after = _flat([w.before for w in weights]), _flat([w.after for w in weights])
    change = after - before
    ratios = [_norm(w.update) / (_norm(w.before) or 1.0) for w in weights]
    shown, left = _chosen(weights, TENSORS - 2)
    plates = [
        histogram("All weights, before and after", after, "outline: before", "", before=before),
        histogram("Step of each weight, in units of η", change / (descent.rate or 1.0), "", STEPS),
        _norms("|Δw| / |w| of each tensor", weights, ratios),
    ]  # fmt: skip
    plates += [_plate(weights, weight, weight.update, "|Δw|") for weight in shown]
    b1, b2 = descent.betas
    formula = f"m ← {b1:g} m + {1 - b1:.4g} g,   v ← {b2:g} v + {1 - b2:.4g} g²,   w ← w − η m̂ / (√v̂ + ε)"
    facts = [
        ("Learning rate η", f"{descent.rate:.4g}"),
        ("Adam's step", f"{descent.count:,}"),
        ("|m|", f"{_whole([w.mean for w in weights]):.4g}"),
        ("|v|", f"{_whole([w.square for w in weights]):.4g}"),
        ("|Δw|", f"{_norm(change):.4g}"),
        ("|Δw| / |w|", f"{_norm(change) / (_norm(before) or 1.0):.3g}"),
    ]
    if left:
        facts.append(("Tensors", f"{len(weights)}, {left} of them not pictured"))
    caption = (
        f"Adam (Kingma and Ba, 2015) moves the {len(before):,} weights of “{descent.group}” against the gradients' "
        "running mean m, divided by their running size √v."
    )
    return MotionStage("Update", formula, caption, tuple(facts), tuple(plates))


def _fitted(tracer: Tracer, card: Card) -> MotionStage:
    """The update of a family without gradients: its own numbers, before and after."""
    plates = [buffer_plate(one) for one in tracer.buffers[:TENSORS]]
    facts = tuple(
        (f"Change of {plain(one.name)}", f"{_norm(one.after.double() - one.before.double()):.4g}")
        for one in tracer.buffers[:6]
    )
    caption = (
        "No gradient: the family's own numbers are set directly. Outline: before."
        if plates
        else "This beat changed none of the family's numbers: it had come to rest."
    )
    return MotionStage("Update", card.formula, caption, facts, tuple(plates))


# Small things.


def _plate(weights: list[Weight], weight: Weight, tensor: torch.Tensor, what: str) -> Plate:
    """A tensor of one weight's size, with its norm."""
    return tensor_plate(weight.name, tensor, f"{what} {_norm(tensor):.2g}", _ends(weights, weight))


def _norms(title: str, weights: list[Weight], values: list[float]) -> Plate:
    names = "\n".join(
        f"{k}. {w.name}: {value:.3g}" for k, (w, value) in enumerate(zip(weights, values, strict=True), 1)
    )
    return bars(title, np.array(values), f"{len(weights)} tensors", names)


def _chosen(weights: list[Weight], most: int = TENSORS) -> tuple[list[Weight], int]:
    """Those with a picture, and how many are left out."""
    if len(weights) <= most:
        return weights, 0
    half = most // 2
    return [*weights[:half], *weights[-half:]], len(weights) - 2 * half


def _ends(weights: list[Weight], weight: Weight) -> bool:
    """Whether it is the first or the last matrix: these are shown number by number."""
    matrices = [one for one in weights if one.before.ndim == 2]
    return bool(matrices) and (weight is matrices[0] or weight is matrices[-1])


def _flat(tensors: list[torch.Tensor]) -> torch.Tensor:
    return torch.cat([tensor.double().flatten() for tensor in tensors])


def _whole(tensors: list[torch.Tensor]) -> float:
    return _norm(_flat(tensors))


def _norm(tensor: torch.Tensor) -> float:
    return float(torch.linalg.vector_norm(tensor.double()))


def _formula(card: Card, beat: str, training: Any) -> str:
    """This beat's objective: the fact for the choice that is live, for the beat, for the family; else its formula."""
    choices = [f"loss of {beat}, {value}" for value in vars(training).values() if isinstance(value, str)]
    names = (*choices, f"loss of {beat}", "loss")
    return next((str(found) for name in names if (found := card.fact(name)) is not None), card.formula)


def _capital(name: str) -> str:
    """A sentence's beginning; "KL" and "V(G, D)" stay as they are."""
    return name[:1].upper() + name[1:]


def _shape(tensor: torch.Tensor) -> str:
    return " × ".join(f"{size:,}" for size in tensor.shape)
