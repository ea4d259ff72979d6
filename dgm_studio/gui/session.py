"""The session: all panels as they stood, restored at the next start, also after a crash."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dgm_studio.core.atomic import write_text
from dgm_studio.core.errors import Refused
from dgm_studio.core.recipe import Recipe
from dgm_studio.gui.settings import data_folder, session_file

VERSION = 1
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Session:
    """`path` is the run's own file, `safety` says that a copy of unsaved training lies in `safety_file()`."""

    panel: str = ""
    recipe: Recipe | None = None
    path: str = ""
    safety: bool = False
    panels: dict[str, Any] = field(default_factory=dict)


def safety_file() -> Path:
    """Where unsaved training is copied to while the studio runs."""
    return data_folder() / "session.safetensors"


def write(session: Session) -> None:
    """Keep the session; a folder that cannot be written is logged, not told: nothing was asked for."""
    body = {
        "version": VERSION,
        "panel": session.panel,
        "recipe": session.recipe.to_json() if session.recipe else None,
        "path": session.path,
        "safety": session.safety,
        "panels": session.panels,
    }
    try:
        write_text(session_file(), json.dumps(body))
    except Refused as refusal:
        _log.info("%s", refusal)


def read() -> Session:
    """The last session; an empty one where there is none or it cannot be read."""
    try:
        body = json.loads(session_file().read_text("utf-8"))
        if int(body["version"]) != VERSION:
            return Session()
        recipe = Recipe.from_json(body["recipe"]) if body["recipe"] else None
        return Session(str(body["panel"]), recipe, str(body["path"]), bool(body["safety"]), dict(body["panels"]))
    except FileNotFoundError:
        return Session()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, Refused) as error:
        _log.info("The last session cannot be read and is begun anew: %s", error)
        return Session()
