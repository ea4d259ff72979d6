"""Optional parts of the installation: imported when a model needs them, with a sentence where they are not there."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

from dgm_studio.core.errors import Refused


def library(name: str, extra: str, purpose: str) -> Any:
    """The module, offline; Refused where it is not installed. `purpose` completes "to run ..."."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")
    try:
        return import_module(name)
    except ImportError as error:
        raise Refused(
            f"To run {purpose}, the library {name.split('.')[0]} is needed, which is not installed. Install it with: "
            f"pip install 'dgm-studio[{extra}]'. Looking into the file needs nothing."
        ) from error
