"""fairseq's RoBERTa: tensors named sentence_encoder.*, lm_head.*; its words in a dict.txt beside the file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dgm_studio.checkpoints.candidates.asked import Architecture, Asked
from dgm_studio.core.inspection import BROKEN, MATCH, NOT_MINE, TEXT, Candidate, Conclusion

ID, TITLE = "fairseq-roberta", "Masked language model (RoBERTa of fairseq)"
EMBEDDING = "sentence_encoder.embed_tokens.weight"
POSITIONS = "sentence_encoder.embed_positions.weight"
FIRST = ("<s>", "<pad>", "</s>", "<unk>")
"""What fairseq puts before the words of dict.txt; <mask> comes after them."""
FIRST_POSITION = 2
"""Positions are numbered from behind the id of the padding, 1."""
DICTIONARY = "dict.txt"
LARGEST = 16 << 20
"""Bytes of a dict.txt."""
ACTIVATIONS = ("gelu", "relu")


@dataclass(frozen=True)
class Words:
    """`texts` by id; `source` says where from."""

    texts: tuple[str, ...]
    source: str


def prefix_of(asked: Asked) -> str | None:
    """What stands before sentence_encoder ("decoder.", "encoder.", ""); None where there is none."""
    return next((name.removesuffix(EMBEDDING) for name in asked.tensors if name.endswith(EMBEDDING)), None)


def words_of(asked: Asked, count: int) -> Words:
    """The vocabulary of dict.txt beside the file where it fits `count` tokens, else ids as words."""
    path = asked.opened.path
    file = (path if path.is_dir() else path.parent) / DICTIONARY
    own = _read(file)
    if own is None:
        return Words(_numbered(count), f"assumed: there is no {DICTIONARY} beside the file, so ids stand for words")
    texts = (*FIRST, *own, "<mask>")
    # fairseq may pad the table of tokens after the last of them.
    if len(texts) > count:
        return Words(_numbered(count), f"assumed: {DICTIONARY} has more tokens than the network, so ids stand for them")
    return Words((*texts, *(f"<{k}>" for k in range(len(texts), count))), f"from {DICTIONARY}")


def is_special(word: str) -> bool:
    """Whether it stands for no word of a text: <pad>, <unk>, <7>."""
    return len(word) > 2 and word.startswith("<") and word.endswith(">")


def _numbered(count: int) -> tuple[str, ...]:
    """The special ones are at the same places in every file."""
    return (*FIRST[:count], *(f"<{k}>" for k in range(len(FIRST), count - 1)), "<mask>")[:count]


def _read(file: Path) -> list[str] | None:
    try:
        if not file.is_file() or file.stat().st_size > LARGEST:
            return None
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    return [line.rsplit(" ", 1)[0] for line in lines if line.strip() and not line.startswith("#fairseq:")]


def _judge(asked: Asked) -> Candidate:
    prefix = prefix_of(asked)
    if prefix is None:
        return Candidate(ID, TITLE, NOT_MINE, 0.0, (f"There is no tensor {EMBEDDING}.",))
    tokens, positions = asked.shape(prefix + EMBEDDING), asked.shape(prefix + POSITIONS)
    inner = asked.shape(f"{prefix}sentence_encoder.layers.0.fc1.weight")
    head = asked.shape(f"{prefix}lm_head.weight")
    if tokens is None or positions is None or inner is None or head is None:
        lack = POSITIONS if positions is None else "layers.0.fc1.weight" if inner is None else "lm_head.weight"
        return _broken(f"It has {EMBEDDING}, but no {lack}.")
    if len(tokens) != 2 or len(positions) != 2 or len(inner) != 2 or head != tokens or positions[1] != tokens[1]:
        return _broken(f"The sizes of its tables do not belong together: {tokens}, {positions}, {inner}, {head}.")
    count, width = tokens
    layers = _layers(asked, prefix)
    heads = asked.config.get("encoder_attention_heads")
    possible = tuple(str(n) for n in range(1, width + 1) if width % n == 0 and width // n >= 8)
    if isinstance(heads, int) and heads > 0 and width % heads == 0:
        told = Conclusion("heads", "Attention heads", heads, "from args.encoder_attention_heads", possible)
    else:
        told = Conclusion("heads", "Attention heads", max(1, width // 64), "assumed: 64 numbers a head", possible)
    activation = asked.config.get("activation_fn", "gelu")
    known = activation in ACTIVATIONS
    words = words_of(asked, count)
    return Candidate(
        ID, TITLE, MATCH, 0.95,
        (
            f"It has {prefix}{EMBEDDING} ({count} tokens of width {width}) and {prefix}lm_head.",
            f"{layers} layers, {positions[0] - FIRST_POSITION} positions by the shapes.",
        ),
        TEXT, 1, "",
        (
            Conclusion("tokens", "Tokens", count, f"by shape of {prefix}{EMBEDDING}"),
            Conclusion("width", "Width", width, f"by shape of {prefix}{EMBEDDING}"),
            Conclusion("inner", "Inner width", inner[0], "by shape of layers.0.fc1.weight"),
            Conclusion("layers", "Layers", layers, "by the names of the tensors"),
            Conclusion("positions", "Positions", positions[0], f"by shape of {prefix}{POSITIONS}"),
            told,
            Conclusion("activation", "Activation", activation if known else "gelu",
                       "from args.activation_fn" if known and asked.config else "assumed", ACTIVATIONS),
            Conclusion("words", "Words", len(words.texts), words.source),
        ),
    )  # fmt: skip


def _broken(reason: str) -> Candidate:
    return Candidate(ID, TITLE, BROKEN, 0.6, (reason,), TEXT)


def _layers(asked: Asked, prefix: str) -> int:
    start = f"{prefix}sentence_encoder.layers."
    numbers = {name.removeprefix(start).split(".", 1)[0] for name in asked.tensors if name.startswith(start)}
    return len([number for number in numbers if number.isdecimal()])


CANDIDATE = Architecture(ID, TITLE, _judge)
