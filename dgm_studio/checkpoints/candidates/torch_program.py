"""Programs of PyTorch (TorchScript, torch.export): their signature says what could be x, time and class.

Nothing of them is run here; running is asked for by name, and needs a person's consent (R14, R15).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from dgm_studio.checkpoints.candidates.answers import broken, not_mine
from dgm_studio.checkpoints.candidates.asked import Architecture, Asked
from dgm_studio.checkpoints.candidates.onnx_graph import DECODER, LABELS, TIMES, WHOLES, Kind, Value, by_shapes
from dgm_studio.checkpoints.formats.opened import Stub
from dgm_studio.checkpoints.formats.pt2 import SCALARS
from dgm_studio.core.inspection import ASKS, PICTURES, Candidate, Conclusion

ID, TITLE = "torch-program", "TorchScript program"
EXPORTED = "torch.export program"
KINDS = {"torchscript": TITLE, "pt2": EXPORTED}
CHANNELS = ("1", "2", "3", "4", "8", "10", "16")
ONE_NUMBER, COLUMN = "(n)", "(n, 1)"
LATENT_FLAT, LATENT_STOOD = "(n, k)", "(n, k, 1, 1)"
SCORE = 0.9
_NOTE = "It is a program: running it runs code from the file, in a process of its own, and only after your consent."
_FORWARD = re.compile(r"  def forward\((.*?)\) -> ([^\n]*?):\n", re.DOTALL)
_TENSORS = ("Tensor", "Optional[Tensor]")
MOST_LISTED = 400
"""Operators and files that are listed."""


def kind_of(asked: Asked) -> Kind:
    """As the candidate speaks of this file."""
    return Kind(ID, KINDS[asked.opened.kind], ASKS, SCORE, 4, "", _NOTE)


def values_of(asked: Asked) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
    """Inputs and outputs, as far as the file tells: shapes of a scripted program are guesses from its weights."""
    return _exported(asked) if asked.opened.kind == "pt2" else _scripted(asked)


def contents(kind: str, metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """What a consent must name (R15): the operators that a graph calls, or the files of code and what they call."""
    if kind == "pt2":
        return tuple(sorted({str(node.get("target")) for node in _nodes(metadata)}))[:MOST_LISTED]
    code = metadata.get("code")
    texts = code if isinstance(code, Mapping) else {}
    called = {word for text in texts.values() for word in re.findall(r"\b(?:torch|ops)\.[\w.]+(?=\()", str(text))}
    return (*sorted(f"code/{name}" for name in texts), *sorted(called))[:MOST_LISTED]


def _judge(asked: Asked) -> Candidate:
    if asked.opened.kind not in KINDS:
        return not_mine(ID, TITLE, "It is no program of PyTorch.")
    kind = kind_of(asked)
    inputs, outputs = values_of(asked)
    if not inputs or not outputs:
        return broken(ID, kind.title, "Its inputs and outputs are no tensors that are known here.", 0.3)
    told = by_shapes(asked, kind, inputs, outputs)
    if told.verdict != ASKS:
        return told
    listed = contents(asked.opened.kind, asked.opened.tree)
    reasons = (*told.reasons, f"It holds {len(listed)} files of code and operators, which are named before it is run.")
    return replace(told, reasons=reasons, settings=(*told.settings, *_guessed(asked, told)))


def _guessed(asked: Asked, told: Candidate) -> Iterator[Conclusion]:
    """What a scripted program does not tell of its shapes."""
    if not _unshaped(asked):
        return
    if told.setting("role") == DECODER:
        yield Conclusion("latent", "Numbers of the noise", _first_width(asked), "by shape of its first weights",
                         ("2", "16", "64", "100", "128", "256", "512"))  # fmt: skip
        yield Conclusion("latent_shape", "Shape of the noise", LATENT_STOOD if _transposed(asked) else LATENT_FLAT,
                         "by shape of its first weights", (LATENT_FLAT, LATENT_STOOD))  # fmt: skip
        return
    what = "Channels of x" if told.makes == PICTURES else "Axes of a point"
    yield Conclusion("channels", what, _last_width(asked), "by shape of its last weights", CHANNELS)
    yield Conclusion("time_shape", "Shape of the time", ONE_NUMBER, "assumed", (ONE_NUMBER, COLUMN))


def _unshaped(asked: Asked) -> bool:
    return asked.opened.kind == "torchscript" and not asked.opened.tree.get("traced")


# Scripted: the text of `forward`.


def _scripted(asked: Asked) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
    arguments, answer = _signature(asked.opened.tree)
    traced = asked.opened.tree.get("traced") or ()
    tensors = [(name, kind) for name, kind, _ in arguments if kind in _TENSORS]
    count = answer.count("Tensor") if answer.startswith("Tuple") else int(answer == "Tensor")
    drawn = any(len(entry.shape) == 4 for entry in asked.tensors.values())
    width = _last_width(asked)
    spread: tuple[Any, ...] = ("n", width, "h", "w") if drawn else ("n", width)
    inputs = []
    for place, (name, kind) in enumerate(tensors):
        if place < len(traced):
            shape = ("n", *traced[place]["shape"][1:]) if traced[place]["shape"] else ()
            inputs.append(Value(name, str(traced[place]["dtype"]), shape))
        elif name.lower() in TIMES:
            inputs.append(Value(name, "int64" if name.lower().startswith("timestep") else "float32", ("n",)))
        elif name.lower() in LABELS or kind != "Tensor":
            inputs.append(Value(name, "int64", ("n",)))
        else:
            inputs.append(Value(name, "float32", spread))
    if len(inputs) == 1 and drawn:  # noise in, a picture out
        stood = (1, 1) if _transposed(asked) else ()
        if not traced:
            inputs = [Value(inputs[0].name, "float32", ("n", _first_width(asked), *stood))]
        return tuple(inputs), (Value("output 0", "float32", ("n", width, 1, 1)),)
    like = next((one.shape for one in inputs if one.dtype not in WHOLES and one.name.lower() not in TIMES), spread)
    return tuple(inputs), tuple(Value(f"output {k}", "float32", like) for k in range(count))


def required(asked: Asked) -> tuple[str, ...]:
    """Names of the inputs that cannot be left out."""
    if asked.opened.kind == "pt2":
        return tuple(one.name for one in values_of(asked)[0])
    return tuple(name for name, kind, has_default in _signature(asked.opened.tree)[0] if kind == "Tensor" and not
                 has_default)  # fmt: skip


def _signature(tree: Mapping[str, Any]) -> tuple[list[tuple[str, str, bool]], str]:
    """(name, type, has a default) of forward's arguments, and the type of what it gives; [] where there is no such
    text."""
    module, code = tree.get("module"), tree.get("code") or {}
    if not isinstance(module, Stub) or "." not in module.name:
        return [], ""
    folder, _, own = module.name.rpartition(".")
    text = str(code.get(folder.replace(".", "/") + ".py", ""))
    at = text.find(f"class {own}(Module):")
    begins = text.find("  def forward(", at)
    found = _FORWARD.match(text, begins) if begins > at else None
    following = text.find("\nclass ", at + 1)
    if at < 0 or found is None or 0 <= following < begins:
        return [], ""
    out = []
    for part in re.split(r",\s*\n\s*", found.group(1).strip())[1:]:
        name, _, kind = part.partition(":")
        kind, sign, _ = kind.partition("=")
        out.append((name.strip(), kind.strip(), bool(sign)))
    return out, found.group(2).strip()


def _last_width(asked: Asked) -> int:
    """Numbers or channels that the last weights give."""
    shapes = [entry.shape for name, entry in asked.tensors.items() if name.endswith("weight") and len(entry.shape) > 1]
    if not shapes:
        return 2
    last = shapes[-1]
    return last[1] if len(last) == 4 and _transposed(asked) else last[0]


def _first_width(asked: Asked) -> int:
    """Numbers that the first weights take."""
    first = next((entry.shape for entry in asked.tensors.values() if len(entry.shape) > 1), (1, 1))
    return first[0] if _transposed(asked) else first[1]


def _transposed(asked: Asked) -> bool:
    """Whether its first and last convolutions widen pictures, (in, out, 4, 4) with fewer out than in."""
    shapes = [entry.shape for entry in asked.tensors.values() if len(entry.shape) == 4]
    first = next((entry.shape for entry in asked.tensors.values() if len(entry.shape) > 1), ())
    return len(first) == 4 and bool(shapes) and shapes[0][0] > shapes[-1][1] and shapes[-1][0] > shapes[-1][1]


# Exported: the graph as JSON.


def _exported(asked: Asked) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
    graph = _graph(asked.opened.tree)
    signature = _dict(_module(asked.opened.tree), "signature")
    sides = []
    for key, name in (("input_specs", "user_input"), ("output_specs", "user_output")):
        specs = signature.get(key)
        users = [one[name] for one in specs if isinstance(one, dict) and name in one] if isinstance(specs, list) else []
        sides.append(tuple(_value(graph, one) for one in users))
    return sides[0], sides[1]


def _value(graph: Mapping[str, Any], user: Any) -> Value:
    name = str(_dict(_dict(user, "arg"), "as_tensor").get("name", ""))
    meta = _dict(_dict(graph, "tensor_values"), name)
    sizes = meta.get("sizes")
    shape = tuple(_axis(one, k) for k, one in enumerate(sizes)) if isinstance(sizes, list) else ()
    code = meta.get("dtype")
    return Value(name, SCALARS.get(code, "") if type(code) is int else "", shape)


def _axis(one: Any, place: int) -> Any:
    whole = one.get("as_int") if isinstance(one, dict) else None
    return whole if type(whole) is int else "n" if place == 0 else ""


def _nodes(tree: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = _graph(tree).get("nodes")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _graph(tree: Mapping[str, Any]) -> Mapping[str, Any]:
    return _dict(_module(tree), "graph")


def _module(tree: Mapping[str, Any]) -> Mapping[str, Any]:
    return _dict(tree.get("graph"), "graph_module")


def _dict(node: Any, key: str) -> Mapping[str, Any]:
    found = node.get(key) if isinstance(node, Mapping) else None
    return found if isinstance(found, Mapping) else {}


CANDIDATE = Architecture(ID, TITLE, _judge)
