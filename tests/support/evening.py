"""A winter evening in a home with a battery and a car, as the planner finds it on the bus."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from ems.contract.people import SCHEDULE, Goal, NextGoal
from ems.contract.requests import HistoryRow
from ems.contract.site import BatteryFact, BatteryMode, EvccFact, Loadpoint, LoadpointMode, Rate, Site
from ems.contract.vehicle import Vehicle
from ems.forecast.history_grid import past
from ems.forecast.outlook import Skill, outlook
from ems.house.slots import Slot
from tariff_planner.domain.decision.decide import DecisionInputs
from tariff_planner.domain.inputs.facts import Facts, HomeRules
from tariff_planner.domain.inputs.rules import BatteryRules, GridRules, VehicleRules

NOW = datetime(2026, 1, 14, 20, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
QUARTER = timedelta(minutes=15)
NIGHT = [0.30] * 8 + [0.12] * 16 + [0.45] * 24 + [0.30] * 96
FLAT = [0.30] * 144
SEVEN = datetime(2026, 1, 15, 6, tzinfo=UTC)
"""In Berlin, the next morning."""


def rates(values: Sequence[float]) -> tuple[Rate, ...]:
    return tuple(Rate(start=NOW + i * QUARTER, end=NOW + (i + 1) * QUARTER, value=v) for i, v in enumerate(values))


@cache
def history(load_w: float = 800) -> tuple[HistoryRow, ...]:
    return tuple(
        HistoryRow(start=NOW - i * QUARTER, seconds=900, coverage_s=900, home_w=load_w, pv_w=0, pv_forecast_w=0)
        for i in range(1, 96 * 14)
    )


@cache
def skill() -> Skill:
    """What each decision would count anew from the usual history; the planner hands it in for hours, too."""
    return outlook(past(history(), NOW), (), (Slot(NOW, NOW + QUARTER),), BERLIN).skill


def site(soc_pct: float | None = 20, *, battery: bool = True, at: datetime = NOW) -> Site:
    fact = BatteryFact(power_w=0, soc_pct=soc_pct, capacity_kwh=10, mode=BatteryMode.NORMAL) if battery else None
    return Site(at=at, evcc=EvccFact(reachable=True), grid_w=800, home_w=800, pv_w=0, battery=fact)


def loadpoint(**more: object) -> Loadpoint:
    usual = {
        "at": NOW,
        "id": 1,
        "mode": LoadpointMode.PV,
        "connected": True,
        "charging": False,
        "vehicle": "limo",
        "capacity_kwh": 60.0,
        "soc_pct": 50.0,
        "min_current_a": 6.0,
        "max_current_a": 16.0,
        "phases_configured": 3,
    }
    return Loadpoint.model_validate(usual | more)


def scheduled(soc_pct: float, *departures: datetime, vehicle: str = "limo") -> Goal:
    """The same goal for all ``departures``, as the notifier tells a weekly schedule."""
    first, *others = departures
    following = tuple(NextGoal(soc_pct=soc_pct, departure=by) for by in others)
    return Goal(vehicle=vehicle, soc_pct=soc_pct, departure=first, asked_by=SCHEDULE, asked_at=NOW, following=following)


def known(
    values: Sequence[float] = NIGHT,
    *,
    soc_pct: float | None = 20,
    battery: bool = True,
    lp: Loadpoint | None = None,
    rules: VehicleRules | None = None,
    vehicle: Vehicle | None = None,
    battery_rules: BatteryRules | None = None,
    goal: Goal | None = None,
) -> DecisionInputs:
    home = HomeRules(
        battery=battery_rules or BatteryRules(),
        vehicles={"limo": rules} if rules else {},
        grid=GridRules(),
        zone=BERLIN,
        export_eur_per_kwh=0.08,
        reserve_soc_pct=5,
        vehicle_stale=timedelta(hours=24),
    )
    facts = Facts(
        now=NOW,
        site=site(soc_pct, battery=battery),
        loadpoints={"1": lp} if lp else {},
        vehicles={"limo": vehicle} if vehicle else {},
        goals={goal.vehicle: goal} if goal else {},
    )
    return DecisionInputs(facts=facts, home=home, rates=rates(values), history=history(), skill=skill())
