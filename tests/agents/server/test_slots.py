import asyncio

import pytest

from herdwick.agents.server.errors import HttpFailure
from herdwick.agents.server.slots import Slots


async def test_whoever_waits_longest_comes_first():
    slots, order = Slots(1, 3), []

    async def work(name: int) -> None:
        async with slots.hold():
            order.append(name)
            await asyncio.sleep(0)

    await asyncio.gather(*(work(name) for name in range(4)))
    assert order == [0, 1, 2, 3]


async def test_never_more_hold_a_place_than_there_are():
    slots, most = Slots(2, 20), []

    async def work() -> None:
        async with slots.hold():
            most.append(slots.held)
            await asyncio.sleep(0.001)

    await asyncio.gather(*(work() for _ in range(20)))
    assert max(most) == 2
    assert (slots.held, slots.waiting) == (0, 0)


async def test_a_full_queue_is_a_429_that_grows_with_the_queue():
    slots = Slots(1, 0)
    async with slots.hold():
        with pytest.raises(HttpFailure) as failure:
            await slots.hold().__aenter__()
    assert failure.value.status == 429
    assert failure.value.headers == {"Retry-After": "2"}


async def test_whoever_gives_up_waiting_leaves_the_queue():
    slots = Slots(1, 1)
    async with slots.hold():
        waiting = asyncio.create_task(slots.hold().__aenter__())
        await asyncio.sleep(0)
        assert slots.waiting == 1
        waiting.cancel()
        await asyncio.wait({waiting})
        assert slots.waiting == 0
    async with slots.hold():
        assert slots.held == 1


async def test_a_place_is_free_again_after_a_failure():
    slots = Slots(1, 0)
    with pytest.raises(ZeroDivisionError):
        async with slots.hold():
            raise ZeroDivisionError
    async with slots.hold():
        assert slots.held == 1
