"""What the grammar lets a program pass to functions of another domain than the first, read by llguidance."""

import re

import pytest

from herdwick.agents.grammar import numbers_in, solution_grammar
from herdwick.tools.domain import get_domain

BGP = get_domain("bgp")
QUESTION = (
    "Between 00:01 and 00:02:30 UTC, which 5 prefixes within 10.20.0.0/16 or 2001:db8::/32 of AS64500 "
    "carried 64500:120, in bins of two minutes?"
)


def accepts(call: str, question: str = QUESTION, plan: str = "") -> bool:
    import llguidance

    tokenizer = llguidance.LLTokenizer("byte")
    lark = llguidance.gbnf_to_lark.any_to_lark(solution_grammar(question, BGP))
    matcher = llguidance.LLMatcher(tokenizer, llguidance.LLMatcher.grammar_from_lark(lark))
    assert not matcher.is_error(), matcher.get_error()
    ids = tokenizer.tokenize_str(f"{plan or re.findall(r'[a-z_]+(?=[(])', call)[0]}\nfinal_result = {call}\n")
    return bool(matcher.try_consume_tokens(ids) == len(ids) and matcher.is_accepting())


@pytest.mark.parametrize(
    "call",
    [
        "moas()",
        'origins(prefix="10.20.0.0/16")',
        'origins(prefix="2001:db8::/32", match="more")',
        'count_updates(origin_asn=64500, from_time="00:01", until_time="00:02:30 UTC", by="prefix", top=5)',
        "count_updates(top=1000)",
        "update_series(bin_seconds=120)",
        "update_series(bin_seconds=60)",
        "path_lengths(ip_version=6, distinct=True)",
        'communities(kinds=["large"])',
        'communities(community="64500:120")',
        'communities(community="BLACKHOLE")',
        "upstreams(asn=64500)",
        'watch(prefix="10.20.0.0/16", seconds=120)',
        'hijack_check(prefix="10.20.0.0/16", siblings=[64500])',
        "moas(siblings=[[64500, 5]])",
        '[{"time": r["time"], "peer_asn": r["peer_asn"]} for r in sessions()]',
    ],
)
def test_values_that_fit(call: str) -> None:
    assert accepts(call)


@pytest.mark.parametrize(
    "call",
    [
        'origins(prefix="10.20.0.0")',
        'origins(prefix="10.20.0.0/15")',
        'origins(prefix="AS64500")',
        'origins(match="more", prefix="10.20.0.0/16")',
        'origins(prefix="10.20.0.0/16", prefix="10.20.0.0/16")',
        'origins(prefix="10.20.0.0/16", match="within")',
        "origins(origin_asn=64501)",
        "origins(origin_asn=20)",
        'origins(from_time="2001")',
        'communities(kinds=["huge"])',
        'communities(community="64500:12")',
        "moas(siblings=[64500])",
        "moas(siblings=[[64501]])",
        "hijack_check(asn=64500, siblings=[])",
        '[{"secret": r["time"]} for r in sessions()]',
        '[{"as_path": r["time"]} for r in sessions()]',
        'min(r["time": for r in sessions()]',
    ],
)
def test_values_that_do_not(call: str) -> None:
    assert not accepts(call)


def test_a_question_without_prefixes_can_name_none() -> None:
    assert not accepts('origins(prefix="AS64500")', "Which prefixes does AS64500 originate?")
    assert accepts("origins(origin_asn=64500)", "Which prefixes does AS64500 originate?")


def test_numbers_with_a_comma_between_are_joined_only_by_thousands() -> None:
    assert numbers_in("AS64500,64501 and 12,000 of AS64502's") == [64500, 64501, 12000, 64502]


def test_the_parts_of_a_prefix_are_no_numbers() -> None:
    prefix = r"\d+\.\d+\.\d+\.\d+/\d+"

    assert numbers_in("The top 5 of 10.20.0.0/16", prefix) == [5]
    assert numbers_in("The top 5 of 10.20.0.0/16") == [5, 10, 20, 0, 16]


def test_as_numbers_in_asdot_and_in_lists_are_integers_too() -> None:
    question = "Are AS1.10 and any of ASes 174,701 neighbours?"

    for asn in (65546, 174, 701):
        assert accepts(f"neighbours(asn={asn})", question)
    for asn in (10, 174701):
        assert not accepts(f"neighbours(asn={asn})", question)


@pytest.mark.parametrize(
    ("program", "sound"),
    [
        ('any(r["change"] == "down" for r in sessions())', True),
        ("sum(r for r in x if r not in moas())", True),
        ("moas(moas())", False),
        ("print(moas())", False),
        ("x(moas())", False),
        ("xmoas()", False),
        ("prefixes", False),
    ],
)
def test_no_name_but_those_of_the_grammar_can_be_spelled_or_called(program: str, sound: bool) -> None:
    plan = "sessions" if "sessions" in program else "moas"

    assert accepts(program, plan=plan) is sound
