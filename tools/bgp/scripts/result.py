"""What a script printed, and what it read.

result = script_result(run)
result.reads[0].collectors, result.problems
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from herdwick.tools.bgp.compat.evidence import MAX_STREAMS
from herdwick.tools.sandbox.scripts import ScriptFailure, ScriptRun


@dataclass(frozen=True)
class FileRead:
    """One MRT file, as far as a stream read it.

    Attributes:
        name, project, collector: Which.
        first_time, last_time: Of its records, in seconds since 1970 UTC; None where it has none.
        records, elems: Seen in it, before any filter; of elems, those inside the window.
        skipped: What could not be read: reason and how often.
        ended_early: Why the rest of it could not be read; '' if it could.
    """

    name: str
    project: str
    collector: str
    first_time: float | None
    last_time: float | None
    records: int
    elems: int
    skipped: Mapping[str, int]
    ended_early: str


@dataclass(frozen=True)
class StreamRead:
    """One stream that a script opened.

    Attributes:
        from_time, until_time: Its window in seconds since 1970 UTC; None where open.
        collectors: Of the files it was to read.
        records, elems: Given to the script.
        complete: Whether the script read it to its end.
        missing_types: Record types that it was to read, and of which there was no file.
        error: Why it could not be read; '' if it could.
        files: Those that were really read.
    """

    from_time: float | None
    until_time: float | None
    collectors: tuple[str, ...]
    records: int
    elems: int
    complete: bool
    missing_types: tuple[str, ...]
    error: str
    files: tuple[FileRead, ...]


@dataclass(frozen=True)
class ScriptResult:
    """A script that ran to its end.

    `reads` comes from inside the sandbox: a hostile script can forge it, and the text it prints.

    Attributes:
        exit_code: Its own.
        stdout, stderr: What it printed.
        stdout_truncated, stderr_truncated: Whether it printed more than is kept.
        seconds: From start to end.
        reads: Its streams, in the order they were started.
        problems: What could not be read, in words: errors that the script caught, damaged files.
    """

    exit_code: int
    stdout: str
    stderr: str
    stdout_truncated: bool
    stderr_truncated: bool
    seconds: float
    reads: tuple[StreamRead, ...]
    problems: tuple[str, ...]


_MAX_PROBLEMS = 50


# Wide enough for all that the module reports, and so narrow that nothing forged hurts the host: times must be
# those that can be shown, and numbers those that can be written.
_Time = Annotated[float, Field(allow_inf_nan=False, ge=-62_135_596_800, lt=253_402_300_800)]
_Count = Annotated[int, Field(ge=0, lt=2**63)]
_Name = Annotated[str, Field(max_length=1_000)]
_Text = Annotated[str, Field(max_length=10_000)]
_Names = Annotated[list[_Name], Field(max_length=100_000)]


class _File(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    name: _Name
    project: str = Field(max_length=100)
    collector: _Name
    first_time: _Time | None
    last_time: _Time | None
    records: _Count
    elems: _Count
    skipped: dict[_Text, _Count] = Field(max_length=100)
    ended_early: _Text


class _Stream(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    from_time: _Time | None
    until_time: _Time | None
    collectors: _Names
    records: _Count
    elems: _Count
    complete: bool
    missing_types: _Names
    error: _Text
    files: list[_File] = Field(max_length=100_000)


class _Evidence(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    streams: _Count
    readings: list[_Stream] = Field(max_length=MAX_STREAMS)


def script_result(run: ScriptRun) -> ScriptResult:
    """The result of a run.

    Raises:
        ScriptFailure: Of kind `no_report`: what the script read is not told as it should be.
    """
    try:
        evidence = _Evidence.model_validate(run.evidence)
    except ValidationError as error:
        raise ScriptFailure(
            "no_report",
            "What the script read is not known: its report is damaged.",
            "Use pybgpstream as documented.",
            run,
        ) from error
    reads = tuple(_stream_read(stream) for stream in evidence.readings)
    problems = [*_problems(reads)]
    if evidence.streams > len(reads):
        problems.append(f"{evidence.streams - len(reads)} further streams are not listed")
    return ScriptResult(
        exit_code=run.exit_code,
        stdout=run.stdout,
        stderr=run.stderr,
        stdout_truncated=run.stdout_truncated,
        stderr_truncated=run.stderr_truncated,
        seconds=run.seconds,
        reads=reads,
        problems=tuple(dict.fromkeys(problems))[:_MAX_PROBLEMS],
    )


def _stream_read(stream: _Stream) -> StreamRead:
    return StreamRead(
        from_time=stream.from_time,
        until_time=stream.until_time,
        collectors=tuple(stream.collectors),
        records=stream.records,
        elems=stream.elems,
        complete=stream.complete,
        missing_types=tuple(stream.missing_types),
        error=stream.error,
        files=tuple(FileRead(**file.model_dump()) for file in stream.files),
    )


def _problems(reads: tuple[StreamRead, ...]) -> list[str]:
    found = []
    for read in reads:
        if read.error:
            found.append(read.error)
        if read.missing_types:
            found.append(f"there were no {' or '.join(read.missing_types)}")
        for file in read.files:
            found += [f"{file.name}: {count} x {reason}" for reason, count in file.skipped.items()]
            if file.ended_early:
                found.append(f"{file.name}: {file.ended_early}; the rest of it was not read")
    return found
