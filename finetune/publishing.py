"""What would be published of a folder, checked before anything leaves this machine.

    publication = prepare(Path("finetune/adapters/bgp"), "me/herdwick-bgp", private=True)
    publication.card, [file.name for file in publication.files]

A shipped folder, what a run left, or a merged model goes out with a card made from the reports in it, or not
at all.
"""

import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import JsonValue

from herdwick.finetune.card import ADAPTER_FILE, CARD_FILE, render_card, render_merged_card
from herdwick.finetune.checkpoints import ADAPTER, MODEL
from herdwick.finetune.data_reports import DATA_FILE
from herdwick.finetune.merge_report import MERGE_FILE, MergeReport
from herdwick.finetune.recipe import FinetuneError
from herdwick.finetune.run_card import is_run_result, render_run_card
from herdwick.finetune.train_report import REPORT_FILE
from herdwick.tools.file_hash import sha256_of

_SUFFIXES = frozenset({".gguf", ".safetensors", ".json", ".jinja", ".model", ".txt"})
"""Of what belongs to a model; anything else in the folder stays here, and is told."""

_TEXTS = frozenset({".json", ".jinja", ".txt"})
"""Of these, what people or programs read as text."""

_NO_PATHS_IN = frozenset({"tokenizer.json", "vocab.json", "merges.txt"})
"""Files of words, among which "/" is one like any other."""

_PLACE = re.compile(r"(?<![\w.~-])/[^\s`='\",;()\[\]{}<>]+")
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


def prepare(
    source: Path, repo: str, *, data: Sequence[Path] = (), private: bool = False, licence: str = ""
) -> Publication:
    """Read the folder, make its card, and check both.

    Args:
        source: Folder of a run or what it left there, what `ship` wrote, or what `merge` made of either.
        repo: Owner and name on the Hub.
        data: Reports on the training data, where the folder has none.
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
    folder = _result(source)
    _check_own_card(folder)
    card = _card(folder, data, licence)
    known = _licence(card)
    _check_paths(folder)
    _check_text(card, CARD_FILE)
    public, left_out = _sorted_out(folder)
    return Publication(folder, repo, private, known, card, public, left_out)


def _result(source: Path) -> Path:
    """Where the weights are: for the folder of a run, the folder in it that the run filled last."""
    inside = (source / name for name in (ADAPTER, MODEL))
    return next((folder for folder in inside if (folder / REPORT_FILE).is_file()), source)


def _card(folder: Path, data: Sequence[Path], licence: str) -> str:
    if (folder / DATA_FILE).is_file() and data:
        raise FinetuneError(
            "data_told", f"{folder} has a {DATA_FILE} of its own.", "Leave --data out, or remove that file."
        )
    if (folder / ADAPTER_FILE).is_file():
        return render_card(folder, licence)
    if (folder / MERGE_FILE).is_file() and (folder / DATA_FILE).is_file():
        return render_merged_card(folder, MergeReport.read(folder), licence)
    if is_run_result(folder):
        return render_run_card(folder, data=data, licence=licence)
    raise FinetuneError(
        "not_publishable",
        f"{folder} holds neither what a run left, nor a shipped adapter, nor a merged model, with the "
        f"{REPORT_FILE} beside it.",
        "Make one with `herdwick finetune train`, `ship` or `merge`.",
    )


def _check_own_card(folder: Path) -> None:
    """Refuse a card beside the files that says something else than their reports."""
    card = folder / CARD_FILE
    if not (card.is_file() and _has_own_card(folder)):
        return
    if card.read_text(encoding="utf-8") != _card(folder, (), ""):
        raise FinetuneError(
            "other_card",
            f"{card} is not the card of what lies beside it: the adapter, its reports or the card changed.",
            f"Write it anew: herdwick finetune card {folder}",
        )


def _has_own_card(folder: Path) -> bool:
    """Whether a card in the folder is ours; beside what a run left it is PEFT's, and stays here."""
    return (folder / DATA_FILE).is_file()


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
            _check_text(text, file.name)


def _check_text(text: str, name: str) -> None:
    # Of a `file:` URL there are two slashes more.
    for place in (text, *(f"/{found.lstrip('/').rstrip('.:')}" for found in _PLACE.findall(text))):
        if place.startswith("/") and os.path.exists(place) and place != "/":
            raise FinetuneError(
                "local_path",
                f"{name} names {place}, a place on this machine.",
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
        if file.name == CARD_FILE and _has_own_card(folder):
            continue
        if _is_public(file):
            public.append(PublicFile(file.name, file.stat().st_size, sha256_of(file)))
        else:
            left_out.append(file.name)
    return tuple(public), tuple(left_out)
