import json
from pathlib import Path

import pytest

from herdwick.finetune.data import (
    IGNORED,
    Framing,
    TokenizedExample,
    collate,
    fingerprint,
    load_examples,
    read_texts,
)
from herdwick.finetune.recipe import FinetuneError

pytest.importorskip("torch", reason="needs herdwick[finetune]")


def written(folder: Path, *lines: str) -> Path:
    file = folder / "train.jsonl"
    file.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return file


def row(prompt: str, completion: str) -> str:
    return json.dumps({"prompt": prompt, "completion": completion}, ensure_ascii=False)


@pytest.fixture(scope="module")
def tokenizer(tiny_base: Path):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(tiny_base)


def test_an_example_is_prompt_completion_and_end_of_sequence(tmp_path: Path, tokenizer) -> None:
    (example,) = load_examples(written(tmp_path, row("ab", "c")), tokenizer, max_tokens=4)

    assert tokenizer.decode(example.ids) == "abc<end>"
    assert example.prompt_length == 2


def test_frames_stand_around_what_the_row_has(tmp_path: Path, tokenizer) -> None:
    file = written(tmp_path, json.dumps({"question": "a?", "API combination": "f", "code": "x"}))
    framing = Framing("[INST]{{question}}[/INST]", "Route: {{API combination}}\nCode:\n{{code}}")

    (example,) = load_examples(file, tokenizer, 64, framing)

    head, tail = example.ids[: example.prompt_length], example.ids[example.prompt_length :]
    assert tokenizer.decode(head) == "[INST]a?[/INST]"
    assert tokenizer.decode(tail) == "Route: f\nCode:\nx<end>"


def test_a_chat_ends_with_the_end_of_the_turn(tmp_path: Path, tiny_base: Path) -> None:
    from transformers import AutoTokenizer

    chatty = AutoTokenizer.from_pretrained(tiny_base)
    chatty.chat_template = (
        "{% for m in messages %}<{{ m.role }}>{{ m.content }}<end>\n{% endfor %}"
        "{% if add_generation_prompt %}<assistant>{% endif %}"
    )

    (example,) = load_examples(written(tmp_path, row("ab", "c")), chatty, 64, Framing(chat=True))

    assert chatty.decode(example.ids[: example.prompt_length]) == "<user>ab<end>\n<assistant>"
    assert chatty.decode(example.ids[example.prompt_length :]) == "c<end>"


def test_a_base_without_a_chat_template_cannot_chat(tmp_path: Path, tokenizer) -> None:
    with pytest.raises(FinetuneError) as failure:
        load_examples(written(tmp_path, row("a", "b")), tokenizer, 64, Framing(chat=True))

    assert failure.value.kind == "no_chat_template"


def test_a_prompt_begins_as_the_tokenizer_begins_every_text(tmp_path: Path, tiny_base: Path) -> None:
    from tokenizers.processors import TemplateProcessing
    from transformers import AutoTokenizer

    llama = AutoTokenizer.from_pretrained(tiny_base)
    llama.bos_token = "<pad>"
    begin = ("<pad>", llama.bos_token_id)
    llama.backend_tokenizer.post_processor = TemplateProcessing(single="<pad> $A", special_tokens=[begin])

    (example,) = load_examples(written(tmp_path, row("ab", "c")), llama, max_tokens=8)

    assert llama.decode(example.ids) == "<pad>abc<end>"
    assert example.prompt_length == 3


def test_a_line_separator_inside_a_text_does_not_end_the_line(tmp_path: Path) -> None:
    assert list(read_texts(written(tmp_path, row("a\u2028b", "c")))) == [("a\u2028b", "c")]


def test_a_too_long_example_is_refused_by_its_line(tmp_path: Path, tokenizer) -> None:
    file = written(tmp_path, row("ab", "c"), row("abc", "d"))

    with pytest.raises(FinetuneError) as failure:
        load_examples(file, tokenizer, max_tokens=4)

    assert failure.value.kind == "too_long"
    assert failure.value.message == "train.jsonl, line 2: 5 tokens, the recipe allows 4."


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '"text"',
        '{"prompt": "a"}',
        '{"prompt": "a", "completion": null}',
        r'{"prompt": "a", "completion": "\ud800"}',
        pytest.param("[" * 100_000, id="deep"),
    ],
)
def test_a_line_that_is_no_example_is_refused_by_its_number(tmp_path: Path, line: str) -> None:
    with pytest.raises(FinetuneError) as failure:
        list(read_texts(written(tmp_path, row("a", "b"), line)))

    assert failure.value.kind == "bad_data"
    assert failure.value.message.startswith("train.jsonl, line 2: needs `prompt` and `completion`")


def test_broken_utf8_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "train.jsonl"
    file.write_bytes(b'{"prompt": "\xff", "completion": "a"}\n')

    with pytest.raises(FinetuneError) as failure:
        list(read_texts(file))

    assert failure.value.kind == "bad_data"


@pytest.mark.parametrize("make", [lambda file: file.touch(), lambda file: None], ids=["empty", "missing"])
def test_no_data_is_no_training(tmp_path: Path, make) -> None:
    file = tmp_path / "train.jsonl"
    make(file)

    with pytest.raises(FinetuneError) as failure:
        list(read_texts(file))

    assert failure.value.kind == "no_data"


def test_a_batch_is_padded_at_the_end_and_has_labels_on_completions_only() -> None:
    batch = collate([TokenizedExample((5, 6, 7), 1), TokenizedExample((8, 9), 1)], pad=0)

    assert batch["input_ids"].tolist() == [[5, 6, 7], [8, 9, 0]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 1, 0]]
    assert batch["labels"].tolist() == [[IGNORED, 6, 7], [IGNORED, 9, IGNORED]]


def test_the_fingerprint_is_the_sha256_of_the_bytes(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"abc")

    assert fingerprint(file) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
