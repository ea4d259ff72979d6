"""Masked language models of transformers: class and config from our table, never from_pretrained."""

from __future__ import annotations

from collections.abc import Generator, Mapping

from torch import Tensor, nn

from dgm_studio.checkpoints.candidates.asked import Asked
from dgm_studio.checkpoints.candidates.transformers_masked import ID, Kind, kind_of, used
from dgm_studio.checkpoints.rebuild.choosing import chosen, value_of
from dgm_studio.checkpoints.rebuild.extras import library
from dgm_studio.checkpoints.rebuild.filling import filling
from dgm_studio.checkpoints.rebuild.rebuilt import Masked, Rebuilder
from dgm_studio.checkpoints.rebuild.tokens import reading_tokens
from dgm_studio.core.inspection import Candidate, RefusedFile

_OLD = (("LayerNorm.weight", "LayerNorm.gamma"), ("LayerNorm.bias", "LayerNorm.beta"))
"""What files that came from TensorFlow call the same tensors."""


def _build(asked: Asked, candidate: Candidate, choice: Mapping[str, str], device: str) -> Generator[None, None, Masked]:
    kind = kind_of(asked.config)
    assert kind is not None  # the candidate matched
    settings = chosen(candidate, choice)
    transformers = library("transformers", "text", "this language model")
    yield

    def make() -> nn.Module:
        config = getattr(transformers, kind.config).from_dict(used(kind, asked.config))
        config._attn_implementation = "sdpa"
        made: nn.Module = getattr(transformers, kind.architecture)(config)
        return made

    try:
        net = yield from filling(make, asked, _old_names(asked, kind), device)
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError) as error:
        raise RefusedFile(
            "E13", f"config.json does not describe a {kind.architecture} that this version of transformers can build."
        ) from error
    count = int(value_of(settings, "tokens"))
    tokens = yield from reading_tokens(asked.opened, count, kind.mask)

    def logits(ids: Tensor) -> Tensor:
        out: Tensor = net(input_ids=ids).logits
        return out

    return Masked(
        net=net, title=_title(asked, candidate), candidate=candidate, settings=settings,
        words=tokens.words, mask=tokens.mask, special=tokens.special, length=int(value_of(settings, "length")),
        logits=logits, split=tokens.split, join=tokens.join, before=tokens.before, after=tokens.after, glue=tokens.glue,
    )  # fmt: skip


def _title(asked: Asked, candidate: Candidate) -> str:
    return f"{asked.opened.path.name}, {candidate.title}"


def _old_names(asked: Asked, kind: Kind) -> dict[str, str]:
    """New name to the file's, for tensors under TensorFlow's names."""
    return {
        name.removesuffix(old) + new: name for new, old in _OLD for name in asked.tensors if name.endswith(old)
    }  # fmt: skip


REBUILD = Rebuilder(ID, _build)
