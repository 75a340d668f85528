"""One car: its source, its readings, its loadpoint, and the fact that follows from them."""

import asyncio
import json
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from typing import Any

from pydantic import SecretStr

from ems.contract.vehicle import Vehicle, VehicleProblem
from ems.house.calendar import DailyHours
from vehicle_soc.adapters.provider import Polled, Pushed
from vehicle_soc.config_loader import VehicleConfig
from vehicle_soc.domain.charged_energy import EnergyLedger, Live
from vehicle_soc.domain.circuit_breaker import Circuit
from vehicle_soc.domain.memory import CarMemory
from vehicle_soc.domain.readings import Reading
from vehicle_soc.domain.schedule import (
    PollPolicy,
    PollRequest,
    Trigger,
)
from vehicle_soc.domain.soc_estimate import (
    BatteryTraits,
    age_class,
    combine,
    is_live,
)
from vehicle_soc.domain.wake_policy import WakePolicy


class PolledVehicle:
    """Mutable, used from the event loop only; ``changed`` wakes the one that polls it."""

    def __init__(
        self, config: VehicleConfig, source: Polled | Pushed | None, quiet: DailyHours | None, memory: CarMemory
    ) -> None:
        common = config.common
        self.config, self.name, self.source = config, config.name, source
        self.poll_policy = PollPolicy(interval_s=common.interval_minutes * 60, quiet=quiet, disabled=common.disabled)
        self.wake_policy = WakePolicy(common.forced_refreshes_per_day, common.forced_above_aux_battery_pct)
        self.memory = memory
        self.ledger = EnergyLedger()
        self.live: Live | None = None
        self.request: PollRequest | None = None
        self.title: str | None = common.title
        self.capacity_kwh = common.capacity_kwh
        self.changed = asyncio.Event()
        self.next_poll_at: datetime | None = None
        self._has_facts = False

    @property
    def account(self) -> str:
        """Which login it uses; a source without one is its own account."""
        return self.config.account or f"car:{self.name}"

    def is_live(self, now: datetime) -> bool:
        """Whether evcc reports its SoC at this moment."""
        return is_live(self.live, now)

    def plug(self, live: Live | None, now: datetime) -> None:
        """Takes what the loadpoints report; coming to one is a reason to poll the cloud."""
        arrived = live is not None and self.live is None and self._has_facts
        differs = live is None or self.live is None or live != replace(self.live, at=live.at)
        self.live, self._has_facts = live, True
        self.ledger = self.ledger.note(live) if live is not None else self.ledger.left()
        if live is not None and live.soc_pct is not None:
            # What evcc said last is the best that is known when the car has left; whether it is plugged in then is not.
            last = Reading("evcc", live.at, soc_pct=live.soc_pct, measured_at=live.at, range_km=live.range_km)
            self.memory = self.memory.after(last)
        if arrived and self.request is None:
            self.request = PollRequest(Trigger.PLUGGED_IN, now)
        if differs:
            self.changed.set()

    def vehicle(self, account: Circuit, now: datetime) -> Vehicle:
        """What is published of it."""
        traits = BatteryTraits(self.capacity_kwh, self.config.common.charge_efficiency)
        best = combine(list(self.memory.readings.values()), self.live, self.ledger, traits, now)
        trouble = account if account.kind is not None else self.memory.circuit
        problem = None
        if trouble.kind is not None and trouble.text is not None and trouble.since is not None:
            problem = VehicleProblem(kind=trouble.kind, since=trouble.since, text=trouble.text)
        return Vehicle(
            name=self.name,
            at=now,
            title=self.title,
            soc_pct=_rounded(best.soc_pct),
            uncertainty_pct=_rounded(best.uncertainty_pct),
            range_km=_rounded(best.range_km),
            measured_at=best.measured_at,
            source=best.source,
            provider=self.config.common.provider,
            estimated=best.estimated,
            age=age_class(best, self.poll_policy.interval_s, now),
            capacity_kwh=self.capacity_kwh,
            plugged_in=best.plugged_in,
            charging=best.charging,
            problem=problem,
            next_poll_at=self.next_poll_at,
        )


def fingerprint(config: VehicleConfig, salt: str) -> str:
    """Of all that a login depends on, so that a mended password is tried at once; salted, because it is kept."""
    content = json.dumps(_revealed(config.options.model_dump()), sort_keys=True, default=str)
    return blake2b(content.encode(), key=salt.encode()[:64], digest_size=16).hexdigest()


def _revealed(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict):
        return {key: _revealed(inner) for key, inner in value.items()}
    return value


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
