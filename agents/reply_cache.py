"""Replies of an endpoint kept on disk, so that what was asked once is not computed or paid again.

    cache = ReplyCache(Path("cache"))
    model = load_model("embedded", cache=cache)
    cache.use.hits

LangChain's own caches know a model by its parameters. Ours differ in more: which adapter a request raises,
the grammar that it binds, the weights behind an address that changes at every start. So the key is the
request as it is sent, with the weights and their server beside it.
"""

import hashlib
import json
import threading
from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path

import httpx2
import openai

from herdwick.agents.weights import Weights
from herdwick.tools.whole_file import write_whole


class ReplyCacheError(openai.OpenAIError):
    """The folder cannot be used; of the SDK's kind, since it takes others for a lost connection."""


@dataclass
class CacheUse:
    """How often a reply was there, and how often not."""

    hits: int = 0
    misses: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def counts(self) -> dict[str, int]:
        """Both, by name."""
        return {"hits": self.hits, "misses": self.misses}

    def count(self, *, hit: bool) -> None:
        """Count one request."""
        with self._lock:
            self.hits += hit
            self.misses += not hit


@dataclass(frozen=True)
class ReplyCache:
    """A folder of replies; threads and processes may share it.

    Attributes:
        folder: Made when there is something to keep.
        about: What the replies depend on beside the request.
        use: Of this process, for all weights together.
    """

    folder: Path
    about: str = ""
    use: CacheUse = field(default_factory=CacheUse)

    def of(self, weights: Weights) -> "ReplyCache":
        """The replies of these weights; the embedded ones depend on the release of llama.cpp too."""
        engine = metadata.version("xllamacpp") if weights.base else ""
        return replace(self, about=f"{weights} {engine}")

    def find(self, request: httpx2.Request) -> httpx2.Response | None:
        """The reply to `request`, if it is there and may be given again.

        Raises:
            ReplyCacheError: The folder cannot be read.
        """
        file = self._file(request)
        if file is None:
            return None
        try:
            content = file.read_bytes() if file.is_file() else b""
        except OSError as error:
            raise _unusable(file, error) from error
        # A damaged file is none: it is written anew.
        is_there = _is_completion(content)
        self.use.count(hit=is_there)
        if not is_there:
            return None
        return httpx2.Response(
            200, headers={"Content-Type": "application/json"}, content=content, request=request
        )

    def keep(self, request: httpx2.Request, response: httpx2.Response) -> None:
        """Keep a completion that was read whole, unless another one is wanted next time.

        Raises:
            ReplyCacheError: The folder cannot be written.
        """
        file = self._file(request)
        # Some gateways report errors with a 200.
        if file is None or response.status_code != httpx2.codes.OK or not _is_completion(response.content):
            return
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(file, response.content)
        except OSError as error:
            raise _unusable(file, error) from error

    def _file(self, request: httpx2.Request) -> Path | None:
        """Where the reply to `request` is kept; None where it is not."""
        if request.method != "POST":
            return None
        asked = json.loads(request.content)
        # Who sets a temperature without a seed wants another reply each time.
        if asked.get("stream") or (asked.get("temperature") and asked.get("seed") is None):
            return None
        key = json.dumps([self.about, request.url.path, asked], sort_keys=True)
        name = hashlib.sha256(key.encode()).hexdigest()
        return self.folder / name[:2] / f"{name[2:]}.json"


def _unusable(file: Path, error: OSError) -> ReplyCacheError:
    return ReplyCacheError(f"The cached reply {file} cannot be used: {error.strerror}.")


def _is_completion(content: bytes) -> bool:
    try:
        reply = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(reply, dict) and bool(reply.get("choices"))
