"""Workers, and what happens without them."""

import pytest

from herdwick.tools.sandbox import ProgramFailure
from herdwick.tools.sandbox import workers as module
from herdwick.tools.sandbox.workers import enter, open_pool


def test_worker_answers():
    pool = open_pool(1, None, turn_timeout_s=10)
    session = enter(pool.checkout())
    assert session.feed_run("6 * 7") == 42
    session.__exit__(None, None, None)
    pool.__exit__(None, None, None)


def test_missing_binary_is_refused():
    with pytest.raises(ProgramFailure) as caught:
        open_pool(1, "/nowhere/monty", turn_timeout_s=10)
    assert caught.value.kind == "sandbox_unavailable"
    assert "herdwick doctor" in caught.value.hint


def test_busy_pool_is_refused_after_a_while(monkeypatch):
    monkeypatch.setattr(module, "CHECKOUT_TIMEOUT_S", 0.1)
    pool = open_pool(1, None, turn_timeout_s=10)
    session = enter(pool.checkout())
    with pytest.raises(ProgramFailure) as caught:
        enter(pool.checkout())
    assert caught.value.kind == "sandbox_unavailable"
    session.__exit__(None, None, None)
    pool.__exit__(None, None, None)
