"""What a picture says about itself: what is shown, of which data, and what was left out.

caption = Caption.of("Updates in bins of 60 s", shown)
caption.title, caption.lines, caption.lab
"""

from dataclasses import dataclass
from typing import Any, Self

from pydantic import BaseModel, JsonValue

from herdwick.tools.plot import Shown

NAMED_FILES = 3
"""So many files are named; a collector's day has hundreds."""

NOT_SELECTING = frozenset({"bin_seconds", "top", "match", "prepending_counted"})
"""Arguments that do not choose routes, or that are told with another one or on an axis."""


@dataclass(frozen=True)
class Caption:
    """The words above a picture.

    Attributes:
        title: What it shows.
        lines: Collector, window and files; what was selected; what is missing.
        lab: A warning where the data was made in a lab, else ''.
    """

    title: str
    lines: tuple[str, ...]
    lab: str

    @classmethod
    def of(cls, title: str, shown: Shown, *notes: str) -> Self:
        """The caption of what `shown` holds; `notes` are lines of their own."""
        data = shown.toolkit.data()
        lab = data.get("lab_capture")
        lines = (_source(data), _selected(shown.args), _incomplete(data), *notes)
        return cls(
            title=_one_line(title),
            lines=tuple(_one_line(line) for line in lines if line),
            lab=f"LAB CAPTURE, {_one_line(str(lab))}" if lab else "",
        )


def _source(data: dict[str, JsonValue]) -> str:
    collectors = ", ".join(_texts(data.get("collectors"))) or "no collector"
    return f"Collector {collectors}  |  {_window(data.get('window'))}  |  {_files(data.get('files'))}"


def _texts(value: JsonValue) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _files(value: JsonValue) -> str:
    names = _texts(value)
    shown = ", ".join(names[:NAMED_FILES])
    return f"{shown} and others" if len(names) > NAMED_FILES else shown or "no files"


def _window(value: JsonValue) -> str:
    window = value if isinstance(value, dict) else {}
    start, end = (_moment(window.get(name)) for name in ("from", "until"))
    if not start or not end:
        return "no window"
    day, _, clock = end.partition(" ")
    return f"{start} to {clock if start.startswith(day) else end} UTC"


def _moment(value: JsonValue) -> str:
    """A moment to the second: nobody reads microseconds in a caption."""
    return str(value)[: len("2026-01-01T00:00:00")].replace("T", " ") if value else ""


def _selected(args: BaseModel) -> str:
    """The arguments that narrow what was looked at."""
    chosen = [
        _argument(name, value, args)
        for name, value in args
        if name not in NOT_SELECTING and value != type(args).model_fields[name].default
    ]
    return f"Only: {', '.join(chosen)}" if chosen else ""


def _argument(name: str, value: Any, args: BaseModel) -> str:
    words = name.removesuffix("_time").replace("_", " ")
    if name.endswith("asn"):
        return f"{words.removesuffix('asn')}AS{value}"
    if name == "prefix":
        match = getattr(args, "match", "exact")
        return f"prefix {value}" if match == "exact" else f"prefix {value} (match: {match})"
    return words if value is True else f"{words} {value}"


def _incomplete(data: dict[str, JsonValue]) -> str:
    cut = _texts(data.get("not_read_to_the_end"))
    return f"Not read to the end: {'; '.join(cut)}" if cut else ""


def _one_line(text: str) -> str:
    """File names may hold anything; what is not printable would break a line or a page."""
    return "".join(character if character.isprintable() else " " for character in text)
