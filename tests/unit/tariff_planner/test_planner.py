"""The planner between bus and decision: what it publishes, takes back, warns of once, and refuses."""

import shutil
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from ems.bus.api import Refused
from ems.contract.people import EventKind
from ems.contract.plan import PlanGet, PlanStatus, SetPlanning
from ems.contract.service import HealthState
from ems.contract.site import BatteryFact, EvccFact, Tariff, TariffKind
from ems.contract.topics import CHART, EVENT, GOAL, PLAN, PLANNING, PRICES, PROPOSAL, SITE, TARIFF
from support.evening import NIGHT, NOW, rates, scheduled, site
from support.planner_house import House, kind_of
from tariff_planner.planner import Planner
from tariff_planner.settings import Settings


async def test_a_decision_is_published_whole_and_health_is_well(tmp_path: Path) -> None:
    house = House(tmp_path)
    await Planner(house, house.settings).decide()
    plan = house.last(PLAN)
    assert plan is not None
    assert plan.status is PlanStatus.OPTIMAL
    assert house.last(PROPOSAL, controller="lp", device="battery") is not None
    assert house.last(PRICES) is not None
    assert "<svg" in (house.last(CHART) or "")
    assert house.health.state is HealthState.OK


async def test_planning_that_is_switched_off_takes_everything_back_and_stays_off_over_a_restart(tmp_path: Path) -> None:
    house = House(tmp_path)
    planner = Planner(house, house.settings)
    await planner.decide()
    answer = planner.store.set(SetPlanning(enabled=False))
    assert (answer.kind, answer.parameters) == ("planning_set", {"enabled": False, "reserve_soc_pct": 5})
    await planner.decide()
    plan = house.last(PLAN)
    assert plan is not None
    assert plan.status is PlanStatus.NONE
    assert house.last(PROPOSAL, controller="lp", device="battery") is None
    assert house.last(CHART) is None
    assert house.health.state is HealthState.OK
    again = House(tmp_path)
    Planner(again, again.settings)
    told = again.last(PLANNING)
    assert told is not None
    assert not told.enabled


async def test_a_car_that_is_still_there_after_its_departure_goes_on_although_the_notifier_tells_the_next_one(
    tmp_path: Path,
) -> None:
    house = House(tmp_path)
    planner = Planner(house, house.settings)
    tomorrow = NOW + timedelta(hours=25)
    house.car()
    house.set(GOAL, scheduled(80, NOW + timedelta(minutes=15), tomorrow), "limo")
    await planner.decide()
    house.time.advance(901)
    house.set(SITE, site(at=house.time.now()))
    house.car(at=house.time.now(), soc_pct=54.0)
    house.set(GOAL, scheduled(80, tomorrow), "limo")
    await planner.decide()
    plan = house.last(PLAN)
    assert plan is not None
    assert [s.by for s in plan.shortfalls] == [NOW + timedelta(minutes=15)]
    assert "is late" in plan.shortfalls[0].text.en
    house.car(connected=False, vehicle=None, soc_pct=None, at=house.time.now())
    await planner.decide()
    plan = house.last(PLAN)
    assert plan is not None
    assert plan.shortfalls == ()


async def test_who_was_late_before_a_restart_is_late_after_it(tmp_path: Path) -> None:
    house = House(tmp_path)
    tomorrow = NOW + timedelta(hours=25)
    house.car()
    house.set(GOAL, scheduled(80, NOW + timedelta(minutes=15), tomorrow), "limo")
    await Planner(house, house.settings).decide()

    async def late_after(minutes: int, **car: object) -> list[str]:
        again = House(tmp_path)
        again.time.advance(minutes * 60)
        again.set(SITE, site(at=again.time.now()))
        again.car(at=again.time.now(), **car)
        again.set(GOAL, scheduled(80, tomorrow), "limo")
        await Planner(again, again.settings).decide()
        plan = again.last(PLAN)
        assert plan is not None
        return [s.text.en for s in plan.shortfalls]

    late = ["limo is late: it should have had 80 % by 21:15; 15.6 kWh are missing."]
    assert await late_after(16, soc_pct=54.0) == late, "the moment passed while nobody planned"
    assert await late_after(40, soc_pct=54.0) == late, "and it is kept from then on"
    assert await late_after(41, vehicle=None, soc_pct=None) == [], "evcc does not know yet who is there"
    assert await late_after(42, soc_pct=54.0) == late
    assert await late_after(60, soc_pct=40.0, connected_s=600.0) == [], "it has been away in between"


async def test_a_memory_of_another_form_is_set_aside_and_one_that_cannot_be_kept_is_told(tmp_path: Path) -> None:
    (tmp_path / "stays.json").write_text('{"v": 2, "stays": []}')
    house = House(tmp_path)
    house.car()
    planner = Planner(house, house.settings)
    await planner.decide()
    (aside,) = house.health.snapshot().reasons
    assert "kept as stays.json.unreadable" in aside
    (tmp_path / "stays.new").mkdir()
    await planner.decide()
    plan = house.last(PLAN)
    assert plan is not None
    assert plan.status is PlanStatus.OPTIMAL
    assert any("is forgotten at a restart" in reason for reason in house.health.snapshot().reasons)
    (tmp_path / "stays.new").rmdir()
    await planner.decide()
    assert house.health.snapshot().reasons == (aside,)


async def test_a_wiped_broker_costs_neither_the_plan_nor_the_planners_health(tmp_path: Path) -> None:
    house = House(tmp_path)
    planner = Planner(house, house.settings)
    await planner.decide()
    before = house.last(PLAN)
    proposal = house.last(PROPOSAL, controller="lp", device="battery")
    house.time.advance(20)
    planner.trigger()
    house.set(SITE, None)
    for _ in range(3):
        house.time.advance(15)
        await planner.decide()
        assert house.last(PLAN) == before
        assert house.last(PROPOSAL, controller="lp", device="battery") == proposal
        assert house.health.state is HealthState.OK
    house.set(SITE, site(at=house.time.now()))
    assert planner.facts_are_back
    await planner.decide()
    plan = house.last(PLAN)
    assert plan is not None
    assert plan.status is PlanStatus.OPTIMAL


async def test_facts_that_stay_away_end_the_plan_after_the_grace(tmp_path: Path) -> None:
    house = House(tmp_path)
    planner = Planner(house, house.settings)
    await planner.decide()
    house.set(SITE, None)
    await planner.decide()
    house.time.advance(61)
    await planner.decide()
    plan = house.last(PLAN)
    assert plan is not None
    assert plan.status is PlanStatus.NONE
    assert house.health.state is HealthState.FAILED


async def test_planning_that_is_switched_off_on_a_wiped_broker_ends_at_once(tmp_path: Path) -> None:
    house = House(tmp_path)
    planner = Planner(house, house.settings)
    await planner.decide()
    house.set(SITE, None)
    planner.store.set(SetPlanning(enabled=False))
    await planner.decide()
    assert house.last(PROPOSAL, controller="lp", device="battery") is None


async def test_a_command_that_changes_nothing_is_refused(tmp_path: Path) -> None:
    house = House(tmp_path)
    with pytest.raises(Refused) as why:
        Planner(house, house.settings).store.set(SetPlanning())
    assert kind_of(why.value) == "nothing_to_change"


async def test_evccs_return_wakes_the_planner_that_stood_back(tmp_path: Path) -> None:
    house = House(tmp_path)
    planner = Planner(house, house.settings)
    house.set(SITE, site().model_copy(update={"evcc": EvccFact(reachable=False)}))
    await planner.decide()
    assert house.health.state is HealthState.FAILED
    assert not planner.facts_are_back
    house.set(SITE, site())
    assert planner.facts_are_back
    await planner.decide()
    assert not planner.facts_are_back
    assert house.health.state is HealthState.OK


async def test_without_a_price_for_now_the_last_good_ones_rule_and_that_is_said(tmp_path: Path) -> None:
    house = House(tmp_path)
    planner = Planner(house, house.settings)
    old = tuple(
        r.model_copy(update={"start": r.start - timedelta(hours=40), "end": r.end - timedelta(hours=40)})
        for r in rates(NIGHT)
    )
    house.set(TARIFF, Tariff(kind=TariffKind.GRID, unit="EUR/kWh", fetched_at=NOW, rates=old), TariffKind.GRID)
    await planner.decide()
    plan = house.last(PLAN)
    assert plan is not None
    assert plan.status is PlanStatus.RULES
    assert house.health.state is HealthState.DEGRADED
    assert house.last(CHART) is None
    assert house.last(PROPOSAL, controller="lp", device="battery") is not None


async def test_prices_that_look_like_ct_degrade_the_health_until_they_are_mended(tmp_path: Path) -> None:
    house = House(tmp_path)
    planner = Planner(house, house.settings)
    right = rates(NIGHT)
    wrong = tuple(rate.model_copy(update={"value": rate.value * 100}) for rate in right)
    for values, state in ((wrong, HealthState.DEGRADED), (right, HealthState.OK)):
        house.set(TARIFF, Tariff(kind=TariffKind.GRID, unit="EUR/kWh", fetched_at=NOW, rates=values), TariffKind.GRID)
        await planner.decide()
        assert house.health.state is state
        plan = house.last(PLAN)
        assert plan is not None
        reasons = house.health.snapshot().reasons
        assert reasons == tuple(text.en for text in plan.problems)
        assert ("Let evcc's grid tariff give EUR/kWh." in " ".join(reasons)) is (values is wrong)


async def test_a_history_that_nobody_can_read_costs_the_forecast_not_the_service(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.readable = False
    await Planner(house, house.settings).decide()
    plan = house.last(PLAN)
    assert plan is not None
    assert plan.status is PlanStatus.OPTIMAL
    assert any("history cannot be read" in reason for reason in house.health.snapshot().reasons)


async def test_a_departure_at_risk_is_warned_of_once(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.set(GOAL, scheduled(100, NOW + timedelta(hours=1)), "limo")
    house.car(soc_pct=10.0)
    planner = Planner(house, house.settings)
    await planner.decide()
    await planner.decide()
    warned = [e for e in house.all(EVENT) if e.event_type is EventKind.DEADLINE_AT_RISK]
    assert [(e.vehicle, e.device) for e in warned] == [("limo", "loadpoint-1")]


async def test_facts_that_do_not_fit_cost_a_plan_or_an_answer_and_not_the_service(tmp_path: Path) -> None:
    house = House(tmp_path)
    planner = Planner(house, house.settings)
    odd = BatteryFact(power_w=0, soc_pct=20, capacity_kwh=-1)
    house.set(SITE, site().model_copy(update={"battery": odd}))
    await planner.decide()
    plan = house.last(PLAN)
    assert plan is not None
    assert plan.status is PlanStatus.NONE
    assert "do not fit" in plan.summary.en
    with pytest.raises(Refused, match="capacity above 0"):
        await planner.what_if(PlanGet())
    house.set(SITE, site())
    await planner.decide()
    assert house.health.state is HealthState.OK


async def test_a_disk_that_takes_nothing_refuses_what_a_person_sets_and_changes_nothing(tmp_path: Path) -> None:
    house = House(tmp_path / "state")
    planner = Planner(house, house.settings)
    shutil.rmtree(tmp_path / "state", ignore_errors=True)
    (tmp_path / "state").write_text("no directory")
    with pytest.raises(Refused) as why:
        planner.store.set(SetPlanning(enabled=False))
    assert kind_of(why.value) == "cannot_be_kept"
    assert planner.store.planning.enabled


@pytest.mark.parametrize(
    "evening",
    [datetime(2027, 3, 27, 21, 5, tzinfo=UTC), datetime(2026, 10, 24, 21, 5, tzinfo=UTC)],
    ids=["spring", "autumn"],
)
async def test_plans_over_the_night_in_which_the_clocks_change_have_every_slot_once_and_the_weekly_goal_at_its_time(
    tmp_path: Path, evening: datetime
) -> None:
    """Planned before, in and after the hour that is missing or comes twice."""
    house = House(tmp_path)
    house.settings = Settings.model_validate(
        {"state_dir": tmp_path, "timezone": "Europe/Berlin", "battery": {"goals": [{"soc_pct": 80, "by": "07:00"}]}}
    )
    planner = Planner(house, house.settings)
    shift = evening.replace(minute=0) - NOW
    night = tuple(
        rate.model_copy(update={"start": rate.start + shift, "end": rate.end + shift}) for rate in rates(NIGHT)
    )
    house.set(TARIFF, Tariff(kind=TariffKind.GRID, unit="EUR/kWh", fetched_at=evening, rates=night), TariffKind.GRID)
    seven = datetime.combine(evening.date() + timedelta(days=1), time(7), house.settings.zone).astimezone(UTC)
    for minutes in (0, 175, 235, 295):
        house.time.moment = now = evening + timedelta(minutes=minutes)
        house.set(SITE, site(40, at=now))
        await planner.decide()
        plan = house.last(PLAN)
        assert plan is not None
        assert plan.status is PlanStatus.OPTIMAL
        assert plan.slots[0].start == now
        assert all(before.end == slot.start for before, slot in pairwise(plan.slots))
        assert {slot.end - slot.start for slot in plan.slots[1:]} == {timedelta(minutes=15)}
        at_seven = next(slot for slot in plan.slots if slot.end == seven).devices["battery"]
        assert at_seven.soc_pct is not None
        assert at_seven.soc_pct >= 79.9
