"""Constrained decoding: a GBNF grammar in which only sound solutions can be written.

    grammar = solution_grammar("Which papers did Jie Tang write?", get_domain("aminer"))

Under it a model can write a plan of the solution library followed by a program that calls only that plan's
functions, or a refusal. A string argument can only be a run of the question's own words, a subscript only a
result field, and an integer only one that the question mentions (or an index), so a small model cannot
lose a letter of a name. llama.cpp takes the text as `grammar`, vLLM as `structured_outputs.grammar`.

The word runs are linear in the question: rule `w7` writes word 7 and then, if it likes, goes on with `w8`.
"""

import json
import re
from collections.abc import Iterable, Sequence

from herdwick.agents.refusals import REASONS, REFUSAL_PREFIX
from herdwick.tools.domain import Domain
from herdwick.tools.functions import FunctionSpec
from herdwick.tools.solutions import Plan, format_plan

BUILTINS = ("abs(", "any(", "dict.fromkeys(", "len(", "list(", "max(", "min(", "sorted(", "sum(")
"""The only calls besides the domain's functions; each runs in the sandbox."""

INDEXES = (-1, 0, 1, 2)
_ENGLISH = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
)
NUMBER_WORDS = (
    {word: number for number, word in enumerate(_ENGLISH.split())}
    | {character: number for number, character in enumerate("零一二三四五六七八九十")}
    | {"两": 2, "dozen": 12, "hundred": 100, "thousand": 1000}
)

_CJK = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af"
_WORD = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+")
_NUMBER = re.compile(r"\d+(?:,\d{3})+|\d+")


def solution_grammar(
    question: str,
    domain: Domain,
    plan: Plan | None = None,
    *,
    first_only: Sequence[str] = (),
    apart: Sequence[str] = (),
) -> str:
    """The grammar of every solution that could answer `question`.

    Args:
        question: As it stands in the prompt, character for character.
        domain: Supplies plans, functions, parameters and result fields.
        plan: When given, only the program that follows this plan's line; it must be in the library.
        first_only: Words of the question that no argument of a call but the first may begin in.
        apart: Words of the question that no argument may run into from the words before them.

    Returns:
        GBNF text with the start rule `root`.
    """
    plans = [f"solution{number}" for number in range(len(domain.library.plans))]
    words, runs = _word_runs(question, apart)
    rules = {
        "root": " | ".join(["refusal", *plans] if words else ["refusal"]),
        "refusal": f"{_literal(REFUSAL_PREFIX)} ({_choice(REASONS)}) {_literal(chr(10))}?",
    }
    if words:
        rules |= _shared_rules(question, domain)
        for name, candidate in zip(plans, domain.library.plans, strict=True):
            calls = " | ".join(f"call-{_rule_name(function)}" for function in dict.fromkeys(candidate))
            rules[name] = f"{_literal(format_plan(candidate))} {_literal(chr(10))} {name}-program"
            rules[f"{name}-program"] = (
                f"({name}-assign ({name}-assign {name}-assign?)?)? "
                f"{_literal('final_result = ')} {name}-item+ {_literal(chr(10))}?"
            )
            rules[f"{name}-assign"] = f'variable " = " {name}-item+ {_literal(chr(10))}'
            rules[f"{name}-item"] = f"item | {calls}"
        rules["run"] = " | ".join(words)
        taken = _words_of(question, first_only)
        rules["later-run"] = " | ".join(word for word in words if word not in taken) or "run"
        rules |= runs
    if words and plan is not None:
        rules["root"] = f"{plans[domain.library.plans.index(plan)]}-program"
    return "\n".join(f"{name} ::= {body}" for name, body in rules.items()) + "\n"


def numbers_in(question: str) -> list[int]:
    """The integers a question mentions, in digits (with or without thousands separators) or words."""
    digits = [int(match.group().replace(",", "")) for match in _NUMBER.finditer(question)]
    spelled = [NUMBER_WORDS[word] for word in _WORD.findall(question.lower()) if word in NUMBER_WORDS]
    return list(dict.fromkeys(digits + spelled))


def _shared_rules(question: str, domain: Domain) -> dict[str, str]:
    ids = dict.fromkeys(
        name for spec in domain.functions if not spec.starts_plans for name in spec.parameters
    )
    values = domain.result_values
    numbers = sorted({*INDEXES, *numbers_in(question)}, key=lambda number: (-len(str(number)), number))
    quote = _literal('"')
    rules = {
        "variable": "[a-z] [a-z]? [a-z]?",
        "item": "number | field | value | id | lowered | builtin | mark",
        # Only after one of these marks, so that 1 and 2 cannot be joined to 12.
        "number": f'("[" | [(:,= ]) ({_choice(map(str, numbers))})',
        "field": f"{_literal('[' + chr(34))} ({_choice(domain.result_fields)}) {_literal(chr(34) + ']')}",
        "value": f"{_literal('== ' + chr(34))} ({_choice(values)}) {quote}" if values else _literal("=="),
        "id": _choice(f"{name}=" for name in ids) if ids else _literal("=="),
        "access": f'variable (field | "[" ({_choice(map(str, INDEXES))}) "]")*',
        "first": f"{quote} run {quote} | access | {_choice(map(str, numbers))}",
        "later": f"{quote} later-run {quote} | access | {_choice(map(str, numbers))}",
        "lowered": f"{quote} run {_literal(chr(34) + '.lower()')}",
        "builtin": _choice((*BUILTINS, ".lower()")),
        "mark": r'[a-z_ ,:()<>=!+*/{}-] | "[" | "]"',
    }
    for spec in domain.functions:
        rules |= _call(spec)
    return rules


def _call(spec: FunctionSpec) -> dict[str, str]:
    """A call. Arguments that a question supplies are whole: each at most once, in the declared order.

    Where ids are passed on, an expression follows, such as another call, and only the opening is ruled.
    """
    call = f"call-{_rule_name(spec.name)}"
    opening = _literal(f"{spec.name}(")
    names = [*spec.parameters]
    if not spec.starts_plans or not names:
        return {call: opening}
    rules = {call: f"{opening} (first {_rest(call, names, 0)} | {call}-from0) {_literal(')')}"}
    for at, name in enumerate(names):
        value = "later" if at else "first"
        skipped = f" | {call}-from{at + 1}" if at + 1 < len(names) else ""
        rules[f"{call}-from{at}"] = f"{_literal(f'{name}=')} {value} {_rest(call, names, at)}{skipped}"
    return rules


def _rest(call: str, names: list[str], at: int) -> str:
    return f"({_literal(', ')} {call}-from{at + 1})?" if at + 1 < len(names) else ""


def _words_of(question: str, texts: Iterable[str]) -> set[str]:
    """Rule names of the words that stand in any of `texts`."""
    places = [match.span() for text in texts for match in re.finditer(re.escape(text), question)]
    return {
        f"w{number}"
        for number, word in enumerate(_WORD.finditer(question))
        if any(start <= word.start() < end for start, end in places)
    }


def _word_runs(question: str, apart: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Rule names of the words, and rules that write any run of consecutive words."""
    borders = {match.start() for text in apart for match in re.finditer(re.escape(text), question)}
    words = list(_WORD.finditer(question))
    names = [f"w{number}" for number in range(len(words))]
    rules = {}
    for number, word in enumerate(words):
        following = words[number + 1].start() if number + 1 < len(words) else len(question)
        between = question[word.end() : following]
        tails = []
        if number + 1 < len(words) and following not in borders:
            tails.append(f"{_literal(_in_string(between))} w{number + 1}" if between else f"w{number + 1}")
        # "C++" and "Inc." end in punctuation that belongs to them; let a run end after any of it.
        touching = between.split(" ", 1)[0][:3]
        tails += [_literal(_in_string(touching[:size])) for size in range(1, len(touching) + 1)]
        tail = f" ({' | '.join(tails)})?" if tails else ""
        rules[f"w{number}"] = _literal(_in_string(word.group())) + tail
    return names, rules


def _in_string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _choice(texts: Iterable[str]) -> str:
    return " | ".join(_literal(text) for text in texts)


def _rule_name(function: str) -> str:
    return re.sub(r"[^a-zA-Z0-9]", "-", function)
