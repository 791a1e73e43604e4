"""The gate decides as rouge-score does, to the last bit."""

import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rouge_score import rouge_scorer

from herdwick.selfinstruct.similarity.rouge import MOST_TOKENS, Neighbour, RougeGate, Similarity
from herdwick.tools.errors import DataError

ORACLE = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=False)

# Few words, so that texts have many in common, in all orders.
words = st.sampled_from(
    ["count", "the", "The", "prefixes", "of", "AS64500", "192.0.2.0/24", "İ", "\u017f", "前缀", "--"]
)
texts = st.lists(words, max_size=14).map(" ".join) | st.text(max_size=30)


def expected(text: str, pool: list[str]) -> list[float]:
    return [ORACLE.score(text, member)["rougeL"].fmeasure for member in pool]


@settings(deadline=None)
@given(text=texts, pool=st.lists(texts, max_size=8))
def test_scores_are_the_floats_of_rouge_score(text: str, pool: list[str]) -> None:
    scores = expected(text, pool)
    similarity = RougeGate(0.5, pool).nearest(text, k=len(pool))

    order = sorted(range(len(pool)), key=lambda number: (-scores[number], number))
    assert similarity.nearest == tuple(Neighbour(pool[number], scores[number]) for number in order)


@settings(deadline=None)
@given(text=texts, pool=st.lists(texts, max_size=8), data=st.data())
def test_decisions_are_those_of_rouge_score_also_at_the_very_threshold(text, pool, data) -> None:
    scores = expected(text, pool)
    threshold = data.draw(st.sampled_from([0.5, 0.7, *scores]))

    assert RougeGate(threshold, pool).admits(text) == (max(scores, default=0) <= threshold)


@settings(deadline=None)
@given(text=texts, pool=st.lists(texts, min_size=1, max_size=8))
def test_what_is_too_like_is_the_nearest(text: str, pool: list[str]) -> None:
    gate = RougeGate(0.5, pool)
    (nearest,) = gate.nearest(text, k=1).nearest

    assert gate.too_like(text) == (nearest if nearest.score > 0.5 else None)


@settings(deadline=None)
@given(text=texts, pool=st.lists(texts, min_size=1, max_size=8), later=st.lists(texts, max_size=4))
@example(text="unknown word", pool=["a"], later=["unknown word"])
def test_members_added_later_count_as_if_there_from_the_start(text, pool, later) -> None:
    gate = RougeGate(0.5, pool)
    gate.nearest(text)
    for member in later:
        gate.add(member)

    assert gate.nearest(text, k=20) == RougeGate(0.5, [*pool, *later]).nearest(text, k=20)
    assert gate.admits(text) == RougeGate(0.5, [*pool, *later]).admits(text)


def test_the_average_is_over_the_whole_pool() -> None:
    gate = RougeGate(0.5, ["one two", "three four", "one four"])

    assert gate.nearest("one two", k=1) == Similarity(nearest=(Neighbour("one two", 1.0),), average=0.5)


def test_a_score_at_the_threshold_is_admitted_and_one_above_is_not() -> None:
    # Two of four words in common on either side: precision, recall and F-measure are one half.
    gate = RougeGate(0.5, ["count the prefixes seen"])

    assert gate.admits("count the peers down")
    assert not gate.admits("count the peers seen")


def test_the_same_words_in_another_order_are_no_common_subsequence() -> None:
    gate = RougeGate(0.5, ["one two three four"])

    assert gate.admits("four three two one")


def test_of_equally_similar_members_the_first_added_comes_first() -> None:
    gate = RougeGate(0.5, ["x b", "a x", "a b"])

    assert [neighbour.text for neighbour in gate.nearest("a b").nearest] == ["a b", "x b", "a x"]


def test_an_empty_pool_admits_everything() -> None:
    gate = RougeGate(0.5)

    assert len(gate) == 0
    assert gate.admits("anything")
    assert gate.nearest("anything") == Similarity(nearest=(), average=0.0)


def test_a_script_without_tokens_is_like_nothing_not_even_itself() -> None:
    gate = RougeGate(0.5, ["前缀有哪些"])

    assert gate.admits("前缀有哪些")
    assert gate.nearest("前缀有哪些").average == 0.0


@pytest.mark.slow
def test_more_different_tokens_than_there_are_characters_are_refused() -> None:
    gate = RougeGate(0.5)
    gate.add(" ".join(map(str, range(MOST_TOKENS))))

    gate.add("1 2 3")
    assert gate.nearest(f"{MOST_TOKENS - 1}", k=1).nearest[0].score > 0
    with pytest.raises(DataError) as failure:
        gate.add("onemore")
    assert (failure.value.kind, len(gate), MOST_TOKENS) == ("pool_too_large", 2, sys.maxunicode)
