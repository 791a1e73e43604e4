import pytest

from herdwick.agents.cli.result_field import Result, result_field


@pytest.mark.parametrize(
    ("program", "field"),
    [
        ('final_result = moas()[0]["prefix"]', "prefix"),
        ('final_result = [r["prefix"] for r in moas() if r["peers"] > 1]', "prefix"),
        ('final_result = list(dict.fromkeys(r["asn"] for r in prepending()))', "asn"),
        ('final_result = sorted({r["asn"] for r in prepending()})[:5]', "asn"),
        ('final_result = max(r["times"] for r in prepending())', "times"),
        ('final_result = [a for r in moas() for a in r["origin_asns"]]', "origin_asns"),
        ('final_result = next((r["asn"] for r in prepending()), None)', "asn"),
        ('rows = moas()\nfinal_result = rows[0]["prefix"] if rows else None', "prefix"),
        ('found = [r["prefix"] for r in moas()]\nfinal_result = found', "prefix"),
    ],
)
def test_the_field_is_read_off_the_program(program, field):
    assert result_field(program) == Result(field)


@pytest.mark.parametrize(
    "program",
    [
        "final_result = moas()",
        'final_result = sum(r["routes"] for r in origins())',
        'final_result = any(r["asn"] == 1 for r in prepending())',
        'final_result = r["a"] + r["b"]',
        'final_result = {"asn": r["asn"]}',
        'x = r["asn"]\nx = r["times"]\nfinal_result = x',
        'a, final_result = r["asn"], 3',
        "final_result = final_result",
        "final_result = x\nx = final_result",
        "final_result = (",
        "",
    ],
)
def test_what_is_not_plain_is_not_guessed(program):
    assert result_field(program) == Result()


def test_a_count_is_of_what_was_counted():
    assert result_field('final_result = len({r["asn"] for r in prepending()})') == Result(
        "asn", is_count=True
    )
    assert result_field("final_result = len(moas())") == Result("", is_count=True)
