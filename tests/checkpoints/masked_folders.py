"""Folders of masked language models as transformers and tokenizers write them: small, random weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

SPECIAL = ("[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]")
WORDS = (*SPECIAL, "the", "cat", "sat", "on", "mat", "##s", "dog", ".", *(f"w{k}" for k in range(27)))
_SIZES = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 24}
KINDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "bert": ("BertConfig", "BertForMaskedLM", _SIZES),
    "distilbert": (
        "DistilBertConfig", "DistilBertForMaskedLM", {"dim": 16, "n_layers": 2, "n_heads": 4, "hidden_dim": 24}
    ),
    "roberta": ("RobertaConfig", "RobertaForMaskedLM", _SIZES),
    "modernbert": (
        "ModernBertConfig", "ModernBertForMaskedLM",
        {**_SIZES, "bos_token_id": 1, "eos_token_id": 2, "cls_token_id": 1, "sep_token_id": 2},
    ),
}  # fmt: skip


def write_masked_model(folder: Path, kind: str, tokenizer: bool = True) -> Any:
    """Save a model of the kind with its tokenizer; the model itself, in eval mode."""
    import transformers

    config, architecture, sizes = KINDS[kind]
    own = {"vocab_size": len(WORDS), "max_position_embeddings": 24, "pad_token_id": 0, **sizes}
    model = getattr(transformers, architecture)(getattr(transformers, config)(**own)).eval()
    generator = torch.Generator().manual_seed(3)
    for weight in model.parameters():  # far from the flat distribution that a fresh model has
        weight.data.copy_((weight.ndim == 1) + 0.3 * torch.randn(weight.shape, generator=generator))
    model.save_pretrained(folder)
    if tokenizer:
        write_tokenizer(folder)
    return model


def write_tokenizer(folder: Path) -> None:
    """A tokenizer.json of WORDS that puts [CLS] and [SEP] around a text."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

    made = Tokenizer(models.WordPiece({word: k for k, word in enumerate(WORDS)}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece()
    made.add_special_tokens(list(SPECIAL))
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    made.save(str(folder / "tokenizer.json"))


def edit_config(folder: Path, **changes: Any) -> None:
    """Change entries of a folder's config.json."""
    file = folder / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), **changes}), "utf-8")
