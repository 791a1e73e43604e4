"""Calls are encoded, canonical values."""

from decimal import Decimal

from herdwick.tools.aminer.http.calls import Call, Endpoint


def test_parameters_are_url_encoded() -> None:
    call = Endpoint("GET", "/search").call({"title": "R&D / 50% of O'Neill? 唐#1", "page": 0})
    assert call.path == "/search?title=R%26D+%2F+50%25+of+O%27Neill%3F+%E5%94%90%231&page=0"


def test_half_a_surrogate_pair_is_sent_as_a_question_mark() -> None:
    assert Endpoint("GET", "/search").call({"title": "a\ud83d"}).path == "/search?title=a%3F"


def test_equal_bodies_are_equal_bytes_whatever_their_order() -> None:
    first = Call("POST", "/search", {"name": "Zoë", "size": 10})
    second = Call("POST", "/search", {"size": 10, "name": "Zoë"})
    assert first.content == second.content == b'{"name":"Zo\\u00eb","size":10}'


def test_a_get_has_no_content() -> None:
    assert Call("GET", "/search").content is None


def test_the_name_of_a_call_leaves_out_what_was_asked() -> None:
    assert Endpoint("GET", "/person", Decimal("1.00")).call({"id": "p1"}).name == "GET /person"
