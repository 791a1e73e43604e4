"""What author, paper and relation lines of a dump mean, checked field by field.

    parse_author({"id": 7, "name": "Ada Mercer", "n_citation": "12"}).n_citation    # 12
    parse_paper({"title": "Untitled"})                                             # BadLine: id: missing

The formats are those of design.md, "Graph import".
"""

from typing import Any, NamedTuple

from herdwick.tools.aminer.local.dump import BadLine, kind_of

_MAX_COUNT = 2**53
"""Largest whole number that JSON writers agree on."""
_RELATIONS = ("advisor", "advisee", "coauthor")


class AuthorLine(NamedTuple):
    """A person; texts are '' and counts 0 where the line has none.

    `pubs` are ids of the person's papers.
    """

    id: str
    name: str
    orgs: tuple[str, ...]
    tags: tuple[str, ...]
    n_citation: int
    n_pubs: int
    gender: str
    position: str
    bio: str
    edu: str
    email: str
    pubs: tuple[str, ...]


class PaperAuthor(NamedTuple):
    """One author of a paper as the paper gives it; `id` is '' where it gives none."""

    id: str
    name: str
    org: str


class PaperLine(NamedTuple):
    """A paper; texts are '' and numbers 0 where the line has none."""

    id: str
    title: str
    year: int
    n_citation: int
    venue: str
    pdf: str
    keywords: tuple[str, ...]
    authors: tuple[PaperAuthor, ...]
    abstract: str


class RelationLine(NamedTuple):
    """What `coauthor_id` is to `person_id`."""

    person_id: str
    coauthor_id: str
    relation: str


def parse_author(line: dict[str, Any]) -> AuthorLine:
    """An author line.

    Raises:
        BadLine: A required field is missing or a field has the wrong type.
    """
    current = _text(line, "org")
    orgs = ([current] if current else []) + [org for org in _texts(line, "orgs") if org != current]
    return AuthorLine(
        id=_required(line, "id"),
        name=_required(line, "name"),
        orgs=tuple(orgs),
        tags=tuple(dict.fromkeys(_texts(line, "tags", inner="t"))),
        n_citation=_count(line, "n_citation"),
        n_pubs=_count(line, "n_pubs"),
        gender=_text(line, "gender"),
        position=_text(line, "position"),
        bio=_text(line, "bio"),
        edu=_text(line, "edu"),
        email=_text(line, "email"),
        pubs=tuple(dict.fromkeys(_texts(line, "pubs", inner="i"))),
    )


def parse_paper(line: dict[str, Any]) -> PaperLine:
    """A paper line.

    Raises:
        BadLine: A required field is missing or a field has the wrong type.
    """
    return PaperLine(
        id=_required(line, "id"),
        title=_required(line, "title"),
        year=_count(line, "year", most=9999),
        n_citation=_count(line, "n_citation"),
        venue=_venue(line),
        pdf=_text(line, "pdf"),
        keywords=tuple(_texts(line, "keywords")),
        authors=tuple(_paper_author(author) for author in _list(line, "authors")),
        abstract=_text(line, "abstract"),
    )


def parse_relation(line: dict[str, Any]) -> RelationLine:
    """A relation line.

    Raises:
        BadLine: A field is missing, has the wrong type, or the relation is none of the three.
    """
    relation = _required(line, "relation").lower()
    if relation not in _RELATIONS:
        raise BadLine(f"relation: one of {', '.join(_RELATIONS)} expected, not {relation[:40]!r}")
    parsed = RelationLine(_required(line, "person_id"), _required(line, "coauthor_id"), relation)
    if parsed.person_id == parsed.coauthor_id:
        raise BadLine("coauthor_id: the same as person_id")
    return parsed


def _paper_author(value: Any) -> PaperAuthor:
    if isinstance(value, str):
        return PaperAuthor("", _clean("authors", value), "")
    if not isinstance(value, dict):
        raise BadLine(f"authors: objects expected, not {kind_of(value)}")
    return PaperAuthor(_text(value, "id"), _text(value, "name"), _text(value, "org"))


def _venue(line: dict[str, Any]) -> str:
    venue = line.get("venue")
    if not isinstance(venue, dict):
        return _text(line, "venue")
    info = venue.get("info")
    return (_text(info, "name") if isinstance(info, dict) else "") or _text(venue, "raw")


def _required(line: dict[str, Any], field: str) -> str:
    text = _text(line, field)
    if not text:
        raise BadLine(f"{field}: {'empty' if line.get(field) is not None else 'missing'}")
    return text


def _text(line: dict[str, Any], field: str) -> str:
    return _clean(field, line.get(field))


def _clean(field: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise BadLine(f"{field}: a string expected, not {kind_of(value)}")
    # Half a surrogate pair is legal JSON but no text; NUL ends strings for SQLite's text functions.
    return value.encode("utf-8", "replace").decode("utf-8").replace("\0", " ").strip()


def _texts(line: dict[str, Any], field: str, inner: str = "") -> list[str]:
    """Strings of a list, or of the `inner` field of its objects; empty ones left out."""
    texts = []
    for item in _list(line, field):
        value = item.get(inner) if inner and isinstance(item, dict) else item
        texts.append(_clean(f"{field}.{inner}" if inner else field, value))
    return [text for text in texts if text]


def _list(line: dict[str, Any], field: str) -> list[Any]:
    value = line.get(field)
    if value is None or value == "":
        return []
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        raise BadLine(f"{field}: a list expected, not {kind_of(value)}")
    return value


def _count(line: dict[str, Any], field: str, most: int = _MAX_COUNT) -> int:
    value = line.get(field)
    if value is None or value == "":
        return 0
    number = _whole_number(value)
    if number is None:
        raise BadLine(f"{field}: a whole number expected, not {str(value)[:40]!r}")
    if not 0 <= number <= most:
        raise BadLine(f"{field}: a number from 0 to {most} expected, not {str(value)[:40]}")
    return number


def _whole_number(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, int):
        return value
    try:
        number = float(value)
    except ValueError:
        return None
    return int(number) if number.is_integer() else None
