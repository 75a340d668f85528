"""What people set for evcc-poller."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, Field, HttpUrl, model_validator

from ems.contract.broker import EVCC_ROOT
from ems.metrics.settings import InfluxSettings, known_fields
from ems.runtime.settings import CredentialRef, Section, ServiceSettings, Url
from evcc_poller.domain.control.settings import ControlSettings
from evcc_poller.domain.parsing.vehicle_names import ALLOWED


class EvccSettings(Section):
    """How to reach evcc."""

    url: Url = Field(default=HttpUrl("http://localhost:7070"), description="evcc's address, without /api")
    password_credential: CredentialRef | None = None
    timeout_s: float = Field(default=5, gt=0, le=60, description="an answer that takes longer is none")
    mqtt_root: str | None = Field(
        default=EVCC_ROOT,
        pattern=r"^[^+#/]+(/[^+#/]+)*$",
        description="evcc's own root on the suite's broker, listened to as a doorbell; null: not at all",
    )


class HistorySettings(Section):
    """The 15-minute history in the state directory."""

    retention_days: int = Field(default=400, ge=1, le=3660, description="older slots are forgotten, daily")
    backfill: bool = Field(default=True, description="take over from evcc's own history what is missing here")


def _usable(names: Mapping[str, str]) -> Mapping[str, str]:
    ours = list(names.values())
    for evccs, name in names.items():
        if not ALLOWED.fullmatch(name):
            raise ValueError(f"{evccs!r}: a vehicle's name here may have a-z, 0-9, _ and -, and at most 64 of them")
    if len(set(ours)) < len(ours):
        raise ValueError("two of evcc's vehicles cannot have the same name here")
    return names


class Settings(ServiceSettings):
    """Everything; each part has a default that works with an evcc and a broker on the same machine."""

    evcc: EvccSettings = EvccSettings()
    """How to reach evcc."""
    poll_interval_s: float = Field(default=10, ge=1, le=30)
    """How often evcc's state is read."""
    tariff_interval_s: float = Field(default=300, ge=10, le=3600)
    """How often evcc's rates are read, besides at every slot change."""
    vehicle_names: Annotated[Mapping[str, str], AfterValidator(_usable)] = {}
    """evcc's name of a vehicle: its name here. Needed only where evcc's has other signs than a-z, 0-9, _ and -."""
    history: HistorySettings = HistorySettings()
    """The 15-minute history in the state directory."""
    influx: InfluxSettings | None = None
    """An InfluxDB that is to hear of every look at evcc."""
    control: ControlSettings = ControlSettings()
    """How plans are carried out."""

    @model_validator(mode="after")
    def _known_fields(self) -> Self:
        known_fields(self.influx)
        return self
