"""The suite against the suites it is made from: what may change in a question, and what must not."""

import json
import random
import re
from collections import Counter, defaultdict

import pytest

from herdwick.evals.authoring.aminer_dev import DUMP, make_case, read_templates
from herdwick.evals.authoring.aminer_oracle import MEANINGS
from herdwick.evals.authoring.aminer_reading import Reading
from herdwick.evals.authoring.aminer_world import World
from herdwick.evals.authoring.robustness import (
    COPIED,
    SUITE,
    SUITES,
    TYPOS,
    in_lower_case,
    read_bases,
    rows,
    with_typos,
)
from herdwick.evals.row_formats import read_rows
from herdwick.evals.rows import Refused, Value

WAYS = ("clean", "typo", "case", "paraphrase", "injection", "noise")
ROWS = read_rows(SUITE)
BASES = {base.name: base for base in read_bases()}
SOURCES = {
    name: {row.id: row for row in read_rows(SUITES / f"{name}.jsonl")} for name in ("aminer_dev", "bgp_dev")
}
VARIANTS = defaultdict(dict)
for row in ROWS:
    if row.template:
        VARIANTS[row.template][row.tags[0]] = row
REFUSED = [row for row in ROWS if row.tags[0] == "unanswerable"]


@pytest.fixture(scope="module")
def cases():
    """The base questions about people and papers with the slots that they were made from."""
    world = World.read(DUMP)
    wanted = {base.row["id"] for base in BASES.values() if base.suite == "aminer_dev"}
    made = [make_case(template, world) for template in read_templates() if template.id in wanted]
    return world, {f"aminer_dev.{case.template.id}": case for case in made}


def test_the_committed_suite_is_what_its_sources_make():
    made = [json.loads(json.dumps(row)) for row in rows()]
    assert made == [json.loads(line) for line in SUITE.read_text(encoding="utf-8").splitlines()]


def test_it_has_eighteen_bases_of_each_domain_and_twenty_four_refusals():
    assert Counter(base.suite for base in BASES.values()) == {"aminer_dev": 18, "bgp_dev": 18}
    assert Counter(row.domain for row in REFUSED) == {"aminer": 12, "bgp": 12}
    assert Counter(row.domain for row in REFUSED if "near-miss" in row.tags) == {"aminer": 4, "bgp": 4}
    assert len(ROWS) == len(BASES) * len(WAYS) + len(REFUSED) == 240


def test_bases_differ_in_what_they_ask():
    tags = {name: SOURCES[base.suite][base.row["id"]].tags for name, base in BASES.items()}
    intents = [tag for found in tags.values() for tag in found if tag.startswith("intent:")]
    families = {tag for found in tags.values() for tag in found if tag.startswith("family:")}
    assert len(intents) == 18
    assert max(Counter(intents).values()) <= 2
    assert len(families) == 15


@pytest.mark.parametrize("name", BASES)
def test_every_way_of_asking_expects_what_the_source_suite_does(name):
    source = SOURCES[BASES[name].suite][BASES[name].row["id"]]
    assert isinstance(source.expected, Value)
    assert tuple(VARIANTS[name]) == WAYS
    assert VARIANTS[name]["clean"].question == source.question
    for row in VARIANTS[name].values():
        assert [getattr(row, field) for field in COPIED] == [getattr(source, field) for field in COPIED]


@pytest.mark.parametrize("name", BASES)
def test_every_way_of_asking_is_about_the_data_of_the_source_suite(name):
    about = {"aminer_dev": ("aminer", {"graph": "aminer_dev"}), "bgp_dev": ("bgp", {})}
    for row in VARIANTS[name].values():
        assert (row.domain, row.inputs, row.files) == (*about[BASES[name].suite], ())


@pytest.mark.parametrize("name", BASES)
def test_the_ways_of_asking_differ(name):
    assert len({row.question for row in VARIANTS[name].values()}) == len(WAYS)


@pytest.mark.parametrize("name", BASES)
def test_entities_stay_as_they_are(name):
    for entity in BASES[name].entities:
        for way in ("clean", "typo", "paraphrase", "injection", "noise"):
            assert entity in VARIANTS[name][way].question
        assert entity.lower() in VARIANTS[name]["case"].question


def test_entities_of_people_and_papers_are_all_named(cases):
    for name, case in cases[1].items():
        spoken = {str(value) for value in case.slots.values() if str(value) in case.question}
        assert spoken <= {*BASES[name].entities}


@pytest.mark.parametrize("name", [name for name in BASES if name.startswith("bgp_dev")])
def test_entities_of_routing_are_all_named(name):
    rest = BASES[name].question
    for entity in BASES[name].entities:
        rest = rest.replace(entity, "")
    assert not re.search(r"\d", rest)


@pytest.mark.parametrize("name", BASES)
def test_slips_are_few_and_in_ordinary_words(name):
    before, after = BASES[name].question.split(), VARIANTS[name]["typo"].question.split()
    changed = [(one, other) for one, other in zip(before, after, strict=True) if one != other]
    assert 1 <= len(changed) <= TYPOS
    for one, other in changed:
        assert re.fullmatch(r"[A-Za-z][a-z]{3,}[?,.:]?", one)
        assert (one[0], one[-1], abs(len(one) - len(other)) <= 1) == (other[0], other[-1], True)


def test_slips_are_the_same_every_time_and_others_with_another_seed():
    question = "Which researchers published papers about Graph Theory?"

    def typed(seed):
        return with_typos(question, ["Graph Theory"], random.Random(seed))

    assert typed(1) == typed(1)
    assert len({typed(seed) for seed in range(20)}) > 10
    assert all("Graph Theory" in typed(seed) for seed in range(200))


def test_a_question_of_entities_alone_has_no_slips():
    assert with_typos("AS65550 at 00:02:55?", ["AS65550"], random.Random(1)) == "AS65550 at 00:02:55?"


def test_moments_keep_their_notation_in_lower_case():
    assert in_lower_case("Since 2026-01-01T00:01:00Z, Which AS?") == "since 2026-01-01T00:01:00Z, which as?"


def test_lower_case_changes_no_answer_about_people_and_papers(cases):
    world, found = cases
    for name, case in found.items():
        slots = {
            slot: value.lower() if isinstance(value, str) else value for slot, value in case.slots.items()
        }
        assert MEANINGS[case.template.intent](Reading(world, slots)) == VARIANTS[name]["case"].answer


def test_paraphrases_stand_in_no_source_suite():
    asked = {row.question.casefold() for source in SOURCES.values() for row in source.values()}
    assert not [base.name for base in BASES.values() if base.paraphrase.casefold() in asked]


@pytest.mark.parametrize("name", BASES)
def test_noise_and_injections_stand_beside_the_whole_question(name):
    for way in ("noise", "injection"):
        assert BASES[name].question in VARIANTS[name][way].question


def test_injections_are_of_all_kinds_before_and_after_the_question():
    found = [found["injection"] for found in VARIANTS.values()]
    kinds = Counter(tag for row in found for tag in row.tags if tag.startswith("injection:"))
    first = sum(row.question.startswith(BASES[row.template].question) for row in found)
    assert kinds.keys() - {"injection:aminer", "injection:bgp"} == {
        f"injection:{kind}"
        for kind in ("print", "system", "reveal", "file", "keys", "refuse", "result", "persona")
    }
    assert 12 <= first <= len(found) - 12


def test_what_has_no_answer_must_be_refused_and_is_new():
    asked = {row.question.casefold() for source in SOURCES.values() for row in source.values()}
    assert {row.expected for row in REFUSED} == {Refused()}
    assert not [row.id for row in REFUSED if row.question.casefold() in asked]
