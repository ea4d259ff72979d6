"""What runs an ONNX graph in the helper process: onnxruntime on the CPU, one thread, no operators but ONNX's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dgm_studio.checkpoints.rebuild.extras import library
from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused

KEPT = 2
"""Graphs that stay loaded in the helper."""
_sessions: dict[tuple[str, int, int], Any] = {}


def run(path: str, state: tuple[int, int], output: str, given: dict[str, Array]) -> Array:
    """The output for these inputs. `state` is the file's time of change and size as it was looked at; Refused where it
    is another by now, where onnxruntime is not installed, or where the graph does not take such inputs."""
    found = Path(path).stat()
    if (found.st_mtime_ns, found.st_size) != state:
        raise Refused(f"{Path(path).name} was rewritten since it was opened. Open it again.")
    session = _session(path, state)
    try:
        (made,) = session.run([output], given)
    except Exception as error:  # onnxruntime raises its own kinds, which say what shape was wanted
        shapes = ", ".join(f"{name} {array.dtype} {array.shape}" for name, array in given.items())
        raise Refused(
            f"The ONNX graph cannot be run with {shapes}. Choose otherwise which input is x, time and class, or other "
            "pixels."
        ) from error
    out: Array = made
    return out


def _session(path: str, state: tuple[int, int]) -> Any:
    key = (path, *state)
    if key not in _sessions:
        onnxruntime = library("onnxruntime", "onnx", "an ONNX graph")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise Refused(
                f"onnxruntime cannot load {Path(path).name}: it has operators or a version that this installation does "
                "not know. Export it again with an older opset."
            ) from error
        while len(_sessions) >= KEPT:
            _sessions.pop(next(iter(_sessions)))
        _sessions[key] = session
    return _sessions[key]
