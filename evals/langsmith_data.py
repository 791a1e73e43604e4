"""Rows from a dataset on LangSmith.

    rows = rows_of_dataset("soaybench")          # needs LANGSMITH_API_KEY

Examples that `herdwick.evals.langsmith.examples` made come back as the rows they were. Of others the inputs
must hold a `question`, `input` or `query`, or nothing but one text; the outputs the `answer`, or one value.
"""

import os
from collections.abc import Mapping
from typing import Any

from langsmith import Client
from langsmith.schemas import Example
from langsmith.utils import LangSmithError, LangSmithNotFoundError

from herdwick.evals.rows import Row, parse_row
from herdwick.tools.errors import BackendError, DataError

_QUESTIONS = ("question", "input", "query")


def rows_of_dataset(name: str, client: Client | None = None) -> tuple[Row, ...]:
    """The examples of a dataset, as rows.

    Args:
        name: Of the dataset.
        client: Asked; one as the environment describes when None.

    Raises:
        BackendError: LangSmith cannot be asked.
        DataError: There is no such dataset, or an example is no row.
    """
    if client is None and not os.environ.get("LANGSMITH_API_KEY"):
        raise BackendError(
            "key_missing", "LANGSMITH_API_KEY is not set.", "Set it, or give a file as --data."
        )
    try:
        examples = list((client or Client()).list_examples(dataset_name=name))
    except LangSmithNotFoundError as error:
        raise DataError("no_dataset", f"LangSmith has no dataset {name!r}.", "Check its name.") from error
    except LangSmithError as error:
        # Not quoted: the message may repeat part of the key.
        raise BackendError(
            "langsmith_failed",
            f"LangSmith cannot be asked for the dataset {name!r} ({type(error).__name__}).",
            "Check LANGSMITH_API_KEY, LANGSMITH_ENDPOINT and the network.",
        ) from error
    rows = [parse_row(_record(one), f"{name}, example {one.id}") for one in examples]
    doubled = {row.id for row in rows if sum(other.id == row.id for other in rows) > 1}
    if doubled:
        raise DataError("bad_row", f"{name}: the id {min(doubled)!r} was used before.")
    return tuple(rows)


def _record(example: Example) -> Mapping[str, Any]:
    inputs, outputs = example.inputs or {}, example.outputs or {}
    if {"id", "question"} <= outputs.keys():
        return outputs
    texts = [value for value in inputs.values() if isinstance(value, str)]
    question = next(
        (inputs[name] for name in _QUESTIONS if name in inputs), texts[0] if len(texts) == 1 else None
    )
    record: dict[str, Any] = {"id": str(example.id), "question": question}
    if "answer" in outputs or len(outputs) == 1:
        record["answer"] = outputs.get("answer", next(iter(outputs.values())))
    return record
