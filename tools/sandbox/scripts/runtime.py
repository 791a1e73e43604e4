"""What of this Python a script gets to see, and where.

    runtime = python_runtime(extensions=(re2_library,))
    runtime.mounts        # interpreter, standard library, the shared libraries they need
    runtime.python        # the interpreter's path inside

Nothing of the environment Herdwick is installed in: no site-packages, no configuration, no home.
"""

import os
import re
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from herdwick.tools.sandbox.scripts.contract import ScriptFailure

PYTHON_HOME = "/python"
LIBRARIES = "/libraries"
_NEEDING_LIBRARIES = re.compile(r"(?:_bz2|_ctypes|_decimal|_hashlib|_lzma|_sqlite3|_ssl|pyexpat|zlib)\.")
"""Modules of the standard library that may need more than libc."""

_LINKED = re.compile(r"^\s*(?:(\S+) => )?(/\S+) \(0x", re.MULTILINE)
_HIDDEN = ("site-packages", "dist-packages", "ensurepip", "idlelib", "test", "tkinter")


@dataclass(frozen=True)
class Mount:
    """A file or folder of the host that a script can read.

    Attributes:
        source: On the host, no link.
        target: Inside.
    """

    source: Path
    target: str


@dataclass(frozen=True)
class Runtime:
    """Python inside the sandbox.

    Attributes:
        python: Path of the interpreter.
        mounts: What it needs.
        hidden: Folders that are covered by empty ones.
    """

    python: str
    mounts: tuple[Mount, ...]
    hidden: tuple[str, ...]


@lru_cache(maxsize=4)
def python_runtime(extensions: tuple[Path, ...] = ()) -> Runtime:
    """The running interpreter, laid out for the sandbox.

    Args:
        extensions: Compiled modules mounted besides, whose shared libraries are needed as well.

    Raises:
        ScriptFailure: Of kind `sandbox_unavailable`.
    """
    interpreter = Path(os.path.realpath(sys.executable))
    library = Path(sysconfig.get_path("stdlib")).resolve()
    compiled = [
        path for path in (library / "lib-dynload").glob("*.so") if _NEEDING_LIBRARIES.match(path.name)
    ]
    inside = f"{PYTHON_HOME}/{sys.platlibdir}/{library.name}"
    return Runtime(
        python=f"{PYTHON_HOME}/bin/{interpreter.name}",
        mounts=(
            Mount(interpreter, f"{PYTHON_HOME}/bin/{interpreter.name}"),
            Mount(library, inside),
            *_libraries((interpreter, *compiled, *extensions)),
        ),
        hidden=tuple(f"{inside}/{name}" for name in _HIDDEN if (library / name).is_dir()),
    )


def _libraries(binaries: tuple[Path, ...]) -> list[Mount]:
    """What the dynamic linker would load for `binaries`."""
    try:
        listed = subprocess.run(  # noqa: S603
            ["ldd", *map(str, binaries)],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
            stdin=subprocess.DEVNULL,
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise ScriptFailure(
            "sandbox_unavailable",
            f"The libraries that Python needs cannot be listed: {error}.",
            "Install ldd, which comes with the C library.",
        ) from error
    found: dict[str, Mount] = {}
    for name, path in _LINKED.findall(listed):
        # The linker itself has no name before the arrow, and is looked for at its own path.
        target = f"{LIBRARIES}/{name}" if name else path
        found[target] = Mount(Path(os.path.realpath(path)), target)
    return [*found.values()]
