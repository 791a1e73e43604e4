"""Judges the predictions of a run, as often as one likes.

folder = RunFolder.existing(Path("runs/dev"))
verdicts = judged(folder, folder.rows())
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from herdwick.evals.evaluators import Outcome, Verdict, judge
from herdwick.evals.prose_judge import Judgement, counting_judgements
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import RunFolder
from herdwick.tools.domain import get_domain


def judged(folder: RunFolder, rows: Sequence[Row], *, by_phrases: bool = False) -> Mapping[str, Verdict]:
    """Verdicts of a run by row id; none where nothing is expected or nothing was asked yet.

    Args:
        folder: Of the run.
        rows: Its questions.
        by_phrases: Leave out what a model judged. Otherwise prose counts as one judged it, if one has judged
            all of it.

    Raises:
        DataError: What a model judged cannot be read, or is no judgement of these rows.
        DomainError: A question is about a domain that is not installed.
    """
    verdicts = {}
    judgements = {} if by_phrases else counting_judgements(folder, rows)
    for row in rows:
        if row.id in folder.predictions:
            answer = folder.predictions[row.id]
            library = get_domain(row.domain).library if row.domain else ()
            verdict = judge(row, answer, library)
            if verdict is not None:
                judgement = judgements.get(row.id)
                # What failed or was refused stays that, whatever the judge says of nothing.
                by_model = judgement if answer.status == "ok" else None
                verdicts[row.id] = _by_model(verdict, by_model) if by_model else verdict
    return verdicts


def _by_model(verdict: Verdict, judgement: Judgement) -> Verdict:
    made, whole = sum(judgement.points), len(judgement.points)
    right = made == whole
    outcome = Outcome.EM if right else Outcome.WC
    return replace(verdict, strict=right, loose=2 * made >= whole, outcome=outcome, judge=judgement.judge)
