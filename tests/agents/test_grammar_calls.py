"""What the grammar lets a program pass to functions of another domain than the first, read by llguidance."""

import pytest

from herdwick.agents.grammar import numbers_in, solution_grammar
from herdwick.tools.domain import get_domain

BGP = get_domain("bgp")
QUESTION = (
    "Between 00:01 and 00:02:30 UTC, which 5 prefixes within 10.20.0.0/16 or 2001:db8::/32 of AS64500 "
    "carried 64500:120, in bins of two minutes?"
)


def accepts(call: str, question: str = QUESTION) -> bool:
    import llguidance

    tokenizer = llguidance.LLTokenizer("byte")
    lark = llguidance.gbnf_to_lark.any_to_lark(solution_grammar(question, BGP))
    matcher = llguidance.LLMatcher(tokenizer, llguidance.LLMatcher.grammar_from_lark(lark))
    assert not matcher.is_error(), matcher.get_error()
    ids = tokenizer.tokenize_str(f"{call.partition('(')[0]}\nfinal_result = {call}\n")
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
