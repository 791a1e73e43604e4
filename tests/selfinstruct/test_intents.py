import re
from collections import Counter

import pytest

from herdwick.agents.grammar import solution_grammar
from herdwick.agents.refusals import REASONS
from herdwick.selfinstruct import intents
from herdwick.selfinstruct.intents import Seeds, load_seeds
from herdwick.tools.domain import get_domain
from herdwick.tools.errors import DataError
from herdwick.tools.sandbox import check_program

AMINER = get_domain("aminer")
FILLING = {
    "person": 'searchPerson(name="Ada Quill")[0]',
    "person2": 'searchPerson(name="Bo Reed")[0]',
    "people": 'searchPerson(organization="Quill University")',
    "name": '"Ada Quill"',
    "name2": '"Bo Reed"',
    "org": '"Quill University"',
    "field": '"Data Mining"',
    "title": '"A Study of Graphs"',
    "title2": '"A Study of Trees"',
    "topic": '"graphs"',
    "venue": '"SOSP"',
    "number": "100",
    "year": "2015",
    "year2": "2019",
    "k": "3",
    "pos": "0",
}
INTENTS = load_seeds("aminer").intents


@pytest.mark.parametrize("intent", INTENTS.values(), ids=INTENTS)
def test_the_program_follows_the_plan(intent) -> None:
    program = intent.program.format_map(FILLING)

    assert check_program(program, AMINER, intent.hops).plan == intent.hops


def test_every_intent_has_25_different_english_phrasings_or_more(seeds: Seeds) -> None:
    counts = {
        name: len({phrasing.text for phrasing in seeds.phrasings.get(name, ()) if phrasing.language == "en"})
        for name in seeds.intents
    }

    assert {name: count for name, count in counts.items() if count < 25} == {}


def test_every_intent_has_chinese_phrasings(seeds: Seeds) -> None:
    spoken = {name for name, texts in seeds.phrasings.items() if any(text.language == "zh" for text in texts)}

    assert spoken == set(seeds.intents)


def test_no_phrasing_means_two_things(seeds: Seeds) -> None:
    counts = Counter(
        (" ".join(phrasing.text.casefold().split()), *sorted(phrasing.pinned.items()))
        for texts in seeds.phrasings.values()
        for phrasing in texts
    )

    assert [text for text, count in counts.items() if count > 1] == []


def test_refusals_have_the_reasons_that_a_model_may_write(seeds: Seeds) -> None:
    assert set(seeds.refusals) == set(REASONS)


def test_every_reason_can_be_written_under_the_grammar(seeds: Seeds) -> None:
    grammar = solution_grammar("Who is Ada Quill?", AMINER)

    assert [reason for reason in seeds.refusals if f'"{reason}"' not in grammar] == []


def test_slots_are_closed_and_spelled_like_slots(seeds: Seeds) -> None:
    texts = [
        text.text for group in (seeds.phrasings, seeds.refusals) for texts in group.values() for text in texts
    ]

    assert [text for text in texts if re.search(r"[{}]", re.sub(r"\{[a-z0-9_]+(?:'s)?\}", "", text))] == []


def domain_folder(tmp_path, monkeypatch: pytest.MonkeyPatch, phrasing: str) -> None:
    folder = tmp_path / "toy"
    (folder / "phrasings").mkdir(parents=True)
    (folder / "intents.yaml").write_text(
        "- {id: who, plan: searchPerson, asks: x, program: 'final_result = searchPerson(name={name})'}"
    )
    (folder / "phrasings" / "all.yaml").write_text(phrasing)
    monkeypatch.setattr(intents, "SEEDS", tmp_path)


def test_singles_are_intents_named_after_their_file_and_place(tmp_path, monkeypatch) -> None:
    domain_folder(tmp_path, monkeypatch, "who: {en: ['Who is {name}?']}")
    (tmp_path / "toy" / "refusals.yaml").write_text("{}")
    (tmp_path / "toy" / "singles").mkdir()
    (tmp_path / "toy" / "singles" / "rare.yaml").write_text(
        "- {plan: searchPerson, program: 'final_result = len(searchPerson(name={name}))', "
        "ask: ['How many {name} are there?', 'count {name}']}"
    )

    seeds = load_seeds("toy")

    assert seeds.singles == {"rare.single1"}
    assert seeds.intents["rare.single1"].asks == "How many {name} are there?"
    assert [phrasing.text for phrasing in seeds.phrasings["rare.single1"]] == [
        "How many {name} are there?",
        "count {name}",
    ]


@pytest.mark.parametrize(
    ("phrasing", "message"),
    [
        ("nobody: {en: ['Who?']}", "all.yaml: there is no intent 'nobody'."),
        ("who: {en: ['Who is it?']}", "all.yaml: who needs ['name'], but 'Who is it?' has []."),
        (
            "who: {en: ['{name} at {org}']}",
            "all.yaml: who needs ['name'], but '{name} at {org}' has ['name', 'org'].",
        ),
    ],
)
def test_a_phrasing_that_does_not_fit_is_named(tmp_path, monkeypatch, phrasing: str, message: str) -> None:
    domain_folder(tmp_path, monkeypatch, phrasing)

    with pytest.raises(DataError) as failure:
        load_seeds("toy")

    assert (failure.value.kind, failure.value.message) == ("bad_seed", message)


def test_a_domain_without_seeds_is_refused(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intents, "SEEDS", tmp_path)

    with pytest.raises(DataError) as failure:
        load_seeds("toy")

    assert failure.value.kind == "bad_seed"
