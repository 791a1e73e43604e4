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
from collections.abc import Iterable, Iterator, Sequence

from herdwick.agents.gbnf import choice, literal, longest_first, rule_name
from herdwick.agents.grammar_calls import call_rules, spelled_integers
from herdwick.agents.number_words import NUMBER_WORDS
from herdwick.agents.refusals import REASONS, REFUSAL_PREFIX
from herdwick.tools.domain import Domain
from herdwick.tools.solutions import Plan, format_plan

BUILTINS = (
    "abs(",
    "all(",
    "any(",
    "dict.fromkeys(",
    "len(",
    "list(",
    "max(",
    "min(",
    "round(",
    "sorted(",
    "sum(",
)
"""The only calls besides the domain's functions; each runs in the sandbox."""

KEYWORDS = ("for", "in", "if", "else", "and", "or", "not", "is", "lambda", "key", "True", "False", "None")
"""Words of an expression that are no variables."""

INDEXES = (-1, 0, 1, 2)

_CJK = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af"
_WORD = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+")
# "64500,64501" are two.
_NUMBER = re.compile(r"(?<!\d)\d{1,3}(?:,\d{3})+(?!\d)|\d+")


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
        "refusal": f"{literal(REFUSAL_PREFIX)} ({choice(REASONS)}) {literal(chr(10))}?",
    }
    if words:
        rules |= _shared_rules(question, domain)
        for name, candidate in zip(plans, domain.library.plans, strict=True):
            calls = " | ".join(f"call-{rule_name(function)}" for function in dict.fromkeys(candidate))
            rules[name] = f"{literal(format_plan(candidate))} {literal(chr(10))} {name}-program"
            rules[f"{name}-program"] = (
                f"({name}-assign ({name}-assign {name}-assign?)?)? "
                f"{literal('final_result = ')} {name}-item+ word? {literal(chr(10))}?"
            )
            rules[f"{name}-assign"] = f'variable " = " {name}-item+ word? {literal(chr(10))}'
            fields, columns = (
                " | ".join(f"{kind}-{rule_name(function)}" for function in dict.fromkeys(candidate))
                for kind in ("field", "column")
            )
            rules[f"{name}-item"] = f"item | word? ({fields}) | {columns} | {calls}"
        rules["run"] = " | ".join(words)
        taken = _words_of(question, first_only)
        rules["later-run"] = " | ".join(word for word in words if word not in taken) or "run"
        rules |= runs
    if words and plan is not None:
        rules["root"] = f"{plans[domain.library.plans.index(plan)]}-program"
    return "\n".join(f"{name} ::= {body}" for name, body in rules.items()) + "\n"


def numbers_in(question: str, spelled: str = "") -> list[int]:
    """The integers a question mentions, in digits (with or without thousands separators) or words.

    Args:
        question: The question.
        spelled: Regular expression of what has digits and is no number, such as a prefix.
    """
    if spelled:
        question = re.sub(spelled, " ", question)
    digits = [int(match.group().replace(",", "")) for match in _NUMBER.finditer(question)]
    words = [NUMBER_WORDS[word] for word in _WORD.findall(question.lower()) if word in NUMBER_WORDS]
    return list(dict.fromkeys(digits + words))


def _field(names: Iterable[str]) -> str:
    return f"{literal('[' + chr(34))} ({choice(names)}) {literal(chr(34) + ']')}"


def _shared_rules(question: str, domain: Domain) -> dict[str, str]:
    ids = dict.fromkeys(
        name for spec in domain.functions if not spec.starts_plans for name in spec.parameters
    )
    # What a result's field can be compared with.
    values = dict.fromkeys([*domain.result_values, *map(_in_string, _spelled_in(question, domain))])
    mentioned = [*numbers_in(question, domain.spelled), *spelled_integers(domain.functions, question)]
    numbers = longest_first({*INDEXES, *mentioned})
    quote = literal('"')
    comparing = f" | lowered | word? {literal('.lower()')}" if domain.compares_words else ""
    rules = {
        "variable": "[a-z] [a-z]? [a-z]?",
        # No word touches another or an opening bracket: nothing but what stands here can be named or called.
        "item": f"word? number | value | id | builtin | mark | word after{comparing}",
        "word": f"variable | {choice(KEYWORDS)}",
        # Only after one of these marks, so that 1 and 2 cannot be joined to 12.
        "number": f'("[" | [(:,= ]) ({choice(numbers)})',
        "field": _field(domain.result_fields),
        "value": f"({literal('== ')} | {literal('!= ')}) {quote} ({choice(values)}) {quote}"
        if values
        else literal("=="),
        "id": choice(f"{name}=" for name in ids) if ids else literal("=="),
        "access": f'variable (field | "[" ({choice(INDEXES)}) "]")*',
        "first": f"{quote} run {quote} | access | {choice(numbers)}",
        "later": f"{quote} later-run {quote} | access | {choice(numbers)}",
        "lowered": f"{quote} run {literal(chr(34) + '.lower()')}",
        "builtin": choice(BUILTINS),
        "mark": r'"(" | after',
        "after": r'[ ,:)<>=!+*/{}-] | "[" | "]"',
    }
    for spec in domain.functions:
        fields = domain.fields_of(spec)
        rules[f"field-{rule_name(spec.name)}"] = _field(fields)
        # Of a row with some of the fields: {"time": r["time"], …}. Not after "[", which begins a field.
        rules[f"column-{rule_name(spec.name)}"] = (
            f"({literal('{')} | {literal(', ')}) {quote} ({choice(fields)}) {literal(chr(34) + ': ')}"
        )
    return rules | call_rules(domain.functions, question, mentioned)


def _spelled_in(question: str, domain: Domain) -> Iterator[str]:
    """Entities of the question that are known by their spelling, such as prefixes."""
    for spec in domain.functions:
        for entity in spec.parameters.values():
            if entity and entity.spelled:
                yield from entity.texts_in(question)


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
            tails.append(f"{literal(_in_string(between))} w{number + 1}" if between else f"w{number + 1}")
        # "C++" and "Inc." end in punctuation that belongs to them; let a run end after any of it.
        touching = between.split(" ", 1)[0][:3]
        tails += [literal(_in_string(touching[:size])) for size in range(1, len(touching) + 1)]
        tail = f" ({' | '.join(tails)})?" if tails else ""
        rules[f"w{number}"] = literal(_in_string(word.group())) + tail
    return names, rules


def _in_string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]
