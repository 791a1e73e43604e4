"""What is closed at the end of a `with`."""

import pytest

from herdwick.tools.closing import Closing


class Door(Closing):
    def __init__(self) -> None:
        self.is_open = True

    def close(self) -> None:
        self.is_open = False


def test_it_is_open_inside_and_closed_afterwards() -> None:
    with Door() as door:
        assert door.is_open

    assert not door.is_open


def test_it_is_closed_when_something_fails_and_the_failure_stays() -> None:
    door = Door()

    with pytest.raises(KeyError), door:
        raise KeyError

    assert not door.is_open
