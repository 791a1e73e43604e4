"""BM25F, and which words a paper must have at least."""

import pytest

from herdwick.tools.aminer.local.relevance import TELLING_WORDS, Relevance


def relevance(query: list[str], **papers_with: int) -> Relevance:
    return Relevance(query, papers_with, papers=1_000, mean_words=(8, 4, 80))


def test_a_rare_word_weighs_more_than_a_common_one():
    scores = relevance(["rare", "common"], rare=2, common=600)
    assert scores.score((["rare"], [], [])) > scores.score((["common"], [], []))


def test_a_word_said_again_adds_less_than_the_first_time():
    scores = relevance(["loom"], loom=10)
    once, twice, thrice = (scores.score(([], [], ["loom"] * times)) for times in (1, 2, 3))
    assert twice - once > thrice - twice > 0


def test_a_paper_without_any_word_scores_nothing():
    assert relevance(["loom"], loom=10).score((["other"], [], ["words"])) == 0.0


@pytest.mark.parametrize(
    ("query", "papers_with", "groups"),
    [
        (["a"], {"a": 10}, [{"a"}]),
        (["a", "b"], {"a": 10, "b": 10}, [{"a", "b"}]),
        (["a", "b", "c"], {"a": 10, "b": 10, "c": 10}, [{"a", "b"}, {"a", "c"}, {"b", "c"}]),
        (["a", "b", "unknown"], {"a": 5, "b": 5}, [{"a", "b"}]),
        (["a", "of"], {"a": 5, "of": 990}, [{"a"}]),
        (["a", "unknown"], {"a": 10}, []),
        (["a", "b", "c", "unknown"], {"a": 5, "b": 5, "c": 5}, [{"a", "b", "c"}]),
        (["unknown"], {}, []),
    ],
)
def test_groups_hold_most_of_the_weight_and_only_words_that_occur(query, papers_with, groups):
    assert [set(group) for group in relevance(query, **papers_with).telling_groups()] == groups


def test_only_the_rarest_words_of_a_long_query_decide():
    words = [f"w{number}" for number in range(30)]
    papers_with = {word: 10 + number for number, word in enumerate(words)}
    groups = relevance(words, **papers_with).telling_groups()
    assert {word for group in groups for word in group} == set(words[:TELLING_WORDS])
