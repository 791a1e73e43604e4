"""What a teacher is asked: a system prompt, and numbered tasks that it is to continue.

    prompter = Prompter(config, seeds.tasks, system, entities=None)
    prompt = prompter.draw(12, kept=("…",))
    prompt.messages("json"), prompt.seed_ids, prompt.sha256("json")

Request number 12 of a run is drawn with random numbers of its own, so that it is the same whether the run got
there at once or after being killed ten times.
"""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Literal

from herdwick.selfinstruct.teacher.config import PROMPTS, TeacherConfig
from herdwick.selfinstruct.teacher.seeds import SeedTask
from herdwick.tools.errors import DataError

Form = Literal["json", "text"]
"""Of the reply: JSON under a schema, or numbered text."""

_SLOT = re.compile(r"\{\{(\w+)\}\}")
NO_INPUT = "<noinput>"


@dataclass(frozen=True)
class ShownTask:
    """A task as a prompt shows it.

    Attributes:
        id: Of a seed or of a kept item.
        instruction, input, output: Of the task.
        by_hand: Whether it is a seed.
    """

    id: str
    instruction: str
    input: str
    output: str
    by_hand: bool = True


@dataclass(frozen=True)
class Prompt:
    """One request of a run, in either form.

    Attributes:
        number: Of the request, from 0.
        system: What is wanted, without the form of the reply.
        tasks: Those shown, in their order.
        count: New tasks wanted.
        entities: What the tasks may be about, as text; '' where they may be about anything.
    """

    number: int
    system: str
    tasks: tuple[ShownTask, ...]
    count: int
    entities: str = ""

    @property
    def seed_ids(self) -> tuple[str, ...]:
        """Ids of the hand-written tasks shown."""
        return tuple(task.id for task in self.tasks if task.by_hand)

    @property
    def machine_ids(self) -> tuple[str, ...]:
        """Ids of the kept items shown."""
        return tuple(task.id for task in self.tasks if not task.by_hand)

    def messages(self, form: Form) -> list[tuple[Literal["system", "user"], str]]:
        """Role and text of the messages."""
        ask = _filled(f"ask_{form}.txt", system=self.system, count=str(self.count))
        shown = _as_json(self.tasks) if form == "json" else _as_text(self.tasks)
        about = f"\n\nEntities to ask about:\n{self.entities}" if self.entities else ""
        begun = "" if form == "json" else f"\n###\n{len(self.tasks) + 1}. Instruction:"
        # In text the next number comes last: a model without instruction tuning continues it.
        return [("system", ask), ("user", f"{shown}{about}{begun}")]

    def sha256(self, form: Form) -> str:
        """Of all that is sent, in hexadecimal."""
        return hashlib.sha256(json.dumps(self.messages(form)).encode()).hexdigest()


class Prompter:
    """Draws the prompts of a run.

    Args:
        config: Of the run.
        seeds: Hand-written tasks.
        system: The system prompt.
        entities: Draws what tasks may be about; None where they may be about anything.

    Raises:
        DataError: There are fewer seeds than a prompt shows.
    """

    def __init__(
        self,
        config: TeacherConfig,
        seeds: Sequence[SeedTask],
        system: str,
        entities: Callable[[Random], str] | None = None,
    ) -> None:
        if len(seeds) < config.human_seeds:
            raise DataError(
                "no_seeds",
                f"There are {len(seeds)} seeds, and each prompt is to show {config.human_seeds}.",
                "Write more seeds, or lower human_seeds.",
            )
        self._config, self._system, self._entities = config, system, entities
        self._seeds = [
            ShownTask(seed.id, seed.instruction, seed.instances[0].input, seed.instances[0].output)
            for seed in seeds
        ]

    def draw(self, number: int, kept: Sequence[ShownTask]) -> Prompt:
        """Request `number`, after `kept` had been kept."""
        rng = Random(f"{self._config.seed}:{number}")  # noqa: S311 - training data, not secrets
        tasks = rng.sample(self._seeds, self._config.human_seeds)
        wanted = self._config.machine_seeds
        if wanted and len(kept) >= wanted:
            tasks += rng.sample(kept, wanted)
        rng.shuffle(tasks)
        return Prompt(
            number=number,
            system=self._system,
            tasks=tuple(tasks),
            count=self._config.items_per_reply,
            entities=self._entities(rng) if self._entities else "",
        )


def read_prompt(path: Path) -> str:
    """The system prompt in a file.

    Raises:
        DataError: It cannot be read, or is empty.
    """
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError("no_prompt", f"{path} cannot be read: {error}.", "Check the path.") from error
    if not text:
        raise DataError("no_prompt", f"{path.name} is empty.", "Write what the teacher is to do.")
    return text


def _as_json(tasks: Sequence[ShownTask]) -> str:
    shown = [
        {"number": number, "instruction": task.instruction, "input": task.input, "output": task.output}
        for number, task in enumerate(tasks, 1)
    ]
    return json.dumps({"tasks": shown}, ensure_ascii=False, indent=1)


def _as_text(tasks: Sequence[ShownTask]) -> str:
    return "\n".join(
        f"###\n{number}. Instruction: {task.instruction}\n{number}. Input: {task.input or NO_INPUT}\n"
        f"{number}. Output:\n{task.output}"
        for number, task in enumerate(tasks, 1)
    )


def _filled(name: str, **slots: str) -> str:
    return _SLOT.sub(lambda slot: slots[slot[1]], _read(name)).strip()


@cache
def _read(name: str) -> str:
    return (PROMPTS / name).read_text(encoding="utf-8")
