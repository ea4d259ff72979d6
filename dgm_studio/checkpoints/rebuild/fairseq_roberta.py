"""fairseq's RoBERTa in torch: nets.masked_encoder with the names of fairseq's tensors."""

from __future__ import annotations

from collections.abc import Generator, Mapping

from dgm_studio.checkpoints.candidates import fairseq_roberta as own
from dgm_studio.checkpoints.candidates.asked import Asked
from dgm_studio.checkpoints.rebuild.choosing import chosen, value_of
from dgm_studio.checkpoints.rebuild.filling import filling
from dgm_studio.checkpoints.rebuild.rebuilt import Masked, Rebuilder
from dgm_studio.core.inspection import Candidate
from dgm_studio.nets.masked_encoder import MaskedEncoder


def _build(asked: Asked, candidate: Candidate, choice: Mapping[str, str], device: str) -> Generator[None, None, Masked]:
    settings = chosen(candidate, choice)
    tokens, positions, width, inner, layers, heads = (
        int(value_of(settings, name)) for name in ("tokens", "positions", "width", "inner", "layers", "heads")
    )

    def make() -> MaskedEncoder:
        activation = str(value_of(settings, "activation"))
        return MaskedEncoder(tokens, positions, width, inner, layers, heads, own.FIRST_POSITION, activation)

    prefix = own.prefix_of(asked) or ""
    names = {name.removeprefix(prefix): name for name in asked.tensors if name.startswith(prefix)}
    net = yield from filling(make, asked, names, device)
    words = own.words_of(asked, tokens).texts
    index = {word: k for k, word in enumerate(words)}
    unknown, mask = index["<unk>"], index["<mask>"]
    single = all(len(word) == 1 for word in words if not own.is_special(word))

    def split(text: str) -> list[int]:
        return [index.get(part, unknown) for part in (text if single else text.split())]

    def join(ids: list[int]) -> str:
        return ("" if single else " ").join(words[k] for k in ids)

    return Masked(
        net=net, title=candidate.title, candidate=candidate, settings=settings,
        words=words, mask=mask, special=tuple(k for k, word in enumerate(words) if own.is_special(word) and k != mask),
        length=positions - own.FIRST_POSITION - 2, logits=net, split=split, join=join, before=(0,), after=(2,),
        glue=(True,) * tokens if single else (),
    )  # fmt: skip


REBUILD = Rebuilder(own.ID, _build)
