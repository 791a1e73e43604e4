import pytest

from herdwick.evals.authoring.wording import is_casual, slot_names, typed_hastily, word


def test_slots_are_named_in_order():
    assert slot_names("Is {name} at {at_org}?") == ["name", "at_org"]


@pytest.mark.parametrize(
    ("field", "question"),
    [
        ("AI Safety", "Is it an AI Safety topic?"),
        ("Data Mining", "Is it a Data Mining topic?"),
        ("NLP", "Is it an NLP topic?"),
        ("Urban Planning", "Is it an Urban Planning topic?"),
        ("Ubiquitous Computing", "Is it a Ubiquitous Computing topic?"),
        ("European History", "Is it a European History topic?"),
    ],
)
def test_the_article_fits_what_follows(field, question):
    assert word("Is it a {field} topic?", {"field": field}) == question


def test_a_title_that_ends_in_a_question_mark_does_not_double_it():
    assert word("Who wrote {title}?", {"title": "Why?"}) == "Who wrote Why?"
    assert word('Who wrote "{title}"?', {"title": "Why?"}) == 'Who wrote "Why?"'


def test_a_template_without_capitals_is_casual():
    assert is_casual("papers by {name}")
    assert not is_casual("Papers by {name}")
    assert not is_casual("列出 {name} 的论文")


def test_hasty_typing_drops_capitals_and_perhaps_accents():
    assert typed_hastily("Belén O'Neill", accents=True) == "belén o'neill"
    assert typed_hastily("Belén O'Neill", accents=False) == "belen o'neill"
    assert typed_hastily(2015, accents=False) == 2015
