"""GGUF files of llama.cpp and its kin: quantised tensors and settings, for inspection only."""

from __future__ import annotations

from collections.abc import Mapping

from dgm_studio.checkpoints.candidates.answers import inspected, not_mine, told
from dgm_studio.checkpoints.candidates.asked import Architecture, Asked
from dgm_studio.core.inspection import Candidate

ID, TITLE = "gguf", "GGUF model"

WANTED = {
    "general.architecture": "Architecture",
    "general.name": "Name",
    "general.file_type": "Kind of quantisation",
    "general.quantization_version": "Version of quantisation",
}


def judge(asked: Asked) -> Candidate:
    """By the format alone."""
    if asked.opened.kind != "gguf":
        return not_mine(ID, TITLE, "It is no GGUF file.")
    metadata = asked.opened.tree.get("metadata") if isinstance(asked.opened.tree, Mapping) else {}
    settings = tuple(told(metadata if isinstance(metadata, Mapping) else {}, "from the file's key/value list", WANTED))
    return inspected(ID, TITLE, 0.7, ("A GGUF file: every tensor and setting can be looked at.",), settings)


CANDIDATE = Architecture(ID, TITLE, judge)
