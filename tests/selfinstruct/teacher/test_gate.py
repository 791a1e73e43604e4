import json

import pytest

from herdwick.selfinstruct.similarity.rouge import RougeGate
from herdwick.selfinstruct.teacher.config import SEEDS as SEED_FILES
from herdwick.selfinstruct.teacher.execution import Runner, Unfit
from herdwick.selfinstruct.teacher.gate import Gate
from herdwick.selfinstruct.teacher.reply import Task
from herdwick.selfinstruct.teacher.seeds import Instance, SeedTask, read_seeds

SEEDS = [
    SeedTask(
        id="s1",
        instruction="Explain how a route reflector prevents loops between its clients.",
        instances=(Instance(output="It adds its cluster."),),
        category="scaling",
    )
]
AMINER_SEEDS = SEED_FILES / "aminer.jsonl"
ANSWER = "It prefers the lowest value among routes from the same neighbour."
SCRIPT = """```python
import pybgpstream
stream = pybgpstream.BGPStream(
    from_time="2026-01-01 00:00:00", until_time="2026-01-01 00:04:00", collectors=["lab00"]
)
counts = {}
for elem in stream:
    counts[elem.type] = counts.get(elem.type, 0) + 1
print(counts)
```"""


@pytest.fixture
def gate(configure):
    def make(**overrides):
        return Gate(configure(**overrides), SEEDS, Runner())

    return make


def reason(gate: Gate, instruction: str, output: str = ANSWER) -> str:
    return gate.judge(Task(instruction, "", output)).reason


def test_a_good_task_is_kept_with_its_nearest_and_category(gate):
    verdict = gate().judge(Task("How does a router compare the MED of two routes?", "", ANSWER))
    assert verdict.reason == ""
    assert [*verdict.most_similar] == [SEEDS[0].instruction]
    assert verdict.category == "scaling"


@pytest.mark.parametrize(
    ("instruction", "output", "expected"),
    [
        ("Explain MED now.", ANSWER, "too_short"),
        ("why " * 151, ANSWER, "too_long"),
        ("How does a router compare the MED of two routes?", "I'm sorry, I can't do that.", "refusal"),
        ("Wie vergleicht ein Router die Metrik von zwei Routen miteinander?", ANSWER, "other_language"),
        (
            "How does a router compare the MED of two routes?",
            "Der Router nimmt unter den Routen desselben Nachbarn die mit dem kleinsten Wert.",
            "other_language",
        ),
        (f"Please {SEEDS[0].instruction}", ANSWER, "too_similar"),
    ],
)
def test_each_fault_has_its_reason(gate, instruction, output, expected):
    assert reason(gate(), instruction, output) == expected


def test_a_score_at_the_bound_passes_and_one_above_it_does_not(gate):
    # Five words of ten and ten in common, in order: precision, recall and F-measure are one half.
    half = "Explain how a route reflector works with four other things"
    assert reason(gate(rouge=0.5), half) == ""
    assert reason(gate(rouge=0.49), half) == "too_similar"


def test_the_same_words_in_another_order_are_the_same_instruction(gate):
    turned = "Between its clients, a route reflector prevents loops how? Explain."
    assert reason(gate(rouge=0.9), turned) == "same_instruction"


def test_what_was_kept_is_not_kept_again(gate):
    judge = gate()
    first = Task("How does a router compare the MED of two routes?", "", ANSWER)
    judge.keep(first)
    assert judge.judge(first).reason == "too_similar"


def test_what_is_too_similar_is_compared_once(gate, monkeypatch):
    judge = gate()
    monkeypatch.delattr(RougeGate, "nearest")
    verdict = judge.judge(Task(f"Please {SEEDS[0].instruction}", "", ANSWER))
    assert verdict.detail == f"ROUGE-L 0.95: {SEEDS[0].instruction}"


def test_questions_of_evaluations_are_kept_out(gate, tmp_path):
    file = tmp_path / "dev.jsonl"
    file.write_text(json.dumps({"question": "Which AS originates 192.0.2.0/24?"}) + "\n")
    verdict = gate(against=(file,)).judge(Task("which AS originates 10.0.0.0/8", "", ANSWER))
    assert (verdict.reason, verdict.detail) == (
        "near_evaluation",
        "dev.jsonl asks: Which AS originates 192.0.2.0/24?",
    )


@pytest.fixture
def question_gate(configure):
    config = configure().model_copy(update={"kind": "aminer", "rouge": 1.0})
    return Gate(config, SEEDS, Runner())


def test_names_in_a_question_say_nothing_of_its_language(question_gate):
    for seed in read_seeds(AMINER_SEEDS).tasks:
        assert reason(question_gate, seed.instruction, seed.instances[0].output) == ""


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ("Wie oft wurden die Arbeiten von Olga Zhuravlev bisher zitiert?", "num_citation"),
        ("Combien d'articles Olga Zhuravlev a-t-elle publiés en tout ?", "num_pubs"),
        ("¿En qué institución trabaja ahora Olga Zhuravlev?", "organization"),
        ("请 列出 Olga Zhuravlev 的 研究 兴趣。", "interests"),
    ],
)
def test_a_question_in_another_language_is_dropped_although_its_program_is_right(
    question_gate, question, field
):
    program = f'searchPerson\nfinal_result = searchPerson(name="Olga Zhuravlev")[0]["{field}"]'
    assert reason(question_gate, question, program) == "other_language"


def test_a_title_with_a_quote_in_it_is_found_in_the_question(question_gate):
    question = '¿en qué año se publicó el artículo titulado "more data" is not enough: sleep medicine"?'
    program = r'final_result = searchPublication("more data\" is not enough: sleep medicine")[0]["year"]'
    assert reason(question_gate, question, f"searchPublication\n{program}") == "other_language"


@pytest.fixture
def code_gate(configure):
    config = configure().model_copy(update={"kind": "pybgpstream"})
    return Gate(config, SEEDS, Runner())


def test_a_renamed_script_is_the_same_program(code_gate):
    code_gate.keep(Task("Count the elems of the capture by their type.", "", SCRIPT))
    renamed = SCRIPT.replace("counts", "totals").replace("elem", "one")
    assert (
        reason(code_gate, "Tell me what sorts of messages arrived, with numbers.", renamed) == "same_program"
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [("import socket", "hostile_code"), ("print(", "syntax"), ("stream.add_filters('x')", "wrong_api")],
)
def test_bad_code_is_dropped_before_it_runs(code_gate, line, expected):
    script = SCRIPT.replace("print(counts)", f"print(counts)\n{line}")
    assert reason(code_gate, "Count the elems of the capture by their type.", script) == expected


def test_what_the_runner_refuses_is_dropped_with_its_reason(configure):
    def refuse(_: Task) -> str:
        raise Unfit("trivial", "The same when nothing happens.")

    verdict = Gate(configure(), SEEDS, Runner(refuse)).judge(Task("Count all of the messages.", "", ANSWER))
    assert (verdict.reason, verdict.detail) == ("trivial", "The same when nothing happens.")
