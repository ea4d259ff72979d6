"""TorchScript: a zip with the module's pickle, its constants and its program as text. Weights and text only; the
program is never run here (R14)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dgm_studio.checkpoints.formats.opened import Opened
from dgm_studio.checkpoints.formats.pickle_machine import PickleMachine
from dgm_studio.checkpoints.formats.pickle_meanings import TorchMeanings
from dgm_studio.checkpoints.formats.pickle_objects import Call, Strided
from dgm_studio.checkpoints.formats.pickled import PickledFile
from dgm_studio.checkpoints.formats.sniff import Format, Head
from dgm_studio.checkpoints.formats.source import Source
from dgm_studio.checkpoints.formats.torch_zip import read_archive, root_folder
from dgm_studio.checkpoints.formats.zip_directory import ZipDirectory, open_zip
from dgm_studio.core.inspection import INFO, Finding, RefusedFile

TRACED = "traced_inputs.pkl"
LONGEST_CODE = 2**20
ALL_CODE = 8 * 2**20
"""Bytes of program text that are shown: one file, and all."""


def open_torchscript(path: Path) -> Opened:
    """The module's tensors by their attributes' names; tree {"module", "code": {file: text}, "traced": the shapes and
    types of the inputs that it was traced with, where it was}; RefusedFile as for the other zips of PyTorch."""
    source = Source(path)
    directory = open_zip(source)
    folder = root_folder(directory)
    module, checksums = read_archive(directory, folder, all_stored=False)
    constants, more = read_archive(directory, folder, "constants", all_stored=False, within="constants/")
    if constants and isinstance(module, Call) and isinstance(module.state, dict):
        module.state.setdefault("constants", constants)
    out = PickledFile(FORMAT.id, FORMAT.title, source, module, {**checksums, **more}, directory.tail)
    out.tree = {"module": out.tree, "code": _code(directory, f"{folder}code/")}
    traced = _traced(directory, f"{folder}{TRACED}")
    if traced:
        out.tree["traced"] = traced
    out.findings = (program("TorchScript"), *out.findings)
    return out


def program(kind: str) -> Finding:
    """E11: what stands for running is a program."""
    return Finding(
        "E11",
        INFO,
        f"A {kind} program. Running it would run code from the file, so only its weights and its text are shown here.",
    )


def _traced(directory: ZipDirectory, name: str) -> list[dict[str, Any]]:
    """Shapes and types of the example inputs; their numbers are not in the file."""
    if name not in directory.entries:
        return []
    try:
        found = PickleMachine(directory.stretch(name), TorchMeanings()).run()
    except RefusedFile:
        return []  # the weights can be looked at without it
    inputs = found.get("forward") if isinstance(found, dict) else None
    if not isinstance(inputs, (list, tuple)) or not all(isinstance(one, Strided) for one in inputs):
        return []
    return [{"shape": list(one.shape), "dtype": one.dtype} for one in inputs]


def _code(directory: ZipDirectory, folder: str) -> dict[str, Any]:
    """The program's files as text, as far as they are small."""
    out: dict[str, Any] = {}
    left = ALL_CODE
    for name, entry in sorted(directory.entries.items()):
        if name.startswith(folder) and name.endswith(".py") and entry.unpacked <= min(left, LONGEST_CODE):
            left -= entry.unpacked
            out[name.removeprefix(folder)] = directory.unpack(name, LONGEST_CODE).decode("utf-8", "backslashreplace")
    return out


def _recognises(head: Head) -> bool:
    names = {name.partition("/")[2] for name in head.entries}
    return {"data.pkl", "constants.pkl"} <= names


FORMAT = Format("torchscript", "TorchScript program", _recognises, open_torchscript, order=21)
