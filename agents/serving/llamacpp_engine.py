"""The embedded engine served to other programs, in a process that is started again when it dies.

    run_llamacpp(config, key=key, on_ready=print)

The first SIGTERM or Ctrl-C lets replies that are being written end; the second ends at once. Slots are those
of `herdwick.agents.embedded`.
"""

import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import SecretStr

from herdwick.agents.errors import UsageError
from herdwick.agents.serving.config import EngineConfig
from herdwick.agents.serving.folders import GGUF_ADAPTER, find_adapter_gguf, find_base_file

GRACE_S = 30
"""How long replies may still take once the server has been told to stop, in seconds."""


def run_llamacpp(config: EngineConfig, *, key: SecretStr | None, on_ready: Callable[[], None]) -> None:
    """Serve until a signal comes.

    Args:
        config: What is served, and where.
        key: What clients must send, if anything.
        on_ready: Told once the model is loaded and connections are accepted.

    Raises:
        UsageError: Base, adapter or address cannot be used.
        DataError: The embedded engine's base is not installed.
        ModelError: llama.cpp is not installed, or cannot load them.
    """
    import uvicorn

    from herdwick.agents.server.model_process import START_DEADLINE_S, ModelProcess
    from herdwick.agents.server.run import listen
    from herdwick.agents.serving.llamacpp_app import create_engine_app

    with tempfile.TemporaryDirectory(prefix="herdwick-") as scratch:
        command = engine_command(config, Path(scratch))
        with listen(config.host, config.port) as listener, ModelProcess(command) as process:
            process.wait(START_DEADLINE_S)
            app = create_engine_app(process, key=key)
            server = uvicorn.Server(
                uvicorn.Config(
                    app,
                    # Its own would close the streams of all handlers there are.
                    log_config=None,
                    log_level="warning",
                    access_log=False,
                    server_header=False,
                    timeout_graceful_shutdown=GRACE_S,
                )
            )
            on_ready()
            server.run(sockets=[listener])


def engine_command(config: EngineConfig, scratch: Path) -> Sequence[str]:
    """The command that starts the embedded engine with the configured files.

    Args:
        config: What is served.
        scratch: Folder that links to the adapters are put into; it must stay while the engine runs.

    Raises:
        UsageError: The base is no GGUF file, or an adapter is none.
        DataError: The embedded engine's base is not installed.
    """
    base = find_base_file(config.base)
    if base is None:
        raise UsageError(
            "no_base",
            f"llama.cpp cannot load {config.base}: it needs a GGUF file.",
            "Make one with `herdwick finetune export FOLDER --out base.gguf`, or use --engine vllm.",
        )
    for name, place in config.adapters.items():
        (scratch / name).mkdir()
        (scratch / name / GGUF_ADAPTER).symlink_to(find_adapter_gguf(name, place))
    # `env` sets what the embedded engine reads, without changing the environment of this process.
    return (
        shutil.which("env") or "/usr/bin/env",
        f"HERDWICK_BASE_GGUF={base}",
        f"HERDWICK_ADAPTERS={scratch}",
        f"HERDWICK_CONTEXT={config.llamacpp.context}",
        f"HERDWICK_ATTENTION={config.llamacpp.attention}",
        *(sys.executable, "-m", "herdwick.agents.server.model_child"),
    )
