"""Starts, tells and stops the daemons of the lab.

    with Lab(folder) as lab:
        lab.start()
        lab.tell(SPEAKER[64496], routes)
        lab.dump_tables(folder / "tables.mrt")

They run on the addresses of `speakers.py`, which the machine must have (`network.py`).
"""

import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from herdwick.tools.bgp.sample.bird import collector_config, filled, speaker_config
from herdwick.tools.bgp.sample.speakers import (
    COLLECTOR_ADDRESSES,
    COLLECTOR_ASN,
    SPEAKERS,
    Route,
    Session,
    Speaker,
    family_of,
)

PROGRAMS = ("bird", "birdc", "gobgpd", "gobgp")
_START_S, _STOP_S, _POLL_S = 10, 10, 0.2


class Lab:
    """The collector and the speakers.

    Args:
        folder: For configurations, logs and what the collector writes; sockets need a short path.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self._told: dict[int, dict[str, Route]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop all daemons."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @property
    def updates(self) -> Path:
        """Where the collector writes messages and states."""
        return self._folder / "updates.mrt"

    def start(self, tables: Mapping[int, dict[str, Route]]) -> None:
        """Start all daemons, the speakers with the routes that `tables` has for their ASNs."""
        self._start_bird("collector", collector_config(self._folder))
        for speaker in SPEAKERS:
            routes = tables[speaker.asn]
            if speaker.daemon == "bird":
                self._start_bird(speaker.name, speaker_config(speaker, routes, self._folder))
                self._told[speaker.asn] = routes
            else:
                self._start_gobgpd(speaker)
                self.tell(speaker, routes)

    def tell(self, speaker: Speaker, routes: dict[str, Route]) -> None:
        """Let a speaker announce `routes` and nothing else; nothing happens if it does already."""
        before = self._told.get(speaker.asn, {})
        if routes == before:
            return
        self._told[speaker.asn] = routes
        if speaker.daemon == "bird":
            self._config(speaker.name).write_text(speaker_config(speaker, routes, self._folder))
            self._bird(speaker.name, "configure")
            return
        for prefix in before.keys() - routes.keys():
            self._gobgp("del", speaker, prefix)
        for prefix, route in routes.items():
            if before.get(prefix) != route:
                self._gobgp("add", speaker, prefix, *_gobgp_attributes(route, speaker))

    def shut_down(self, speaker: Speaker, session: Session) -> None:
        """Let a speaker end a session."""
        self._bird(speaker.name, "disable", session.name)

    def start_again(self, speaker: Speaker, session: Session) -> None:
        """Let a speaker open a session that was shut down."""
        self._bird(speaker.name, "enable", session.name)

    def wait_for_routes(self, counts: Mapping[str, int], limit_s: float) -> None:
        """Return once the collector has this many routes from each session, by its name.

        Raises:
            TimeoutError: That took too long.
        """
        until = time.monotonic() + limit_s
        while (found := {name: self._route_count(name) for name in counts}) != counts:
            if time.monotonic() > until:
                raise TimeoutError(f"The collector has {found} routes instead of {dict(counts)}.")
            time.sleep(_POLL_S)

    def dump_tables(self, file: Path) -> None:
        """Let the collector write its tables as TABLE_DUMP_V2, IPv4 and IPv6 into one file."""
        self._bird("collector", f'mrt dump table "master*" to "{file}"')

    def _config(self, name: str) -> Path:
        return self._folder / f"{name}.conf"

    def _socket(self, name: str) -> Path:
        return self._folder / f"{name}.ctl"

    def _start_bird(self, name: str, config: str) -> None:
        self._config(name).write_text(config)
        self._start("bird", "-f", "-c", self._config(name), "-s", self._socket(name))
        self._wait_until_ready(lambda: self._bird(name, "show status"))

    def _start_gobgpd(self, speaker: Speaker) -> None:
        config = filled(
            "gobgpd.toml",
            asn=speaker.asn,
            address=speaker.ipv4,
            collector_address=COLLECTOR_ADDRESSES["ipv4"],
            collector_asn=COLLECTOR_ASN,
        )
        self._config(speaker.name).write_text(config)
        self._start("gobgpd", "-f", self._config(speaker.name), "--api-hosts", f"{speaker.ipv4}:50051")
        self._wait_until_ready(lambda: _run("gobgp", "-u", speaker.ipv4, "global"))

    def _start(self, *command: str | Path) -> None:
        with (self._folder / "output.log").open("ab") as output:
            # The lists hold no more than programs named here and paths made here.
            process = subprocess.Popen(list(map(str, command)), stdout=output, stderr=output)  # noqa: S603
        self._processes.append(process)

    def _wait_until_ready(self, ask: Callable[[], str]) -> None:
        """Return once a daemon answers.

        Raises:
            TimeoutError: It did not, or it has ended.
        """
        until = time.monotonic() + _START_S
        while True:
            try:
                ask()
            except subprocess.CalledProcessError as error:
                if time.monotonic() > until or self._processes[-1].poll() is not None:
                    said = (self._folder / "output.log").read_text().strip()
                    raise TimeoutError(f"A daemon does not answer: {error.stderr or said}") from error
                time.sleep(_POLL_S)
            else:
                return

    def _route_count(self, session: str) -> int:
        text = self._bird("collector", f"show route table all protocol {session} count")
        return sum(int(line.split()[0]) for line in text.splitlines() if " in table " in line)

    def _bird(self, name: str, *command: str) -> str:
        return _run("birdc", "-s", str(self._socket(name)), *command)

    def _gobgp(self, verb: str, speaker: Speaker, prefix: str, *attributes: str) -> None:
        _run("gobgp", "-u", speaker.ipv4, "global", "rib", verb, "-a", family_of(prefix), prefix, *attributes)


def _run(*command: str) -> str:
    return subprocess.run(  # noqa: S603 - as above
        command, check=True, capture_output=True, text=True, timeout=_STOP_S
    ).stdout


def _gobgp_attributes(route: Route, speaker: Speaker) -> Iterable[str]:
    """The words of `gobgp global rib add`; MED, LOCAL_PREF and route targets are not this daemon's part."""
    members = [f"{{{','.join(map(str, route.aggregate.members))}}}"] if route.aggregate else []
    yield from ("origin", route.origin)
    if path := " ".join([*map(str, route.path), *members]):
        yield from ("aspath", path)
    yield from ("nexthop", speaker.ipv6 if family_of(route.prefix) == "ipv6" else speaker.ipv4)
    if route.communities:
        yield from ("community", ",".join(f"{asn}:{value}" for asn, value in route.communities))
    if route.aggregate:
        yield from ("aggregator", f"{route.aggregate.asn}:{route.aggregate.address}")
