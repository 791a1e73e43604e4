"""The evaluators as LangSmith takes them, and a run judged by LangSmith's own `evaluate`.

    from langsmith import evaluate
    from herdwick.evals.langsmith import EVALUATORS, answer_right, examples

    results = evaluate(target, data=examples(rows), evaluators=EVALUATORS, upload_results=False)

An example's inputs are `id` and `question`, its reference outputs the row; a target returns an answer object
as JSON. The evaluators take `outputs` and `reference_outputs`, as those of openevals do, and work there too.
"""

import sys
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, redirect_stdout
from typing import Any

from langsmith import Client, evaluate
from langsmith.schemas import Example, LangSmithInfo
from pydantic import JsonValue

from herdwick.agents.answer import Answer
from herdwick.evals.evaluators import Verdict, judge
from herdwick.evals.langsmith_upload import all_taken, uploaded
from herdwick.evals.provenance import code
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import RunFolder
from herdwick.tools.domain import get_domain
from herdwick.tools.errors import BackendError

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


def evaluate_run(
    folder: RunFolder, rows: Sequence[Row], *, upload: Client | None = None
) -> dict[str, JsonValue]:
    """Has LangSmith's `evaluate` judge the predictions of a run.

    Args:
        folder: Of the run.
        rows: Of its questions those to be judged, each with its domain; all were asked.
        upload: Where they become a dataset and the predictions an experiment; nothing is sent when None.

    Returns:
        By the key of each evaluator, how many questions it finds right, of how many it has an opinion on; of
        an upload the `experiment` too.

    Raises:
        BackendError: What is to be uploaded is not taken, or a row was not judged.
    """
    settings = folder.settings
    data = examples(rows)
    # LangSmith prints where the experiment is; standard output is for results.
    with all_taken(upload) if upload else nullcontext(), redirect_stdout(sys.stderr):
        if upload:
            data = uploaded(f"herdwick-{settings.suite}-{settings.questions}", data, upload)
        results = evaluate(
            lambda inputs: folder.predictions[inputs["id"]].model_dump(mode="json"),
            data=data,
            evaluators=list(EVALUATORS),
            experiment_prefix=f"herdwick-{settings.suite}",
            metadata={**settings.model_dump(), "judged_with": code()},
            max_concurrency=0,
            client=upload or offline_client(),
            upload_results=upload is not None,
        )
    scores: dict[str, list[bool]] = {}
    judged = [result["evaluation_results"]["results"] for result in results]
    if len(judged) < len(rows):
        raise _not_judged(f"{len(rows) - len(judged)} of {len(rows)} rows came back without figures")
    for feedbacks in judged:
        for feedback in feedbacks:
            # LangSmith makes the failure of an evaluator a score of None, as rows without opinion have.
            if (feedback.extra or {}).get("error"):
                raise _not_judged(f"{feedback.key} failed: {feedback.comment}")
            if feedback.score is not None:
                scores.setdefault(feedback.key, []).append(bool(feedback.score))
    found: dict[str, JsonValue] = {
        key: {"right": sum(given), "n": len(given)} for key, given in scores.items()
    }
    return found | ({"experiment": results.experiment_name} if upload else {})


def _not_judged(what: str) -> BackendError:
    return BackendError(
        "not_judged", f"LangSmith's evaluate left something out: {what}.", "Its log says more; run again."
    )


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
