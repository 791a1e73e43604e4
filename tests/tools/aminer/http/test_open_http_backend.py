"""Opening a backend from options: keys, addresses, cache, and replay of a recorded run."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from pytest_httpserver import HTTPServer

from herdwick.tools.aminer.backend import AMinerBackend
from herdwick.tools.aminer.domain import AMinerOptions
from herdwick.tools.aminer.http import open_http_backend
from herdwick.tools.aminer.toolkit import AMinerToolkit
from herdwick.tools.errors import BackendError, DataError, ToolFailure

OpenBackend = Callable[..., AMinerBackend]

MIRA = {"id": "A1", "name": "Mira Kovač", "org": "Acme", "interests": ["Graphs"], "n_citation": 120}
TOBIAS = {"id": "A2", "name": "Tobias Lind", "org": "Delft"}
PAPER = {
    "id": "W1",
    "title": "On graphs",
    "abstract": "Graphs.",
    "authors": [MIRA, TOBIAS],
    "n_citation": 7,
    "year": 2020,
    "venue": "JG",
}
TOBIAS_OPENALEX = {"key": "A2", "key_display_name": "Tobias Lind"}
MIRA_OPENALEX = {"id": "A1", "display_name": "Mira Kovač", "topics": [{"display_name": "Graphs"}]}
PAPER_OPENALEX = {"id": "W1", "display_name": "On graphs", "publication_year": 2020}

ROUTES: dict[str, dict[str, Any]] = {
    "aminer": {
        "/api/person/search": {"data": [MIRA]},
        "/api/paper/search": {"data": [PAPER]},
        "/api/paper/info": {"data": [PAPER]},
        "/api/person/paper/relation": {"data": [{"id": "W1", "title": "On graphs"}]},
        "/api/person/figure": {"data": {"ai_interests": ["Graphs"]}},
        "/api/person/detail": {"data": MIRA},
    },
    "archive": {
        "/searchPerson": {"data": {"hitList": [MIRA]}},
        "/searchPublication": {"data": {"hitList": [PAPER]}},
        "/getCoauthors": {"data": [{"data": {"crs": [TOBIAS]}}]},
        "/getPersonInterest": {"data": [{"data": {"data": {"data": [{"t": "Graphs"}]}}}]},
        "/getPersonPubs": {"data": [{"data": {"pubs": [PAPER]}}]},
        "/getPersonBasicInfo": {"data": [{"data": MIRA}]},
        "/getPublication": {"data": [{"pub": PAPER}]},
    },
    "openalex": {
        "/authors": {"results": [MIRA_OPENALEX]},
        "/works": {"results": [PAPER_OPENALEX], "group_by": [TOBIAS_OPENALEX]},
        "/authors/A1": MIRA_OPENALEX,
        "/works/W1": PAPER_OPENALEX,
    },
}
BACKENDS = sorted(ROUTES)


def ask_everything(backend: AMinerBackend) -> list[Any]:
    """The answers of all seven functions."""
    return [
        backend.searchPerson(name="Mira Kovač"),
        backend.searchPublication("On graphs"),
        backend.getCoauthors("A1"),
        backend.getPersonInterest("A1"),
        backend.getPersonPubs("A1"),
        backend.getPersonBasicInfo("A1"),
        backend.getPublication("W1"),
    ]


@contextmanager
def serving(backend: str) -> Iterator[str]:
    """The base URL of a service that speaks for `backend`, and is gone afterwards."""
    with HTTPServer(host="127.0.0.1", port=0) as server:
        for path, payload in ROUTES[backend].items():
            server.expect_request(path).respond_with_json(payload)
        yield server.url_for("")


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_recorded_run_replays_without_a_server_or_a_key(
    backend: str,
    open_backend: OpenBackend,
    key: SecretStr,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AMINER_API_KEY", key.get_secret_value())
    with serving(backend) as base_url:
        recording = open_backend(backend, base_url=base_url, cache=tmp_path, budget=10)
        recorded = ask_everything(recording)
    monkeypatch.delenv("AMINER_API_KEY")

    replaying = open_backend(backend, base_url=base_url, cache=tmp_path, replay=True, budget=0)
    assert ask_everything(replaying) == recorded
    assert all(recorded)
    usage = replaying.data()
    assert (usage["calls_made"], usage["cost"], usage["replay"]) == (0, 0.0, True)


@pytest.mark.parametrize("backend", BACKENDS)
def test_replay_names_what_was_not_recorded(backend: str, open_backend: OpenBackend, tmp_path: Path) -> None:
    replaying = open_backend(backend, cache=tmp_path, replay=True)
    with pytest.raises(BackendError, match="was not recorded") as caught:
        replaying.searchPerson(name="Mira Kovač")
    assert caught.value.kind == "not_recorded"


def test_an_unknown_id_replays_as_an_unknown_id(
    httpserver: HTTPServer, open_backend: OpenBackend, tmp_path: Path
) -> None:
    httpserver.expect_request("/authors/A9").respond_with_data("", status=404)
    for replay in (False, True):
        backend = open_backend("openalex", cache=tmp_path, replay=replay)
        with pytest.raises(ToolFailure) as caught:
            backend.getPersonInterest("A9")
        assert caught.value.kind == "unknown_id"
    assert len(httpserver.log) == 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_secret_is_in_the_cache(
    backend: str,
    open_backend: OpenBackend,
    key: SecretStr,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AMINER_API_KEY", key.get_secret_value())
    monkeypatch.setenv("OPENALEX_API_KEY", key.get_secret_value())
    with serving(backend) as base_url:
        ask_everything(open_backend(backend, base_url=base_url, cache=tmp_path, budget=10))
    files = list(tmp_path.iterdir())
    assert len(files) >= 6
    assert all(key.get_secret_value() not in file.read_text() for file in files)


def test_a_live_backend_without_a_key_does_not_open(open_backend: OpenBackend) -> None:
    with pytest.raises(BackendError, match="AMINER_API_KEY is not set") as caught:
        open_backend("aminer")
    assert caught.value.kind == "missing_key"


def test_a_replay_without_a_cache_does_not_open(open_backend: OpenBackend) -> None:
    with pytest.raises(BackendError) as caught:
        open_backend("openalex", replay=True)
    assert caught.value.kind == "no_cache"


def test_a_replay_from_nowhere_does_not_open(open_backend: OpenBackend, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        open_backend("openalex", replay=True, cache=tmp_path / "nowhere")
    assert caught.value.kind == "cache_unusable"


def test_a_bad_address_does_not_open(open_backend: OpenBackend) -> None:
    with pytest.raises(BackendError) as caught:
        open_backend("archive", base_url="soay.aminer.cn")
    assert caught.value.kind == "bad_base_url"


def test_the_local_backend_is_not_opened_here() -> None:
    with pytest.raises(BackendError) as caught:
        open_http_backend(AMinerOptions(backend="local"))
    assert caught.value.kind == "no_http_backend"


@pytest.mark.parametrize(
    ("backend", "host"),
    [
        ("aminer", "datacenter.aminer.cn"),
        ("archive", "soay.aminer.cn"),
        ("openalex", "api.openalex.org"),
    ],
)
def test_each_service_has_its_own_address(
    backend: str, host: str, open_backend: OpenBackend, key: SecretStr, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMINER_API_KEY", key.get_secret_value())
    assert open_backend(backend, base_url=None).data()["host"] == host


@pytest.mark.parametrize("backend", BACKENDS)
def test_closing_twice_is_harmless_and_nothing_is_asked_afterwards(
    backend: str,
    open_backend: OpenBackend,
    httpserver: HTTPServer,
    key: SecretStr,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AMINER_API_KEY", key.get_secret_value())
    opened = open_backend(backend)
    opened.close()
    opened.close()
    with pytest.raises(RuntimeError, match="closed"):
        opened.searchPerson(name="Mira")
    assert httpserver.log == []


def test_the_toolkit_answers_through_an_http_backend(httpserver: HTTPServer) -> None:
    for path, payload in ROUTES["archive"].items():
        httpserver.expect_request(path).respond_with_json(payload)
    with closing(AMinerToolkit(backend="archive", base_url=httpserver.url_for(""))) as toolkit:
        tools = {tool.name: tool for tool in toolkit.get_tools()}
        text = tools["getCoauthors"].invoke({"person_id": "A1"})
        assert text == '[{"person_id": "A2", "name": "Tobias Lind", "relation": "coauthor"}]'
        assert toolkit.data()["calls_made"] == 1
