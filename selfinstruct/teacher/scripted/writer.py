"""From the prompt of the teacher loop to a reply: tasks about the entities it names, some of them spoiled.

    writer = ScriptedWriter(load_phrasebook(), faults=0.2, seed=5)
    reply = writer.reply(system, user, "json")
    reply.text, reply.finish, reply.faults

The tasks are those of `synthesize`: hand-written phrasings with their programs. A reply depends on the prompt
and the seed alone, so that one asked for again after an interruption is the same.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from random import Random

from pydantic import BaseModel, ConfigDict

from herdwick.agents.errors import ModelError
from herdwick.selfinstruct.descriptions import Descriptions, load_descriptions
from herdwick.selfinstruct.entities import EntityPool, KnownPerson
from herdwick.selfinstruct.intents import Intent, Phrasing, check_phrasing, load_seeds, read_yaml
from herdwick.selfinstruct.phrase import Phraser
from herdwick.selfinstruct.teacher.config import SEEDS
from herdwick.selfinstruct.teacher.prompts import NO_INPUT, Form
from herdwick.selfinstruct.teacher.reply import Task, parse_reply
from herdwick.selfinstruct.teacher.scripted.faults import FaultKind, kinds_at, spoil

DOMAIN = "aminer"
"""The domain whose phrasings are used, and the kind of tasks that can be asked for."""

FAULTS_FILE = SEEDS / "scripted.yaml"

_COUNT = re.compile(r"\bWrite (\d+) new tasks\b")
_ENTITIES = "\n\nEntities to ask about:\n"
_NOT_IN_PROMPTS = "venue"
"""A slot of phrasings for which the loop's prompts name nothing."""


@dataclass(frozen=True)
class Phrasebook:
    """What tasks are written from.

    Attributes:
        tasks: Each intent with its English phrasings.
        words: How people are described.
        foreign: Intents with a question in another language.
        refusals: Whole replies in which a model declines.
    """

    tasks: tuple[tuple[Intent, tuple[Phrasing, ...]], ...]
    words: Descriptions
    foreign: tuple[tuple[Intent, Phrasing], ...]
    refusals: tuple[str, ...]


class PlantedFault(BaseModel):
    """One fault in a reply.

    Attributes:
        kind: Which.
        instruction, output: Of the task that has it; '' for a refusal and for a task that breaks off.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FaultKind
    instruction: str = ""
    output: str = ""


@dataclass(frozen=True)
class ScriptedReply:
    """What the teacher says.

    Attributes:
        id: Of the reply; equal for equal prompts.
        text: Its content.
        finish: OpenAI's `finish_reason`.
        faults: What is wrong with it.
    """

    id: str
    text: str
    finish: str
    faults: tuple[PlantedFault, ...]


def load_phrasebook() -> Phrasebook:
    """The hand-written phrasings, with the texts of faults.

    Raises:
        DataError: A file is missing or wrong.
    """
    seeds = load_seeds(DOMAIN)
    usable = {
        name: tuple(one for one in phrasings if one.language == "en" and _NOT_IN_PROMPTS not in one.slots)
        for name, phrasings in seeds.phrasings.items()
    }
    texts = read_yaml(FAULTS_FILE)
    foreign = [
        (seeds.intents[entry["intent"]], Phrasing(entry["text"], "en", foreign=True))
        for entry in texts["other_language"]
    ]
    for intent, phrasing in foreign:
        check_phrasing(phrasing, intent, FAULTS_FILE)
    return Phrasebook(
        tasks=tuple((seeds.intents[name], phrasings) for name, phrasings in usable.items() if phrasings),
        words=load_descriptions(DOMAIN)["en"],
        foreign=tuple(foreign),
        refusals=tuple(texts["refusals"]),
    )


class ScriptedWriter:
    """Writes replies.

    Args:
        book: What tasks are written from.
        faults: Share of the tasks that are spoiled, 0 to 1.
        seed: Another one, other tasks for the same prompt.
    """

    def __init__(self, book: Phrasebook, *, faults: float, seed: int) -> None:
        self._book, self._faults, self._seed = book, faults, seed
        self._weights = [intent.weight for intent, _ in book.tasks]

    def reply(self, system: str, user: str, form: Form) -> ScriptedReply:
        """The reply to a prompt of the teacher loop.

        Raises:
            ModelError: `bad_request`; the messages are no such prompt.
        """
        wanted = _COUNT.search(system)
        shown, separator, about = user.partition(_ENTITIES)
        if wanted is None or not separator:
            raise ModelError(
                "bad_request",
                "This is no prompt of `herdwick selfinstruct generate aminer`.",
                "The scripted teacher can answer nothing else.",
            )
        digest = hashlib.sha256(f"{self._seed}\n{system}\n{user}".encode()).hexdigest()
        rng = Random(digest)  # noqa: S311 - training data, not secrets
        pool = _read_entities(about)
        examples = parse_reply(shown, form=form).tasks
        return self._write(f"scripted-{digest[:16]}", int(wanted[1]), pool, examples, form, rng)

    def _write(
        self, name: str, count: int, pool: EntityPool, examples: tuple[Task, ...], form: Form, rng: Random
    ) -> ScriptedReply:
        phraser = Phraser([pool], self._book.words, rng)
        tasks: list[Task] = []
        faults: list[PlantedFault] = []
        truncated = False
        for place in range(count):
            task = self._good(phraser, rng)
            if rng.random() < self._faults:
                kind = rng.choice(kinds_at(place, count))
                match kind:
                    case "refusal":
                        declined = rng.choice(self._book.refusals)
                        return ScriptedReply(name, declined, "stop", (PlantedFault(kind=kind),))
                    case "truncated":
                        truncated = True
                    case "repeated":
                        task = rng.choice(examples)
                    case "other_language":
                        task = _filled(phraser, *rng.choice(self._book.foreign))
                    case _:
                        task = spoil(kind, task, rng)
                faults.append(
                    PlantedFault(kind=kind)
                    if truncated
                    else PlantedFault(kind=kind, instruction=task.instruction, output=task.output)
                )
            tasks.append(task)
        text = _as_json(tasks) if form == "json" else _as_text(tasks, len(examples))
        if truncated:
            # Within the program of the last task, whatever the form.
            text = text[: text.rindex("final_result") + len("final")]
        return ScriptedReply(name, text, "length" if truncated else "stop", tuple(faults))

    def _good(self, phraser: Phraser, rng: Random) -> Task:
        intent, phrasings = rng.choices(self._book.tasks, self._weights)[0]
        return _filled(phraser, intent, rng.choice(phrasings))


def _filled(phraser: Phraser, intent: Intent, phrasing: Phrasing) -> Task:
    filled = phraser.fill(intent, phrasing)
    return Task(filled.question.strip(), "", f"{intent.plan}\n{filled.program}")


def _read_entities(text: str) -> EntityPool:
    """People and titles, as `programs.Programs.draw_entities` lists them."""
    people: list[KnownPerson] = []
    titles: list[str] = []
    for line in text.splitlines():
        if line.startswith("- paper: "):
            titles.append(line.removeprefix("- paper: "))
        elif line.startswith("- ") and line.count("; ") >= 2:
            name, rest = line.removeprefix("- ").split("; ", 1)
            organization, fields = rest.rsplit("; ", 1)
            people.append(
                KnownPerson(
                    name=name,
                    organizations=() if organization == "-" else (organization,),
                    fields=() if fields == "-" else tuple(fields.split(", ")),
                )
            )
    pool = EntityPool(
        people=tuple(people),
        organizations=tuple(dict.fromkeys(one for person in people for one in person.organizations)),
        fields=tuple(dict.fromkeys(one for person in people for one in person.fields)),
        titles=tuple(titles),
        venues=(),
    )
    if not (any(one.organizations and one.fields for one in people) and titles):
        raise ModelError("bad_request", "The prompt names too few people or papers to ask about.")
    return pool


def _as_json(tasks: list[Task]) -> str:
    listed = [{"instruction": one.instruction, "input": one.input, "output": one.output} for one in tasks]
    return json.dumps({"tasks": listed}, ensure_ascii=False)


def _as_text(tasks: list[Task], shown: int) -> str:
    return "\n".join(
        f"###\n{number}. Instruction: {task.instruction}\n{number}. Input: {NO_INPUT}\n"
        f"{number}. Output:\n{task.output}"
        for number, task in enumerate(tasks, shown + 1)
    )
