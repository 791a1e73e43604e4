"""The record beside a training file: how it was made, what came of it, how to make it again.

record = SynthesisRecord.read(record_file(Path("runs/aminer/train.jsonl")))
record.command     # 'herdwick selfinstruct synthesize aminer --count 12000 …'
"""

import hashlib
import subprocess
from pathlib import Path
from typing import Self

from pydantic import ConfigDict, ValidationError

from herdwick.selfinstruct.intents import SEEDS
from herdwick.selfinstruct.synthesize import Report
from herdwick.tools.errors import DataError
from herdwick.tools.whole_file import write_whole


class SynthesisRecord(Report):
    """A synthesis report with what the file was made from.

    Attributes:
        domain: Of the questions.
        command: Makes the file again.
        seeds_fingerprint: SHA-256 of the domain's seed files.
        commit: Source it was made with, `-dirty` if that had changes; '' outside a repository.
        executed: Whether every program was run.
        emphasis_fingerprint: SHA-256 of the file of emphasis; '' without one.
        noise_fingerprint: The same of the file of noise.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    domain: str
    command: str
    seeds_fingerprint: str
    commit: str
    executed: bool
    emphasis_fingerprint: str = ""
    noise_fingerprint: str = ""

    @classmethod
    def read(cls, file: Path) -> Self:
        """The record in `file`.

        Raises:
            DataError: It is missing or damaged.
        """
        try:
            return cls.model_validate_json(file.read_bytes())
        except (OSError, ValidationError) as error:
            raise DataError(
                "no_record", f"{file} is no synthesis record.", "Make the training file again."
            ) from error

    def write(self, file: Path) -> None:
        """Put the record into `file`, atomically."""
        write_whole(file, f"{self.model_dump_json(indent=1)}\n".encode())


def record_file(out: Path) -> Path:
    """Where the record of the training file `out` lies."""
    return out.with_suffix(".report.json")


def seeds_fingerprint(domain: str) -> str:
    """SHA-256 of names and contents of the domain's seed files."""
    digest = hashlib.sha256()
    folder = SEEDS / domain
    for file in sorted(folder.rglob("*.yaml")):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def source_commit() -> str:
    """Commit of the source this runs from; '' outside a repository.

    `-dirty` follows if files changed or are new, or if nobody can tell.
    """
    commit = _git("rev-parse", "--short=12", "HEAD")
    if not commit:
        return ""
    changes = _git("--no-optional-locks", "status", "--porcelain", "--untracked-files=normal")
    return commit if changes == "" else f"{commit}-dirty"


def _git(*words: str) -> str | None:
    """What git says; None if it fails."""
    try:
        found = subprocess.run(  # noqa: S603 - fixed words
            ["git", *words],  # noqa: S607
            cwd=SEEDS,
            capture_output=True,
            text=True,
            check=False,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return found.stdout.strip() if found.returncode == 0 else None
