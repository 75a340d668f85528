"""What must outlive a restart, so that a service that is restarted often is no less polite.

The names of the fields are the keys of the stored memory: with another name an older file could not be read.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from vehicle_soc.domain.circuit_breaker import CLOSED, Circuit
from vehicle_soc.domain.plausibility import HeldReading
from vehicle_soc.domain.readings import Reading, following
from vehicle_soc.domain.schedule import DAY
from vehicle_soc.domain.stay import Stay


@dataclass(frozen=True, slots=True)
class CarMemory:
    """One car: the newest reading of each source, and how asking went."""

    readings: dict[str, Reading] = field(default_factory=dict)
    last_at: datetime | None = None
    circuit: Circuit = CLOSED
    forced: tuple[datetime, ...] = ()
    fingerprint: str = ""
    """Of the settings that the circuit is about: with others it is worth a new try."""
    held: HeldReading | None = None
    """What its source said last, if that is not believed yet."""
    stay: Stay = Stay()  # noqa: RUF009  frozen

    def after(self, reading: Reading) -> "CarMemory":
        """After ``reading``, which may say nothing of the SoC: then the older one of this source still stands."""
        before = self.readings.get(reading.source)
        new = following(before, reading)
        if new.soc_pct is None and before is not None and before.soc_pct is not None:
            new = replace(
                before,
                asked_at=new.asked_at,
                known_since=before.known_since or before.asked_at,
                plugged_in=new.plugged_in,
                charging=new.charging,
                aux_battery_pct=new.aux_battery_pct,
            )
        return replace(self, readings={**self.readings, reading.source: new})

    def holding(self, held: HeldReading) -> "CarMemory":
        """After a reading whose SoC is not believed yet; what it says of the plug counts."""
        told = replace(held.reading, soc_pct=None, range_km=None, measured_at=None, impossible_pct=None)
        return replace(self.after(told), held=held)


@dataclass(frozen=True, slots=True)
class AccountMemory:
    """One login: the calls of the last day, and its circuit."""

    calls: tuple[datetime, ...] = ()
    circuit: Circuit = CLOSED

    def after_call(self, now: datetime) -> "AccountMemory":
        """After one more call; what is older than a day no longer counts."""
        return replace(self, calls=(*(at for at in self.calls if now - at < DAY), now))


@dataclass(frozen=True, slots=True)
class PollMemory:
    """All cars by name, all accounts by name."""

    cars: dict[str, CarMemory] = field(default_factory=dict)
    accounts: dict[str, AccountMemory] = field(default_factory=dict)
    salt: str = ""
