"""Masked language models of transformers folders: config.json says the class, the tensors must be its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dgm_studio.checkpoints.candidates.asked import Architecture, Asked
from dgm_studio.core.inspection import BROKEN, MATCH, NOT_MINE, TEXT, Candidate, Conclusion

ID, TITLE = "transformers-masked", "Masked language model (transformers)"
TOKENIZER, WORD_LIST, MERGES, PAIRS = "tokenizer.json", "vocab.txt", "merges.txt", "vocab.json"
LARGEST = 1_000_000
"""No size in a config is larger."""
_COMMON = ("vocab_size", "pad_token_id", "bos_token_id", "eos_token_id", "cls_token_id", "sep_token_id",
           "tie_word_embeddings")  # fmt: skip
_BERT = (*_COMMON, "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act",
         "max_position_embeddings", "type_vocab_size", "layer_norm_eps")  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """One `model_type`: its class and config in transformers, where its tables of words and places and its layers are
    named, what its config calls width, layers and heads, which entries of a config are used, how many rows of the table
    of places it leaves out, and the mask's id in the published models."""

    title: str
    architecture: str
    config: str
    words: str
    places: str
    layers: str
    sizes: tuple[str, str, str]
    known: tuple[str, ...]
    left_out: int = 0
    mask: int = 103


KINDS = {
    "bert": Kind(
        "BERT", "BertForMaskedLM", "BertConfig", "bert.embeddings.word_embeddings.weight",
        "bert.embeddings.position_embeddings.weight", "bert.encoder.layer.",
        ("hidden_size", "num_hidden_layers", "num_attention_heads"), _BERT,
    ),
    "distilbert": Kind(
        "DistilBERT", "DistilBertForMaskedLM", "DistilBertConfig", "distilbert.embeddings.word_embeddings.weight",
        "distilbert.embeddings.position_embeddings.weight", "distilbert.transformer.layer.",
        ("dim", "n_layers", "n_heads"),
        (*_COMMON, "dim", "n_layers", "n_heads", "hidden_dim", "max_position_embeddings", "activation"),
    ),
    "roberta": Kind(
        "RoBERTa", "RobertaForMaskedLM", "RobertaConfig", "roberta.embeddings.word_embeddings.weight",
        "roberta.embeddings.position_embeddings.weight", "roberta.encoder.layer.",
        ("hidden_size", "num_hidden_layers", "num_attention_heads"), _BERT, 2, 50_264,
    ),
    "modernbert": Kind(
        "ModernBERT", "ModernBertForMaskedLM", "ModernBertConfig", "model.embeddings.tok_embeddings.weight", "",
        "model.layers.", ("hidden_size", "num_hidden_layers", "num_attention_heads"),
        (*_COMMON, "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_activation",
         "max_position_embeddings", "norm_eps", "norm_bias", "attention_bias", "mlp_bias", "decoder_bias",
         "classifier_activation", "classifier_bias", "global_attn_every_n_layers", "local_attention", "layer_types",
         "global_rope_theta", "local_rope_theta", "rope_parameters"),
        0, 50_284,
    ),
}  # fmt: skip


def kind_of(config: Mapping[str, Any]) -> Kind | None:
    """The entry of the table that a config.json names; None where it names none."""
    return KINDS.get(str(config.get("model_type", "")))


def used(kind: Kind, config: Mapping[str, Any]) -> dict[str, Any]:
    """The entries of a config that the class is built with; all others are not passed on."""
    return {name: config[name] for name in kind.known if config.get(name) is not None}


def _judge(asked: Asked) -> Candidate:
    config, kind = asked.config, kind_of(asked.config)
    if kind is None:
        named = config.get("model_type")
        why = f"config.json names the model_type '{named}'." if named else "There is no config.json with a model_type."
        return _no(NOT_MINE, 0.0, why)
    named = [str(one) for one in config.get("architectures") or () if isinstance(one, str)]
    if named and kind.architecture not in named:
        return _no(NOT_MINE, 0.1, f"config.json says {named[0]}: it has no head that names masked tokens.")
    wrong = _misfit(asked, kind)
    if wrong:
        return _no(BROKEN, 0.7, wrong)
    words, source = _words(asked)
    unused = sorted(set(config) - set(kind.known) - {"architectures", "model_type", "transformers_version"})
    length = min(_rows(config, asked, kind) - kind.left_out - 2, 1024)
    reasons = [
        f"config.json says {named[0] if named else kind.architecture}, and the tensors have its names and sizes.",
        f"{_size(config, kind.sizes[1])} layers of width {_size(config, kind.sizes[0])}, {_size(config, 'vocab_size')} "
        "tokens.",
    ]
    if unused:
        reasons.append(f"Entries of config.json that are not used: {', '.join(unused)[:300]}.")
    return Candidate(
        ID, f"{kind.title}, a masked language model (transformers)", MATCH, 0.95, tuple(reasons), TEXT, 1, "text",
        (
            Conclusion("architecture", "Class", kind.architecture, "from config.json"),
            Conclusion("tokens", "Tokens", _size(config, "vocab_size"), "from config.json"),
            Conclusion("length", "Most tokens of a text", length, "from config.json"),
            Conclusion("words", "Words", words, source),
        ),
    )  # fmt: skip


def _misfit(asked: Asked, kind: Kind) -> str:
    """Why the tensors cannot be this config's, "" where the tables and layers fit."""
    config = asked.config
    width, layers, heads = (_size(config, name) for name in kind.sizes)
    count = _size(config, "vocab_size")
    if not (width and layers and heads and count):
        return f"config.json lacks one of {', '.join(('vocab_size', *kind.sizes))}, or it is no whole number."
    if width % heads:
        return f"config.json has {heads} heads, which do not divide the width {width}."
    if config.get("position_embedding_type", "absolute") != "absolute":
        return f"config.json asks for the positions '{config['position_embedding_type']}', which are not known here."
    table = asked.shape(kind.words)
    if table is None:
        return f"config.json says {kind.title}, but there is no tensor {kind.words}."
    if table != (count, width):
        return f"{kind.words} is {table}, config.json says {(count, width)}."
    starts = {name.removeprefix(kind.layers).split(".", 1)[0] for name in asked.tensors if name.startswith(kind.layers)}
    if len(starts) != layers:
        return f"The file has {len(starts)} layers, config.json says {layers}."
    places = asked.shape(kind.places) if kind.places else (_size(config, "max_position_embeddings") or 8192, width)
    if places != ((_size(config, "max_position_embeddings") or 512), width) and kind.places:
        return f"{kind.places} is {places}, config.json says {(config.get('max_position_embeddings'), width)}."
    return ""


def _rows(config: Mapping[str, Any], asked: Asked, kind: Kind) -> int:
    table = asked.shape(kind.places) if kind.places else None
    return table[0] if table else _size(config, "max_position_embeddings") or 8192


def _words(asked: Asked) -> tuple[str, str]:
    files = set(asked.opened.files)
    if TOKENIZER in files:
        return "the tokenizer's", f"from {TOKENIZER}"
    if WORD_LIST in files:
        return "the tokenizer's", f"from {WORD_LIST}"
    if {PAIRS, MERGES} <= files:
        return "the tokenizer's", f"from {PAIRS} and {MERGES}"
    return "ids", f"assumed: there is no {TOKENIZER} in the folder, so ids stand for words"


def _size(config: Mapping[str, Any], name: str) -> int:
    """A size in the config, 0 where it is none."""
    value = config.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST else 0


def _no(verdict: str, score: float, why: str) -> Candidate:
    return Candidate(ID, TITLE, verdict, score, (why,), TEXT if verdict == BROKEN else "", 3, "text")


CANDIDATE = Architecture(ID, TITLE, _judge)
