"""A suite on LangSmith: a dataset of its rows, which experiments there refer to.

    client = langsmith_client()                                   # needs LANGSMITH_API_KEY
    data = uploaded("soaybench-1f2e", examples(rows), client)     # those of the dataset

What is uploaded are rows and answers, whatever they quote of the data, and the run's settings; no prompts.
Names of datasets carry the fingerprint of the questions: after a change of the suite older experiments keep
the dataset that they were made with.
"""

import logging
import os
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from langsmith import Client
from langsmith.schemas import Dataset, Example
from langsmith.utils import LangSmithConflictError, LangSmithError, LangSmithNotFoundError

from herdwick.tools.errors import BackendError

BATCH = 100
"""Examples sent with one request; LangSmith takes some megabytes at a time."""

TIMEOUT_S = 30
"""Longest wait for one of its replies, in seconds."""

_NOT_LANGSMITH = (LangSmithError, AttributeError, KeyError, TypeError, ValueError)
"""What its client raises for an address that is none, and for replies that have not the shape of the API."""


def langsmith_client(hint: str = "Set it, or leave out --upload.") -> Client:
    """A client for the LangSmith that the environment names.

    Args:
        hint: What to do where there is no key.

    Raises:
        BackendError: There is no key for it.
    """
    if not os.environ.get("LANGSMITH_API_KEY"):
        raise BackendError("key_missing", "LANGSMITH_API_KEY is not set.", hint)
    return Client(timeout_ms=1_000 * TIMEOUT_S)


@contextmanager
def langsmith_errors(what: str) -> Iterator[None]:
    """Turn the exceptions of a request to LangSmith into one of ours.

    Args:
        what: Was to be done, as in "cannot be asked for it".

    Raises:
        BackendError: The request failed.
    """
    try:
        yield
    except _NOT_LANGSMITH as error:
        # Not quoted: the message may repeat part of the key.
        raise BackendError(
            "langsmith_failed",
            f"LangSmith cannot be {what} ({type(error).__name__}).",
            "Check LANGSMITH_API_KEY, LANGSMITH_ENDPOINT and the network.",
        ) from error


@contextmanager
def all_taken(client: Client) -> Iterator[None]:
    """Notice what LangSmith does not take meanwhile: its client sends in the background, and only logs.

    What the client warns of is not shown: it quotes the server, which may repeat part of the key.

    Args:
        client: That sends; all that it has to send is sent at the end.

    Raises:
        BackendError: Something was not taken.
    """
    logger, complaints = logging.getLogger("langsmith"), _Complaints()
    propagates = logger.propagate
    logger.addHandler(complaints)
    logger.propagate = False
    try:
        with langsmith_errors("given the experiment"), warnings.catch_warnings(action="ignore"):
            yield
            client.flush()
    finally:
        logger.removeHandler(complaints)
        logger.propagate = propagates
    if complaints.count:
        raise BackendError(
            "langsmith_failed",
            "LangSmith did not take the whole experiment.",
            "Check LANGSMITH_API_KEY, LANGSMITH_ENDPOINT and the network; the answers are kept, and the same "
            "command uploads them as another experiment.",
        )


class _Complaints(logging.Handler):
    """Counts warnings and errors."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        del record
        self.count += 1


def uploaded(dataset: str, examples: Sequence[Example], client: Client) -> list[Example]:
    """A dataset's examples that have the same `id` among their inputs as `examples`, in their order.

    Args:
        dataset: Its name; it is made where it is missing, and so are examples.
        examples: Those with the same `id` as one that is there are taken to be that.
        client: Of LangSmith.

    Raises:
        BackendError: LangSmith refuses, or cannot be reached.
    """
    with langsmith_errors(f"given the dataset {dataset!r}"):
        try:
            known = client.read_dataset(dataset_name=dataset)
        except LangSmithNotFoundError:
            known = _made(dataset, client)
        there = _by_id(client.list_examples(dataset_id=known.id))
        missing = [
            {"inputs": one.inputs, "reference_outputs": one.outputs}
            for one in examples
            if _id(one) not in there
        ]
        for start in range(0, len(missing), BATCH):
            client.create_examples(dataset_id=known.id, examples=missing[start : start + BATCH])
        if missing:
            there = _by_id(client.list_examples(dataset_id=known.id))
    lost = [_id(one) for one in examples if _id(one) not in there]
    if lost:
        raise BackendError(
            "langsmith_failed",
            f"LangSmith does not list {len(lost)} examples of {dataset!r} that it was given: {lost[0]!r}.",
            "Wait a while and give the same command again: the answers are kept.",
        )
    return [there[_id(one)] for one in examples]


def _made(name: str, client: Client) -> Dataset:
    try:
        return client.create_dataset(name, description="Questions of a suite of `herdwick eval run`.")
    except LangSmithConflictError:
        # Another run has made it meanwhile.
        known: Dataset = client.read_dataset(dataset_name=name)
        return known


def _by_id(examples: Iterable[Example]) -> dict[str, Example]:
    return {_id(example): example for example in examples}


def _id(example: Example) -> str:
    return str((example.inputs or {}).get("id"))
