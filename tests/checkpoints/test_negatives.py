"""Files that cannot be opened: one exception type, the pinned code, and a sentence that says what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dgm_studio.checkpoints.formats.opening import open_checkpoint
from dgm_studio.core.inspection import RefusedFile
from tests.checkpoints.negatives import NEGATIVES, Negative


def test_there_are_enough_of_them() -> None:
    assert len({one.name for one in NEGATIVES}) == len(NEGATIVES) >= 60


@pytest.mark.parametrize("negative", NEGATIVES, ids=lambda one: one.name)
def test_it_is_refused_by_its_code(negative: Negative, tmp_path: Path) -> None:
    path = negative.make(tmp_path)
    with pytest.raises(RefusedFile) as refused:
        open_checkpoint(path)
    sentence = refused.value.sentence
    assert refused.value.code == negative.code, sentence
    assert re.fullmatch(r"[A-Z].{15,600}\.", sentence), sentence
    # Never a library's words, never a way around.
    assert not re.search(r"weights_only|unsafe|Traceback|Error\(|Expecting|unpack_from", sentence)
