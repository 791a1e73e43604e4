"""The servers of the circle: `herdwick` commands that listen on loopback, for as long as they are needed.

    with served(["serve", "--engine", "llamacpp", "--port", "8000"], port=8000, log=Path("log")):
        ...

Such a server ends with this process, also when this process is killed.
"""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from herdwick.agents.serving.server_process import ServerProcess
from herdwick.evals.circle.commands import command_line

START_DEADLINE_S = 1_200.0
"""vLLM takes a minute on two free cores, and its weights are converted before its first start."""

GRACE_S = 45.0
"""`herdwick serve --engine vllm` gives vLLM 30 seconds to stop."""


@contextmanager
def served(arguments: Sequence[str], *, port: int, log: Path) -> Iterator[str]:
    """Run a server until the context is left.

    Args:
        arguments: What follows `herdwick`; it must answer `GET /health`.
        port: Where it listens on 127.0.0.1.
        log: File that its output is appended to.

    Yields:
        The URL of its API.

    Raises:
        ModelError: It ended, or was not ready in time; the message has its last lines.
    """
    with ServerProcess(command_line(*arguments), os.environ, log=log, grace_s=GRACE_S) as server:
        server.wait_until_healthy(
            f"http://127.0.0.1:{port}/health", deadline_s=START_DEADLINE_S, stop=threading.Event()
        )
        yield f"http://127.0.0.1:{port}/v1"
