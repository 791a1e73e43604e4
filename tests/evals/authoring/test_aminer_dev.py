"""The suite against its sources, and against the tools it will test."""

import json
from collections import Counter

import pytest
import yaml

from herdwick.evals.authoring.aminer_dev import (
    DUMP,
    INTENTS,
    SUITE,
    make_case,
    read_plans,
    read_templates,
    rows,
)
from herdwick.evals.authoring.aminer_oracle import MEANINGS
from herdwick.evals.authoring.aminer_world import World
from herdwick.evals.row_formats import read_rows
from herdwick.tools.aminer import AMinerToolkit
from herdwick.tools.aminer.local.dump_graph import dump_graph
from herdwick.tools.aminer.local.vocabulary import load_vocabulary
from herdwick.tools.domain import get_domain
from herdwick.tools.sandbox import ProgramFailure, ProgramSandbox

PROGRAMS = {intent["id"]: intent["program"] for intent in yaml.safe_load(INTENTS.read_text(encoding="utf-8"))}


@pytest.fixture(scope="module")
def cases():
    world = World.read(DUMP)
    return [make_case(template, world) for template in read_templates()]


@pytest.fixture(scope="module")
def tags():
    return Counter(tag for row in read_rows(SUITE) for tag in row.tags)


@pytest.fixture(scope="module")
def sandbox():
    with ProgramSandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def toolkit(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        with AMinerToolkit(graph=dump_graph(DUMP, "dev")) as toolkit:
            yield toolkit


def search(slots, suffix=""):
    """The call that finds whom a question describes."""
    slot_of = {"name": "name", "organization": "org", "interest": "field"}
    given = {argument: slots[slot + suffix] for argument, slot in slot_of.items() if slot + suffix in slots}
    return f"searchPerson({', '.join(f'{argument}={value!r}' for argument, value in given.items())})"


def gold_program(case):
    """The intent's program with the case's slots as literals."""
    slots = case.slots
    described = {slot: value for slot, value in slots.items() if slot in ("org", "field")}
    values = {slot: repr(value) for slot, value in slots.items()}
    values |= {"org": repr(slots.get("at_org")), "field": repr(slots.get("in_field", slots.get("field")))}
    if "org" in slots and "at_org" not in slots:
        values["org"] = repr(slots["org"])
    values |= {
        "person": f"{search(slots)}[0]",
        "person2": f"{search(slots, '2')}[0]",
        "people": search(described),
    }
    return PROGRAMS[case.template.intent].format(**values)


def run(case, sandbox, toolkit, plan):
    try:
        return sandbox.run(
            gold_program(case), toolkit.get_tools(), plan=tuple(plan), domain=get_domain("aminer")
        ).value
    except ProgramFailure as failure:
        return {"error": failure.kind}


def test_the_committed_suite_is_what_its_sources_make(cases):
    made = [json.loads(json.dumps(row)) for row in rows(cases, read_plans())]
    assert made == [json.loads(line) for line in SUITE.read_text(encoding="utf-8").splitlines()]


def test_every_expected_answer_is_what_the_gold_program_finds(cases, sandbox, toolkit):
    plans = read_plans()
    differing = {
        case.template.id: (case.answer, found)
        for case in cases
        if case.template.slice != "refusal"
        for found in [run(case, sandbox, toolkit, plans[case.template.intent])]
        if found != case.answer
    }
    assert differing == {}


def test_the_oracle_knows_every_intent():
    assert MEANINGS.keys() == PROGRAMS.keys()


def test_every_plan_of_the_suite_is_legal():
    library = get_domain("aminer").library
    assert [row.id for row in read_rows(SUITE) if row.plan is not None and row.plan not in library] == []


def test_every_intent_is_asked_at_least_twice_in_own_words():
    asked = Counter(row.tags[1] for row in read_rows(SUITE) if row.tags[0] == "own")
    assert {intent for intent in PROGRAMS if asked[f"intent:{intent}"] < 2} == set()


@pytest.mark.parametrize(
    ("tag", "least"),
    [
        ("benchmark", 88),
        ("own", 250),
        ("three-slot", 20),
        ("apostrophe", 20),
        ("comma", 20),
        ("non-latin", 20),
        ("zh", 20),
        ("refusal", 60),
        ("nobody", 8),
    ],
)
def test_slices_are_large_enough_to_measure(tags, tag, least):
    assert tags[tag] >= least


def test_no_question_is_asked_twice():
    questions = Counter(row.question.casefold() for row in read_rows(SUITE))
    assert [question for question, times in questions.items() if times > 1] == []


def test_nothing_of_the_graph_is_in_the_vocabulary_that_training_draws_from():
    world = World.read(DUMP)
    train = load_vocabulary("train")
    fields = {field for person in world.people.values() for field in person.interests}
    families = {person.name.split()[-1] for person in world.people.values()}
    organizations = {person.organization for person in world.people.values()}
    assert fields & {field for area in train.areas for field in area} == set()
    assert families & {family for culture in train.cultures for family in culture.family} == set()
    assert organizations & set(train.organizations) == set()
