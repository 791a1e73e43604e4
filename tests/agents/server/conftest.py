"""The API as a real server on loopback, in front of a scripted model."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from herdwick.agents.server.app import ServerApp, create_app
from herdwick.agents.server.run import DrainingServer, listen, url_of
from herdwick.agents.server.settings import ServerSettings
from herdwick.tools.aminer.domain import AMinerOptions

QUESTION = "How many citations does Ada Quill have?"


@dataclass
class Running:
    """A server that runs in a thread."""

    url: str
    app: ServerApp
    server: DrainingServer
    thread: threading.Thread
    client: httpx.Client

    def ask(
        self, question: str = QUESTION, headers: dict[str, str] | None = None, **fields
    ) -> httpx.Response:
        return self.client.post("/ask", json={"question": question, **fields}, headers=headers)

    def events(self, question: str = QUESTION):
        """An open stream of server-sent events."""
        body = {"question": question}
        return self.client.stream("POST", "/ask", json=body, headers={"Accept": "text/event-stream"})

    def health(self) -> dict:
        return self.client.get("/health").json()

    def metric(self, line: str) -> float:
        """The value of a metric, written with its labels."""
        found = [
            text for text in self.client.get("/metrics").text.splitlines() if text.startswith(f"{line} ")
        ]
        assert len(found) == 1, f"{line}: {found}"
        return float(found[0].rpartition(" ")[2])


def eventually(is_so: Callable[[], bool], timeout_s: float = 120.0) -> None:
    """Wait for what other threads do."""
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


@pytest.fixture
def serve(scripted, graph) -> Iterator[Callable[..., Running]]:
    """Starts servers for the domain aminer; the arguments are those of `ServerSettings`."""
    scripted.models = {"aminer": "vllm"}
    started: list[Running] = []

    def start(**changes) -> Running:
        given = {
            "domains": {"aminer": AMinerOptions(graph=graph)},
            "model": scripted.url,
            "rate": "",
        } | changes
        settings = ServerSettings(**given)
        app = create_app(settings)
        listener = listen("127.0.0.1", 0)
        server = DrainingServer(app, settings)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        url = url_of(listener)
        running = Running(url, app, server, thread, httpx.Client(base_url=url, timeout=120))
        started.append(running)
        eventually(lambda: server.started and app.model.is_loaded)
        return running

    yield start
    for running in started:
        running.client.close()
        running.server.should_exit = True
        running.thread.join(20)
        assert not running.thread.is_alive()


@pytest.fixture
def ada() -> str:
    """A reply in the short style; the value is 340."""
    return 'searchPerson\nfinal_result = searchPerson(name="Ada Quill")[0]["num_citation"]'


@pytest.fixture
def wait_until() -> Callable[..., None]:
    return eventually


@pytest.fixture
def data_folder(tmp_path: Path, graph: Path) -> Path:
    """A folder with a graph, beside a file that is not in it, and a link that leads to that."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "mine.sqlite").write_bytes(graph.read_bytes())
    (tmp_path / "secret.sqlite").write_bytes(graph.read_bytes())
    (folder / "link.sqlite").symlink_to(tmp_path / "secret.sqlite")
    return folder
