"""Folders of diffusers, transformers and the like: configs in the tree, weights by the files' own readers."""

from __future__ import annotations

import contextlib
from pathlib import Path, PurePosixPath
from typing import Any

from dgm_studio.checkpoints.formats.dtypes import MOST_TENSORS, shown, too_large
from dgm_studio.checkpoints.formats.folder_files import listing
from dgm_studio.checkpoints.formats.folder_weights import Weights, few, find_weights
from dgm_studio.checkpoints.formats.json_reader import read_json
from dgm_studio.checkpoints.formats.opened import Opened
from dgm_studio.checkpoints.formats.opening import open_checkpoint
from dgm_studio.checkpoints.formats.sniff import Format, Head
from dgm_studio.checkpoints.formats.source import Source
from dgm_studio.core.arrays import Array
from dgm_studio.core.inspection import ERROR, INFO, WARNING, Finding, RefusedFile, TensorEntry

VOCABULARIES = ("tokenizer.json", "vocab.json", "added_tokens.json", "merges.json")
"""Data of tokenizers: large and no settings."""
LARGEST_YAML = 2**18


class Folder(Opened):
    """`tree` maps relative names of JSON (and YAML, as text) to their content; a tensor of "unet/x.safetensors" is
    named "unet." and its own name, one at the top has its own name; `file` of its entry says where it lies."""

    kind = "folder"
    title = "folder of a model"

    def __init__(self, path: Path) -> None:
        self.path = path
        files, outside = listing(path)
        self.files = tuple(files)
        findings: list[Finding] = []
        self.tree: Any = _configs(files, findings)
        self.kind, self.title = _kind(self.tree)
        weights = find_weights(files, _listed(self.tree))
        if not weights.chosen and (weights.unclear or self.kind == "folder"):
            raise _nothing_chosen(weights)
        self._parts: dict[str, tuple[Opened, str]] = {}
        self.tensors, self.size = self._opened(files, weights, findings), _sizes(files)
        self.findings = (*findings, *_remarks(files, outside, weights))

    def read(self, name: str) -> Array:
        """The tensor from the file that holds it."""
        part, own = self._parts[name]
        return part.read(own)

    def verify(self, name: str) -> bool | None:
        """As the file that holds it answers."""
        part, own = self._parts[name]
        return part.verify(own)

    def close(self) -> None:
        """Close each file once."""
        for part in {id(part): part for part, _ in self._parts.values()}.values():
            part.close()

    def _opened(self, files: dict[str, Path], weights: Weights, findings: list[Finding]) -> dict[str, TensorEntry]:
        """All tensors; a file that is refused becomes a finding while another one can be read."""
        tensors: dict[str, TensorEntry] = {}
        refusals: list[RefusedFile] = []
        for component, names in weights.chosen.items():
            prefix = f"{component.replace('/', '.')}." if component else ""
            for name in names:
                try:
                    part = open_checkpoint(files[name])
                except RefusedFile as refusal:
                    refusals.append(refusal)
                    findings.append(Finding(refusal.code, ERROR, f"{shown(name)}: {refusal.sentence}"))
                    continue
                findings += [Finding(one.code, one.level, f"{shown(name)}: {one.text}") for one in part.findings]
                for own, entry in part.tensors.items():
                    tensors[prefix + own] = TensorEntry(
                        prefix + own, entry.dtype, entry.shape, entry.nbytes, name, entry.offset,
                        f"{name}:{entry.storage}" if entry.storage else "",
                    )  # fmt: skip
                    self._parts[prefix + own] = part, own
                if lacking := weights.mapped.get(name, set()) - part.tensors.keys():
                    text = f"{shown(name)} lacks {len(lacking):,} tensors of its index: {few(sorted(lacking), 3)}."
                    findings.append(Finding("E04", ERROR, f"{text} Copy or download that file again."))
            if len(tensors) > MOST_TENSORS:
                raise too_large(f"its files list {len(tensors):,} tensors")
        if not tensors and refusals:
            raise refusals[0]
        if not tensors and weights.missing:
            raise RefusedFile("E04", _incomplete(weights))
        return tensors


def _recognises(head: Head) -> bool:
    return head.folder


def _configs(files: dict[str, Path], findings: list[Finding]) -> dict[str, Any]:
    """Settings by relative name; one that cannot be read is a finding."""
    tree: dict[str, Any] = {}
    for name, path in files.items():
        last = PurePosixPath(name).name
        try:
            if last.endswith(".json") and last not in VOCABULARIES and not last.endswith(".index.json"):
                tree[name] = read_json(path)
            elif last.endswith((".yaml", ".yml")) and (source := Source(path)).size <= LARGEST_YAML:
                tree[name] = source.read(0, source.size).decode("utf-8", "replace")
        except RefusedFile as refusal:
            findings.append(Finding(refusal.code, WARNING, f"{shown(name)}: {refusal.sentence}"))
    return tree


def _listed(tree: dict[str, Any]) -> list[str] | None:
    """The components that a pipeline's model_index.json names; None without one."""
    index = tree.get("model_index.json")
    return [name for name, value in index.items() if isinstance(value, list)] if isinstance(index, dict) else None


def _kind(tree: dict[str, Any]) -> tuple[str, str]:
    configs = [one for one in tree.values() if isinstance(one, dict)]
    if "model_index.json" in tree or any("_class_name" in one for one in configs):
        return "diffusers", "diffusers folder"
    if any("architectures" in one or "model_type" in one for one in configs):
        return "transformers", "transformers folder"
    return "folder", "folder of a model"


def _sizes(files: dict[str, Path]) -> int:
    total = 0
    for path in files.values():
        with contextlib.suppress(OSError):  # gone since it was listed
            total += path.stat().st_size
    return total


def _nothing_chosen(weights: Weights) -> RefusedFile:
    if not weights.unclear:
        return RefusedFile(
            "E24", "This folder has neither a model's config.json nor a file of weights. Choose another."
        )
    return RefusedFile(
        "E19",
        f"This folder has {len(weights.unclear):,} model files and no index. Pick one: {few(weights.unclear, 12)}.",
    )


def _incomplete(weights: Weights) -> str:
    return (
        f"The folder stops early: its index names {len(weights.missing):,} files that are not there "
        f"({few(weights.missing, 3)}). Copy or download them again."
    )


def _remarks(files: dict[str, Path], outside: list[str], weights: Weights) -> list[Finding]:
    """What was left out, and why."""
    out: list[Finding] = []
    if weights.missing:
        out.append(Finding("E04", ERROR, _incomplete(weights)))
    if outside:
        text = f"{len(outside):,} links lead out of the folder and were not followed: {few(outside, 3)}."
        out.append(Finding("", WARNING, text))
    if programs := [name for name in files if name.endswith(".py")]:
        text = f"The folder carries Python programs, which this app never runs: {few(programs, 3)}."
        out.append(Finding("", INFO, text))
    if weights.unclear:
        text = (
            f"{len(weights.unclear):,} more model files belong to no config: {few(weights.unclear)}. Open them singly."
        )
        out.append(Finding("E19", INFO, text))
    if weights.others:
        text = f"Beside the weights that were read lie {few(weights.others, 3)}. Open them singly."
        out.append(Finding("", INFO, text))
    if not weights.chosen:
        out.append(Finding("", WARNING, "The folder has settings and no weights: nothing can be sampled."))
    return out


FORMAT = Format("folder", "folder of a model", _recognises, Folder, order=60)
