"""One car: its source, its readings, its loadpoint, and the fact that follows from them."""

import asyncio
import json
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from math import floor
from typing import Any

from pydantic import SecretStr

from ems.contract.vehicle import DoubtKind, Vehicle, VehicleDoubt, VehicleProblem
from ems.house.calendar import DailyHours
from ems.i18n.records import reason
from vehicle_soc.adapters.provider import Polled, Pushed, TwoFactor
from vehicle_soc.config_loader import VehicleConfig
from vehicle_soc.domain.charged_energy import EnergyLedger, Live
from vehicle_soc.domain.circuit_breaker import ENDS_BY_ITSELF, Circuit
from vehicle_soc.domain.memory import CarMemory
from vehicle_soc.domain.plausibility import Expected, judged, same_soc
from vehicle_soc.domain.readings import Reading
from vehicle_soc.domain.schedule import (
    PLUG_IN_DELAYS,
    PollPolicy,
    PollRequest,
    Trigger,
)
from vehicle_soc.domain.soc_estimate import (
    BatteryTraits,
    Estimate,
    age_class,
    combine,
    is_live,
)
from vehicle_soc.domain.stay import LONG_AGO, echoes
from vehicle_soc.domain.wake_policy import WakePolicy
from vehicle_soc.domain.wording import renderer
from vehicle_soc.domain.wording.doubts import BeforeTrip, Doubt, Undated


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

    @property
    def traits(self) -> BatteryTraits:
        """What does not change about it."""
        return BatteryTraits(self.capacity_kwh, self.config.common.charge_efficiency)

    def is_live(self, now: datetime) -> bool:
        """Whether evcc reports its SoC at this moment, and not only what was known before a trip."""
        return is_live(self._believed(now), now)

    def best(self, now: datetime) -> Estimate:
        """How full it is, as far as anybody knows."""
        stay = self.memory.stay
        return combine(self.memory.readings.values(), self._believed(now), self.ledger, self.traits, now, stay)

    def doubted_since_plug_in(self, now: datetime) -> bool:
        """Whether it is plugged in, and nothing is newer than that."""
        return self.live is not None and not self.is_live(now) and self.best(now).drop_pct > 0

    def plug(self, live: Live | None, now: datetime, told: Collection[str] | None = None) -> None:
        """Takes what the loadpoints report; coming to one is a reason to poll the cloud.

        Args:
            live: the loadpoint that the car is at.
            now: the moment.
            told: the loadpoints that anything is known of; None: all. A car whose own is not told has not left it.
        """
        where = self.memory.stay
        if live is None and told is not None and where.plugged_at is not None and where.loadpoint not in {*told, None}:
            return
        arrived = live is not None and self.live is None and self._has_facts
        differs = live is None or self.live is None or live != replace(self.live, at=live.at)
        soc_pct, stay = self.best(now).soc_pct, self.memory.stay
        stay = stay.nowhere(soc_pct) if live is None else replace(stay.here(live, soc_pct), loadpoint=live.loadpoint)
        self.memory = replace(self.memory, stay=stay)
        self.live, self._has_facts = live, True
        self.ledger = self.ledger.note(live) if live is not None else self.ledger.left()
        if live is not None and live.soc_pct is not None and not self._echoes(live, now):
            # What evcc said last is the best that is known when the car has left; whether it is plugged in then is not.
            last = Reading("evcc", live.at, soc_pct=live.soc_pct, measured_at=live.at, range_km=live.range_km)
            held = self.memory.held
            agrees = held is not None and same_soc(held.reading, last)
            self.memory = replace(self.memory.after(last), held=None if agrees else held)
        if arrived and self.request is None:
            self.request = PollRequest(Trigger.PLUGGED_IN, max(stay.plugged_at or now, now - PLUG_IN_DELAYS[0]))
        if differs:
            self.changed.set()

    def take(self, reading: Reading, now: datetime) -> bool:
        """Takes what its source says, if it can be true; returns whether it was believed."""
        known = [r for r in self.memory.readings.values() if r.soc_pct is not None]
        last = max(known, key=lambda r: (r.moment, r.asked_at), default=None)
        charged = self.ledger.since(last.moment).kwh if last else 0.0
        same, stay = self.memory.readings.get(reading.source), self.memory.stay
        expected = Expected(self.best(now), last, same, stay, self.capacity_kwh, charged)
        held = judged(reading, expected, self.memory.held)
        if held is not None:
            self.memory = self.memory.holding(held)
            return False
        self.memory = replace(self.memory.after(reading), held=None)
        return True

    def _believed(self, now: datetime) -> Live | None:
        """The loadpoint, without a SoC that only repeats what was known before a trip."""
        live = self.live
        return replace(live, soc_pct=None, range_km=None) if live is not None and self._echoes(live, now) else live

    def _echoes(self, live: Live, now: datetime) -> bool:
        since = self.memory.stay.plugged_at
        if live.soc_pct is None or since is None:
            return False
        per_kwh = 100 / self.capacity_kwh if self.capacity_kwh else 0.0
        return echoes(live.soc_pct, self.memory.stay, self.ledger.since(since).kwh * per_kwh, now)

    def vehicle(self, account: Circuit, now: datetime) -> Vehicle:
        """What is published of it."""
        best = self.best(now)
        trouble = account if account.kind is not None else self.memory.circuit
        problem = None
        # While evcc reads the car its source is not asked: what would be over by then is not missed either.
        live = self.is_live(now)
        missed = trouble.kind not in ENDS_BY_ITSELF or not live
        if missed and trouble.kind is not None and trouble.reason is not None and trouble.since is not None:
            problem = VehicleProblem(
                kind=trouble.kind,
                since=trouble.since,
                text=renderer.text(trouble.reason),
                reason=reason(trouble.reason),
            )
        return Vehicle(
            name=self.name,
            at=now,
            title=self.title,
            soc_pct=_rounded(best.soc_pct),
            uncertainty_pct=_rounded(best.uncertainty_pct),
            range_km=_rounded(best.range_km),
            soc_at_least_pct=_rounded_down(best.at_least_pct),
            measured_at=best.measured_at,
            known_since=best.known_since,
            source=best.source,
            provider=self.config.common.provider,
            estimated=best.estimated,
            age=age_class(best, self.poll_policy.interval_s, now),
            capacity_kwh=self.capacity_kwh,
            plugged_in=best.plugged_in,
            charging=best.charging,
            problem=problem,
            doubt=self._doubt(best, live=live),
            next_poll_at=self.next_poll_at,
            login_possible=isinstance(self.source, TwoFactor),
        )

    def _doubt(self, best: Estimate, *, live: bool) -> VehicleDoubt | None:
        held, doubted, stay = self.memory.held, best.doubted, self.memory.stay
        if held is not None and not live:
            return _doubted(DoubtKind.IMPLAUSIBLE, held.since, held.why)
        if doubted is None or doubted.soc_pct is None:
            return None
        if best.drop_pct > 0:
            here = stay.plugged_at is not None
            since = (stay.plugged_at if here else stay.left_at) or LONG_AGO
            return _doubted(DoubtKind.OUTDATED, since, BeforeTrip(doubted.soc_pct, here))
        return _doubted(DoubtKind.UNDATED, doubted.moment, Undated(doubted.source, doubted.zoneless))


def _doubted(kind: DoubtKind, since: datetime, why: Doubt) -> VehicleDoubt:
    return VehicleDoubt(kind=kind, since=since, text=renderer.text(why), reason=reason(why))


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


def _rounded_down(value: float | None) -> float | None:
    """Never more than is there."""
    return None if value is None else floor(value * 10) / 10


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
