"""The sandbox as its callers see it: evidence, failures, isolation between runs, life cycle."""

import ast
from concurrent.futures import ThreadPoolExecutor

import pytest

from herdwick.tools.errors import BackendError, DataError, DomainError, ToolFailure
from herdwick.tools.sandbox import CheckedProgram, Limits, ProgramFailure, ProgramSandbox
from herdwick.tools.sandbox.chains import CallFlow
from herdwick.tools.sandbox.source import Source
from herdwick.tools.tool import FunctionTool


def test_calls_are_recorded_in_order_with_named_arguments(run):
    result = run(
        'p = searchPerson("Chen Wei", interest="Data Mining")[0]\nfinal_result = getCoauthors(p["person_id"])'
    )
    assert [(call.tool, call.args, call.ok) for call in result.calls] == [
        ("searchPerson", {"name": "Chen Wei", "interest": "Data Mining"}, True),
        ("getCoauthors", {"person_id": "wei"}, True),
    ]


def test_failed_call_is_recorded_as_failed(run):
    result = run(
        'key = str(searchPerson(name="Chen Wei")[0]["num_pubs"])\n'
        'try:\n    final_result = getCoauthors(key)\nexcept Exception:\n    final_result = "unknown"'
    )
    assert (result.value, [call.ok for call in result.calls]) == ("unknown", [True, False])


def test_printed_text_is_no_part_of_the_answer_nor_of_the_hosts_output(run, capfd):
    result = run('hits = searchPerson(name="Chen Wei")\nprint(len(hits), "hit")\nfinal_result = 1')
    assert (result.value, capfd.readouterr()) == (1, ("", ""))


def test_no_state_survives_from_one_program_to_the_next(run, failure_of):
    run('secret = final_result = searchPerson(name="Chen Wei")[0]["name"]')
    failure = failure_of('if searchPerson(name="Nemo Null"):\n    final_result = 1')
    assert (failure.kind, len(failure.calls)) == ("no_result", 1)


def test_a_variable_of_an_earlier_program_is_unknown(run, failure_of):
    run('secret = final_result = searchPerson(name="Chen Wei")[0]["name"]')
    assert failure_of('searchPerson(name="Edu Ríos")\nfinal_result = secret').kind == "type"


def test_service_trouble_ends_the_run_even_inside_try(sandbox, tools, domain):
    def down(**_arguments):
        raise BackendError("unreachable", "The service does not answer.", "Try again later.")

    broken = [FunctionTool.of(tools[0].spec, down), *tools[1:]]
    program = 'try:\n    searchPerson(name="A")\nexcept BaseException:\n    pass\nfinal_result = "hidden"'
    with pytest.raises(BackendError, match="does not answer"):
        sandbox.run(program, broken, domain=domain)
    assert sandbox.run('final_result = len(searchPerson(name="Chen Wei"))', tools, domain=domain).value == 1


def test_damaged_data_ends_the_run(sandbox, tools, domain):
    def damaged(**_arguments):
        raise DataError("damaged_graph", "The graph is damaged.", "Build it again.")

    broken = [FunctionTool.of(tools[0].spec, damaged), *tools[1:]]
    with pytest.raises(DataError):
        sandbox.run('final_result = searchPerson(name="A")', broken, domain=domain)


@pytest.mark.parametrize("trouble", [BackendError, DataError])
def test_calls_before_trouble_with_the_data_are_kept(sandbox, tools, domain, trouble):
    def broken(**_arguments):
        raise trouble("broken", "It is broken.", "Mend it.")

    mixed = [FunctionTool.of(tool.spec, broken) if tool.name == "getCoauthors" else tool for tool in tools]
    program = 'final_result = getCoauthors(searchPerson(name="Chen Wei")[0]["person_id"])'
    with pytest.raises(trouble) as caught:
        sandbox.run(program, mixed, domain=domain)
    assert [(call.tool, call.ok) for call in caught.value.calls] == [
        ("searchPerson", True),
        ("getCoauthors", False),
    ]


def test_only_functions_of_the_plan_can_be_called(sandbox, tools):
    program = 'hits = searchPerson(name="Chen Wei")\nfinal_result = getCoauthors(hits[0]["person_id"])'
    # As if the data flow had overlooked the second call.
    checked = CheckedProgram(Source(program, ast.parse(program)), CallFlow({}, {}, {}), ("searchPerson",))
    with pytest.raises(ProgramFailure, match="NameError: name 'getCoauthors' is not defined") as caught:
        sandbox.run_checked(checked, tools)
    assert [call.tool for call in caught.value.calls] == ["searchPerson"]


def test_checked_program_is_not_checked_again(sandbox, tools, domain, monkeypatch):
    checked = sandbox.check('final_result = len(searchPerson(name="Chen Wei"))', domain)
    monkeypatch.setattr("herdwick.tools.sandbox.programs.check_program", None)
    assert sandbox.run_checked(checked, tools).value == 1


def test_uncaught_tool_failure_keeps_the_tools_own_words(sandbox, tools, domain):
    def unknown(**_arguments):
        raise ToolFailure("unknown_id", "There is no such person.", "Search for the person first.")

    broken = [FunctionTool.of(tools[0].spec, unknown), *tools[1:]]
    with pytest.raises(ProgramFailure) as caught:
        sandbox.run('x = 1\nfinal_result = searchPerson(name="A")', broken, domain=domain)
    failure = caught.value
    assert failure.kind == "tool"
    assert failure.message == 'line 2: `final_result = searchPerson(name="A")`: There is no such person.'
    assert failure.hint == "Search for the person first."
    assert [call.ok for call in failure.calls] == [False]


def test_programs_run_at_the_same_time_without_mixing(sandbox, tools, domain):
    names = ["Chen Wei", "Edu Ríos", "Björn Öst", "Dina O'Hara"] * 5

    def citations(name: str) -> object:
        program = f"final_result = searchPerson(name={name!r})[0]['name']"
        return sandbox.run(program, tools, domain=domain).value

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(citations, names)) == names


def test_check_alone_calls_nothing(sandbox, domain):
    checked = sandbox.check('final_result = searchPerson(name="A")', domain)
    assert checked.plan == ("searchPerson",)
    with pytest.raises(ProgramFailure) as caught:
        sandbox.check('final_result = searchPerson(nam="A")', domain)
    assert caught.value.kind == "type"


def test_closed_sandbox_starts_again(tools, domain):
    sandbox = ProgramSandbox(workers=1)
    program = 'final_result = len(searchPerson(name="Chen Wei"))'
    for _ in range(2):
        assert sandbox.run(program, tools, domain=domain).value == 1
        sandbox.close()
        sandbox.close()


def test_function_without_a_tool_is_said_before_anything_runs(sandbox, tools, domain):
    with pytest.raises(DomainError, match=r"No tool answers searchPerson\."):
        sandbox.run('final_result = searchPerson(name="A")', tools[1:], domain=domain)


def test_missing_worker_means_no_run(tools, domain):
    sandbox = ProgramSandbox(binary_path="/nowhere/monty")
    with pytest.raises(ProgramFailure) as caught:
        sandbox.run('final_result = searchPerson(name="A")', tools, domain=domain, limits=Limits())
    assert (caught.value.kind, caught.value.calls) == ("sandbox_unavailable", ())
