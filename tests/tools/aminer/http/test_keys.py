"""A service that needs a key says so."""

import pytest

from herdwick.tools.aminer.http.keys import require_key
from herdwick.tools.errors import BackendError


def test_a_missing_key_is_named_with_what_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOME_API_KEY", raising=False)
    with pytest.raises(
        BackendError, match="Some service needs an API key, and SOME_API_KEY is not set"
    ) as caught:
        require_key("SOME_API_KEY", "Some service")
    assert caught.value.kind == "missing_key"
