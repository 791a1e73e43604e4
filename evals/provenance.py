"""What makes a run's answers and figures: code, prompts, interpreter.

code()              # '0.1.0 c61ef13e5a90', with '+' behind it where files were changed since
prompts()           # SHA-256 of all prompts
provenance()        # the code with what it runs on
"""

import hashlib
import platform
import subprocess
from functools import cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path

from pydantic import JsonValue


@cache
def provenance() -> dict[str, JsonValue]:
    """The code of this installation, and what it runs on."""
    return {
        "code": code(),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
    }


@cache
def code() -> str:
    """Version and commit of this installation; of an installed package the version alone."""
    return f"{version('herdwick')} {_commit()}".strip()


@cache
def prompts() -> str:
    """SHA-256 of the prompts of this installation, names and contents."""
    folder = Path(str(resources.files("herdwick.agents"))) / "prompts"
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.txt")):
        digest.update(f"{path.relative_to(folder).as_posix()}\n{path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _commit() -> str:
    """The commit of the clone that this is run from; '' for an installed package."""
    here = Path(__file__).resolve().parent
    if _git(here, "ls-files", "--error-unmatch", Path(__file__).name) is None:
        return ""
    changed = "+" if _git(here, "status", "--porcelain", "--untracked-files=no") else ""
    return (_git(here, "rev-parse", "--short=12", "HEAD") or "") + changed


def _git(folder: Path, *arguments: str) -> str | None:
    """What Git prints; None where it fails, or is not there."""
    command = ["git", "-C", str(folder), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return None
