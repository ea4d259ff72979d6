"""Folders: which files are read, what they are named, and what stays outside."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from dgm_studio.checkpoints.formats.opening import open_checkpoint
from dgm_studio.core.inspection import RefusedFile
from tests.checkpoints.small_files import safetensors_bytes

CONFIG = json.dumps({"_class_name": "UNet2DModel"}).encode()


def put(folder: Path, **files: bytes) -> Path:
    """Files by name; "__" stands for a point, "_of_" for a slash."""
    for name, content in files.items():
        path = folder / name.replace("_of_", "/").replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def test_tensors_are_named_by_component(tmp_path: Path) -> None:
    weights = safetensors_bytes({"conv.weight": (2,)})
    put(
        tmp_path, model_index__json=b'{"_class_name": "DDPMPipeline", "unet": ["a", "B"]}', unet_of_config__json=CONFIG,
        unet_of_diffusion_pytorch_model__safetensors=weights, modeling__py=b"raise SystemExit",
        tokenizer_of_tokenizer__json=b"{}",
    )  # fmt: skip
    opened = open_checkpoint(tmp_path)
    assert opened.kind == "diffusers"
    assert opened.tree == {
        "model_index.json": {"_class_name": "DDPMPipeline", "unet": ["a", "B"]},
        "unet/config.json": {"_class_name": "UNet2DModel"},
    }
    entry = opened.tensors["unet.conv.weight"]
    assert entry.file == "unet/diffusion_pytorch_model.safetensors"
    assert opened.read("unet.conv.weight").shape == (2,)
    assert any("modeling.py" in one.text and "never runs" in one.text for one in opened.findings)


def test_a_config_chosen_by_hand_opens_its_folder(tmp_path: Path) -> None:
    put(tmp_path, config__json=CONFIG, model__safetensors=safetensors_bytes({"a": (1,)}))
    assert list(open_checkpoint(tmp_path / "config.json").tensors) == ["a"]


def test_safetensors_go_before_pickles_and_full_precision_before_variants(tmp_path: Path) -> None:
    put(
        tmp_path, config__json=CONFIG, model__safetensors=safetensors_bytes({"full": (1,)}),
        model__fp16__safetensors=safetensors_bytes({"half": (1,)}), pytorch_model__bin=b"\x80\x02}.",
    )  # fmt: skip
    opened = open_checkpoint(tmp_path)
    assert list(opened.tensors) == ["full"]
    assert any("pytorch_model.bin" in one.text for one in opened.findings)


def test_other_models_in_subfolders_are_told_and_not_mixed_in(tmp_path: Path) -> None:
    weights = safetensors_bytes({"a": (1,)})
    put(tmp_path, config__json=CONFIG, model__safetensors=weights, onnx_of_model__onnx=b"\x08\x08")
    for step in ("checkpoint-500", "checkpoint-1000"):
        put(tmp_path / step, config__json=CONFIG, model__safetensors=safetensors_bytes({"b": (1,)}))
    opened = open_checkpoint(tmp_path)
    assert list(opened.tensors) == ["a"]
    assert any("checkpoint-500/model.safetensors" in one.text for one in opened.findings if one.code == "E19")
    (tmp_path / "model.safetensors").unlink()
    (tmp_path / "onnx" / "model.onnx").unlink()
    with pytest.raises(RefusedFile, match=r"E19.*Pick one: checkpoint-1000/model\.safetensors"):
        open_checkpoint(tmp_path)


def test_shards_are_one_model_and_a_missing_one_is_told(tmp_path: Path) -> None:
    index = {"weight_map": {"a": "x-1.safetensors", "b": "x-2.safetensors", "c": "x-1.safetensors"}}
    put(tmp_path, config__json=CONFIG, model__safetensors__index__json=json.dumps(index).encode())
    (tmp_path / "x-1.safetensors").write_bytes(safetensors_bytes({"a": (1,)}))
    opened = open_checkpoint(tmp_path)
    assert list(opened.tensors) == ["a"]
    texts = [one.text for one in opened.findings if (one.code, one.level) == ("E04", "error")]
    assert len(texts) == 2
    assert any("x-2.safetensors" in text for text in texts)
    assert any("lacks 1 tensors" in text for text in texts)


def test_one_broken_file_does_not_hide_the_others(tmp_path: Path) -> None:
    whole = safetensors_bytes({"a": (1,)})
    put(
        tmp_path, model_index__json=b'{"unet": ["a", "B"], "vae": ["a", "B"]}',
        unet_of_config__json=CONFIG, unet_of_model__safetensors=whole,
        vae_of_config__json=CONFIG, vae_of_model__safetensors=whole[:-1],
    )  # fmt: skip
    opened = open_checkpoint(tmp_path)
    assert list(opened.tensors) == ["unet.a"]
    (finding,) = [one for one in opened.findings if one.level == "error"]
    assert finding.code == "E04"
    assert "vae/model.safetensors" in finding.text


def test_a_folder_of_settings_alone_can_be_looked_at(tmp_path: Path) -> None:
    opened = open_checkpoint(put(tmp_path, config__json=CONFIG))
    assert opened.tensors == {}
    assert any("no weights" in one.text for one in opened.findings)


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.safetensors"
    secret.write_bytes(safetensors_bytes({"secret": (1,)}))
    folder = put(tmp_path / "model", config__json=CONFIG)
    (folder / "model.safetensors").symlink_to(secret)
    (folder / "round").symlink_to(folder)
    opened = open_checkpoint(folder)
    assert opened.tensors == {}
    assert any("model.safetensors" in one.text and "not followed" in one.text for one in opened.findings)


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_snapshot_of_the_hub_cache_may_link_to_its_blobs(tmp_path: Path) -> None:
    put(tmp_path, blobs_of_abc=safetensors_bytes({"a": (1,)}))
    folder = put(tmp_path / "snapshots" / "1f2e", config__json=CONFIG)
    (folder / "model.safetensors").symlink_to("../../blobs/abc")
    assert list(open_checkpoint(folder).tensors) == ["a"]


def test_an_averaged_copy_counts_though_no_index_lists_it(tmp_path: Path) -> None:
    weights = safetensors_bytes({"conv.weight": (2,)})
    put(
        tmp_path, model_index__json=b'{"_class_name": "DDPMPipeline", "unet": ["a", "B"]}', unet_of_config__json=CONFIG,
        unet_of_diffusion_pytorch_model__safetensors=weights, unet_ema_of_diffusion_pytorch_model__safetensors=weights,
        other_of_diffusion_pytorch_model__safetensors=weights,
    )  # fmt: skip
    assert set(open_checkpoint(tmp_path).tensors) == {"unet.conv.weight", "unet_ema.conv.weight"}


def test_one_file_of_no_known_name_in_a_subfolder_is_it(tmp_path: Path) -> None:
    put(tmp_path, deep_of_w__safetensors=safetensors_bytes({"conv.weight": (2,)}))
    assert set(open_checkpoint(tmp_path).tensors) == {"deep.conv.weight"}
