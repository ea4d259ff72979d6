"""What is worth saying of a file beside the candidates' answers: the findings that need the whole inspection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dgm_studio.checkpoints.candidates.asked import Asked
from dgm_studio.checkpoints.candidates.plain_tree import stubs
from dgm_studio.checkpoints.formats.opened import Opened
from dgm_studio.core.inspection import BROKEN, INFO, MATCH, NOTHING, WARNING, Finding, Inspection

HARMLESS = ("collections.", "torch.", "builtins.", "numpy.", "_codecs.", "argparse.Namespace", "pathlib.", "omegaconf.")
"""Classes whose data are read out of them, so that naming them helps nobody."""


def notices(opened: Opened, inspection: Inspection, questions: Mapping[str, Asked]) -> Iterator[Finding]:
    """E09 (classes that are not run), E12 (weights alone), E13 (mine, but it does not fit)."""
    have = {one.code for one in opened.findings}
    if "E09" not in have:
        yield from _classes(opened)
    yield from _closest(inspection)


def _classes(opened: Opened) -> Iterator[Finding]:
    names = dict.fromkeys(one.name for one in stubs(opened.tree) if not one.name.startswith(HARMLESS))
    if names:
        listed = ", ".join(list(names)[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
        text = (
            f"Readable, but it names Python classes we do not run: {listed}. Their data is shown as opaque entries. "
            f"{len(opened.tensors):,} tensors found."
        )
        yield Finding("E09", INFO, text)


def _closest(inspection: Inspection) -> Iterator[Finding]:
    best = inspection.best
    if best is not None and best.makes != NOTHING:
        return
    broken = next((one for one in inspection.candidates if one.verdict == BROKEN), None)
    if broken is not None and broken.reasons:
        yield Finding("E13", WARNING, f"Looks like {broken.title}, but {broken.reasons[0].rstrip('.')}.")
    elif best is not None and best.verdict == MATCH and best.id == "plain-weights":
        yield Finding("E12", INFO, best.reasons[0])
