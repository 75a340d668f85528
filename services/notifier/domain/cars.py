"""The cars as the newest facts show them: what is too old or unknown is absent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ems.contract.site import Loadpoint, LoadpointKind, Site
from ems.contract.vehicle import AgeClass, Vehicle
from notifier.domain.wording.parts import NamedCar

FRESH = timedelta(minutes=10)
"""Age up to which a loadpoint's fact counts; it is repeated within a minute."""


@dataclass(frozen=True, slots=True)
class KnownCar:
    """A car now. ``loadpoint`` is where it is plugged in; None: nowhere here."""

    name: str
    title: str
    soc_pct: float | None = None
    capacity_kwh: float | None = None
    loadpoint: str | None = None

    @property
    def named(self) -> NamedCar:
        """As it is spoken of."""
        return NamedCar(self.title, self.soc_pct)

    def needs_kwh(self, up_to_soc_pct: float) -> float | None:
        """What it can take up to a SoC, in kWh; None when its SoC or capacity is unknown."""
        if self.soc_pct is None or self.capacity_kwh is None:
            return None
        return max(0.0, (up_to_soc_pct - self.soc_pct) / 100 * self.capacity_kwh)


def cars(
    names: tuple[str, ...],
    vehicles: Mapping[str, Vehicle],
    loadpoints: Mapping[str, Loadpoint],
    site: Site | None,
    now: datetime,
) -> dict[str, KnownCar]:
    """All known cars by name: those in ``names``, and those that evcc or vehicle-soc know."""
    in_evcc = {v.name: v for v in site.vehicles} if site else {}
    plugged = {
        lp.vehicle: lp
        for lp in loadpoints.values()
        if lp.kind is LoadpointKind.CAR and lp.connected and lp.vehicle and now - lp.at < FRESH
    }
    made = {}
    for name in dict.fromkeys((*names, *vehicles, *in_evcc)):
        fact, known, place = vehicles.get(name), in_evcc.get(name), plugged.get(name)
        # Of unknown age is what a source without times tells: vehicle-soc calls it stale when it is worth nothing.
        soc_pct = fact.soc_pct if fact and fact.age is not AgeClass.STALE else None
        titles = (fact and fact.title, known and known.title, place and place.vehicle_title, name)
        capacities = (fact and fact.capacity_kwh, known and known.capacity_kwh, place and place.capacity_kwh)
        made[name] = KnownCar(
            name=name,
            title=next(t for t in titles if t),
            soc_pct=place.soc_pct if place and place.soc_pct is not None else soc_pct,
            capacity_kwh=next((c for c in capacities if c), None),
            loadpoint=str(place.id) if place else None,
        )
    return made
