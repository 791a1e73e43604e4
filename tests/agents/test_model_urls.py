import pytest

from herdwick.agents.errors import UsageError
from herdwick.agents.model_urls import base_url, public_name


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://127.0.0.1:9", "http://127.0.0.1:9/v1"),
        ("http://127.0.0.1:9/llm/v1/?key=1#top", "http://127.0.0.1:9/llm/v1"),
        ("http://[::1]:9/v1", "http://[::1]:9/v1"),
        ("https://bücher.example/v1", "https://bücher.example/v1"),
    ],
)
def test_url_is_completed(url, base):
    assert base_url(url) == base


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:notaport/v1",
        "http://127.0.0.1:99999/v1",
        "http://[::1",
        "http:///v1",
        "http://a..example/v1",
        f"http://{'a' * 300}.example/v1",
        "http://127.0.0.1/\x00v1",
    ],
)
def test_what_is_no_url_is_wrong_usage_and_not_repeated(url):
    with pytest.raises(UsageError) as failure:
        base_url(url)
    assert failure.value.kind == "bad_url"
    assert url not in str(failure.value)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("embedded", "embedded"),
        ("m@http://127.0.0.1:8000/v1", "m@http://127.0.0.1:8000/v1"),
        ("http://127.0.0.1:1/v1?api_key=SECRET", "http://127.0.0.1:1/v1"),
        ("http://127.0.0.1:1/v1#SECRET", "http://127.0.0.1:1/v1"),
        ("http://user:SECRET@127.0.0.1:1/v1", "http://…"),
        ("m@http://user:SE?CR#E/T@127.0.0.1/v1", "m@http://…"),
        ("ftp://user:SECRET@127.0.0.1/v1", "ftp://…"),
    ],
)
def test_name_is_shown_without_secrets(name, shown):
    assert public_name(name) == shown
