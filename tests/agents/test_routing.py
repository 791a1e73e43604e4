from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from herdwick.agents.answer import Answer
from herdwick.agents.refusals import Refusal
from herdwick.agents.routing import Matches, ask_in_turn, find_route, matches_of
from herdwick.tools.domain import Domain, domain_names, get_domain
from herdwick.tools.errors import HerdwickError

SHIPPED = [get_domain(name) for name in domain_names()]
QUESTIONS: Mapping[str, list[str]] = yaml.safe_load(
    Path(__file__).with_name("routing_questions.yaml").read_text(encoding="utf-8")
)


def domain(name: str, vocabulary: str = "") -> Domain:
    return Domain(name, "", (), dict, open=lambda _: None, vocabulary=vocabulary)


BIRDS = domain("birds", r"(?P<sure>\bheron\b|\begret\b)|\bbirds?\b|\bwater\b|\bnests?\b")
RIVERS = domain("rivers", r"(?P<sure>\bRhine\b)|\bwater\b|\bdeep\b|\bbanks?\b")


def names(question: str, *domains: Domain) -> list[str]:
    return [chosen.name for chosen in find_route(question, domains or (BIRDS, RIVERS)).domains]


@pytest.mark.parametrize(
    ("question", "chosen"),
    [
        ("Which birds build their NEST on the water?", ["birds"]),
        ("How deep is the water at its banks?", ["rivers"]),
        ("Is the water deep, is it full of birds, and are there nests?", ["birds"]),
        ("How much water is there?", ["birds", "rivers"]),
        ("How high is the moon?", ["birds", "rivers"]),
        ("", ["birds", "rivers"]),
    ],
)
def test_the_domain_with_most_of_its_words_in_the_question_has_it_or_all_that_are_equal(question, chosen):
    assert names(question) == chosen


def test_what_is_sure_outweighs_any_number_of_other_words():
    assert names("Are birds and nests on the water of the Rhine?") == ["rivers"]
    assert names("Is a heron on the water, deep between the banks?") == ["birds"]


def test_a_word_that_comes_twice_counts_once_however_it_is_written():
    assert names("Deep, deeper, deep: birds and nests?") == ["birds"]
    assert matches_of("Birds, birds, a heron, a Heron?", BIRDS.vocabulary) == Matches(("heron",), ("birds",))


def test_a_route_tells_the_words_that_decided():
    domains = (BIRDS, RIVERS)
    assert find_route("Has the heron a nest?", domains).words == ("heron",)
    assert find_route("Has the bird a nest?", domains).words == ("bird", "nest")
    assert find_route("Is it raining?", domains).words == ()


def test_a_domain_without_a_vocabulary_has_no_words():
    assert names("Which birds?", domain("mute"), BIRDS) == ["birds"]
    assert names("What?", domain("mute"), BIRDS) == ["mute", "birds"]


def test_of_one_domain_there_is_no_choice():
    assert names("How deep?", BIRDS) == ["birds"]


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_vocabularies_of_the_shipped_domains_decide_thirty_questions_each(name):
    assert len(QUESTIONS[name]) == 30
    went = {
        question: [one.name for one in find_route(question, SHIPPED).domains] for question in QUESTIONS[name]
    }
    wrong = {question: to for question, to in went.items() if name not in to}
    undecided = {question: to for question, to in went.items() if len(to) > 1}
    assert wrong == {}
    assert len(undecided) <= 1, undecided


def answer(name: str, error: HerdwickError | None = None) -> Answer:
    if error:
        return Answer.of_error(error, question="", domain=name, strategy="", model="")
    return Answer(question="", domain=name, strategy="", model="", answer=1, text="1", status="ok")


REFUSED = Refusal("off_topic")
BROKEN = HerdwickError("type", "Wrong type.")


@pytest.mark.parametrize(
    ("outcomes", "asked", "taken"),
    [
        ({"birds": None, "rivers": None}, ["birds"], "birds"),
        ({"birds": REFUSED, "rivers": None}, ["birds", "rivers"], "rivers"),
        ({"birds": BROKEN, "rivers": None}, ["birds"], "birds"),
        ({"birds": REFUSED, "rivers": BROKEN}, ["birds", "rivers"], "rivers"),
        ({"birds": REFUSED, "rivers": REFUSED}, ["birds", "rivers"], "birds"),
    ],
)
def test_the_first_that_does_not_refuse_has_the_question(outcomes, asked, taken):
    went_to = []

    def ask(chosen: Domain) -> Answer:
        went_to.append(chosen.name)
        return answer(chosen.name, outcomes[chosen.name])

    assert ask_in_turn((BIRDS, RIVERS), ask).domain == taken
    assert went_to == asked
