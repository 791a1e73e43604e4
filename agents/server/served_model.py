"""The model of a server, and whether it is there.

model = open_model("embedded", timeout_s=120)     # a process of its own
model = open_model("http://gpu:8000/v1", timeout_s=120)
model.endpoint("aminer")                          # as of any model; waits until it is loaded
model.is_loaded
"""

import threading
from contextlib import closing
from functools import partial
from typing import Protocol

from pydantic import SecretStr

from herdwick.agents.embedded import BASE_NAME, EmbeddedConfig
from herdwick.agents.endpoint import Endpoint
from herdwick.agents.errors import ModelError
from herdwick.agents.models import EmbeddedModel, Model, load_model
from herdwick.agents.server.model_process import ModelProcess
from herdwick.agents.weights import Weights

NOTICE_S = 2.0
"""How long a death may go unnoticed: the connection breaks first, the process is seen to end later."""

PROBE_TIMEOUT_S = 10.0
"""A server that is up lists its models at once, however busy it is."""

LOST = frozenset({"endpoint_down", "endpoint_timeout"})
"""Kinds of error after which a model counts as not there until its server has said otherwise."""

DOUBTED = frozenset({"deadline_exceeded", "endpoint_failed", "model_unknown"})
"""After these its server is asked before it counts as that: they may come of this one question too."""


class ServedModel(Model, Protocol):
    """A model that a server can watch."""

    @property
    def is_loaded(self) -> bool:
        """Whether questions can be answered now, as far as is known."""
        ...

    @property
    def restarts(self) -> int:
        """How often it had to be started again."""
        ...

    def reach(self, domain: str) -> None:
        """Have it ready for a domain's questions, and find out whether it is there where that is in doubt.

        Called again and again; returns at once where there is nothing to do.

        Raises:
            ModelError: It is not there.
        """
        ...

    def has_failed(self, kind: str) -> None:
        """Be told the kind of error that a question ended with."""
        ...

    def has_died(self, since: int) -> bool:
        """Whether it died after there had been `since` restarts, so that asking its successor may help.

        Blocks for a moment, since a death may not have been noticed yet.
        """
        ...


def open_model(name: str, *, timeout_s: float) -> ServedModel:
    """The model called `name`, as `load_model` takes it; the embedded one in a process of its own.

    Raises:
        UsageError: There is no such model.
        ModelError: It is not installed, or its key is not set.
        DataError: There is no base model.
    """
    if name == "embedded":
        return ProcessModel(timeout_s=timeout_s)
    return RemoteServed(name, timeout_s=timeout_s)


class ProcessModel:
    """The embedded model in a process of its own.

    Args:
        timeout_s: Longest wait for the process, and for one reply, in seconds.

    Raises:
        DataError: There is no base model.
    """

    name = "embedded"

    def __init__(self, *, timeout_s: float) -> None:
        self._files = EmbeddedModel(EmbeddedConfig.installed())
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._endpoints: dict[tuple[int, str], Endpoint] = {}
        self._process = ModelProcess()

    @property
    def is_loaded(self) -> bool:
        """Whether the process has the model loaded."""
        return self._process.is_loaded

    @property
    def restarts(self) -> int:
        """Deaths of the process."""
        return self._process.deaths

    def endpoint(self, domain: str) -> Endpoint:
        """The endpoint of the process that lives now.

        Raises:
            ModelError: There is none in time.
        """
        life = self._process.wait(self._timeout_s)
        with self._lock:
            if (life.number, domain) not in self._endpoints:
                self._forget(life.number)
                greeting = life.greeting
                self._endpoints[life.number, domain] = Endpoint(
                    greeting.base_url,
                    BASE_NAME,
                    "llamacpp",
                    api_key=SecretStr(greeting.api_key),
                    embedded=True,
                    adapted=domain in greeting.adapters,
                    extra_body=greeting.bodies.get(domain) or greeting.bodies[""],
                    timeout_s=self._timeout_s,
                    # A process that died comes back at another address.
                    max_retries=0,
                )
            return self._endpoints[life.number, domain]

    def reach(self, domain: str) -> None:
        """Wait until it is loaded; the process watches itself.

        Raises:
            ModelError: It is not, in time.
        """
        # Making the client imports what takes a second.
        self.endpoint(domain).completion  # noqa: B018

    def has_failed(self, kind: str) -> None:
        """Nothing follows: the process watches itself."""

    def weights(self, domain: str) -> Weights:
        """The files of base and adapter."""
        return self._files.weights(domain)

    def has_died(self, since: int) -> bool:
        """Whether the process has died since."""
        return self._process.has_died(since, NOTICE_S)

    def close(self) -> None:
        """End the process."""
        self._process.close()
        with self._lock:
            self._forget(0)

    def _forget(self, current: int) -> None:
        for key in [key for key in self._endpoints if key[0] != current]:
            self._endpoints.pop(key).close()


class RemoteServed:
    """A model behind a URL; it counts as loaded once its server has said that it serves it.

    Args:
        name: As `load_model` takes it.
        timeout_s: Longest wait for one reply, in seconds.

    Raises:
        UsageError: There is no such model.
        ModelError: Its key is not set.
    """

    restarts = 0

    def __init__(self, name: str, *, timeout_s: float) -> None:
        self._model = load_model(name, timeout_s=timeout_s)
        self.name = self._model.name
        # The model keeps what it was told once, and questions may be waiting for it; this one asks anew.
        self._load_probe = partial(load_model, name, timeout_s=min(PROBE_TIMEOUT_S, timeout_s), max_retries=0)
        self._is_loaded = False
        self._is_doubted = False

    @property
    def is_loaded(self) -> bool:
        """Whether the server was there when it was last asked, by a question or by `reach`."""
        return self._is_loaded

    def reach(self, domain: str) -> None:
        """Ask the server what it serves, unless it is known to be there.

        Raises:
            ModelError: It cannot be reached or used.
        """
        if self._is_loaded and not self._is_doubted:
            return
        self._is_doubted = False
        try:
            with closing(self._load_probe()) as probe:
                probe.endpoint(domain)
            # Making the client imports what takes a second.
            self._model.endpoint(domain).completion  # noqa: B018
        except ModelError:
            self._is_loaded = False
            raise
        self._is_loaded = True

    def has_failed(self, kind: str) -> None:
        """Count as not loaded, or as to be asked, after what tells of a server that is gone."""
        if kind in LOST:
            self._is_loaded = False
        self._is_doubted = self._is_doubted or kind in DOUBTED

    def endpoint(self, domain: str) -> Endpoint:
        """The endpoint.

        Raises:
            ModelError: The server cannot be reached or used.
        """
        return self._model.endpoint(domain)

    def weights(self, domain: str) -> Weights:
        """As the model says."""
        return self._model.weights(domain)

    def has_died(self, since: int) -> bool:
        """Never: the client repeats by itself what may help."""
        del since
        return False

    def close(self) -> None:
        """Close connections."""
        self._model.close()
