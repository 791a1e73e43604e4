"""Which papers answer a title or a topic, and in which order."""

import pytest

ADA = {"id": "a1", "name": "Ada Mercer"}


@pytest.fixture
def titles_of(backend_of):
    """Searches papers given as (title, citations) or as records."""

    def search(query: str, *papers: tuple[str, int] | dict) -> list[str]:
        records = [
            {"id": f"p{number}"}
            | (paper if isinstance(paper, dict) else {"title": paper[0], "n_citation": paper[1]})
            for number, paper in enumerate(papers)
        ]
        return [hit.title for hit in backend_of([ADA], records).searchPublication(query)]

    return search


def test_the_exact_title_comes_before_better_cited_ones(titles_of):
    assert (
        titles_of(
            "Graph Theory",
            ("Graph Theory in Practice", 900),
            ("Graph theory", 1),
            ("Advanced Graph Theory", 500),
        )[0]
        == "Graph theory"
    )


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("BERT: Pre-training of Deep Models", "bert pre training of deep models"),
        ('"More Data" Is Not Enough?', "more data is not enough"),
        ("L\u2019\u00e9tude des m\u00e9tiers", "L'etude des metiers"),
        ("基于图神经网络的推荐", "基于图神经网络的推荐"),
        ("What\u00a0Is Logic?", "What is logic"),
    ],
)
def test_an_exact_title_in_another_spelling(titles_of, stored, asked):
    assert titles_of(asked, ("Something Else", 99), (stored, 0)) == [stored]


def test_papers_of_the_same_title_come_by_citations(backend_of):
    papers = [{"id": f"p{cited}", "title": "On Looms", "n_citation": cited} for cited in (3, 9, 6)]
    found = backend_of([ADA], papers).searchPublication("On Looms")
    assert [hit.pub_id for hit in found] == ["p9", "p6", "p3"]


def test_the_words_in_a_row_come_before_the_words_apart(titles_of):
    assert titles_of(
        "neural networks", ("Networks of Neural Tissue", 900), ("Neural Networks for Looms", 1)
    ) == ["Neural Networks for Looms", "Networks of Neural Tissue"]


def test_a_title_says_more_than_keywords_and_those_more_than_an_abstract(titles_of):
    assert titles_of(
        "logic",
        {"title": "First", "abstract": "This is about logic."},
        {"title": "Second", "keywords": ["Logic"]},
        {"title": "Logic and More"},
    ) == ["Logic and More", "Second", "First"]


def test_equally_relevant_papers_come_by_citations(titles_of):
    papers = (("Topology of Hats", 1), ("Topology of Bats", 3), ("Topology of Cats", 2))
    assert titles_of("topology", *papers) == ["Topology of Bats", "Topology of Cats", "Topology of Hats"]


def test_a_shorter_title_is_more_about_its_words(titles_of):
    assert titles_of(
        "topology",
        ("Topology and a Great Many Other Matters of Little Concern", 50),
        ("Topology Today", 1),
    ) == ["Topology Today", "Topology and a Great Many Other Matters of Little Concern"]


@pytest.mark.parametrize(
    ("stored", "asked"), [("Recommender Systems", "recommender system"), ("A Theory", "theories")]
)
def test_singular_and_plural_are_one_topic(titles_of, stored, asked):
    assert titles_of(asked, (stored, 1), ("Something Else", 9)) == [stored]


def test_a_title_with_a_wrong_word_is_found_by_the_others(titles_of):
    assert titles_of(
        "Rethinking sparse coding of robust grammars", ("Rethinking Sparse Coding for Robust Grammars", 1)
    ) == ["Rethinking Sparse Coding for Robust Grammars"]


def test_papers_with_less_than_most_of_the_words_are_no_answer(titles_of):
    assert titles_of("quantum basket weaving", ("Quantum Optics", 900), ("Weaving", 3)) == []


def test_words_of_a_paper_may_be_spread_over_its_texts(titles_of):
    assert titles_of(
        "looms in manchester", {"title": "A History of Looms", "abstract": "Set in Manchester."}
    ) == ["A History of Looms"]


def test_chinese_topics_match_by_their_words_not_by_single_characters(titles_of):
    assert titles_of("图谱", ("知识图谱综述", 1), ("地图与年谱", 900)) == ["知识图谱综述"]


def test_at_most_ten_papers(titles_of):
    assert len(titles_of("topology", *((f"Topology {number}", number) for number in range(30)))) == 10


@pytest.mark.parametrize(
    "query", ["", "  ", "?!", "none of the kind", '" OR title : "looms', "looms*", "NEAR("]
)
def test_a_search_without_answer_is_empty(titles_of, query):
    assert titles_of(query, ("Of Other Things", 1)) == []
