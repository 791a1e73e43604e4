from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from herdwick.selfinstruct.similarity.features import instruction_features, program_features
from herdwick.selfinstruct.similarity.near_duplicates import Duplicate, NearDuplicates


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def test_a_text_that_reaches_the_threshold_is_found_and_one_below_is_not() -> None:
    index = NearDuplicates(words, threshold=0.8)
    index.add("a b c d e f g h i")

    # 8 of 10 words in either are in both; then 7 of 10.
    assert index.nearest("a b c d e f g h j") == Duplicate("a b c d e f g h i", 0.8)
    assert index.nearest("a b c d e f g j") is None


def test_the_most_similar_is_found_and_of_equals_the_first_added() -> None:
    index = NearDuplicates(words, threshold=0.5)
    for text in ("a b c x", "a b c d e", "e d c b a"):
        index.add(text)

    assert index.nearest("a b c d e") == Duplicate("a b c d e", 1.0)


def test_a_text_without_features_is_no_duplicate() -> None:
    index = NearDuplicates(words)
    index.add("")
    index.add("a")

    assert index.nearest("") is None
    assert index.nearest("a") == Duplicate("a", 1.0)
    assert len(index) == 2


@settings(deadline=None)
@given(
    texts=st.lists(st.text(alphabet="abcdef ", max_size=20), max_size=8),
    asked=st.text("abcdef ", max_size=20),
)
def test_nothing_is_found_wrongly(texts: list[str], asked: str) -> None:
    index = NearDuplicates(words, threshold=0.5)
    for text in texts:
        index.add(text)

    found = index.nearest(asked)

    if found:
        both, either = words(asked) & words(found.text), words(asked) | words(found.text)
        assert found.jaccard == len(both) / len(either) >= 0.5
        assert found.text in texts


@pytest.mark.parametrize("threshold", [0.1, 0.5, 0.8, 1.0])
def test_of_many_pairs_at_the_threshold_none_is_missed(threshold: float) -> None:
    rng = Random(4)
    index = NearDuplicates(words, threshold)
    pairs = []
    for number in range(300):
        own = [f"{number}-{word}" for word in range(20)]
        rng.shuffle(own)
        # `both` of the 20 words of the first, in a second of no others: at the threshold, or just above it.
        both = next(count for count in range(1, 21) if count / 20 >= threshold)
        pairs.append((" ".join(own), " ".join(own[:both])))
        index.add(pairs[-1][0])

    found = [index.nearest(second) for _, second in pairs]

    assert [duplicate and duplicate.text for duplicate in found] == [first for first, _ in pairs]


@pytest.mark.parametrize("threshold", [0, 0.05, -1, 1.1, float("nan")])
def test_a_threshold_no_index_can_serve_is_refused(threshold: float) -> None:
    with pytest.raises(ValueError, match=r"not from 0\.07 to 1"):
        NearDuplicates(words, threshold)


def test_a_program_with_renamed_variables_is_a_duplicate() -> None:
    program = "for row in searchPerson(name='Ada'):\n    print(row['id'], row['name'])\n"
    index = NearDuplicates(program_features)
    index.add(program)

    assert index.nearest(program.replace("row", "person")) == Duplicate(program, 1.0)
    assert index.nearest("for row in searchPublication(title='Ada'):\n    print(row['year'])\n") is None


def test_an_instruction_in_another_order_is_a_duplicate() -> None:
    index = NearDuplicates(instruction_features)
    index.add("Using the RIS archive, count the announcements of every peer.")

    found = index.nearest("Count the announcements of every peer using the RIS archive!")

    assert found == Duplicate("Using the RIS archive, count the announcements of every peer.", 1.0)


def test_half_a_character_does_not_stop_it() -> None:
    index = NearDuplicates(words)
    index.add("\ud800 a")

    assert index.nearest("a \ud800") == Duplicate("\ud800 a", 1.0)
