from pathlib import Path

import pytest

from herdwick.selfinstruct.emphasis import emphasize
from herdwick.selfinstruct.examples import read_examples
from herdwick.selfinstruct.intents import SEEDS, Seeds, load_seeds
from herdwick.selfinstruct.synthesize import synthesize
from herdwick.selfinstruct.world import World
from herdwick.tools.domain import get_domain
from herdwick.tools.errors import DataError


def emphasis(folder: Path, text: str) -> Path:
    file = folder / "emphasis.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_an_emphasized_intent_is_asked_more_often_and_in_the_new_words(
    seeds: Seeds, world: World, tmp_path: Path
) -> None:
    file = emphasis(tmp_path, 'person.citations: {times: 8, en: ["Tally the citations of {person}!"]}')

    def kept(seeds: Seeds, name: str) -> int:
        report = synthesize(
            get_domain("aminer"), seeds, world.askers, count=600, seed=1, out=tmp_path / f"{name}.jsonl"
        )
        return report.kept["person.citations"]

    assert kept(emphasize(seeds, file), "more") > 4 * kept(seeds, "plain")
    assert any("ally the citations of" in e.question for e in read_examples(tmp_path / "more.jsonl"))


def test_a_pattern_emphasizes_every_intent_it_matches(seeds: Seeds, tmp_path: Path) -> None:
    file = emphasis(tmp_path, "person.*: {times: 2}\nperson.citations: {times: 3}")

    times = emphasize(seeds, file).times

    assert times.keys() == {name for name in seeds.intents if name.startswith("person.")}
    assert {name for name, factor in times.items() if factor != 2} == {"person.citations"}


def test_the_seeds_stay_as_they_are(seeds: Seeds, tmp_path: Path) -> None:
    before = (dict(seeds.phrasings), dict(seeds.refusals))

    emphasize(seeds, emphasis(tmp_path, 'not_in_data: {times: 2, en: ["Shoe size of {person}?"]}'))

    assert (seeds.phrasings, seeds.refusals, seeds.times) == (*before, {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("person.shoes: {times: 2}", "'person.shoes' is neither an intent nor a refusal."),
        ("person.citations: {times: 0}", "greater than 0"),
        ("person.citations: {fr: [Combien]}", "Extra inputs are not permitted"),
        ("person.citations: {en: ['Citations of {org}?']}", "person.citations needs ['person']"),
        (
            "person.citations: {new: {plan: searchPerson, asks: x, program: final_result = 1}}",
            "'person.citations' is no new intent.",
        ),
        ("[1, 2", "cannot be read"),
        ("shoes.*: {times: 2}", "'shoes.*' matches no intent"),
        ("person.*: {times: 2, en: ['Shoe size of {person}?']}", "has more than `times`"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(seeds: Seeds, tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=r"emphasis\.yaml") as failure:
        emphasize(seeds, emphasis(tmp_path, text))

    assert failure.value.kind == "bad_seed"
    assert message in failure.value.message


@pytest.mark.parametrize("file", sorted(SEEDS.glob("*.yaml")), ids=lambda file: file.name)
def test_no_phrasing_that_we_train_with_means_two_things(file: Path) -> None:
    domain, _, _ = file.name.partition("_")
    emphasized = emphasize(load_seeds(domain), file)

    meanings: dict[tuple[object, ...], set[str]] = {}
    for name, texts in (*emphasized.phrasings.items(), *emphasized.refusals.items()):
        for phrasing in texts:
            words = (" ".join(phrasing.text.casefold().split()), *sorted(phrasing.pinned.items()))
            meanings.setdefault(words, set()).add(name)

    assert emphasized.times
    assert all(intent.hops in get_domain(domain).library for intent in emphasized.intents.values())
    assert [meaning for meaning in meanings.items() if len(meaning[1]) > 1] == []


def test_a_new_intent_is_asked_and_the_seeds_do_not_get_it(seeds: Seeds, tmp_path: Path) -> None:
    text = """
person.shouted:
  new: {plan: searchPerson, asks: "a person's name, loudly", program: 'final_result = {person}["name"]'}
  en: ["Shout the name of {person}."]
"""
    emphasized = emphasize(seeds, emphasis(tmp_path, text))

    assert emphasized.intents["person.shouted"].hops == ("searchPerson",)
    assert [phrasing.text for phrasing in emphasized.phrasings["person.shouted"]] == [
        "Shout the name of {person}."
    ]
    assert "person.shouted" not in seeds.intents
