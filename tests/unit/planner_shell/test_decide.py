"""A whole decision from the bus's facts: what is planned, what is left alone, and what is said about it."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from ems.contract.control import BatteryAction, LoadpointAction
from ems.contract.plan import PlanStatus
from ems.contract.requests import HistoryRow
from ems.contract.site import (
    BatteryFact,
    BatteryMode,
    EvccFact,
    Loadpoint,
    LoadpointKind,
    LoadpointMode,
    Rate,
    Site,
)
from ems.contract.vehicle import AgeClass, Vehicle
from tariff_planner.domain.assemble import Facts, House
from tariff_planner.domain.decide import Decision, Known, NotPossible, decide, fresh
from tariff_planner.domain.rules import BatteryRules, GoalRules, GridRules, VehicleRules

NOW = datetime(2026, 1, 14, 20, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
QUARTER = timedelta(minutes=15)
NIGHT = [0.30] * 8 + [0.12] * 16 + [0.45] * 24 + [0.30] * 96
FLAT = [0.30] * 144


def rates(values: Sequence[float]) -> tuple[Rate, ...]:
    return tuple(Rate(start=NOW + i * QUARTER, end=NOW + (i + 1) * QUARTER, value=v) for i, v in enumerate(values))


def history(load_w: float = 800) -> tuple[HistoryRow, ...]:
    return tuple(
        HistoryRow(start=NOW - i * QUARTER, seconds=900, coverage_s=900, home_w=load_w, pv_w=0, pv_forecast_w=0)
        for i in range(1, 96 * 14)
    )


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


def known(
    values: Sequence[float] = NIGHT,
    *,
    soc_pct: float | None = 20,
    battery: bool = True,
    lp: Loadpoint | None = None,
    rules: VehicleRules | None = None,
    vehicle: Vehicle | None = None,
    battery_rules: BatteryRules | None = None,
) -> Known:
    house = House(
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
    )
    return Known(facts=facts, house=house, rates=rates(values), history=history())


def charged_ct(decision: Decision, device: str) -> list[float]:
    """The prices, in ct, of the slots in which ``device`` buys from the grid."""
    sign = -1 if device == "battery" else 1
    return [
        s.import_eur_per_kwh * 100
        for s in decision.plan.slots
        if device in s.devices and sign * s.devices[device].power_w > 50 and s.import_kwh > 0.01
    ]


def test_an_empty_battery_before_a_dear_morning_is_charged_in_the_cheap_hours_only() -> None:
    decision = decide(known(soc_pct=10))
    assert decision.plan.status is PlanStatus.OPTIMAL
    assert set(charged_ct(decision, "battery")) == {12.0}
    assert decision.plan.saving_eur is not None
    assert decision.plan.saving_eur > 0.5
    assert decision.plan.next_charge is not None
    assert decision.plan.next_charge.start >= NOW + 8 * QUARTER


def test_flat_prices_cause_no_grid_charging() -> None:
    decision = decide(known(FLAT, soc_pct=10))
    assert charged_ct(decision, "battery") == []
    assert all(
        s.devices["battery"].action in (BatteryAction(mode=BatteryMode.NORMAL), BatteryAction(mode=BatteryMode.HOLD))
        for s in decision.plan.slots
    )


def test_a_car_with_a_weekly_goal_charges_in_the_cheapest_slots_before_its_departure() -> None:
    rules = VehicleRules(goals=(GoalRules(soc_pct=80, by=time(7)),))
    decision = decide(known(lp=loadpoint(), rules=rules, battery=False))
    assert set(charged_ct(decision, "loadpoint-1")) == {12.0}
    assert decision.plan.shortfalls == ()
    at_departure = [s for s in decision.plan.slots if s.end <= datetime(2026, 1, 15, 6, tzinfo=UTC)][-1]
    assert at_departure.devices["loadpoint-1"].soc_pct == pytest.approx(80, abs=0.1)


def test_a_departure_that_cannot_be_met_says_by_how_much_it_falls_short() -> None:
    rules = VehicleRules(goals=(GoalRules(soc_pct=100, by=time(22)),))
    decision = decide(known(lp=loadpoint(soc_pct=10.0), rules=rules, battery=False))
    (short,) = decision.plan.shortfalls
    assert (short.what, short.vehicle, short.device) == ("goal", "limo", "loadpoint-1")
    assert short.missing_kwh == pytest.approx(54 - 11 * 0.9, abs=0.3)
    assert short.reaches_soc_pct is not None
    assert f"{short.missing_kwh:.1f} kWh are missing" in short.text.en
    assert "fehlen" in short.text.de
    assert decision.proposals["loadpoint-1"].action == LoadpointAction(mode=LoadpointMode.NOW, limit_soc_pct=100)


def test_a_car_without_a_goal_takes_only_the_sun() -> None:
    decision = decide(known(lp=loadpoint(), battery=False))
    assert charged_ct(decision, "loadpoint-1") == []
    assert decision.proposals["loadpoint-1"].action == LoadpointAction(mode=LoadpointMode.PV)


def test_a_car_whose_soc_nobody_knows_is_left_to_evcc_and_that_is_said() -> None:
    decision = decide(known(lp=loadpoint(soc_pct=None, vehicle_title="Limousine"), battery=False))
    assert decision.proposals == {}
    assert [t.en for t in decision.plan.problems] == ["Limousine: not planned, because its SoC is unknown."]


def test_a_heater_is_never_planned_as_a_car() -> None:
    heater = loadpoint(kind=LoadpointKind.HEATER, temperature_c=48.0)
    assert decide(known(lp=heater, battery=False)).proposals == {}


def test_the_cars_cloud_knows_better_than_evcc_unless_it_is_too_old() -> None:
    def from_cloud(hours: float) -> Vehicle:
        measured = NOW - timedelta(hours=hours)
        return Vehicle(name="limo", at=NOW, soc_pct=70, measured_at=measured, age=AgeClass.FRESH)

    fresh_one = decide(known(lp=loadpoint(), vehicle=from_cloud(1), battery=False))
    old_one = decide(known(lp=loadpoint(), vehicle=from_cloud(48), battery=False))
    assert fresh_one.plan.slots[0].devices["loadpoint-1"].soc_pct == pytest.approx(70)
    assert old_one.plan.slots[0].devices["loadpoint-1"].soc_pct == pytest.approx(50)


def test_a_battery_that_can_only_hold_is_never_told_to_charge() -> None:
    can = frozenset({BatteryMode.NORMAL, BatteryMode.HOLD})
    decision = decide(known(soc_pct=60, battery_rules=BatteryRules(modes=can)))
    modes = {s.devices["battery"].action for s in decision.plan.slots}
    assert modes <= {BatteryAction(mode=m) for m in can}
    assert BatteryAction(mode=BatteryMode.HOLD) in modes


def test_96_percent_with_a_maximum_of_90_is_planned_without_complaint() -> None:
    decision = decide(known(soc_pct=96, battery_rules=BatteryRules(max_soc_pct=90)))
    assert decision.plan.status is PlanStatus.OPTIMAL
    assert decision.plan.slots[0].devices["battery"].soc_pct is not None
    assert decision.plan.slots[0].devices["battery"].soc_pct <= 96


def test_a_battery_of_unknown_soc_is_left_to_evcc() -> None:
    decision = decide(known(soc_pct=None))
    assert "battery" not in decision.proposals
    assert "unknown" in decision.plan.problems[0].en


def test_without_a_price_for_now_or_any_knowledge_of_the_load_there_is_no_plan() -> None:
    gone = known()
    with pytest.raises(NotPossible, match="No price"):
        decide(Known(facts=gone.facts, house=gone.house, rates=(), history=history()))
    dark = gone.facts.site.model_copy(update={"home_w": None})
    facts = Facts(now=NOW, site=dark, loadpoints={})
    with pytest.raises(NotPossible, match="load"):
        decide(Known(facts=facts, house=gone.house, rates=rates(NIGHT)))


def test_proposals_are_of_the_running_slot_and_end_after_two_intervals() -> None:
    decision = decide(known(soc_pct=10))
    proposal = decision.proposals["battery"]
    assert proposal.plan_id == decision.plan.id
    assert proposal.valid_until - proposal.at == timedelta(minutes=30)
    assert proposal.action == decision.plan.slots[0].devices["battery"].action


def test_the_same_facts_make_the_same_plan() -> None:
    one, two = decide(known(soc_pct=10)), decide(known(soc_pct=10))
    assert one.plan.slots == two.plan.slots
    assert one.plan.id == two.plan.id


def test_the_bill_is_the_sum_of_its_slots() -> None:
    plan = decide(known(soc_pct=10, lp=loadpoint())).plan
    for slot in plan.slots:
        battery, car = slot.devices["battery"].power_w, slot.devices["loadpoint-1"].power_w
        hours = (slot.end - slot.start) / timedelta(hours=1)
        balance = slot.import_kwh - slot.export_kwh + slot.pv_kwh - slot.load_kwh + (battery - car) / 1000 * hours
        assert balance == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"evcc": EvccFact(reachable=False)}, "evcc does not answer."),
        ({"evcc": EvccFact(reachable=True, optimizer_active=True)}, "evcc's own optimizer is in charge."),
        ({"at": NOW - timedelta(minutes=5)}, "evcc's facts are 300 s old."),
    ],
)
def test_stale_facts_are_not_planned_with(change: dict[str, object], why: str) -> None:
    facts = Facts(now=NOW, site=site().model_copy(update=change), loadpoints={})
    words = fresh(facts, timedelta(seconds=120))
    assert words is not None
    assert words.en == why
    assert fresh(Facts(now=NOW, site=site(), loadpoints={}), timedelta(seconds=120)) is None
