"""The plan in a few sentences: what is done now, what is bought next, and which sun cannot be used."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from ems.contract.plan import PlanSlot
from ems.contract.site import LoadpointMode
from support.evening import FLAT, NIGHT, NOW, QUARTER, SEVEN, known, loadpoint, scheduled
from tariff_planner.domain.decision.decide import decide
from tariff_planner.domain.explain.summary import summary
from tariff_planner.domain.inputs.rules import GridRules
from tariff_planner.domain.wording.plan import (
    BatteryNow,
    CarNow,
    DeviceNow,
    NextPurchase,
    NothingPlanned,
    PlanReason,
    Summary,
    UnusedSun,
)


def found(slots: Sequence[PlanSlot]) -> dict[type[PlanReason], PlanReason]:
    """The reasons of a summary by their class."""
    return {type(reason): reason for reason in summary(slots, {"limo": "Limo"})}


def night() -> tuple[PlanSlot, ...]:
    return decide(known(NIGHT, battery=False, lp=loadpoint(), goal=scheduled(80, SEVEN))).plan.slots


def test_the_next_purchase_is_told_while_there_is_none_now() -> None:
    reasons = found(night())
    until = NOW + timedelta(hours=2)
    assert reasons[Summary] == Summary((DeviceNow(CarNow.WAITS, ("Limo",)),), until, 0.30)
    (bought,) = (r for r in reasons.values() if isinstance(r, NextPurchase))
    assert (bought.who, bought.start, bought.end) == ("Limo", until, until + timedelta(hours=2))
    assert bought.eur_per_kwh == pytest.approx(0.12)


def test_the_batterys_next_purchase_is_told_too() -> None:
    reasons = found(decide(known(NIGHT, soc_pct=10)).plan.slots)
    (bought,) = (r for r in reasons.values() if isinstance(r, NextPurchase))
    assert bought.who is None
    assert bought.start == NOW + timedelta(hours=2)


def test_its_price_is_that_of_what_the_device_takes_not_of_what_the_house_takes() -> None:
    slots = [s.model_copy(update={"import_kwh": s.import_kwh + 50}) for s in night()]
    changing = [
        s.model_copy(update={"import_eur_per_kwh": 0.1 if i % 2 else 0.2, "import_kwh": 50.0 * (i % 2) + 3})
        for i, s in enumerate(slots)
    ]
    (bought,) = (r for r in found(changing).values() if isinstance(r, NextPurchase))
    assert bought.eur_per_kwh == pytest.approx(0.15, abs=0.006)


def test_where_nothing_is_bought_nothing_is_said_of_it() -> None:
    assert NextPurchase not in found(decide(known(FLAT, soc_pct=50)).plan.slots)
    now = decide(known([0.10] * 8 + [0.50] * 136, battery=False, lp=loadpoint(), goal=scheduled(80, SEVEN))).plan
    assert NextPurchase not in found(now.slots)


def curtailed(slots: Sequence[PlanSlot], kwh: dict[int, float]) -> list[PlanSlot]:
    return [s.model_copy(update={"curtailed_kwh": kwh.get(i, 0.0)}) for i, s in enumerate(slots)]


def test_sun_that_cannot_be_used_is_told_with_when() -> None:
    slots = decide(known(FLAT, soc_pct=50)).plan.slots
    told = found(curtailed(slots, {60: 1.5, 61: 2.0, 63: 0.5}))[UnusedSun]
    assert told == UnusedSun(slots[60].start, slots[63].end, 4.0)
    assert UnusedSun not in found(curtailed(slots, {60: 0.05}))


def test_the_sun_of_another_day_is_not_told_with_the_nights_between() -> None:
    slots = decide(known(FLAT, soc_pct=50)).plan.slots
    told = found(curtailed(slots, {20: 1.0, 21: 1.0, 110: 5.0}))[UnusedSun]
    assert told == UnusedSun(slots[20].start, slots[21].end, 2.0)


@pytest.mark.parametrize("curtailable", [True, False])
def test_whether_the_site_curtails_is_a_setting(*, curtailable: bool) -> None:
    case = known(FLAT)
    decision = decide(replace(case, home=replace(case.home, grid=GridRules(curtailable=curtailable))))
    assert decision.problem.curtailable is curtailable


def test_the_summary_covers_the_first_change() -> None:
    slots = night()
    first = next(s for s in slots if s.devices != slots[0].devices)
    assert first.start - NOW == timedelta(hours=2) == 8 * QUARTER


def test_what_a_battery_does_is_told_by_its_power_too() -> None:
    """In normal it gives, stores or rests: a summary that ends where it is empty tells nothing that is not so."""
    slots = decide(known(FLAT, soc_pct=20)).plan.slots
    (now,) = (r for r in found(slots).values() if isinstance(r, Summary))
    assert now.devices == (DeviceNow(BatteryNow.SUPPLIES),)
    empty = next(s for s in slots if (s.devices["battery"].soc_pct or 0) < 5.1)
    assert now.until == empty.end
    idle = found([s for s in slots if s.start > empty.start])[Summary]
    assert isinstance(idle, Summary)
    assert idle.devices == (DeviceNow(BatteryNow.IDLE),)


def test_cars_that_do_the_same_are_told_together() -> None:
    slot = night()[0]
    car = slot.devices["loadpoint-1"]
    both = slot.model_copy(
        update={"devices": {"loadpoint-1": car, "loadpoint-2": car.model_copy(update={"vehicle": "zoe"})}}
    )
    assert found([both])[Summary] == Summary((DeviceNow(CarNow.WAITS, ("Limo", "zoe")),), slot.end, 0.30)


@pytest.mark.parametrize(
    ("mode", "power_w", "does"),
    [
        (LoadpointMode.PV, 0, CarNow.WAITS),
        (LoadpointMode.PV, 3000, CarNow.SUN),
        (LoadpointMode.OFF, 0, CarNow.WAITS),
        (LoadpointMode.MINPV, 4140, CarNow.SLOWLY),
        (LoadpointMode.NOW, 11000, CarNow.CHARGES),
    ],
)
def test_what_a_car_does_is_told_by_mode_and_power(mode: LoadpointMode, power_w: float, does: CarNow) -> None:
    slot = night()[0]
    car = slot.devices["loadpoint-1"]
    changed = car.model_copy(update={"power_w": power_w, "action": car.action.model_copy(update={"mode": mode})})
    reason = found([slot.model_copy(update={"devices": {"loadpoint-1": changed}})])[Summary]
    assert isinstance(reason, Summary)
    assert reason.devices == (DeviceNow(does, ("Limo",)),)


def test_without_slots_nothing_is_planned() -> None:
    assert list(summary([], {})) == [NothingPlanned()]
