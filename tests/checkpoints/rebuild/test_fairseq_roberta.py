"""fairseq's RoBERTa, on a real file: sapiens, a masked language model of antibodies, guesses masked residues right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from dgm_studio.checkpoints.candidates.judging import examine, inspect
from dgm_studio.checkpoints.formats.opening import open_checkpoint
from dgm_studio.checkpoints.rebuild.rebuilt import Masked
from dgm_studio.core.inspection import TEXT
from dgm_studio.core.slow import finish
from dgm_studio.lab.checkpoints.rebuilding import rebuilding
from dgm_studio.lab.text_model import open_text
from dgm_studio.lab.unmask_command import unmask
from tests.checkpoints.wheels import unpacked

ANTIBODY = (
    "EVQLVESGGGLVQPGGSLRLSCAASGFTFSSYAMSWVRQAPGKGLEWVSAISGSGGSTYYADSVKGRFTISRDNSKNTLYLQMNSLRAEDTAVYYCAK"
    "DRGSSSWYFDYWGQGTLVTVSS"
)
"""A heavy chain's variable region: IGHV3-23, the commonest human germline gene, with a CDR3 and IGHJ4."""
ALPHABET = "ACDEFGHIKLMNPQRSTVWY"


@pytest.fixture(scope="module")
def sapiens() -> Path:
    return unpacked("sapiens==1.0.4") / "sapiens" / "models" / "v1" / "checkpoint_vh.pt"


@pytest.fixture(scope="module")
def model(sapiens: Path) -> Masked:
    made = finish(rebuilding(sapiens, {}, "cpu"))
    assert isinstance(made, Masked)
    return made


def test_it_is_recognised_with_its_arguments(sapiens: Path) -> None:
    best = inspect(sapiens).best
    assert best is not None
    assert (best.id, best.makes, best.tier) == ("fairseq-roberta", TEXT, 1)
    assert (best.setting("heads"), best.setting("layers"), best.setting("width")) == (8, 4, 128)
    told = {one.name: one.source for one in best.settings}
    assert told["heads"] == "from args.encoder_attention_heads"
    assert told["words"] == "from dict.txt"


def test_it_answers_as_transformers_roberta_with_the_same_weights(sapiens: Path, model: Masked) -> None:
    import transformers

    opened = open_checkpoint(sapiens)
    asked = examine(opened).asked()
    config = transformers.RobertaConfig(
        vocab_size=25, hidden_size=128, num_hidden_layers=4, num_attention_heads=8, intermediate_size=256,
        max_position_embeddings=146, type_vocab_size=1, pad_token_id=1, layer_norm_eps=1e-5,
    )  # fmt: skip
    reference = transformers.RobertaForMaskedLM(config)
    torch.nn.Module.eval(reference)
    state = {name: torch.zeros_like(tensor) for name, tensor in reference.state_dict().items()}
    for name in asked.tensors:
        for new in _in_transformers(name):
            state[new] = torch.from_numpy(np.array(asked.read(name)))
    opened.close()
    reference.load_state_dict(state)
    ids = torch.tensor([[0, *model.split(ANTIBODY), 2]])
    with torch.no_grad():
        torch.testing.assert_close(model.logits(ids), reference(input_ids=ids).logits, atol=2e-5, rtol=1e-4)


def _in_transformers(name: str) -> list[str]:
    """Where one of fairseq's tensors stands in transformers' RoBERTa."""
    own = name.removeprefix("decoder.sentence_encoder.").removeprefix("decoder.")
    for old, new in (
        ("layers.", "roberta.encoder.layer."), ("self_attn.out_proj", "attention.output.dense"),
        ("self_attn.q_proj", "attention.self.query"), ("self_attn.k_proj", "attention.self.key"),
        ("self_attn.v_proj", "attention.self.value"), ("self_attn_layer_norm", "attention.output.LayerNorm"),
        (".fc1", ".intermediate.dense"), (".fc2", ".output.dense"), ("final_layer_norm", "output.LayerNorm"),
        ("embed_tokens", "roberta.embeddings.word_embeddings"), ("emb_layer_norm", "roberta.embeddings.LayerNorm"),
        ("embed_positions", "roberta.embeddings.position_embeddings"),
    ):  # fmt: skip
        own = own.replace(old, new)
    head = {"lm_head.weight": ["lm_head.decoder.weight"], "lm_head.bias": ["lm_head.bias", "lm_head.decoder.bias"]}
    return head.get(own, [own])


def test_the_words_are_residues(model: Masked) -> None:
    assert model.words[4:24] == tuple(ALPHABET)
    assert model.words[model.mask] == "<mask>"
    assert model.join(model.split(ANTIBODY)) == ANTIBODY
    assert model.length == 142


def test_masked_residues_come_back(sapiens: Path) -> None:
    generator = np.random.Generator(np.random.PCG64(5))
    gone = generator.random(len(ANTIBODY)) < 0.2
    prompt = "".join("___" if masked else letter for masked, letter in zip(gone, ANTIBODY, strict=True))
    told = unmask(str(sapiens), prompt, 0, None, "confidence", 0, ["temperature=0"], True, True)
    right = [a == b for a, b, masked in zip(told["text"], ANTIBODY, gone, strict=True) if masked]
    assert len(right) >= 20
    assert np.mean(right) >= 0.9
    assert told["kind"] == "masked"
    assert len(told["text"]) == len(ANTIBODY)
    assert told["records"][0]["text"].count("___") == len(right)


def test_a_film_of_it_knows_no_corpus(sapiens: Path) -> None:
    text = open_text(sapiens, "cpu")
    assert text.data is None
    assert not text.own_length
    assert text.parameters > 500_000
    assert text.vocabulary.tokens == tuple(ALPHABET)
