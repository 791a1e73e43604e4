"""The steps of the circle, in their order; each is done once, and its figures are a file.

    report = Circle(settings, Path("runs/circle"), recipe, vllm="/opt/vllm/bin/vllm", tell=print).run()

A step whose figures are in `OUT/steps/NAME.json` is not done again. One that was interrupted goes on where it
was, as its command does: `generate` from its journal, `train` from its checkpoint, the engines from the next
question.
"""

import hashlib
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from herdwick.agents.answer import Answer
from herdwick.agents.embedded import Attention
from herdwick.evals.circle.commands import run_command
from herdwick.evals.circle.comparison import compare
from herdwick.evals.circle.engines import EngineRun, ask_engine
from herdwick.evals.circle.report import CircleReport, EngineFigures, Faults, Generated, Trained
from herdwick.evals.circle.servers import served
from herdwick.evals.circle.settings import CircleSettings
from herdwick.evals.provenance import prompts
from herdwick.evals.row_formats import read_rows
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import Settings
from herdwick.evals.suite import Suite, load_suite
from herdwick.tools.base_gguf import WHEEL
from herdwick.tools.errors import DataError
from herdwick.tools.file_hash import sha256_of
from herdwick.tools.whole_file import write_whole

LIVE_ITEMS, LIVE_TOKENS, LIVE_SEEDS = 2, 640, 2
"""Of a request to the embedded model, which is small and slow: tasks wanted, longest reply, seeds shown."""

_RECIPE_PATHS = ("evaluation", "start", "prompt_frame", "completion_frame")
_REPORT = "report.json"


class _Done(BaseModel):
    """A finished step: what it printed, and how long this took."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    figures: dict[str, Any]
    seconds: float


@dataclass
class Circle:
    """One run, in one process.

    Attributes:
        settings: What is asked for.
        out: Its folder.
        recipe: File of the training recipe.
        vllm: The `vllm` command or its python; '' for none.
        tell: Told which step begins, and which was done before.
        seconds: Of each step.
    """

    settings: CircleSettings
    out: Path
    recipe: Path
    vllm: str
    tell: Callable[[str], None]
    seconds: dict[str, float] = field(default_factory=dict)

    def run(self) -> CircleReport:
        """Do what is not done yet, and write the report.

        Raises:
            HerdwickError: A step failed; those before it are kept.
        """
        recipe = self._recipe()
        suite = load_suite(self.settings.suite)
        self._step("questions", "draw the questions", self._questions, lambda: self._draw(suite))
        rows = read_rows(self._questions)
        generated = self._step("generate", "let the scripted teacher make data", self._data, self._generate)
        faults = self._step("faults", "hold the filter against the planted faults", self._data, self._faults)
        trained = self._step(
            "train", "train the base on what was kept", self._peft, lambda: self._train(recipe)
        )
        exported = self._step("export", "export the adapter for llama.cpp", self._gguf, self._export)
        self._step("base", "export the base in float32 for llama.cpp", self._base, self._export_base)
        answers = {name: self._ask(run, suite, rows) for name, run in self._engines(suite).items()}
        live = self._step("live", "ask the embedded model as a teacher", self.out, self._live)
        figures = {name: EngineFigures.of(rows, given, suite.domain) for name, given in answers.items()}
        report = CircleReport(
            settings=self.settings,
            generated=Generated.model_validate(generated),
            faults=Faults.model_validate(faults),
            live=Generated.model_validate(live) if live else None,
            trained=Trained.model_validate(trained),
            adapter_bytes=exported["bytes"],
            llamacpp=figures["llamacpp"],
            quantized=figures["quantized"],
            vllm=figures.get("vllm"),
            rounding=compare(rows, answers["quantized"], answers["llamacpp"]),
            comparison=compare(rows, answers["llamacpp"], answers["vllm"]) if "vllm" in answers else None,
            seconds=self.seconds,
        )
        write_whole(self.out / _REPORT, report.model_dump_json(indent=1).encode() + b"\n")
        return report

    @property
    def _questions(self) -> Path:
        return self.out / "questions.jsonl"

    @property
    def _data(self) -> Path:
        return self.out / "data.jsonl"

    @property
    def _ledger(self) -> Path:
        return self.out / "planted.jsonl"

    @property
    def _peft(self) -> Path:
        return self.out / "training" / "adapter"

    @property
    def _gguf(self) -> Path:
        return self.out / "adapter" / "adapter.gguf"

    @property
    def _base(self) -> Path:
        return self.out / "base-f32.gguf"

    def _figures_of(self, step: str) -> Path:
        return self.out / "steps" / f"{step}.json"

    def _step(self, name: str, what: str, output: Path, do: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The figures of a step, which is done unless it was and its output is there."""
        file = self._figures_of(name)
        if file.exists() and output.exists():
            done = _read_done(file)
            self.tell(f"{name}: done before")
        else:
            self.tell(f"{name}: {what}")
            begun = time.monotonic()
            figures = do()
            done = _Done(figures=figures, seconds=round(time.monotonic() - begun, 1))
            file.parent.mkdir(exist_ok=True)
            write_whole(file, done.model_dump_json(indent=1).encode() + b"\n")
        self.seconds[name] = done.seconds
        return done.figures

    def _draw(self, suite: Suite) -> dict[str, Any]:
        answerable = [row for row in suite.rows if row.plan and not row.files]
        if len(answerable) < self.settings.questions:
            raise DataError(
                "too_few_questions",
                f"The suite {suite.name} has {len(answerable)} questions to draw from.",
                "Ask for fewer with --questions.",
            )
        rng = Random(self.settings.seed)  # noqa: S311 - a sample, no secret
        drawn = rng.sample(answerable, self.settings.questions)
        lines = b"".join(row.model_dump_json(exclude_unset=True).encode() + b"\n" for row in drawn)
        write_whole(self._questions, lines)
        return {"questions": len(drawn), "sha256": hashlib.sha256(lines).hexdigest()}

    def _generate(self) -> dict[str, Any]:
        settings, port = self.settings, self.settings.teacher_port
        teach = ["selfinstruct", "teach", "--port", str(port), "--seed", str(settings.seed)]
        teach += ["--faults", str(settings.fault_share), "--ledger", str(self._ledger)]
        with served(teach, port=port, log=self.out / "teacher.log") as url:
            return run_command(
                *("selfinstruct", "generate", "aminer", "--model", f"scripted@{url}"),
                *("--count", str(settings.count), "--seed", str(settings.seed)),
                *("--against", str(self._questions), "--out", str(self._data)),
            )

    def _faults(self) -> dict[str, Any]:
        # Exit code 1 says that some were kept, which the report tells.
        return run_command("selfinstruct", "faults", str(self._ledger), str(self._data), codes=(0, 1))

    def _live(self) -> dict[str, Any]:
        if not self.settings.live_requests:
            return {}
        return run_command(
            *("selfinstruct", "generate", "aminer", "--model", "embedded"),
            *("--budget-requests", str(self.settings.live_requests), "--seed", str(self.settings.seed)),
            *("--items-per-reply", str(LIVE_ITEMS), "--human-seeds", str(LIVE_SEEDS)),
            *("--max-tokens", str(LIVE_TOKENS), "--in-flight", "1", "--window", "1"),
            *("--out", str(self.out / "live.jsonl")),
        )

    def _recipe(self) -> dict[str, Any]:
        """The recipe with the data and steps of this run; its values are checked by `finetune train`."""
        try:
            recipe = TypeAdapter(dict[str, Any]).validate_python(
                yaml.safe_load(self.recipe.read_text(encoding="utf-8"))
            )
        except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
            raise DataError(
                "bad_recipe",
                f"{self.recipe} is no recipe: {error}.",
                "finetune/recipes/aminer-circle.yaml is one.",
            ) from error
        folder = self.recipe.resolve().parent
        recipe |= {name: str(folder / recipe[name]) for name in _RECIPE_PATHS if recipe.get(name)}
        recipe["train"] = str(self._data.resolve())
        if self.settings.steps:
            recipe["max_steps"] = self.settings.steps
        return recipe

    def _train(self, recipe: dict[str, Any]) -> dict[str, Any]:
        file = self.out / "recipe.yaml"
        write_whole(file, yaml.safe_dump(recipe, sort_keys=False, allow_unicode=True).encode())
        return run_command("finetune", "train", str(file), "--out", str(self.out / "training"))

    def _export(self) -> dict[str, Any]:
        # As exact as what vLLM is given.
        return run_command("finetune", "export", str(self._peft), "--out", str(self._gguf), "--type", "f32")

    def _export_base(self) -> dict[str, Any]:
        folder = self.out / "base"
        # Left behind by a process that was killed.
        shutil.rmtree(folder, ignore_errors=True)
        run_command("finetune", "unpack", WHEEL, "--out", str(folder))
        return run_command("finetune", "export", str(folder), "--out", str(self._base), "--type", "f32")

    def _engines(self, suite: Suite) -> dict[str, EngineRun]:
        """What is asked, by name: llama.cpp in float32 and with the 4-bit base, and vLLM.

        vLLM is left out where it is not there, unless an earlier process had its answers.
        """
        llamacpp = EngineRun(
            name="llamacpp",
            engine="llamacpp",
            base=str(self._base.resolve()),
            domain=suite.domain.name,
            adapter=self._gguf.parent,
            out=self.out,
            settings=Settings(
                suite=suite.name,
                questions=sha256_of(self._questions),
                graph=suite.data,
                model="llamacpp",
                strategy="one-shot",
                base="",
                adapter=sha256_of(self._gguf),
                endpoint="",
                attention="exact",
                prompts=prompts(),
            ),
        )
        quantized = replace(_named(llamacpp, "quantized", "fast"), base=WHEEL, attention="fast")
        vllm = replace(
            _named(llamacpp, "vllm", ""), engine="vllm", base=WHEEL, adapter=self._peft, vllm=self.vllm
        )
        has_vllm = self.vllm or self._figures_of("vllm").exists()
        return {run.name: run for run in (llamacpp, quantized, *((vllm,) if has_vllm else ()))}

    def _ask(self, run: EngineRun, suite: Suite, rows: tuple[Row, ...]) -> dict[str, Answer]:
        answers: dict[str, Answer] = {}

        def ask() -> dict[str, Any]:
            answers.update(ask_engine(run, rows, suite.options))
            return {"answers": len(answers)}

        self._step(run.name, f"ask {len(rows)} questions of {run.name}", self.out / "answers" / run.name, ask)
        # Those of an earlier process are read from the folder, and nothing is started.
        return answers or ask_engine(run, rows, suite.options)


def _read_done(file: Path) -> _Done:
    try:
        return _Done.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise DataError(
            "bad_step", f"{file} cannot be read: {error}.", "Remove it, and the step is done again."
        ) from error


def _named(run: EngineRun, name: str, attention: Attention | Literal[""]) -> EngineRun:
    settings = run.settings.model_copy(update={"model": name, "attention": attention})
    return replace(run, name=name, settings=settings)
