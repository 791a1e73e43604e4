"""What would be published of a folder, checked before anything leaves this machine.

    publication = prepare(Path("finetune/adapters/bgp"), "me/herdwick-bgp", private=True)
    publication.card, [file.name for file in publication.files]

A shipped folder or a merged model goes out with a card made from the reports in it, or not at all.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import JsonValue

from herdwick.finetune.card import ADAPTER_FILE, CARD_FILE, render_card, render_merged_card
from herdwick.finetune.merge_report import MERGE_FILE, MergeReport
from herdwick.finetune.recipe import FinetuneError
from herdwick.tools.file_hash import sha256_of

_SUFFIXES = frozenset({".gguf", ".safetensors", ".json", ".jinja", ".model", ".txt"})
"""Of what belongs to a model; anything else in the folder stays here, and is told."""

_TEXTS = frozenset({".json", ".jinja", ".txt"})
"""Of these, what people or programs read as text."""

_NO_PATHS_IN = frozenset({"tokenizer.json", "vocab.json", "merges.txt"})
"""Files of words, among which "/" is one like any other."""

_PLACE = re.compile(r"(?<![\w.~-])/[^\s='\",;()\[\]{}<>]+")
"""An absolute path among other words, as in a command or a `file:` URL; not the end of a relative one."""


@dataclass(frozen=True)
class PublicFile:
    """A file to be published.

    Attributes:
        name: In the folder and on the Hub.
        size: In bytes.
        sha256: Of its content.
    """

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Publication:
    """What goes to the Hub.

    Attributes:
        folder: Where the files are.
        repo: Its name there, such as `me/herdwick-bgp`.
        private: Whether only its owner may see it.
        licence: By the Hub's identifiers.
        card: Text of the model card.
        files: All but the card.
        left_out: Names of what stays here.
    """

    folder: Path
    repo: str
    private: bool
    licence: str
    card: str
    files: tuple[PublicFile, ...]
    left_out: tuple[str, ...]


def prepare(folder: Path, repo: str, *, private: bool = False, licence: str = "") -> Publication:
    """Read the folder, make its card, and check both.

    Args:
        folder: What `ship` wrote, or what `merge` made of that.
        repo: Owner and name on the Hub.
        private: Whether only the owner may see it.
        licence: The Hub's identifier of the licence; default: that of the base.

    Raises:
        FinetuneError: It is no such folder, its licence is not known, its figures or its card are another
            adapter's, a file names a place on this machine, or `repo` is no name for a repository.
    """
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]  # exported lazily

    try:
        validate_repo_id(repo)
    except HFValidationError as error:
        raise FinetuneError("bad_repo", f"{repo!r}: {error}", "Such as me/herdwick.") from error
    if "/" not in repo:
        raise FinetuneError("bad_repo", f"{repo!r} has no owner.", f"Such as me/{repo}.")
    _check_own_card(folder)
    card = _card(folder, licence)
    known = _licence(card)
    _check_paths(folder)
    public, left_out = _sorted_out(folder)
    return Publication(folder, repo, private, known, card, public, left_out)


def _card(folder: Path, licence: str) -> str:
    if (folder / ADAPTER_FILE).is_file():
        return render_card(folder, licence)
    if (folder / MERGE_FILE).is_file():
        return render_merged_card(folder, MergeReport.read(folder), licence)
    raise FinetuneError(
        "not_publishable",
        f"{folder} is neither a shipped adapter nor a merged model.",
        "Make one with `herdwick finetune ship` or `herdwick finetune merge`.",
    )


def _check_own_card(folder: Path) -> None:
    """Refuse a card beside the files that says something else than their reports."""
    card = folder / CARD_FILE
    if card.is_file() and card.read_text(encoding="utf-8") != _card(folder, ""):
        raise FinetuneError(
            "other_card",
            f"{card} is not the card of what lies beside it: the adapter, its reports or the card changed.",
            f"Write it anew: herdwick finetune card {folder}",
        )


def _licence(card: str) -> str:
    front = yaml.safe_load(card.split("---\n", 2)[1])
    licence = front.get("license")
    if not licence:
        raise FinetuneError(
            "no_licence",
            f"The licence of {front.get('base_model')} is not known, so that of the model is not either.",
            "Look it up and name it with --licence, by the Hub's identifier, such as llama3.1.",
        )
    return str(licence)


def _check_paths(folder: Path) -> None:
    for file in sorted(folder.iterdir()):
        if not _is_public(file) or file.suffix not in _TEXTS or file.name in _NO_PATHS_IN:
            continue
        for text in _texts_in(file):
            # Of a `file:` URL there are two slashes more.
            for place in (text, *(f"/{found.lstrip('/').rstrip('.:')}" for found in _PLACE.findall(text))):
                if place.startswith("/") and os.path.exists(place) and place != "/":
                    raise FinetuneError(
                        "local_path",
                        f"{file.name} names {place}, a place on this machine.",
                        "Train on a base with a name on the Hub, or correct the file.",
                    )


def _texts_in(file: Path) -> Iterator[str]:
    try:
        if file.suffix == ".json":
            yield from _texts(json.loads(file.read_bytes()))
        else:
            yield file.read_text(encoding="utf-8")
    except ValueError as error:
        kind = file.suffix.removeprefix(".")
        raise FinetuneError(
            f"bad_{kind}", f"{file} cannot be read: {error}", "Make the folder anew."
        ) from error


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _texts(item)


def _is_public(file: Path) -> bool:
    return file.is_file() and file.suffix in _SUFFIXES and not file.name.startswith(".")


def _sorted_out(folder: Path) -> tuple[tuple[PublicFile, ...], tuple[str, ...]]:
    public, left_out = [], []
    for file in sorted(folder.iterdir()):
        if file.name == CARD_FILE:
            continue
        if _is_public(file):
            public.append(PublicFile(file.name, file.stat().st_size, sha256_of(file)))
        else:
            left_out.append(file.name)
    return tuple(public), tuple(left_out)
