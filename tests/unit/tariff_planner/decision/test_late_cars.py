"""A car that has not left at its time, and is not as full as it should be, goes on charging; that is said."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from ems.contract.control import LoadpointAction
from ems.contract.people import Goal
from ems.contract.plan import Explanation
from ems.contract.site import EvccPlan, LoadpointMode
from ems.contract.vehicle import AgeClass, Vehicle
from support.evening import NOW, known, loadpoint, scheduled
from tariff_planner.domain.decision.decide import DecisionInputs, PlanningResult, decide
from tariff_planner.domain.inputs.late_goals import LateGoal, Stays
from tariff_planner.domain.inputs.rules import GridRules, TripRules, VehicleRules
from tariff_planner.domain.inputs.vehicles import energy_plan

DEAR_NOW = [0.60] * 40 + [0.10] * 104
HOUR = timedelta(hours=1)
DUE = NOW - timedelta(minutes=20)


def late(soc_pct: float = 80, due: datetime = DUE, rules: VehicleRules | None = None, **lp: object) -> DecisionInputs:
    """A car that the planner remembers to be late, at the dearest time of the day."""
    case = known(DEAR_NOW, battery=False, lp=loadpoint(**lp), rules=rules)
    return replace(case, facts=replace(case.facts, late={"limo": LateGoal(soc_pct, due)}))


def now(decision: PlanningResult) -> Explanation:
    return decision.plan.explanations[0]


def test_a_late_car_charges_at_once_and_its_shortfall_stays() -> None:
    decision = decide(late())
    assert decision.proposals["loadpoint-1"].action == LoadpointAction(mode=LoadpointMode.NOW)
    (short,) = decision.plan.shortfalls
    assert (short.what, short.vehicle, short.by, short.reaches_soc_pct) == ("goal", "limo", DUE, 50)
    assert short.missing_kwh == pytest.approx(18)
    assert short.text.en == "limo is late: it should have had 80 % by 20:40; 18.0 kWh are missing."
    why = now(decision).reason
    assert why is not None
    assert why.kind == "car_charges"
    goal = why.parameters["goal"]
    assert isinstance(goal, dict)
    assert (goal["soc_pct"], goal["due"]) == (80, "2026-01-14T19:40:00Z")
    assert short.text.en in decision.proposals["loadpoint-1"].reason.en


def test_it_stops_where_it_should_have_been() -> None:
    charged = [s.devices["loadpoint-1"].soc_pct for s in decide(late()).plan.slots]
    assert charged[7] == pytest.approx(80, abs=0.5)
    assert charged[-1] == pytest.approx(80, abs=0.5)
    full = decide(late(soc_pct=80.0, effective_limit_soc_pct=None))
    assert full.proposals["loadpoint-1"].action == LoadpointAction(mode=LoadpointMode.NOW)
    there = late()
    there = replace(there, facts=replace(there.facts, loadpoints={"1": loadpoint(soc_pct=80.0)}))
    assert decide(there).plan.shortfalls == ()
    assert decide(there).proposals["loadpoint-1"].action == LoadpointAction(mode=LoadpointMode.PV)


def test_two_late_cars_that_the_connection_lets_charge_one_at_a_time_take_turns_seldom() -> None:
    case = late()
    second = loadpoint(id=2, vehicle="zoe", capacity_kwh=52.0, soc_pct=30.0)
    both = {"limo": LateGoal(80, DUE), "zoe": LateGoal(60, NOW - 2 * HOUR)}
    facts = replace(case.facts, loadpoints={"1": loadpoint(), "2": second}, late=both)
    decision = decide(replace(case, facts=facts, home=replace(case.home, grid=GridRules(import_limit_kw=9.0))))
    on = [[s.devices[d].power_w > 0 for s in decision.plan.slots] for d in ("loadpoint-1", "loadpoint-2")]
    assert sum(b and not a for one in on for a, b in pairwise([False, *one])) <= 4
    assert [s.devices["loadpoint-1"].soc_pct for s in decision.plan.slots][-1] == pytest.approx(80, abs=0.5)
    assert [s.devices["loadpoint-2"].soc_pct for s in decision.plan.slots][-1] == pytest.approx(60, abs=0.5)


@pytest.mark.parametrize("limit_kw", [2.0, 6.0])
def test_a_late_car_goes_on_as_far_as_the_connection_lets_it(limit_kw: float) -> None:
    case = late()
    decision = decide(replace(case, home=replace(case.home, grid=GridRules(import_limit_kw=limit_kw))))
    reached = decision.plan.slots[-1].devices["loadpoint-1"].soc_pct
    assert reached is not None
    assert decision.plan.shortfalls[0].by == DUE
    if limit_kw > 5:
        assert reached == pytest.approx(80, abs=1), "later than at full power, but it gets there"


def test_how_long_it_goes_on_can_be_set() -> None:
    rules = VehicleRules(late_h=2)
    assert decide(late(rules=rules)).plan.shortfalls
    over = decide(late(due=NOW - 3 * HOUR, rules=rules))
    assert over.plan.shortfalls == ()
    assert over.proposals["loadpoint-1"].action == LoadpointAction(mode=LoadpointMode.PV)


def test_what_was_wanted_above_evccs_limit_is_wanted_late_too() -> None:
    action = decide(late(effective_limit_soc_pct=60.0)).proposals["loadpoint-1"].action
    assert action == LoadpointAction(mode=LoadpointMode.NOW, limit_soc_pct=80)


def test_the_next_departure_stands_beside_it() -> None:
    case = late()
    goal = scheduled(90, NOW + 24 * HOUR)
    decision = decide(replace(case, facts=replace(case.facts, goals={"limo": goal})))
    soc_pct = [s.devices["loadpoint-1"].soc_pct for s in decision.plan.slots]
    assert soc_pct[7] == pytest.approx(80, abs=0.5), "at once what is late"
    assert soc_pct[-1] == pytest.approx(90, abs=0.5)
    assert soc_pct[39] == pytest.approx(80, abs=0.5), "the rest when it is cheap"


def test_a_next_departure_that_cannot_be_kept_is_told_beside_what_it_is_late_for() -> None:
    """The next one is at the very moment at which it can have what it is late for."""
    case = late(due=NOW - timedelta(minutes=30))
    decision = decide(replace(case, facts=replace(case.facts, goals={"limo": scheduled(90, NOW + 2 * HOUR)})))
    assert [short.text.en for short in decision.plan.shortfalls] == [
        "limo is late: it should have had 80 % by 20:30; 18.0 kWh are missing.",
        "limo reaches 83 % instead of 90 % by 23:00: 4.2 kWh are missing.",
    ]
    assert decision.plan.explanations[-1].text.en == "From 23:00 on limo is not charged."


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (late(), "Waiting until 23:00 would leave limo 18.0 kWh short."),
        (
            known(DEAR_NOW, battery=False, lp=loadpoint(soc_pct=20.0, effective_min_soc_pct=30.0)),
            "Waiting until 21:45 would leave limo 6.0 kWh short.",
        ),
    ],
    ids=["late", "least SoC"],
)
def test_what_it_would_lack_is_counted_once_at_whichever_moments_it_is_wanted(case: DecisionInputs, words: str) -> None:
    alternative = now(decide(case)).alternative
    assert alternative is not None
    assert alternative.en == words


def test_the_usual_trip_that_it_should_be_on_does_not_stop_it() -> None:
    work = TripRules(leave=(NOW - timedelta(minutes=10)).astimezone().time(), back=(NOW + HOUR).astimezone().time())
    decision = decide(late(rules=VehicleRules(trips=(work,))))
    assert decision.proposals["loadpoint-1"].action == LoadpointAction(mode=LoadpointMode.NOW)


def stays(at: Sequence[tuple[datetime, object, Goal | None]]) -> dict[str, LateGoal]:
    """What is remembered after looking at each moment: the loadpoint, and what the notifier tells."""
    found = Stays()
    for moment, point, goal in at:
        facts = {"1": loadpoint(**(point if isinstance(point, dict) else {}))}
        found = found.after(moment, facts, {} if goal is None else {"limo": goal})
    return found.late()


NEXT = scheduled(80, NOW + 24 * HOUR)
ASKED = scheduled(80, NOW, NOW + 24 * HOUR)


def test_a_goal_that_the_bus_forgets_at_its_moment_is_remembered_while_the_car_stays() -> None:
    before, after = NOW - timedelta(minutes=15), NOW + timedelta(seconds=2)
    assert stays([(before, {}, ASKED)]) == {}
    assert stays([(before, {}, ASKED), (after, {}, NEXT)]) == {"limo": LateGoal(80, NOW)}
    assert stays([(before, {}, ASKED), (after, {}, NEXT), (NOW + 3 * HOUR, {}, NEXT)]) == {"limo": LateGoal(80, NOW)}
    evcc = {"plan": EvccPlan(departure=NOW, soc_pct=70)}
    assert stays([(before, evcc, None), (after, {}, None)]) == {"limo": LateGoal(70, NOW)}


def test_who_leaves_is_forgotten_and_does_not_come_back_late() -> None:
    gone = {"connected": False, "vehicle": None, "soc_pct": None}
    seen = [(NOW - HOUR, {}, ASKED), (NOW + timedelta(minutes=5), gone, NEXT), (NOW + 9 * HOUR, {}, NEXT)]
    assert stays(seen) == {}
    other = {"vehicle": "mini"}
    assert stays([(NOW - HOUR, {}, ASKED), (NOW + HOUR, other, NEXT), (NOW + 2 * HOUR, {}, NEXT)]) == {}


def test_who_was_away_between_two_looks_has_come_anew() -> None:
    """Unplugged and plugged in again within seconds: nobody looked meanwhile, but evcc-poller counts the stay."""
    before = (NOW - HOUR, {"at": NOW - HOUR}, ASKED)
    late = NOW + timedelta(minutes=5)
    assert stays([before, (late, {"at": late, "connected_s": 7_000.0}, NEXT)]) == {"limo": LateGoal(80, NOW)}
    assert stays([before, (late, {"at": late, "connected_s": 200.0}, NEXT)]) == {}


def test_evccs_plan_in_kwh_is_remembered_too_when_evcc_drops_it_at_its_moment() -> None:
    plan = EvccPlan(departure=NOW, energy_kwh=20)
    before = {"1": loadpoint(energy_plan=plan, session_kwh=2.0)}
    energy = energy_plan(before["1"], {}, {})
    assert energy is not None
    assert energy.soc_pct == pytest.approx(50 + 18 * 0.9 / 60 * 100)
    found = Stays().after(NOW - HOUR, before, {}, {}, {"1": energy})
    assert found.after(NOW + HOUR, {"1": loadpoint(soc_pct=60.0)}, {}).late() == {"limo": LateGoal(77.0, NOW)}


def test_who_is_not_told_of_for_a_while_is_not_gone() -> None:
    unknown = {"vehicle": None, "soc_pct": None}
    seen = [(NOW - HOUR, {}, ASKED), (NOW + timedelta(minutes=5), unknown, NEXT), (NOW + HOUR, {}, NEXT)]
    assert stays(seen) == {"limo": LateGoal(80, NOW)}
    missing = Stays().after(NOW - HOUR, {"1": loadpoint()}, {"limo": ASKED}).after(NOW + HOUR, {}, {"limo": NEXT})
    assert missing.after(NOW + 2 * HOUR, {"1": loadpoint()}, {}).late() == {"limo": LateGoal(80, NOW)}
    assert missing.after(NOW + 90 * HOUR, {}, {}).of == {}


def test_what_the_cars_cloud_says_counts_for_having_got_it() -> None:
    full = Vehicle(name="limo", at=NOW, soc_pct=81, measured_at=NOW, age=AgeClass.FRESH)
    unread = {"1": loadpoint(soc_pct=None)}
    before = Stays().after(NOW - HOUR, unread, {"limo": ASKED})
    assert before.after(NOW + HOUR, unread, {"limo": NEXT}).late() == {"limo": LateGoal(80, NOW)}
    assert before.after(NOW + HOUR, unread, {"limo": NEXT}, {"limo": full}).late() == {}


def test_who_has_got_it_or_is_asked_for_something_else_since_is_not_late() -> None:
    late_now: list[tuple[datetime, object, Goal | None]] = [
        (NOW - HOUR, {}, ASKED),
        (NOW + timedelta(minutes=5), {}, NEXT),
    ]
    assert stays([*late_now, (NOW + HOUR, {"soc_pct": 80.0}, NEXT)]) == {}
    anna = Goal(vehicle="limo", soc_pct=60, departure=NOW + 9 * HOUR, asked_by="anna", asked_at=NOW + HOUR)
    assert stays([*late_now, (NOW + HOUR, {}, anna)]) == {}


def test_a_goal_that_is_withdrawn_in_time_is_none_to_be_late_for() -> None:
    assert stays([(NOW - HOUR, {}, ASKED), (NOW - HOUR / 2, {}, NEXT), (NOW + HOUR, {}, NEXT)]) == {}
