"""Runs a suite: every question through a solver, judged against what its row expects.

    metrics = run_suite("aminer_dev", out=Path("runs/dev"))
    metrics.all.strict, metrics.score

In the end `out` holds `predictions.jsonl` (answer objects with an `id`) and `metrics.json` (what was run,
figures, then every failure). The same call again finishes an interrupted run.
"""

import hashlib
import statistics
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from pydantic import JsonValue, TypeAdapter
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from herdwick.agents.answer import Answer
from herdwick.agents.solver import Solver
from herdwick.agents.weights import Weights
from herdwick.evals.evaluators import Verdict, judge, plan_match
from herdwick.evals.figures import figures
from herdwick.evals.metrics import Metrics, measure
from herdwick.evals.row_solver import RowSolver
from herdwick.evals.rows import Failed, Row
from herdwick.evals.run_folder import Prediction, RunFolder, Settings
from herdwick.evals.suite import Suite, load_suite
from herdwick.tools.domain import Domain
from herdwick.tools.errors import HerdwickError

Ask = Callable[[Row], Answer]
"""Answers the question of one row."""


class RunStopped(HerdwickError):
    """A question failed for reasons that say nothing about the model; earlier answers are kept."""


def run_suite(
    name: str,
    *,
    out: Path,
    data: Path | None = None,
    graph: Path | None = None,
    model: str = "embedded",
    strategy: str = "one-shot",
    limit: int | None = None,
) -> Metrics:
    """Asks a suite's questions that `out` has no prediction for, and measures all.

    Args:
        name: Of the suite; see `load_suite`.
        out: Folder of the run; made if missing, continued if it holds the same run.
        data: Questions to use instead of the suite's own.
        graph: Graph to use instead of the suite's own.
        model: As `load_model` takes it.
        strategy: As `build_solver` takes it.
        limit: Ask only the first so many questions; a later call may ask the others.

    Raises:
        DataError: Suite, data, graph or a row's files cannot be read, or `out` holds another run.
        UsageError: There is no such model or strategy.
        ModelError: The model is not installed, or its key is not set.
        RunStopped: Model, data or machine fails.
    """
    from herdwick.agents import build_solver, load_model

    suite = load_suite(name, data=data, graph=graph)
    with closing(load_model(model)) as loaded:
        # The model's own name for itself: the one it was asked for by may carry a key.
        folder = RunFolder.open(
            out, _settings(suite, loaded.name, strategy, loaded.weights(suite.domain.name))
        )

        def open_solver(row: Row) -> Solver:
            return build_solver(suite.domain, model=loaded, strategy=strategy, **suite.options_for(row))

        with closing(RowSolver(open_solver)) as solver:
            ask_all(suite.rows[:limit], solver.ask, folder, live=_live(suite.domain))
    return conclude(suite, folder)


def _live(domain: Domain) -> frozenset[str]:
    return frozenset(spec.name for spec in domain.functions if spec.waits)


def ask_all(rows: Sequence[Row], ask: Ask, folder: RunFolder, live: frozenset[str] = frozenset()) -> None:
    """Asks the questions that have no prediction yet, with a progress bar on standard error.

    Args:
        rows: The questions.
        ask: Answers one.
        folder: Where predictions are and go.
        live: Functions that listen to a feed. To listen where nobody asked for it is the model's mistake,
            even if the feed cannot be reached.

    Raises:
        RunStopped: A question failed for reasons that say nothing about the model.
    """
    todo = [row for row in rows if row.id not in folder.predictions]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(folder.path.name, total=len(rows), completed=len(rows) - len(todo))
        for row in todo:
            answer = ask(row)
            mistaken = not live.isdisjoint(answer.plan) and plan_match(row.plan, answer.plan) is not True
            expected = mistaken or (answer.error and row.expected == Failed(answer.error.kind))
            if answer.error and answer.error.external and not expected:
                hint = f"{answer.error.hint} Then run again: {len(folder.predictions)} answers are kept."
                raise RunStopped(answer.error.kind, answer.error.message, hint.strip())
            folder.add(Prediction(id=row.id, **answer.model_dump()))
            progress.advance(task)


def conclude(suite: Suite, folder: RunFolder) -> Metrics:
    """Judges the predictions in `folder` and writes `metrics.json`."""
    rows = {row.id: row for row in suite.rows}
    asked = {name: answer for name, answer in folder.predictions.items() if name in rows}
    judged = (judge(rows[name], answer, suite.domain.library) for name, answer in asked.items())
    verdicts = [verdict for verdict in judged if verdict is not None]
    metrics = measure(verdicts, rows)
    failures = [
        _failure(rows[verdict.id], asked[verdict.id], verdict)
        for verdict in verdicts
        if not verdict.strict or verdict.plan is False
    ]
    folder.write_metrics(
        {
            "suite": suite.name,
            "run": folder.settings.model_dump(exclude={"suite"}),
            "questions": len(rows),
            "asked": len(asked),
            **figures(metrics),
            "seconds": _seconds(asked.values()),
            "failures": failures,
        }
    )
    return metrics


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


def _seconds(predictions: Iterable[Prediction]) -> JsonValue:
    totals = sorted(prediction.timings.total_s for prediction in predictions)
    if len(totals) < 2:
        return None
    return {
        "median": round(statistics.median(totals), 3),
        "p95": round(statistics.quantiles(totals, n=20, method="inclusive")[-1], 3),
    }


def _settings(suite: Suite, model: str, strategy: str, weights: Weights) -> Settings:
    rows = TypeAdapter(tuple[Row, ...]).dump_json(suite.rows)
    return Settings(
        suite=suite.name,
        questions=_fingerprint(rows),
        graph=suite.data,
        model=model,
        strategy=strategy,
        files=suite.files,
        **asdict(weights),
    )


def _fingerprint(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=8).hexdigest()
