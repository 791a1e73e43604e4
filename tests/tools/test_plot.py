"""Pictures of any domain: which can be drawn, and how they get into files."""

import importlib.util
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from herdwick.tools.call_record import CallRecord
from herdwick.tools.domain import Domain
from herdwick.tools.errors import PlotError
from herdwick.tools.functions import FunctionSpec
from herdwick.tools.plot import Shown, check_file, check_library, drawable_calls, write_plot, write_result
from herdwick.tools.tool import FunctionTool


class Depth(BaseModel):
    metres: int = 1


class Sounding(BaseModel):
    depth: int


class Drawn:
    def __init__(self, shown: Shown) -> None:
        self.shown = shown

    def png(self) -> bytes:
        return f"png of {self.shown.value.depth}".encode()

    def html(self) -> bytes:
        return f"html of {self.shown.args!r}".encode()


SPECS = tuple(FunctionSpec(name, "How deep.", Depth, Sounding) for name in ("sound", "dive"))


class Rivers:
    def get_tools(self) -> list[FunctionTool]:
        return [FunctionTool.of(spec, lambda metres: Sounding(depth=10 * metres)) for spec in SPECS]


def rivers(plots: Mapping[str, Any]) -> Domain:
    return Domain("rivers", "Rivers.", SPECS, Depth, open=lambda _: None, plots=plots)


DOMAIN = rivers({"sound": Drawn})


def called(tool: str, *, ok: bool = True, **args: Any) -> CallRecord:
    return CallRecord(tool=tool, args=args, ok=ok, seconds=0.1)


def test_a_call_is_made_again_and_drawn(tmp_path: Path) -> None:
    write_plot(tmp_path / "a.png", DOMAIN, Rivers(), "sound", {"metres": 3})
    write_plot(tmp_path / "a.HTML", DOMAIN, Rivers(), "sound", {"metres": 3})
    assert (tmp_path / "a.png").read_bytes() == b"png of 30"
    assert (tmp_path / "a.HTML").read_bytes() == b"html of Depth(metres=3)"


def test_a_result_as_json_is_drawn_as_well(tmp_path: Path) -> None:
    write_result(tmp_path / "a.png", DOMAIN, Rivers(), "sound", {}, {"depth": 7})
    assert (tmp_path / "a.png").read_bytes() == b"png of 7"


def test_what_is_no_result_is_not_drawn(tmp_path: Path) -> None:
    with pytest.raises(PlotError, match="no result of sound: depth"):
        write_result(tmp_path / "a.png", DOMAIN, Rivers(), "sound", {}, {"height": 7})


def test_of_several_calls_each_counts_once_if_it_succeeded_and_can_be_drawn() -> None:
    calls = [
        called("sound", metres=1),
        called("sound", metres=1),
        called("sound", metres=2),
        called("dive", metres=3),
        called("sound", ok=False, metres=4),
    ]
    assert [call.args["metres"] for call in drawable_calls(DOMAIN, calls)] == [1, 2]


@pytest.mark.parametrize(
    ("calls", "message"),
    [
        ([called("dive"), called("dive")], "The answer comes from dive, of which there is no picture."),
        ([], "The answer comes from no function, of which there is no picture."),
    ],
)
def test_calls_without_a_picture_name_those_that_have_one(calls: list[CallRecord], message: str) -> None:
    with pytest.raises(PlotError) as caught:
        drawable_calls(DOMAIN, calls)
    assert (caught.value.kind, caught.value.message) == ("not_drawable", message)
    assert caught.value.hint == "Results that can be drawn are those of: sound."


def test_a_function_without_a_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlotError, match="no picture of what dive returns"):
        write_plot(tmp_path / "a.png", DOMAIN, Rivers(), "dive", {})


@pytest.mark.parametrize("name", ["a.svg", "a", "a.png.gz"])
def test_other_kinds_of_pictures_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(PlotError) as caught:
        check_file(tmp_path / name)
    assert caught.value.kind == "bad_suffix"
    assert ".png or .html" in caught.value.hint


def test_a_file_must_be_possible(tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    for path in (tmp_path / "no" / "a.png", tmp_path / "folder.png"):
        with pytest.raises(PlotError) as caught:
            check_file(path)
        assert caught.value.kind == "bad_file"
    check_file(tmp_path / "a.PNG")


def test_a_missing_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    check_library(Path("a.png"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(PlotError, match="need plotly") as caught:
        check_library(Path("a.html"))
    assert caught.value.hint == "In the checkout, run: pip install -e '.[plot]'"


def test_what_cannot_be_written_leaves_the_old_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(PlotError, match="No space left on device"):
        write_plot(path, DOMAIN, Rivers(), "sound", {})
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("a.png", b"old")]
