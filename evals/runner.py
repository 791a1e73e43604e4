"""Runs a suite: every question through a solver, judged against what its row expects.

    metrics = run_suite("aminer_dev", out=Path("runs/dev"))
    metrics.all.strict, metrics.score

In the end `out` holds `questions.jsonl`, `predictions.jsonl` (answer objects with an `id`), `metrics.json`
and `report.html`. The same call again finishes an interrupted run.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue, TypeAdapter

from herdwick.agents.errors import UsageError
from herdwick.agents.models import Model
from herdwick.agents.weights import Weights
from herdwick.evals.askers import Askers
from herdwick.evals.asking import Budget, BudgetSpent, ask_all
from herdwick.evals.conclusion import conclude
from herdwick.evals.metrics import Metrics
from herdwick.evals.provenance import prompts
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import RunFolder, Settings
from herdwick.evals.suite import Suite, load_suite
from herdwick.evals.tokens import Price
from herdwick.tools.domain import Domain
from herdwick.tools.errors import DataError

if TYPE_CHECKING:
    from langsmith import Client

    from herdwick.agents.reply_cache import ReplyCache


def run_suite(
    name: str,
    *,
    out: Path,
    data: Path | None = None,
    graph: Path | None = None,
    model: str = "embedded",
    strategy: str = "one-shot",
    limit: int | None = None,
    workers: int = 1,
    repeat: int = 1,
    seed: int = 0,
    budget: Budget | None = None,
    langsmith: bool = False,
    upload: bool = False,
    cache: Path | None = None,
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
        workers: Questions asked at the same time.
        repeat: How often each question is asked; intervals take its rows for one cluster.
        seed: Decides how the options of choices are shuffled.
        budget: What the run may use.
        langsmith: Have LangSmith's `evaluate` judge all rows too, and note its figures.
        upload: With `langsmith`, keep rows and answers there, as a dataset and an experiment.
        cache: Folder of replies of earlier runs, whatever their suite; what is not there is added. Replies
            from it count as tokens, and take no time.

    Raises:
        DataError: Suite, data, graph or a row's files cannot be read, or `out` holds another run.
        BackendError: LangSmith takes no upload.
        UsageError: There is no such model or strategy; or `cache` would answer what is asked repeatedly.
        ModelError: The model is not installed, or its key is not set.
        RunStopped: Model, data or machine fails.
        BudgetSpent: A limit is reached; the figures so far are written.
    """
    from herdwick.agents import load_model
    from herdwick.agents.reply_cache import ReplyCache

    if cache and repeat > 1:
        raise UsageError(
            "cached_repeats",
            "With a cache the first reply would be given every time.",
            "Leave out --cache or --repeat.",
        )
    # Before anything is asked that it could not take.
    client = _client() if upload else None
    replies = ReplyCache(cache) if cache else None
    suite = repeated(load_suite(name, data=data, graph=graph), repeat)
    with closing(load_model(model, cache=replies)) as loaded:
        # The model's own name for itself: the one it was asked for by may carry a key.
        settings = _settings(suite, loaded.name, strategy, _weights(suite, loaded))
        folder = RunFolder.open(out, settings.model_copy(update={"repeat": repeat, "seed": seed}))
        with folder.alone():
            folder.write_rows(suite.rows)
            rows = suite.rows if limit is None else suite.rows[: limit * repeat]
            with closing(Askers(suite, loaded, strategy, seed)) as askers:
                spent = _ask(suite, rows, askers, folder, workers, budget)
            metrics = conclude(folder, suite.rows, _cache_note(folder, replies) | _price_note(budget))
            if spent:
                raise spent
            return _judged_by_langsmith(folder, suite, rows, client) if langsmith else metrics


def _judged_by_langsmith(
    folder: RunFolder, suite: Suite, rows: Sequence[Row], client: "Client | None"
) -> Metrics:
    """The figures again, with LangSmith's beside them."""
    from herdwick.evals.langsmith import evaluate_run

    return conclude(folder, suite.rows, {"langsmith": evaluate_run(folder, rows, upload=client)})


def _client() -> "Client":
    from herdwick.evals.langsmith_upload import langsmith_client

    return langsmith_client()


def _cache_note(folder: RunFolder, replies: "ReplyCache | None") -> dict[str, JsonValue]:
    """How many replies came from a cache, in earlier calls too."""
    if replies is None:
        return {}
    earlier = folder.notes().get("cache")
    before = earlier.items() if isinstance(earlier, dict) else ()
    counted = {name: count for name, count in before if isinstance(count, int)}
    return {"cache": {name: counted.get(name, 0) + count for name, count in replies.use.counts().items()}}


def _price_note(budget: Budget | None) -> dict[str, JsonValue]:
    """What tokens cost, if that was said; a later call that does not say it changes nothing."""
    return {} if budget is None or budget.price == Price() else {"price": asdict(budget.price)}


def _ask(
    suite: Suite,
    rows: Sequence[Row],
    askers: Askers,
    folder: RunFolder,
    workers: int,
    budget: Budget | None,
) -> BudgetSpent | None:
    """Ask the rows; the limit that was reached, if one was."""
    try:
        ask_all(rows, askers.ask, folder, _live(suite.domain), workers=workers, budget=budget)
    except BudgetSpent as reached:
        return reached
    return None


def repeated(suite: Suite, times: int) -> Suite:
    """The suite with each question `times` times, one after another; the copies share a template.

    Raises:
        DataError: A copy would have the id of another row.
    """
    if times == 1:
        return suite
    rows = tuple(_copy(row, number) for row in suite.rows for number in range(1, times + 1))
    for name, count in Counter(row.id for row in rows).items():
        if count > 1:
            raise DataError(
                "bad_row",
                f"{suite.source.name}: a repetition would have the id {name!r}, which another row has.",
                "Give the rows ids without '#'.",
            )
    return replace(suite, rows=rows)


def _copy(row: Row, number: int) -> Row:
    name = row.id if number == 1 else f"{row.id}#{number}"
    return row.model_copy(update={"id": name, "template": row.template or row.id})


def _live(domain: Domain) -> frozenset[str]:
    return frozenset(spec.name for spec in domain.functions if spec.waits)


def _weights(suite: Suite, model: Model) -> Weights:
    """The weights that answer the suite; of several domains all adapters, each with its domain."""
    names = sorted({row.domain or suite.domain.name for row in suite.rows} or {suite.domain.name})
    by_domain = {name: model.weights(name) for name in names}
    first = by_domain[names[0]]
    if len(names) == 1:
        return first
    return replace(first, adapter=" ".join(f"{name}:{one.adapter}" for name, one in by_domain.items()))


def _settings(suite: Suite, model: str, strategy: str, weights: Weights) -> Settings:
    rows = TypeAdapter(tuple[Row, ...]).dump_json(suite.rows)
    return Settings(
        suite=suite.name,
        questions=_fingerprint(rows),
        graph=suite.data,
        model=model,
        strategy=strategy,
        files=suite.files,
        prompts=prompts(),
        **asdict(weights),
    )


def _fingerprint(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=8).hexdigest()
