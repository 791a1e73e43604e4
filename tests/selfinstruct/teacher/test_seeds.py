import json

import pytest

from herdwick.selfinstruct.teacher.seeds import read_seeds
from herdwick.tools.errors import DataError


def seed(name: str) -> str:
    return json.dumps({"id": name, "instruction": "What?", "instances": [{"input": "", "output": "That."}]})


def test_broken_lines_are_told_with_their_numbers_and_the_rest_is_kept(tmp_path):
    file = tmp_path / "s.jsonl"
    file.write_text("\n".join([seed("a"), '{"id": "b", ', "", seed("c"), '{"id": "d"}', seed("a")]))

    seeds = read_seeds(file)

    assert [task.id for task in seeds.tasks] == ["a", "c"]
    assert [line.partition(":")[0] for line in seeds.broken] == [
        "s.jsonl, line 2",
        "s.jsonl, line 5",
        "s.jsonl, line 6",
    ]
    assert "used before" in seeds.broken[2]


def test_bytes_that_are_no_text_cost_their_line_only(tmp_path):
    file = tmp_path / "s.jsonl"
    file.write_bytes(b"\xff\xfe\n" + seed("a").encode())
    seeds = read_seeds(file)
    assert (len(seeds.tasks), len(seeds.broken)) == (1, 1)


@pytest.mark.parametrize("content", ["", "not json\n"])
def test_a_file_without_any_task_is_an_error(tmp_path, content):
    file = tmp_path / "s.jsonl"
    file.write_text(content)
    with pytest.raises(DataError) as caught:
        read_seeds(file)
    assert caught.value.kind == "no_seeds"


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        read_seeds(tmp_path / "none.jsonl")
