"""The BGP domain: functions over the updates and tables that route collectors record."""

from pathlib import Path
from typing import Any

from herdwick.tools.bgp.options import BGPOptions
from herdwick.tools.bgp.plots import PLOTS
from herdwick.tools.bgp.specs import FUNCTIONS
from herdwick.tools.bgp.vocabulary import VOCABULARY
from herdwick.tools.domain import Domain, Toolkit
from herdwick.tools.entity_words import EntityWords
from herdwick.tools.examples import Asked, Examples
from herdwick.tools.script_output import ScriptOutput


def _open(options: Any) -> Toolkit:
    from herdwick.tools.bgp.toolkit import BGPToolkit

    return BGPToolkit(**options.model_dump(exclude_unset=True))


def _run_script(source: str, options: Any) -> ScriptOutput:
    from herdwick.tools.bgp.scripts.with_options import run_with_options

    return run_with_options(source, options)


def _quiet_options(options: Any, folder: Path) -> BGPOptions:
    from herdwick.tools.bgp.quiet import quiet_files
    from herdwick.tools.bgp.toolkit import SAMPLE, files_of

    named = files_of(options.files or (SAMPLE / "lab00",), options.collectors)
    quiet = tuple(file.path for file in quiet_files(named, folder))
    return BGPOptions.model_validate(options.model_dump(exclude_unset=True) | {"files": quiet})


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
    default_data=Path(__file__).parent / "sample" / "data",
    run_script=_run_script,
    quiet_options=_quiet_options,
    request_options=frozenset({"files", "from_time", "until_time", "collectors", "rpki", "relationships"}),
    entities={
        "ASN": EntityWords("AS", "ASes", prefix="AS"),
        "Prefix": EntityWords("prefix", "prefixes"),
        "Address": EntityWords("peer address", "peer addresses"),
        "Collector": EntityWords("collector", "collectors"),
        "Community": EntityWords("community", "communities"),
    },
    keyed_by={"key": "by", "carrier": "by", "values": "what"},
    examples=Examples(
        asked=(
            Asked("Which prefixes have several origins at the same time?"),
            Asked("Which ASes originate 69.194.4.0/24?", "--files rib.20150401.0000.gz"),
            Asked(
                "How many withdrawals were there?",
                "--from 2015-04-01T00:00 --until 2015-04-01T00:10 --collectors rrc06",
            ),
            Asked("Which routes are RPKI invalid?", "--files updates.20150401.0000.gz --rpki vrps.json"),
        ),
        program='final_result = [row["prefix"] for row in moas()]',
        scripts=("--files updates.20150401.0000.gz",),
        arguments={
            "asn": 64499,
            "prefix": "10.200.6.0/24",
            "origin_asn": 64499,
            "community": "BLACKHOLE",
            "time": "00:02",
            "a": "rrc00",
            "b": "rrc06",
            "from_a": "00:00",
            "until_a": "00:01",
            "from_b": "00:01",
            "until_b": "00:02",
            "seconds": 60,
        },
    ),
)
