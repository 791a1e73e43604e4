"""What counts as the same name, organization, title or interest."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from herdwick.tools.aminer.folding import fold, name_keys, name_parts, stems, tag_key, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller", "MULLER"),
        ("Søren", "soren"),
        ("Łukasz", "Lukasz"),
        ("Straße", "STRASSE"),
        ("İbrahim", "ibrahim"),
        ("Phạm", "Pham"),
        ("Jose\u0301", "José"),
        ("Jie\u00a0Tang", "Jie Tang"),
        ("Jie\u3000 Tang\t", "Jie Tang"),
        ("Jie\u200bTang", "JieTang"),
        ("O\u2019Brien", "O'Brien"),
        ("Saint\u2011Clair", "Saint-Clair"),
        ("\uff2b\uff21\uff29\uff33\uff34", "KAIST"),
        ("Фёдор", "ФЕДОР"),
        ("مُحَمَّد", "محمد"),
    ],
)
def test_two_spellings_fold_alike(one, other):
    assert fold(one) == fold(other)


def test_letters_that_only_look_decorated_stay_apart():
    assert fold("か") != fold("が")


@given(st.text())
@example("\u0345\u0399")
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_case_and_surrounding_space_never_matter(text):
    assert fold(f"  {text.upper().lower()} ") == fold(text.upper())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("University of California, Berkeley", ["university", "of", "california", "berkeley"]),
        ("King\u2019s College (London)", ["kings", "college", "london"]),
        ("AT&T Labs", ["at", "t", "labs"]),
        ("U.S. Army", ["us", "army"]),
        ("清华大学计算机系", list("清华大学计算机系")),
        ("MIT媒体实验室", ["mit", *"媒体实验室"]),
        ("서울대", ["서", "울", "대"]),
        ("हिन्दी विद्यालय", fold("हिन्दी विद्यालय").split()),
        ("C++ / Rust_2024", ["c", "rust", "2024"]),
        ("?!", []),
    ],
)
def test_words(text, expected):
    assert words(text) == expected


@given(st.text())
def test_words_of_words_are_the_same_words(text):
    assert words(" ".join(words(text))) == words(text)


@given(st.text())
def test_words_hold_neither_spaces_nor_ascii_punctuation(text):
    assert all(char.isalnum() or not char.isascii() for word in words(text) for char in word)
    assert not any(char.isspace() for word in words(text) for char in word)


@pytest.mark.parametrize(
    "spelling",
    [
        "Jean-Pierre O'Neil",
        "jean pierre oneil",
        "JEAN\u2010PIERRE O\u2019NEIL",
        "O'Neil, Jean-Pierre",
        "Jeanpierre O Neil",
    ],
)
def test_spellings_of_one_whole_name_share_a_key(spelling):
    assert "jeanpierreoneil" in name_keys(spelling)


def test_initials_with_and_without_spaces_share_a_key():
    assert name_keys("J.R.R. Smith") == name_keys("J. R. R. Smith") == name_keys("J R R Smith")


def test_names_with_other_letters_share_no_key():
    assert not set(name_keys("Jie Tang")) & set(name_keys("Jie Wang"))


def test_a_name_without_letters_has_no_key():
    assert name_keys("--- , ...") == ()


def test_name_parts_split_tokens_where_they_are_written_together():
    assert name_parts("Jean-Pierre  Ní\u00a0Dhomhnaill") == [["jean", "pierre"], ["ni"], ["dhomhnaill"]]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Data Mining", "data  mining"), ("E-Learning", "e learning"), ("Économie", "economie"), ("NLP", "nlp")],
)
def test_spellings_of_one_interest_share_a_key(one, other):
    assert tag_key(one) == tag_key(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Recommender Systems", ["recommender", "system"]),
        ("Theories and Studies", ["theory", "and", "study"]),
        ("Databases", ["database"]),
        ("Corpus of Process Analysis", ["corpus", "of", "process", "analysi"]),
        ("GPS is his", ["gps", "is", "his"]),
        ("清华 graphs", ["清", "华", "graph"]),
    ],
)
def test_stems_are_singular(text, expected):
    assert stems(text) == expected


def test_punctuation_tells_interests_apart():
    assert len({tag_key("C"), tag_key("C++"), tag_key("C#")}) == 3
