"""What BGP questions are asked about: files or an archive's data, a window, and data to judge routes by."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from herdwick.tools.bgp.archive.broker import BROKER_URL
from herdwick.tools.bgp.functions.selection import Moment
from herdwick.tools.bgp.live.address import RIS_LIVE_URL
from herdwick.tools.bgp.times import parse_time


class BGPOptions(BaseModel):
    """Where the routing data comes from."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    files: tuple[Path, ...] = Field(
        default=(),
        description="MRT files and folders; default: what the collectors recorded, or the lab capture.",
    )
    from_time: Moment | None = Field(
        default=None, alias="from", description="First moment of the window, UTC."
    )
    until_time: Moment | None = Field(
        default=None, alias="until", description="Moment after the window, UTC."
    )
    collectors: tuple[str, ...] = Field(
        default=(),
        description="Such as rrc00; of files only these, without files fetched from their archives.",
    )
    rpki: Path | None = Field(default=None, description="VRPs as routinator or rpki-client write them, JSON.")
    relationships: Path | None = Field(default=None, description="AS relationships, CAIDA's serial-1 or -2.")
    broker_url: str = Field(default=BROKER_URL, description="BGPKIT Broker that lists archives.")
    live_url: str = Field(default=RIS_LIVE_URL, description="RIS Live server, for what is watched live.")
    cache: Path | None = Field(default=None, description="Folder for converted files; default: the user's.")
    ray: str | None = Field(
        default=None,
        description="Ray cluster that converts files: host:port, auto, or local; needs herdwick[ray].",
    )

    @model_validator(mode="after")
    def _window_is_one(self) -> "BGPOptions":
        if self.from_time and self.until_time and parse_time(self.until_time) <= parse_time(self.from_time):
            raise ValueError("the window ends before it begins")
        if self.collectors and not self.files and not (self.from_time and self.until_time):
            raise ValueError(
                "fetching from archives needs a window: give --from T and --until T "
                "(Python: from_time, until_time)"
            )
        if not self.files and not self.collectors and (self.from_time or self.until_time):
            raise ValueError(
                "a window needs data: give --files MRT… or --collectors C,… (Python: files, collectors)"
            )
        return self
