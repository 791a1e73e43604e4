"""The lab capture's toolkit, and eyes for pictures."""

import io
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image

from herdwick.tools.bgp import BGPToolkit
from herdwick.tools.plot import Shown
from herdwick.tools.tool import functions_of


@pytest.fixture(scope="session")
def lab_toolkit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BGPToolkit]:
    with BGPToolkit(cache=tmp_path_factory.mktemp("columns")) as toolkit:
        yield toolkit


@pytest.fixture
def shown(lab_toolkit: BGPToolkit) -> Callable[..., Shown]:
    """Calls a function on the lab capture."""

    def call(name: str, **args: Any) -> Shown:
        tool = next(tool for tool in functions_of(lab_toolkit.get_tools()) if tool.name == name)
        return Shown(tool.spec.args_schema.model_validate(args), tool.call(**args), lab_toolkit)

    return call


@pytest.fixture
def colours() -> Callable[[bytes], dict[str, int]]:
    """How many dots of a PNG have each colour, as `#0072B2`; it opens and is light."""

    def count(png: bytes) -> dict[str, int]:
        with Image.open(io.BytesIO(png)) as image:
            image.load()
            assert image.format == "PNG"
            assert min(image.size) > 400
            dots = image.convert("RGB").getcolors(maxcolors=1 << 24) or []
        found = {"#{:02X}{:02X}{:02X}".format(*colour): number for number, colour in dots}
        assert found["#FFFFFF"] > sum(found.values()) / 3
        return found

    return count


@pytest.fixture
def traces() -> Callable[[bytes], list[dict[str, Any]]]:
    """What a page of plotly draws; the page holds the library too."""

    def read(page: bytes) -> list[dict[str, Any]]:
        text = page.decode()
        assert not re.search(r"<(?:script|link)[^>]+(?:src|href)=", text)
        assert text.count("plotly.js v") >= 1
        start = re.search(r'Plotly\.newPlot\(\s*"plot",\s*', text)
        assert start
        drawn, _ = json.JSONDecoder().raw_decode(text, start.end())
        return drawn

    return read
