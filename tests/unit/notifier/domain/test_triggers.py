"""When there is a reason to speak at all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ems.contract.control import LoadpointAction
from ems.contract.message import Text
from ems.contract.people import EventKind, Goal
from ems.contract.plan import DevicePlan, Plan, PlanSlot, PlanStatus, Prices, Shortfall, Window
from ems.contract.site import LoadpointMode
from notifier.domain.cars import KnownCar
from notifier.domain.triggers import (
    Announcement,
    HouseSnapshot,
    Inquiry,
    Swap,
    occasions,
)
from notifier.domain.wording.news import InOthersWords
from notifier.domain.wording.parts import EnergyPrice, NamedCar
from notifier.domain.wording.questions import PleaseSwapForPlan
from notifier.domain.wording.renderer import Renderer
from notifier.domain.wording.status import HouseStatus

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 11, tzinfo=UTC)
HOUR = timedelta(hours=1)
ZOE = KnownCar("zoe", "Zoe", soc_pct=40, capacity_kwh=50, loadpoint="1")
PRICES = Prices(
    at=NOW,
    start=NOW,
    end=NOW + 24 * HOUR,
    fetched_at=NOW,
    now_eur_per_kwh=0.33,
    p20_eur_per_kwh=0.15,
    p30_eur_per_kwh=0.2,
    p40_eur_per_kwh=0.25,
    p60_eur_per_kwh=0.3,
    p80_eur_per_kwh=0.35,
    rank=0.5,
    spread_eur_per_kwh=0.3,
    next_cheap=Window(start=NOW + 2 * HOUR, end=NOW + 4 * HOUR, mean_eur_per_kwh=0.15),
)


def prices(**change: Any) -> Prices:
    return PRICES.model_copy(update=change)


def scene(car: KnownCar = ZOE, goal: float | None = None, **more: Any) -> HouseSnapshot:
    goals = {}
    if goal is not None:
        departure = NOW + 20 * HOUR
        goals["zoe"] = Goal(vehicle="zoe", soc_pct=goal, departure=departure, asked_by="anna", asked_at=NOW)
    made = HouseSnapshot(now=NOW, zone=BERLIN, cars={"zoe": car}, goals=goals, places=1, prices=PRICES)
    return replace(made, **more)


@pytest.mark.parametrize(
    ("made", "asked"),
    [
        (scene(), True),
        (scene(prices=prices(now_eur_per_kwh=0.2, next_cheap=None)), True),
        (scene(prices=prices(next_cheap=None)), False),
        (scene(prices=prices(spread_eur_per_kwh=0.01)), False),
        (scene(prices=prices(spread_eur_per_kwh=0.03, currency="CHF")), True),
        (scene(prices=prices(spread_eur_per_kwh=0.03, currency="SEK")), False),
        (scene(prices=prices(spread_eur_per_kwh=1, currency="JPY")), False),
        (scene(prices=None), False),
        (scene(goal=80), False),
        (scene(replace(ZOE, soc_pct=None)), False),
        (scene(replace(ZOE, capacity_kwh=None)), False),
        (scene(replace(ZOE, soc_pct=76)), True),
        (scene(replace(ZOE, soc_pct=76.1)), False),
        (scene(now=NOW - 12 * HOUR), False),
    ],
)
def test_a_charge_inquiry_is_worth_it_when_it_gets_cheap_and_the_car_can_take_2_kwh(
    made: HouseSnapshot, asked: bool
) -> None:
    assert any(isinstance(o, Inquiry) for o in occasions(made)) is asked


@pytest.mark.parametrize(
    ("currency", "en", "de"),
    [
        ("EUR", "12.3 ct/kWh", "12,3 ct/kWh"),
        ("CHF", "12.3 Rp./kWh", "12,3 Rp./kWh"),
        ("SEK", "12.3 öre/kWh", "12,3 öre/kWh"),
        ("CZK", "0.12 CZK/kWh", "0,12 CZK/kWh"),
        ("XYZ", "0.12 XYZ/kWh", "0,12 XYZ/kWh"),
    ],
)
def test_prices_are_said_in_the_currency_of_the_house(currency: str, en: str, de: str) -> None:
    made = prices(now_eur_per_kwh=0.123, next_cheap=None, spread_eur_per_kwh=100, currency=currency)
    (asked,) = [o for o in occasions(scene(prices=made)) if isinstance(o, Inquiry)]
    assert asked.price == EnergyPrice(0.123, currency)
    says = Renderer(BERLIN, NOW)
    said = says.text(HouseStatus(asked.price))
    assert (said.en, said.de) == (f"Energy costs {en} now", f"Strom kostet jetzt {de}")


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (scene(replace(ZOE, loadpoint=None), goal=80), True),
        (scene(replace(ZOE, loadpoint=None), goal=40), False),
        (scene(replace(ZOE, loadpoint=None, soc_pct=None), goal=80), False),
        (scene(goal=80), False),
        (scene(replace(ZOE, loadpoint=None), goal=80, now=NOW - 2 * HOUR), False),
        (scene(replace(ZOE, loadpoint=None), goal=80, now=NOW + 3 * HOUR), False),
    ],
)
def test_a_car_is_to_be_plugged_in_before_the_cheap_window_and_not_later(made: HouseSnapshot, said: bool) -> None:
    assert any(isinstance(o, Announcement) for o in occasions(made)) is said


def test_a_deadline_at_risk_is_told_in_the_planners_words() -> None:
    text = Text(en="Zoe will have 70 % only", de="Zoe wird nur 70 % haben")
    short = Shortfall(what="goal", vehicle="zoe", missing_kwh=4, by=NOW + 3 * HOUR, text=text)
    other = short.model_copy(update={"what": "reserve"})
    little = short.model_copy(update={"missing_kwh": 0.1})
    plan = Plan(
        id="1",
        at=NOW,
        valid_until=NOW + HOUR,
        status=PlanStatus.OPTIMAL,
        summary=text,
        shortfalls=(short, other, little),
    )
    (notice,) = [o for o in occasions(scene(goal=80, plan=plan)) if isinstance(o, Announcement)]
    assert (notice.news, notice.vehicle, notice.until) == (InOthersWords(text), "zoe", NOW + 3 * HOUR)


@pytest.mark.parametrize(
    ("done_pct", "places", "swapped"), [(80, 1, True), (79, 1, False), (80, 2, False), (None, 1, False)]
)
def test_cars_are_swapped_when_one_is_done_and_no_place_is_free(
    done_pct: float | None, places: int, swapped: bool
) -> None:
    ev6 = KnownCar("ev6", "EV6", soc_pct=done_pct, capacity_kwh=77, loadpoint="1")
    zoe = replace(ZOE, loadpoint=None)
    made = replace(scene(zoe, goal=80), cars={"zoe": zoe, "ev6": ev6}, places=places, prices=None)
    found = [(o.car.name, o.other.name) for o in occasions(made) if isinstance(o, Swap)]
    assert found == ([("zoe", "ev6")] if swapped else [])


def planned(vehicle: str, start: datetime) -> Plan:
    """A plan that has nobody at the charger, and from ``start`` on ``vehicle``."""
    text = Text(en="", de="")
    nobody = PlanSlot(
        start=NOW,
        end=start,
        import_eur_per_kwh=0.3,
        export_eur_per_kwh=0.08,
        load_kwh=0,
        pv_kwh=0,
        import_kwh=0,
        export_kwh=0,
        cost_eur=0,
    )
    there = {"loadpoint-1": DevicePlan(power_w=0, action=LoadpointAction(mode=LoadpointMode.PV), vehicle=vehicle)}
    slots = (nobody, nobody.model_copy(update={"start": start, "end": start + HOUR, "devices": there}))
    return Plan(id="1", at=NOW, valid_until=NOW + HOUR, status=PlanStatus.OPTIMAL, slots=slots, summary=text)


@pytest.mark.parametrize(("minutes", "asked"), [(25, True), (45, False)])
def test_whom_the_plan_wants_at_a_taken_charger_is_swapped_in_shortly_before(minutes: int, asked: bool) -> None:
    ev6 = KnownCar("ev6", "EV6", soc_pct=40, capacity_kwh=77, loadpoint="1")
    zoe = replace(ZOE, loadpoint=None)
    plan = planned("zoe", NOW + timedelta(minutes=minutes))
    made = replace(scene(zoe, goal=80, plan=plan), cars={"zoe": zoe, "ev6": ev6}, places=1, prices=None)
    found = [o for o in occasions(made) if isinstance(o, Swap)]
    assert [(o.car.name, o.other.name) for o in found] == ([("zoe", "ev6")] if asked else [])
    swap = PleaseSwapForPlan(NamedCar("Zoe", 40), NamedCar("EV6", 40), NOW + timedelta(minutes=minutes))
    assert all(o.asks == swap for o in found)


def test_whom_the_plan_wants_at_a_free_charger_is_to_be_plugged_in_and_who_stands_there_is_not() -> None:
    plan = planned("zoe", NOW + timedelta(minutes=20))
    away, here = replace(ZOE, loadpoint=None), replace(ZOE, loadpoint="1")
    (notice,) = [o for o in occasions(replace(scene(away, plan=plan), prices=None)) if isinstance(o, Announcement)]
    assert (notice.vehicle, notice.event) == ("zoe", EventKind.PLEASE_PLUG_IN)
    assert list(occasions(replace(scene(here, plan=plan), prices=None))) == []
