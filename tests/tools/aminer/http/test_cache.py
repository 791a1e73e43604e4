"""Recorded answers, and replay from them."""

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from herdwick.tools.aminer.http.cache import Answer, ResponseCache
from herdwick.tools.errors import BackendError, DataError

URL = "http://127.0.0.1/works?search=graphs"
ANSWER = Answer(200, {"results": [{"title": "Graphs — 图", "year": 2020, "score": 0.5, "venue": None}]})


def test_an_answer_comes_back_as_it_was_recorded(tmp_path: Path) -> None:
    ResponseCache(tmp_path).put("GET", URL, None, ANSWER)
    assert ResponseCache(tmp_path).get("GET", URL, None) == ANSWER


def test_what_was_not_recorded_is_none(tmp_path: Path) -> None:
    assert ResponseCache(tmp_path).get("GET", URL, None) is None


@pytest.mark.parametrize(
    ("method", "url", "content"),
    [("POST", URL, None), ("GET", URL + "&page=2", None), ("GET", URL, b"{}")],
)
def test_method_url_and_body_tell_answers_apart(
    method: str, url: str, content: bytes | None, tmp_path: Path
) -> None:
    cache = ResponseCache(tmp_path)
    cache.put("GET", URL, None, ANSWER)
    assert cache.get(method, url, content) is None


def test_replay_names_what_was_not_recorded(tmp_path: Path) -> None:
    with pytest.raises(BackendError) as caught:
        ResponseCache(tmp_path, replay=True).get("POST", URL, b'{"name":"Mira"}')
    assert caught.value.kind == "not_recorded"
    assert f'POST {URL} with the body {{"name":"Mira"}} was not recorded' in caught.value.message


def test_replay_from_a_folder_that_is_not_there_fails_at_once(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        ResponseCache(tmp_path / "nowhere", replay=True)
    assert caught.value.kind == "cache_unusable"
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_that_is_a_file_cannot_be_recorded_into(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError) as caught:
        ResponseCache(tmp_path / "file")
    assert caught.value.kind == "cache_unusable"


FAILED = b'{"version": 1, "method": "GET", "url": "%s", "body": null, "status": 500, "payload": null}'


@pytest.mark.parametrize(
    "damage", [b"", b'{"version": 1, "method": "GET', b'{"version": 2}', FAILED % URL.encode()]
)
def test_a_damaged_file_is_named(damage: bytes, tmp_path: Path) -> None:
    cache = ResponseCache(tmp_path)
    cache.put("GET", URL, None, ANSWER)
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage)
    with pytest.raises(DataError, match=file.name) as caught:
        cache.get("GET", URL, None)
    assert caught.value.kind == "cache_damaged"


@pytest.mark.parametrize("other", [("POST", URL, None), ("GET", URL + "&page=2", None), ("GET", URL, b"{}")])
def test_an_answer_to_another_request_is_not_taken(
    other: tuple[str, str, bytes | None], tmp_path: Path
) -> None:
    cache = ResponseCache(tmp_path)
    cache.put("GET", URL, None, ANSWER)
    (wanted,) = tmp_path.iterdir()
    cache.put(*other, Answer(200, ["something else"]))
    (file,) = set(tmp_path.iterdir()) - {wanted}
    file.replace(wanted)
    with pytest.raises(DataError, match="belongs to another request") as caught:
        cache.get("GET", URL, None)
    assert caught.value.kind == "cache_damaged"


def test_a_failed_write_leaves_no_part_behind(tmp_path: Path) -> None:
    cache = ResponseCache(tmp_path)
    cache.put("GET", URL, None, ANSWER)
    (file,) = tmp_path.iterdir()
    file.unlink()
    file.mkdir()
    with pytest.raises(DataError):
        cache.put("GET", URL, None, ANSWER)
    assert list(tmp_path.iterdir()) == [file]


def _record_and_read(folder: Path, worker: int) -> int:
    """Record one answer often while other processes do; count what is read back whole."""
    cache = ResponseCache(folder)
    payload = {"worker": worker, "text": "x" * 50_000}
    whole = 0
    for _ in range(40):
        cache.put("GET", URL, None, Answer(200, payload))
        read = cache.get("GET", URL, None)
        whole += (
            read is not None and isinstance(read.payload, dict) and len(str(read.payload["text"])) == 50_000
        )
    return whole


def test_processes_sharing_a_folder_read_only_whole_answers(tmp_path: Path) -> None:
    with ProcessPoolExecutor(3) as pool:
        counts = list(pool.map(_record_and_read, [tmp_path] * 3, range(3)))
    assert counts == [40, 40, 40]
    assert len(list(tmp_path.iterdir())) == 1
