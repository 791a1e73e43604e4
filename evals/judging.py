"""Judges the predictions of a run, as often as one likes.

folder = RunFolder.existing(Path("runs/dev"))
verdicts = judged(folder, folder.rows())
"""

from collections.abc import Mapping, Sequence

from herdwick.evals.evaluators import Verdict, judge
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import RunFolder
from herdwick.tools.domain import get_domain


def judged(folder: RunFolder, rows: Sequence[Row]) -> Mapping[str, Verdict]:
    """Verdicts of a run by row id; none where nothing is expected or nothing was asked yet.

    Raises:
        DomainError: A question is about a domain that is not installed.
    """
    verdicts = {}
    for row in rows:
        if row.id in folder.predictions:
            library = get_domain(row.domain).library if row.domain else ()
            verdict = judge(row, folder.predictions[row.id], library)
            if verdict is not None:
                verdicts[row.id] = verdict
    return verdicts
