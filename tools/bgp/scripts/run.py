"""Run a free PyBGPStream script over MRT files.

    result = run_script(source, find_files([Path("rrc06")]), limits=ScriptLimits(wall_s=30))
    result.stdout

The script sees the files, Python's standard library, and `pybgpstream`; nothing else of this machine.
"""

import importlib.util
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import herdwick.tools.bgp.compat
import herdwick.tools.bgp.engine
import herdwick.tools.bgp.times
from herdwick.tools.bgp.compat.stream import HOLDINGS_VARIABLE
from herdwick.tools.bgp.engine.sources import MRTFile
from herdwick.tools.bgp.regular_file import check_regular
from herdwick.tools.bgp.scripts.result import ScriptResult, script_result
from herdwick.tools.errors import DataError
from herdwick.tools.sandbox.scripts import MODULES, Mount, ScriptLimits, Supplies, run_isolated

_HOLDINGS = "/data/holdings.json"
_NAMES = ("pybgpstream", "_pybgpstream")


@dataclass(frozen=True)
class Bounds:
    """The window that the user gave, to which a script's own is cut.

    Attributes:
        from_time, until_time: In seconds since 1970 UTC; None leaves it open.
    """

    from_time: float | None = None
    until_time: float | None = None

    def __post_init__(self) -> None:
        """Refuse a window that is the wrong way round.

        Raises:
            DataError: `until_time` is not after `from_time`.
        """
        if self.from_time is not None and self.until_time is not None and self.until_time <= self.from_time:
            raise DataError(
                "bad_window", "The window ends before it begins.", "Give the earlier time as the start."
            )


def run_script(
    source: str,
    files: Sequence[MRTFile],
    limits: ScriptLimits | None = None,
    bounds: Bounds | None = None,
) -> ScriptResult:
    """Run `source` in the sandbox, to its own end.

    Args:
        source: Python that uses `pybgpstream`.
        files: What its streams can read.
        limits: What it may use; the defaults when None.
        bounds: The user's window; with an end, scripts for live data replay the files until then.

    Raises:
        DataError: A file does not exist, is no regular one, or cannot be read.
        ScriptFailure: The script was refused, stopped, or failed, or there is no sandbox.
    """
    placed = [
        (file, Mount(_readable(file.path), f"/data/{at}/{_name(file.path)}")) for at, file in enumerate(files)
    ]
    holdings = {
        "files": [
            {
                "path": mount.target,
                "name": _name(file.path),
                "project": file.source.project,
                "collector": file.source.collector,
            }
            for file, mount in placed
        ],
        "from_time": bounds.from_time if bounds else None,
        "until_time": bounds.until_time if bounds else None,
    }
    expressions, extensions = _expressions()
    supplies = Supplies(
        mounts=(*_modules(), *expressions, *(mount for _, mount in placed)),
        files={_HOLDINGS: json.dumps(holdings).encode()},
        environment={HOLDINGS_VARIABLE: _HOLDINGS},
        extensions=extensions,
        evidence="herdwick.tools.bgp.compat.evidence",
    )
    return script_result(run_isolated(source, supplies, limits))


def _name(path: Path) -> str:
    """The file's name, as text that every part can carry."""
    return os.fsencode(path.name).decode(errors="replace")


def _readable(path: Path) -> Path:
    """The file itself, where `path` is a link."""
    check_regular(path)
    try:
        real = path.resolve(strict=True)
        with real.open("rb"):
            return real
    except FileNotFoundError as error:
        raise DataError("no_file", f"There is no file {path}.", "Check the name.") from error
    except OSError as error:
        raise DataError("unreadable", f"{path} cannot be opened: {error.strerror or error}.") from error


def _modules() -> list[Mount]:
    """The engine and the module that scripts import, without the packages around them."""
    engine, compat = (
        Path(package.__path__[0]).resolve()
        for package in (herdwick.tools.bgp.engine, herdwick.tools.bgp.compat)
    )
    return [
        Mount(engine, f"{MODULES}/herdwick/tools/bgp/engine"),
        Mount(compat, f"{MODULES}/herdwick/tools/bgp/compat"),
        Mount(Path(herdwick.tools.bgp.times.__file__).resolve(), f"{MODULES}/herdwick/tools/bgp/times.py"),
        *(Mount(compat / "guest" / f"{name}.py", f"{MODULES}/{name}.py") for name in _NAMES),
    ]


def _expressions() -> tuple[list[Mount], tuple[Path, ...]]:
    """RE2, which filters by AS path need; none where it is not installed."""
    found = importlib.util.find_spec("re2")
    if found is None or found.origin is None:
        return [], ()
    package = Path(found.origin).resolve().parent
    return [Mount(package, f"{MODULES}/re2")], tuple(package.glob("_re2*.so"))
