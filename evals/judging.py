"""Judges the predictions of a run, as often as one likes.

rows, verdicts = judged(RunFolder.existing(Path("runs/dev")))
"""

from collections.abc import Mapping

from herdwick.evals.evaluators import Verdict, judge
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import RunFolder
from herdwick.tools.domain import get_domain


def judged(folder: RunFolder) -> tuple[Mapping[str, Row], Mapping[str, Verdict]]:
    """Rows and verdicts of a run, by id; no verdict where nothing is expected or nothing was asked yet.

    Raises:
        DataError: The folder does not hold its questions.
        DomainError: A question is about a domain that is not installed.
    """
    rows = {row.id: row for row in folder.rows()}
    verdicts = {}
    for name, row in rows.items():
        if name in folder.predictions:
            library = get_domain(row.domain).library if row.domain else ()
            verdict = judge(row, folder.predictions[name], library)
            if verdict is not None:
                verdicts[name] = verdict
    return rows, verdicts
