"""A model's JSON that was chosen instead of its folder: the folder is opened. Other JSON is named and refused."""

from __future__ import annotations

from pathlib import Path

from dgm_studio.checkpoints.formats.folder import Folder
from dgm_studio.checkpoints.formats.folder_weights import INDEX
from dgm_studio.checkpoints.formats.json_reader import read_json
from dgm_studio.checkpoints.formats.opened import Opened
from dgm_studio.checkpoints.formats.sniff import Format, Head
from dgm_studio.core.inspection import RefusedFile

MARKS = {"_class_name", "model_type", "architectures"}
"""What a config.json of diffusers or transformers has."""


def _recognises(head: Head) -> bool:
    return head.path.suffix.lower() == ".json" and head.text.lstrip()[:1] in ("{", "[")


def _open(path: Path) -> Opened:
    found = read_json(path)
    if isinstance(found, dict) and (MARKS & found.keys() or path.name.endswith(INDEX)):
        return Folder(path.parent)
    if isinstance(found, dict) and {"family", "knobs"} <= found.keys():
        raise RefusedFile("E24", "This is a recipe of DGM Studio, not a checkpoint. Open it in the Train panel.")
    raise RefusedFile("E24", "This is JSON without a model's settings. Choose the file of weights, or its folder.")


FORMAT = Format("model-json", "settings of a model", _recognises, _open, order=60)
