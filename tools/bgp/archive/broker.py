"""The BGPKIT Broker: which files the archives have (https://api.bgpkit.com/v3/broker, `/docs` there).

    broker = Broker(http)
    broker.search(Window(start, end), collectors=["rrc06"], record_type="updates")    # ArchiveFiles by time

Its answers are untrusted: types are checked, keys that are missing or new are not minded unless nothing can
be done without them, pages and sizes are bounded.
"""

import itertools
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from herdwick.tools.bgp.archive.files import (
    ArchiveFile,
    RecordType,
    Window,
    record_type_named,
    source_named,
)
from herdwick.tools.bgp.archive.http import HttpReader, checked_url, status_failure
from herdwick.tools.bgp.engine.elem import Source
from herdwick.tools.errors import BackendError, DataError
from herdwick.tools.http_failures import RetryableError
from herdwick.tools.retries import RetryPolicy

BROKER_URL = "https://api.bgpkit.com/v3/broker"
LONGEST_FILE_S = 15 * 60
"""RouteViews begins a file of updates every 15 minutes, RIS every 5, in its first years every 15."""

_BROKER_PROJECTS = {"ris": "riperis", "routeviews": "routeviews"}


@dataclass(frozen=True)
class BrokerLimits:
    """Bounds of a search.

    Attributes:
        page_size: Files asked for at once; the broker may give fewer.
        max_files: Most files of one search.
        max_body_bytes: Longest answer read.
        deadline_s: Longest time for one answer, in seconds, however it trickles.
    """

    page_size: int = 1_000
    max_files: int = 20_000
    max_body_bytes: int = 8 << 20
    deadline_s: float = 60.0


_Bytes = Annotated[int, BeforeValidator(lambda value: value or 0), Field(ge=0)]


class _Item(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    collector_id: str
    data_type: str
    ts_start: datetime
    ts_end: datetime | None = None
    url: str
    project: str | None = None
    exact_size: _Bytes = 0
    rough_size: _Bytes = 0

    def file(self) -> ArchiveFile:
        record_type = record_type_named(self.data_type)
        start = _seconds(self.ts_start)
        end = _seconds(self.ts_end) if self.ts_end else start
        if record_type == "updates" and end <= start:
            end = start + LONGEST_FILE_S
        return ArchiveFile(
            str(checked_url(self.url)),
            self._source(),
            record_type,
            start,
            start if record_type == "ribs" else end,
            self.exact_size or self.rough_size,
        )

    def _source(self) -> Source:
        return source_named(self.collector_id, self.project or "")


class _Page(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    total: int | None = None
    error: str | None = None
    data: tuple[_Item, ...] | None = None


class _Latest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    class Item(BaseModel):
        model_config = ConfigDict(frozen=True, extra="ignore")

        collector_id: str

    data: tuple[Item, ...] = ()


class Broker:
    """Asks one broker.

    Args:
        http: Sends the requests.
        base_url: Where it is; `/search` is appended.
        retries: When to ask again.
        limits: Bounds of a search.

    Raises:
        BackendError: `bad_url`.
    """

    def __init__(
        self,
        http: HttpReader,
        base_url: str = BROKER_URL,
        retries: RetryPolicy | None = None,
        limits: BrokerLimits | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.host = checked_url(self.base_url).host
        self._http = http
        self._retries = retries or RetryPolicy()
        self._limits = limits or BrokerLimits()

    def search(
        self,
        window: Window,
        collectors: Sequence[str] = (),
        projects: Sequence[str] = (),
        record_type: RecordType = "updates",
    ) -> tuple[ArchiveFile, ...]:
        """The files with records of `window`, by time and collector; none if it knows none.

        Raises:
            BackendError: The broker is down, slow, or answers nonsense.
            DataError: `too_many_files`; the window is too wide.
        """
        found = {
            file.url: file
            for project in projects or ("",)
            for file in self._found(_query(window, collectors, project, record_type))
            # Some servers are more generous than asked.
            if file.record_type == record_type
            and file.overlaps(window)
            and (not collectors or file.source.collector in collectors)
            and (not projects or file.source.project in projects)
        }
        return tuple(sorted(found.values(), key=lambda file: (file.from_time, file.source, file.url)))

    def collectors(self) -> frozenset[str]:
        """The collectors it has data of; none when it does not say.

        `/latest` lists the newest files of each collector.
        """
        try:
            body = self._retries.retrying()(self._read, f"{self.base_url}/latest")
            latest = _Latest.model_validate_json(body)
        except (BackendError, ValidationError):
            return frozenset()
        return frozenset(item.collector_id for item in latest.data)

    def _found(self, query: dict[str, str]) -> Iterator[ArchiveFile]:
        """The files of all pages.

        Pages may be shorter than asked, so they end with the total, or with one that has nothing new.
        """
        seen: set[str] = set()
        for number in itertools.count(1):
            page = self._page(query | {"page": str(number), "page_size": str(self._limits.page_size)})
            new = [item for item in page.data or () if item.url not in seen]
            seen.update(item.url for item in new)
            if max(len(seen), page.total or 0) > self._limits.max_files:
                raise DataError(
                    "too_many_files",
                    f"There are more than {self._limits.max_files:,} files in that window.",
                    "Narrow the window, or name fewer collectors.",
                )
            yield from (self._file(item) for item in new)
            if not new or (page.total is not None and len(seen) >= page.total):
                return

    def _page(self, query: dict[str, str]) -> _Page:
        body = self._retries.retrying()(self._read, f"{self.base_url}/search?{urlencode(query)}")
        try:
            page = _Page.model_validate_json(body)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(map(str, first["loc"])) or "the answer"
            raise self._nonsense(f"{place}: {first['msg']}") from error
        if page.error:
            raise self._complaint(page.error)
        if page.data is None:
            raise self._nonsense("data: it is missing")
        return page

    def _file(self, item: _Item) -> ArchiveFile:
        try:
            return item.file()
        except (DataError, BackendError) as error:
            raise self._nonsense(error.message) from error

    def _complaint(self, text: str) -> BackendError:
        shown = "".join(char if char.isprintable() else " " for char in text[:200])
        return BackendError(
            "broker_error",
            f"The broker at {self.host} says: {shown}",
            "Check collectors, projects and times.",
        )

    def _nonsense(self, problem: str) -> BackendError:
        return BackendError(
            "bad_response",
            f"The broker at {self.host} sent an answer that cannot be used: {problem}",
            "Check the broker's URL; if it is right, try again later.",
        )

    def _read(self, url: str) -> bytes:
        deadline = time.monotonic() + self._limits.deadline_s
        body = bytearray()
        with self._http.open(url, {"Accept": "application/json"}) as response:
            for chunk in response.iter_raw():
                body += chunk
                if len(body) > self._limits.max_body_bytes:
                    raise self._nonsense(f"more than {self._limits.max_body_bytes:,} bytes.")
                if time.monotonic() > deadline:
                    late = f"The broker at {self.host} took more than {self._limits.deadline_s:g} s."
                    raise RetryableError("timeout", late, "Try again later.")
        if response.status_code == 200:
            return bytes(body)
        failure = status_failure(f"The search at the broker {self.host}", response)
        said = None if isinstance(failure, RetryableError) else _error_text(bytes(body))
        raise self._complaint(said) if said else failure


def _error_text(body: bytes) -> str | None:
    try:
        return _Page.model_validate_json(body).error
    except ValidationError:
        return None


def _query(
    window: Window, collectors: Sequence[str], project: str, record_type: RecordType
) -> dict[str, str]:
    # A file of updates that began before the window may reach into it.
    early_s = LONGEST_FILE_S if record_type == "updates" else 0
    query = {
        "ts_start": _timestamp(math.floor(window.from_time) - early_s),
        "ts_end": _timestamp(math.ceil(window.until_time)),
        "data_type": record_type.removesuffix("s"),
        "collector_id": ",".join(collectors),
        "project": _BROKER_PROJECTS.get(project, project),
    }
    return {name: value for name, value in query.items() if value}


def _timestamp(seconds: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _seconds(moment: datetime) -> float:
    """Brokers write UTC without saying so."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
