"""vLLM kept running: converted weights, a healthy server, another when it dies.

    run_vllm(config, key=key, log=Path("vllm.log"), stop=stop, watcher=watcher)

Blocks until `stop` is set. A server that never became healthy is not started again: what it died of, such as
a wrong option, would be the same.
"""

import os
import socket
import threading
import time
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr

from herdwick.agents.errors import ModelError, UsageError
from herdwick.agents.serving.config import EngineConfig
from herdwick.agents.serving.folders import prepare_folders
from herdwick.agents.serving.server_process import POLL_S, ServerProcess, StoppedError
from herdwick.agents.serving.vllm_command import find_vllm, vllm_command, vllm_environment

HEALTHY_AFTER_S = 60.0
"""A server that lived this long after it was ready did not die of how it was started."""

RESTART_PAUSE_S = 1.0


class Watcher(Protocol):
    """Who is told how the engine is."""

    def preparing(self, what: str) -> None:
        """Something takes long."""
        ...

    def waiting(self, seconds: float) -> None:
        """It is being started, for so long now."""
        ...

    def ready(self, seconds: float) -> None:
        """It answers, after so long."""
        ...

    def died(self, code: int | None, restart: int) -> None:
        """It ended by itself and is started again, for the `restart`th time in a row."""
        ...

    def stopping(self) -> None:
        """It is being stopped."""
        ...


def run_vllm(
    config: EngineConfig,
    *,
    key: SecretStr | None,
    log: Path,
    stop: threading.Event,
    watcher: Watcher,
    cache: Path | None = None,
) -> None:
    """Serve until told to stop.

    Args:
        config: What is served, and where.
        key: What clients must send, if anything.
        log: File that vLLM's output is appended to.
        stop: Set from elsewhere.
        watcher: Told how it goes.
        cache: Where converted weights are kept; the user's cache when None.

    Raises:
        UsageError: vLLM, an adapter, or the address cannot be used.
        DataError: The embedded engine's base is not installed.
        ModelError: Weights cannot be converted; vLLM cannot be started, or keeps dying.
    """
    executable = find_vllm(config, os.environ)
    refuse_taken(config.host, config.port)
    folders = prepare_folders(config, tell=watcher.preparing, cache=cache)
    command = vllm_command(executable, config, folders)
    environment = vllm_environment(config, os.environ, key)
    restarts = 0
    while not stop.is_set():
        with ServerProcess(command, environment, log=log, grace_s=config.vllm.stop_grace_s) as server:
            try:
                watcher.ready(
                    server.wait_until_healthy(
                        config.url.removesuffix("/v1") + "/health",
                        deadline_s=config.vllm.start_deadline_s,
                        stop=stop,
                        on_wait=watcher.waiting,
                    )
                )
            except StoppedError:
                watcher.stopping()
                return
            ready = time.monotonic()
            while not server.has_ended():
                if stop.wait(POLL_S):
                    watcher.stopping()
                    return
            restarts = 1 if time.monotonic() - ready > HEALTHY_AFTER_S else restarts + 1
            if restarts > config.vllm.max_restarts:
                raise ModelError(
                    "engine_dies",
                    f"The engine died {restarts} times in a row, last with code {server.exit_code}. "
                    f"Its last lines:\n{server.last_lines()}",
                    f"All it wrote is in {log}.",
                )
            watcher.died(server.exit_code, restarts)
        stop.wait(RESTART_PAUSE_S)


def refuse_taken(host: str, port: int) -> None:
    """Refuse an address at which something listens: its health would pass for the engine's.

    Raises:
        UsageError: It is taken, or none of this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise UsageError(
            "address_unusable",
            f"Nothing can listen on {host}:{port}: {error.strerror or error}.",
            "Choose another --host or --port.",
        ) from error
