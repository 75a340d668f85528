"""The planner between bus and decision: what it publishes, takes back, warns of once, and refuses."""

import shutil
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, override

import pytest

from ems.bus.api import Refused
from ems.contract.message import Command, Malformed, Message, Text
from ems.contract.people import EventKind
from ems.contract.plan import BatteryGoal, PlanGet, PlanStatus, SetPlanning, WhatIfGoal
from ems.contract.requests import History
from ems.contract.service import HealthState
from ems.contract.site import BatteryFact, EvccFact, EvccVehicle, Loadpoint, Tariff, TariffKind
from ems.contract.topic import Topic
from ems.contract.topics import CHART, EVENT, GOAL, LOADPOINT, PLAN, PLANNING, PRICES, PROPOSAL, SITE, TARIFF
from ems.contract.wishes import AskedWish, WishKind
from ems.i18n.records import CommandAnswer
from support.clocks import StandingClock
from support.evening import NIGHT, NOW, history, loadpoint, rates, scheduled, site
from support.quiet_bus import QuietBus
from tariff_planner.planner import Planner
from tariff_planner.settings import Settings


class House(QuietBus):
    """A bus whose gateway answers with two weeks of history, or with something that nobody can read."""

    def __init__(self, tmp_path: Path) -> None:
        self.time = StandingClock(NOW)
        super().__init__(self.time)
        self.readable = True
        self.settings = Settings(state_dir=tmp_path)
        self.set(SITE, site())
        prices = Tariff(kind=TariffKind.GRID, unit="EUR/kWh", fetched_at=NOW, rates=rates(NIGHT))
        self.set(TARIFF, prices, TariffKind.GRID)

    @override
    async def request(self, topic: Topic[Any], message: Command, *, timeout_s: float = 10, **names: str) -> Message:
        if not self.readable:
            raise Malformed("rows: input should be a list")
        return History(rows=history())

    def know_limo(self) -> None:
        self.set(SITE, site().model_copy(update={"vehicles": (EvccVehicle(name="limo"),)}))

    def car(self, **more: object) -> Loadpoint:
        fact = loadpoint(**more)
        self.set(LOADPOINT, fact, "1")
        return fact


def kind_of(why: Refused) -> str:
    assert isinstance(why.answer, CommandAnswer)
    return why.answer.kind


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


async def test_the_same_wishes_cost_nothing_more_and_nothing_is_switched(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.car()
    planner = Planner(house, house.settings)
    await planner.decide()
    before = len(house.published)
    house.time.advance(60)
    house.set(SITE, site(at=house.time.now()))
    house.car(at=house.time.now())
    answer = await planner.what_if(PlanGet(id="x"))
    assert answer.more_than_now_eur == pytest.approx(0)
    assert len(house.published) == before


def test_a_goal_for_the_battery_is_kept_until_its_moment_or_until_it_is_taken_back(tmp_path: Path) -> None:
    house = House(tmp_path)
    planner = Planner(house, house.settings)
    goal = BatteryGoal(soc_pct=90, by=NOW + timedelta(hours=9))
    said = planner.store.set(SetPlanning(battery_goal=goal))
    assert said.text == Text(
        en="Planning is on: the battery's reserve is 5 %, and its goal is 90 % by tomorrow 06:00.",
        de="Die Planung ist an: Die Reserve der Batterie ist 5 %, ihr Ziel sind 90 % bis morgen 06:00 Uhr.",
        nl="De planning staat aan: de reserve van de batterij is 5 % en haar doel 90 % om morgen 06:00 uur.",
    )
    known = house.last(PLANNING)
    assert known is not None
    assert known.battery_goal == goal
    again = Planner(house, house.settings)
    planning = house.last(PLANNING)
    assert planning is not None
    assert planning.battery_goal == goal, "it is on disk"
    with pytest.raises(Refused) as why:
        again.store.set(SetPlanning(battery_goal=BatteryGoal(soc_pct=90, by=NOW)))
    assert kind_of(why.value) == "goal_in_past"
    answer = again.store.set(SetPlanning(battery_goal=BatteryGoal(soc_pct=0, by=NOW)))
    assert answer.parameters == {"enabled": True, "reserve_soc_pct": 5}


async def test_a_wish_more_costs_more_and_one_for_a_car_that_is_not_there_is_refused(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.car()
    planner = Planner(house, house.settings)
    wish = WhatIfGoal(vehicle="limo", soc_pct=90, departure=NOW + timedelta(hours=10))
    answer = await planner.what_if(PlanGet(goals=(wish,)))
    assert answer.more_than_now_eur is not None
    assert answer.more_than_now_eur > 1
    stranger = WhatIfGoal(vehicle="limu", soc_pct=90, departure=NOW + timedelta(hours=10))
    with pytest.raises(Refused) as why:
        await planner.what_if(PlanGet(goals=(stranger,)))
    assert kind_of(why.value) == "cars_not_plannable"
    assert str(why.value).startswith("Cannot be planned: limu;")


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


async def test_a_wish_is_obeyed_priced_and_kept_over_a_restart_until_it_is_over(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.car()
    house.know_limo()
    planner = Planner(house, house.settings)
    asked = AskedWish(kind=WishKind.PAUSE_VEHICLE, vehicle="limo", words="23:00")
    answer = planner.store.set(SetPlanning(wish=asked))
    assert (answer.kind, answer.parameters) == (
        "wish_set",
        {"wish": "pause_vehicle-limo", "when": "14.1. 23:00", "trial": False, "about": "limo"},
    )
    again = House(tmp_path)
    again.car()
    planner = Planner(again, again.settings)
    done = await planner.decide()
    assert done is not None
    await planner.price_wishes(done, lambda: False)
    plan, planning = again.last(PLAN), again.last(PLANNING)
    assert plan is not None
    assert planning is not None
    assert [wish.id for wish in plan.wishes] == ["pause_vehicle-limo"]
    assert plan.wishes[0].cost_eur is not None
    assert planning.wishes[0].words == "14.1. 23:00"
    again.time.moment = NOW + timedelta(hours=2, minutes=1)
    planner.store.drop_expired()
    told = again.last(PLANNING)
    assert told is not None
    assert told.wishes == ()


async def test_what_the_devices_do_is_published_before_wishes_are_priced(tmp_path: Path) -> None:
    house = House(tmp_path)
    planner = Planner(house, house.settings)
    planner.store.set(SetPlanning(wish=AskedWish(kind=WishKind.HOLD_BATTERY, words="2:00-5:00")))
    done = await planner.decide()
    assert done is not None
    assert house.last(PROPOSAL, controller="lp", device="battery") is not None
    first = house.last(PLAN)
    assert first is not None
    assert [wish.cost_eur for wish in first.wishes] == [None]
    await planner.price_wishes(done, lambda: True)
    assert house.last(PLAN) is first, "another plan is due: it will be priced"
    await planner.price_wishes(done, lambda: False)
    priced = house.last(PLAN)
    assert priced is not None
    (wish,) = priced.wishes
    assert wish.cost_eur is not None
    assert priced.model_copy(update={"wishes": first.wishes}) == first
    await planner.decide()
    following = house.last(PLAN)
    assert following is not None
    assert [w.cost_eur for w in following.wishes] == [wish.cost_eur], "the last known price stands until the next"
    planner.store.set(SetPlanning(wish=AskedWish(kind=WishKind.HOLD_BATTERY, words="3:00-5:00")))
    await planner.decide()
    changed = house.last(PLAN)
    assert changed is not None
    assert [w.cost_eur for w in changed.wishes] == [None], "it is another wish"


async def test_what_is_tried_is_priced_and_obeyed_only_when_it_is_applied(tmp_path: Path) -> None:
    house = House(tmp_path)
    planner = Planner(house, house.settings)
    asked = AskedWish(kind=WishKind.HOLD_BATTERY, words="21-23")
    planner.store.set(SetPlanning(wish=asked))
    said = planner.store.set(SetPlanning(wish=asked.model_copy(update={"words": "21-22"}), trial=True))
    assert (said.kind, said.parameters["trial"]) == ("wish_set", True)
    assert [(w.words, w.trial) for w in planner.store.wishes] == [
        ("14.1. 21:00-23:00", False),
        ("14.1. 21:00-22:00", True),
    ]
    assert [w.trial for w in planner.store.obeyed] == [False]
    assert planner.store.set(SetPlanning(apply=True)).parameters == {"wishes": "hold_battery"}
    assert [(w.words, w.trial) for w in planner.store.wishes] == [("14.1. 21:00-22:00", False)]
    planner.store.set(SetPlanning(wish=asked.model_copy(update={"words": ""})))
    assert planner.store.wishes == ()


async def test_a_wish_that_cannot_be_is_refused_in_words(tmp_path: Path) -> None:
    house = House(tmp_path)
    store = Planner(house, house.settings).store
    for asked, kind in (
        (AskedWish(kind=WishKind.TRIP, vehicle="zoe", words="8-10"), "unknown_vehicle"),
        (AskedWish(kind=WishKind.HOLD_BATTERY, start=NOW - timedelta(hours=2), end=NOW), "wish_over"),
        (AskedWish(kind=WishKind.HOLD_BATTERY, words="soon"), "wish_not_understood"),
    ):
        with pytest.raises(Refused) as why:
            store.set(SetPlanning(wish=asked))
        assert kind_of(why.value) == kind
    assert store.wishes == ()


async def test_a_what_if_tells_what_a_wish_would_cost_and_sets_nothing(tmp_path: Path) -> None:
    house = House(tmp_path)
    planner = Planner(house, house.settings)
    answer = await planner.what_if(PlanGet(wishes=(AskedWish(kind=WishKind.CHARGE_BATTERY, words="22-23"),)))
    assert answer.more_than_now_eur is not None
    assert answer.more_than_now_eur > 0.05
    assert answer.missed_kwh == 0
    assert planner.store.wishes == ()


async def test_a_wish_that_is_over_is_forgotten_also_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path)
    planner = Planner(house, house.settings)
    planner.store.set(SetPlanning(wish=AskedWish(kind=WishKind.HOLD_BATTERY, words="21-22")))
    house.time.moment = NOW + timedelta(hours=2)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tariff_planner.adapters.planning_file.save", full)
    planner.store.drop_expired()
    assert planner.store.wishes == ()
    assert house.health.state is HealthState.DEGRADED


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
