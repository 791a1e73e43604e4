import pytest

from herdwick.tools.bgp.archive.http import checked_url
from herdwick.tools.errors import BackendError


@pytest.mark.parametrize(
    "url", ["https://me:hunter2@broker.example/v3", "ftp://broker.example/v3?key=SECRET"]
)
def test_of_a_refused_address_no_secret_is_shown(url: str) -> None:
    with pytest.raises(BackendError) as refused:
        checked_url(url)

    assert (
        refused.value.message
        == f"'{url[: url.index(':')]}://broker.example/v3' is no plain http or https address."
    )
