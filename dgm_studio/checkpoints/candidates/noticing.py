"""What is worth saying of a file beside the candidates' answers: the findings that need the whole inspection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dgm_studio.checkpoints.candidates.asked import Asked
from dgm_studio.checkpoints.candidates.plain_weights import ID as PLAIN
from dgm_studio.checkpoints.candidates.soundness import AT_ONCE, MOST_AT_ONCE, too_large, unsound
from dgm_studio.checkpoints.formats.dtypes import shown
from dgm_studio.checkpoints.formats.opened import Opened
from dgm_studio.core.inspection import (
    BROKEN,
    INFO,
    MATCH,
    NOT_MINE,
    NOTHING,
    PICTURES,
    WARNING,
    Finding,
    Inspection,
    WeightSet,
)

FEWEST = 4
"""Tensors below which nothing comes near anything."""
NO_NETWORKS = ("Scheduler", "Tokenizer", "TokenizerFast", "FeatureExtractor", "ImageProcessor", "Processor")
"""Ends of the names of classes that are no network."""


def notices(opened: Opened, inspection: Inspection, questions: Mapping[str, Asked]) -> Iterator[Finding]:
    """E06, E08, E12, E13, E14, E20 and E21; what the bytes tell (E05, E09, E10, E11) the formats say."""
    names = list(dict.fromkeys(file for one in inspection.weights for file in one.names.values()))
    nbytes = sum(opened.tensors[name].nbytes for name in names)
    if nbytes <= AT_ONCE and len(names) <= MOST_AT_ONCE:
        yield from _at_once(opened, names)
    yield from too_large(opened, _as_float32(opened, inspection.weights))
    yield from _of_the_best(inspection)
    yield from _undecoded(inspection)
    yield from _unknown_classes(opened, questions, inspection)


def _at_once(opened: Opened, names: list[str]) -> tuple[Finding, ...]:
    checking = unsound(opened, names)
    while True:
        try:
            next(checking)
        except StopIteration as done:
            return tuple(done.value)


def _as_float32(opened: Opened, sets: tuple[WeightSet, ...]) -> int:
    """Bytes of the largest copy once it is a model."""
    return max((4 * sum(opened.tensors[file].numel for file in one.names.values()) for one in sets), default=0)


def _of_the_best(inspection: Inspection) -> Iterator[Finding]:
    """E12 to E14: why nothing can be run, or what was assumed."""
    best = inspection.best
    if best is not None and best.makes != NOTHING:
        assumed = next((one for one in best.settings if one.name == "prediction" and "assumed" in one.source), None)
        if assumed is not None and len(assumed.options) > 1 and best.makes == PICTURES:
            text = (
                f"The kind of prediction is not stored; {assumed.value} is assumed. Compare the previews of "
                f"{', '.join(assumed.options)}: of the wrong ones only noise comes."
            )
            yield Finding("E14", INFO, text)
        return
    broken = next((one for one in inspection.candidates if one.verdict == BROKEN and one.reasons), None)
    if broken is not None:
        yield Finding("E13", WARNING, f"Looks like {broken.title}, but it does not fit: {broken.reasons[0]}")
    elif best is not None and best.verdict == MATCH and best.id == PLAIN:
        yield Finding("E12", INFO, f"{best.reasons[0]}{_closest(inspection)}")


def _undecoded(inspection: Inspection) -> Iterator[Finding]:
    """A denoiser of latents in one file with the autoencoder that nobody here can put behind it."""
    best = inspection.best
    beside = any(one.id == "vae" and one.stripped for one in inspection.weights)
    if beside and best is not None and best.makes == PICTURES and best.setting("weights") != "vae":
        text = (
            "The file also holds an autoencoder: the denoiser works on its latents. What is drawn here are the "
            "latents, not decoded. Convert the file to a diffusers folder to see pictures."
        )
        yield Finding("", WARNING, text)


def _closest(inspection: Inspection) -> str:
    """The network that comes nearest, where one says that it does."""
    if len(inspection.tensors) < FEWEST:
        return ""
    near = [one for one in inspection.candidates if one.verdict == NOT_MINE and one.score > 0 and one.reasons]
    if not near:
        return ""
    best = max(near, key=lambda one: one.score)
    return f" Closest known is '{best.title}', which it is not: {best.reasons[0]}"


def _unknown_classes(opened: Opened, questions: Mapping[str, Asked], inspection: Inspection) -> Iterator[Finding]:
    """E20: a part of a diffusers pipeline whose class nobody here knows."""
    index = opened.tree.get("model_index.json") if isinstance(opened.tree, Mapping) else None
    if not isinstance(index, Mapping):
        return
    known = {text for one in inspection.candidates if one.verdict == MATCH for text in (str(one.setting("weights")),)}
    known |= {name for one in inspection.candidates if one.verdict == MATCH for name in _options(one.settings)}
    for part, entry in index.items():
        if not isinstance(entry, list) or len(entry) != 2 or not all(isinstance(one, str) for one in entry):
            continue
        library, name = entry
        own = questions.get(str(part)) or questions.get("raw")
        foreign = library not in ("diffusers", "transformers")
        unknown = own is None or own.weights.id not in known or inspection.best is None or inspection.best.id == PLAIN
        if (foreign or unknown) and not name.endswith(NO_NETWORKS):
            text = (
                f"model_index.json asks for class {shown(name)}, which this version does not know. The weights can be "
                "inspected."
            )
            yield Finding("E20", INFO, text)


def _options(settings: tuple[object, ...]) -> tuple[str, ...]:
    found: tuple[str, ...] = ()
    for one in settings:
        if getattr(one, "name", "") == "weights":
            found = getattr(one, "options", ())
    return found
