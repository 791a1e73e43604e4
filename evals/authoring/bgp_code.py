"""Makes the suite `bgp-code`: tasks for free PyBGPStream scripts, with the values these must print.

    python -m herdwick.evals.authoring.bgp_code       # evals/suites/bgp-code.jsonl

The tasks are written by hand, each with a script that is right. That script runs in the sandbox over the
task's files, which gives the answer, and over the same files as if nothing had happened. A task for which
both runs print the same is refused: it could not tell a script that reads the data from one that does not.
So is one whose answer a script could hit upon by printing nothing but zeros. `tests/evals/authoring` checks
half of the answers against another reader of MRT files.

Over no data a script may also fail, as one does whose window begins after the only record that is left.
"""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import click
import yaml
from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter

from herdwick.agents.cli.run_script import output_value
from herdwick.evals.matching import in_any_order, set_match
from herdwick.tools.bgp.options import BGPOptions
from herdwick.tools.domain import get_domain
from herdwick.tools.errors import DataError, HerdwickError

HERE = Path(__file__).parent
TASKS = HERE / "bgp_code.yaml"
SUITE = HERE.parent / "suites" / "bgp-code.jsonl"


class Task(BaseModel):
    """A hand-written task.

    Attributes:
        id: Unique.
        question: What is asked of a model.
        script: A script that is right.
        files: What it is about, relative to the suite.
        also: Further answers that are as right.
        unordered: The question leaves the order of a list open.
        tags: Families of questions that it belongs to.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    question: str
    script: str
    files: tuple[str, ...]
    also: tuple[JsonValue, ...] = ()
    unordered: bool = False
    tags: tuple[str, ...]


Run = Callable[[Task], tuple[JsonValue, JsonValue]]
"""From a task to what its script prints, and what it prints over no data."""


def read_tasks(path: Path = TASKS) -> tuple[Task, ...]:
    """The hand-written tasks, in the file's order."""
    return TypeAdapter(tuple[Task, ...]).validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))


def rows(tasks: Iterable[Task], run: Run) -> Iterator[dict[str, JsonValue]]:
    """The suite's rows, in the evaluation format.

    Args:
        tasks: The tasks.
        run: Runs their scripts.

    Raises:
        DataError: A script prints the same over no data, or nothing that would show that it read any.
    """
    for task in tasks:
        answer, control = run(task)
        _check(task, answer, control)
        row: dict[str, JsonValue] = {
            "id": task.id,
            "kind": "code_task",
            "question": task.question,
            # Scripts print objects in the order of their sets, which changes from run to run.
            "answer": json.loads(json.dumps(answer, sort_keys=True)),
        }
        if task.also:
            row["also"] = [*task.also]
        if task.unordered:
            row["unordered"] = True
        yield row | {"files": [*task.files], "tags": [*task.tags]}


def run_gold(task: Task) -> tuple[JsonValue, JsonValue]:
    """What a task's script prints in the sandbox, and what it prints over no data.

    A control that fails has printed nothing, which is None.

    Raises:
        HerdwickError: The script fails over its data.
    """
    domain = get_domain("bgp")
    assert domain.quiet_options is not None
    options = BGPOptions(files=tuple(SUITE.parent / name for name in task.files))
    answer = _printed(task, options)
    with tempfile.TemporaryDirectory(prefix="herdwick-quiet-") as folder:
        try:
            control = _printed(task, domain.quiet_options(options, Path(folder)))
        except HerdwickError:
            control = None
    return answer, control


def is_blank(value: JsonValue) -> bool:
    """Whether a value tells of nothing: empty, zero, or made of such."""
    match value:
        case dict():
            return all(map(is_blank, value.values()))
        case list():
            return all(map(is_blank, value))
        case _:
            return not value


def _printed(task: Task, options: object) -> JsonValue:
    run = get_domain("bgp").run_script
    assert run is not None
    output = run(task.script, options)
    if output.error:
        raise output.error
    return output_value(output.stdout)


def _check(task: Task, answer: JsonValue, control: JsonValue) -> None:
    same = in_any_order(set_match)
    if any(same(one, control) for one in (answer, *task.also)):
        raise DataError(
            "bad_task", f"{task.id} is answered without data: {control!r}.", "Ask for what is there."
        )
    if isinstance(answer, str) or is_blank(answer):
        raise DataError(
            "bad_task", f"{task.id} has the answer {answer!r}.", "Ask for something that is there, as JSON."
        )


@click.command()
def main() -> None:
    """Run the scripts over their files and write the suite bgp-code."""
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows(read_tasks(), run_gold)]
    SUITE.write_text("".join(lines), encoding="utf-8")
    click.echo(f"{len(lines)} tasks in {SUITE}")


if __name__ == "__main__":
    main()
