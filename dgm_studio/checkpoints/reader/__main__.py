"""The reader process itself: standard input brings orders, standard output takes answers."""

from __future__ import annotations

import contextlib
import os
import signal
import sys

PROTOCOL = 1


def main() -> int:
    """Serve until standard input closes."""
    # One thread each for numpy's libraries, which set aside memory for every one they might use.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal reaches helpers too; their parent ends them
    # Whatever prints goes to standard error: the answers have a pipe of their own.
    answers = os.fdopen(os.dup(1), "wb")
    with contextlib.suppress(OSError):  # a packaged program on Windows may have no standard error
        os.dup2(2, 1)
    ready = f'{{"is":"ready","protocol":{PROTOCOL},"pid":{os.getpid()},"bytes":0}}\n'
    answers.write(ready.encode("ascii"))
    answers.flush()
    # Only now numpy, half of what a start costs: orders wait in the pipe meanwhile.
    from dgm_studio.checkpoints.reader.limits import limit_memory

    limit_memory()
    from dgm_studio.checkpoints.reader.serving import Server

    Server(os.fdopen(0, "rb", closefd=False), answers).serve(_warm_up)
    return 0


def _warm_up() -> None:
    """Load every format and every candidate while the first order is on its way."""
    from dgm_studio.checkpoints.candidates.judging import architectures
    from dgm_studio.checkpoints.formats.opening import all_formats

    all_formats()
    architectures()


if __name__ == "__main__":
    sys.exit(main())
