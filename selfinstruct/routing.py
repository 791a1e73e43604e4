r"""From a phrasing about routing to a question: what its slots name, and clauses that narrow it.

    filled = RoutingPhraser(pool, load_wordings(), rng).fill(intent, phrasing)
    filled.question   # 'How many updates were there for 10.200.8.0/24 between 00:01 and 00:02 UTC?'
    filled.program    # 'final_result = count_updates(prefix="10.200.8.0/24", from_time="00:01", …)[0]…'

A clause goes to the question's end or its beginning, and its arguments into the program's `{scope}`.
"""

import json
import re
from dataclasses import dataclass, field
from ipaddress import ip_network
from random import Random

from pydantic import BaseModel, ConfigDict

from herdwick.selfinstruct.intents import SCOPE, SEEDS, VERSION, Intent, Phrasing, read_yaml
from herdwick.selfinstruct.phrase import NUMBER_WORDS
from herdwick.selfinstruct.routing_clock import Clock
from herdwick.selfinstruct.routing_pool import WELL_KNOWN_NAMES, RoutingPool
from herdwick.selfinstruct.sentences import Filled, bare_end, framed, lower_first, misspelt, tidied

SCOPES = ("time", "peer", "version", "collector")
"""What may narrow an intent that names nothing else."""

SCOPE_COUNTS = (45, 40, 15)
"""How often no, one and two clauses narrow a question, in parts."""

SCOPE_WEIGHTS = {"time": 4, "peer": 3, "version": 2, "collector": 1, "prefix": 3, "origin": 3}
LOWERCASE_SHARE = 0.12
_ARGUMENT_OF = {"peer": "peer_asn", "origin": "origin_asn"}
FRONT_SHARE = 0.25
"""Of clauses, how many stand at the beginning."""

ARGUMENTS = (
    *("prefix", "match", "origin_asn", "peer_asn", "collector", "ip_version", "from_time", "until_time"),
)
"""The order in which programs write them."""

_SLOT = re.compile(r"\{([a-z0-9_']+)\}")


class Wordings(BaseModel):
    """How questions name things; see `wordings.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    asn: list[str]
    kind: dict[str, list[str]]
    stat: dict[str, list[str]]
    attribute: dict[str, list[str]]
    state: dict[str, list[str]]
    unit: dict[str, list[str]]
    seconds: dict[str, int]
    edges: dict[str, list[str]]
    scopes: dict[str, list[str]]
    frame: list[tuple[str, str]]


def load_wordings() -> Wordings:
    """The wordings of the BGP seeds.

    Raises:
        DataError: The file cannot be read.
    """
    return Wordings.model_validate(read_yaml(SEEDS / "bgp" / "wordings.yaml"))


class RoutingPhraser:
    """Fills phrasings with what a pool holds; every choice comes from `rng`."""

    def __init__(self, pool: RoutingPool, words: Wordings, rng: Random) -> None:
        self._pool, self._words, self._rng = pool, words, rng

    def fill(self, intent: Intent | None, phrasing: Phrasing) -> Filled:
        """One question; `intent` is None for a question that has no program."""
        rng = self._rng
        lower = rng.random() < LOWERCASE_SHARE
        filling = _Filling(
            self._pool, self._words, rng, lower=lower, only_address="prefix" in _without(intent)
        )
        for name, value in phrasing.pinned.items():
            filling.pin(name, value)
        template = phrasing.text if lower or phrasing.language != "en" else misspelt(phrasing.text, rng)
        # By name, in which `piece` comes before the `prefix` that it chooses.
        for slot in sorted(set(_SLOT.findall(template))):
            filling.add(slot)
        if intent and f"{{{SCOPE}}}" in intent.program:
            for clause in self._clauses(intent, filling):
                template = self._joined(template, clause)
        text = framed(template, self._words.frame, rng) if phrasing.language == "en" else template
        text = text.lower() if lower else text
        text = tidied(_SLOT.sub(lambda match: filling.text[match.group(1)], text))
        program = _tidied(intent.program.format_map(filling.code)) if intent else ""
        return Filled(bare_end(text, rng), program)

    def _clauses(self, intent: Intent, filling: "_Filling") -> list[str]:
        """What narrows the question, with its slots filled; the arguments are added to `filling`."""
        rng = self._rng
        named = SCOPES if intent.scopes is None else intent.scopes
        # What the question names already narrows it no further.
        kinds = [kind for kind in named if f"{_ARGUMENT_OF.get(kind, kind)}=" not in intent.program]
        number = rng.choices(range(len(SCOPE_COUNTS)), SCOPE_COUNTS)[0]
        clauses: list[str] = []
        arguments: dict[str, str] = {}
        if VERSION in filling.code:
            arguments["ip_version"] = filling.code[VERSION]
            kinds = [kind for kind in kinds if kind != VERSION]
        for _ in range(min(number, len(kinds))):
            kind = rng.choices(kinds, [SCOPE_WEIGHTS[kind] for kind in kinds])[0]
            kinds.remove(kind)
            clause, given = filling.scope(kind)
            clauses.append(clause)
            arguments |= given
        ordered = [f"{name}={arguments[name]}" for name in ARGUMENTS if name in arguments]
        filling.code[SCOPE] = ", ".join(ordered)
        return clauses

    def _joined(self, template: str, clause: str) -> str:
        """`template` with a clause whose braces are already filled."""
        shielded = clause.replace("{", "").replace("}", "")
        is_sentence = template[:1].isupper() and template[-1:] in "?."
        if is_sentence and self._rng.random() < FRONT_SHARE and not shielded.startswith("("):
            return f"{shielded[0].upper()}{shielded[1:]}, {lower_first(template)}"
        ending = re.search(r"[.?!]*$", template)
        end = ending.start() if ending else len(template)
        return f"{template[:end]} {shielded}{template[end:]}"


def _without(intent: Intent | None) -> tuple[str, ...]:
    return intent.without if intent else ()


def _tidied(program: str) -> str:
    """`program` without the commas that an empty scope leaves."""
    return re.sub(r", (?=, |\))", "", re.sub(r"\(, ", "(", program))


@dataclass
class _Filling:
    """Texts and literals of one question's slots."""

    pool: RoutingPool
    words: Wordings
    rng: Random
    lower: bool
    only_address: bool
    text: dict[str, str] = field(default_factory=dict)
    code: dict[str, str] = field(default_factory=dict)
    _clock: "Clock | None" = None
    _used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.code[SCOPE] = ""

    def pin(self, name: str, value: int | str) -> None:
        """What a wording fixes."""
        self.code[name] = json.dumps(value) if name == "community" else str(value)

    def add(self, slot: str) -> None:
        """Choose what `slot` stands for."""
        base = slot.removesuffix("'s")
        if base not in self.text:
            self.text[base], self.code[base] = self._chosen(base)
        if slot != base:
            self.text[slot] = f"{self.text[base]}'s"

    def scope(self, kind: str) -> tuple[str, dict[str, str]]:
        """A clause that narrows the question by `kind`, and its arguments."""
        rng, scopes = self.rng, self.words.scopes
        match kind:
            case "time":
                shape = rng.choices(["window", "after", "before", "edge"], [6, 2, 2, 1.2])[0]
                if shape == "edge":
                    return self._edge()
                clock = self._times(2)
                given = {"from_time": clock[0], "until_time": clock[1]}
                if shape != "window":
                    given.pop("until_time" if shape == "after" else "from_time")
                clause = rng.choice(scopes[shape]).format(a=clock[0], b=clock[1])
                return clause, {name: json.dumps(value) for name, value in given.items()}
            case "version":
                version = rng.choice([4, 6])
                return rng.choice(scopes[f"version{version}"]), {"ip_version": str(version)}
            case "peer":
                text, code = self._chosen("peer")
                return rng.choice(scopes["peer"]).format(peer=text), {"peer_asn": code}
            case "origin":
                text, code = self._chosen("asn")
                return rng.choice(scopes["origin"]).format(asn=text), {"origin_asn": code}
            case "collector":
                text, code = self._chosen("collector")
                return rng.choice(scopes["collector"]).format(collector=text), {"collector": code}
            case "prefix":
                text, code = self._chosen("prefix")
                if rng.random() < 0.7:
                    return rng.choice(scopes["prefix"]).format(prefix=text), {"prefix": code}
                return rng.choice(scopes["within"]).format(prefix=text), {"prefix": code, "match": '"more"'}
            case _:
                raise ValueError(f"no clause narrows by {kind!r}")

    def _edge(self) -> tuple[str, dict[str, str]]:
        """A clause that counts from where the data begins or ends."""
        rng = self.rng
        unit, _ = rng.choice([*self.words.seconds.items()])
        number = rng.choice([1, 1, 1, 2, 3, 5, 10, 15, 20, 30])
        length = unit if number == 1 and rng.random() < 0.7 else self._counted(number, unit)
        side, argument = rng.choice([("last", "from_time"), ("last", "from_time"), ("first", "until_time")])
        edge = f"{rng.choice(self.words.edges[side])} {length}"
        return rng.choice(self.words.scopes["edge"]).format(edge=edge), {argument: json.dumps(edge)}

    def _counted(self, number: int, unit: str) -> str:
        in_words = number <= len(NUMBER_WORDS) + 1 and self.rng.random() < 0.3
        many = "" if number == 1 else "s"
        return f"{('one', *NUMBER_WORDS)[number - 1] if in_words else number} {unit}{many}"

    def _chosen(self, base: str) -> tuple[str, str]:
        """Text and literal of one slot."""
        rng, pool = self.rng, self.pool
        match base:
            case "prefix":
                return self._copied(self._unused(pool.prefixes))
            case "piece":
                return self._copied(self._piece())
            case "address":
                return self._copied(self._address())
            case "asn" | "asn2":
                return self._asn(rng.choices([pool.origins, pool.transits], [3, 1])[0])
            case "peer":
                return self._asn(pool.peers)
            case "community":
                if rng.random() < 0.2:
                    name = rng.choice(WELL_KNOWN_NAMES)
                    return rng.choice([name, name, name.lower(), name.replace("_", "-").lower()]), json.dumps(
                        name
                    )
                return self._copied(self._unused(pool.communities))
            case "collector" | "collector2":
                return self._copied(self._unused(pool.collectors))
            case "time" | "time2" | "time3" | "time4":
                return self._copied(self._times(4)[("time", "time2", "time3", "time4").index(base)])
            case "k":
                return self._number(rng.choice([2, 3, 3, 4, 5, 5, 5, 6, 7, 8, 10, 15, 20]))
            case "number":
                return self._number(rng.choice([2, 2, 3, 3, 4, 5, 6, 8, 10]))
            case "seconds":
                return self._duration()
            case "version":
                version = rng.choice([4, 6])
                return rng.choice([f"IPv{version}", f"IPv{version}", f"IPv{version}", f"v{version}"]), str(
                    version
                )
            case "kind" | "stat" | "attribute" | "state" | "unit":
                value, texts = rng.choice([*getattr(self.words, base).items()])
                return rng.choice(texts), value
            case _:
                raise ValueError(f"there is no slot {base!r}")

    def _copied(self, text: str) -> tuple[str, str]:
        return text, json.dumps(text)

    def _unused(self, values: tuple[str, ...]) -> str:
        value = self.rng.choice(values)
        while value in self._used and len(values) > 1:
            value = self.rng.choice(values)
        self._used.add(value)
        return value

    def _asn(self, numbers: tuple[int, ...]) -> tuple[str, str]:
        number = int(self._unused(tuple(map(str, numbers))))
        form = "as{n}" if self.lower and self.rng.random() < 0.7 else self.rng.choice(self.words.asn)
        return form.format(n=number), str(number)

    def _piece(self) -> str:
        """A prefix within `{prefix}`, which is chosen with it."""
        block, piece = self.pool.block_and_piece(self.rng)
        self.text["prefix"], self.code["prefix"] = self._copied(block)
        self._used |= {block, piece}
        return piece

    def _address(self) -> str:
        network = ip_network(self._unused(self.pool.prefixes))
        if not self.only_address and self.rng.random() < 0.25:
            return str(network)
        return str(network[self.rng.randrange(min(network.num_addresses, 1 << 16))])

    def _number(self, number: int) -> tuple[str, str]:
        spelled = number <= len(NUMBER_WORDS) + 1 and self.rng.random() < 0.4
        return (NUMBER_WORDS[number - 2] if spelled else str(number)), str(number)

    def _duration(self) -> tuple[str, str]:
        unit, size = self.rng.choice([*self.words.seconds.items()])
        number = self.rng.choice([1, 2, 5, 10, 15, 30, 30] if unit != "hour" else [1, 1, 2, 6, 12])
        if number == 1:
            return self.rng.choice([f"one {unit}", f"1 {unit}"]), str(size)
        written = f"{NUMBER_WORDS[number - 2]} {unit}s" if number <= 10 and self.rng.random() < 0.2 else ""
        return written or f"{number} {unit}s", str(number * size)

    def _times(self, count: int) -> list[str]:
        """Moments in ascending order, all in the style of this question; the first of the four always."""
        if self._clock is None:
            self._clock = Clock.of(self.pool, self.rng, plain=self.lower)
        return self._clock.moments[:count]
