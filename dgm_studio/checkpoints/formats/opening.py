"""Opening: the one door for every file and folder; each format of this room is asked whether it is its own."""

from __future__ import annotations

import importlib
import os
import pkgutil
from functools import cache

from dgm_studio.checkpoints import formats
from dgm_studio.checkpoints.formats.dtypes import shown
from dgm_studio.checkpoints.formats.not_models import leftover
from dgm_studio.checkpoints.formats.opened import Opened
from dgm_studio.checkpoints.formats.sniff import Format, Head, sniff
from dgm_studio.checkpoints.formats.source import user_path
from dgm_studio.core.inspection import RefusedFile

BY_NAME = {".safetensors": "safetensors", ".gguf": "gguf", ".npy": "numpy"}
"""Whose refusal says most where the content is nobody's."""


def open_checkpoint(path: str | os.PathLike[str]) -> Opened:
    """The file or folder, opened by the first format that recognises it, by content before name.

    RefusedFile where it cannot be read at all, and no other exception: E25 no such file or not readable, E24 of no
    known kind, others by the format that it is of. Nothing in the file is run.
    """
    head = sniff(user_path(path))
    chosen = recognised(head)
    if chosen is None:
        raise leftover(head.path) or RefusedFile(
            "E24", f"This is no model file that is known here{_begins(head)}. Choose another file."
        )
    try:
        return chosen.open(head.path)
    except RecursionError:
        raise RefusedFile("E26", "Not opened: it is nested too deeply. Check where the file comes from.") from None
    except MemoryError:
        raise RefusedFile(
            "E08", "This file asks for more memory than the reader may use. Open it on a machine with more memory."
        ) from None


def recognised(head: Head) -> Format | None:
    """The format that the content shows, else the one that the name promises."""
    known = all_formats()
    by_content = next((one for one in known if one.recognises(head)), None)
    if by_content is not None or head.folder:
        return by_content
    name = BY_NAME.get(head.path.suffix.lower())
    return next((one for one in known if one.id == name), None)


@cache
def all_formats() -> tuple[Format, ...]:
    """Every FORMAT of this room, in the order in which they are asked."""
    names = sorted(info.name for info in pkgutil.iter_modules(formats.__path__))
    modules = [importlib.import_module(f"{formats.__name__}.{name}") for name in names]
    found = [module.FORMAT for module in modules if isinstance(getattr(module, "FORMAT", None), Format)]
    return tuple(sorted(found, key=lambda one: (one.order, one.id)))


def _begins(head: Head) -> str:
    if head.folder:
        return ": a folder without a config.json or a file of weights"
    text = head.text.strip()
    if text:
        return f": a text that begins with '{shown(text.splitlines()[0], 40)}'"
    return f" (it begins with the bytes {head.first[:8].hex(' ')})"
