"""The model of a server, and whether it is there.

model = open_model("embedded", timeout_s=120)     # a process of its own
model = open_model("http://gpu:8000/v1", timeout_s=120)
model.endpoint("aminer")                          # as of any model; waits until it is loaded
model.is_loaded
"""

import threading
from typing import Protocol

from pydantic import SecretStr

from herdwick.agents.embedded import BASE_NAME, EmbeddedConfig
from herdwick.agents.endpoint import Endpoint
from herdwick.agents.models import EmbeddedModel, Model, load_model
from herdwick.agents.server.model_process import ModelProcess
from herdwick.agents.weights import Weights

NOTICE_S = 2.0
"""How long a death may go unnoticed: the connection breaks first, the process is seen to end later."""


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
    return RemoteServed(load_model(name, timeout_s=timeout_s))


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
        model: As loaded.
    """

    restarts = 0

    def __init__(self, model: Model) -> None:
        self.name = model.name
        self._model = model
        self._is_loaded = False

    @property
    def is_loaded(self) -> bool:
        """Whether the server has been reached."""
        return self._is_loaded

    def endpoint(self, domain: str) -> Endpoint:
        """The endpoint.

        Raises:
            ModelError: The server cannot be reached or used.
        """
        endpoint = self._model.endpoint(domain)
        self._is_loaded = True
        return endpoint

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
