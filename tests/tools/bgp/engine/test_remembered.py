import pytest

from herdwick.tools.bgp.engine import remembered as module
from herdwick.tools.bgp.engine.remembered import Remembered


def test_what_was_kept_is_found_again() -> None:
    texts: Remembered[bytes, str] = Remembered()

    texts.keep(b"\1", 1, "one")

    assert (texts.get(b"\1"), texts.get(b"\2")) == ("one", None)


@pytest.mark.parametrize(("bound", "limit"), [("MAX_BYTES", 20), ("MAX_ENTRIES", 2)])
def test_of_too_many_all_but_the_latest_are_forgotten(bound: str, limit: int, monkeypatch) -> None:
    monkeypatch.setattr(module, bound, limit)
    texts: Remembered[bytes, str] = Remembered()

    for key in (b"a", b"b", b"c"):
        texts.keep(key, 10, key.decode())

    assert texts == {b"c": "c"}


def test_bytes_are_counted_anew_after_forgetting(monkeypatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 20)
    texts: Remembered[int, int] = Remembered()

    for key in range(4):
        texts.keep(key, 10, key)

    assert list(texts) == [2, 3]
