"""A model behind an OpenAI-compatible endpoint, on vLLM or llama.cpp."""

import json
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import click
import platformdirs
from pydantic import BaseModel, SecretStr
from rich.status import Status

from herdwick.agents.cli.failures import json_option
from herdwick.agents.cli.serve_domains import opened_with, option_option
from herdwick.agents.cli.server_extra import server_extra
from herdwick.agents.cli.terminal import diagnostics, printable
from herdwick.agents.errors import UsageError
from herdwick.agents.serving.config import EngineConfig, load_config
from herdwick.tools.domain import installed_domains
from herdwick.tools.keys import read_key

EXAMPLES = """\b
Examples:
  herdwick serve --engine llamacpp
  herdwick serve --engine vllm --vllm /opt/vllm/bin/vllm
  herdwick serve --engine vllm --config serve.yaml --dtype float32 -- --enforce-eager
  HERDWICK_API_KEY=$(openssl rand -hex 16) herdwick serve --engine vllm --host 0.0.0.0
  herdwick serve --engine vllm --batch questions.jsonl --out answers.jsonl
  herdwick serve --engine vllm --batch questions.jsonl --out answers.jsonl --option bgp.files=rib.gz
  herdwick ask bgp "Which prefixes does AS3333 announce?" --model http://127.0.0.1:8000/v1
"""


@click.command("engine", epilog=EXAMPLES)
@click.option("--engine", type=click.Choice(["vllm", "llamacpp"]), required=True, help="What runs the model.")
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="YAML file: base, adapters, address, vLLM's settings.  [default: our base and both adapters]",
)
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(1, 65_535), help="TCP port.  [default: 8000]")
@click.option("--vllm", "executable", metavar="COMMAND", help="vLLM's command, in its own environment.")
@click.option("--dtype", type=click.Choice(["auto", "float32", "float16", "bfloat16"]), help="Of vLLM.")
@click.option(
    "--context",
    type=click.IntRange(min=256),
    metavar="TOKENS",
    help="Of prompt and reply; of all that are worked on together, for llama.cpp.  [default: 4096]",
)
@click.option(
    "--log",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where vLLM's output is appended.  [default: vllm.log in the user's folder for logs]",
)
@click.option("--open", "is_open", is_flag=True, help="Let everybody ask who reaches the address.")
@click.option(
    "--batch",
    "questions",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Serve nothing; answer the questions of a JSONL file with vLLM in one go.",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Answers of --batch, as JSONL.")
@option_option
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@json_option
def serve_engine(
    engine: str,
    config_file: Path | None,
    is_open: bool,
    log: Path | None,
    questions: Path | None,
    out: Path | None,
    options: tuple[str, ...],
    arguments: tuple[str, ...],
    as_json: bool,
    **changes: Any,
) -> None:
    """Serve the base and the adapters behind an OpenAI-compatible endpoint until told to stop.

    The base is called `base`, each adapter by its domain. ARGUMENTS after `--` go to `vllm serve` unread;
    with --batch, those that are about vLLM's engine are taken.

    vLLM runs as a process of its own environment: it is given the adapters as PEFT folders, converted once,
    is started again when it dies, and never outlives this command. llama.cpp runs the GGUF files as they
    are; it takes vLLM's `structured_outputs` too.

    On an address other than this machine's own a key is needed, or --open.

    Each question of --batch is a JSON object with `question`, `domain` and, if you like, `id`; the answers
    are those of `herdwick ask --json`, in the same order, with the `id`. Domains are asked about the data
    that they open by themselves, unless --option says otherwise.

    Exit code: 0 stopped, 1 could not serve, 2 wrong usage.
    """
    _refuse_unused(click.get_current_context())
    config = changed(load_config(config_file), changes, arguments)
    log = log or Path(platformdirs.user_log_dir("herdwick")) / "vllm.log"
    if questions:
        if out is None:
            raise click.UsageError("--batch needs --out.")
        domains = [domain for domain in installed_domains() if domain.name in config.adapters]
        _batch(config, questions, out, log, opened_with(domains, options), as_json=as_json)
        return
    key = read_key(config.api_key_env)
    if key is None and not is_open and not config.is_local:
        raise UsageError(
            "no_key",
            f"Everybody who reaches {config.host} could ask.",
            f"Set {config.api_key_env}; or let everybody ask with --open.",
        )
    if engine == "llamacpp":
        _serve_llamacpp(config, key, as_json=as_json)
    else:
        _serve_vllm(config, key, log, as_json=as_json)


def changed(config: EngineConfig, changes: dict[str, Any], arguments: tuple[str, ...] = ()) -> EngineConfig:
    """`config` with what the command line says instead.

    Args:
        config: As read.
        changes: By name; None leaves what is there.
        arguments: Added to those of `vllm serve`.
    """
    given = {name: value for name, value in changes.items() if value is not None}
    of_both = {"context": given.pop("context")} if "context" in given else {}
    of_vllm = {name: given.pop(name) for name in ("executable", "dtype") if name in given} | of_both
    of_vllm["arguments"] = (*config.vllm.arguments, *arguments)
    return config.model_copy(
        update={
            **given,
            "vllm": config.vllm.model_copy(update=of_vllm),
            "llamacpp": config.llamacpp.model_copy(update=of_both),
        }
    )


_OF_VLLM = ("executable", "dtype", "log", "questions", "out", "arguments")
_OF_SERVING = ("host", "port", "is_open")
_OF_BATCH = ("out", "options")


def _refuse_unused(ctx: click.Context) -> None:
    """Refuse what was given and would do nothing.

    Raises:
        click.UsageError: There is such an option.
    """
    is_batch = ctx.params["questions"] is not None
    unused = {
        "--engine vllm": _OF_VLLM if ctx.params["engine"] == "llamacpp" else (),
        "serving, and --batch serves nothing": _OF_SERVING if is_batch else (),
        "--batch": () if is_batch else _OF_BATCH,
    }
    for purpose, names in unused.items():
        for parameter in ctx.command.params:
            if parameter.name in names and ctx.params[parameter.name]:
                shown = parameter.opts[0] if isinstance(parameter, click.Option) else "An argument after `--`"
                raise click.UsageError(f"{shown} is for {purpose}.", ctx)


class Told:
    """Tells on the terminal how vLLM is.

    Args:
        config: What is served.
        log: Where its output goes.
        as_json: Whether stdout gets one JSON object for each change.
    """

    def __init__(self, config: EngineConfig, log: Path, *, as_json: bool) -> None:
        self._config = config
        self._log = log
        self._as_json = as_json
        self._console = diagnostics()
        self._status: Status | None = None

    def preparing(self, what: str) -> None:
        """Something takes long."""
        self._say(what)

    def waiting(self, seconds: float) -> None:
        """It is being started."""
        if self._status is None:
            self._say(f"Starting vLLM; its output goes to {self._log}.")
            self._status = self._console.status("")
            self._status.start()
        self._status.update(f"vLLM is loading: {seconds:.0f} s")

    def ready(self, seconds: float) -> None:
        """It answers."""
        self._end_status()
        tell_served(self._config, "vllm", as_json=self._as_json, after=f" after {seconds:.0f} s")

    def died(self, code: int | None, restart: int) -> None:
        """It is started again."""
        self._end_status()
        if self._as_json:
            click.echo(json.dumps({"event": "restart", "exit_code": code, "restart": restart}))
        self._say(f"vLLM died with code {code}; it is started again (restart {restart} in a row).")

    def stopping(self) -> None:
        """It is being stopped."""
        self._end_status()
        self._say("Stopping vLLM.")

    def close(self) -> None:
        """Leave the terminal as it was."""
        self._end_status()

    def _end_status(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None

    def _say(self, text: str) -> None:
        self._console.print(printable(text), soft_wrap=True)


def tell_served(config: EngineConfig, engine: str, *, as_json: bool, after: str = "") -> None:
    """Say where which models are; with `as_json`, as one object on stdout."""
    models = ["base", *config.adapters]
    if as_json:
        click.echo(
            json.dumps(
                {"event": "ready", "url": config.url, "engine": engine, "models": models, "pid": os.getpid()}
            )
        )
    text = f"Serving {', '.join(models)} with {engine} at {config.url}{after}."
    diagnostics().print(printable(text), soft_wrap=True)


@contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set."""
    stop = threading.Event()

    def handle(_: int, __: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _serve_vllm(config: EngineConfig, key: SecretStr | None, log: Path, *, as_json: bool) -> None:
    from herdwick.agents.serving.vllm_engine import run_vllm

    told = Told(config, log, as_json=as_json)
    try:
        with stop_on_signals() as stop:
            run_vllm(config, key=key, log=log, stop=stop, watcher=told)
    finally:
        told.close()


def _serve_llamacpp(config: EngineConfig, key: SecretStr | None, *, as_json: bool) -> None:
    with server_extra():
        from herdwick.agents.serving.llamacpp_engine import run_llamacpp

        run_llamacpp(config, key=key, on_ready=lambda: tell_served(config, "llamacpp", as_json=as_json))


def _batch(
    config: EngineConfig,
    questions: Path,
    out: Path,
    log: Path,
    options: Mapping[str, BaseModel],
    *,
    as_json: bool,
) -> None:
    from herdwick.agents.serving.batch import answer_batch

    with diagnostics().status("") as status:
        report = answer_batch(
            config,
            questions,
            out,
            log=log,
            tell=lambda text: status.update(printable(text)),
            options=options,
        )
    if as_json:
        click.echo(report.model_dump_json())
        return
    click.echo(
        f"{report.answered} of {report.questions} questions answered in {report.total_s:.0f} s "
        f"({report.generation_s:.0f} s of it in vLLM): {printable(str(out))}"
    )
