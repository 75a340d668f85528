"""What a new plan is worth making for: not every watt, but what is there, missing, wanted or allowed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from ems.contract.control import Control, Owner
from ems.contract.people import Goal
from ems.contract.site import BatteryFact, Loadpoint, LoadpointKind, Rate, Site, Tariff, TariffKind
from ems.contract.vehicle import Vehicle


@dataclass(frozen=True, slots=True)
class PlanTrigger:
    """What a new plan is worth making for; equal while nothing of it changed."""

    site: tuple[object, ...] | None
    """evcc's reach, its optimizer, what is known of each battery, limits; None before the first facts."""
    loadpoints: Mapping[str, tuple[object, ...]]
    """By number: presence, vehicle, whether its SoC is missing, limits, evcc's plans, capacity."""
    rates: Mapping[str, tuple[Rate, ...]]
    """By tariff, without the solar forecast."""
    vehicles: Mapping[str, tuple[bool, object]]
    """By name: whether the SoC is missing, and its source."""
    goals: Mapping[str, Goal]
    owners: Mapping[str, Owner]
    """Who controls each device."""

    def is_news(self, before: Self | None, now: datetime) -> bool:
        """Whether a new plan is worth making after ``before``: that evcc no longer tells what is over is no news."""
        return before is None or (self != before and self.ahead(now) != before.ahead(now))

    def ahead(self, now: datetime) -> Self:
        """The same with what is left of the rates at ``now``."""
        ahead = {
            kind: tuple(rate.model_copy(update={"start": max(rate.start, now)}) for rate in rates if rate.end > now)
            for kind, rates in self.rates.items()
        }
        return replace(self, rates=ahead)

    @classmethod
    def of(
        cls,
        site: Site | None,
        loadpoints: Mapping[str, Loadpoint],
        tariffs: Mapping[str, Tariff],
        vehicles: Mapping[str, Vehicle],
        goals: Mapping[str, Goal],
        controls: Mapping[str, Control],
    ) -> Self:
        """What of these facts a new plan is worth making for; loadpoints of heaters are not planned."""
        return cls(
            site=None if site is None else _site(site),
            loadpoints={number: _loadpoint(lp) for number, lp in loadpoints.items() if lp.kind is LoadpointKind.CAR},
            rates={kind: tariff.rates for kind, tariff in tariffs.items() if kind != TariffKind.SOLAR},
            vehicles={name: (vehicle.soc_pct is None, vehicle.source) for name, vehicle in vehicles.items()},
            goals=goals,
            owners={device: control.owner for device, control in controls.items()},
        )


def _site(site: Site) -> tuple[object, ...]:
    evcc = site.evcc
    limits = site.import_limit_w, site.export_limit_w
    return evcc.reachable, evcc.optimizer_active, evcc.optimizer_scope, _battery(site.battery), *limits


def _loadpoint(lp: Loadpoint) -> tuple[object, ...]:
    return (
        lp.connected,
        lp.vehicle,
        lp.soc_pct is None,
        lp.effective_limit_soc_pct,
        lp.vehicle_limit_soc_pct,
        lp.effective_min_soc_pct,
        lp.limit_energy_kwh,
        lp.plan,
        lp.energy_plan,
        lp.capacity_kwh,
    )


def _battery(fact: BatteryFact | None) -> tuple[object, ...]:
    """Which batteries there are, what is missing, what people switched."""
    if fact is None:
        return ()
    each = tuple((d.name, d.soc_pct is None, d.capacity_kwh, d.controllable) for d in fact.devices)
    return fact.soc_pct is None, fact.discharge_control, each
