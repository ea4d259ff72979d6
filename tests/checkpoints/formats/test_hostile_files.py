"""Files that lie or would do harm: refused with their code, or opened and inert; nothing is run on the way."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dgm_studio.checkpoints.formats.opening import open_checkpoint
from dgm_studio.core.inspection import RefusedFile
from tests.checkpoints.fixtures import made
from tests.checkpoints.negatives import NEGATIVES, Negative
from tests.checkpoints.negatives_pickled import PICKLED
from tests.checkpoints.payloads import CALLS, payloads, write

ALL_KINDS = ("torch-zip", "torch-legacy", "edm-pickle", "torchscript", "pt2", "safetensors", "npz", "gguf", "onnx")


@pytest.mark.parametrize("negative", PICKLED, ids=lambda one: one.name)
def test_a_file_that_lies_is_refused_with_its_code(negative: Negative, tmp_path: Path) -> None:
    path = negative.make(tmp_path)
    with pytest.raises(RefusedFile) as refused:
        open_checkpoint(path)
    assert refused.value.code == negative.code
    assert refused.value.sentence.endswith(".")
    assert "Traceback" not in refused.value.sentence


def test_no_two_negatives_have_the_same_name() -> None:
    assert len({one.name for one in PICKLED}) == len(PICKLED) >= 60


@pytest.mark.parametrize("name", CALLS)
def test_a_call_that_would_do_harm_is_named_and_not_made(name: str, tmp_path: Path) -> None:
    path = tmp_path / "x.pkl"
    path.write_bytes(payloads()[f"call-{name}.pkl"])
    opened = open_checkpoint(path)
    assert opened.tree.name == name
    assert [one.code for one in opened.findings] == ["E09"]
    assert name in opened.findings[0].text


def test_nothing_happens_while_hostile_files_are_read(tmp_path: Path) -> None:
    inert = write(tmp_path)
    paths = list(inert)
    for at, negative in enumerate([*PICKLED, *NEGATIVES]):
        room = tmp_path / str(at)
        room.mkdir()
        paths.append(negative.make(room))
    lists = [tmp_path / "hostile.json", tmp_path / "harmless.json"]
    for place, files in zip(lists, (paths, [made(kind) for kind in ALL_KINDS]), strict=True):
        place.write_text(json.dumps([str(path) for path in files]))
    command = [sys.executable, "-m", "tests.checkpoints.watched_reading", *map(str, lists)]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert told["happened"] == []
    assert told["torch"] is False
    assert [path for path in inert if told["found"][str(path)].startswith("E")] == []
    assert len(told["found"]) == len(paths)
