from herdwick.tools.bgp.functions.routes import spells, with_route_origins


def held(data) -> list[tuple]:
    frame = spells(data.elems()).sort("seq").select("prefix", "start", "end").collect()
    return frame.rows()


def test_a_route_holds_until_it_is_replaced_withdrawn_or_the_data_ends(invented) -> None:
    data = invented("""
        A 10 rrc00 192.0.2.1 64500 10.0.0.0/8 64500 1
        A 20 rrc00 192.0.2.1 64500 10.0.0.0/8 64500 2
        W 30 rrc00 192.0.2.1 64500 10.0.0.0/8
        A 40 rrc00 192.0.2.1 64500 10.0.0.0/8 64500 1
    """)

    assert held(data) == [("10.0.0.0/8", 10, 20), ("10.0.0.0/8", 20, 30), ("10.0.0.0/8", 40, None)]


def test_a_session_that_goes_down_ends_its_routes_and_no_others(invented) -> None:
    data = invented("""
        A 10 rrc00 192.0.2.1 64500 10.0.0.0/8 64500 1
        A 10 rrc00 192.0.2.2 64500 10.0.0.0/8 64500 1
        S 15 rrc00 192.0.2.1 64500 ESTABLISHED IDLE
        S 16 rrc00 192.0.2.1 64500 IDLE ACTIVE
    """)

    assert held(data) == [("10.0.0.0/8", 10, 15), ("10.0.0.0/8", 10, None)]


def test_what_is_announced_after_a_session_came_up_in_the_same_second_holds(invented) -> None:
    data = invented("""
        A 10 rrc00 192.0.2.1 64500 10.0.0.0/8 64500 1
        S 15 rrc00 192.0.2.1 64500 ESTABLISHED IDLE
        S 15 rrc00 192.0.2.1 64500 OPENCONFIRM ESTABLISHED
        A 15 rrc00 192.0.2.1 64500 10.0.0.0/8 64500 1
    """)

    assert held(data) == [("10.0.0.0/8", 10, 15), ("10.0.0.0/8", 15, None)]


def test_a_withdrawal_has_the_origins_of_its_own_peers_route(invented) -> None:
    data = invented("""
        W 5 rrc00 192.0.2.1 64500 10.0.0.0/8
        A 10 rrc00 192.0.2.1 64500 10.0.0.0/8 64500 1
        A 11 rrc00 192.0.2.2 64500 10.0.0.0/8 64500 2
        W 20 rrc00 192.0.2.1 64500 10.0.0.0/8
        W 21 rrc00 192.0.2.1 64500 10.0.0.0/8
    """)

    frame = with_route_origins(data.elems()).sort("seq").collect()

    assert frame["route_origins"].to_list() == [[], [1], [2], [1], [1]]
