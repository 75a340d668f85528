"""What people wish of the planner: kept, priced, tried, refused in words."""

from datetime import timedelta
from pathlib import Path

import pytest

from ems.bus.api import Refused
from ems.contract.message import Text
from ems.contract.plan import BatteryGoal, PlanGet, SetPlanning, WhatIfGoal
from ems.contract.service import HealthState
from ems.contract.topics import PLAN, PLANNING, PROPOSAL, SITE
from ems.contract.wishes import AskedWish, WishKind
from support.evening import NOW, site
from support.planner_house import House, kind_of
from tariff_planner.planner import Planner


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
