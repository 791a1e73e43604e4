"""What a run of the circle is asked for, kept in its folder so that another run does not go on from it.

with alone(Path("runs/circle")):
    settings = claim(Path("runs/circle"), CircleSettings(count=1500, ...))
    settings.teacher_port      # of the first run: the data go on only from the same teacher
"""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from herdwick.evals.folder_lock import locked
from herdwick.tools.errors import DataError
from herdwick.tools.whole_file import write_whole

FILE = "circle.json"


class CircleSettings(BaseModel):
    """What decides the results.

    Attributes:
        count: Items that the training gets.
        fault_share: Of the teacher's tasks, how many are spoiled.
        questions: How many both engines are asked.
        seed: Of the teacher and of the questions drawn.
        suite: Where the questions come from.
        live_requests: How many the embedded base model is asked as a teacher.
        recipe_sha256: Of the recipe's file.
        steps: Optimizer steps in place of the recipe's; None for those.
        teacher_port: Where the scripted teacher listens.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    count: int = Field(ge=1)
    fault_share: float = Field(ge=0, le=1)
    questions: int = Field(ge=1)
    seed: int
    suite: str
    live_requests: int = Field(ge=0)
    recipe_sha256: str
    steps: int | None = None
    teacher_port: int = 0


def claim(out: Path, settings: CircleSettings) -> CircleSettings:
    """The settings of the run in `out`, which is begun if there is none.

    Args:
        out: Folder of the run, which `alone` made.
        settings: What is asked for; the port may be left to the first run.

    Raises:
        DataError: The folder holds another run.
    """
    file = out / FILE
    if not file.exists():
        begun = settings.model_copy(update={"teacher_port": settings.teacher_port or free_port()})
        write_whole(file, begun.model_dump_json(indent=1).encode() + b"\n")
        return begun
    try:
        earlier = CircleSettings.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise DataError("other_run", f"{file} was not written by this version.", _START_ANEW) from error
    wanted = settings.model_copy(update={"teacher_port": earlier.teacher_port})
    changed = [name for name, value in wanted if value != getattr(earlier, name)]
    if changed:
        raise DataError(
            "other_run", f"{out} holds a run that differs in {' and '.join(changed)}.", _START_ANEW
        )
    return earlier


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Makes the folder `out`, and keeps other processes from the run in it while the context lasts.

    Raises:
        DataError: Another process is at it, or it cannot be written.
    """
    with ExitStack() as stack:
        try:
            out.mkdir(parents=True, exist_ok=True)
            stack.enter_context(locked(out))
        except OSError as error:
            raise DataError(
                "out_unwritable", f"{out} cannot be used: {error.strerror}.", "Give another --out folder."
            ) from error
        yield


def free_port() -> int:
    """A TCP port of this machine on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


_START_ANEW = "Give another --out folder, or remove this one to start again."
