from herdwick.tools.bgp.sample.topology import Choice, Learnt, Relationship, best_paths


def sells(provider: int, customer: int) -> Relationship:
    return Relationship(provider, customer, peers=False)


def peers(first: int, second: int) -> Relationship:
    return Relationship(first, second, peers=True)


def test_a_longer_path_through_a_customer_is_preferred() -> None:
    lines = [sells(1, 2), sells(2, 3), sells(4, 1), sells(4, 3)]

    assert best_paths(lines, {3: (3,)})[1] == Choice((1, 2, 3), Learnt.CUSTOMER)


def test_among_equals_the_shorter_path_is_preferred() -> None:
    lines = [sells(1, 2), sells(2, 3), sells(1, 3)]

    assert best_paths(lines, {3: (3,)})[1].path == (1, 3)


def test_a_route_of_a_peer_is_told_to_customers_alone() -> None:
    lines = [peers(1, 2), peers(2, 3), sells(2, 4)]
    paths = best_paths(lines, {1: (1,)})

    assert paths[4].path == (4, 2, 1)
    assert 3 not in paths


def test_a_leaker_tells_its_provider_of_another_providers_route() -> None:
    lines = [sells(1, 3), sells(2, 3), sells(2, 4)]

    assert 1 not in best_paths(lines, {4: (4,)})
    assert best_paths(lines, {4: (4,)}, leaker=3)[1].path == (1, 3, 2, 4)


def test_an_as_drops_paths_that_hold_its_own_asn() -> None:
    lines = [sells(1, 2), sells(1, 3)]

    assert 2 not in best_paths(lines, {3: (3, 2, 3)})


def test_of_two_origins_each_as_chooses_the_better_path() -> None:
    lines = [peers(1, 2), sells(1, 3), sells(2, 4)]
    paths = best_paths(lines, {3: (3,), 4: (4,)})

    assert (paths[1].path, paths[2].path) == ((1, 3), (2, 4))
