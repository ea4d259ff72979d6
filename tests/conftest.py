"""What every test module leaves behind: no helper process that waits for more work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dgm_studio.core.aside import end_warm


@pytest.fixture(scope="module", autouse=True)
def _no_helper_left() -> Iterator[None]:
    yield
    end_warm()
