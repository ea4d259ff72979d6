"""What every kind of file is taken for, and that no readable file, however odd, keeps anybody from looking at it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dgm_studio.checkpoints.candidates.judging import architectures, examine, inspect, totals
from dgm_studio.checkpoints.candidates.plain_tree import plain
from dgm_studio.checkpoints.formats.opened import Stub, TensorRef
from dgm_studio.core.inspection import (
    BROKEN,
    MATCH,
    NOT_MINE,
    NOTHING,
    PICTURES,
    TEXT,
    RefusedFile,
    TensorEntry,
)
from dgm_studio.core.inspection_json import inspection_from, inspection_to
from tests.checkpoints.fixtures import kinds, made
from tests.checkpoints.held import Held
from tests.checkpoints.layouts import guided_unet, lucidrains_unet

TAKEN_FOR = {
    "native-pictures": ("dgm-studio", PICTURES),
    "native-text": ("dgm-studio", TEXT),
    "native-classifier": ("dgm-studio", NOTHING),
    "edm-pickle": ("edm", NOTHING),
    "stylegan-pickle": ("stylegan", NOTHING),
    "k-diffusion": ("k-diffusion", NOTHING),
    "k-diffusion-safetensors": ("k-diffusion", NOTHING),
    "mdlm": ("text-diffusion", NOTHING),
    "sedd": ("text-diffusion", NOTHING),
    "meta-flow-matching": ("meta-flow-matching", NOTHING),
    "gguf": ("gguf", NOTHING),
    "optimizer-only": ("optimizer-state", NOTHING),
    "lora": ("adapter", NOTHING),
    "npy": ("plain-weights", NOTHING),
    "dcgan": ("pytorch-dcgan", PICTURES),
    "gan-pair": ("pytorch-dcgan", PICTURES),
    "diffusers-ddpm": ("diffusers-unet2d", PICTURES),
    "transformers-bert": ("transformers-masked", TEXT),
}


@pytest.mark.parametrize("name", kinds())
def test_every_kind_of_file_is_inspected_and_taken_for_what_it_is(name: str) -> None:
    found = inspect(made(name))
    assert found.best is not None
    wanted, makes = TAKEN_FOR.get(name, (found.best.id, found.best.makes))
    assert found.best.id == wanted
    assert found.best.makes == makes
    assert len(found.candidates) == len(architectures())
    assert all(one.reasons and all(one.reasons) for one in found.candidates)
    assert not [one for one in found.findings if "could not be judged" in one.text]
    assert all(one.text.endswith((".", ")")) for one in found.findings)
    files = {one.name for one in found.tensors}
    assert all(set(one.names.values()) <= files for one in found.weights)
    told = inspection_to(found)
    assert told == inspection_to(inspection_from(json.loads(json.dumps(told, allow_nan=False))))


def test_matches_come_first_and_those_that_run_before_those_that_do_not() -> None:
    order = [(one.verdict, one.makes == NOTHING) for one in inspect(made("dcgan")).candidates]
    rank = {MATCH: 0, BROKEN: 1, NOT_MINE: 2}
    assert order == sorted(order, key=lambda one: (rank[one[0]], one[1]))


def test_weights_are_plain_only_where_nobody_knows_more() -> None:
    known, unknown = inspect(made("lora")), inspect(made("npy"))
    assert [one.id for one in known.candidates if one.verdict == MATCH] == ["adapter"]
    assert [one.id for one in unknown.candidates if one.verdict == MATCH] == ["plain-weights"]


def test_the_copy_of_the_weights_is_a_choice_with_its_source() -> None:
    best = inspect(made("gan-pair")).best
    assert best is not None
    told = next(one for one in best.settings if one.name == "weights")
    assert told.value == "generator-ema"
    assert told.options == ("generator-ema", "generator")
    assert "g_ema" in told.source


def test_the_question_behind_a_candidate_can_be_asked_for() -> None:
    opened = Held({"model.0.weight": np.ones((2, 3)), "model.0.bias": np.ones(2)})
    examined = examine(opened)
    assert examined.asked("raw").shape("0.weight") == (2, 3)
    assert np.array_equal(examined.asked().read("0.bias"), np.ones(2))
    with pytest.raises(RefusedFile, match="no weights 'ema'"):
        examined.asked("ema")


def test_settings_of_a_namespace_and_of_omegaconf_come_out_as_plain_data() -> None:
    tree = {
        "args": Stub("argparse.Namespace", (), {"width": 8, "nested": Stub("their.Thing", (), None)}),
        "weights": {"a": TensorRef("a"), "b": TensorRef("b")},
        "raw": b"1234",
    }
    assert plain(tree) == {
        "args": {"width": 8, "nested": "<their.Thing>"},
        "weights": "<2 tensors>",
        "raw": "<4 bytes>",
    }
    assert examine(Held({"a": np.ones(2)}, tree)).asked().config == {"width": 8, "nested": "<their.Thing>"}
    assert inspect(made("lightning-omegaconf")).metadata["hyper_parameters"] == {
        "config": {"model": {"hidden": 16, "parameterization": "x0"}}
    }


def test_a_tree_too_deep_or_too_long_to_be_shown_ends_in_names() -> None:
    deep: Any = 1
    for _ in range(40):
        deep = Stub("a.Net", (), {"inner": deep})
    assert "<a.Net>" in str(plain(deep))
    many = plain([Stub("a.Net", (), {"x": 1}) for _ in range(15_000)])
    assert (many[0], many[-1]) == ({"<class>": "a.Net", "x": 1}, "<a.Net>")


def test_a_shared_storage_counts_once() -> None:
    entries = [
        TensorEntry("a", "float32", (4, 4), 64, storage="7"),
        TensorEntry("b", "float32", (4,), 16, storage="7"),
        TensorEntry("c", "int64", (2,), 16),
    ]
    found = totals({one.name: one for one in entries})
    assert (found.tensors, found.numel, found.nbytes) == (3, 18, 80)
    assert found.dtypes == {"float32": 2, "int64": 1}


KEYS = sorted(
    {
        *(name for layout in (lucidrains_unet(), guided_unet()) for name in layout),
        "vocab_embed.embedding", "blocks.0.attn_qkv.weight", "main.0.weight", "main.3.weight", "0.weight", "2.weight",
        "sentence_encoder.embed_tokens.weight", "bert.embeddings.word_embeddings.weight", "conv_in.weight",
        "down_blocks.0.resnets.0.conv1.weight", "quant_conv.weight", "quantize.embedding.weight", "lora_A.weight",
        "betas", "alphas_cumprod", "loss_weight", "shadow_params.0", "v_pred", "fit.model.frame", "state.0.exp_avg",
        "pos_embed.proj.weight", "transformer_blocks.0.norm1.linear.weight", "proj_out_1.weight",
    }
)  # fmt: skip
HEADS = ("", "model.", "ema.", "module.", "state_dict.", "generator.", "ema_model.", "unet.", "shadow.")
WORDS = st.sampled_from(
    ["", "v", "EDMPrecond", "UNet2DModel", "dgm-studio", "{", '{"family": 3}', "1", "BertForMaskedLM"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3000) | st.floats() | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "type", "_class_name", "_content", "_val", "prediction_type"]), inner)
        | st.builds(Stub, st.sampled_from(["argparse.Namespace", "omegaconf.x.D", "t.C"]), st.tuples(inner), inner)
    ),
    max_leaves=6,
)
TREES = st.dictionaries(
    st.sampled_from(
        ["metadata", "hyper_parameters", "args", "config", "config.json", "model_index.json", "scheduler_config.json",
         "scheduler/scheduler_config.json", "model", "ema", "optimizer", "lr_schedule", "epoch", "format"]
    ),
    VALUES,
    max_size=5,
)  # fmt: skip
SHAPES = st.lists(st.integers(0, 5), max_size=4).map(tuple)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.tuples(st.sampled_from(HEADS), st.sampled_from(KEYS)), SHAPES, max_size=12),
    VALUES | TREES,
    st.sampled_from([np.float32, np.int64, np.float16, np.bool_]),
)
def test_no_names_shapes_or_settings_can_make_the_judges_fail(
    tensors: dict[tuple[str, str], tuple[int, ...]], tree: Any, dtype: type
) -> None:
    opened = Held({head + key: np.zeros(shape, dtype) for (head, key), shape in tensors.items()}, tree)
    examined = examine(opened)
    assert not [one.text for one in examined.inspection.findings if "could not be judged" in one.text]
    assert len(examined.inspection.candidates) == len(architectures())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([lucidrains_unet, guided_unet]), st.data())
def test_no_wrong_shape_in_a_known_layout_can_make_the_judges_fail(layout: Any, data: st.DataObject) -> None:
    arrays = {name: tensor.numpy() for name, tensor in layout().items()}
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(sorted(arrays)))
        shape = data.draw(SHAPES | st.none())
        if shape is None:
            arrays.pop(name)
        else:
            arrays[name] = np.zeros(shape, np.float32)
        if not arrays:
            break
    examined = examine(Held(arrays))
    assert not [one.text for one in examined.inspection.findings if "could not be judged" in one.text]


def test_judging_loads_no_torch() -> None:
    code = (
        "import sys\nfrom dgm_studio.checkpoints.candidates.judging import inspect\n"
        f"inspect({str(made('lucidrains'))!r})\n"
        "assert not {'torch', 'diffusers', 'transformers', 'PySide6'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
