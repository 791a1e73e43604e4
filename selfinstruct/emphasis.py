"""What a further training run dwells on: intents asked more often, and more ways to ask them.

    seeds = emphasize(load_seeds("aminer"), Path("selfinstruct/seeds/aminer_neighbours.yaml"))

The file maps an intent id, or a reason of refusal, to `times` (how much more often it is asked; 1 if left
out) and to further phrasings by language:

    coauthors.in_field:
      times: 3
      en: ["Which people who publish with {person} study {field}?"]

An intent that the seeds do not have is described under `new`, with its plan, meaning, program and scopes.
A name with `*` stands for all intents of that pattern: `holders.*: {times: 2}`.

The seeds themselves stay as they are, so that the data of an earlier run can be made again byte for byte.
"""

import fnmatch
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from herdwick.selfinstruct.intents import Intent, Phrasing, Seeds, check_phrasing, read_phrasings, read_yaml
from herdwick.tools.errors import DataError


class NewIntent(BaseModel):
    """An intent that the seeds do not have; its fields are those of `Intent`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plan: str
    asks: str
    program: str
    scopes: tuple[str, ...] | None = None


class Emphasis(BaseModel):
    """More of one intent, or of one reason of refusal.

    Attributes:
        new: What an intent means that the seeds do not have.
        times: Multiplies its share of the examples.
        en: Further phrasings in English, each a text or a mapping with `text` and pinned slots.
        zh: The same in Chinese.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    new: NewIntent | None = None
    times: float = Field(default=1.0, gt=0)
    en: list[str | dict[str, str | int]] = []
    zh: list[str | dict[str, str | int]] = []

    @property
    def phrasings(self) -> tuple[Phrasing, ...]:
        """Those of both languages."""
        return read_phrasings({"en": self.en, "zh": self.zh})


_FILE = TypeAdapter(dict[str, Emphasis])


def emphasize(seeds: Seeds, path: Path) -> Seeds:
    """`seeds` with the emphasis of the file `path`.

    Raises:
        DataError: The file cannot be read, is not as described above, names no intent and no reason of
            refusal of `seeds`, or a phrasing does not fit its intent.
    """
    try:
        wanted = _FILE.validate_python(read_yaml(path))
    except ValidationError as error:
        raise DataError("bad_seed", f"{path.name}: {error}") from error
    intents, phrasings, refusals = dict(seeds.intents), dict(seeds.phrasings), dict(seeds.refusals)
    times: dict[str, float] = {}
    for name, emphasis in wanted.items():
        matched = fnmatch.filter(seeds.intents, name) if "*" in name else [name]
        times |= dict.fromkeys(matched, emphasis.times)
        if "*" in name:
            if not matched or emphasis.new or emphasis.phrasings:
                raise DataError(
                    "bad_seed", f"{path.name}: {name!r} matches no intent, or has more than `times`."
                )
            continue
        if emphasis.new:
            if name in intents:
                raise DataError("bad_seed", f"{path.name}: {name!r} is no new intent.")
            intents[name] = Intent(id=name, **emphasis.new.model_dump())
        if name in intents:
            for phrasing in emphasis.phrasings:
                check_phrasing(phrasing, intents[name], path)
            phrasings[name] = (*phrasings.get(name, ()), *emphasis.phrasings)
        elif name in refusals:
            refusals[name] += emphasis.phrasings
        else:
            raise DataError("bad_seed", f"{path.name}: {name!r} is neither an intent nor a refusal.")
    return replace(seeds, intents=intents, phrasings=phrasings, refusals=refusals, times=times)
