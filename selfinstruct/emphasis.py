"""What a further training run dwells on: intents asked more often, and more ways to ask them.

    seeds = emphasize(load_seeds("aminer"), Path("selfinstruct/seeds/aminer/emphasis/neighbours.yaml"))

The file maps an intent id, or a reason of refusal, to `times` (how much more often it is asked; 1 if left
out) and to further phrasings by language:

    coauthors.in_field:
      times: 3
      en: ["Which people who publish with {person} study {field}?"]

The seeds themselves stay as they are, so that the data of an earlier run can be made again byte for byte.
"""

from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from herdwick.selfinstruct.intents import Phrasing, Seeds, check_phrasing, read_phrasings, read_yaml
from herdwick.tools.errors import DataError


class Emphasis(BaseModel):
    """More of one intent, or of one reason of refusal.

    Attributes:
        times: Multiplies its share of the examples.
        en: Further phrasings in English, each a text or a mapping with `text` and pinned slots.
        zh: The same in Chinese.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

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
    phrasings, refusals = dict(seeds.phrasings), dict(seeds.refusals)
    for name, emphasis in wanted.items():
        if name in phrasings:
            for phrasing in emphasis.phrasings:
                check_phrasing(phrasing, seeds.intents[name], path)
            phrasings[name] += emphasis.phrasings
        elif name in refusals:
            refusals[name] += emphasis.phrasings
        else:
            raise DataError("bad_seed", f"{path.name}: {name!r} is neither an intent nor a refusal.")
    times = {name: emphasis.times for name, emphasis in wanted.items()}
    return replace(seeds, phrasings=phrasings, refusals=refusals, times=times)
