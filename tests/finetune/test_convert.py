import json
import random
from pathlib import Path

import pytest

from herdwick.agents.prompt_files import prompt
from herdwick.finetune.convert import ConvertReport, convert, rejects_file
from herdwick.finetune.dataset_formats import FORMATS, BadRowError, Example, read_row, write_row
from herdwick.finetune.recipe import FinetuneError

ROOT = Path(__file__).parents[2]

OURS = [
    {
        "prompt": prompt("short", question="Which prefixes does AS64500 announce?"),
        "completion": "origins\nfinal_result = [row['prefix'] for row in origins(asn=64500)]\n",
        "intent": "origins.prefixes",
        "weights": [1, 0.5, None],
    },
    {"prompt": prompt("short", question='谁写的 "it"\u2028'), "completion": "unanswerable: off_topic\n"},
    {"prompt": prompt("short", question=""), "completion": "moas\nfor x in moas():\n    pass\n\n"},
]


def write_lines(file: Path, rows: list) -> Path:
    texts = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows]
    file.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    return file


def lines(file: Path) -> list:
    return [json.loads(line) for line in file.read_bytes().split(b"\n") if line]


@pytest.mark.parametrize("through", FORMATS)
def test_our_file_comes_back_byte_by_byte_through_every_format(tmp_path: Path, through) -> None:
    ours = write_lines(tmp_path / "ours.jsonl", OURS)
    there, back = tmp_path / "there.json", tmp_path / "back.jsonl"

    first = convert(ours, there, read_as="herdwick", write_as=through)
    second = convert(there, back, read_as=through, write_as="herdwick")

    assert first == second == ConvertReport(read=3, written=3, rejected=0, joined=0)
    assert back.read_bytes() == ours.read_bytes()


def test_alpaca_becomes_an_array_and_soay_a_triplet(tmp_path: Path) -> None:
    ours = write_lines(tmp_path / "ours.jsonl", OURS[:1])
    convert(ours, tmp_path / "alpaca.json", read_as="herdwick", write_as="alpaca")
    convert(ours, tmp_path / "soay.jsonl", read_as="herdwick", write_as="soay")

    extras = {"intent": "origins.prefixes", "weights": [1, 0.5, None]}
    assert json.loads((tmp_path / "alpaca.json").read_text()) == [
        {"instruction": OURS[0]["prompt"], "input": "", "output": OURS[0]["completion"], **extras}
    ]
    assert lines(tmp_path / "soay.jsonl") == [
        {
            "Query": "Which prefixes does AS64500 announce?",
            "API combination": "origins",
            "code": "final_result = [row['prefix'] for row in origins(asn=64500)]",
            **extras,
        }
    ]


def test_triplets_become_prompts_as_the_models_are_asked() -> None:
    row = {"Query": "Who?", "Solution": "searchPerson -> getCoauthors", "Code": "final_result = 1"}

    example = read_row(row, "soay")

    assert example.prompt == prompt("short", question="Who?")
    assert example.completion == "searchPerson -> getCoauthors\nfinal_result = 1\n"


def test_an_instruction_with_input_is_joined_and_counted(tmp_path: Path) -> None:
    file = tmp_path / "alpaca.json"
    rows = [
        {"instruction": "Add.", "input": "1 2", "output": "3"},
        {"instruction": "Say hi.", "input": "", "output": "hi"},
    ]
    file.write_text(json.dumps(rows, indent=2))

    report = convert(file, tmp_path / "chat.jsonl", read_as="alpaca", write_as="chat")

    assert report == ConvertReport(read=2, written=2, rejected=0, joined=1)
    asked = [row["messages"][0]["content"] for row in lines(tmp_path / "chat.jsonl")]
    assert asked == ["Add.\n\n1 2", "Say hi."]


def test_a_system_message_goes_before_the_question() -> None:
    roles = ("system", "user", "assistant")
    row = {"messages": [{"role": role, "content": role.upper()} for role in roles]}

    assert read_row(row, "chat") == Example("SYSTEM\n\nUSER", "ASSISTANT", {}, joined=True)


def test_bad_lines_are_counted_and_kept_with_their_reason(tmp_path: Path) -> None:
    good = json.dumps({"prompt": "a", "completion": "b"})
    bad = ["{", "[1]", '"text"', json.dumps({"prompt": "a"}), json.dumps({"prompt": 1, "completion": "b"})]
    source = tmp_path / "in.jsonl"
    source.write_text("\n".join([good, *bad, "", good]))

    report = convert(source, tmp_path / "out.jsonl", read_as="herdwick", write_as="chat")

    assert report == ConvertReport(read=7, written=2, rejected=5, joined=0)
    rejects = lines(tmp_path / "out.rejects.jsonl")
    assert [(row["row"], row["kind"]) for row in rejects] == [
        (2, "not_json"),
        (3, "not_an_object"),
        (4, "not_an_object"),
        (5, "no_text"),
        (6, "no_text"),
    ]
    assert [row["text"] for row in rejects] == bad


def test_bytes_that_are_no_text_are_rejected_and_do_not_stop_the_rest(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    half = rb'{"prompt": "\ud800", "completion": "b"}'
    source.write_bytes(b"\xef\xbb\xbf" + half + b"\n\xff\xfe\n" + b'{"prompt": "a", "completion": "b"}\r\n')

    report = convert(source, tmp_path / "out.jsonl", read_as="herdwick", write_as="alpaca")

    assert report == ConvertReport(read=3, written=1, rejected=2, joined=0)
    assert [row["kind"] for row in lines(tmp_path / "out.rejects.jsonl")] == ["not_text", "not_json"]


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ({"prompt": "no frame", "completion": "a\nb\n"}, "other_frame"),
        ({"prompt": prompt("short", question="q"), "completion": "no line end"}, "not_held"),
        ({"prompt": prompt("short", question="q"), "completion": "a\nb\n", "code": "taken"}, "key_taken"),
    ],
)
def test_what_a_triplet_cannot_hold_is_refused(row: dict, kind: str) -> None:
    with pytest.raises(BadRowError) as failure:
        write_row(read_row(row, "herdwick"), "soay")

    assert failure.value.kind == kind


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"role": "user", "content": "q"}],
        [{"role": role, "content": "x"} for role in ("user", "assistant", "user", "assistant")],
        [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a", "tool_calls": []}],
    ],
)
def test_conversations_of_another_shape_are_refused(messages: list) -> None:
    with pytest.raises(BadRowError) as failure:
        read_row({"messages": messages}, "chat")

    assert failure.value.kind == "other_turns"


def test_whatever_is_written_comes_back(tmp_path: Path) -> None:
    """Five hundred rows of odd letters: each is held exactly, or refused."""
    dice = random.Random(3)
    letters = ["a", "\n", " ", '"', "\\", "é", "中", "\u2028", "\t", "{{question}}"]
    held = 0
    for _ in range(500):
        texts = ["".join(dice.choices(letters, k=dice.randrange(6))) for _ in range(2)]
        question = prompt("short", question=texts[0]) if dice.random() < 0.7 else texts[0]
        example = Example(question, texts[1] + dice.choice(["", "\n"]), {"n": dice.randrange(9)})
        for form in FORMATS:
            try:
                row = write_row(example, form)
            except BadRowError:
                assert form == "soay"
            else:
                held += 1
                assert read_row(json.loads(json.dumps(row)), form) == example
    assert held > 1600


def test_a_cut_array_says_where_and_leaves_the_earlier_file(tmp_path: Path) -> None:
    source, out = tmp_path / "in.json", tmp_path / "out.jsonl"
    row = json.dumps({"instruction": "a", "output": "b"})
    source.write_text(f"[{row}, {row}, {row[:9]}")
    out.write_text("earlier")

    with pytest.raises(FinetuneError) as failure:
        convert(source, out, read_as="alpaca", write_as="chat")

    assert failure.value.kind == "bad_data"
    assert "after its row 2" in failure.value.message
    assert out.read_text() == "earlier"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["in.json", "out.jsonl"]


def test_a_file_without_a_single_good_row_replaces_nothing(tmp_path: Path) -> None:
    source, out = write_lines(tmp_path / "in.jsonl", [{"text": "a"}]), tmp_path / "out.jsonl"
    out.write_text("earlier")

    with pytest.raises(FinetuneError) as failure:
        convert(source, out, read_as="herdwick", write_as="chat")

    assert failure.value.kind == "nothing_converted"
    assert out.read_text() == "earlier"
    assert len(lines(rejects_file(out))) == 1


def test_rejects_of_an_earlier_time_do_not_stay(tmp_path: Path) -> None:
    source, out = write_lines(tmp_path / "in.jsonl", OURS[:1]), tmp_path / "out.jsonl"
    rejects_file(out).write_text("earlier")

    convert(source, out, read_as="herdwick", write_as="chat")

    assert not rejects_file(out).exists()


def test_a_missing_file_and_the_same_file_are_told(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "in.rejects.jsonl", OURS)

    for file, out, kind in (
        (tmp_path / "none.jsonl", tmp_path / "out.jsonl", "bad_file"),
        (source, source, "same_file"),
        (source, tmp_path / "in.jsonl", "same_file"),
    ):
        with pytest.raises(FinetuneError) as failure:
            convert(file, out, read_as="herdwick", write_as="chat")
        assert failure.value.kind == kind
    assert lines(source) == OURS


@pytest.mark.parametrize("read_as", ["herdwick", "alpaca"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, read_as) -> None:
    import tracemalloc

    source = tmp_path / "in.json"
    row = {"prompt": "x" * 400, "completion": "y", "instruction": "x" * 400, "output": "y"}
    text = [json.dumps(row)] * 20_000
    source.write_text("\n".join(text) if read_as == "herdwick" else f"[{','.join(text)}]")
    size = source.stat().st_size
    del text

    tracemalloc.start()
    report = convert(source, tmp_path / "out.jsonl", read_as=read_as, write_as="chat")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert report.read == 20_000
    assert peak < size / 10


def test_the_frame_is_the_one_that_the_models_are_asked_in() -> None:
    ours = (ROOT / "finetune" / "recipes" / "frames" / "short.txt").read_text()

    assert ours == (ROOT / "agents" / "prompts" / "short.txt").read_text()
