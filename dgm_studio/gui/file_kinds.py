"""What a file that is dropped or opened is for: a run of the studio, data to train on, or a checkpoint of others."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from dgm_studio.core.checkpoint_head import family_of
from dgm_studio.core.table import PICTURES

RUN, DATA, CHECKPOINT = "run", "data", "checkpoint"
POINT_FILES = (".csv", ".tsv", ".txt", ".dat", ".npy", *PICTURES)
MODEL_FILES = ("config.json", "model_index.json", ".metadata")
MODEL_ENDINGS = (".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".onnx", ".index.json")
LOOKED_AT = 2_000
"""Names of a folder that are looked at."""


def kind_of_file(name: str | Path) -> str:
    """RUN: a checkpoint of the studio itself. DATA: points, a silhouette, a folder with pictures and no model.
    CHECKPOINT: all else, whatever it is; the Checkpoints panel says what."""
    path = Path(name)
    if path.is_dir():
        return DATA if _has_pictures(path) else CHECKPOINT
    if path.name.lower().endswith(POINT_FILES):
        return DATA
    return RUN if family_of(path) else CHECKPOINT


def _has_pictures(folder: Path) -> bool:
    """Pictures in it or in a folder of it (its classes), and no part of a model at the top."""
    try:
        top = list(islice(folder.iterdir(), LOOKED_AT))
        if any(one.name in MODEL_FILES or one.name.lower().endswith(MODEL_ENDINGS) for one in top):
            return False
        below = islice(folder.glob("*/*"), LOOKED_AT)
        return any(one.suffix.lower() in PICTURES for one in (*top, *below))
    except OSError:
        return False
