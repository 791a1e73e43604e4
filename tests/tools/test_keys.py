"""API keys come from the environment, whole or not at all."""

import pytest

from herdwick.tools.errors import BackendError
from herdwick.tools.keys import read_key


def test_a_key_is_read_without_the_line_break_of_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "abc123\n")
    key = read_key("SOME_API_KEY")
    assert key is not None
    assert key.get_secret_value() == "abc123"


def test_a_key_does_not_show_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "abc123")
    assert "abc123" not in f"{read_key('SOME_API_KEY')!r} {read_key('SOME_API_KEY')}"


@pytest.mark.parametrize("value", ["", "  \n"])
def test_a_blank_key_is_no_key(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", value)
    assert read_key("SOME_API_KEY") is None


@pytest.mark.parametrize("value", ["abc 123", "abc\n123", "abc\x7f123", "schlüssel"])
def test_what_cannot_be_a_key_is_refused_without_showing_it(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_API_KEY", value)
    with pytest.raises(BackendError) as caught:
        read_key("SOME_API_KEY")
    assert caught.value.kind == "bad_key"
    assert value not in str(caught.value)
