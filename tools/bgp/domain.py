"""The BGP domain: functions over the updates and tables that route collectors record."""

from typing import Any

from herdwick.tools.bgp.options import BGPOptions
from herdwick.tools.bgp.plots import PLOTS
from herdwick.tools.bgp.specs import FUNCTIONS
from herdwick.tools.bgp.vocabulary import VOCABULARY
from herdwick.tools.domain import Domain, Toolkit
from herdwick.tools.script_output import ScriptOutput


def _open(options: Any) -> Toolkit:
    from herdwick.tools.bgp.toolkit import BGPToolkit

    return BGPToolkit(**options.model_dump(exclude_unset=True))


def _run_script(source: str, options: Any) -> ScriptOutput:
    from herdwick.tools.bgp.scripts.with_options import run_with_options

    return run_with_options(source, options)


DOMAIN = Domain(
    name="bgp",
    summary="Internet routing: BGP updates and tables that route collectors record in MRT files.",
    functions=FUNCTIONS,
    options=BGPOptions,
    open=_open,
    # Every function takes prefixes and AS numbers and most return some: longer plans would all be legal,
    # and none is needed, since each function answers a family of questions by itself.
    max_hops=1,
    plots=PLOTS,
    vocabulary=VOCABULARY,
    run_script=_run_script,
)
