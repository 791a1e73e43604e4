"""The end of a run: predictions judged, `metrics.json` and `report.html` written.

    metrics = conclude(folder, folder.rows())

Nothing is asked, so that a finished run can be judged anew at any time.
"""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence

from pydantic import JsonValue, TypeAdapter

from herdwick.evals.evaluators import Verdict
from herdwick.evals.figures import figures
from herdwick.evals.judging import judged
from herdwick.evals.metrics import Metrics, measure
from herdwick.evals.predictions import Prediction
from herdwick.evals.provenance import provenance
from herdwick.evals.report.data import Report, ReportRow, RowError
from herdwick.evals.report.page import page
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import RunFolder
from herdwick.evals.tokens import Price, Tokens

_FIGURES = (
    *("score", "score_interval", "all", "refusals", "refused_wrongly"),
    *("hops", "kinds", "tags", "templates"),
)
"""Of `metrics.json`, what the report draws."""

_FURTHER = ("judged_with", "judge", "tokens", "price", "cost", "seconds", "cache", "langsmith")
"""Of the rest, what it lists."""

_PRICE = TypeAdapter(Price)


def conclude(folder: RunFolder, rows: Sequence[Row], notes: Mapping[str, JsonValue] | None = None) -> Metrics:
    """Judges the predictions in `folder` and writes figures and report.

    Args:
        folder: Of the run.
        rows: Its questions, each with its domain.
        notes: What else is to stand in `metrics.json`, beside what stood there before.

    Raises:
        DataError: They cannot be written.
    """
    verdicts = judged(folder, rows)
    by_id = {row.id: row for row in rows}
    metrics = measure([*verdicts.values()], by_id)
    asked = [row for row in rows if row.id in folder.predictions]
    seconds, tokens, codes, uncounted = [], Tokens(), Counter[str](), 0
    for row in asked:
        prediction = folder.predictions[row.id]
        seconds.append(prediction.timings.total_s)
        tokens += prediction.tokens or Tokens()
        uncounted += prediction.tokens is None
        codes[prediction.code] += 1
    run = folder.settings.model_dump(exclude={"suite"})
    noted = {**folder.notes(), **(notes or {})}
    found: dict[str, JsonValue] = {
        "suite": folder.settings.suite,
        "run": run,
        "asked_with": dict(codes),
        "judged_with": provenance(),
        "questions": len(rows),
        "asked": len(asked),
        "judged": len(verdicts),
        "judge": next((one.judge for one in verdicts.values() if one.judge), ""),
        **figures(metrics),
        **noted,
        "seconds": _seconds(seconds),
        "tokens": tokens.model_dump(),
    }
    if "price" in noted:
        # A sum over some of the answers would pass for the cost of all.
        found["cost"] = None if uncounted else _PRICE.validate_python(noted["price"]).of(tokens)
    failures: list[JsonValue] = [
        _failure(by_id[name], folder.predictions[name], verdict)
        for name, verdict in verdicts.items()
        if not verdict.strict or verdict.plan is False
    ]
    folder.write_metrics(found | {"failures": failures})
    shown = (_report_row(row, folder.predictions[row.id], verdicts.get(row.id)) for row in asked)
    folder.write_report(page(_report(folder, found), shown))
    return metrics


def _report(folder: RunFolder, found: Mapping[str, JsonValue]) -> Report:
    suite = folder.settings.suite
    facts: dict[str, JsonValue] = folder.settings.model_dump(exclude={"suite"})
    facts |= {"asked with": _counts(found["asked_with"]), "errors": _counts(found["errors"])}
    facts |= {name: found[name] for name in _FURTHER if name in found}
    return Report(
        title=f"{suite}, {folder.path.resolve().name}",
        run={"suite": suite} | {name: fact for name, fact in facts.items() if fact not in ("", None)},
        figures={name: found[name] for name in _FIGURES},
        questions=found["questions"],
        asked=found["asked"],
    )


def _counts(counted: JsonValue) -> str:
    """How often each name was counted, for people; '' is a name that nobody knows."""
    named = counted.items() if isinstance(counted, dict) else ()
    return ", ".join(f"{name} ({count})" for name, count in named if name)


def _report_row(row: Row, prediction: Prediction, verdict: Verdict | None) -> ReportRow:
    error = prediction.error
    known = {"options": list(row.choices.values()), "rubric": [list(point) for point in row.rubric]}
    known |= {"source": row.source, "tokens": prediction.tokens and prediction.tokens.model_dump()}
    return ReportRow(
        id=row.id,
        question=row.question,
        kind=row.kind,
        tags=row.tags,
        hop=row.hop,
        template=row.template,
        expected=row.answer,
        also=row.also,
        unordered=row.unordered,
        expected_plan=row.plan,
        plan=tuple(prediction.plan),
        program=prediction.program,
        calls=tuple(prediction.calls),
        answer=prediction.answer,
        text=prediction.text,
        status=prediction.status,
        error=error and RowError(kind=error.kind, message=error.message, hint=error.hint),
        outcome=verdict and verdict.outcome and verdict.outcome.value,
        strict=verdict and verdict.strict,
        loose=verdict and verdict.loose,
        plan_right=verdict and verdict.plan,
        attempts=prediction.attempts,
        seconds=prediction.timings.total_s,
        data=prediction.data | {name: fact for name, fact in known.items() if fact},
    )


def _failure(row: Row, prediction: Prediction, verdict: Verdict) -> JsonValue:
    return {
        "id": row.id,
        "question": row.question,
        "outcome": None if verdict.outcome is None else str(verdict.outcome),
        "set": verdict.loose,
        "expected": row.answer,
        "answer": prediction.answer,
        "expected_plan": None if row.plan is None else list(row.plan),
        "plan": list(prediction.plan),
        "program": prediction.program,
        "error": None if prediction.error is None else prediction.error.model_dump(),
    }


def _seconds(of_answers: Sequence[float]) -> JsonValue:
    if len(of_answers) < 2:
        return None
    return {
        "median": round(statistics.median(of_answers), 3),
        "p95": round(statistics.quantiles(of_answers, n=20, method="inclusive")[-1], 3),
    }
