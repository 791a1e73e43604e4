"""One file from a server to a place on disk, whole or not at all, across cuts and kills.

    Download(http, url, path).run()     # all bytes are in partial_of(path)

A run goes on where an earlier one ended.

Bytes go into `NAME.partial`; `NAME.partial.json` says of which version of the file they are, so that they
are continued only if the server still has that one (RFC 9110, sections 13.1.5 and 14.2).
"""

import errno
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError
from tenacity import RetryCallState

from herdwick.tools.bgp.archive.http import HttpReader, checked_url, status_failure
from herdwick.tools.errors import BackendError, DataError
from herdwick.tools.http_failures import RetryableError
from herdwick.tools.retries import RetryPolicy
from herdwick.tools.whole_file import write_whole

MAX_ATTEMPTS = 100
"""Whatever progress they make: a server that gives a byte at a time is left some day."""

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


@dataclass(frozen=True)
class DownloadLimits:
    """Bounds of a download.

    Attributes:
        max_bytes: Largest file; the largest tables of today take 0.5 GB.
        min_bytes_per_s: Slowest server put up with, on average after `grace_s`.
        grace_s: How long a server may be slower, in seconds.
    """

    max_bytes: int = 2 << 30
    min_bytes_per_s: int = 1_024
    grace_s: float = 30.0


class PartialState(BaseModel):
    """Which version of a file a partial download is of.

    Attributes:
        url: Where it came from.
        validator: Strong ETag, or date of the last change; without one, '', it cannot be continued.
        total_bytes: Of the whole file; None if the server did not say.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    validator: str
    total_bytes: int | None


def partial_of(path: Path) -> Path:
    """Where the bytes of an unfinished download of `path` are."""
    return path.with_name(f"{path.name}.partial")


def state_of(path: Path) -> Path:
    """Where it is told of which version they are."""
    return path.with_name(f"{path.name}.partial.json")


def read_state(path: Path) -> PartialState | None:
    """What is known of an unfinished download of `path`; None if nothing is."""
    try:
        return PartialState.model_validate_json(state_of(path).read_bytes())
    except (OSError, ValidationError):
        return None


def _ignored(total: int) -> None:
    del total


@dataclass
class Download:
    """A download of one file; nobody else may write the same one.

    Attributes:
        http: Sends the requests.
        url: Where it is.
        path: Where it goes; `NAME.partial` beside it is continued if there is one.
        limits: Bounds.
        retries: When to try again; attempts that brought new bytes do not count.
        reserve: Told how many bytes are to come in all, before the first is written; may refuse.
        received: Told how many there are.
        cancelled: Once set, the download ends with `cancelled`.
    """

    http: HttpReader
    url: str
    path: Path
    limits: DownloadLimits = field(default_factory=DownloadLimits)
    retries: RetryPolicy = field(default_factory=RetryPolicy)
    reserve: Callable[[int], None] = _ignored
    received: Callable[[int], None] = _ignored
    cancelled: threading.Event | None = None
    _furthest: int = -1
    _stuck_since: int = 1

    def run(self) -> Path:
        """Fetch the file, or what is missing of it.

        Returns:
            The complete file, still under its partial name: whoever asked checks and renames it.

        Raises:
            BackendError: The server is down, slow, or does not give the file.
            DataError: It cannot be written, as on a full disk.
        """
        try:
            self.retries.retrying(self._gives_up)(self._attempt)
        except OSError as error:
            raise _unwritable(self.path, error) from error
        return partial_of(self.path)

    def _gives_up(self, state: RetryCallState) -> bool:
        there = _size(partial_of(self.path))
        if there > self._furthest:
            self._furthest, self._stuck_since = there, state.attempt_number
        stuck = state.attempt_number - self._stuck_since + 1
        return stuck >= self.retries.attempts or state.attempt_number >= MAX_ATTEMPTS

    def _attempt(self) -> None:
        self._check_cancelled()
        state, there = read_state(self.path), _size(partial_of(self.path))
        if state is None or state.url != self.url or not there:
            state, there = None, 0
        elif there == state.total_bytes:
            self.received(there)
            return
        elif not state.validator or there > (state.total_bytes or self.limits.max_bytes):
            state, there = None, 0
        headers = {"Range": f"bytes={there}-", "If-Range": state.validator} if state else {}
        with self.http.open(self.url, headers) as response:
            if response.status_code == 206 and state:
                self._check_continues(response, there, state)
            elif response.status_code == 200:
                state, there = self._begin(response), 0
            elif response.status_code == 416:
                raise self._begin_again("does not have the rest of the file")
            else:
                raise status_failure(self._what, response)
            total = state.total_bytes
            self.reserve(total or there)
            self._write(response, there)
        size = _size(partial_of(self.path))
        if not size:
            raise self._begin_again("sent an empty file")
        if total is not None and size != total:
            raise self._begin_again("sent another length than it said")

    @property
    def _what(self) -> str:
        url = checked_url(self.url)
        return f"{url.path.rpartition('/')[2]} at {url.host}"

    def _begin(self, response: httpx.Response) -> PartialState:
        length = response.headers.get("Content-Length", "")
        total = int(length) if length.isascii() and length.isdigit() else None
        self._check_size(total or 0)
        etag = response.headers.get("ETag", "")
        # A weak ETag may stay the same when bytes change.
        validator = "" if etag.startswith("W/") else etag or response.headers.get("Last-Modified", "")
        state = PartialState(url=self.url, validator=validator, total_bytes=total)
        partial_of(self.path).unlink(missing_ok=True)
        write_whole(state_of(self.path), state.model_dump_json().encode())
        return state

    def _check_continues(self, response: httpx.Response, there: int, state: PartialState) -> None:
        match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        total = None if match is None or match[3] == "*" else int(match[3])
        if match is None or int(match[1]) != there or (state.total_bytes or total) != total:
            raise self._begin_again("continued with another part of the file")

    def _begin_again(self, why: str) -> RetryableError:
        partial_of(self.path).unlink(missing_ok=True)
        return RetryableError("bad_response", f"The server of {self._what} {why}.", "Try again later.")

    def _write(self, response: httpx.Response, there: int) -> None:
        started, first = time.monotonic(), there
        with partial_of(self.path).open("ab") as file:
            # As they come: gathered into larger pieces, the last bytes before a cut would be lost.
            for chunk in response.iter_raw():
                there += len(chunk)
                self._check_size(there)
                file.write(chunk)
                self.received(there)
                self._check_cancelled()
                taken_s = time.monotonic() - started
                if taken_s > self.limits.grace_s and there - first < self.limits.min_bytes_per_s * taken_s:
                    message = f"{self._what} came at {(there - first) / taken_s:.0f} bytes/s."
                    raise RetryableError("timeout", message, "Try again later.")

    def _check_size(self, size: int) -> None:
        if size > self.limits.max_bytes:
            partial_of(self.path).unlink(missing_ok=True)
            raise BackendError(
                "too_large",
                f"{self._what} has more than {self.limits.max_bytes:,} bytes.",
                "Check the broker: no file of an archive is that large.",
            )

    def _check_cancelled(self) -> None:
        if self.cancelled is not None and self.cancelled.is_set():
            raise BackendError("cancelled", f"{self._what} was not fetched to its end.", "Fetch again.")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _unwritable(path: Path, error: OSError) -> DataError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return DataError(
            "disk_full",
            f"There is no room for {path.name} in {path.parent}.",
            "Free some, and fetch again: what was fetched so far is kept.",
        )
    return DataError(
        "cache_unusable",
        f"{path} cannot be written: {error.strerror}.",
        "Set XDG_CACHE_HOME to a folder that can be written.",
    )
