import json

import pytest

from herdwick.selfinstruct.teacher.prompts import Prompter, ShownTask
from herdwick.selfinstruct.teacher.seeds import read_seeds
from herdwick.tools.errors import DataError


@pytest.fixture
def prompter(configure, seed_file):
    def make(**overrides):
        return Prompter(configure(**overrides), read_seeds(seed_file).tasks, "Write {{good}} tasks.")

    return make


KEPT = [ShownTask(f"kept-{number}", "What?", "", "That.", by_hand=False) for number in range(5)]


def test_a_request_is_the_same_whenever_it_is_drawn(prompter):
    assert prompter().draw(7, []) == prompter().draw(7, [])
    assert prompter().draw(7, []).seed_ids != prompter().draw(8, []).seed_ids


def test_another_seed_draws_other_tasks(prompter):
    assert prompter(seed=1).draw(7, []).seed_ids != prompter(seed=2).draw(7, []).seed_ids


def test_bootstrapping_shows_six_seeds_and_two_kept_items(prompter):
    prompt = prompter(human_seeds=6, machine_seeds=2).draw(0, KEPT)
    assert (len({*prompt.seed_ids}), len({*prompt.machine_ids})) == (6, 2)


def test_there_is_no_bootstrapping_before_there_are_items(prompter):
    assert prompter(human_seeds=6, machine_seeds=2).draw(0, KEPT[:1]).machine_ids == ()


def test_json_shows_tasks_and_asks_for_an_object(prompter):
    (_, system), (_, user) = prompter(items_per_reply=4).draw(0, []).messages("json")
    assert system.startswith("Write {{good}} tasks.")
    assert "Write 4 new tasks" in system
    assert [task["number"] for task in json.loads(user)["tasks"]] == [1, 2, 3]


def test_text_ends_with_the_next_number(prompter):
    (_, _), (_, user) = prompter().draw(0, []).messages("text")
    assert user.startswith("###\n1. Instruction: ")
    assert user.endswith("\n###\n4. Instruction:")


def test_the_hash_is_of_what_is_sent(prompter):
    prompt = prompter().draw(0, [])
    assert prompt.sha256("json") != prompt.sha256("text")
    assert prompt.sha256("json") == prompter().draw(0, []).sha256("json")


def test_fewer_seeds_than_a_prompt_shows_is_an_error(prompter):
    with pytest.raises(DataError) as caught:
        prompter(human_seeds=11)
    assert caught.value.kind == "no_seeds"
