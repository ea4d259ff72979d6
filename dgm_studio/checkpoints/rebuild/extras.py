"""Optional parts of the installation: imported when a model needs them, with a sentence where they are not there."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires
from typing import Any

from dgm_studio.core.errors import Refused


def library(name: str, extra: str, purpose: str) -> Any:
    """The module, offline; Refused where it is not installed. `purpose` completes "to run ..."."""
    os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1")  # whatever was set before (R16)
    try:
        return import_module(name)
    except ImportError as error:
        raise Refused(
            f"To run {purpose}, the library {name.split('.')[0]} is needed, which is not installed. Install it with "
            f"{sys.executable} -m pip install {' '.join(wanted(extra))} and start the studio again. Looking into the "
            "file needs nothing."
        ) from error


def wanted(extra: str) -> tuple[str, ...]:
    """The requirements of an optional part, as pyproject.toml states them, quoted for a shell."""
    try:
        stated = requires("dgm-studio") or []
    except PackageNotFoundError:  # run from a checkout that is not installed
        return (f"'.[{extra}]'",)
    marks = [one.partition(";") for one in stated]
    return tuple(f"'{name.strip()}'" for name, _, mark in marks if f'"{extra}"' in mark or f"'{extra}'" in mark)
