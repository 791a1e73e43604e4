"""A script run with the options of the domain: what `herdwick run bgp --script` stands on.

output = run_with_options(source, BGPOptions(files=("rrc06",)))
output.stdout, output.data
"""

from collections.abc import Sequence

from pydantic import JsonValue

from herdwick.tools.bgp.columns.dataset import MAX_LISTED
from herdwick.tools.bgp.options import BGPOptions
from herdwick.tools.bgp.scripts.result import FileRead, ScriptResult, StreamRead, script_result
from herdwick.tools.bgp.scripts.run import run_script
from herdwick.tools.bgp.scripts.supply import Supply, open_supply
from herdwick.tools.bgp.times import show_time
from herdwick.tools.errors import DomainError, HerdwickError, ProgramError
from herdwick.tools.sandbox.scripts import ScriptFailure, ScriptLimits
from herdwick.tools.sandbox.scripts.bubblewrap import find_bubblewrap
from herdwick.tools.script_output import ScriptOutput


def run_with_options(source: str, options: BGPOptions, limits: ScriptLimits | None = None) -> ScriptOutput:
    """Run `source` over the data that the options, or it itself, name.

    Args:
        source: Python that uses `pybgpstream`.
        options: The user's.
        limits: What it may use; the defaults when None.

    Raises:
        BackendError: Its data could not be fetched.
        DataError: There is no such data.
        DomainError: An option means nothing to scripts.
        ScriptFailure: It was refused before it started, or there is no sandbox.
    """
    ignored = [
        name
        for name in ("rpki", "relationships", "live_url")
        if name in options.model_fields_set and getattr(options, name) is not None
    ]
    if ignored:
        flags = " or ".join(f"--{name.replace('_', '-')}" for name in ignored)
        raise DomainError("bad_option", f"Scripts do not read {flags}.", "Leave that out, or ask a question.")
    # Nothing is fetched for a script that cannot run.
    find_bubblewrap()
    with open_supply(source, options) as supply:
        try:
            result = run_script(source, supply.files, limits, supply.bounds)
        except ScriptFailure as failure:
            if failure.run is None:
                raise
            return ScriptOutput(
                failure.run.stdout,
                failure.run.stderr,
                failure.run.stdout_truncated,
                failure.run.seconds,
                _described(supply, *_reads(failure)),
                failure,
            )
    return ScriptOutput(
        result.stdout,
        result.stderr,
        result.stdout_truncated,
        result.seconds,
        _described(supply, result.reads, result.problems),
        _own_failure(result),
    )


def _own_failure(result: ScriptResult) -> HerdwickError | None:
    if result.exit_code == 0:
        return None
    return ProgramError(
        "exit_code",
        f"The script ended itself with exit code {result.exit_code}.",
        "What it printed should say why.",
    )


def _reads(failure: ScriptFailure) -> tuple[tuple[StreamRead, ...], tuple[str, ...]]:
    """What was read until a script failed, as far as that is known."""
    assert failure.run is not None
    try:
        result = script_result(failure.run)
    except ScriptFailure:
        # One that was killed left no report, and the failure at hand says why.
        return (), ("what it had read is not known",)
    return result.reads, result.problems


def _described(supply: Supply, reads: Sequence[StreamRead], problems: Sequence[str]) -> dict[str, JsonValue]:
    """What was really read, for the `data` of an answer; counts are of files, before any filter."""
    files: dict[tuple[str, str], FileRead] = {}
    for file in (file for read in reads for file in read.files):
        before = files.get((file.collector, file.name))
        if before is None or before.records < file.records:
            files[file.collector, file.name] = file
    names: list[JsonValue] = [file.name for file in files.values()]
    more: list[JsonValue] = [f"and {len(names) - MAX_LISTED} more"] if len(names) > MAX_LISTED else []
    described: dict[str, JsonValue] = {
        "files": [*names[:MAX_LISTED], *more],
        "collectors": [*sorted({file.collector for file in files.values()})],
        "window": _window(reads, [*files.values()]),
        "records": sum(file.records for file in files.values()),
        "elems": sum(file.elems for file in files.values()),
        "problems": [*problems],
    }
    if supply.is_lab:
        described["lab_capture"] = "made in a lab: nothing in it was seen on the Internet"
    return described


def _window(reads: Sequence[StreamRead], files: Sequence[FileRead]) -> JsonValue:
    """From the first to the last moment asked for, or where that is open, of what the files hold."""
    starts = [read.from_time for read in reads]
    ends = [read.until_time for read in reads]
    firsts = [file.first_time for file in files if file.first_time is not None]
    lasts = [file.last_time for file in files if file.last_time is not None]
    start = min((time for time in starts if time is not None), default=None)
    end = max((time for time in ends if time is not None), default=None)
    if None in starts:
        start = min(firsts, default=None)
    if None in ends:
        end = max(lasts, default=None)
    return {
        "from": None if start is None else show_time(start),
        "until": None if end is None else show_time(end),
    }
