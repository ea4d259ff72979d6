"""What the verb `unmask` does: restores a prompt's gaps with a model of text, headless."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from tqdm import tqdm

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Value, fill, find_knob, knobs_of
from dgm_studio.core.requests import Unmask
from dgm_studio.core.unmasking import MANUAL, TokenStep, Unmasking
from dgm_studio.lab.desk import best_device
from dgm_studio.lab.text_model import TextModel, checkpoint, open_text
from dgm_studio.lab.unmask_task import new_film

DIGITS = 6
"""Decimals of probabilities and entropies in the records."""


def unmask(
    source: str, prompt: str, length: int, steps: int | None, order: str, seed: int, assignments: Iterable[str],
    records: bool, quiet: bool,
) -> dict[str, Any]:  # fmt: skip
    """The text that a checkpoint (a path, or the bare name of one that ships) makes of a prompt; with `records` every
    step too. `steps` and `order` stand for the knobs of these names; None and "" leave them to `assignments`."""
    own = knobs_of(Unmasking)
    values: dict[str, Value] = {}
    for word in assignments:
        name, sign, value = word.partition("=")
        if not sign:
            raise Refused(f"'{word}' sets nothing: write --set knob=value.")
        values[name.strip()] = find_knob(own, name.strip()).parse(value.strip())
    values |= {} if steps is None else {"steps": steps}
    values |= {"order": find_knob(own, "order").parse(order)} if order else {}
    settings = fill(Unmasking, values)
    if settings.order == MANUAL:
        raise Refused("The order 'manual' waits for clicks, of which a command line has none. Choose another order.")
    text = open_text(checkpoint(source), best_device())
    film = new_film(text, Unmask("", source, prompt, length, values, seed)).film
    for _ in tqdm(film.walk(), total=film.most, unit=" steps", disable=quiet):
        pass
    told = film.steps
    notes = [step.note for step in told if step.note]
    if not records and not quiet:
        sys.stderr.writelines(f"{note}\n" for note in notes)
    result = {
        "model": text.title, "kind": text.model.kind, "seed": seed, "settings": dict(vars(settings)),
        "text": text.vocabulary.decode(told[-1].ids), "steps": len(told) - 1, "calls": told[-1].calls, "notes": notes,
    }  # fmt: skip
    return {**result, "records": [_record(step, text) for step in told]} if records else result


def _record(step: TokenStep, text: TextModel) -> dict[str, Any]:
    """A step as plain numbers, with its text."""
    return {
        "step": step.step,
        "text": text.vocabulary.decode(step.ids),
        "ids": step.ids.tolist(),
        "mask_rate": round(step.mask_rate, DIGITS),
        "revealed": step.revealed.tolist(),
        "remasked": step.remasked.tolist(),
        "probability": step.probability.astype(float).round(DIGITS).tolist(),
        "entropy": step.entropy.astype(float).round(DIGITS).tolist(),
        "top_ids": step.top_ids.tolist(),
        "top_probabilities": step.top_probabilities.astype(float).round(DIGITS).tolist(),
        "calls": step.calls,
        "note": step.note,
    }
