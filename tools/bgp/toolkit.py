"""The BGP functions as a LangChain toolkit.

    with BGPToolkit(files=["updates.20150401.0000.gz"], rpki="vrps.json") as toolkit:
        tools = toolkit.get_tools()

Files are converted to columns when a function first asks for them, and kept for the next time.
"""

import inspect
from collections.abc import Collection, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

from langchain_core.tools import BaseTool
from langchain_core.tools.base import BaseToolkit
from pydantic import BaseModel, JsonValue, PrivateAttr, ValidationError

from herdwick.tools.bgp.archive.fetch import Archive, ArchiveOptions, ArchiveQuery
from herdwick.tools.bgp.archive.files import Window
from herdwick.tools.bgp.columns.convert import convert_all
from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.engine.sources import MRTFile, find_files
from herdwick.tools.bgp.functions.relationships import Relationships, read_relationships
from herdwick.tools.bgp.functions.selection import Selection
from herdwick.tools.bgp.functions.vrps import Vrps, read_vrps
from herdwick.tools.bgp.options import BGPOptions
from herdwick.tools.bgp.specs import FAMILIES, FUNCTIONS, LIVE, Function
from herdwick.tools.bgp.times import from_edge, is_clock, on_day, parse_time, show_time
from herdwick.tools.errors import DataError, ToolFailure
from herdwick.tools.functions import Entity
from herdwick.tools.question import Tally
from herdwick.tools.shown_url import shown_url
from herdwick.tools.tool import FunctionTool, explain

SAMPLE = Path(__file__).parent / "sample" / "data"
"""The lab capture, with VRPs and relationships that fit it."""


MAX_SILENCE_S = 900
"""Files of updates span at most so many seconds: RouteViews writes one every 15 minutes, RIS every five."""


class BGPToolkit(BaseToolkit, BGPOptions):
    """The functions over the data that its options describe; a context manager."""

    _looks: Tally = PrivateAttr(default_factory=Tally)
    _watches: Tally = PrivateAttr(default_factory=Tally)
    _messages: Tally = PrivateAttr(default_factory=Tally)

    def get_tools(self) -> list[BaseTool]:
        """All functions, in the order of question families."""
        return [
            FunctionTool.of(spec, self._bound(function))
            for spec, function in zip(FUNCTIONS, FAMILIES, strict=True)
        ]

    def data(self) -> dict[str, JsonValue]:
        """What was really read; a question that only watched a live feed has read no files."""
        if not self._watches.current:
            return self._described()
        heard: dict[str, JsonValue] = {
            "feed": shown_url(self.live_url),
            "watches": int(self._watches.current),
            "messages": int(self._messages.current),
        }
        return (self._described() if self._looks.current else {}) | {"live": heard}

    def _described(self) -> dict[str, JsonValue]:
        described = self.dataset.described()
        if self._is_sample:
            described["lab_capture"] = "made in a lab: nothing in it was seen on the Internet"
        if self._vrps:
            described["rpki"] = {"file": self._vrps.source, "snapshot": self._vrps.snapshot}
        if self._relationships:
            described["relationships"] = self._relationships.source
        return described

    def close(self) -> None:
        """Let archived files be removed from the download cache again."""
        if "_archive" in self.__dict__:
            self._archive.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def _is_sample(self) -> bool:
        return not self.files and not self.collectors

    @cached_property
    def _archive(self) -> Archive:
        return Archive(ArchiveOptions(broker_url=self.broker_url))

    @cached_property
    def dataset(self) -> Dataset:
        """The elems that the functions look at."""
        return Dataset(
            convert_all(self._found(), cache=self.cache, ray=self.ray),
            None if self.from_time is None else parse_time(self.from_time),
            None if self.until_time is None else parse_time(self.until_time),
        )

    @cached_property
    def _vrps(self) -> Vrps | None:
        path = self.rpki or (SAMPLE / "vrps.json" if self._is_sample else None)
        return read_vrps(path) if path else None

    @cached_property
    def _relationships(self) -> Relationships | None:
        path = self.relationships or (SAMPLE / "relationships.txt" if self._is_sample else None)
        return read_relationships(path) if path else None

    def _found(self) -> tuple[MRTFile, ...]:
        if self._is_sample:
            return find_files([SAMPLE / "lab00"])
        if not self.files:
            window = Window(parse_time(self.from_time or ""), parse_time(self.until_time or ""))
            return self._archive.fetch(ArchiveQuery(window, self.collectors))
        return files_of(self.files, self.collectors)

    def _bound(self, function: Function) -> Function:
        """`function` over this toolkit's data, taking its arguments by name."""
        parameters = inspect.signature(function).parameters
        spec = next(spec for spec in FUNCTIONS if spec.name == function.__name__)
        schema = spec.args_schema
        if function in LIVE:
            return self._listening(function, schema)

        def call(**given: Any) -> Any:
            self._looks.add(1)
            more: dict[str, Any] = {}
            if "vrps" in parameters:
                more["vrps"] = self._vrps
            if "relationships" in parameters:
                more["relationships"] = self._relationships
            meant = {name: self._meant(spec.parameters[name], value) for name, value in given.items()}
            try:
                args = schema.model_validate(meant)
            except ValidationError as error:
                # Two times may be in order by themselves and no longer when one gets its day.
                raise ToolFailure("bad_arguments", f"{function.__name__}: {explain(error)}") from error
            self._check_data(args)
            return function(self.dataset, args, **more)

        return call

    def _listening(self, function: Function, schema: type[BaseModel]) -> Function:
        """`function` over the live feed; the data set is not opened."""

        def call(**given: Any) -> Any:
            self._watches.add(1)
            answer = function(schema.model_validate(given), self.live_url)
            self._messages.add(answer.messages)
            return answer

        return call

    def _check_data(self, args: BaseModel) -> None:
        """Nothing found must not look like nothing there: refuse a collector or a time without data."""
        known = self._collectors
        for name in ("collector", "a", "b"):
            collector = getattr(args, name, None)
            if collector is not None and collector not in known:
                raise ToolFailure(
                    "unknown_collector",
                    f"There is no data of the collector {collector}.",
                    f"The data is of: {', '.join(known)}.",
                )
        if self.dataset.span is None:
            return
        first, last = self.dataset.span
        for start, end in (("from_time", "until_time"), ("from_a", "until_a"), ("from_b", "until_b")):
            begins, ends = getattr(args, start, None), getattr(args, end, None)
            too_late = begins is not None and parse_time(begins) > last
            if too_late or (ends is not None and parse_time(ends) <= first):
                raise _outside(f"from {begins or 'the start'} until {ends or 'the end'}", first, last)
        moment = getattr(args, "time", None)
        if moment is not None and not first <= parse_time(moment) <= last + MAX_SILENCE_S:
            raise _outside(f"at {moment}", first, last)
        if isinstance(args, Selection):
            args.refuse_peer_as_prefix(self.dataset.elems())

    @cached_property
    def _collectors(self) -> list[str]:
        """Those that the data is of, in alphabetical order."""
        return sorted({item.file.source.collector for item in self.dataset.converted})

    def _meant(self, entity: Entity | None, value: Any) -> Any:
        """An argument as the data has it: a time with its day, a collector in its own case."""
        if entity is None or not isinstance(value, str):
            return value
        if entity.name == "Time" and (edge := from_edge(value)):
            return self._from_edge(*edge)
        if entity.name == "Time" and is_clock(value):
            return self._dated(value)
        if entity.name == "Collector":
            return next((known for known in self._collectors if known.lower() == value.lower()), value)
        return value

    def _from_edge(self, edge: Literal["first", "last"], seconds: int) -> str:
        """The moment so many seconds after the data begins, or before it ends."""
        first, last = self.dataset.span or (0.0, 0.0)
        start = first if self.dataset.from_time is None else self.dataset.from_time
        end = last if self.dataset.until_time is None else self.dataset.until_time
        return show_time(min(start + seconds, end) if edge == "first" else max(end - seconds, start))

    def _dated(self, value: str) -> str:
        """A time of day as a moment of the day that the data is of."""
        first, last = (show_time(moment)[: len("2015-04-01")] for moment in self.dataset.span or (0, 0))
        if first != last:
            raise ToolFailure(
                "which_day",
                f"The data is of several days, {first} to {last}, so that {value!r} could be on any.",
                f"Name the day too, such as {on_day(value, first)}.",
            )
        return on_day(value, first)


def files_of(paths: Sequence[Path], collectors: Collection[str]) -> tuple[MRTFile, ...]:
    """MRT files of `collectors`, or of any if none is named.

    Raises:
        DataError: There is no such file, or none of a collector that is named.
    """
    found = find_files(paths)
    wanted = tuple(file for file in found if not collectors or file.source.collector in collectors)
    if not wanted:
        known = ", ".join(sorted({file.source.collector for file in found}))
        raise DataError(
            "unknown_collector",
            f"None of the files is of {', '.join(collectors)}.",
            f"They are of: {known}.",
        )
    return wanted


def _outside(when: str, first: float, last: float) -> ToolFailure:
    return ToolFailure(
        "outside_data",
        f"There is no data {when}.",
        f"The data is from {show_time(first)} until {show_time(last)}.",
    )
