"""The evaluators as LangSmith takes them, and a suite through LangSmith's own `evaluate`.

    from langsmith import evaluate
    from herdwick.evals.langsmith import EVALUATORS, answer_right, examples

    results = evaluate(target, data=examples(rows), evaluators=EVALUATORS, upload_results=False)

An example's inputs are `id` and `question`, its reference outputs the row; a target returns an answer object
as JSON. The evaluators take `outputs` and `reference_outputs`, as those of openevals do, and work there too.
"""

import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from langsmith import Client, evaluate
from langsmith.schemas import Example, LangSmithInfo
from pydantic import JsonValue

from herdwick.agents.answer import Answer
from herdwick.evals.evaluators import Verdict, judge
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import Prediction, RunFolder
from herdwick.tools.domain import get_domain

Feedback = dict[str, Any]
"""`key`, `score` and `comment`, as LangSmith keeps them; a score of None says that the row has no opinion."""

_NAMESPACE = uuid.UUID("6f0d7f6e-2d0e-5f1b-9a51-0f6b6e2f3c11")
"""Of example ids: the same row is the same example in every run."""


def answer_right(*, outputs: Mapping[str, Any], reference_outputs: Mapping[str, Any], **_: Any) -> Feedback:
    """Whether the answer is right to the letter; for a question to be refused, whether it was."""
    return _feedback("answer_right", outputs, reference_outputs, lambda verdict: verdict.strict)


def answer_right_as_set(
    *, outputs: Mapping[str, Any], reference_outputs: Mapping[str, Any], **_: Any
) -> Feedback:
    """Whether the answer is right as people would compare it."""
    return _feedback("answer_right_as_set", outputs, reference_outputs, lambda verdict: verdict.loose)


def plan_right(*, outputs: Mapping[str, Any], reference_outputs: Mapping[str, Any], **_: Any) -> Feedback:
    """Whether the plan is right; no opinion where the row has none."""
    return _feedback("plan_right", outputs, reference_outputs, lambda verdict: verdict.plan)


def refusal_right(*, outputs: Mapping[str, Any], reference_outputs: Mapping[str, Any], **_: Any) -> Feedback:
    """Whether exactly what must be refused was refused."""
    return _feedback(
        "refusal_right",
        outputs,
        reference_outputs,
        lambda verdict: verdict.refused is not verdict.answerable,
    )


EVALUATORS: tuple[Callable[..., Feedback], ...] = (
    answer_right,
    answer_right_as_set,
    plan_right,
    refusal_right,
)


def examples(rows: Sequence[Row], dataset: str = "herdwick") -> list[Example]:
    """Rows, each with its domain, as LangSmith's examples."""
    space = uuid.uuid5(_NAMESPACE, dataset)
    return [
        Example(
            id=uuid.uuid5(space, row.id),
            dataset_id=space,
            inputs={"id": row.id, "question": row.question},
            outputs=row.model_dump(mode="json", exclude_unset=True) | {"domain": row.domain},
        )
        for row in rows
    ]


def offline_client() -> Client:
    """A client that sends nothing, not even the question what the server can do."""
    return Client(
        api_url="http://127.0.0.1:9", api_key="none", auto_batch_tracing=False, info=LangSmithInfo()
    )


def evaluate_rows(
    rows: Sequence[Row], ask: Callable[[Row], Answer], folder: RunFolder, *, workers: int = 1
) -> dict[str, JsonValue]:
    """Asks rows through LangSmith's `evaluate`, without uploading anything.

    Args:
        rows: The questions, each with its domain.
        ask: Answers one; questions that `folder` has a prediction for are not asked again.
        folder: Where predictions are and go, in the order in which they come.
        workers: Questions asked at the same time.

    Returns:
        By the key of each evaluator, how many questions it finds right, of how many it has an opinion on.
    """
    by_id = {row.id: row for row in rows}
    keeping = threading.Lock()

    def target(inputs: dict[str, Any]) -> dict[str, JsonValue]:
        row = by_id[inputs["id"]]
        if row.id not in folder.predictions:
            answer = ask(row)
            with keeping:
                folder.add(answer if isinstance(answer, Prediction) else Prediction.of(answer, row.id))
        return folder.predictions[row.id].model_dump(mode="json")

    results = evaluate(
        target,
        data=examples(rows),
        evaluators=list(EVALUATORS),
        max_concurrency=workers if workers > 1 else 0,
        client=offline_client(),
        upload_results=False,
    )
    scores: dict[str, list[bool]] = {}
    for result in results:
        for feedback in result["evaluation_results"]["results"]:
            if feedback.score is not None:
                scores.setdefault(feedback.key, []).append(bool(feedback.score))
    return {key: {"right": sum(given), "n": len(given)} for key, given in scores.items()}


def _feedback(
    key: str,
    outputs: Mapping[str, Any],
    reference: Mapping[str, Any],
    score: Callable[[Verdict], bool | None],
) -> Feedback:
    row = Row.model_validate(reference)
    answer = Answer.model_validate({name: outputs[name] for name in Answer.model_fields if name in outputs})
    library = get_domain(row.domain).library if row.domain else ()
    verdict = judge(row, answer, library)
    if verdict is None:
        return {"key": key, "score": None, "comment": "The row does not say what is right."}
    outcome = "" if verdict.outcome is None else str(verdict.outcome)
    return {"key": key, "score": score(verdict), "comment": outcome or None}
