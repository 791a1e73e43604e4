import pytest

from herdwick.agents.errors import UsageError
from herdwick.agents.server.keys import ApiKeys, read_api_keys

ONE, TWO = "one-0123456789abcdef", "two-0123456789abcdef"


def test_keys_come_from_the_environment_with_commas_in_between():
    keys = read_api_keys(None, {"HERDWICK_API_KEYS": f" {ONE}, {TWO},"})
    assert [keys.client_of(key) for key in (ONE, TWO, "three")] == ["key 1", "key 2", None]


def test_a_file_of_keys_may_have_comments(tmp_path):
    file = tmp_path / "keys"
    file.write_text(f"# for the lab\n{ONE}\n\n{TWO}\n")
    keys = read_api_keys(file, {"HERDWICK_API_KEYS": "ignored-0123456789abcdef"})
    assert [keys.client_of(key) for key in (ONE, TWO)] == ["key 1", "key 2"]
    assert keys.client_of("ignored-0123456789abcdef") is None


def test_without_any_there_are_none():
    assert not read_api_keys(None, {})
    assert ApiKeys().client_of("") is None


@pytest.mark.parametrize("key", ["tiny", "with space 0123456789", "ключ-0123456789abcdef"])
def test_a_key_that_is_none_is_refused_and_not_quoted(key):
    with pytest.raises(UsageError) as failure:
        read_api_keys(None, {"HERDWICK_API_KEYS": f"{ONE},{key}"})
    assert failure.value.kind == "bad_key"
    assert "Key 2 of HERDWICK_API_KEYS" in failure.value.message
    assert key not in str(failure.value)


@pytest.mark.parametrize(("content", "kind"), [(b"# none\n", "no_keys"), (b"\xff\xfe", "keys_unreadable")])
def test_a_file_without_keys_is_refused(tmp_path, content, kind):
    file = tmp_path / "keys"
    file.write_bytes(content)
    with pytest.raises(UsageError) as failure:
        read_api_keys(file)
    assert failure.value.kind == kind


def test_keys_are_not_shown():
    assert repr(ApiKeys([ONE, TWO])) == "ApiKeys(2)"
    assert ONE not in str(vars(ApiKeys([ONE])))
