"""What a file is: every architecture of this room is asked, every answer is kept with its reasons, best first."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from pathlib import Path

from dgm_studio.checkpoints import candidates as room
from dgm_studio.checkpoints.candidates.asked import Architecture, Asked
from dgm_studio.checkpoints.candidates.evidence import conclude
from dgm_studio.checkpoints.candidates.noticing import notices
from dgm_studio.checkpoints.candidates.plain_tree import plain, settings_of, unfolded
from dgm_studio.checkpoints.candidates.plain_weights import ID as PLAIN
from dgm_studio.checkpoints.candidates.schedules import curves_of, mended
from dgm_studio.checkpoints.candidates.weight_sets import weight_sets
from dgm_studio.checkpoints.formats.opened import Opened
from dgm_studio.checkpoints.formats.opening import open_checkpoint
from dgm_studio.core.inspection import (
    ASKS,
    BROKEN,
    MATCH,
    NOT_MINE,
    NOTHING,
    Candidate,
    Conclusion,
    Finding,
    Inspection,
    RefusedFile,
    TensorEntry,
    Totals,
    WeightSet,
)

LONGEST_LISTING = 2**20
"""Letters of a program's text that are shown."""

_RANK = {MATCH: 0, ASKS: 1, BROKEN: 2, NOT_MINE: 3}


@dataclass(frozen=True, eq=False)
class Examined:
    """An opened file with what was concluded of it; `questions` are what every candidate was asked, by weight set."""

    opened: Opened
    inspection: Inspection
    questions: Mapping[str, Asked]

    def asked(self, weights: str = "", candidate: Candidate | None = None) -> Asked:
        """The question with these weights: by default those that the candidate (the best) matched on. RefusedFile
        where the file has no weights of that name."""
        of = candidate or self.inspection.best
        name = weights or (str(of.setting("weights", "")) if of is not None else "") or next(iter(self.questions))
        if name not in self.questions:
            known = ", ".join(f"'{one}'" for one in self.questions)
            raise RefusedFile("E12", f"This file has no weights '{name}'. Choose among {known}.")
        return self.questions[name]

    def candidate(self, id: str) -> Candidate | None:
        """One architecture's answer."""
        return next((one for one in self.inspection.candidates if one.id == id), None)


@cache
def architectures() -> tuple[Architecture, ...]:
    """Every file of this room with a CANDIDATE; two of one id is a programming error."""
    found: dict[str, Architecture] = {}
    for info in sorted(pkgutil.iter_modules(room.__path__), key=lambda info: info.name):
        one = getattr(import_module(f"{room.__name__}.{info.name}"), "CANDIDATE", None)
        if one is None:
            continue
        if one.id in found:
            raise TypeError(f"{room.__name__}.{info.name}: the id '{one.id}' is taken.")
        found[one.id] = one
    return tuple(found.values())


def inspect(what: str | Path | Opened) -> Inspection:
    """What a file or folder is; of a path the file is closed again. RefusedFile where it cannot be opened at all."""
    if isinstance(what, Opened):
        return examine(what).inspection
    opened = open_checkpoint(Path(what))
    try:
        return examine(opened).inspection
    finally:
        opened.close()


def examine(opened: Opened) -> Examined:
    """Ask everybody about an opened file; it never raises for what is in the file."""
    sets, schedule_notices = mended(opened, weight_sets(opened))
    questions = {one.id: _question(opened, one) for one in sets}
    if not questions:
        questions = {"raw": _question(opened, WeightSet("raw", "No weights", {}))}
    judged, faults = [], []
    for architecture in architectures():
        answer, fault = _best_answer(architecture, questions)
        judged.append(answer)
        faults += fault
    judged = _last_resort(judged)
    judged.sort(key=lambda one: (_RANK[one.verdict], one.makes == NOTHING, -one.score, one.id))
    inspection = Inspection(
        kind=opened.kind,
        title=opened.title,
        path=str(opened.path),
        size=opened.size,
        candidates=tuple(judged),
        tensors=tuple(opened.tensors.values()),
        totals=totals(opened.tensors),
        weights=sets,
        curves=curves_of(opened, sets),
        metadata=_metadata(opened),
        files=opened.files,
    )
    found = (*opened.findings, *schedule_notices, *notices(opened, inspection, questions), *faults)
    return Examined(opened, replace(inspection, findings=found), questions)


def _question(opened: Opened, weights: WeightSet) -> Asked:
    tensors = {own: opened.tensors[file] for own, file in weights.names.items()}
    component = next((entry.file.rpartition("/")[0] for entry in tensors.values()), "")
    config, source = settings_of(opened, component)
    return Asked(opened, weights, tensors, config, conclude(opened, weights, tensors, config, source))


def _best_answer(architecture: Architecture, questions: Mapping[str, Asked]) -> tuple[Candidate, list[Finding]]:
    """Its answer to the weights that it likes best, with the others it would take as a choice."""
    answers: dict[str, Candidate] = {}
    faults = []
    for name, question in questions.items():
        try:
            answers[name] = architecture.judge(question)
        except RefusedFile as refusal:
            answers[name] = Candidate(architecture.id, architecture.title, BROKEN, 0.0, (refusal.sentence,))
        except Exception as error:  # noqa: BLE001 -- a fault of ours must not keep a readable file from being looked at
            text = f"'{architecture.title}' could not be judged ({type(error).__name__}: {error}); the others were."
            faults.append(Finding("", "warning", text))
            answers[name] = Candidate(architecture.id, architecture.title, NOT_MINE, 0.0, (text,))
    chosen = min(answers, key=lambda name: (_RANK[answers[name].verdict], -answers[name].score))
    best = answers[chosen]
    if best.verdict != MATCH or not questions[chosen].weights.names:
        return best, faults
    fitting = tuple(name for name, answer in answers.items() if answer.verdict == MATCH)
    weights = questions[chosen].weights
    wrapper = ".".join(one.rstrip(".") for one in weights.stripped)
    source = f"by its names in the file ({wrapper})" if wrapper else "the weights in the file"
    if "ema-" in weights.id:
        source = "by the file's name"
    told = Conclusion("weights", "Weights", chosen, source, fitting if len(fitting) > 1 else ())
    return replace(best, settings=(*(one for one in best.settings if one.name != "weights"), told)), faults


def _last_resort(judged: list[Candidate]) -> list[Candidate]:
    """Weights are plain only where nobody knows more of them."""
    if not any(one.verdict == MATCH and one.id != PLAIN for one in judged):
        return judged
    told = ("Somebody knows more of these weights.",)
    return [replace(one, verdict=NOT_MINE, reasons=told, settings=()) if one.id == PLAIN else one for one in judged]


def totals(tensors: Mapping[str, TensorEntry]) -> Totals:
    """Sums over all tensors; a storage that several share counts once, with the largest of them."""
    shared: dict[str, TensorEntry] = {}
    for name, entry in tensors.items():
        key = f"{entry.file}:{entry.storage}" if entry.storage else f"name:{name}"
        if key not in shared or entry.nbytes > shared[key].nbytes:
            shared[key] = entry
    dtypes: dict[str, int] = {}
    for entry in tensors.values():
        dtypes[entry.dtype] = dtypes.get(entry.dtype, 0) + 1
    own = shared.values()
    return Totals(len(tensors), sum(one.numel for one in own), sum(one.nbytes for one in own), dtypes)


def _metadata(opened: Opened) -> dict[str, object]:
    tree = opened.tree
    inside = tree.get("metadata") if isinstance(tree, Mapping) else None
    if isinstance(inside, Mapping):
        tree = {**tree, "metadata": unfolded(inside)}
    found = plain(tree)
    if not isinstance(found, dict):
        return {"content": found}
    code = tree.get("code") if isinstance(tree, Mapping) else None
    return {**found, "code": _listing(code)} if isinstance(code, Mapping) else found


def _listing(code: Mapping[str, object]) -> dict[str, object]:
    """A program's files, each whole or as far as LONGEST_LISTING goes for all of them together."""
    left, out = LONGEST_LISTING, dict[str, object]()
    for name, text in code.items():
        whole = str(text)
        out[str(name)] = whole if len(whole) <= left else f"{whole[:left]}\n… {len(whole) - left:,} letters more"
        left -= min(left, len(whole))
    return out
