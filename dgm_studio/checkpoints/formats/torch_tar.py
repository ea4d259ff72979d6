"""torch.save of 0.1: a tar of `sys_info`, `pickle`, `tensors` and `storages`; known by name and refused (E18)."""

from __future__ import annotations

from pathlib import Path

from dgm_studio.checkpoints.formats.opened import Opened
from dgm_studio.checkpoints.formats.sniff import Format, Head
from dgm_studio.checkpoints.formats.source import Source
from dgm_studio.core.inspection import RefusedFile

BLOCK = 512
MOST_MEMBERS = 16
MEMBERS = {b"storages", b"tensors", b"pickle"}


def open_torch_tar(path: Path) -> Opened:
    """RefusedFile E18 for every such file."""
    raise RefusedFile("E18", "An old PyTorch format (before 0.2). Re-save it with a newer PyTorch.")


def _recognises(head: Head) -> bool:
    return head.first[257:262] == b"ustar" and len(_members(head) & MEMBERS) >= 2


def _members(head: Head) -> set[bytes]:
    """The first names in the tar; its headers stand between the members."""
    found: set[bytes] = set()
    at = 0
    try:
        source = Source(head.path)
        for _ in range(MOST_MEMBERS):
            if at + BLOCK > source.size:
                break
            header = source.read(at, BLOCK)
            if header[257:262] != b"ustar":
                break
            found.add(header[:100].rstrip(b"\0").removeprefix(b"./"))
            size = int(header[124:136].strip(b"\0 ") or b"0", 8)
            at += BLOCK + (size + BLOCK - 1) // BLOCK * BLOCK
    except (ValueError, RefusedFile):
        return found
    return found


FORMAT = Format("torch-tar", "PyTorch file (0.1)", _recognises, open_torch_tar, order=20)
