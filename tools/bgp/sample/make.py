"""Makes the sample: plays the scenario with real daemons and writes what the collector recorded.

    python -m herdwick.tools.bgp.sample.make --out DIR

Needs bird 2, gobgpd 3 and network namespaces; takes about four and a half minutes, the scenario's own time.
The times of all records are then shifted, so that the scenario starts at `truth.START`.
"""

import gzip
import json
import shutil
import tempfile
import time
from pathlib import Path

import click

from herdwick.tools.bgp.sample import COLLECTOR
from herdwick.tools.bgp.sample.daemons import PROGRAMS, Lab
from herdwick.tools.bgp.sample.event import DURATION_S
from herdwick.tools.bgp.sample.mrt_times import between, moved
from herdwick.tools.bgp.sample.network import add_addresses, enter_own_network, is_inside
from herdwick.tools.bgp.sample.scenario import RESETS, change_times, routes_at
from herdwick.tools.bgp.sample.speakers import SPEAKERS
from herdwick.tools.bgp.sample.topology import relationships_text
from herdwick.tools.bgp.sample.truth import START, file_name, truth, utc
from herdwick.tools.bgp.sample.vrps import vrps_json
from herdwick.tools.errors import HerdwickError

_IN_SECOND = 0.1
"""How far into its second a step is taken: MRT has whole seconds, and a daemon needs a few milliseconds."""
_WARM_UP_S, _WRITE_S = 60, 1


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder to write to; files of an earlier run are replaced.",
)
def main(out: Path) -> None:
    """Make the sample of the BGP domain with bird and gobgpd."""
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing:
        raise click.ClickException(f"Not installed: {', '.join(missing)}. Install bird2 and gobgpd.")
    if not is_inside():
        try:
            enter_own_network("herdwick.tools.bgp.sample.make")
        except HerdwickError as error:
            raise click.ClickException(str(error)) from error
    add_addresses()
    with tempfile.TemporaryDirectory(prefix="lab") as folder:
        files = _play(Path(folder))
    _write(out, files)


def _play(folder: Path) -> dict[str, bytes]:
    """The MRT files by name, their times shifted."""
    before, after = folder / "before.mrt", folder / "after.mrt"
    with Lab(folder) as lab:
        lab.start({speaker.asn: routes_at(speaker, 0) for speaker in SPEAKERS})
        click.echo("Waiting for the collector to learn all routes.", err=True)
        lab.wait_for_routes(_expected_counts(0), _WARM_UP_S)
        start = int(time.time()) + 2
        _sleep_until(start)
        lab.dump_tables(before)
        _play_steps(lab, start)
        _sleep_until(start + DURATION_S)
        lab.dump_tables(after)
        lab.wait_for_routes(_expected_counts(DURATION_S - 1), _WRITE_S)
        updates = lab.updates.read_bytes()
    shift = START - start
    return {
        file_name("rib", 0): moved(before.read_bytes(), shift),
        file_name("updates", 0): moved(between(updates, start, start + DURATION_S), shift),
        file_name("rib", DURATION_S): moved(after.read_bytes(), shift),
    }


def _play_steps(lab: Lab, start: int) -> None:
    resets = {reset.down_s for reset in RESETS} | {reset.start_s for reset in RESETS}
    with click.progressbar(sorted({*change_times(), *resets}), label="Playing the scenario") as times:
        for step in times:
            _sleep_until(start + step)
            for speaker in SPEAKERS:
                lab.tell(speaker, routes_at(speaker, step))
            for speaker in SPEAKERS:
                for reset in RESETS:
                    if reset.session in speaker.sessions and step == reset.down_s:
                        lab.shut_down(speaker, reset.session)
                    if reset.session in speaker.sessions and step == reset.start_s:
                        lab.start_again(speaker, reset.session)


def _expected_counts(time_s: int) -> dict[str, int]:
    """How many routes the collector has to learn from each session."""
    counts = {session.name: 0 for speaker in SPEAKERS for session in speaker.sessions}
    for speaker in SPEAKERS:
        for prefix in routes_at(speaker, time_s):
            counts[speaker.session(prefix).name] += 1
    return counts


def _sleep_until(second: int) -> None:
    time.sleep(max(0.0, second + _IN_SECOND - time.time()))


def _write(out: Path, files: dict[str, bytes]) -> None:
    archive = out / COLLECTOR
    archive.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        # No time of making in the file: equal data gives equal files.
        (archive / name).write_bytes(gzip.compress(data, mtime=0))
        click.echo(f"{archive / name}: {len(data):,} bytes of MRT")
    (out / "relationships.txt").write_text(relationships_text())
    (out / "vrps.json").write_text(json.dumps(vrps_json(START, utc(0)), indent=1) + "\n")
    (out / "scenario.json").write_text(json.dumps(truth(), indent=1) + "\n")


if __name__ == "__main__":
    main()
