"""Seed tasks whose answers are prose or AMiner programs: what they cite exists, what they compute is found.

The control of a program is a graph that holds one person whom nobody asks about.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import pytest
from pydantic import JsonValue
from rouge_score.rouge_scorer import RougeScorer

import herdwick.selfinstruct
from herdwick.agents.drafts import read_short
from herdwick.selfinstruct.intents import load_seeds
from herdwick.selfinstruct.teacher.config import load_config
from herdwick.selfinstruct.teacher.seeds import SeedTask, read_seeds
from herdwick.selfinstruct.world import synthetic_world
from herdwick.tools.aminer.local.build import build_graph
from herdwick.tools.aminer.toolkit import AMinerToolkit
from herdwick.tools.domain import get_domain
from herdwick.tools.sandbox import ProgramFailure, ProgramSandbox
from herdwick.tools.tool import FunctionTool, functions_of

SEEDS = Path(herdwick.selfinstruct.__file__).parent / "seeds/teacher"
AMINER = get_domain("aminer")
NOTHING: tuple[JsonValue, ...] = ("", None, [], {}, 0, False)
STRANGER = {"id": "0", "name": "Nobody Nowhere", "org": "None Such", "n_pubs": 0, "n_citation": 0, "tags": []}

RFC_TITLES = {
    "1930": "Guidelines for creation, selection, and registration of an Autonomous System (AS)",
    "1997": "BGP Communities Attribute",
    "2385": "Protection of BGP Sessions via the TCP MD5 Signature Option",
    "2439": "BGP Route Flap Damping",
    "2545": "Use of BGP-4 Multiprotocol Extensions for IPv6 Inter-Domain Routing",
    "2918": "Route Refresh Capability for BGP-4",
    "3345": "Border Gateway Protocol (BGP) Persistent Route Oscillation Condition",
    "3765": "NOPEER Community for Border Gateway Protocol (BGP) Route Scope Control",
    "4271": "A Border Gateway Protocol 4 (BGP-4)",
    "4272": "BGP Security Vulnerabilities Analysis",
    "4360": "BGP Extended Communities Attribute",
    "4364": "BGP/MPLS IP Virtual Private Networks (VPNs)",
    "4451": "BGP MULTI_EXIT_DISC (MED) Considerations",
    "4456": "BGP Route Reflection: An Alternative to Full Mesh Internal BGP (IBGP)",
    "4486": "Subcodes for BGP Cease Notification Message",
    "4684": "Constrained Route Distribution for BGP/MPLS IP Virtual Private Networks (VPNs)",
    "4724": "Graceful Restart Mechanism for BGP",
    "4760": "Multiprotocol Extensions for BGP-4",
    "4786": "Operation of Anycast Services",
    "5065": "Autonomous System Confederations for BGP",
    "5082": "The Generalized TTL Security Mechanism (GTSM)",
    "5398": "Autonomous System (AS) Number Reservation for Documentation Use",
    "5492": "Capabilities Advertisement with BGP-4",
    "5635": "Remote Triggered Black Hole Filtering with Unicast Reverse Path Forwarding (uRPF)",
    "5880": "Bidirectional Forwarding Detection (BFD)",
    "5882": "Generic Application of Bidirectional Forwarding Detection (BFD)",
    "5925": "The TCP Authentication Option",
    "6396": "Multi-Threaded Routing Toolkit (MRT) Routing Information Export Format",
    "6472": "Recommendation for Not Using AS_SET and AS_CONFED_SET in BGP",
    "6480": "An Infrastructure to Support Secure Internet Routing",
    "6483": "Validation of Route Origination Using the RPKI and Route Origin Authorizations (ROAs)",
    "6793": "BGP Support for Four-Octet Autonomous System (AS) Number Space",
    "6811": "BGP Prefix Origin Validation",
    "6996": "Autonomous System (AS) Reservation for Private Use",
    "7115": "Origin Validation Operation Based on the Resource Public Key Infrastructure (RPKI)",
    "7196": "Making Route Flap Damping Usable",
    "7313": "Enhanced Route Refresh Capability for BGP-4",
    "7432": "BGP MPLS-Based Ethernet VPN",
    "7454": "BGP Operations and Security",
    "7606": "Revised Error Handling for BGP UPDATE Messages",
    "7607": "Codification of AS 0 Processing",
    "7705": "Autonomous System Migration Mechanisms and Their Effects on the BGP AS_PATH Attribute",
    "7854": "BGP Monitoring Protocol (BMP)",
    "7908": "Problem Definition and Classification of BGP Route Leaks",
    "7911": "Advertisement of Multiple Paths in BGP",
    "7938": "Use of BGP for Routing in Large-Scale Data Centers",
    "7947": "Internet Exchange BGP Route Server",
    "7964": "Solutions for BGP Persistent Route Oscillation",
    "7999": "BLACKHOLE Community",
    "8050": "MRT Routing Information Export Format with BGP Additional Path Extensions",
    "8092": "BGP Large Communities Attribute",
    "8205": "BGPsec Protocol Specification",
    "8210": "The Resource Public Key Infrastructure (RPKI) to Router Protocol, Version 1",
    "8212": "Default External BGP (EBGP) Route Propagation Behavior without Policies",
    "8326": "Graceful BGP Session Shutdown",
    "8642": "Policy Behavior for Well-Known BGP Communities",
    "8654": "Extended Message Support for BGP",
    "8950": "Advertising IPv4 Network Layer Reachability Information (NLRI) with an IPv6 Next Hop",
    "8955": "Dissemination of Flow Specification Rules",
    "9003": "Extended BGP Administrative Shutdown Communication",
    "9234": "Route Leak Prevention and Detection Using Roles in UPDATE and OPEN Messages",
    "9319": "The Use of maxLength in the Resource Public Key Infrastructure (RPKI)",
    "9324": "Policy Based on the RPKI without Route Refresh",
    "9582": "A Profile for Route Origin Authorizations (ROAs)",
    "9687": "Border Gateway Protocol 4 (BGP-4) Send Hold Timer",
    "9774": "Deprecation of AS_SET and AS_CONFED_SET in BGP",
}
"""Of every document that an answer may cite."""

_CITED = re.compile(r"\bRFC (\d+)")
_SOURCE = re.compile(r"RFC (\d+)(?:, section (\d+(?:\.\d+)*))?")


def tasks_of(kind: str) -> tuple[SeedTask, ...]:
    read = read_seeds(SEEDS / f"{kind}.jsonl")
    assert read.broken == ()
    return read.tasks


KNOWLEDGE, QUESTIONS = tasks_of("bgp_knowledge"), tasks_of("aminer")


def answer(task: SeedTask) -> str:
    (instance,) = task.instances
    return instance.output


def named(task: SeedTask) -> str:
    return f"{task.id}-{task.name}"


def alike(tasks: Sequence[SeedTask], most: float) -> list[tuple[str, str]]:
    """Pairs whose instructions are more alike than `most`, by ROUGE-L's F-measure."""
    scorer = RougeScorer(["rougeL"])
    return [
        (one.id, other.id)
        for one, other in combinations(tasks, 2)
        if scorer.score(one.instruction, other.instruction)["rougeL"].fmeasure > most
    ]


def test_there_are_enough_of_either_kind() -> None:
    assert len(KNOWLEDGE) >= 60
    assert len(QUESTIONS) >= 100


@pytest.mark.parametrize("task", [*KNOWLEDGE, *QUESTIONS], ids=named)
def test_an_instruction_has_the_length_that_is_kept(task: SeedTask) -> None:
    assert 4 <= len(task.instruction.split()) <= 150


@pytest.mark.parametrize("tasks", [KNOWLEDGE, QUESTIONS], ids=["bgp_knowledge", "aminer"])
def test_nothing_is_doubled(tasks: tuple[SeedTask, ...]) -> None:
    for values in (
        [task.name for task in tasks],
        [task.instruction.casefold() for task in tasks],
        [answer(task) for task in tasks],
    ):
        assert len(set(values)) == len(values)


def test_no_two_instructions_about_bgp_are_alike() -> None:
    assert alike(KNOWLEDGE, 0.5) == []


@pytest.mark.slow
def test_no_two_questions_about_people_and_papers_are_alike() -> None:
    assert alike(QUESTIONS, 0.7) == []


@pytest.mark.parametrize("task", KNOWLEDGE, ids=named)
def test_an_answer_has_60_to_250_words(task: SeedTask) -> None:
    assert 60 <= len(answer(task).split()) <= 250


@pytest.mark.parametrize("task", KNOWLEDGE, ids=named)
def test_an_answer_cites_the_documents_that_it_names_as_sources(task: SeedTask) -> None:
    found = [_SOURCE.fullmatch(source) for source in task.sources]
    sources = {match[1] for match in found if match}
    assert None not in found
    assert sources
    assert set(_CITED.findall(answer(task))) == sources
    assert sources <= set(RFC_TITLES)


@pytest.mark.parametrize("task", KNOWLEDGE, ids=named)
def test_an_answer_names_the_sections_of_its_sources(task: SeedTask) -> None:
    sections = {match[2] for source in task.sources if (match := _SOURCE.fullmatch(source)) and match[2]}
    named_in_text = set(re.findall(r"(?<![\d.])\d+(?:\.\d+)*", answer(task)))
    assert sections <= named_in_text


def test_every_listed_document_is_cited() -> None:
    assert {number for task in KNOWLEDGE for number in _CITED.findall(answer(task))} == set(RFC_TITLES)


@dataclass(frozen=True)
class Graphs:
    """The graph that the questions are about, and one without anything that they ask for."""

    sandbox: ProgramSandbox
    full: Sequence[FunctionTool]
    empty: Sequence[FunctionTool]

    def compute(self, task: SeedTask, *, empty: bool = False) -> JsonValue:
        draft = read_short(answer(task))
        tools = list(self.empty if empty else self.full)
        return self.sandbox.run(draft.program, tools, plan=draft.plan, domain=AMINER).value


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graphs]:
    config = load_config("aminer")
    folder = tmp_path_factory.mktemp("stranger")
    (folder / "authors.jsonl").write_text(json.dumps(STRANGER) + "\n", encoding="utf-8")
    (folder / "papers.jsonl").touch()
    stranger = folder / "graph.sqlite"
    build_graph([folder / "authors.jsonl"], [folder / "papers.jsonl"], out=stranger, synthetic=True)
    with (
        synthetic_world(
            people=config.graph_people, papers=config.graph_papers, seed=config.graph_seed
        ) as world,
        world.toolkit() as full,
        AMinerToolkit(graph=stranger) as empty,
        ProgramSandbox() as sandbox,
    ):
        yield Graphs(sandbox, functions_of(full.get_tools()), functions_of(empty.get_tools()))


def control_of(graphs: Graphs, task: SeedTask) -> JsonValue:
    """What the program computes from nothing; one that takes the first or the mean of nobody must fail."""
    try:
        return graphs.compute(task, empty=True)
    except ProgramFailure as failure:
        if failure.kind not in {"empty_result", "runtime"}:
            raise
        return None


@pytest.mark.slow
@pytest.mark.parametrize("task", QUESTIONS, ids=named)
def test_a_program_computes_something_that_it_does_not_from_an_empty_graph(
    graphs: Graphs, task: SeedTask
) -> None:
    value = graphs.compute(task)
    assert value not in NOTHING
    assert control_of(graphs, task) != value


@pytest.mark.parametrize("task", QUESTIONS, ids=named)
def test_a_program_says_its_plan_and_copies_its_texts_from_the_question(task: SeedTask) -> None:
    draft = read_short(answer(task))
    assert draft.plan
    assert " -> ".join(draft.plan) == task.category
    fixed = {*AMINER.result_fields, *AMINER.result_values, *AMINER.argument_values}
    texts = [json.loads(text) for text in re.findall(r'"(?:[^"\\]|\\.)*"', draft.program)]
    assert [text for text in texts if text not in fixed and text not in task.instruction] == []


def test_the_questions_cover_every_intent_of_the_synthesis_and_one_to_three_hops() -> None:
    asked = {task.name for task in QUESTIONS}
    assert {name.replace(".", "_") for name in load_seeds("aminer").intents} <= asked
    assert {task.category.count("->") + 1 for task in QUESTIONS} == {1, 2, 3}
