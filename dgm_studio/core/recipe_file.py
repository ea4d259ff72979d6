"""A recipe as a JSON file of its own."""

from __future__ import annotations

import json
from pathlib import Path

from dgm_studio.core.errors import Refused
from dgm_studio.core.recipe import Recipe


def read_recipe(name: str) -> Recipe:
    """The recipe in a JSON file; Refused with the reason where there is none."""
    try:
        return Recipe.from_json(json.loads(Path(name).read_text("utf-8")))
    except OSError as error:
        raise Refused(f"'{name}' cannot be read: {error.strerror or error}. Check the name.") from error
    except ValueError as error:
        raise Refused(f"'{name}' is no recipe: it is not JSON ({error}).") from error
