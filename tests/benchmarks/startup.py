"""How soon the window is there and the engine awake: the real program in its own process, warm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.benchmarks.row import Row

STARTS = 5
PATIENCE = 30.0


def measure() -> list[Row]:
    """Medians of five starts after one to warm the disk up; the clock begins before the process does."""
    found = [start() for _ in range(STARTS + 1)][1:]
    painted, awake, gap, forms = (median(one[name] for one in found) for name in found[0])
    return [
        Row("Process start to first paint of the whole window", "at most 1.0", painted, "s"),
        Row("Process start to engine awake (catalogue arrived)", "at most 3.5", awake, "s"),
        Row("Longest gap of a 10 ms timer while torch is imported", "at most 150", 1e3 * gap, "ms"),
        Row("Forms built from the catalogue, no event handled meanwhile", "at most 150", 1e3 * forms, "ms"),
    ]


def start() -> dict[str, float]:
    """Seconds from the process's start to the first paint and to the catalogue; the longest gap between
    them."""
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "trace.json"
        surroundings = {**os.environ, "DGM_STUDIO_HOME": home, "DGM_STUDIO_TRACE": str(file)}
        begun = time.time()
        process = subprocess.Popen([sys.executable, "-m", "dgm_studio"], env=surroundings)
        try:
            while not (file.exists() and file.read_text("ascii")):
                if process.poll() is not None or time.time() - begun > PATIENCE:
                    raise RuntimeError("The program did not come up; start it by hand to see why.")
                time.sleep(0.05)
            found: dict[str, float] = json.loads(file.read_text("ascii"))
        finally:
            process.terminate()
            process.wait()
    return {**found, "painted": found["painted"] - begun, "awake": found["awake"] - begun}
