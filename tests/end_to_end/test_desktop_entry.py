"""The menu entry on a Linux desktop: written below the user's data folder alone, well formed, and gone again."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from configparser import RawConfigParser
from pathlib import Path

import pytest

import dgm_studio

ROOT = Path(dgm_studio.__file__).parent.parent
ENDINGS = {"safetensors", "ckpt", "pt", "pth", "pt2", "onnx", "gguf"}
SPACE = "{http://www.freedesktop.org/standards/shared-mime-info}"

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a Linux desktop's")


def run(root: Path, home: Path, switch: str) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(home)}
    command = ["bash", str(root / "packaging" / "run.sh"), switch]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)


def test_the_entry_opens_files_from_any_checkout_and_goes_again(tmp_path: Path) -> None:
    home, root = tmp_path / "home", tmp_path / 'a "b" $c %d `e` \\f'
    home.mkdir()
    (root / "resources" / "icons").mkdir(parents=True)
    shutil.copytree(ROOT / "packaging", root / "packaging")
    shutil.copy(ROOT / "resources" / "icons" / "app.png", root / "resources" / "icons")
    run(root, home, "--install-desktop")
    assert [one.name for one in home.iterdir()] == [".local"]
    entry = home / ".local/share/applications/dgm-studio.desktop"
    validator = shutil.which("desktop-file-validate")
    if validator:
        assert not subprocess.run([validator, entry], capture_output=True, text=True, check=True).stdout
    parser = RawConfigParser(strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(entry, "utf-8")
    line = parser["Desktop Entry"]["Exec"].replace("\\\\", "\\")  # a value's own escapes, then those of its quotes
    assert line.startswith('bash "')
    assert line.endswith('" %F')
    quoted = line.removeprefix('bash "').removesuffix('" %F')
    assert re.sub(r'\\(["`$\\])', r"\1", quoted).replace("%%", "%") == str(root / "packaging" / "run.sh")
    types = ElementTree.parse(home / ".local/share/mime/packages/dgm-studio-checkpoints.xml").getroot()
    named = [one.get("type") for one in types.iter(f"{SPACE}mime-type")]
    assert parser["Desktop Entry"]["MimeType"].strip(";").split(";") == named
    assert {str(one.get("pattern")).removeprefix("*.") for one in types.iter(f"{SPACE}glob")} == ENDINGS
    run(root, home, "--uninstall-desktop")
    assert not [one for one in home.rglob("dgm-studio*") if one.is_file()]
