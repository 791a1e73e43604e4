import errno
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from herdwick.finetune.gguf_adapter import Precision, read_adapter, write_adapter
from herdwick.finetune.recipe import FinetuneError, Recipe

pytest.importorskip("torch", reason="needs herdwick[finetune]")


@pytest.fixture(scope="module")
def converted(random_adapter: Path, tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("converted") / "adapter.gguf"
    write_adapter(random_adapter, file, base=tiny_base, description="a test")
    return file


def tensors(adapter: Path) -> dict:
    from safetensors.numpy import load_file

    return load_file(adapter / "adapter_model.safetensors")


def test_the_header_is_that_of_a_lora(converted: Path) -> None:
    import gguf

    fields = gguf.GGUFReader(converted).fields
    values = {name: field.contents() for name, field in fields.items() if "." in name and "GGUF" not in name}

    assert values == {
        "general.architecture": "llama",
        "general.type": "adapter",
        "adapter.type": "lora",
        "adapter.lora.alpha": 8.0,
        "general.description": "a test",
    }


def test_every_matrix_is_there_under_the_name_llama_cpp_knows(converted: Path) -> None:
    import gguf

    modules = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")

    assert {tensor.name for tensor in gguf.GGUFReader(converted).tensors} == {
        f"blk.{layer}.{module}.weight.lora_{side}" for layer in (0, 1) for module in modules for side in "ab"
    }


@pytest.mark.parametrize(("module", "name", "heads"), [("q_proj", "attn_q", 4), ("k_proj", "attn_k", 2)])
def test_transformers_reads_the_permuted_rows_back(
    converted: Path, random_adapter: Path, module: str, name: str, heads: int
) -> None:
    import gguf
    from transformers.modeling_gguf_pytorch_utils import LlamaTensorProcessor

    permuted = {tensor.name: tensor.data for tensor in gguf.GGUFReader(converted).tensors}
    restored = LlamaTensorProcessor({})._reverse_permute_weights(
        permuted[f"blk.0.{name}.weight.lora_b"].astype("float32"), 4, heads
    )

    key = f"base_model.model.model.layers.0.self_attn.{module}.lora_B.weight"
    assert (restored == tensors(random_adapter)[key]).all()


def test_a_round_trip_gives_the_same_adapter(
    converted: Path, random_adapter: Path, tiny_base: Path, tmp_path: Path
) -> None:
    read_adapter(converted, tmp_path, base=tiny_base)

    before, after = tensors(random_adapter), tensors(tmp_path)
    assert before.keys() == after.keys()
    assert all((before[name] == after[name]).all() for name in before)
    config = json.loads((tmp_path / "adapter_config.json").read_text())
    assert (config["r"], config["lora_alpha"]) == (4, 8.0)


@pytest.mark.parametrize(("precision", "is_rounded"), [("f16", True), ("f32", False)])
def test_only_f16_rounds(
    random_adapter: Path, tiny_base: Path, tmp_path: Path, precision: Precision, *, is_rounded: bool
) -> None:
    from safetensors.numpy import save_file

    trained = shutil.copytree(random_adapter, tmp_path / "trained")
    weights = {name: tensor * np.float32(1 / 3) for name, tensor in tensors(trained).items()}
    save_file(weights, trained / "adapter_model.safetensors", metadata={"format": "pt"})
    write_adapter(trained, tmp_path / "a.gguf", base=tiny_base, precision=precision)
    (tmp_path / "back").mkdir()
    read_adapter(tmp_path / "a.gguf", tmp_path / "back", base=tiny_base)

    after = tensors(tmp_path / "back")
    assert any((weights[name] != after[name]).any() for name in weights) is is_rounded


def test_a_failed_conversion_leaves_the_earlier_file(
    random_adapter: Path, tiny_base: Path, tmp_path: Path
) -> None:
    out = tmp_path / "adapter.gguf"
    out.write_bytes(b"earlier")
    broken = shutil.copytree(random_adapter, tmp_path / "broken")
    (broken / "adapter_config.json").write_text("{")

    with pytest.raises(FinetuneError) as failure:
        write_adapter(broken, out, base=tiny_base)

    assert failure.value.kind == "no_adapter"
    assert out.read_bytes() == b"earlier"


def test_a_folder_without_weights_is_refused(random_adapter: Path, tiny_base: Path, tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_bytes((random_adapter / "adapter_config.json").read_bytes())

    with pytest.raises(FinetuneError) as failure:
        write_adapter(tmp_path, tmp_path / "a.gguf", base=tiny_base)

    assert failure.value.kind == "no_adapter"


def test_a_full_disk_leaves_no_half_file(
    random_adapter: Path, tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import gguf

    def full(writer: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(gguf.GGUFWriter, "write_tensors_to_file", full)

    with pytest.raises(OSError, match="No space left"):
        write_adapter(random_adapter, tmp_path / "adapter.gguf", base=tiny_base)

    assert list(tmp_path.iterdir()) == []


def changed_config(adapter: Path, folder: Path, **changes) -> Path:
    copy = shutil.copytree(adapter, folder / "changed")
    config = json.loads((copy / "adapter_config.json").read_text())
    (copy / "adapter_config.json").write_text(json.dumps(config | changes))
    return copy


def test_a_lora_that_llama_cpp_scales_otherwise_is_refused(
    random_adapter: Path, tiny_base: Path, tmp_path: Path
) -> None:
    with pytest.raises(FinetuneError) as failure:
        write_adapter(
            changed_config(random_adapter, tmp_path, use_rslora=True), tmp_path / "a.gguf", base=tiny_base
        )

    assert failure.value.kind == "unsupported_adapter"


@pytest.mark.parametrize(
    "change", [{"hidden_size": 32}, {"num_hidden_layers": 1}, {"num_key_value_heads": 4}]
)
def test_an_adapter_for_another_base_is_refused(
    random_adapter: Path, converted: Path, tiny_base: Path, tmp_path: Path, change: dict
) -> None:
    config = json.loads((tiny_base / "config.json").read_text()) | change
    other = tmp_path / "other"
    other.mkdir()
    (other / "config.json").write_text(json.dumps(config))

    for convert in (
        lambda: write_adapter(random_adapter, tmp_path / "a.gguf", base=other),
        lambda: read_adapter(converted, tmp_path / "peft", base=other),
    ):
        with pytest.raises(FinetuneError) as failure:
            convert()
        assert failure.value.kind == "other_base"


def test_a_layer_without_a_name_in_llama_cpp_is_refused(make_recipe, tiny_base: Path, tmp_path: Path) -> None:
    from herdwick.finetune.base_model import load_base
    from herdwick.finetune.lora import with_lora

    recipe: Recipe = make_recipe(targets=["embed_tokens"])
    with_lora(load_base(str(tiny_base))[0], recipe).save_pretrained(tmp_path / "adapter")

    with pytest.raises(FinetuneError) as failure:
        write_adapter(tmp_path / "adapter", tmp_path / "a.gguf", base=tiny_base)

    assert failure.value.kind == "unknown_layer"


def test_a_file_that_is_no_adapter_is_refused(tiny_base: Path, tiny_gguf: Path, tmp_path: Path) -> None:
    (tmp_path / "noise.gguf").write_bytes(b"noise" * 100)

    for file in (tmp_path / "none.gguf", tmp_path / "noise.gguf", tiny_gguf):
        with pytest.raises(FinetuneError) as failure:
            read_adapter(file, tmp_path / "peft", base=tiny_base)
        assert failure.value.kind == "no_adapter"
