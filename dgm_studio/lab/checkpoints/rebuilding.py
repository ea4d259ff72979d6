"""From a path to a running network: opened, judged, rebuilt by the best candidate, with what a person chose instead."""

from __future__ import annotations

import pkgutil
from collections.abc import Generator, Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module
from itertools import islice
from pathlib import Path

from dgm_studio.checkpoints import rebuild as room
from dgm_studio.checkpoints.candidates.judging import Examined, examine, inspect
from dgm_studio.checkpoints.formats.opening import open_checkpoint
from dgm_studio.checkpoints.rebuild.probe import settled
from dgm_studio.checkpoints.rebuild.rebuilt import Rebuilder, Rebuilt
from dgm_studio.core.inspection import ASKS, BROKEN, CONSENT, ERROR, MATCH, NOTHING, Candidate, RefusedFile

CANDIDATE, WEIGHTS = "candidate", "weights"
"""Names of choices: which architecture, which copy of the weights."""

MOST_FILES = 2_000
"""Files of a folder that are looked at."""


def as_it_is(path: Path) -> tuple[str, int, int]:
    """What changes when a file, or any file of a folder, is written anew: its place, latest change, bytes."""
    files = list(islice(path.rglob("*"), MOST_FILES)) if path.is_dir() else [path]
    facts = [file.stat() for file in (path, *files) if file.exists()]
    return str(path.resolve()), max(one.st_mtime_ns for one in facts), sum(one.st_size for one in facts)


@cache
def rebuilders() -> dict[str, Rebuilder]:
    """Every file of checkpoints.rebuild with a REBUILD, by its candidate's id."""
    modules = [import_module(f"{room.__name__}.{info.name}") for info in pkgutil.iter_modules(room.__path__)]
    found = [one for module in modules if isinstance(one := getattr(module, "REBUILD", None), Rebuilder)]
    return {one.id: one for one in found}


def made_by(path: Path) -> str:
    """What the model of another program's file makes (core.inspection's PICTURES, POINTS, TEXT), "" where none runs or
    the file is refused."""
    try:
        found = inspect(path)
    except RefusedFile:
        return NOTHING
    return next((one.makes for one in found.candidates if _runs(one) or one.verdict == ASKS), NOTHING)


def _runs(candidate: Candidate) -> bool:
    return candidate.verdict == MATCH and candidate.id in rebuilders()


def rebuilding(path: Path, choice: Mapping[str, str], device: str) -> Generator[None, None, Rebuilt]:
    """The model of a file or folder, in slices. RefusedFile where it cannot be opened, where nobody can rebuild it, or
    where a finding bars sampling; the sentence says why."""
    opened = open_checkpoint(path)
    try:
        yield
        examined = examine(opened)
        yield
        candidate = _chosen(examined, choice)
        asked = examined.asked(choice.get(WEIGHTS, ""), candidate)
        return (yield from settled((yield from rebuilders()[candidate.id].build(asked, candidate, choice, device))))
    finally:
        opened.close()


def _chosen(examined: Examined, choice: Mapping[str, str]) -> Candidate:
    inspection = examined.inspection
    barred = next((one for one in inspection.findings if one.level == ERROR), None)
    if barred is not None:
        raise RefusedFile(barred.code or "E12", barred.text)
    wished = choice.get(CANDIDATE, "")
    asking = next((one for one in inspection.candidates if one.verdict == ASKS), None)
    if asking is not None and wished in ("", asking.id) and CONSENT in choice:
        return replace(asking, verdict=MATCH)  # whose hash it is, the rebuilder asks the file
    known = [one for one in inspection.candidates if _runs(one)]
    if asking is not None and (wished == asking.id or not known):
        return asking  # its rebuilder refuses, and says what is missing
    if wished and known:
        ids = ", ".join(one.id for one in known)
        known = [one for one in known if one.id == wished]
        if not known:
            raise RefusedFile("E12", f"No '{wished}' can run this file. Choose {ids}, or leave the choice out.")
    if known:
        return known[0]
    told = [one for one in inspection.candidates if one.reasons]
    # One that is meant to be a network's own, and does not fit, says more than one that only lists weights.
    meant = next(
        (one for one in told if one.verdict == BROKEN), next((one for one in told if one.verdict == MATCH), None)
    )
    if meant is not None:
        raise RefusedFile(
            "E13" if meant.verdict == BROKEN else "E12",
            f"This looks like {meant.title}, but it cannot be run here: {meant.reasons[0]} Look at its tensors in the "
            "Checkpoints panel.",
        )
    raise RefusedFile(
        "E12",
        f"{inspection.title} without a description of the network that is known here: it can be looked at in the "
        "Checkpoints panel, not run.",
    )
