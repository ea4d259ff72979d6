"""One desk, and a small checkpoint of each kind of model, for all the tests of this room."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from dgm_studio.lab.desk import Desk
from dgm_studio.lab.pictures.picture_task import PictureTask
from tests.lab.pictures.bench import kept, opened


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """By kind, made when first asked for."""
    folder = tmp_path_factory.mktemp("pictures")
    return cache(lambda kind: kept(kind, folder))


@pytest.fixture
def task_of(checkpoints: Callable[[str], Path]) -> Callable[[str], PictureTask]:
    """A lane with the model of a kind open."""
    return lambda kind: opened(Desk("cpu"), str(checkpoints(kind)))[0]
