"""Programs of PyTorch at work, after a person's consent: the network is a call to a process that has nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Mapping
from dataclasses import replace

import torch

from dgm_studio.checkpoints.candidates import torch_program as own
from dgm_studio.checkpoints.candidates.asked import Asked
from dgm_studio.checkpoints.candidates.onnx_graph import DECODER, NONE, Value
from dgm_studio.checkpoints.formats.source import Source
from dgm_studio.checkpoints.rebuild.choosing import chosen, value_of
from dgm_studio.checkpoints.rebuild.onnx_graph import OnnxNet, decoder_of, denoiser_of
from dgm_studio.checkpoints.rebuild.program_process import Key, another_file, starting
from dgm_studio.checkpoints.rebuild.rebuilt import Decoder, Denoiser, Rebuilder
from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.inspection import CONSENT, Candidate, Conclusion, RefusedFile
from dgm_studio.core.pictures import PictureShape
from dgm_studio.core.slow import finish

HASHED = 2**22
"""Bytes of one slice of hashing."""


class ProgramNet(OnnxNet):
    """A program whose every evaluation goes to its own process; `place` is the output's number."""

    def __init__(self, key: Key, what: str, asked: Asked, inputs: tuple[Value, ...], output: str, place: int) -> None:
        super().__init__(asked.opened.path, inputs, output)
        self.what, self.key, self.place = what, key, place

    def _run(self, given: dict[str, Array]) -> Array:
        process = finish(starting(self.key))
        return finish(process.making(given, self.place))


def hashing(asked: Asked) -> Generator[None, None, str]:
    """The file's SHA-256, in slices."""
    source, digest = Source(asked.opened.path), hashlib.sha256()
    for at in range(0, source.size, HASHED):
        digest.update(source.array(at, min(HASHED, source.size - at)).data)
        yield
    return digest.hexdigest()


def _build(
    asked: Asked, candidate: Candidate, choice: Mapping[str, str], device: str
) -> Generator[None, None, Denoiser | Decoder]:
    consent = choice.get(CONSENT, "").strip().lower()
    if not consent:
        raise no_consent(own.KINDS[asked.opened.kind])
    if (yield from hashing(asked)) != consent:
        raise another_file()
    settings = chosen(candidate, choice)
    inputs, outputs = own.values_of(asked)
    inputs = tuple(_shaped(one, settings) for one in inputs)
    used = {str(value_of(settings, name, NONE)) for name in ("x", "time", "label")}
    needed = used | set(own.required(asked))
    key = (asked.opened.kind, str(asked.opened.path.resolve()), consent)
    output = str(value_of(settings, "output"))
    net = ProgramNet(
        key, own.KINDS[asked.opened.kind], asked, tuple(one for one in inputs if one.name in needed), output,
        next((k for k, one in enumerate(outputs) if one.name == output), 0),
    )  # fmt: skip
    process = yield from starting(key)
    x = next(one for one in inputs if one.name == value_of(settings, "x"))
    remark = "It runs in a process of its own" + (", without network and files to write." if process.sealed else ".")
    told = (*settings, Conclusion(CONSENT, "Consent", f"{consent[:12]}…", "your consent, to this SHA-256"))
    if value_of(settings, "role") == DECODER:
        made = yield from process.making({x.name: net.array(x.name, torch.zeros((1, *_axes(x))), 1)}, net.place)
        if made.ndim != 4:
            raise Refused(f"This {net.what} makes no pictures (n, c, h, w) but {made.shape}. Look at its tensors.")
        picture = decoder_of(asked, candidate, told, net, x, PictureShape(*made.shape[1:]))
        return replace(picture, remark=remark)
    return replace(denoiser_of(asked, candidate, told, net, x), remark=remark)


def no_consent(kind: str) -> RefusedFile:
    """E11: what is missing."""
    return RefusedFile(
        "E11",
        f"A {kind}. Running it runs code from the file, which needs your consent: in the Checkpoints panel by 'Run in "
        "a separate process…', on the command line by --set consent=SHA256 with the SHA-256 of the file (sha256sum). "
        "Looking into the file runs nothing.",
    )


def _shaped(one: Value, settings: tuple[Conclusion, ...]) -> Value:
    """With what was chosen of shapes that the file does not tell."""
    channels, latent = value_of(settings, "channels"), value_of(settings, "latent")
    if one.name == value_of(settings, "x") and channels is not None:
        return one._replace(shape=(one.shape[0], int(channels), *one.shape[2:]))
    if one.name == value_of(settings, "x") and latent is not None:
        flat = value_of(settings, "latent_shape") == own.LATENT_FLAT
        return one._replace(shape=("n", int(latent), *(() if flat else (1, 1))))
    if one.name == value_of(settings, "time") and value_of(settings, "time_shape") == own.COLUMN:
        return one._replace(shape=("n", 1))
    return one


def _axes(x: Value) -> tuple[int, ...]:
    return tuple(axis if isinstance(axis, int) else 1 for axis in x.shape[1:])


REBUILD = Rebuilder(own.ID, _build)
