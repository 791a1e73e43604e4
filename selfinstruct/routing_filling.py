"""What the slots of one question about routing stand for.

filling = Filling(pool, words, rng, lower=False, only_address=False)
filling.add("peer")
filling.text["peer"], filling.code["peer"]      # "AS64496", "64496"
"""

import json
from dataclasses import dataclass, field
from ipaddress import ip_network
from random import Random

from herdwick.selfinstruct.intents import SCOPE
from herdwick.selfinstruct.phrase import NUMBER_WORDS
from herdwick.selfinstruct.routing_clock import Clock
from herdwick.selfinstruct.routing_pool import WELL_KNOWN_NAMES, RoutingPool
from herdwick.selfinstruct.routing_wordings import Wordings

ADDRESS_SHARE = 0.15
"""Of questions that name a peer, how many do so by its address."""


@dataclass
class Filling:
    """Texts and literals of one question's slots.

    Attributes:
        lower: The question will be in small letters.
        only_address: What may be a prefix or an address is an address.
        by_address: Peers are named by their addresses.
        text: Of each slot, as the question has it.
        code: Of each slot, as the program has it.
    """

    pool: RoutingPool
    words: Wordings
    rng: Random
    lower: bool
    only_address: bool
    by_address: bool = False
    text: dict[str, str] = field(default_factory=dict)
    code: dict[str, str] = field(default_factory=dict)
    _clock: Clock | None = None
    _used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.code[SCOPE] = ""

    @property
    def day(self) -> str:
        """The day that the question has to name beside its times; '' for none."""
        return self._clock.day if self._clock else ""

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
                clock = self._times()
                given = {"from_time": clock.values[0], "until_time": clock.values[1]}
                if shape != "window":
                    given.pop("until_time" if shape == "after" else "from_time")
                clause = rng.choice(scopes[shape]).format(a=clock.moments[0], b=clock.moments[1])
                return clause, {name: json.dumps(value) for name, value in given.items()}
            case "version":
                version = rng.choice([4, 6])
                return rng.choice(scopes[f"version{version}"]), {"ip_version": str(version)}
            case "peer":
                if rng.random() < ADDRESS_SHARE:
                    text, code = self._copied(self._unused(self.pool.addresses))
                    return rng.choice(scopes["peer_address"]).format(peer=text), {"peer_address": code}
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
                if self.by_address:
                    return self._copied(self._unused(pool.addresses))
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
                clock, number = self._times(), ("time", "time2", "time3", "time4").index(base)
                return clock.moments[number], json.dumps(clock.values[number])
            case "k":
                return self._number(rng.choice([2, 3, 3, 4, 5, 5, 5, 6, 7, 8, 10, 15, 20]))
            case "number":
                return self._number(rng.choice([2, 2, 3, 3, 4, 5, 6, 8, 10]))
            case "seconds":
                return self._duration()
            case "span":
                return rng.choice([(text, str(size)) for text, size in self.words.spans.items()])
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
        if self.rng.random() < 0.15:
            return self.rng.choice([(text, str(size)) for text, size in self.words.lengths.items()])
        if number == 1:
            return self.rng.choice([f"one {unit}", f"1 {unit}"]), str(size)
        written = f"{NUMBER_WORDS[number - 2]} {unit}s" if number <= 10 and self.rng.random() < 0.2 else ""
        return written or f"{number} {unit}s", str(number * size)

    def _times(self) -> Clock:
        """The moments of this question, chosen once."""
        if self._clock is None:
            self._clock = Clock.of(self.pool, self.rng, plain=self.lower)
        return self._clock
