"""The house's own order: names, sizes, docstrings, and a top level that stays small."""

from __future__ import annotations

import ast
import re
import subprocess

import pytest

from tests.laws.modules import HOUSE, Module, modules

TOP = {"pyproject.toml", "README.md", "dgm_studio", "resources", "tests", "packaging"}
MOST_LINES = 400
VAGUE = re.compile(r"(^|_)(utils?|helpers?|manager|misc|common)(_|$)")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")


def kept() -> list[str]:
    """Every file that git knows or would add, below the top level."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=HOUSE, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [name for name in listed.stdout.splitlines() if (HOUSE / name).exists()]


def test_the_top_level_is_fixed() -> None:
    if not (HOUSE / ".git").exists():
        pytest.skip("an installed copy has no top level")
    assert {name.split("/")[0] for name in kept() if not name.startswith(".")} == TOP


def test_files_stay_small_and_named_after_their_idea() -> None:
    files = [*(module.path for module in modules()), *(HOUSE / "tests").rglob("*.py")]
    long = {str(path): count for path in files if (count := len(path.read_text("utf-8").splitlines())) > MOST_LINES}
    assert not long
    assert not [str(path) for path in files if VAGUE.search(path.stem)]


@pytest.mark.parametrize("module", modules(), ids=lambda m: m.name)
def test_every_module_says_what_it_is_and_is_finished(module: Module) -> None:
    text = module.path.read_text("utf-8")
    doc = ast.get_docstring(ast.parse(text))
    assert len((doc or "").split()) >= 3, f"{module.path} needs a docstring"
    assert not UNFINISHED.search(text)


def test_every_folder_of_code_is_a_package() -> None:
    for module in modules():
        assert (module.path.parent / "__init__.py").exists(), f"{module.path.parent} has no __init__.py"
