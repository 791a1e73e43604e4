"""Requests as values: what is sent, what it costs, and what identifies it in the cache.

search = Endpoint("GET", "/api/paper/search")
search.call({"title": "Graph attention"})   # Call("GET", "/api/paper/search?title=Graph+attention")

Keys and headers are no part of a call: two users asking the same thing make the same call.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal
from urllib.parse import urlencode

from pydantic import JsonValue

Method = Literal["GET", "POST"]
Params = Mapping[str, str | int]
FREE = Decimal(0)


@dataclass(frozen=True)
class Call:
    """One request to a service.

    Attributes:
        method: HTTP method.
        path: Path and query below the base URL, percent-encoded.
        body: JSON body, None for no body.
        price_cny: What the service charges for one answer, in CNY.
    """

    method: Method
    path: str
    body: JsonValue = None
    price_cny: Decimal = FREE

    @property
    def name(self) -> str:
        """The call without its query, for messages: `GET /api/person/detail`."""
        return f"{self.method} {self.path.partition('?')[0]}"

    @property
    def content(self) -> bytes | None:
        """The body as sent and as hashed: canonical JSON, so equal bodies are equal bytes."""
        if self.body is None:
            return None
        return json.dumps(self.body, sort_keys=True, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Endpoint:
    """A path of a service and its price.

    Attributes:
        method: HTTP method.
        path: Path below the base URL.
        price_cny: Price of one answer, in CNY.
    """

    method: Method
    path: str
    price_cny: Decimal = FREE

    def call(self, params: Params | None = None, body: JsonValue = None) -> Call:
        """A request to this endpoint.

        Args:
            params: Query parameters, not yet encoded.
            body: JSON body.
        """
        # A program may hold half a surrogate pair; the service gets '?' for it, not us an encoding error.
        query = f"?{urlencode(params, errors='replace')}" if params else ""
        return Call(self.method, self.path + query, body, self.price_cny)
