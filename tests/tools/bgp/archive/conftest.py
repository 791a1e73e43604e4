"""A loopback broker and archive that speak the real protocols, and can be told to misbehave."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from herdwick.tools.bgp.archive.download import DownloadLimits
from herdwick.tools.bgp.archive.fetch import Archive, ArchiveOptions
from herdwick.tools.bgp.archive.http import HttpLimits
from herdwick.tools.retries import RetryPolicy

START = 1427846400.0
"""2015-04-01 00:00 UTC."""

Answer = Callable[[Request], Response]


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    return ("127.0.0.1", 0)


def content(name: str, size: int = 3_000) -> bytes:
    return (f"{name}|".encode() * size)[:size]


@dataclass
class Lab:
    """Files listed and served.

    Attributes:
        server: Where.
        items: What the broker lists.
        files: Bytes by path.
        faults: Answers to the next requests for files, before the right ones.
        asked: Queries to the broker.
        ranges: The Range header of each request for a file, '' without one.
        etag: Of all files.
        resumes: Whether ranges are honoured.
    """

    server: HTTPServer
    items: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    faults: list[Answer] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)
    etag: str = '"v1"'
    resumes: bool = True

    @property
    def url(self) -> str:
        return self.server.url_for("/v3/broker")

    def add(
        self,
        collector: str = "rrc06",
        kind: str = "updates",
        after_s: int = 0,
        data: bytes | None = None,
        **keys: Any,
    ) -> dict[str, Any]:
        """List and serve a file that begins so long after the start."""
        path = f"/{collector}/{kind}.{after_s}.gz"
        self.files[path] = content(path) if data is None else data
        item = {
            "collector_id": collector,
            "data_type": kind,
            "exact_size": len(self.files[path]),
            "rough_size": len(self.files[path]),
            "ts_start": moment(START + after_s),
            "ts_end": moment(START + after_s + (300 if kind == "updates" else 0)),
            "url": self.server.url_for(path),
        } | keys
        self.items.append(item)
        return item

    def search(self, request: Request) -> Response:
        """The broker: filters and pages as the real one."""
        asked = request.args.to_dict()
        self.asked.append(asked)
        start, end = seconds(asked["ts_start"]), seconds(asked["ts_end"])
        found = [
            item
            for item in self.items
            if item["collector_id"] in asked.get("collector_id", item["collector_id"]).split(",")
            and item["data_type"].removesuffix("s") == asked.get("data_type", item["data_type"])
            and start <= seconds(item["ts_start"]) < end
        ]
        page, size = int(asked["page"]), int(asked["page_size"])
        shown = found[(page - 1) * size : page * size]
        return json_answer(
            {
                "total": len(found),
                "count": len(shown),
                "page": page,
                "page_size": size,
                "error": None,
                "data": shown,
            }
        )

    def latest(self, _: Request) -> Response:
        return json_answer({"data": [*{item["collector_id"]: item for item in self.items}.values()]})

    def serve(self, request: Request) -> Response:
        """The archive: with ranges, ETags, and what `faults` says."""
        self.ranges.append(request.headers.get("Range", ""))
        if self.faults:
            return self.faults.pop(0)(request)
        data = self.files.get(request.path)
        if data is None:
            return Response(status=404)
        headers = {"ETag": self.etag}
        match = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range", ""))
        if self.resumes and match and request.headers.get("If-Range") == self.etag:
            first = int(match[1])
            headers["Content-Range"] = f"bytes {first}-{len(data) - 1}/{len(data)}"
            return Response(data[first:], status=206, headers=headers)
        return Response(data, headers=headers)

    def cut_after(self, size: int) -> Answer:
        """An answer that ends after `size` bytes though it promised all."""

        def answer(request: Request) -> Response:
            data = self.files[request.path]
            match = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range", ""))
            first = int(match[1]) if match else 0
            headers = {"ETag": self.etag, "Content-Length": str(len(data) - first)}
            if first:
                headers["Content-Range"] = f"bytes {first}-{len(data) - 1}/{len(data)}"

            def body() -> Iterator[bytes]:
                yield data[first : first + size]

            return Response(body(), status=206 if first else 200, headers=headers, direct_passthrough=True)

        return answer


def json_answer(payload: Any) -> Response:
    import json

    return Response(json.dumps(payload), content_type="application/json")


def moment(when: float) -> str:
    return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def seconds(text: str) -> float:
    return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC).timestamp()


@pytest.fixture
def lab(httpserver: HTTPServer) -> Lab:
    lab = Lab(httpserver)
    httpserver.expect_request("/v3/broker/search").respond_with_handler(lambda request: lab.search(request))
    httpserver.expect_request("/v3/broker/latest").respond_with_handler(lambda request: lab.latest(request))
    httpserver.expect_request(re.compile(r"/(?!bad/|same/|all/).*")).respond_with_handler(
        lambda request: lab.serve(request)
    )
    return lab


@pytest.fixture
def options(lab: Lab, tmp_path: Path) -> ArchiveOptions:
    return ArchiveOptions(
        broker_url=lab.url,
        cache_folder=tmp_path / "cache",
        http=HttpLimits(connect_timeout_s=2, read_timeout_s=2),
        download=DownloadLimits(max_bytes=1 << 20),
        retries=RetryPolicy(attempts=3, first_wait_s=0.01, longest_wait_s=0.05),
    )


@pytest.fixture
def archive(options: ArchiveOptions) -> Iterator[Archive]:
    with Archive(options) as archive:
        yield archive
