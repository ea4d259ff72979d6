"""The process that runs a checkpoint's program (R14): standard input brings orders, standard output takes answers.

It loads the very bytes whose SHA-256 a person gave consent to, after it took from itself the network (on Linux, where
the system allows it), the writing of files and memory beyond a share of the machine's. Orders and answers are frames
(checkpoints.reader.frames), never pickles: the asker does not trust what comes out of here.

  load {kind, path, sha256} -> loaded {sealed}     run {inputs: [[name, dtype, shape], ...], output: k} -> made {shape}
Each may be answered with refused {text}.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import io
import math
import os
import queue
import signal
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

NEW_USER, NEW_NET = 0x10000000, 0x40000000
"""linux/sched.h: CLONE_NEWUSER, CLONE_NEWNET."""
NO_NEW_PRIVILEGES = 38
"""linux/prctl.h."""
CREATE_RULESET, RESTRICT_SELF = 444, 446
"""Landlock's system calls, of one number on every machine."""
WRITING, CUTTING = 0b1_1111_1111_0010, 1 << 14
"""linux/landlock.h: writing, making and removing files of every kind; truncating them, since its third version."""
TYPES = {"float32": "<f4", "float16": "<f2", "float64": "<f8", "int64": "<i8", "int32": "<i4", "bool": "|b1"}


def main() -> int:
    """Answer until standard input closes; then end, whatever the program does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal reaches helpers too; their parent ends them
    answers = os.fdopen(os.dup(1), "wb")
    with contextlib.suppress(OSError):  # what the program prints is nobody's answer
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    # Before there is a thread: all of this holds for those that come.
    sealed = _without_network() & _without_writing()
    import torch

    from dgm_studio.checkpoints.reader.frames import Frame, pack, receive
    from dgm_studio.checkpoints.reader.limits import limit_memory

    torch.set_num_threads(1)
    limit_memory()
    inbox: queue.SimpleQueue[Frame] = queue.SimpleQueue()

    def listen() -> None:
        pipe = os.fdopen(0, "rb", closefd=False)
        with contextlib.suppress(ValueError, OSError):
            while (frame := receive(pipe)) is not None:
                inbox.put(frame)
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    program: Any = None
    while True:
        order = inbox.get()
        try:
            if order.head["do"] == "load":
                program = _loaded(order.head)
                answer = Frame({"is": "loaded", "sealed": sealed})
            else:
                answer = _run(program, order.head, order.raw)
        except Exception as error:  # noqa: BLE001 -- anything may come out of a stranger's program
            answer = Frame({"is": "refused", "text": f"{type(error).__name__}"})
        answers.write(pack(answer))
        answers.flush()


def _without_network() -> bool:
    """Whether this process has no network from now on: a network namespace of its own, where Linux grants one."""
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    with contextlib.suppress(AttributeError):
        libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        return bool(libc.unshare(NEW_USER | NEW_NET) == 0)
    return False


def _without_writing() -> bool:
    """Whether no file can be opened for writing, made, cut or removed from now on: Landlock, where Linux has it. Where
    it is missing, no file may at least grow. Pipes still do."""
    tempfile.gettempdir()  # it finds out by writing: torch.export asks for its name, to write nothing
    if sys.platform == "win32":
        return False
    import resource

    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not sys.platform.startswith("linux"):
        return False
    call = ctypes.CDLL(None, use_errno=True).syscall
    version = call(CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return False
    rights = ctypes.c_uint64(WRITING | (CUTTING if version >= 3 else 0))
    ruleset = call(CREATE_RULESET, ctypes.byref(rights), ctypes.c_size_t(8), 0)
    return bool(ruleset >= 0 and call(RESTRICT_SELF, ruleset, 0) == 0)


def _loaded(order: Mapping[str, Any]) -> Any:
    """A function of tensors by name. What is hashed is what is loaded: the file is read once."""
    import torch

    raw = Path(order["path"]).read_bytes()
    if hashlib.sha256(raw).hexdigest() != order["sha256"]:
        raise PermissionError
    file = io.BytesIO(raw)
    if order["kind"] == "pt2":
        return _exported(file)
    module: Any = torch.jit.load(file, map_location="cpu")  # type: ignore[no-untyped-call]
    module.eval()
    return lambda given: module(**given)


def _exported(file: io.BytesIO) -> Any:
    import torch
    from torch.utils._pytree import tree_unflatten

    found = torch.export.load(file)
    module: Any = found.module()

    def run(given: Mapping[str, torch.Tensor]) -> Any:
        names = [name for name in found.graph_signature.user_inputs if isinstance(name, str)]
        arguments, named = tree_unflatten([given[name] for name in names], found.call_spec.in_spec)
        return module(*arguments, **named)

    return run


def _run(program: Any, order: Mapping[str, Any], raw: bytes) -> Any:
    import numpy as np
    import torch
    from torch.utils._pytree import tree_flatten

    from dgm_studio.checkpoints.reader.frames import Frame

    given, at = {}, 0
    for name, dtype, shape in order["inputs"]:
        size = math.prod(shape) * np.dtype(TYPES[dtype]).itemsize
        array = np.frombuffer(raw[at : at + size], dtype=TYPES[dtype]).reshape(shape)
        given[name], at = torch.from_numpy(array.copy()), at + size
    with torch.no_grad():
        made = [one for one in tree_flatten(program(given))[0] if isinstance(one, torch.Tensor)]
    out = made[int(order["output"])].detach().to("cpu", torch.float32).contiguous().numpy()
    return Frame({"is": "made", "shape": list(out.shape)}, out.astype("<f4", copy=False).tobytes())


if __name__ == "__main__":
    sys.exit(main())
