"""Charging sessions, and what was charged at each loadpoint: how much, for how long, for how much, how much sun."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ems.contract.savings import ChargingSession
from tariff_planner.domain.savings.measured_day import CHARGING_KW, MeasuredSlot, car_stays


@dataclass(frozen=True, slots=True)
class Charged:
    """What was charged at a loadpoint in some time.

    The house takes the sun first, then the cars. Whatever a car takes beyond it counts as grid energy at that moment's
    price, also what the battery gave; the sun costs what feeding it in would have earned.
    """

    hours: float = 0.0
    energy_kwh: float = 0.0
    sun_kwh: float = 0.0
    cost_eur: float = 0.0

    @property
    def mean_eur_per_kwh(self) -> float:
        """What a kWh cost; something was charged."""
        return round(self.cost_eur / self.energy_kwh, 4)

    @property
    def solar_share(self) -> float:
        """Share of the sun, 0 to 1; something was charged."""
        return round(min(1.0, self.sun_kwh / self.energy_kwh), 4)


def charged(slots: Iterable[MeasuredSlot], loadpoint: str) -> Charged:
    """What was charged at ``loadpoint`` in ``slots``."""
    hours = energy_kwh = sun_kwh = cost_eur = 0.0
    for slot in slots:
        car_kw = slot.cars_kw.get(loadpoint, 0.0)
        if car_kw <= CHARGING_KW:
            continue
        sun_kw = min(car_kw, max(0.0, slot.surplus_kw) * car_kw / sum(slot.cars_kw.values()))
        hours += slot.hours
        sun_kwh += sun_kw * slot.hours
        energy_kwh += car_kw * slot.hours
        cost_eur += ((car_kw - sun_kw) * slot.import_eur_per_kwh + sun_kw * slot.export_eur_per_kwh) * slot.hours
    return Charged(hours, energy_kwh, sun_kwh, cost_eur)


def summed(parts: Iterable[Charged]) -> Charged:
    """All of them together."""
    found = list(parts)
    return Charged(
        sum(part.hours for part in found),
        sum(part.energy_kwh for part in found),
        sum(part.sun_kwh for part in found),
        sum(part.cost_eur for part in found),
    )


def charged_by_loadpoint(slots: Sequence[MeasuredSlot]) -> dict[str, Charged]:
    """By loadpoint; those where nothing was charged are not there."""
    loadpoints = sorted({loadpoint for slot in slots for loadpoint in slot.cars_kw})
    found = {loadpoint: charged(slots, loadpoint) for loadpoint in loadpoints}
    return {loadpoint: of for loadpoint, of in found.items() if of.energy_kwh}


def sessions(slots: Sequence[MeasuredSlot]) -> list[ChargingSession]:
    """One for each stay in which a car was charged."""
    found = []
    for stay in car_stays(slots):
        charging = [slots[t] for t in stay.slots if slots[t].cars_kw.get(stay.loadpoint, 0.0) > CHARGING_KW]
        if not charging:
            continue
        of = charged(charging, stay.loadpoint)
        found.append(
            ChargingSession(
                loadpoint=stay.loadpoint,
                vehicle=stay.vehicle,
                start=charging[0].start,
                end=charging[-1].end,
                energy_kwh=round(of.energy_kwh, 3),
                cost_eur=round(of.cost_eur, 4),
                mean_eur_per_kwh=of.mean_eur_per_kwh,
                solar_share=of.solar_share,
                charging_h=round(of.hours, 2),
            )
        )
    return found


def continued(
    known: Iterable[ChargingSession], before: Sequence[MeasuredSlot], of_day: Sequence[MeasuredSlot]
) -> list[ChargingSession]:
    """``known`` with the sessions of a day; one of a car that stood there since ``before`` goes on where it was."""
    found = list(known)
    if not of_day:
        return found
    begins = of_day[0].start
    for whole in sessions([*before, *of_day]):
        if whole.end <= begins:
            continue
        # None of a session that begins in the day is known yet.
        earlier = [s for s in found if s.loadpoint == whole.loadpoint and whole.start < s.end <= begins]
        if earlier:
            found.remove(earlier[-1])
            found.append(_joined(earlier[-1], _since(whole, of_day)))
        else:
            found.append(whole)
    return found


def _since(whole: ChargingSession, of_day: Sequence[MeasuredSlot]) -> ChargingSession:
    """What of a session lies in a day; it ends there."""
    return next(s for s in sessions(of_day) if (s.loadpoint, s.end) == (whole.loadpoint, whole.end))


def _joined(first: ChargingSession, then: ChargingSession) -> ChargingSession:
    energy_kwh, cost_eur = first.energy_kwh + then.energy_kwh, first.cost_eur + then.cost_eur
    sun_kwh = first.solar_share * first.energy_kwh + then.solar_share * then.energy_kwh
    known_h = first.charging_h is not None and then.charging_h is not None
    return then.model_copy(
        update={
            "start": first.start,
            "energy_kwh": round(energy_kwh, 3),
            "cost_eur": round(cost_eur, 4),
            "mean_eur_per_kwh": round(cost_eur / energy_kwh, 4),
            "solar_share": round(sun_kwh / energy_kwh, 4),
            "charging_h": round((first.charging_h or 0) + (then.charging_h or 0), 2) if known_h else None,
        }
    )
