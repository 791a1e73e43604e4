"""One small synthetic world for all tests of synthesis."""

from collections.abc import Iterator

import pytest

from herdwick.selfinstruct.intents import Seeds, load_seeds
from herdwick.selfinstruct.routing_world import RoutingWorld, routing_world
from herdwick.selfinstruct.world import World, synthetic_world


@pytest.fixture(scope="session")
def seeds() -> Seeds:
    return load_seeds("aminer")


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    with synthetic_world(people=300, papers=600, seed=3) as made:
        yield made


@pytest.fixture(scope="session")
def routing() -> Iterator[RoutingWorld]:
    with routing_world(seed=3) as made:
        yield made
