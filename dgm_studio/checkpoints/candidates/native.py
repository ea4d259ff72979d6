"""The studio's own checkpoints (tier 0): the recipe in the metadata, opened by the studio itself, bit for bit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dgm_studio.checkpoints.candidates.answers import inspected, not_mine
from dgm_studio.checkpoints.candidates.asked import Architecture, Asked
from dgm_studio.core.checkpoint_head import FRAME, SCHEMA
from dgm_studio.core.inspection import BROKEN, MATCH, PICTURES, POINTS, TEXT, Candidate, Conclusion

ID, TITLE = "dgm-studio", "Checkpoint of DGM Studio"
FORMAT, CLASSIFIER = "dgm-studio", "dgm-studio-classifier"


def judge(asked: Asked) -> Candidate:
    """Whether the metadata are ours, and whether the recipe in them can be read."""
    tree = asked.opened.tree
    metadata = tree.get("metadata") if isinstance(tree, Mapping) else None
    metadata = metadata if isinstance(metadata, Mapping) else {}
    kind = metadata.get("format")
    if kind == CLASSIFIER:
        return inspected(ID, TITLE, 0.95, ("The metadata say that it is a classifier with which DGM Studio measures.",))
    if kind != FORMAT:
        return not_mine(ID, TITLE, "The metadata do not name DGM Studio's format.")
    schema = str(metadata.get("schema", ""))
    if not schema.isdecimal() or int(schema[:6]) > SCHEMA:
        text = f"It has schema '{schema[:20]}'; this version reads up to {SCHEMA}. Update DGM Studio to open it."
        return Candidate(ID, TITLE, BROKEN, 1.0, (text,), tier=0)
    recipe = _json(metadata.get("recipe"))
    if "family" not in recipe:
        return Candidate(
            ID, TITLE, BROKEN, 1.0, ("Its recipe is missing or cannot be read. Choose another copy.",), tier=0
        )
    fit = _json(metadata.get("fit"))
    makes = _makes(asked, recipe)
    reasons = (
        f"The metadata hold a recipe of the family '{recipe['family']}' at step {fit.get('step', 0):,}."
        if isinstance(fit.get("step", 0), int)
        else f"The metadata hold a recipe of the family '{recipe['family']}'.",
        "Everything that going on needs is in the file." if not fit.get("slim") else "It holds averaged weights only.",
    )
    return Candidate(ID, TITLE, MATCH, 1.0, reasons, makes, 0, "", tuple(_settings(recipe, fit, metadata)))


def _makes(asked: Asked, recipe: Mapping[str, Any]) -> str:
    if FRAME in asked.opened.tensors:
        return PICTURES
    design = recipe.get("design")
    return TEXT if isinstance(design, Mapping) and "tokens" in design else POINTS


def _settings(recipe: Mapping[str, Any], fit: Mapping[str, Any], metadata: Mapping[str, Any]) -> list[Conclusion]:
    source = "from the file's recipe"
    data = recipe.get("data")
    training = recipe.get("training")
    versions = _json(metadata.get("versions"))
    rows = (
        ("family", "Family", recipe.get("family")),
        ("preset", "Preset", recipe.get("preset")),
        ("data", "Data", data.get("name") if isinstance(data, Mapping) else None),
        ("step", "Step", fit.get("step")),
        ("ema", "Average's decay", training.get("ema") if isinstance(training, Mapping) else None),
        ("seed", "Seed", recipe.get("seed")),
        ("version", "Written by DGM Studio", versions.get("dgm-studio")),
    )
    return [
        Conclusion(name, title, value, source) for name, title, value in rows if isinstance(value, (str, int, float))
    ]


def _json(text: Any) -> dict[str, Any]:
    try:
        found = json.loads(text) if isinstance(text, str) else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


CANDIDATE = Architecture(ID, TITLE, judge)
