"""Real files of third parties: wheels that hold models, fetched by name and hash, kept beside the environment."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

SHA256 = {
    "gan-face-generate==1.1.1": "24102f4be41d164e44251168ede0458a45e498a888c81493e2aea48529640569",
    "sapiens==1.0.4": "36466bdc8caef2ba148c5051affafdd1c2938d0ab9f35c24f2febfb11a1f96b2",
}
CACHE = Path(sys.prefix) / "cache" / "dgm-studio-wheels"
"""Inside the environment that runs the tests, so that removing it removes them."""


def unpacked(requirement: str) -> Path:
    """The folder of a wheel's files, none of which is imported. Without an index the test is skipped, unless CI is set:
    there it fails."""
    folder = CACHE / requirement.replace("==", "-")
    if not folder.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=CACHE) as made:
            half = Path(made) / "files"
            with zipfile.ZipFile(_fetched(requirement, Path(made))) as archive:
                archive.extractall(half)
            try:
                half.rename(folder)
            except OSError:  # another worker was faster
                assert folder.is_dir()
    return folder


def _fetched(requirement: str, into: Path) -> Path:
    wanted = into / "wanted.txt"
    wanted.write_text(f"{requirement} --hash=sha256:{SHA256[requirement]}\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes",
         "--dest", str(into), "--requirement", str(wanted)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = list(into.glob("*.whl"))
    if done.returncode or not found:
        last = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        if os.environ.get("CI"):
            pytest.fail(f"{requirement} could not be fetched: {last}")
        pytest.skip(f"{requirement} could not be fetched: {last}")
    return found[0]
