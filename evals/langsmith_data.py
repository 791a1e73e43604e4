"""Rows from a dataset on LangSmith.

    rows = rows_of_dataset("soaybench")          # needs LANGSMITH_API_KEY

Examples that `herdwick.evals.langsmith.examples` made come back as the rows they were. Of others the inputs
must hold a `question`, `input` or `query`, or nothing but one text; the outputs the `answer`, or one value.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from langsmith import Client
from langsmith.schemas import Example
from langsmith.utils import LangSmithNotFoundError

from herdwick.evals.langsmith_upload import langsmith_client, langsmith_errors
from herdwick.evals.rows import Row, parse_row
from herdwick.tools.errors import DataError

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
    client = client or langsmith_client("Set it, or give a file as --data.")
    with langsmith_errors(f"asked for the dataset {name!r}"):
        try:
            examples = list(client.list_examples(dataset_name=name))
        except LangSmithNotFoundError as error:
            raise DataError("no_dataset", f"LangSmith has no dataset {name!r}.", "Check its name.") from error
    rows = [parse_row(_record(one), f"{name}, example {one.id}") for one in examples]
    ids = Counter(row.id for row in rows)
    doubled = [one for one, times in ids.items() if times > 1]
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
