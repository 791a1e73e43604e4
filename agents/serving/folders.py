"""Weights as vLLM loads them: a model folder and PEFT folders, made from GGUF files where need be.

    folders = prepare_folders(config, tell=print)
    folders.base, folders.adapters["bgp"]

What ships is GGUF, which llama.cpp runs. `herdwick finetune unpack` converts it, in a process of its own, as
`finetune` is no part of this package; the folders are kept in the user's cache under the hash of the file.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from pydantic import BaseModel, ConfigDict, ValidationError

from herdwick.agents.errors import ModelError, UsageError
from herdwick.agents.serving.config import EngineConfig
from herdwick.tools.base_gguf import WHEEL, find_base_gguf
from herdwick.tools.file_hash import sha256_of

GGUF_ADAPTER = "adapter.gguf"
"""Name of the file in a shipped adapter's folder."""

PEFT_FILE = "adapter_config.json"
"""What tells a PEFT folder."""

_HASH_CHARS = 16


@dataclass(frozen=True)
class ModelFolders:
    """What vLLM is given.

    Attributes:
        base: Folder, or name on the Hub.
        adapters: PEFT folder of each adapter.
    """

    base: str
    adapters: Mapping[str, Path]


class _PeftConfig(BaseModel):
    """What matters of PEFT's own configuration of an adapter; where it says nothing, PEFT means these."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    r: int = 8
    base_model_name_or_path: str | None = None


def prepare_folders(
    config: EngineConfig, *, tell: Callable[[str], None], cache: Path | None = None
) -> ModelFolders:
    """The folders of what `config` names, converted unless they are there already.

    Args:
        config: Names base and adapters.
        tell: Told what takes long.
        cache: Where converted weights are kept; the user's cache when None.

    Raises:
        UsageError: An adapter is not there, or does not fit the base or the rank that is configured.
        DataError: The embedded engine's base is not installed.
        ModelError: A file cannot be converted.
    """
    cache = cache or Path(platformdirs.user_cache_dir("herdwick")) / "serving"
    file = find_base_file(config.base)
    base = config.base if file is None else str(_unpacked(file, cache, "", tell))
    # The wheel's name says as much as its folder, and is the same on every machine.
    named = config.base if config.base == WHEEL else base
    adapters = {
        name: place
        if (place / PEFT_FILE).is_file()
        else _unpacked(find_adapter_gguf(name, place), cache, named, tell)
        for name, place in config.adapters.items()
    }
    for name, folder in adapters.items():
        _check_fits(name, folder, config, base)
    return ModelFolders(base, adapters)


def find_base_file(base: str) -> Path | None:
    """The GGUF file that `base` stands for, None where it is a model folder or a name on the Hub.

    Raises:
        DataError: It is the embedded engine's base, which is not installed.
        UsageError: It names a GGUF file that is not there.
    """
    if base == WHEEL:
        return find_base_gguf()
    if not base.endswith(".gguf"):
        return None
    if not Path(base).is_file():
        raise UsageError("no_base", f"There is no file {base}.", "Check `base` in the configuration.")
    return Path(base)


def find_adapter_gguf(name: str, place: Path) -> Path:
    """The GGUF file of an adapter.

    Args:
        name: What it is served as.
        place: The file, or a folder with it.

    Raises:
        UsageError: There is none.
    """
    file = place / GGUF_ADAPTER if place.is_dir() else place
    if file.is_file() and file.suffix == ".gguf":
        return file
    found = "a PEFT folder" if (place / PEFT_FILE).is_file() else "no adapter"
    raise UsageError(
        "no_adapter",
        f"Adapter {name}: {place} is {found}, and a GGUF adapter is needed.",
        "Make one with `herdwick finetune export FOLDER --out adapter.gguf`, or change `adapters` in the "
        "configuration.",
    )


def _check_fits(name: str, folder: Path, config: EngineConfig, base: str) -> None:
    """Refuse what vLLM would load for minutes before it refuses it, or serve with nonsense for replies."""
    try:
        noted = _PeftConfig.model_validate_json((folder / PEFT_FILE).read_bytes())
    except (OSError, ValidationError) as error:
        raise UsageError(
            "no_adapter",
            f"Adapter {name}: {folder / PEFT_FILE} cannot be read as PEFT's.",
            "Name a folder that `herdwick finetune train` or PEFT wrote.",
        ) from error
    highest = config.vllm.max_lora_rank
    if noted.r > highest:
        raise UsageError(
            "rank_too_high",
            f"Adapter {name}: {folder} has rank {noted.r}, and `max_lora_rank` is {highest}.",
            "Raise `max_lora_rank` below `vllm` in the configuration.",
        )
    trained_on = noted.base_model_name_or_path
    # Folders move from machine to machine, so only their names tell whether two bases are the same.
    if trained_on and Path(trained_on).name not in (Path(base).name, Path(config.base).name):
        raise UsageError(
            "other_base",
            f"Adapter {name}: {folder} was trained on {trained_on}, and `base` is {config.base}.",
            f"Configure the base it was trained on; if they are the same, correct {PEFT_FILE}.",
        )


def _unpacked(file: Path, cache: Path, base: str, tell: Callable[[str], None]) -> Path:
    # The digests alone would do; the names are for people who look into the folder.
    stem = file.parent.name if file.name == GGUF_ADAPTER else file.stem
    # An adapter is checked against the base that it is unpacked for.
    for_base = f"-{hashlib.sha256(base.encode()).hexdigest()[:_HASH_CHARS]}" if base else ""
    folder = cache / f"{stem}-{sha256_of(file)[:_HASH_CHARS]}{for_base}"
    if folder.is_dir():
        return folder
    tell(f"Converting {file.name} of {stem} for vLLM; this is done once.")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        made = Path(scratch) / "folder"
        _unpack(file, made, base)
        try:
            made.rename(folder)
        except OSError:
            # Another process was faster, with the same content.
            if not folder.is_dir():
                raise
            shutil.rmtree(made)
    return folder


def _unpack(file: Path, out: Path, base: str) -> None:
    command = [
        sys.executable,
        "-m",
        "herdwick.agents.cli",
        "finetune",
        "unpack",
        str(file),
        "--out",
        str(out),
    ]
    done = subprocess.run(  # noqa: S603 - our own interpreter and command
        [*command, *(["--base", base] if base else []), "--json"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode != 0:
        message, hint = _failure(done)
        raise ModelError("not_converted", f"{file} cannot be converted for vLLM: {message}", hint)


def _failure(done: "subprocess.CompletedProcess[str]") -> tuple[str, str]:
    try:
        error = json.loads(done.stdout)["error"]
        return error["message"], error["hint"]
    except (ValueError, TypeError, KeyError):
        last = done.stderr.strip().splitlines()[-1:] or [f"it ended with {done.returncode}"]
        return last[0], "In the checkout, run: pip install -e '.[finetune]'"
