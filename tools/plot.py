"""Pictures of what functions return: what a domain offers, and how one gets into a file.

    check_file(Path("updates.png"))                       # before anything runs
    check_library(Path("updates.png"))
    call = drawable_calls(domain, answer.calls)[-1]
    write_plot(Path("updates.png"), domain, toolkit, call.tool, call.args)

A domain maps names of functions to drawers. A drawer is handed a `Shown` and makes a `Picture`, which knows
itself as PNG and as a page of HTML that needs no network.
"""

import importlib.util
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel, ValidationError

from herdwick.tools.call_record import CallRecord
from herdwick.tools.errors import PlotError
from herdwick.tools.tool import explain, functions_of
from herdwick.tools.whole_file import write_whole

if TYPE_CHECKING:
    from herdwick.tools.domain import Domain, Toolkit

LIBRARIES = {".png": "matplotlib", ".html": "plotly"}
"""The kinds of pictures by their suffix, and what draws each: the extra `plot`."""


class Picture(Protocol):
    """Something drawn."""

    def png(self) -> bytes:
        """As a PNG file."""
        ...

    def html(self) -> bytes:
        """As one page of HTML that holds all it needs."""
        ...


@dataclass(frozen=True)
class Shown:
    """One call of a function and what came of it.

    Attributes:
        args: The arguments, an instance of the function's schema.
        value: The typed result.
        toolkit: What was called, for what the result alone does not tell.
    """

    args: BaseModel
    value: Any
    toolkit: "Toolkit"


Drawer = Callable[[Shown], Picture]


def check_file(path: Path) -> None:
    """See to it, before anything costly runs, that a picture can be written to `path`.

    Raises:
        PlotError: No such kind of picture, or no such folder.
    """
    if path.suffix.lower() not in LIBRARIES:
        raise PlotError(
            "bad_suffix",
            f"{path.name!r} is no picture that can be drawn.",
            f"Give a file that ends in {' or '.join(LIBRARIES)}.",
        )
    if path.is_dir() or not path.parent.is_dir():
        raise PlotError(
            "bad_file", f"{path} cannot be written.", "Give a file in a folder that exists already."
        )


def check_library(path: Path) -> None:
    """See to it that what draws pictures like `path` is installed.

    Raises:
        PlotError: It is not.
    """
    library = LIBRARIES[path.suffix.lower()]
    if importlib.util.find_spec(library) is None:
        raise PlotError(
            "missing_library",
            f"{path.suffix} pictures need {library}, which is not installed.",
            "In the checkout, run: pip install -e '.[plot]'",
        )


def drawable_calls(domain: "Domain", calls: Iterable[CallRecord]) -> list[CallRecord]:
    """The calls that succeeded and whose results can be drawn, each once; at least one.

    Raises:
        PlotError: There is none.
    """
    succeeded = [call for call in calls if call.ok]
    # The same arguments give the same result: in a loop, or when only the seconds differ.
    drawable = {(call.tool, repr(call.args)): call for call in succeeded if call.tool in domain.plots}
    if drawable:
        return [*drawable.values()]
    called = ", ".join(dict.fromkeys(call.tool for call in succeeded)) or "no function"
    raise PlotError(
        "not_drawable", f"The answer comes from {called}, of which there is no picture.", can_draw(domain)
    )


def can_draw(domain: "Domain") -> str:
    """A hint that names the functions whose results can be drawn."""
    return f"Results that can be drawn are those of: {', '.join(domain.plots)}."


def write_plot(
    path: Path, domain: "Domain", toolkit: "Toolkit", function: str, args: Mapping[str, Any]
) -> None:
    """Call a function, draw its result, and write that to `path`, whole or not at all.

    Raises:
        PlotError: There is no picture of the function's results, or of this one, or no place to write it.
        HerdwickError: The call failed.
    """
    tool = next(tool for tool in functions_of(toolkit.get_tools()) if tool.name == function)
    write_result(path, domain, toolkit, function, args, tool.call(**args))


def write_result(
    path: Path, domain: "Domain", toolkit: "Toolkit", function: str, args: Mapping[str, Any], value: Any
) -> None:
    """Draw what a function returned, typed or as JSON, and write that to `path`, whole or not at all.

    Raises:
        PlotError: There is no picture of the function's results, or of this one, or no place to write it.
    """
    if function not in domain.plots:
        raise PlotError("not_drawable", f"There is no picture of what {function} returns.", can_draw(domain))
    spec = domain.function(function)
    try:
        checked, typed = spec.args_schema.model_validate(args), spec.result_adapter.validate_python(value)
    except ValidationError as error:
        raise PlotError("not_its_result", f"This is no result of {function}: {explain(error)}.") from error
    picture = domain.plots[function](Shown(checked, typed, toolkit))
    data = picture.png() if path.suffix.lower() == ".png" else picture.html()
    try:
        write_whole(path, data)
    except OSError as error:
        raise PlotError("bad_file", f"{path} cannot be written: {error.strerror}.") from error
