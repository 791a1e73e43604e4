"""Judges the predictions of a run, as often as one likes.

folder = RunFolder.existing(Path("runs/dev"))
verdicts = judged(folder, folder.rows())
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from herdwick.evals.evaluators import Outcome, Verdict, judge
from herdwick.evals.prose_judge import Judgement, read_judgements
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import RunFolder
from herdwick.tools.domain import get_domain


def judged(folder: RunFolder, rows: Sequence[Row]) -> Mapping[str, Verdict]:
    """Verdicts of a run by row id; none where nothing is expected or nothing was asked yet.

    Prose that a model has judged counts as it was judged.

    Raises:
        DataError: What a model judged cannot be read.
        DomainError: A question is about a domain that is not installed.
    """
    verdicts = {}
    judgements = read_judgements(folder)
    for row in rows:
        if row.id in folder.predictions:
            library = get_domain(row.domain).library if row.domain else ()
            verdict = judge(row, folder.predictions[row.id], library)
            if verdict is not None:
                judgement = judgements.get(row.id) if row.kind == "qa" else None
                verdicts[row.id] = _by_model(verdict, judgement) if judgement else verdict
    return verdicts


def _by_model(verdict: Verdict, judgement: Judgement) -> Verdict:
    made, whole = sum(judgement.points), len(judgement.points)
    # What failed stays a failure, whatever the judge says of nothing.
    strict, loose = (made == whole, 2 * made >= whole) if not verdict.error else (False, False)
    outcome = verdict.outcome if verdict.error else Outcome.EM if strict else Outcome.WC
    return replace(verdict, strict=strict, loose=loose, outcome=outcome)
