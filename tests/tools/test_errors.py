"""Whose fault an error is."""

import pytest

from herdwick.tools.errors import BackendError, DataError, DomainError, ProgramError, ToolFailure


@pytest.mark.parametrize(
    "error",
    [
        DataError("locked_graph", "It is locked."),
        BackendError("unreachable", "It is down."),
        DomainError("unknown_domain", "There is none."),
        ProgramError("sandbox_unavailable", "No worker."),
    ],
)
def test_files_services_and_machines_are_external(error):
    assert error.external


@pytest.mark.parametrize(
    "error", [ProgramError("time_limit", "Too slow."), ToolFailure("unknown_id", "None.")]
)
def test_programs_are_not(error):
    assert not error.external
