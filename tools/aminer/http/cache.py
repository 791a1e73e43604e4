"""Recorded HTTP answers on disk, and replay from them.

    cache = ResponseCache(Path("recorded"))
    cache.put("GET", url, None, Answer(200, payload))
    ResponseCache(Path("recorded"), replay=True).get("GET", url, None)     # without any network

One JSON file per answer, named by the SHA-256 of method, URL and body; no header and no key is ever part of
it. A file is written aside and renamed, so that processes sharing a folder see whole answers or none. Answers
do not expire: a cache is a recording, made so that an evaluation can be run again exactly; delete the folder
for fresh data. hishel and diskcache were considered: the one stores request headers, keys among them, and
knows no replay; the other unpickles what it finds in the folder.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from herdwick.tools.errors import BackendError, DataError
from herdwick.tools.whole_file import write_whole


@dataclass(frozen=True)
class Answer:
    """What a service answered.

    Attributes:
        status: 200, or 404 where the service knows nothing under that address.
        payload: The decoded JSON; None for a 404.
    """

    status: Literal[200, 404]
    payload: JsonValue


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    method: str
    url: str
    body: str | None
    status: Literal[200, 404]
    payload: JsonValue


class ResponseCache:
    """Answers kept in a folder.

    Args:
        folder: Where they are; made when recording.
        replay: Answer from the folder only.

    Raises:
        DataError: `cache_unusable`; the folder cannot be made, or does not exist when replaying.
    """

    def __init__(self, folder: Path, *, replay: bool = False) -> None:
        self.folder = folder
        self.replay = replay
        if replay and not folder.is_dir():
            raise DataError(
                "cache_unusable",
                f"There is no folder {folder} to replay from.",
                "Record first: run once with the same cache folder and without replay.",
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unusable(folder, error) from error

    def get(self, method: str, url: str, content: bytes | None) -> Answer | None:
        """The recorded answer, or None.

        Args:
            method: HTTP method.
            url: Full URL.
            content: Canonical body.

        Raises:
            BackendError: `not_recorded`; replaying, and this was never recorded.
            DataError: `cache_damaged` or `cache_unusable`; the file cannot be read, or holds the answer to
                another request.
        """
        path = self._path(method, url, content)
        try:
            record = _Record.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            if self.replay:
                raise _not_recorded(method, url, content) from None
            return None
        except OSError as error:
            raise _unusable(path, error) from error
        except ValidationError as error:
            raise _damaged(path, "cannot be read") from error
        if (record.method, record.url, record.body) != (method, url, _text(content)):
            raise _damaged(path, "belongs to another request")
        return Answer(record.status, record.payload)

    def put(self, method: str, url: str, content: bytes | None, answer: Answer) -> None:
        """Record an answer, whole or not at all.

        Args:
            method: HTTP method.
            url: Full URL.
            content: Canonical body.
            answer: What to record.

        Raises:
            DataError: `cache_unusable`; the file cannot be written.
        """
        path = self._path(method, url, content)
        record = _Record(
            method=method, url=url, body=_text(content), status=answer.status, payload=answer.payload
        )
        try:
            write_whole(path, record.model_dump_json().encode())
        except OSError as error:
            raise _unusable(path, error) from error

    def _path(self, method: str, url: str, content: bytes | None) -> Path:
        identity = b"\n".join((method.encode(), url.encode(), content or b""))
        return self.folder / f"{hashlib.sha256(identity).hexdigest()}.json"


def _text(content: bytes | None) -> str | None:
    return None if content is None else content.decode()


def _not_recorded(method: str, url: str, content: bytes | None) -> BackendError:
    body = f" with the body {content.decode()}" if content else ""
    return BackendError(
        "not_recorded",
        f"Replaying, but {method} {url}{body} was not recorded.",
        "Run once without replay to record it; questions, options and base URL must be the same.",
    )


def _damaged(path: Path, how: str) -> DataError:
    return DataError("cache_damaged", f"The recorded answer {path} {how}.", "Delete it and record again.")


def _unusable(path: Path, error: OSError) -> DataError:
    return DataError(
        "cache_unusable",
        f"The cache {path} cannot be used: {error.strerror}.",
        "Choose another cache folder.",
    )
