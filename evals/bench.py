"""What the harness itself costs: rows that are answered at once, through it and LangSmith's `evaluate`.

found = bench(5_000)
found.ours_ms, found.langsmith_ms, found.ratio
"""

import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from herdwick.agents.answer import Answer
from herdwick.evals.asking import ask_all
from herdwick.evals.conclusion import conclude
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import RunFolder, Settings
from herdwick.tools.call_record import CallRecord

_SETTINGS = Settings(
    suite="bench", questions="", graph="", model="none", strategy="none", base="", adapter="", endpoint=""
)


class Bench(BaseModel):
    """Times of one run over the same rows, in milliseconds a row.

    Attributes:
        rows: How many.
        ours_ms: Asked, kept on disk, judged; figures and report written.
        asking_ms: Of it, asked and kept on disk.
        langsmith_ms: Asked and judged by LangSmith's `evaluate`, with our evaluators and nothing uploaded.
        peak_mb: Most memory that ours held at a time, in MB, by tracemalloc, in a further run.
    """

    model_config = ConfigDict(frozen=True)

    rows: int
    ours_ms: float
    asking_ms: float
    langsmith_ms: float
    peak_mb: float

    @property
    def ratio(self) -> float:
        """How many times the work of ours LangSmith's takes."""
        return self.langsmith_ms / self.ours_ms


def bench(count: int) -> Bench:
    """Measures `count` rows, each with an answer of usual size that is there at once."""
    rows = [_row(number) for number in range(count)]
    answers = {row.id: _answer(row) for row in rows}

    def ask(row: Row) -> Answer:
        return answers[row.id]

    asking, whole = _ours(rows, ask)
    started = time.perf_counter()
    _theirs(rows, ask)
    theirs = time.perf_counter() - started
    tracemalloc.start()
    _ours(rows, ask)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    per_row = 1_000 / count
    return Bench(
        rows=count,
        ours_ms=whole * per_row,
        asking_ms=asking * per_row,
        langsmith_ms=theirs * per_row,
        peak_mb=peak / 1e6,
    )


def _ours(rows: list[Row], ask: Callable[[Row], Answer]) -> tuple[float, float]:
    """Seconds for asking, and for all."""
    with tempfile.TemporaryDirectory(prefix="herdwick-bench-") as out:
        folder = RunFolder.open(Path(out) / "run", _SETTINGS)
        started = time.perf_counter()
        with folder.alone():
            folder.write_rows(rows)
            ask_all(rows, ask, folder)
            asked = time.perf_counter()
            conclude(folder, rows)
        return asked - started, time.perf_counter() - started


def _theirs(rows: list[Row], ask: Callable[[Row], Answer]) -> None:
    from langsmith import evaluate

    from herdwick.evals.langsmith import EVALUATORS, examples, offline_client

    by_id = {row.id: row for row in rows}

    def target(inputs: dict[str, Any]) -> dict[str, Any]:
        return ask(by_id[inputs["id"]]).model_dump(mode="json")

    results = evaluate(
        target,
        data=examples(rows),
        evaluators=list(EVALUATORS),
        client=offline_client(),
        upload_results=False,
    )
    if sum(1 for _ in results) != len(rows):
        raise RuntimeError("LangSmith lost rows")


def _row(number: int) -> Row:
    return Row(
        id=str(number),
        domain="aminer",
        question=f"How many citations does person number {number} have?",
        answer=number,
        plan=("searchPerson",),
        hop=1,
        tags=("bench", f"tag:{number % 20}"),
    )


def _answer(row: Row) -> Answer:
    program = f'final_result = searchPerson(name="person number {row.id}")[0]["num_citation"]'
    return Answer(
        question=row.question,
        domain="aminer",
        strategy="one-shot",
        model="none",
        plan=["searchPerson"],
        program=program,
        # One in ten is wrong, and stands among the failures.
        answer=int(row.id) if int(row.id) % 10 else -1,
        text="The answer is a number.",
        status="ok",
        attempts=1,
        calls=[
            CallRecord(tool="searchPerson", args={"name": f"person number {row.id}"}, ok=True, seconds=0.001)
        ],
        data={"backend": "local", "records": {"people": 600, "papers": 2_000}},
    )
