"""ONNX graphs: programs that behave as data; shapes of inputs and outputs say what could be x, time and class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from dgm_studio.checkpoints.candidates.answers import broken, not_mine
from dgm_studio.checkpoints.candidates.asked import Architecture, Asked
from dgm_studio.checkpoints.candidates.predictions import NOISE_TO_DATA, TARGETS, VELOCITY
from dgm_studio.checkpoints.candidates.unet_settings import prediction_setting, schedule_settings, size_setting
from dgm_studio.core.inspection import MATCH, PICTURES, POINTS, Candidate, Conclusion

ID, TITLE = "onnx-graph", "ONNX graph"
CHAIN, PATH, BACKWARDS = "diffusion chain", "straight path", "straight path, time reversed"
DENOISER, DECODER = "denoises x, told a time", "makes pictures of noise"
NONE = "none"
TO_ONE, INDEX = "0 to 1", "index of the chain"
FLOATS, WHOLES = ("float32", "float16", "float64"), ("int64", "int32")
TIMES = ("t", "time", "times", "timestep", "timesteps", "sigma", "noise_level", "step")
LABELS = ("y", "label", "labels", "class", "classes", "class_labels", "class_label", "cond")


class Kind(NamedTuple):
    """Of which kind of file a candidate speaks: `verdict`, `score`, tier and optional part of the installation where it
    could run; `how` says in a sentence what runs."""

    id: str
    title: str
    verdict: str
    score: float
    tier: int
    extra: str
    how: str


_GRAPH = Kind(
    ID, TITLE, MATCH, 0.98, 2, "onnx",
    "It runs operators only, in a process of its own; say which input is what where this is wrong.",
)  # fmt: skip


class Value(NamedTuple):
    """An input or output: `shape` has numbers, and names (or "") for axes that are not fixed."""

    name: str
    dtype: str
    shape: tuple[Any, ...]

    @property
    def words(self) -> str:
        """As it is shown: "x float32 (n, 3, 32, 32)"."""
        return f"{self.name} {self.dtype} ({', '.join(str(axis) or '?' for axis in self.shape)})"


def values_of(asked: Asked, side: str) -> tuple[Value, ...]:
    """The graph's "inputs" or "outputs"."""
    tree = asked.opened.tree if isinstance(asked.opened.tree, Mapping) else {}
    found: Sequence[Any] = tree.get(side, ())
    return tuple(Value(str(one["name"]), str(one["dtype"]), tuple(one["shape"])) for one in found)


def _judge(asked: Asked) -> Candidate:
    if asked.opened.kind != "onnx":
        return not_mine(ID, TITLE, "It is no ONNX file.")
    domains = asked.opened.tree.get("domains") or {}
    if domains:
        return broken(ID, TITLE, f"It uses operators of its author's own ({', '.join(domains)[:100]}): not run here.")
    return by_shapes(asked, _GRAPH, values_of(asked, "inputs"), values_of(asked, "outputs"))


def by_shapes(asked: Asked, kind: Kind, inputs: tuple[Value, ...], outputs: tuple[Value, ...]) -> Candidate:
    """A denoiser, a decoder, or neither: as the shapes of inputs and outputs fit together."""
    drawn = [one for one in outputs if one.dtype in FLOATS and len(one.shape) in (2, 4)]
    given = [one for one in inputs if one.dtype in FLOATS and len(one.shape) in (2, 4)]
    listed = _listed(inputs, outputs)
    if not drawn or not given:
        return broken(kind.id, kind.title, f"It has no input and output of points or pictures: {listed}.", 0.4)
    times = [one for one in inputs if len(one.shape) <= 2 and _size(one) <= 1]
    pairs = [(one, out) for one in given for out in drawn if _alike(one, out)]
    time = next((one for one in times if one.name.lower() in TIMES), None) or next(
        (one for one in times if one.dtype in FLOATS), times[0] if times else None
    )
    if pairs and time is not None:
        return _denoiser(asked, kind, inputs, outputs, pairs[0], time)
    made = next((one for one in drawn if len(one.shape) == 4), None)
    latent = next((one for one in given if one.shape[2:] in ((), (1, 1)) and isinstance(one.shape[1], int)), None)
    if made is not None and latent is not None and not pairs and all(isinstance(n, int) for n in made.shape[1:]):
        return _decoder(kind, inputs, outputs, latent, made)
    why = "it is told no time" if pairs else "no output has an input's shape"
    return broken(kind.id, kind.title, f"It is no denoiser that is known here, for {why}: {listed}.", 0.4)


def _denoiser(
    asked: Asked, kind: Kind, inputs: tuple[Value, ...], outputs: tuple[Value, ...], pair: tuple[Value, Value],
    time: Value,
) -> Candidate:  # fmt: skip
    x, out = pair
    names = tuple(one.name for one in inputs)
    rest = [one for one in inputs if one not in (x, time)]
    label = next((one for one in rest if one.dtype in WHOLES and len(one.shape) <= 1), None)
    points = len(x.shape) == 2
    whole = time.dtype in WHOLES
    path = not whole and time.name.lower() in ("t", "time", "times")
    settings = [
        Conclusion("role", "What it does", DENOISER, "by the shapes of its inputs"),
        Conclusion("x", "Input that is x", x.name, f"by shape: {x.words}", names),
        Conclusion("time", "Input that is the time", time.name, f"by name and shape: {time.words}", names),
        Conclusion("label", "Input that is the class", label.name if label else NONE,
                   f"by name and shape: {label.words}" if label else "no input is left", (NONE, *names)),
        Conclusion("output", "Output that is the prediction", out.name, f"by shape: {out.words}",
                   tuple(one.name for one in outputs)),
        Conclusion("process", "Noise", PATH if path else CHAIN, "assumed", (CHAIN, PATH, BACKWARDS)),
        Conclusion("told", "Time as it is told", TO_ONE if path else INDEX, "assumed", (INDEX, TO_ONE)),
        Conclusion("prediction", "Prediction", NOISE_TO_DATA, "assumed", (NOISE_TO_DATA, VELOCITY, *TARGETS))
        if path else _prediction(asked),
        *schedule_settings(asked, "linear", 1000),
    ]  # fmt: skip
    if label is not None:
        settings.append(Conclusion("classes", "Classes", 10, "assumed", ("2", "10", "100", "1000")))
    if not points and not all(isinstance(axis, int) for axis in x.shape[2:]):
        settings.append(size_setting({}, 1, 32))
    return Candidate(
        kind.id, kind.title, kind.verdict, kind.score,
        (
            f"Input {x.words} and output {out.words} are alike, and {time.words} can be a time.",
            kind.how,
        ),
        POINTS if points else PICTURES, kind.tier, kind.extra, tuple(settings),
    )  # fmt: skip


def _decoder(
    kind: Kind, inputs: tuple[Value, ...], outputs: tuple[Value, ...], latent: Value, made: Value
) -> Candidate:
    return Candidate(
        kind.id, kind.title, kind.verdict, kind.score,
        (
            f"Input {latent.words} can be noise of which it makes {made.words}.",
            kind.how,
        ),
        PICTURES, kind.tier, kind.extra,
        (
            Conclusion("role", "What it does", DECODER, "by the shapes of its inputs and outputs"),
            Conclusion("x", "Input that is the noise", latent.name, f"by shape: {latent.words}",
                       tuple(one.name for one in inputs)),
            Conclusion("output", "Output that is the picture", made.name, f"by shape: {made.words}",
                       tuple(one.name for one in outputs)),
            Conclusion("range", "Range of pictures", "-1 to 1", "assumed", ("-1 to 1", "0 to 1")),
        ),
    )  # fmt: skip


def _prediction(asked: Asked) -> Conclusion:
    found = prediction_setting(asked)
    return Conclusion(found.name, found.title, found.value, found.source, (*TARGETS, NOISE_TO_DATA, VELOCITY))


def _alike(one: Value, out: Value) -> bool:
    """The same axes, names and unknown ones fitting anything; channels may be twice as many (a learned variance)."""
    if len(one.shape) != len(out.shape):
        return False
    pairs = list(zip(one.shape, out.shape, strict=True))
    if not isinstance(one.shape[1], int):
        return False
    same = all(a == b or not isinstance(a, int) or not isinstance(b, int) for a, b in pairs)
    return same or (out.shape[1] == 2 * one.shape[1] and all(
        a == b or not isinstance(a, int) or not isinstance(b, int) for k, (a, b) in enumerate(pairs) if k != 1
    ))  # fmt: skip


def _size(one: Value) -> int:
    """How many numbers an example has, unknown axes counted as one."""
    count = 1
    for axis in one.shape[1:]:
        count *= axis if isinstance(axis, int) else 1
    return count


def _listed(inputs: tuple[Value, ...], outputs: tuple[Value, ...]) -> str:
    told, made = ("; ".join(one.words for one in side)[:200] for side in (inputs, outputs))
    return f"inputs {told}, outputs {made}"


CANDIDATE = Architecture(ID, TITLE, _judge)
