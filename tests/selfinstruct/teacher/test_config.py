import pytest

from herdwick.agents.errors import UsageError
from herdwick.selfinstruct.similarity.contamination import EvaluationQuestions
from herdwick.selfinstruct.teacher.config import KINDS, SEEDS, load_config
from herdwick.selfinstruct.teacher.prompts import read_prompt
from herdwick.tools.errors import DataError


@pytest.fixture
def file(tmp_path):
    def write(text: str):
        path = tmp_path / "config.yaml"
        path.write_text(text)
        return path

    return write


@pytest.mark.parametrize("kind", KINDS)
def test_what_ships_can_be_loaded_and_has_its_prompt(kind):
    config = load_config(kind)
    assert config.kind == kind
    assert config.seeds == SEEDS / f"{kind}.jsonl"
    assert len(read_prompt(config.prompt)) > 500


@pytest.mark.parametrize("kind", KINDS)
def test_what_ships_is_compared_with_the_suites_of_its_domain(kind):
    files = load_config(kind).against
    assert ("aminer_dev.jsonl" if kind == "aminer" else "bgp_dev.jsonl") in {file.name for file in files}
    assert EvaluationQuestions.of_files(files).repeated("How is Herdwick wool graded by hand?") is None


def test_flags_override_the_file(file):
    config = load_config("aminer", file("count: 5\nrouge: 0.6\n"), {"count": 9})
    assert (config.count, config.rouge) == (9, 0.6)


def test_paths_are_relative_to_the_file(file, tmp_path):
    config = load_config("aminer", file("seeds: mine.jsonl\nagainst: [dev.jsonl]\n"))
    assert (config.seeds, config.against) == (tmp_path / "mine.jsonl", (tmp_path / "dev.jsonl",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cuont: 5", "cuont"),
        ("count: many", "count"),
        ("rouge: 2", "rouge"),
        ("kind: realtime", "it is for realtime"),
        ("language: english", "english is none of"),
        ("in_flight: 257", "above window (256)"),
        ("in_flight: 64\nmachine_seeds: 2", "above window (32)"),
        ("budget_cost: 3", "price_in"),
        ("least_words: 200", "above most_words"),
        ("- a list", "no keys"),
        ("count: [", "cannot be used"),
    ],
)
def test_what_does_not_fit_is_refused(file, text, said):
    with pytest.raises(DataError) as caught:
        load_config("aminer", file(text))
    assert caught.value.kind == "bad_config"
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("overrides", "said"), [({"top_p": 2.0}, "top_p"), ({"in_flight": 8}, "above window (4)")]
)
def test_a_flag_that_does_not_fit_is_no_fault_of_the_file(file, overrides, said):
    with pytest.raises(UsageError) as caught:
        load_config("aminer", file("window: 4\nin_flight: 2\n"), overrides)
    assert said in caught.value.message
    with pytest.raises(DataError):
        load_config("aminer", file("count: many\n"), overrides)


def test_the_fingerprint_changes_with_what_decides_and_not_with_speed(configure, seed_file):
    base = configure().fingerprint()
    assert configure(count=99, in_flight=2, budget_tokens=5, budget_requests=2).fingerprint() == base
    assert configure(rouge=0.6).fingerprint() != base
    assert configure(window=64).fingerprint() == base
    assert configure(machine_seeds=2).fingerprint() != configure(machine_seeds=2, window=64).fingerprint()
    seed_file.write_text(seed_file.read_text() + "\n")
    assert configure().fingerprint() != base
