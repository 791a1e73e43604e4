"""Answers and rows as tests want them."""

from collections.abc import Callable
from typing import Any

import pytest

from herdwick.agents.answer import Answer, AnswerError
from herdwick.evals.rows import Row


@pytest.fixture
def answered() -> Callable[..., Answer]:
    """Makes the answer of a program that ran."""

    def make(value: Any, plan: tuple[str, ...] = ("searchPerson",), question: str = "?") -> Answer:
        return Answer(
            question=question,
            domain="aminer",
            strategy="one-shot",
            model="test",
            plan=list(plan),
            answer=value,
            text="",
            status="ok",
        )

    return make


@pytest.fixture
def failed() -> Callable[..., Answer]:
    """Makes the answer of a question that could not be answered."""

    def make(kind: str, plan: tuple[str, ...] = (), question: str = "?", external: bool = False) -> Answer:
        return Answer(
            question=question,
            domain="aminer",
            strategy="one-shot",
            model="test",
            plan=list(plan),
            text="",
            status="error",
            error=AnswerError(kind=kind, message=kind, external=external),
        )

    return make


@pytest.fixture
def row() -> Callable[..., Row]:
    """Makes a row."""

    def make(**fields: Any) -> Row:
        return Row(**{"id": "1", "question": "?"} | fields)

    return make
