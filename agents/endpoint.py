"""One OpenAI-compatible endpoint and the model asked of it, as LangChain models.

endpoint.chat.invoke([("user", "…")])            # chat
endpoint.completion.invoke("Query: …")            # raw text
endpoint.completion.bind(**endpoint.with_grammar(gbnf))
"""

import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from pydantic import JsonValue, SecretStr

from herdwick.agents.errors import ModelError

if TYPE_CHECKING:
    from langchain_openai import ChatOpenAI, OpenAI

    from herdwick.agents.reply_cache import ReplyCache

Engine = Literal["llamacpp", "vllm", "openai", "unknown"]

NO_KEY = SecretStr("none")
"""Sent where no key is set: clients insist on one, servers without keys ignore it."""

CONNECT_TIMEOUT_S = 5.0
"""A server that is up accepts a connection at once, however slowly it then writes."""


@dataclass(frozen=True)
class Endpoint:
    """Where one domain's questions go.

    Attributes:
        base_url: Up to and including `/v1`.
        model: Name the server knows the model by.
        engine: What serves it, as far as that is known; decides how decoding is constrained.
        api_key: Sent as bearer token; never shown.
        key_variable: Environment variable that holds the key of this endpoint.
        embedded: Whether it is in this process.
        adapted: Whether this is an adapter of ours, trained on the short prompt of the domain.
        extra_body: Sent with every request beside the standard fields.
        timeout_s: Longest wait for one reply, in seconds; an attempt that runs out of it is the last one.
        max_retries: Repeats after a lost connection, 408, 409, 429 or 5xx; waits as `Retry-After` says.
        cache: Of replies to synchronous requests; None to ask anew each time.
    """

    base_url: str
    model: str
    engine: Engine = "unknown"
    api_key: SecretStr = NO_KEY
    key_variable: str = "HERDWICK_API_KEY"
    embedded: bool = False
    adapted: bool = False
    extra_body: Mapping[str, JsonValue] = field(default_factory=dict)
    timeout_s: float = 120.0
    max_retries: int = 2
    cache: "ReplyCache | None" = None

    @property
    def where(self) -> str:
        """The endpoint as the subject of a message."""
        return "The embedded model" if self.embedded else f"The endpoint {self.base_url}"

    @cached_property
    def chat(self) -> "ChatOpenAI":
        """The model for messages."""
        from langchain_openai import ChatOpenAI

        return ChatOpenAI(
            model=self.model,
            use_responses_api=False,
            # They belong to the client that it would make itself, and only make it warn of proxies.
            http_socket_options=(),
            **self._client_settings(),
        )

    @cached_property
    def completion(self) -> "OpenAI":
        """The model for raw text; greedy unless bound otherwise."""
        from langchain_openai import OpenAI

        return OpenAI(model=self.model, temperature=0, **self._client_settings())

    @property
    def takes_grammars(self) -> bool:
        """Whether decoding can follow a GBNF grammar."""
        return self.engine in ("llamacpp", "vllm")

    @property
    def takes_json_schemas(self) -> bool:
        """Whether chat replies can be made to follow a JSON schema."""
        return self.engine != "unknown"

    def with_grammar(self, grammar: str) -> dict[str, Any]:
        """Arguments for `bind` that constrain decoding; none where the engine cannot."""
        match self.engine:
            case "llamacpp":
                return {"extra_body": {**self.extra_body, "grammar": grammar}}
            case "vllm":
                return {"extra_body": {**self.extra_body, "structured_outputs": {"grammar": grammar}}}
            case _:
                return {}

    def close(self) -> None:
        """Close the connections kept open; closing twice is harmless."""
        for model in ("chat", "completion"):
            if model in self.__dict__:
                self.__dict__[model].http_client.close()

    def _client_settings(self) -> dict[str, Any]:
        import openai

        # A proxy set for the internet must not be asked for this machine.
        use_proxy = urllib.parse.urlsplit(self.base_url).hostname not in ("127.0.0.1", "localhost", "::1")
        timeout = openai.Timeout(self.timeout_s, connect=min(CONNECT_TIMEOUT_S, self.timeout_s))
        return {
            **self._http_clients(use_proxy=use_proxy),
            "base_url": self.base_url,
            "api_key": self.api_key,
            "timeout": timeout,
            "max_retries": self.max_retries,
            "extra_body": dict(self.extra_body) or None,
        }

    def _http_clients(self, *, use_proxy: bool) -> dict[str, Any]:
        import httpx2

        from herdwick.agents.endpoint_clients import AsyncDeadlineClient, DeadlineClient

        # An asyncio connection belongs to its event loop, and one solver may be used from several loops, one
        # after another; so none is kept for the next request.
        none_kept = httpx2.Limits(max_keepalive_connections=0)
        try:
            return {
                "http_client": DeadlineClient(self.timeout_s, cache=self.cache, trust_env=use_proxy),
                "http_async_client": AsyncDeadlineClient(
                    self.timeout_s, trust_env=use_proxy, limits=none_kept
                ),
            }
        except (ValueError, httpx2.InvalidURL) as error:
            # Not quoted: the address of a proxy may hold a password.
            raise ModelError(
                "bad_proxy",
                "The proxy that the environment names cannot be used.",
                "Set HTTP_PROXY, HTTPS_PROXY and ALL_PROXY to http, https or socks5 URLs, or unset them.",
            ) from error
