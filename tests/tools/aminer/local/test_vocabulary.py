"""The word lists invented people and papers are made of."""

import pytest

from herdwick.tools.aminer.local.vocabulary import Vocabulary, load_vocabulary, split_of


def entries(vocabulary: Vocabulary) -> set[str]:
    names = {
        name for culture in vocabulary.cultures for name in (*culture.male, *culture.female, *culture.family)
    }
    fields = {field for area in vocabulary.areas for field in area}
    return (
        names | fields | set(vocabulary.organizations) | {w for ws in vocabulary.words.values() for w in ws}
    )


def test_the_splits_share_nothing_and_together_are_the_whole():
    train, dev = entries(load_vocabulary("train")), entries(load_vocabulary("dev"))
    assert train & dev == set()
    assert train | dev == entries(load_vocabulary())


def test_spellings_of_one_name_fall_on_the_same_side():
    assert split_of("José") == split_of("JOSE")


@pytest.mark.parametrize(("split", "fields", "organizations"), [("train", 180, 200), ("dev", 50, 60)])
def test_each_split_is_rich(split, fields, organizations):
    vocabulary = load_vocabulary(split)
    assert len({field for area in vocabulary.areas for field in area}) >= fields
    assert len(vocabulary.organizations) >= organizations


def test_no_list_has_an_entry_twice():
    vocabulary = load_vocabulary()
    assert len(vocabulary.organizations) == len(set(vocabulary.organizations))
    for culture in vocabulary.cultures:
        assert len(culture.family) == len(set(culture.family))


def test_every_culture_can_be_drawn_from_the_whole_vocabulary():
    assert all(culture.weight > 0 for culture in load_vocabulary().cultures)
