"""Domains: found by folder, derived from types, and cheap to add."""

import sys
from pathlib import Path

import pytest

import herdwick.tools
from herdwick.tools.domain import NOT_INSTALLED, domain_names, get_domain, installed_domains
from herdwick.tools.errors import DomainError

LIBRARY_DOMAIN = """
from typing import Annotated
from pydantic import BaseModel, Field
from herdwick.tools.domain import Domain
from herdwick.tools.functions import Entity, FunctionSpec

BookId = Annotated[str, Entity("BookId")]
Words = Annotated[str, Entity("Words", in_question=True)]

class Search(BaseModel):
    words: Words = Field(description="Words of the title.")
    limit: int = Field(default=5, description="Most books.")

class ById(BaseModel):
    book_id: BookId = Field(description="Book.")

class Book(BaseModel):
    book_id: BookId
    title: str

class Options(BaseModel):
    shelf: str = Field(default="A", description="Which shelf.")

DOMAIN = Domain(
    name="books",
    summary="Books on a shelf.",
    functions=(
        FunctionSpec("searchBook", "Books by title.", Search, list[Book]),
        FunctionSpec("getPages", "Pages of a book.", ById, int),
    ),
    options=Options,
    open=lambda options: None,
)
"""


@pytest.fixture
def books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "books"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "domain.py").write_text(LIBRARY_DOMAIN)
    monkeypatch.setattr(herdwick.tools, "__path__", [*herdwick.tools.__path__, str(tmp_path)])


@pytest.mark.usefixtures("books")
def test_a_new_domain_costs_one_folder() -> None:
    assert "books" in domain_names()
    assert get_domain("books").library.plans == (("searchBook",), ("searchBook", "getPages"))


def test_folders_without_a_domain_are_none() -> None:
    assert "sandbox" not in domain_names()
    assert "aminer" in domain_names()


def test_an_unknown_domain_names_the_known_ones() -> None:
    with pytest.raises(DomainError, match="aminer") as caught:
        get_domain("astrology")
    assert caught.value.kind == "unknown_domain"


def test_a_domain_whose_packages_are_missing_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "herdwick.tools.bgp.domain", raising=False)
    monkeypatch.delitem(sys.modules, "herdwick.tools.bgp.specs", raising=False)
    for name in [name for name in sys.modules if name.startswith("herdwick.tools.bgp.functions")]:
        monkeypatch.delitem(sys.modules, name)
    # An entry of None makes an import fail as if there were no such package.
    monkeypatch.setitem(sys.modules, "polars", None)

    with pytest.raises(DomainError) as caught:
        get_domain("bgp")

    assert (caught.value.kind, caught.value.hint) == (
        NOT_INSTALLED,
        "In the checkout, run: pip install -e '.[bgp]'",
    )
    assert "bgp" in domain_names()
    assert [domain.name for domain in installed_domains()] == ["aminer"]


def test_the_guide_shows_every_function_and_field() -> None:
    domain = get_domain("aminer")
    guide = domain.guide()
    assert all(spec.name in guide for spec in domain.functions)
    assert all(f"'{name}'" in guide for name in domain.result_fields)


@pytest.mark.usefixtures("books")
def test_the_guide_shows_types_and_defaults() -> None:
    assert "searchBook(words: str, limit: int = 5) -> [" in get_domain("books").guide()


def test_the_guide_can_be_limited_to_a_plan() -> None:
    guide = get_domain("aminer").guide(("getCoauthors",))
    assert "getCoauthors(person_id: str)" in guide
    assert "searchPerson" not in guide


def test_closed_sets_of_values_and_usual_ones_are_known() -> None:
    assert get_domain("aminer").result_values == ("advisor", "advisee", "coauthor", "female", "male")
