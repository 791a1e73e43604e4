"""What is known of a training file: the report that its maker left beside it, as far as a card tells it.

report, = read_data_reports(Path("finetune/adapters/bgp/data_report.json"))
report.fingerprint, report.command
"""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from herdwick.finetune.recipe import FinetuneError

DATA_FILE = "data_report.json"
"""Stands beside a shipped adapter: the reports on the data of its runs, in their order."""

_T = TypeVar("_T")


class DataReport(BaseModel):
    """What a card says of a file that `herdwick selfinstruct synthesize` wrote; its report has more.

    Attributes:
        fingerprint: SHA-256 of the training file.
        seeds_fingerprint: SHA-256 of everything the file was made from.
        commit: Source it was made with; '' outside a repository.
        command: Makes the file again.
        emphasis_fingerprint: SHA-256 of what it dwells on beyond the seeds; '' if on nothing.
        noise_fingerprint: SHA-256 of what befalls its questions; '' if nothing.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    fingerprint: str
    seeds_fingerprint: str
    commit: str
    command: str
    emphasis_fingerprint: str = ""
    noise_fingerprint: str = ""


class TeacherReport(BaseModel):
    """The same of a file that `herdwick selfinstruct generate` wrote.

    Attributes:
        fingerprint: SHA-256 of the file.
        kind: Of its tasks.
        model: The teacher.
        kept: Tasks in the file.
        seeds: Hand-written tasks that the teacher went on from.
        config_fingerprint: Of the configuration it was made by.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    fingerprint: str
    kind: str
    model: str
    kept: int
    seeds: int
    config_fingerprint: str


def read_data_reports(file: Path) -> tuple[DataReport, ...]:
    """The reports in `file`, one for each run that made the adapter, in their order.

    Raises:
        FinetuneError: It is missing or has another shape.
    """
    return _read_as(TypeAdapter(tuple[DataReport, ...]), file)


def read_data_report(file: Path) -> DataReport:
    """The report that `synthesize` left beside one training file.

    Raises:
        FinetuneError: It is missing or has another shape.
    """
    return _read_as(TypeAdapter(DataReport), file)


def read_any_report(file: Path) -> DataReport | TeacherReport:
    """The report that `synthesize` or `generate` left beside what it wrote.

    Raises:
        FinetuneError: It is missing or has another shape.
    """
    shape: TypeAdapter[DataReport | TeacherReport] = TypeAdapter(DataReport | TeacherReport)
    return _read_as(shape, file)


def _read_as(shape: TypeAdapter[_T], file: Path) -> _T:
    try:
        return shape.validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise FinetuneError(
            "no_data_report",
            f"{file} is no report on training data.",
            "`herdwick selfinstruct synthesize` and `generate` write one beside the training file.",
        ) from error
