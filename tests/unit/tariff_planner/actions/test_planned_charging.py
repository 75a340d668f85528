"""What is planned at a loadpoint, in figures."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from ems.contract.control import BatteryAction, LoadpointAction
from ems.contract.plan import DevicePlan, PlanSlot
from ems.contract.site import BatteryMode, LoadpointMode
from tariff_planner.domain.actions.planned_charging import planned_charging

START = datetime(2026, 1, 14, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hours(powers_kw: Sequence[float], socs: Sequence[float], *, import_kwh: float = 20.0) -> list[PlanSlot]:
    battery = DevicePlan(power_w=-5000, action=BatteryAction(mode=BatteryMode.CHARGE), soc_pct=50)
    return [
        PlanSlot(
            start=START + n * HOUR,
            end=START + (n + 1) * HOUR,
            import_eur_per_kwh=0.1 * (n + 1),
            export_eur_per_kwh=0.05,
            load_kwh=1,
            pv_kwh=0,
            import_kwh=import_kwh,
            export_kwh=0,
            cost_eur=0,
            devices={
                "battery": battery,
                "loadpoint-1": DevicePlan(
                    power_w=kw * 1000, action=LoadpointAction(mode=LoadpointMode.NOW), soc_pct=soc, vehicle="limo"
                ),
            },
        )
        for n, (kw, soc) in enumerate(zip(powers_kw, socs, strict=True))
    ]


def test_it_has_the_next_stretch_and_the_energy_and_cost_of_all() -> None:
    found = planned_charging(hours([0, 10, 10, 0, 5], [20, 40, 60, 60, 70]))
    assert list(found) == ["loadpoint-1"]
    limo = found["loadpoint-1"]
    assert (limo.vehicle, limo.start, limo.end) == ("limo", START + HOUR, START + 3 * HOUR)
    assert limo.energy_kwh == 25
    assert limo.cost_eur == pytest.approx(10 * 0.2 + 10 * 0.3 + 5 * 0.5)
    assert (limo.reaches_soc_pct, limo.full_at) == (70, START + 5 * HOUR)


def test_what_the_grid_does_not_give_costs_what_feeding_it_in_would_have_earned() -> None:
    [limo] = planned_charging(hours([10], [40], import_kwh=4)).values()
    assert limo.cost_eur == pytest.approx(4 * 0.1 + 6 * 0.05)


def test_a_trickle_after_the_car_is_full_does_not_move_when_it_is_full() -> None:
    [limo] = planned_charging(hours([10, 0.1], [79.9, 80.1])).values()
    assert limo.full_at == START + HOUR


def test_where_nothing_is_charged_nothing_is_planned() -> None:
    assert planned_charging(hours([0, 0.04], [20, 20])) == {}
    assert planned_charging([]) == {}
