from pathlib import Path

import pytest

from herdwick.agents.prompt_files import prompt
from herdwick.selfinstruct.examples import read_examples, read_rejects
from herdwick.selfinstruct.intents import Seeds
from herdwick.selfinstruct.nearness import Nearness
from herdwick.selfinstruct.synthesize import Report, synthesize
from herdwick.selfinstruct.world import World
from herdwick.tools.domain import get_domain
from herdwick.tools.errors import DataError, ProgramError

AMINER = get_domain("aminer")


@pytest.fixture
def make(seeds: Seeds, world: World, tmp_path: Path):
    """Makes `train.jsonl`, by default 300 examples that are not run."""

    def run_synthesis(name: str = "train.jsonl", count: int = 300, seed: int = 1, **options) -> Report:
        return synthesize(AMINER, seeds, world.askers, count=count, seed=seed, out=tmp_path / name, **options)

    return run_synthesis


def test_the_same_seed_makes_the_same_file_and_another_another(make, tmp_path: Path) -> None:
    first, again, other = make("a.jsonl"), make("b.jsonl"), make("c.jsonl", seed=2)

    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    assert first.fingerprint == again.fingerprint != other.fingerprint


def test_the_report_counts_what_is_in_the_file(make, tmp_path: Path) -> None:
    report = make()
    examples = read_examples(tmp_path / "train.jsonl")

    assert len(examples) == sum(report.kept.values()) == sum(report.languages.values()) == 300
    assert {example.intent for example in examples} == set(report.kept)


def test_questions_are_distinct(make, tmp_path: Path) -> None:
    make(count=1500)

    assert len({example.question for example in read_examples(tmp_path / "train.jsonl")}) == 1500


def test_an_example_is_the_prompt_and_the_solution_as_the_agent_reads_them(
    make, seeds: Seeds, tmp_path: Path
) -> None:
    make()

    for example in read_examples(tmp_path / "train.jsonl"):
        assert example.prompt == prompt("short", question=example.question)
        if example.intent in seeds.intents:
            plan, _, program = example.completion.partition("\n")
            assert plan == seeds.intents[example.intent].plan
            assert "final_result = " in program
        else:
            assert example.completion == f"unanswerable: {example.intent}\n"


def test_every_intent_and_every_reason_occurs(make, seeds: Seeds) -> None:
    report = make(count=1500)

    assert set(report.kept) == {*seeds.phrasings, *seeds.refusals}


def test_a_tenth_are_refusals(make, seeds: Seeds) -> None:
    report = make(count=1500)
    refusals = sum(report.kept.get(reason, 0) for reason in seeds.refusals)

    assert 0.08 < refusals / 1500 < 0.12


def test_a_program_that_fails_is_dropped_with_its_reason(make, tmp_path: Path) -> None:
    def run(intent, program: str) -> None:
        if intent.id == "person.citations":
            raise ProgramError("runtime", "It broke.")

    report = make(run=run)
    rejects = read_rejects(tmp_path / "train.jsonl")

    assert "person.citations" not in report.kept
    assert report.dropped["runtime"] == len([reject for reject in rejects if reject.kind == "runtime"]) > 0
    assert {(reject.intent, reject.message) for reject in rejects if reject.kind == "runtime"} == {
        ("person.citations", "It broke.")
    }


def test_a_question_of_the_evaluation_is_dropped(make, tmp_path: Path) -> None:
    make("before.jsonl")
    asked = read_examples(tmp_path / "before.jsonl")[0].question

    report = make(evaluations=[Nearness(["Something else?"]), Nearness([asked.upper()])])

    assert report.dropped["near_evaluation"] >= 1
    assert asked not in {example.question for example in read_examples(tmp_path / "train.jsonl")}


def test_a_synthesis_that_stops_leaves_the_earlier_file(make, tmp_path: Path) -> None:
    make()
    before = (tmp_path / "train.jsonl").read_bytes()

    def stop(kept: int) -> None:
        if kept == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(seed=2, progress=stop)

    assert (tmp_path / "train.jsonl").read_bytes() == before


def test_a_synthesis_in_which_nearly_everything_fails_gives_up(make) -> None:
    def fail(intent, program: str) -> None:
        raise ProgramError("tool", "The graph is broken.")

    with pytest.raises(DataError) as failure:
        make(count=2000, run=fail)

    assert failure.value.kind == "too_few_examples"
    assert "tool" in failure.value.message


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "train.jsonl"
    file.write_text('{"question": "Who?"}\n')

    with pytest.raises(DataError) as failure:
        read_examples(file)

    assert failure.value.kind == "bad_data"
    assert failure.value.message.startswith("train.jsonl, line 1: prompt: Field required")


def test_a_file_that_cannot_be_written_is_told(make, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(DataError) as failure:
        make("file/train.jsonl")

    assert failure.value.kind == "unwritable"
    assert failure.value.message == "train.jsonl cannot be written: File exists."
