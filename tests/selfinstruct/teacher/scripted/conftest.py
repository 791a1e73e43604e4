"""A scripted teacher, and prompts as the loop makes them, about one small graph."""

from collections.abc import Callable, Iterator

import pytest

from herdwick.selfinstruct.teacher.config import TeacherConfig, load_config
from herdwick.selfinstruct.teacher.execution import Runner, open_runner
from herdwick.selfinstruct.teacher.prompts import Prompt, Prompter, read_prompt
from herdwick.selfinstruct.teacher.scripted.writer import Phrasebook, ScriptedWriter, load_phrasebook
from herdwick.selfinstruct.teacher.seeds import read_seeds


@pytest.fixture(scope="session")
def book() -> Phrasebook:
    return load_phrasebook()


@pytest.fixture(scope="session")
def config() -> TeacherConfig:
    return load_config("aminer", overrides={"graph_people": 60, "graph_papers": 120, "graph_seed": 3})


@pytest.fixture(scope="session")
def runner(config: TeacherConfig) -> Iterator[Runner]:
    with open_runner(config) as opened:
        yield opened


@pytest.fixture(scope="session")
def prompts(config: TeacherConfig, runner: Runner) -> Callable[[int], Prompt]:
    """The prompt of a request, by its number."""
    seeds = read_seeds(config.seeds).tasks
    prompter = Prompter(config, seeds, read_prompt(config.prompt), runner.entities)
    return lambda number: prompter.draw(number, ())


@pytest.fixture
def write(book: Phrasebook, prompts: Callable[[int], Prompt]) -> Callable:
    """The reply to a request, with a share of its tasks spoiled."""

    def make(number: int, faults: float = 0.0, form: str = "json", seed: int = 5):
        (_, system), (_, user) = prompts(number).messages(form)
        return ScriptedWriter(book, faults=faults, seed=seed).reply(system, user, form)

    return make
