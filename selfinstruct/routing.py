r"""From a phrasing about routing to a question: what its slots name, and clauses that narrow it.

    filled = RoutingPhraser(pool, load_wordings(), rng).fill(intent, phrasing)
    filled.question   # 'How many updates were there for 10.200.8.0/24 between 00:01 and 00:02 UTC?'
    filled.program    # 'final_result = count_updates(prefix="10.200.8.0/24", from_time="00:01", …)[0]…'

A clause goes to the question's end or its beginning, and its arguments into the program's `{scope}`.
"""

import re
from random import Random

from herdwick.selfinstruct.intents import SCOPE, VERSION, Intent, Phrasing
from herdwick.selfinstruct.routing_filling import ADDRESS_SHARE, Filling
from herdwick.selfinstruct.routing_pool import RoutingPool
from herdwick.selfinstruct.routing_wordings import Wordings
from herdwick.selfinstruct.sentences import Filled, bare_end, framed, lower_first, misspelt, tidied

SCOPES = ("time", "peer", "version", "collector")
"""What may narrow an intent that names nothing else."""

SCOPE_COUNTS = (45, 40, 15)
"""How often no, one and two clauses narrow a question, in parts."""

SCOPE_WEIGHTS = {"time": 4, "peer": 3, "version": 2, "collector": 1, "prefix": 3, "origin": 3}
LOWERCASE_SHARE = 0.12
_ARGUMENT_OF = {"peer": "peer_asn", "origin": "origin_asn"}
_BY_ASN, _BY_ADDRESS = "peer_asn={peer}", "peer_address={peer}"
FRONT_SHARE = 0.25
"""Of clauses, how many stand at the beginning."""

ARGUMENTS = (
    *("prefix", "match", "origin_asn", "peer_asn", "peer_address"),
    *("collector", "ip_version", "from_time", "until_time"),
)
"""The order in which programs write them."""

_SLOT = re.compile(r"\{([a-z0-9_']+)\}")


class RoutingPhraser:
    """Fills phrasings with what a pool holds; every choice comes from `rng`."""

    def __init__(self, pool: RoutingPool, words: Wordings, rng: Random) -> None:
        self._pool, self._words, self._rng = pool, words, rng

    def fill(self, intent: Intent | None, phrasing: Phrasing) -> Filled:
        """One question; `intent` is None for a question that has no program."""
        rng = self._rng
        lower = rng.random() < LOWERCASE_SHARE
        filling = Filling(
            self._pool, self._words, rng, lower=lower, only_address="prefix" in _without(intent)
        )
        for name, value in phrasing.pinned.items():
            filling.pin(name, value)
        program = intent.program if intent else ""
        if _BY_ASN in program and program.count("{peer") == 1 and rng.random() < ADDRESS_SHARE:
            program = program.replace(_BY_ASN, _BY_ADDRESS)
            filling.by_address = True
        template = phrasing.text if lower or phrasing.language != "en" else misspelt(phrasing.text, rng)
        # By name, in which `piece` comes before the `prefix` that it chooses.
        for slot in sorted(set(_SLOT.findall(template))):
            filling.add(slot)
        if intent and f"{{{SCOPE}}}" in program:
            for clause in self._clauses(intent, filling):
                template = self._joined(template, clause)
        if filling.day:
            # At the end, so that it is not read together with a time of day.
            end = len(template.rstrip(".?!"))
            clause = rng.choice(self._words.scopes["day"]).format(day=filling.day)
            template = f"{template[:end]}{clause}{template[end:]}"
        text = framed(template, self._words.frame, rng) if phrasing.language == "en" else template
        text = text.lower() if lower else text
        text = tidied(_SLOT.sub(lambda match: filling.text[match.group(1)], text))
        return Filled(bare_end(text, rng), _tidied(program.format_map(filling.code)))

    def _clauses(self, intent: Intent, filling: "Filling") -> list[str]:
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
