"""Questions over HTTP, with keys, limits and metrics."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from herdwick.agents.cli.failures import json_option
from herdwick.agents.cli.serve_domains import opened_with
from herdwick.agents.cli.server_extra import server_extra
from herdwick.agents.cli.server_options import (
    access_options,
    address_options,
    domain_options,
    limit_options,
)
from herdwick.agents.cli.solver_options import solver_options
from herdwick.agents.cli.terminal import diagnostics
from herdwick.agents.errors import UsageError
from herdwick.tools.domain import Domain, get_domain, installed_domains

LOOPBACK = ("127.0.0.1", "::1", "localhost")

EXAMPLES = """\b
Examples:
  herdwick serve --api
  herdwick serve --api --port 9000 --domain aminer --option aminer.graph=graph.sqlite
  herdwick serve --api --model vllm --max-queue 100 --rate 600/minute
  herdwick serve --api --config inference.json
  HERDWICK_API_KEYS=$(openssl rand -hex 16) herdwick serve --api --host 0.0.0.0
"""


@click.command("api", epilog=EXAMPLES)
@address_options
@domain_options
@access_options
@limit_options
@solver_options
@json_option
def serve_api(
    host: str,
    port: int,
    domains: tuple[str, ...],
    options: tuple[str, ...],
    keys_file: Path | None,
    is_open: bool,
    config: Path | None,
    proxies: str,
    as_json: bool,
    **chosen: Any,
) -> None:
    """Answer questions over HTTP until told to stop.

    POST /ask takes {"question": …, "domain": …} and gives the answer object of `herdwick ask --json`, or its
    steps as server-sent events. GET /health and /metrics say how the server is, GET /docs describes it all.
    POST /api/soayllama/getcode and GET /api/soayllama/purequery are those of the SoAyLLaMA service.

    On an address other than this machine's own, keys are needed, or --open. Ctrl-C and SIGTERM let requests
    that are being answered finish.

    Exit code: 0 stopped, 1 could not serve, 2 wrong usage.
    """
    run, settings_type, keys = _load(keys_file)
    if not keys and not is_open and host not in LOOPBACK:
        raise UsageError(
            "no_keys",
            f"Everybody who reaches {host} could ask.",
            "Set HERDWICK_API_KEYS or give --keys FILE; or let everybody ask with --open.",
        )
    if config is not None:
        chosen["model"] = _configured_model(config, chosen["model"])
    if chosen["rate"] == "0":
        chosen["rate"] = ""
    settings = settings_type(domains=opened_with(_served(domains), options), keys=keys, **chosen)

    def tell(url: str) -> None:
        if as_json:
            click.echo(json.dumps({"url": url, "pid": os.getpid(), "domains": [*settings.domains]}))
            return
        diagnostics().print(
            f"Answering questions about {', '.join(settings.domains)} at {url}; {url}/docs says how.",
            soft_wrap=True,
        )

    run(settings, host=host, port=port, proxies=proxies, on_listening=tell)


def _served(names: Sequence[str]) -> Sequence[Domain]:
    return [get_domain(name) for name in dict.fromkeys(names)] or installed_domains()


def _load(keys_file: Path | None) -> tuple[Any, Any, Any]:
    with server_extra():
        from herdwick.agents.server.keys import read_api_keys
        from herdwick.agents.server.run import run_server
        from herdwick.agents.server.settings import ServerSettings
    return run_server, ServerSettings, read_api_keys(keys_file)


def _configured_model(config: Path, model: str) -> str:
    from herdwick.agents.models import VLLM_URL
    from herdwick.agents.server.inference_config import read_inference_config

    if "@" in model:
        raise UsageError(
            "two_models",
            "--config and --model both name a model.",
            "Give --model the URL of its server only.",
        )
    found = read_inference_config(config)
    # The embedded model is no SoAyLLaMA checkpoint: without a URL, vLLM's own is meant.
    return found.model_at(VLLM_URL if model in ("embedded", "vllm") else model)
