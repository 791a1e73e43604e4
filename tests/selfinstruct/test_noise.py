import json
import os
import re
from pathlib import Path
from random import Random

import pytest
import yaml

from herdwick.selfinstruct.examples import read_examples
from herdwick.selfinstruct.intents import MAX_BYTES, SEEDS, Seeds
from herdwick.selfinstruct.line_files import rejects_file
from herdwick.selfinstruct.nearness import Nearness
from herdwick.selfinstruct.noise import Noise, load_noise, with_slips
from herdwick.selfinstruct.synthesize import synthesize
from herdwick.selfinstruct.world import World
from herdwick.tools.domain import get_domain
from herdwick.tools.errors import DataError

SHIPPED = SEEDS / "noise" / "questions.yaml"
ROBUSTNESS = Path("evals/authoring/robustness_questions.yaml")
ORDER = "Disobey! "
NOISE = Noise(slips=1, around=1, orders=1, frames=[("Hey, ", "")], interruptions=[(ORDER, "")])
QUESTION = 'Which papers did Mira Kovač of Lund University write about "Graph Neural Nets" after 2015?'
PROGRAM = 'p = searchPerson(name="Mira Kovač", organization="Lund University")[0]\nx = "Graph Neural Nets"'


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


def test_slips_change_some_ordinary_words_and_nothing_that_is_copied() -> None:
    asked = [with_slips(QUESTION, PROGRAM, Random(seed)) for seed in range(300)]

    changed = [words(QUESTION) - words(text) for text in asked]
    assert all(1 <= len(missing) <= 3 for missing in changed)
    assert set.union(*changed) == {"Which", "papers", "write", "about", "after"}


def test_numbers_in_words_are_not_mistyped() -> None:
    asked = {with_slips("Seven papers, or three?", "", Random(seed)) for seed in range(100)}

    assert all(words(text) >= {"Seven", "or", "three"} for text in asked)
    assert len(asked) > 5


@pytest.mark.parametrize(
    ("word", "other"), [("there", "three"), ("least", "last"), ("flour", "four"), ("routers", "routes")]
)
def test_no_slip_makes_a_word_that_asks_something_else(word: str, other: str) -> None:
    asked = {with_slips(word, "", Random(seed)) for seed in range(300)}

    assert len(asked) > 4
    assert other not in asked


def test_a_slip_always_changes_the_word() -> None:
    asked = {with_slips("aaabbb", "", Random(seed)) for seed in range(500)}

    assert "aaabbb" not in asked
    assert {"aaaabbb", "aaabb", "aababb"} <= asked


def test_noise_changes_questions_and_no_completion(seeds: Seeds, world: World, tmp_path: Path) -> None:
    report = synthesize(
        get_domain("aminer"), seeds, NOISE.over(world.askers), count=300, seed=1, out=tmp_path / "noisy.jsonl"
    )

    english = [example for example in read_examples(tmp_path / "noisy.jsonl") if example.language == "en"]
    spared = [example for example in english if not example.question.startswith(f"{ORDER}Hey, ")]
    assert report.languages["zh"] > 0
    assert len(english) > 250
    assert {example.intent for example in spared} <= {"language"}
    assert not any("Hey" in example.completion or ORDER in example.completion for example in english)


def test_noise_hides_no_question_of_an_evaluation(seeds: Seeds, world: World, tmp_path: Path) -> None:
    def make(noise: Noise, name: str, *against: Nearness) -> list[str]:
        out = tmp_path / f"{name}.jsonl"
        askers = noise.over(world.askers)
        synthesize(get_domain("aminer"), seeds, askers, count=40, seed=1, out=out, evaluations=against)
        return [example.question for example in read_examples(out)]

    quiet = Noise(slips=0, around=0, orders=0, frames=NOISE.frames, interruptions=NOISE.interruptions)
    plain = make(quiet, "plain")
    evaluation = tmp_path / "evaluation.jsonl"
    evaluation.write_text("".join(json.dumps({"question": question}) + "\n" for question in plain))
    make(NOISE, "noisy", Nearness.of_file(evaluation, get_domain("aminer").spelled))

    rejects = [json.loads(line) for line in rejects_file(tmp_path / "noisy.jsonl").read_text().splitlines()]
    near = [reject["question"] for reject in rejects if reject["kind"] == "near_evaluation"]
    assert any(question.startswith(ORDER) for question in near)


def test_the_shipped_noise_is_not_what_the_robustness_suite_asks() -> None:
    noise = load_noise(SHIPPED)
    suite = yaml.safe_load(ROBUSTNESS.read_text(encoding="utf-8"))
    texts = [*suite["noise"], *(entry["text"] for entry in suite["injections"])]
    asked = {tuple(part.strip() for part in text.split("{question}")) for text in texts} - {("", "")}

    learnt = {tuple(part.strip() for part in pair) for pair in [*noise.frames, *noise.interruptions]}
    assert len(learnt) > 100
    assert learnt & asked == set()


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"slips": 2}, "slips"),
        ({"frames": []}, "frames"),
        ({"more": 1}, "more"),
        ({"frames": [["a"]]}, "frames.0"),
    ],
)
def test_noise_that_does_not_fit_is_a_clear_error(
    change: dict[str, object], where: str, tmp_path: Path
) -> None:
    file = tmp_path / "loud.yaml"
    file.write_text(yaml.safe_dump(json.loads(NOISE.model_dump_json()) | change), encoding="utf-8")

    with pytest.raises(DataError, match=rf"loud.yaml: {where}") as failure:
        load_noise(file)

    assert failure.value.kind == "bad_noise"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe", "cannot be read"),
        (b"[1,2", "cannot be read"),
        (b"[" * 5000, "nested too deeply"),
        (b"", "says nothing about slips, around, orders"),
        (b"- slips", "says nothing about slips"),
        (b"slips: 2024-99-99", "cannot be read"),
        (b"slips: " + b"9" * 5000, "cannot be read"),
        (b"x" * (MAX_BYTES + 1), "has more than 4,000,000 bytes"),
    ],
    ids=["binary", "broken", "deep", "empty", "list", "no date", "no number", "long"],
)
def test_a_file_without_noise_is_a_clear_error(content: bytes, message: str, tmp_path: Path) -> None:
    file = tmp_path / "loud.yaml"
    file.write_bytes(content)

    with pytest.raises(DataError, match=rf"^loud.yaml.* {message}"):
        load_noise(file)


def test_a_pipe_is_no_noise(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(DataError, match=r"^pipe is not there, or no file"):
        load_noise(tmp_path / "pipe")


@pytest.mark.parametrize("words", [r"\0", r"\e[31m", r"\ud800"], ids=["NUL", "escape", "surrogate"])
def test_words_that_no_prompt_may_hold_are_refused(tmp_path: Path, words: str) -> None:
    file = tmp_path / "loud.yaml"
    file.write_text(
        f'{{slips: 0, around: 1, orders: 0, frames: [["{words}", ""]], interruptions: [["", ""]]}}'
    )

    with pytest.raises(DataError, match=r"frames\.0\.0: .* holds the control character"):
        load_noise(file)


def test_a_share_is_a_number(tmp_path: Path) -> None:
    file = tmp_path / "loud.yaml"
    file.write_text('{slips: true, around: 1, orders: 0, frames: [["", ""]], interruptions: [["", ""]]}')

    with pytest.raises(DataError, match="slips: Input should be a valid number"):
        load_noise(file)
