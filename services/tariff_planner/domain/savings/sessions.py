"""Charging sessions: which car was given how much, when, for how much, and how much of it was sun."""

from collections.abc import Sequence

from ems.contract.savings import ChargingSession
from tariff_planner.domain.savings.measured_day import CHARGING_KW, MeasuredSlot, car_stays


def sessions(slots: Sequence[MeasuredSlot]) -> list[ChargingSession]:
    """One for each stay in which a car was charged.

    The house takes the sun first, then the cars. Whatever a car takes beyond it counts as grid energy at that moment's
    price, also what the battery gave; the sun costs what feeding it in would have earned.
    """
    found = []
    for stay in car_stays(slots):
        charged = [slots[t] for t in stay.slots if slots[t].cars_kw.get(stay.loadpoint, 0.0) > CHARGING_KW]
        if not charged:
            continue
        sun_kwh = cost_eur = energy_kwh = 0.0
        for slot in charged:
            car_kw, all_kw = slot.cars_kw[stay.loadpoint], sum(slot.cars_kw.values())
            sun_kw = min(car_kw, max(0.0, slot.surplus_kw) * car_kw / all_kw)
            sun_kwh += sun_kw * slot.hours
            energy_kwh += car_kw * slot.hours
            grid_kw = car_kw - sun_kw
            cost_eur += (grid_kw * slot.import_eur_per_kwh + sun_kw * slot.export_eur_per_kwh) * slot.hours
        found.append(
            ChargingSession(
                loadpoint=stay.loadpoint,
                vehicle=stay.vehicle,
                start=charged[0].start,
                end=charged[-1].end,
                energy_kwh=round(energy_kwh, 3),
                cost_eur=round(cost_eur, 4),
                mean_eur_per_kwh=round(cost_eur / energy_kwh, 4),
                solar_share=round(min(1.0, sun_kwh / energy_kwh), 4),
            )
        )
    return found
