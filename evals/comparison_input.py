"""Two runs made ready to be compared: the same questions over the same data, judged by the same rules.

rows, before, after, judge = judged_alike(RunFolder.existing(a), RunFolder.existing(b))
compare(before, after, clusters_of(rows))
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from herdwick.agents.errors import UsageError
from herdwick.evals.evaluators import Verdict
from herdwick.evals.judging import judged
from herdwick.evals.metrics import cluster_of
from herdwick.evals.prose_judge import read_judgements
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import RunFolder

_ABOUT = {"hop", "source", "tags", "template"}
"""Fields of a row that change neither what is asked nor what is right."""


class JudgedAlike(NamedTuple):
    """Two runs, ready to be compared.

    Attributes:
        rows: The questions of both by id.
        first, second: Verdicts of each run.
        judge: The model that judged the prose of both; None where phrases did, or there is none.
    """

    rows: dict[str, Row]
    first: Mapping[str, Verdict]
    second: Mapping[str, Verdict]
    judge: str | None


def judged_alike(first: RunFolder, second: RunFolder, *, by_phrases: bool = False) -> JudgedAlike:
    """The verdicts of two runs, by one set of rules.

    Args:
        first: A run.
        second: Another, of the same questions or some of them.
        by_phrases: Leave out what models judged, since an answer may talk its judge into a yes.

    Raises:
        DataError: A run cannot be read.
        UsageError: The runs are about other questions, answers or data.
    """
    before, after = ({row.id: row for row in folder.rows()} for folder in (first, second))
    _check_rows(before, after)
    _check_data(first, second, before, after)
    judge_name = None if by_phrases else _common_judge(first, second, before, after)
    one, other = (
        judged(folder, [*rows.values()], by_phrases=judge_name is None)
        for folder, rows in ((first, before), (second, after))
    )
    return JudgedAlike(after | before, one, other, judge_name)


def clusters_of(rows: Mapping[str, Row]) -> dict[str, str]:
    """The cluster of each row id."""
    return {name: cluster_of(row) for name, row in rows.items()}


def _check_rows(first: Mapping[str, Row], second: Mapping[str, Row]) -> None:
    for name in first.keys() & second.keys():
        one, other = (row.model_dump(exclude=_ABOUT) for row in (first[name], second[name]))
        changed = [field for field in one if one[field] != other[field]]
        if changed:
            raise UsageError(
                "other_questions",
                f"The runs differ in {' and '.join(changed)} of the row {name!r}.",
                "Compare runs of the same suite in the same version.",
            )


def _check_data(
    first: RunFolder, second: RunFolder, before: Mapping[str, Row], after: Mapping[str, Row]
) -> None:
    one, other = first.settings, second.settings
    changed = ["graph"] if one.graph != other.graph else []
    # Of other rows the fingerprint may well be another: it is of all files that they are about.
    if one.files != other.files and _data_named(before.values()) == _data_named(after.values()):
        changed.append("files")
    if changed:
        raise UsageError(
            "other_data",
            f"The runs are about another {' and other '.join(changed)}: their answers do not compare.",
            "Compare runs over the same data.",
        )


def _data_named(rows: Iterable[Row]) -> set[tuple[str | None, frozenset[str]]]:
    return {(row.domain, frozenset((*row.files, *row.inputs.values()))) for row in rows}


def _common_judge(
    first: RunFolder, second: RunFolder, before: Mapping[str, Row], after: Mapping[str, Row]
) -> str | None:
    """The model that judged all of the prose that both runs answered, by one prompt, if one did."""
    judges: set[tuple[str, str] | None] = set()
    for folder, rows in ((first, before), (second, after)):
        found = read_judgements(folder, [*rows.values()])
        prose = [name for name, row in rows.items() if row.kind == "qa" and name in folder.predictions]
        by = {name: (one.judge, one.prompt) for name, one in found.items()}
        judges |= {by.get(name) for name in prose}
    common = judges.pop() if len(judges) == 1 else None
    return common and common[0]
