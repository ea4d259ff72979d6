"""torch.distributed.checkpoint folders: a pickle of metadata and shards; named, with the way to convert them."""

from __future__ import annotations

from pathlib import Path

from dgm_studio.checkpoints.formats.opened import Opened
from dgm_studio.checkpoints.formats.sniff import Format, Head
from dgm_studio.core.inspection import RefusedFile


def _recognises(head: Head) -> bool:
    path = head.path
    if head.folder:
        return (path / ".metadata").is_file() and any(path.glob("*.distcp"))
    return path.suffix == ".distcp" or (path.name == ".metadata" and any(path.parent.glob("*.distcp")))


def _open(path: Path) -> Opened:
    raise RefusedFile(
        "E17",
        "This is a distributed PyTorch checkpoint (DCP) in shards. Not supported. Convert it with `python -m "
        "torch.distributed.checkpoint.format_utils dcp_to_torch FOLDER model.pt`, and open model.pt.",
    )


FORMAT = Format("dcp", "distributed checkpoint", _recognises, _open, order=20)
