"""A transformers folder's words: its tokenizer's files through the library `tokenizers`, else ids as words."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dgm_studio.checkpoints.candidates.transformers_masked import MERGES, PAIRS, TOKENIZER, WORD_LIST
from dgm_studio.checkpoints.formats.opened import Opened
from dgm_studio.checkpoints.rebuild.extras import library
from dgm_studio.core.inspection import RefusedFile
from dgm_studio.data.text.pieces import WORD, glued

MASKS = ("[MASK]", "<mask>")
ENDS = (("[CLS]", "[SEP]"), ("<s>", "</s>"))
SLICE = 4096
"""Words that are spelt between two yields."""
LARGEST = 64 << 20
"""Bytes of a tokenizer's file."""
_UNUSED = re.compile(r"\[unused\d+\]|\[PAD\]|\[UNK\]|<pad>|<unk>")


@dataclass(frozen=True)
class Tokens:
    """What rebuilt.Masked says of words."""

    words: tuple[str, ...]
    glue: tuple[bool, ...]
    mask: int
    special: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    split: Callable[[str], list[int]]
    join: Callable[[list[int]], str]


def reading_tokens(opened: Opened, count: int, usual_mask: int) -> Generator[None, None, Tokens]:
    """The `count` tokens of a folder, in slices. RefusedFile E23 where its tokenizer cannot be read."""
    folder, files = opened.path, set(opened.files)
    if not files & {TOKENIZER, WORD_LIST} and not {PAIRS, MERGES} <= files:
        return numbered(count, min(usual_mask, count - 1))
    made = _tokenizer(folder, files, opened.tree if isinstance(opened.tree, Mapping) else {})
    yield
    added = {number: one for number, one in made.get_added_tokens_decoder().items() if number < count}
    special = {number for number, one in added.items() if one.special}
    words, glue = [], []
    for k in range(count):
        spelt = made.id_to_token(k)
        if spelt is None:  # the table of words is longer than the vocabulary
            special.add(k)
            spelt = f"<{k}>"
        word, joined = _shown(made, k, spelt, k in added)
        if _UNUSED.fullmatch(spelt) or not word:
            special.add(k)
        words.append(word or spelt)
        glue.append(joined)
        if k % SLICE == SLICE - 1:
            yield
    mask = next((number for name in MASKS if (number := made.token_to_id(name)) is not None), None)
    if mask is None or mask >= count:
        raise RefusedFile(
            "E23", f"The tokenizer has no token that says 'masked' ({' or '.join(MASKS)}), so no text can be filled in."
        )
    before, after = _around(made)
    return Tokens(
        words=tuple(words), glue=tuple(glue), mask=mask, special=tuple(sorted(special - {mask})),
        before=before, after=after,
        split=lambda text: list(made.encode(text, add_special_tokens=False).ids),
        join=lambda ids: str(made.decode(ids, skip_special_tokens=False)),
    )  # fmt: skip


def numbered(count: int, mask: int) -> Tokens:
    """Ids as words, where a folder has no tokenizer: <0>, <1>, ..."""
    words = tuple(f"<{k}>" for k in range(count))

    def split(text: str) -> list[int]:
        found = [part.strip("<>") for part in text.replace("><", "> <").split()]
        return [int(part) if part.isdecimal() and int(part) < count else -1 for part in found]

    return Tokens(words, (False,) * count, mask, (), (), (), split, lambda ids: " ".join(words[k] for k in ids))


def _tokenizer(folder: Path, files: set[str], tree: Mapping[str, Any]) -> Any:
    """The tokenizers.Tokenizer of the folder; its files are data."""
    own = library("tokenizers", "text", "this language model")
    names = [TOKENIZER] if TOKENIZER in files else [WORD_LIST] if WORD_LIST in files else [PAIRS, MERGES]
    for name in names:
        if (folder / name).stat().st_size > LARGEST:
            raise RefusedFile("E26", f"{name} is larger than {LARGEST >> 20} MB. Check where the folder comes from.")
    config = tree.get("tokenizer_config.json")
    told = config if isinstance(config, Mapping) else {}
    try:
        if names == [TOKENIZER]:
            return own.Tokenizer.from_file(str(folder / TOKENIZER))
        if names == [WORD_LIST]:
            return _word_pieces(own, folder, bool(told.get("do_lower_case", True)))
        return _byte_pairs(own, folder)
    except Exception as error:  # the library raises its own kinds, bare Exceptions among them
        raise RefusedFile(
            "E23", f"{' and '.join(names)} of this folder cannot be read as a tokenizer. Copy the folder again."
        ) from error


def _word_pieces(own: Any, folder: Path, lower: bool) -> Any:
    """BERT's: words cut at blanks and punctuation, then into the longest known pieces (Wu et al., 2016)."""
    lines = (folder / WORD_LIST).read_text(encoding="utf-8").splitlines()
    made = own.Tokenizer(own.models.WordPiece({line: k for k, line in enumerate(lines)}, unk_token="[UNK]"))
    made.normalizer = own.normalizers.BertNormalizer(lowercase=lower)
    made.pre_tokenizer = own.pre_tokenizers.BertPreTokenizer()
    made.decoder = own.decoders.WordPiece(prefix="##")
    made.add_special_tokens([name for name in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]") if name in lines])
    return made


def _byte_pairs(own: Any, folder: Path) -> Any:
    """RoBERTa's: merges of bytes (Sennrich et al., 2016; Radford et al., 2019)."""
    made = own.Tokenizer(own.models.BPE.from_file(str(folder / PAIRS), str(folder / MERGES)))
    made.pre_tokenizer = own.pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = own.decoders.ByteLevel()
    known = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
    made.add_special_tokens([name for name in known if made.token_to_id(name) is not None])
    return made


def _shown(made: Any, number: int, spelt: str, added: bool) -> tuple[str, bool]:
    """A token as it is read, and whether no blank stands before it."""
    if added:
        return spelt, False
    if spelt.startswith("##"):
        return spelt[2:], True
    if spelt.startswith("\u2581"):
        return spelt[1:].replace("\u2581", " "), False
    if type(made.decoder).__name__ == "ByteLevel":
        text = str(made.decode([number], skip_special_tokens=False))
        word = text[1:] if text.startswith(" ") and len(text) > 1 else text
        return word.replace("\n", "↵").replace(" ", "␣").replace("\t", "⇥"), not text.startswith(" ")
    return spelt, glued(WORD, spelt)


def _around(made: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What stands before and after every text: as the tokenizer puts it, else by the usual names."""
    bare, whole = made.encode("a", add_special_tokens=False).ids, made.encode("a").ids
    for start in range(len(whole) - len(bare) + 1):
        if bare and len(whole) > len(bare) and whole[start : start + len(bare)] == bare:
            return tuple(whole[:start]), tuple(whole[start + len(bare) :])
    for first, last in ENDS:
        ends = made.token_to_id(first), made.token_to_id(last)
        if None not in ends:
            return (ends[0],), (ends[1],)
    return (), ()
