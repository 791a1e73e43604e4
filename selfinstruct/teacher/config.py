"""What a run of the teacher loop is made of: one YAML file for each kind of task, and flags that override it.

    config = load_config("pybgpstream", overrides={"count": 200, "model": "embedded"})
    config.fingerprint()      # what a run can be continued under

Paths in a file are relative to the folder of that file.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    field_validator,
    model_validator,
)

from herdwick.agents.errors import UsageError
from herdwick.tools.errors import DataError
from herdwick.tools.file_hash import sha256_of
from herdwick.tools.tool import explain

Kind = Literal["bgp_knowledge", "pybgpstream", "realtime", "aminer"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_HERE = Path(__file__).resolve().parents[1]
CONFIGS, SEEDS, PROMPTS = _HERE / "configs", _HERE / "seeds" / "teacher", _HERE / "prompts" / "teacher"

_Share = Annotated[float, Field(ge=0, le=1)]
_Count = Annotated[int, Field(ge=1)]
_Amount = Annotated[float, Field(ge=0)]

_FRESH, _PATIENT = 32, 256

_CHANGEABLE = frozenset(
    {
        "attempts",
        "budget_cost",
        "budget_requests",
        "budget_tokens",
        "count",
        "in_flight",
        "least_yield",
        "price_in",
        "price_out",
        "requests_per_minute",
        "timeout_s",
        "yield_window",
    }
)
"""What says how fast and how far a run goes, and nothing about what it keeps on the way."""


class TeacherConfig(BaseModel):
    """Everything that decides what a run makes.

    Attributes:
        kind: Of the tasks.
        model: `embedded`, `vllm`, `openai`, a URL, or `NAME@URL`.
        count: Items to keep.
        seed: Of every random choice.
        seeds: JSONL file of hand-written tasks.
        prompt: File of the system prompt.
        human_seeds: Hand-written tasks shown in each prompt. Self-Instruct (arXiv:2212.10560, section 2.2)
            shows 6 with 2 of the machine's.
        machine_seeds: Kept items shown besides, once there are so many; 0 for no bootstrapping.
        items_per_reply: New tasks asked for in each request.
        window: Most requests ahead of the last one judged; fewer are made where fewer items are still wanted.
            With `machine_seeds`, a prompt shows what was kept when the request so many before it had been
            judged, which makes it independent of the order of replies. None for 32 with `machine_seeds`, so
            that they are fresh, and else for 256: code that runs slowly does not hold back the teacher
            until so many replies wait.
        structured: `auto` asks for JSON under a schema and falls back to numbered text when the endpoint
            refuses; `json` and `text` do not try the other.
        temperature, top_p: Of sampling.
        max_tokens: Longest reply, in tokens.
        in_flight: Requests at the same time.
        requests_per_minute: Most requests started in a minute; None for no limit.
        timeout_s: Longest wait for one reply, in seconds.
        attempts: Times one request is made at most, when what fails may pass.
        least_words, most_words: Of an instruction; BGP-LLaMA kept 4 to 150.
        rouge: Highest ROUGE-L F-measure to any seed or kept instruction; BGP-LLaMA used 0.5, Alpaca 0.7.
        near_duplicates: Jaccard similarity from which two instructions, or two scripts, are the same; at
            least what the index of `similarity.near_duplicates` finds reliably.
        against: Evaluation files whose questions no instruction may come near.
        language: Of instructions, ISO 639-1.
        execute: Whether code is run. Without, it is only checked.
        script_s: Longest run of one script, in seconds.
        graph_people, graph_papers, graph_seed: Of the synthetic graph that AMiner questions are about.
        price_in, price_out: Of a million tokens of prompt and of reply, in the currency of the budget.
        budget_tokens, budget_cost, budget_requests: Where to stop; None for no limit.
        least_yield: Share of items kept below which a run stops, over the last `yield_window` items; it stops
            in any case when none of these was kept.
        yield_window: Items over which the yield is taken.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    model: str = "openai"
    count: _Count = 1_000
    seed: int = 7
    seeds: Path
    prompt: Path
    human_seeds: _Count = 3
    machine_seeds: Annotated[int, Field(ge=0)] = 0
    items_per_reply: _Count = 5
    window: _Count | None = None
    structured: Literal["auto", "json", "text"] = "auto"
    temperature: Annotated[float, Field(ge=0, le=2)] = 1.0
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    max_tokens: _Count = 3_072
    in_flight: _Count = 8
    requests_per_minute: _Count | None = None
    timeout_s: Annotated[float, Field(gt=0)] = 180.0
    attempts: _Count = 6
    least_words: _Count = 4
    most_words: _Count = 150
    rouge: _Share = 0.5
    near_duplicates: Annotated[float, Field(ge=0.7, le=1)] = 0.85
    against: tuple[Path, ...] = ()
    language: str = "en"
    execute: bool = True
    script_s: Annotated[float, Field(gt=0)] = 30.0
    graph_people: _Count = 300
    graph_papers: _Count = 600
    graph_seed: int = 11
    price_in: _Amount = 0.0
    price_out: _Amount = 0.0
    budget_tokens: _Count | None = None
    budget_cost: Annotated[float, Field(gt=0)] | None = None
    budget_requests: _Count | None = None
    least_yield: _Share = 0.0
    yield_window: _Count = 100

    @field_validator("language")
    @classmethod
    def _is_known(cls, language: str) -> str:
        # It needs the extra `selfinstruct`, which nobody needs to look at a file.
        from herdwick.selfinstruct.similarity.language import LANGUAGES

        if language not in LANGUAGES:
            raise ValueError(f"{language} is none of {', '.join(sorted(LANGUAGES))}")
        return language

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.in_flight > self.requests_ahead:
            raise ValueError(f"in_flight ({self.in_flight}) is above window ({self.requests_ahead})")
        if self.least_words > self.most_words:
            raise ValueError(f"least_words ({self.least_words}) is above most_words ({self.most_words})")
        if self.budget_cost is not None and self.price_in == self.price_out == 0:
            raise ValueError("budget_cost needs price_in and price_out")
        return self

    @property
    def requests_ahead(self) -> int:
        """The window, its default included."""
        return self.window or (_FRESH if self.machine_seeds else _PATIENT)

    def fingerprint(self) -> str:
        """SHA-256 of all that decides which items are kept, contents of files included.

        Raises:
            DataError: A file that the configuration names cannot be read.
        """
        decisive: dict[str, JsonValue] = self.model_dump(mode="json", exclude={*_CHANGEABLE})
        # Nothing that a prompt shows depends on it without machine_seeds.
        decisive["window"] = self.requests_ahead if self.machine_seeds else None
        for name in ("seeds", "prompt"):
            decisive[name] = _content(getattr(self, name))
        decisive["against"] = [_content(path) for path in self.against]
        return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def load_config(
    kind: Kind, file: Path | None = None, overrides: Mapping[str, Any] | None = None
) -> TeacherConfig:
    """The configuration of `kind`: what ships with Herdwick, or `file`, with `overrides` on top.

    Raises:
        DataError: `bad_config`; a file cannot be read, a key is unknown, or a value does not fit.
        UsageError: `bad_option`; the file is right, and what overrides it is not.
    """
    path = file or CONFIGS / f"{kind}.yaml"
    given = _read(path)
    for name in ("seeds", "prompt"):
        if isinstance(given.get(name), str):
            given[name] = path.parent / str(given[name])
    if isinstance(given.get("against"), list):
        given["against"] = [path.parent / str(one) for one in given["against"]]
    defaults = {"kind": kind, "seeds": SEEDS / f"{kind}.jsonl", "prompt": PROMPTS / f"{kind}.txt"}
    if given.get("kind", kind) != kind:
        raise _bad(path, f"it is for {given['kind']}, not for {kind}")
    written = {**defaults, **given}
    try:
        return TeacherConfig.model_validate({**written, **(overrides or {})})
    except ValidationError as error:
        _check(written, path)
        raise UsageError(
            "bad_option",
            f"The options cannot be used: {explain(error)}.",
            f"What they do not say, {path.name} does.",
        ) from error


def _check(written: Mapping[str, Any], path: Path) -> None:
    """See that the file is not to blame."""
    try:
        TeacherConfig.model_validate(written)
    except ValidationError as error:
        raise _bad(path, explain(error)) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise _bad(path, " ".join(str(error).split())) from error
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise _bad(path, "it holds no keys and values")
    return found


def _content(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError as error:
        raise DataError("no_data", f"{path} cannot be read: {error.strerror}.", "Check the path.") from error


def _bad(path: Path, why: str) -> DataError:
    known = ", ".join(TeacherConfig.model_fields)
    return DataError(
        "bad_config", f"The configuration {path.name} cannot be used: {why}.", f"Its keys are: {known}."
    )
