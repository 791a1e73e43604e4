"""What goes into a graph's text indexes, and the FTS5 queries that find it again.

    name_entry("Seán O'Brien")                # 'sean o brien obrien', a row of person_index.name
    name_tokens("OBrien")                     # 'name : ("obrien")', matches it
    organization_run("Microsoft")             # 'organization : "microsoft"'

Both sides stand together because they must agree. Each query function returns None where the text has no
letter or digit and so can match nothing.
"""

import hashlib
import itertools
from collections.abc import Iterable, Sequence

from herdwick.tools.aminer.folding import is_unspaced, name_keys, name_parts, stems, words

# Beyond ASCII, the index tokenizer takes every character for part of a word, while `words` yields neither.
_BETWEEN = " \u00a6 "
_MARK = "\u00b7"

MAX_RUN_WORDS = 40
"""Longest run looked for within a longer text: 2,000 characters have two million runs, gigabytes of them."""


def name_entry(name: str) -> str:
    """A name's tokens; those of several parts as their parts and joined."""
    return " ".join(
        " ".join(parts if len(parts) == 1 or _is_unspaced(parts) else [*parts, "".join(parts)])
        for parts in name_parts(name)
    )


def organizations_entry(organizations: Iterable[str]) -> str:
    """The words of all organizations, kept apart so that no run of words spans two."""
    return _BETWEEN.join(" ".join(words(organization)) for organization in organizations)


def exact_entry(name: str, organization_ids: Iterable[int], tag_ids: Iterable[int]) -> str:
    """What is matched whole: the name's spellings and the ids of organizations and interests."""
    terms = [_name_term(key) for key in name_keys(name)]
    terms += [_organization_term(key) for key in organization_ids]
    terms += [_tag_term(key) for key in tag_ids]
    return " ".join(terms)


def paper_entry(title: str, keywords: Iterable[str], abstract: str) -> tuple[str, str, str]:
    """The row of a paper: title, keywords and abstract in stems."""
    by_keyword = (" ".join(stems(keyword)) for keyword in keywords)
    return " ".join(stems(title)), _BETWEEN.join(by_keyword), " ".join(stems(abstract))


def title_key(title: str) -> str:
    """What two spellings of one title share."""
    return " ".join(words(title))


def title_hash(key: str) -> int:
    """A 63-bit number for a title key; compare the keys too, hashes may collide."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big") >> 1


def whole_name(name: str) -> str | None:
    """Persons of exactly this name."""
    keys = name_keys(name)
    return _exact(map(_name_term, keys)) if keys else None


def name_tokens(name: str) -> str | None:
    """Persons whose name has all tokens of this one, in any order."""
    tokens = [_token(parts) for parts in name_parts(name)]
    return f"name : ({' AND '.join(tokens)})" if tokens else None


def organization_run(organization: str) -> str | None:
    """Persons of whose organization this one's words are an unbroken run."""
    run = words(organization)
    return f"organization : {_phrase(run)}" if run else None


def organization_keys_within(organization: str) -> list[str]:
    """The keys of all organizations whose words are an unbroken run of this one's, up to `MAX_RUN_WORDS`."""
    run = words(organization)
    ends = range(1, len(run) + 1)
    return list(
        {" ".join(run[start:end]) for end in ends for start in range(max(0, end - MAX_RUN_WORDS), end)}
    )


def organization_key(organization: str) -> str:
    """What two spellings of one organization share."""
    return " ".join(words(organization))


def any_organization(ids: Iterable[int]) -> str:
    """Persons of any of these organizations."""
    return _exact(map(_organization_term, ids))


def has_tag(tag_id: int) -> str:
    """Persons with this interest."""
    return _exact([_tag_term(tag_id)])


def search_terms(text: str) -> list[str]:
    """What papers are searched and ranked by: stems, and pairs of neighbours of scripts without spaces.

    Single Chinese characters say too little: 图 and 谱 are in many texts that know nothing of 图谱.
    """
    found = stems(text)
    if text.isascii():
        return found
    terms = []
    for unspaced, group in itertools.groupby(found, key=lambda word: is_unspaced(word[0])):
        run = list(group)
        terms += [" ".join(pair) for pair in itertools.pairwise(run)] if unspaced and len(run) > 1 else run
    return terms


def title_run(query: Sequence[str]) -> str:
    """Papers whose title has the stems as an unbroken run."""
    return f"title : {_phrase(query)}"


def all_in_title(terms: Iterable[str]) -> str:
    """Papers whose title has all the terms."""
    return f"title : {_all(terms)}"


def any_group(groups: Iterable[Iterable[str]]) -> str:
    """Papers that have all the terms of at least one group anywhere."""
    return " OR ".join(map(_all, groups))


def both(queries: Iterable[str]) -> str:
    """What all queries match."""
    return " AND ".join(f"({query})" for query in queries)


def _token(parts: Sequence[str]) -> str:
    if len(parts) == 1 or _is_unspaced(parts):
        return _phrase(parts)
    return f"({_phrase([''.join(parts)])} OR {_all(parts)})"


def _is_unspaced(parts: Iterable[str]) -> bool:
    return any(is_unspaced(part[0]) for part in parts)


def _all(terms: Iterable[str]) -> str:
    return f"({' AND '.join(_phrase([term]) for term in terms)})"


def _phrase(terms: Iterable[str]) -> str:
    return f'"{" ".join(terms)}"'


def _exact(terms: Iterable[str]) -> str:
    return f"exact : ({' OR '.join(_phrase([term]) for term in terms)})"


def _name_term(key: str) -> str:
    return f"n{_MARK}{key}"


def _organization_term(key: int) -> str:
    return f"o{_MARK}{key}"


def _tag_term(key: int) -> str:
    return f"t{_MARK}{key}"
