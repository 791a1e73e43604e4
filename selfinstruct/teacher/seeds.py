"""The hand-written tasks that a teacher continues.

    seeds = read_seeds(Path("selfinstruct/seeds/teacher/pybgpstream.jsonl"))
    seeds.tasks[0].instruction, seeds.broken

Their form is Self-Instruct's, with sources. A line that cannot be read is told with its number, and the
others are used.
"""

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from herdwick.tools.errors import DataError
from herdwick.tools.tool import explain


class Instance(BaseModel):
    """One input of a task, '' for none, and what a good answer to it is."""

    model_config = ConfigDict(frozen=True)

    input: str = ""
    output: str = Field(min_length=1)


class SeedTask(BaseModel):
    """One line of a seed file.

    Attributes:
        id: Unique in the file.
        name: Short, `snake_case`.
        instruction: What is asked.
        instances: Inputs with their outputs; prompts show the first.
        is_classification: As in Self-Instruct; nothing depends on it.
        category: A few words, for counting.
        sources: What the answer rests on, such as sections of an RFC.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    name: str = ""
    instruction: str = Field(min_length=1)
    instances: tuple[Instance, ...] = Field(min_length=1)
    is_classification: bool = False
    category: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class SeedFile:
    """What a seed file holds.

    Attributes:
        tasks: In the order of the file.
        broken: What is wrong with the lines that were left out, each with its number.
    """

    tasks: tuple[SeedTask, ...]
    broken: tuple[str, ...]


def read_seeds(path: Path) -> SeedFile:
    """The tasks of a seed file.

    Raises:
        DataError: The file cannot be read, or none of its lines can.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise DataError(
            "no_seeds", f"{path} cannot be read: {error.strerror}.", "Name a seed file with --seeds."
        ) from error
    tasks: dict[str, SeedTask] = {}
    broken: list[str] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{path.name}, line {number}"
        try:
            task = SeedTask.model_validate_json(line)
        except ValidationError as error:
            broken.append(f"{where}: {explain(error)}")
            continue
        if task.id in tasks:
            broken.append(f"{where}: the id {task.id!r} was used before")
        else:
            tasks[task.id] = task
    if not tasks:
        raise DataError(
            "no_seeds",
            f"{path.name} holds no task that can be read{': ' + broken[0] if broken else ''}.",
            "Write one JSON object a line: id, instruction, instances.",
        )
    return SeedFile(tuple(tasks.values()), tuple(broken))
