"""`python -m tests.benchmarks [--only NAME] [--json FILE]`: every measurement as one table, the machine
named."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import platform
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    """Measure and print; 1 if something asked was not got."""
    names = [info.name for info in pkgutil.iter_modules([str(HERE)]) if info.name not in ("__main__", "row", "studio")]
    options = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    options.add_argument("--only", choices=names, action="append", help="measure this file alone")
    options.add_argument("--json", metavar="FILE", help="write the table there too")
    chosen = options.parse_args()
    machine = describe_machine()
    print("\n".join(f"{name}: {value}" for name, value in machine.items()) + "\n")
    print(f"{'name':<74} {'asked':>15} {'got':>9} {'unit':<11} ok")
    rows = []
    with tempfile.TemporaryDirectory() as home:
        os.environ["DGM_STUDIO_HOME"] = home  # neither the person's session nor their preferences are touched
        for name in chosen.only or names:
            for row in importlib.import_module(f"tests.benchmarks.{name}").measure():
                rows.append(row)
                verdict = {True: "yes", False: "NO", None: ""}[row.ok]
                print(f"{row.name:<74} {row.asked:>15} {row.got:>9.3g} {row.unit:<11} {verdict}", flush=True)
    if chosen.json:
        table = [{**row._asdict(), "ok": row.ok} for row in rows]
        Path(chosen.json).write_text(json.dumps({"machine": machine, "rows": table}, indent=1), "utf-8")
    return int(any(row.ok is False for row in rows))


def describe_machine() -> dict[str, str]:
    """What the figures were measured on."""
    import torch
    from PySide6 import QtCore

    return {
        "Processor": f"{processor()}, {os.cpu_count()} cores",
        "System": platform.platform(),
        "Python": platform.python_version(),
        "torch": torch.__version__,
        "Qt": f"{QtCore.qVersion()} on {os.environ.get('QT_QPA_PLATFORM', 'its own platform')}",
    }


def processor() -> str:
    """The processor's model, where the system tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


if __name__ == "__main__":
    sys.exit(main())
