"""The embedded model in a process of its own: `python -m herdwick.agents.server.model_child`.

It writes a line to standard output, a `Greeting`, and then an empty one every few seconds for as long as its
decoding goes on. It serves until its standard input ends, which it does when whoever started it is gone,
however that came about. Settings come from the environment, as for `EmbeddedConfig.installed()`.
"""

import contextlib
import os
import sys
import threading
import time
from typing import Any, TextIO

from pydantic import BaseModel, ConfigDict, JsonValue

from herdwick.agents.answer import AnswerError
from herdwick.tools.errors import HerdwickError

BEAT_S = 5.0
"""Between two signs of life."""


class Greeting(BaseModel):
    """How the model is reached, or why it cannot be.

    Attributes:
        base_url: Up to and including `/v1`.
        api_key: Asked for by the model; it goes through a pipe only.
        adapters: Domains with an adapter.
        bodies: What a request carries to get the adapter of a domain; that of '' gets the base.
        error: Why it could not be started.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str = ""
    api_key: str = ""
    adapters: tuple[str, ...] = ()
    bodies: dict[str, dict[str, JsonValue]] = {}
    error: AnswerError | None = None


def main() -> int:
    """Serve until standard input ends."""
    # llama.cpp may print; the line of the greeting must stay alone.
    greetings = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    server, greeting = _start()
    greetings.write(greeting.model_dump_json() + "\n")
    greetings.flush()
    if server is None:
        return 1
    threading.Thread(target=_beat, args=(server, greetings), daemon=True).start()
    sys.stdin.buffer.read()
    # Nobody is left who could read a reply; taking llama.cpp apart would only take time.
    os._exit(0)


def _start() -> tuple[Any, Greeting]:
    from herdwick.agents.embedded import EmbeddedConfig, EmbeddedServer

    try:
        config = EmbeddedConfig.installed()
        server = EmbeddedServer(config)
    except HerdwickError as error:
        return None, Greeting(error=AnswerError.of(error))
    domains = [domain for domain, _ in config.adapters]
    return server, Greeting(
        base_url=server.base_url,
        api_key=server.api_key.get_secret_value(),
        adapters=tuple(domains),
        bodies={domain: server.extra_body(domain) for domain in ["", *domains]},
    )


def _beat(server: Any, output: TextIO) -> None:
    # Nobody reads it any more: standard input ends too.
    with contextlib.suppress(BrokenPipeError):
        while True:
            server.wait_for_step()
            output.write("\n")
            output.flush()
            time.sleep(BEAT_S)


if __name__ == "__main__":
    sys.exit(main())
