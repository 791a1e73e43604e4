import subprocess
import sys

import pytest

import herdwick.agents


def loaded_after(statement):
    program = f"import sys\n{statement}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_import_alone_loads_no_framework():
    heavy = {"langchain_core", "langchain_openai", "openai", "pydantic", "httpx", "xllamacpp", "torch"}
    assert not heavy & loaded_after("import herdwick.agents")


def test_solver_without_agent_loads_no_agent_framework():
    modules = loaded_after("from herdwick.agents import build_solver")
    assert not {"langgraph", "langchain.agents", "langchain_openai", "xllamacpp"} & modules


@pytest.mark.parametrize("name", herdwick.agents.__all__)
def test_public_names_are_there(name):
    assert getattr(herdwick.agents, name).__name__ == name


def test_other_names_are_not():
    with pytest.raises(AttributeError, match="no attribute 'Agent'"):
        herdwick.agents.Agent  # noqa: B018 - reading it is the test
