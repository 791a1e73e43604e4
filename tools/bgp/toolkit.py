"""The BGP functions as a LangChain toolkit.

    with BGPToolkit(files=["updates.20150401.0000.gz"], rpki="vrps.json") as toolkit:
        tools = toolkit.get_tools()

Files are converted to columns when a function first asks for them, and kept for the next time.
"""

import inspect
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from langchain_core.tools import BaseTool
from langchain_core.tools.base import BaseToolkit
from pydantic import JsonValue

from herdwick.tools.bgp.archive.fetch import Archive, ArchiveOptions
from herdwick.tools.bgp.archive.files import Window
from herdwick.tools.bgp.columns.convert import convert_all
from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.engine.sources import MRTFile, find_files
from herdwick.tools.bgp.functions.relationships import Relationships, read_relationships
from herdwick.tools.bgp.functions.vrps import Vrps, read_vrps
from herdwick.tools.bgp.options import BGPOptions
from herdwick.tools.bgp.specs import FAMILIES, FUNCTIONS, Function
from herdwick.tools.bgp.times import parse_time
from herdwick.tools.errors import DataError
from herdwick.tools.tool import FunctionTool

SAMPLE = Path(__file__).parent / "sample" / "data"
"""The lab capture, with VRPs and relationships that fit it."""


class BGPToolkit(BaseToolkit, BGPOptions):
    """The functions over the data that its options describe; a context manager."""

    def get_tools(self) -> list[BaseTool]:
        """All functions, in the order of question families."""
        return [
            FunctionTool.of(spec, self._bound(function))
            for spec, function in zip(FUNCTIONS, FAMILIES, strict=True)
        ]

    def data(self) -> dict[str, JsonValue]:
        """What was really read."""
        described = self._dataset.described()
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
    def _dataset(self) -> Dataset:
        return Dataset(
            convert_all(self._found(), cache=self.cache),
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
            return self._archive.fetch(window, self.collectors)
        found = find_files(self.files)
        wanted = tuple(
            file for file in found if not self.collectors or file.source.collector in self.collectors
        )
        if not wanted:
            known = ", ".join(sorted({file.source.collector for file in found}))
            raise DataError(
                "unknown_collector",
                f"None of the files is of {', '.join(self.collectors)}.",
                f"They are of: {known}.",
            )
        return wanted

    def _bound(self, function: Function) -> Function:
        """`function` over this toolkit's data, taking its arguments by name."""
        parameters = inspect.signature(function).parameters
        schema = next(spec.args_schema for spec in FUNCTIONS if spec.name == function.__name__)

        def call(**given: Any) -> Any:
            more: dict[str, Any] = {}
            if "vrps" in parameters:
                more["vrps"] = self._vrps
            if "relationships" in parameters:
                more["relationships"] = self._relationships
            return function(self._dataset, schema.model_validate(given), **more)

        return call
