from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from langchain_core.tools import tool

from herdwick.selfinstruct.descriptions import load_descriptions
from herdwick.selfinstruct.gold import GoldRunner
from herdwick.selfinstruct.intents import Intent, Seeds
from herdwick.selfinstruct.world import World
from herdwick.tools.domain import get_domain
from herdwick.tools.errors import DomainError, ProgramError
from herdwick.tools.sandbox import ProgramSandbox

AMINER = get_domain("aminer")


@pytest.fixture(scope="module")
def runner(world: World) -> Iterator[GoldRunner]:
    with world.toolkit() as toolkit, ProgramSandbox() as sandbox:
        yield GoldRunner.over(toolkit, sandbox, AMINER, world.known())


@pytest.fixture
def person(world: World) -> str:
    """The name of somebody in the graph."""
    return world.pools["en"][0].people[0].name


def intent(plan: str) -> Intent:
    return Intent(id="x", plan=plan, asks="", program="")


def kept(runner: GoldRunner, plan: str, program: str) -> bool:
    try:
        runner(intent(plan), program)
    except ProgramError:
        return False
    return True


def dropped_as(runner: GoldRunner, plan: str, program: str) -> str:
    with pytest.raises(ProgramError) as failure:
        runner(intent(plan), program)
    return failure.value.kind


def test_a_program_that_runs_is_kept(runner: GoldRunner, person: str) -> None:
    assert kept(runner, "searchPerson", f'final_result = searchPerson(name="{person}")[0]["name"]')


def test_nobody_in_a_place_is_an_answer(runner: GoldRunner) -> None:
    program = 'final_result = searchPerson(organization="Nowhere College")[0]["name"]'

    assert kept(runner, "searchPerson", program)


def test_a_made_up_person_is_not_found_and_kept(runner: GoldRunner) -> None:
    assert kept(runner, "searchPerson", 'final_result = searchPerson(name="王伟")[0]["name"]')


def test_a_person_of_the_graph_who_is_not_found_is_a_defect(runner: GoldRunner, person: str) -> None:
    program = f'final_result = searchPerson(name="{person}", organization="Nowhere College")[0]["name"]'

    assert dropped_as(runner, "searchPerson", program) == "not_found"


def test_a_paper_of_the_graph_is_found_by_its_title(runner: GoldRunner, world: World) -> None:
    for title in world.pools["en"][0].titles[:20]:
        assert kept(runner, "searchPublication", f'final_result = searchPublication("{title}")[0]["title"]')


@pytest.mark.parametrize(
    ("program", "kind"),
    [
        ("final_result = searchPerson(name=", "syntax"),
        ('final_result = searchPublication("x")', "plan"),
        ('final_result = [p["h_index"] for p in searchPerson(name="x")]', "type"),
        ('final_result = 1 / len(searchPerson(name="王伟"))', "runtime"),
    ],
)
def test_a_defective_program_is_dropped(runner: GoldRunner, program: str, kind: str) -> None:
    assert dropped_as(runner, "searchPerson", program) == kind


@pytest.mark.slow
def test_programs_of_all_intents_run(runner: GoldRunner, world: World, seeds: Seeds) -> None:
    """Drops may only be what papers without linked or enough authors cause."""
    from random import Random

    from herdwick.selfinstruct.phrase import Phraser

    phraser = Phraser(world.pools["en"], load_descriptions("aminer")["en"], Random(1))
    broken: dict[str, set[str]] = {}
    for each in seeds.intents.values():
        kinds = set()
        for phrasing in [text for text in seeds.phrasings[each.id] if text.language == "en"][:3]:
            try:
                runner(each, phraser.fill(each, phrasing).program)
            except ProgramError as error:
                kinds.add(error.kind)
            else:
                kinds.clear()
                break
        if kinds:
            broken[each.id] = kinds

    assert broken == {}


def test_a_tool_that_no_program_can_call_is_refused() -> None:
    @tool
    def shout(text: str) -> str:
        """Louder."""
        return text.upper()

    toolkit = SimpleNamespace(get_tools=lambda: [shout])
    with pytest.raises(DomainError):
        GoldRunner.over(toolkit, ProgramSandbox(), AMINER, frozenset())
