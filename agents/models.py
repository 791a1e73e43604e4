"""Models by name: every one is an OpenAI-compatible endpoint.

    load_model("embedded")                        # llama.cpp in this process
    load_model("vllm")                            # http://127.0.0.1:8000/v1
    load_model("openai")                          # OPENAI_API_KEY, HERDWICK_OPENAI_MODEL
    load_model("http://127.0.0.1:8080/v1")        # whatever is served there
    load_model("soayllama_v2_7b@http://gpu:8000") # one of several models served there

Nothing is started or asked before the first question. Keys come from the environment only: `OPENAI_API_KEY`
is sent for `openai` only, `HERDWICK_API_KEY` for everything else.
"""

import os
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from herdwick.agents.embedded import BASE_NAME, EmbeddedConfig, shared_server
from herdwick.agents.endpoint import NO_KEY, Endpoint, Engine
from herdwick.agents.endpoint_errors import endpoint_errors, without_key
from herdwick.agents.errors import ModelError, UsageError
from herdwick.agents.model_urls import base_url, public_name
from herdwick.agents.weights import Weights
from herdwick.tools.errors import BackendError
from herdwick.tools.file_hash import sha256_of
from herdwick.tools.keys import read_key

if TYPE_CHECKING:
    from herdwick.agents.reply_cache import ReplyCache

VLLM_URL = "http://127.0.0.1:8000/v1"
OPENAI_URL = "https://api.openai.com/v1"
OPENAI_MODEL = "gpt-4.1-mini"
"""Asked of OpenAI unless `HERDWICK_OPENAI_MODEL` names another."""

TIMEOUT_S = 120.0
"""Longest wait for one reply; 512 tokens take about 50 s from vLLM on two CPU cores."""

_NAME_AT_URL = re.compile(r"(?:(?P<model>.+)@)?(?P<url>https?://.+)", re.IGNORECASE)
_ENGINES: dict[str, Engine] = {"vllm": "vllm", "llamacpp": "llamacpp"}
"""By `owned_by` of a served model; gateways write `openai` there for whatever they pass on."""


class Model(Protocol):
    """A model that can serve any domain.

    Attributes:
        name: As it was asked for, without any secret; stands in the answer.
    """

    name: str

    def endpoint(self, domain: str) -> Endpoint:
        """The endpoint for a domain's questions; starts or asks the server when called for the first time.

        Raises:
            ModelError: The server cannot be started, reached or used.
        """
        ...

    def weights(self, domain: str) -> Weights:
        """Which weights answer a domain's questions; starts and asks nothing."""
        ...

    def close(self) -> None:
        """Close connections; closing twice is harmless."""
        ...


def load_model(
    name: str, *, timeout_s: float = TIMEOUT_S, max_retries: int = 2, cache: "ReplyCache | None" = None
) -> Model:
    """The model called `name`.

    Args:
        name: `embedded`, `vllm`, `openai`, a URL, or `NAME@URL`.
        timeout_s: Longest wait for one reply, in seconds.
        max_retries: Repeats after a passing failure of the endpoint.
        cache: Of replies; what is served at a URL is taken to stay the same.

    Raises:
        UsageError: `name` is none of these, or its URL cannot be read or carries a password.
        ModelError: The embedded model is not installed, or its key is not set or is none.
    """
    if name == "embedded":
        return EmbeddedModel(EmbeddedConfig.installed(), timeout_s=timeout_s, cache=cache)
    name = name.strip()
    endpoint = replace(_remote_endpoint(name), timeout_s=timeout_s, max_retries=max_retries, cache=cache)
    if name not in ("openai", "vllm"):
        # Spelt anew, since a URL may end in a query that holds a key.
        name = _spelt(endpoint)
    return RemoteModel(name, endpoint)


class EmbeddedModel:
    """llama.cpp in this process, shared by all models with the same configuration.

    Args:
        config: Base model and adapters.
        timeout_s: Longest wait for one reply, in seconds.
        cache: Of replies.
    """

    name = "embedded"

    def __init__(
        self, config: EmbeddedConfig, *, timeout_s: float = TIMEOUT_S, cache: "ReplyCache | None" = None
    ) -> None:
        self._config = config
        self._timeout_s = timeout_s
        self._cache = cache
        self._endpoints = _EndpointCache()

    def endpoint(self, domain: str) -> Endpoint:
        """The endpoint with `domain`'s adapter raised, or with the plain base if there is none."""
        return self._endpoints.get(domain, self._open)

    def weights(self, domain: str) -> Weights:
        """The files of base and adapter."""
        adapter = dict(self._config.adapters).get(domain)
        return Weights(
            base=sha256_of(self._config.base),
            adapter="" if adapter is None else sha256_of(adapter),
            attention="" if self._config.attention == "fast" else self._config.attention,
        )

    def close(self) -> None:
        """Close connections; the server stays, for it belongs to the process."""
        self._endpoints.close()

    def _open(self, domain: str) -> Endpoint:
        server = shared_server(self._config)
        return Endpoint(
            server.base_url,
            BASE_NAME,
            "llamacpp",
            api_key=server.api_key,
            embedded=True,
            adapted=server.has_adapter(domain),
            extra_body=server.extra_body(domain),
            timeout_s=self._timeout_s,
            # It is in this process: when it fails, it fails again.
            max_retries=0,
            cache=self._cache and self._cache.of(self.weights(domain)),
        )


class RemoteModel:
    """A model behind a URL.

    Args:
        name: As it was asked for.
        endpoint: The server; an empty `model` is filled in with the first one it serves.
    """

    def __init__(self, name: str, endpoint: Endpoint) -> None:
        self.name = name
        self._server = endpoint
        self._endpoints = _EndpointCache()

    def endpoint(self, domain: str) -> Endpoint:
        """The endpoint, asked for the adapter that bears `domain`'s name if it serves one."""
        return self._endpoints.get(domain, self._choose)

    def weights(self, domain: str) -> Weights:
        """The URL, with the model's name where one was given."""
        del domain
        return Weights(endpoint=_spelt(self._server))

    def close(self) -> None:
        """Close connections; the server is not ours."""
        self._endpoints.close()
        self._server.close()

    def _choose(self, domain: str) -> Endpoint:
        server = self._server
        if server.cache:
            server = replace(server, cache=server.cache.of(self.weights(domain)))
        if server.engine == "openai":
            return server
        served = self._served()
        wanted = self._server.model or (domain if domain in served else next(iter(served), ""))
        if not wanted or (served and wanted not in served):
            raise ModelError(
                "model_unknown",
                f"{self._server.where} serves no model {wanted!r}."
                if wanted
                else f"{self._server.where} serves no model.",
                f"It serves: {without_key(', '.join(served), self._server)}."
                if served
                else "Load a model there, or name one: NAME@URL.",
            )
        engine = _ENGINES.get(served.get(wanted, ""), self._server.engine)
        return replace(server, model=wanted, engine=engine, adapted=wanted == domain)

    def _served(self) -> dict[str, str]:
        """Names of the models the server lists, with the engine that it says serves them."""
        try:
            with endpoint_errors(self._server):
                listed = self._server.chat.root_client.models.list()
                return {_text(model.id): str(model.owned_by) for model in listed}
        except ModelError as error:
            # Small servers have no list; then a name that was given is used as it is.
            if self._server.model and error.kind in ("model_unknown", "bad_request", "bad_reply"):
                return {}
            raise


class _EndpointCache:
    """The endpoint of each domain, made once even when several threads ask at the same time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[str, Endpoint] = {}

    def get(self, domain: str, make: Callable[[str], Endpoint]) -> Endpoint:
        with self._lock:
            if domain not in self._made:
                self._made[domain] = make(domain)
            return self._made[domain]

    def close(self) -> None:
        with self._lock:
            for endpoint in self._made.values():
                endpoint.close()
            self._made.clear()


def _spelt(endpoint: Endpoint) -> str:
    return f"{endpoint.model}@{endpoint.base_url}" if endpoint.model else endpoint.base_url


def _text(name: object) -> str:
    # The SDK does not check what it reads.
    if not isinstance(name, str):
        raise TypeError(f"a model is called {name!r}")
    return name


def _remote_endpoint(name: str) -> Endpoint:
    if name == "openai":
        url = base_url(os.environ.get("OPENAI_BASE_URL") or OPENAI_URL)
        return _with_key(
            Endpoint(url, os.environ.get("HERDWICK_OPENAI_MODEL", OPENAI_MODEL), "openai"),
            "OPENAI_API_KEY",
            required=True,
        )
    if name == "vllm":
        return _with_key(Endpoint(VLLM_URL, "", "vllm"), "HERDWICK_API_KEY")
    match = _NAME_AT_URL.fullmatch(name)
    if match is None:
        raise UsageError(
            "unknown_model",
            f"There is no model {public_name(name)!r}.",
            "Use embedded, vllm, openai, a URL such as http://127.0.0.1:8000/v1, or NAME@URL.",
        )
    return _with_key(Endpoint(base_url(match["url"]), match["model"] or ""), "HERDWICK_API_KEY")


def _with_key(endpoint: Endpoint, variable: str, *, required: bool = False) -> Endpoint:
    try:
        key = read_key(variable)
    except BackendError as error:
        raise ModelError(error.kind, error.message, error.hint) from error
    if required and not key:
        raise ModelError(
            "key_missing", f"{variable} is not set.", "Set it; or use --model embedded, which needs no key."
        )
    return replace(endpoint, key_variable=variable, api_key=key or NO_KEY)
